package softphone

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuoting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.String().Draw(t, "number")
		escaped := escapeUser(number)
		if unescapeUser(escaped) != number || strings.ContainsAny(escaped, "\r\n\"<>@: %") != strings.Contains(escaped, "%") || strings.ContainsAny(escaped, "\r\n\"<>@: ") {
			t.Fatalf("%q was escaped as %q", number, escaped)
		}
		name := rapid.StringOf(rapid.RuneFrom([]rune("abc \\\"<>;,%é"))).Draw(t, "name")
		if unquoteName(quoteName(name)) != name {
			t.Fatalf("%q was quoted as %q", name, quoteName(name))
		}
	})
}
