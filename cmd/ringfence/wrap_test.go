package main

import "testing"

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text          string
		width, indent int
		want          string
	}{
		{"FAIL  line  the adapter doesn't answer", 0, 6, "FAIL  line  the adapter doesn't answer"},
		{"FAIL  line  the adapter doesn't answer", 30, 6, "FAIL  line  the adapter\n      doesn't answer"},
		{"1234567890 1234567890 12345", 21, 0, "1234567890 1234567890\n12345"},
		{"one\n  two words that are wider than that", 24, 2, "one\n  two words that are\n  wider than that"},
		{"  https://example.org/one-long-word-that-nobody-could-copy-in-parts", 30, 2, "  https://example.org/one-long-word-that-nobody-could-copy-in-parts"},
		{"größere Wörter für Fünf", 22, 0, "größere Wörter für\nFünf"},
	} {
		if got := wrap(c.text, c.width, c.indent); got != c.want {
			t.Errorf("wrap(%q, %d, %d) is %q, not %q", c.text, c.width, c.indent, got, c.want)
		}
	}
}
