package prompts

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Numbers, counts, days and times of day are put together here from phrases. What all languages have in common is in the exported functions; what each does in
// its own way is its grammar. So every language has the same phrases, and does not use those that it does not need. Words that a seam would spoil are one
// phrase, such as "at two", because French says "à deux heures" with a liaison.

// grammar is how a language puts phrases together.
type grammar struct {
	// single says which counts take the singular.
	single func(n int) bool
	// tens is the number that n is built on, from 62 up: the rest is added to it.
	tens func(n int) int
	// clock says a time of day, with "at" before it.
	clock func(hour, minute int) []ID
}

// grammars are by the first part of the language's code: both sorts of English have the same grammar.
var grammars = map[string]grammar{
	"en": {
		single: func(n int) bool { return n == 1 },
		tens:   func(n int) int { return n / 10 * 10 },
		clock:  englishClock,
	},
	"fr": {
		single: func(n int) bool { return n < 2 },
		tens:   func(n int) int { return n / 20 * 20 }, // soixante-douze, quatre-vingt-douze
		clock:  frenchClock,
	},
}

func grammarOf(language string) (grammar, bool) {
	code, _, _ := strings.Cut(language, "-")
	g, ok := grammars[code]
	return g, ok
}

// Digits says a telephone number character by character. Whatever cannot be said, such as spaces, is left out.
func Digits(language, text string) []ID {
	if _, ok := grammarOf(language); !ok {
		return nil
	}
	var said []ID
	for _, sign := range text {
		switch {
		case sign >= '0' && sign <= '9':
			said = append(said, numbered("n", int(sign-'0')))
		case sign == '+':
			said = append(said, Plus)
		case sign == '*':
			said = append(said, Star)
		case sign == '#':
			said = append(said, Hash)
		}
	}
	return said
}

// Number says a number from 0 to 99, or "more than 99". There are no words for negative numbers.
func Number(language string, n int) []ID {
	g, ok := grammarOf(language)
	switch whole := numbered("n", n); {
	case !ok || n < 0:
		return nil
	case n > 99:
		return []ID{MoreThan99}
	case slices.Contains(All(), whole):
		return []ID{whole}
	}
	tens := g.tens(n)
	return []ID{numbered("n", tens), numbered("n", n-tens)}
}

// Count says how many there are: "You have", the number, then the words for one or for many. The words for none are a whole sentence ("You have no new messages"),
// because languages put the negation in different places.
func Count(language string, n int, one, many, none ID) []ID {
	g, ok := grammarOf(language)
	if !ok || n < 0 {
		return nil
	}
	if n == 0 {
		return []ID{none}
	}
	what := many
	if g.single(n) {
		what = one
	}
	return slices.Concat([]ID{YouHave}, Number(language, n), []ID{what})
}

// Clock says a time of day: "at ten, thirty-one, in the morning".
func Clock(language string, t time.Time) []ID {
	g, ok := grammarOf(language)
	switch {
	case !ok:
		return nil
	case t.Hour() == 0 && t.Minute() == 0:
		return []ID{AtMidnight}
	case t.Hour() == 12 && t.Minute() == 0:
		return []ID{AtMidday}
	}
	return g.clock(t.Hour(), t.Minute())
}

func englishClock(hour, minute int) []ID {
	said := []ID{numbered("at-", hour)} // at-14 is "at two"
	switch {
	case minute == 0:
		said = append(said, Hours)
	case minute < 10:
		said = append(said, Oh, numbered("n", minute))
	default:
		said = append(said, numbered("n", minute))
	}
	switch {
	case hour == 0 || hour >= 22:
		return append(said, AtNight)
	case hour < 12:
		return append(said, InTheMorning)
	case hour < 18:
		return append(said, InTheAfternoon)
	default:
		return append(said, InTheEvening)
	}
}

// frenchClock has the day's 24 hours, so it needs no part of the day. Minutes are feminine: "quatorze heures vingt et une".
func frenchClock(hour, minute int) []ID {
	said := []ID{numbered("at-", hour)} // at-14 is "à quatorze heures"
	switch feminine := numbered("feminine-", minute); {
	case minute == 0:
		return said
	case slices.Contains(All(), feminine):
		return append(said, feminine)
	default:
		return append(said, numbered("n", minute))
	}
}

var weekdays = [...]ID{OnSunday, OnMonday, OnTuesday, OnWednesday, OnThursday, OnFriday, OnSaturday}

// When says the day and the time of something in the past: "yesterday, at ten, thirty-one, in the morning". Both times are in the household's zone. A day in the
// future, which there can be after the clock was set back, is not named.
func When(language string, t, now time.Time) []ID {
	clock := Clock(language, t)
	if clock == nil {
		return nil
	}
	var day ID
	switch days := daysBetween(t, now); {
	case days < 0:
		return clock
	case days == 0:
		day = Today
	case days == 1:
		day = Yesterday
	case days < 7:
		day = weekdays[t.Weekday()]
	default:
		day = LastWeek
	}
	return append([]ID{day}, clock...)
}

// daysBetween counts midnights. It does so in UTC, where every day has 24 hours.
func daysBetween(t, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(now).Sub(midnight(t)).Hours()) / 24
}

func numbered(kind string, n int) ID { return ID(kind + strconv.Itoa(n)) }
