package main

import (
	"testing"
	"time"
)

// People read times by the household's clocks, with the day as they say it.
func TestTimesForPeople(t *testing.T) {
	sydney, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	c := clock{time.Date(2026, 11, 29, 0, 30, 0, 0, sydney)}
	for at, want := range map[string]string{
		"2026-11-28T13:05:00Z": "today 00:05", // it is still the 28th in London
		"2026-11-28T12:59:00Z": "yesterday 23:59",
		"2026-11-29T13:00:00Z": "tomorrow 00:00",
		"2026-11-03T03:05:00Z": "Tue 3 Nov 14:05",
		"2025-11-03T03:05:00Z": "Mon 3 Nov 2025 14:05",
	} {
		then, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.at(then); got != want {
			t.Errorf("%s: %q, not %q", at, got, want)
		}
	}
}

func TestSizesForPeople(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "1 kB", 999: "1 kB", 14_200: "14 kB", 999_600: "1.0 MB", 5_240_000: "5.2 MB", 9_960_000: "10 MB", 34_400_000: "34 MB", 1_230_000_000: "1.2 GB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("%d: %q, not %q", bytes, got, want)
		}
	}
}
