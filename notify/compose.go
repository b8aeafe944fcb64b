package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// room is how long a text for a service may be, in bytes; usualRoom for the others.
var room = map[string]int{"smtp": 50_000, "generic": 50_000, "ntfy": 3500, "telegram": 3500, "matrix": 10_000, "pushover": 900, pushScheme: 3000}

// usualRoom is what Discord accepts, minus its own markup around a text.
const usualRoom = 1800

// Compose makes one message of items, in the order in which they happened: each on a line with its time, those of one topic together. If they do not
// all fit, the latest are written out and the rest counted. zone is for the times.
func Compose(address, title string, items []Item, zone *time.Location) Message {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b Item) int { return a.At.Compare(b.At) })
	limit := room[schemeOf(address)]
	if limit == 0 {
		limit = usualRoom
	}
	lines := together(items, zone)
	m := Message{Title: title, Urgent: slices.ContainsFunc(items, func(i Item) bool { return i.Urgent })}
	if len(lines) == 1 {
		m.Text = cut(lines[0], limit)
		return m
	}
	limit -= 100 // for the line that counts the rest
	left, size := 0, 0
	for i := len(lines) - 1; i >= 0; i-- {
		if size += len(lines[i]) + len("- \n"); size > limit {
			left = i + 1
			break
		}
	}
	var text strings.Builder
	if left > 0 {
		fmt.Fprintf(&text, "%d earlier ones stand on Ringfence's pages, under Calls.\n", left)
	}
	for _, line := range lines[left:] {
		text.WriteString("- " + line + "\n")
	}
	m.Text = strings.TrimSuffix(text.String(), "\n")
	return m
}

// together puts the items of one topic on one line.
func together(items []Item, zone *time.Location) (lines []string) {
	for n, i := range items {
		same := func(o Item) bool { return i.Topic != "" && o.Topic == i.Topic }
		if slices.ContainsFunc(items[:n], same) {
			continue
		}
		line := i.At.In(zone).Format("Monday 2 January, 15:04") + ": " + i.Text
		more, last := 0, i.At
		for _, o := range items[n+1:] {
			if same(o) {
				more, last = more+1, o.At
			}
		}
		switch {
		case more == 1:
			line += " Once more at " + when(last, i.At, zone) + "."
		case more > 1:
			line += fmt.Sprintf(" %d more times, the last at %s.", more, when(last, i.At, zone))
		}
		lines = append(lines, line)
	}
	return lines
}

// when is a time, with its day if that differs from beside's.
func when(at, beside time.Time, zone *time.Location) string {
	at, beside = at.In(zone), beside.In(zone)
	if at.YearDay() == beside.YearDay() && at.Year() == beside.Year() {
		return at.Format("15:04")
	}
	return at.Format("15:04 on Monday 2 January")
}
