package prompts

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is not fixed is put together here from phrases: numbers, counts, days and times of day. What all languages do alike
// stands in the exported functions; what each does in its own way is its grammar. So every language has the same phrases,
// and leaves those alone that it does not need. What a seam would spoil is one phrase: "at two" is, since French says "à deux
// heures" with a liaison.

// grammar is how a language puts phrases together.
type grammar struct {
	// single tells which counts take the singular.
	single func(n int) bool
	// tens is the number that n is built on, from 62 up: the rest is added to it.
	tens func(n int) int
	// clock is a time of day, with "at" before it.
	clock func(hour, minute int) []ID
}

// grammars has them by the first part of the language's code: both sorts of English are put together alike.
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

// Digits says a telephone number sign by sign. What cannot be said, such as the spaces of a number, is left out.
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

// Number says a number from 0 to 99, and that it is more where it is more. There are no words for less than nothing.
func Number(language string, n int) []ID {
	g, ok := grammarOf(language)
	switch whole := numbered("n", n); {
	case !ok || n < 0:
		return nil
	case n > 99:
		return []ID{MoreThan99}
	case slices.Contains(All, whole):
		return []ID{whole}
	}
	tens := g.tens(n)
	return []ID{numbered("n", tens), numbered("n", n-tens)}
}

// Count says how many there are: "You have", the number, then the words for one or for many. The words for none are a
// sentence of their own ("You have no new messages"), since languages deny in different places.
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
	case slices.Contains(All, feminine):
		return append(said, feminine)
	default:
		return append(said, numbered("n", minute))
	}
}

var weekdays = [...]ID{OnSunday, OnMonday, OnTuesday, OnWednesday, OnThursday, OnFriday, OnSaturday}

// When says the day and the time of something that was, seen from now: "yesterday, at ten, thirty-one, in the morning".
// Both times are in the household's zone. A day that is yet to come, as a clock that was put right makes one, is not named.
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
