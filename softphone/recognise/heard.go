package recognise

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Heard is a sound that was recognised.
type Heard struct {
	Name   string        // of the recording, or RingingTone, BusyTone, Beep, Unknown
	At     time.Duration // when it began, since sound began to flow
	From   time.Duration // how far into the recording it began: 0 unless the beginning was cut off
	Length time.Duration // how much of it was heard
	Of     time.Duration // how long the recording is; for a tone, how long it was heard
	Open   bool          // whether it was still going on
}

// Silence is a stretch in which nothing was heard.
type Silence struct {
	At     time.Duration // when it began
	Length time.Duration
}

// Whole says whether the recording was heard from beginning to end.
func (h Heard) Whole() bool { return h.From == 0 && h.Length == h.Of }

// String is the name, with how much of the recording was heard if that was not all of it.
func (h Heard) String() string {
	switch {
	case h.Whole():
		return h.Name
	case h.From > 0:
		return fmt.Sprintf("%s (%.1f to %.1f of %.1f s)", h.Name, h.From.Seconds(), (h.From + h.Length).Seconds(), h.Of.Seconds())
	}
	return fmt.Sprintf("%s (%.1f of %.1f s)", h.Name, h.Length.Seconds(), h.Of.Seconds())
}

// Transcript is what was heard, in order, on one line.
func Transcript(heard []Heard) string {
	if len(heard) == 0 {
		return "nothing"
	}
	parts := make([]string, len(heard))
	for i, h := range heard {
		parts[i] = h.String()
	}
	return strings.Join(parts, ", ")
}

// Names are the names of what was heard, in order.
func Names(heard []Heard) []string {
	names := make([]string, len(heard))
	for i, h := range heard {
		names[i] = h.Name
	}
	return names
}

func named(s span) Heard {
	h := Heard{Name: s.name, At: samplesTime(s.at), From: samplesTime(s.from), Length: samplesTime(s.to - s.from), Of: samplesTime(s.of), Open: s.open}
	if s.of == 0 {
		h.Of = h.Length
	}
	return h
}

func list(spans []span) []Heard {
	var heard []Heard
	for _, s := range spans {
		if !s.isClick() {
			heard = append(heard, named(s))
		}
	}
	return heard
}

func isTone(name string) bool {
	return name == RingingTone || name == BusyTone || name == Beep || name == Unknown
}

func wants(names []string, name string) bool {
	return len(names) == 0 && name != Unknown || slices.Contains(names, name)
}
