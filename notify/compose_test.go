package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCompose(t *testing.T) {
	london := zone(t, "Europe/London")
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	one := Compose("ntfy://ntfy.sh/x", "Ringfence: home", []Item{{At: noon, Text: "999 was dialled from the house.", Urgent: true}}, london)
	if one != (Message{Title: "Ringfence: home", Text: "Tuesday 24 November, 12:00: 999 was dialled from the house.", Urgent: true}) {
		t.Errorf("%+v", one)
	}
	several := Compose("ntfy://ntfy.sh/x", "", []Item{
		{At: noon.Add(time.Hour), Text: "second"}, {At: noon, Text: "first.", Topic: "a"}, {At: noon.Add(2 * time.Hour), Text: "first.", Topic: "a"},
		{At: noon.Add(3 * time.Hour), Text: "third.", Topic: "b"}, {At: noon.Add(4 * time.Hour), Text: "third.", Topic: "b"}, {At: noon.Add(24 * time.Hour), Text: "third.", Topic: "b"},
	}, zone(t, "Europe/Berlin"))
	want := "- Tuesday 24 November, 13:00: first. Once more at 15:00.\n- Tuesday 24 November, 14:00: second\n" +
		"- Tuesday 24 November, 16:00: third. 2 more times, the last at 13:00 on Wednesday 25 November."
	if several.Text != want || several.Urgent {
		t.Errorf("%s", several.Text)
	}
}

// However much waits, the message fits, has the latest, and says how much it leaves out.
func TestComposeFits(t *testing.T) {
	var items []Item
	for i := range 500 {
		items = append(items, Item{At: time.Unix(int64(i)*3600, 0), Text: fmt.Sprintf("number %d ", i) + strings.Repeat("é", 40)})
	}
	for scheme, limit := range map[string]int{"pushover": 1024, "discord": 2000, "telegram": 4096, "ntfy": 4096} {
		text := Compose(scheme+"://x", "t", items, time.UTC).Text
		lines := strings.Count(text, "\n")
		if len(text) > limit || len(text) < limit/3 || !strings.Contains(text, "number 499") ||
			!strings.HasPrefix(text, fmt.Sprintf("%d earlier ones ", 500-lines)) {
			t.Errorf("%s: %d bytes, %d lines: %.100s", scheme, len(text), lines, text)
		}
	}
}
