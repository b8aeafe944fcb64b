package household

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store"
)

// How options are entered and shown.

// named is a value with its words.
type named[T comparable] struct {
	value T
	Value
}

func is[T comparable](value T, word, words, more string) named[T] {
	return named[T]{value, Value{word, words, more}}
}

// choice is an option of a few words.
func choice[T comparable](o Option, field func(*Chosen) *T, values ...named[T]) Option {
	var words []string
	for _, v := range values {
		words, o.Values = append(words, v.Word), append(o.Values, v.Value)
	}
	o.Input, o.Typed = cmp.Or(o.Input, Choice), strings.Join(words, "|")
	if o.Role != store.RoleOwner { // a token's owner may be a carer
		o.JSON = strings.ReplaceAll(o.Name, "-", "_")
	}
	o.field = func(c *Chosen) any { return field(c) }
	o.word = func(c Chosen) string {
		for _, v := range values {
			if v.value == *field(&c) {
				return v.Word
			}
		}
		return words[0]
	}
	o.set = func(c *Chosen, word string) error {
		for _, v := range values {
			if v.Word == word {
				*field(c) = v.value
				return nil
			}
		}
		return fmt.Errorf("%s must be %s, not %s", o.Name, screening.Listed(words, "or"), shown(word))
	}
	return o
}

func onOff(o Option, field func(*Chosen) *bool) Option {
	o.Input = Switch
	return choice(o, field, is(false, "off", "No", ""), is(true, "on", "Yes", ""))
}

// typed is an option whose value people type.
func typed[T any](o Option, field func(*Chosen) *T, read func(*Chosen, string) (T, error)) Option {
	o.field = func(c *Chosen) any { return field(c) }
	o.set = func(c *Chosen, word string) error {
		value, err := read(c, word)
		if err == nil {
			*field(c) = value
		}
		return err
	}
	return o
}

// spoken is a value as people say it.
func spoken(in Input, word string) string {
	switch in {
	case Hours:
		if d, err := time.ParseDuration(word); err == nil {
			return HoursInWords(d)
		}
	case CountryRules:
		return countriesInWords(word)
	case Country:
		return screening.CountryName(word)
	case Number:
		if n, err := strconv.ParseFloat(word, 64); err == nil {
			return fmt.Sprintf("%d%% sure", screening.Percent(n))
		}
	case Days:
		if days, err := strconv.Atoi(word); err == nil {
			return DaysInWords(days)
		}
	}
	return word
}

// shown makes what somebody has sent fit for a sentence.
func shown(text string) string {
	const most = 40
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return "“" + text + "”"
}

// longestTitle is how many runes it may have: it is a heading on a telephone's screen.
const longestTitle = 60

// checkTitle tidies what a household is called.
func checkTitle(title string) (string, error) {
	title = strings.Join(strings.Fields(title), " ")
	switch {
	case !utf8.ValidString(title) || strings.ContainsFunc(title, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("this name has characters that can't be shown: use letters, such as Mum's house")
	case utf8.RuneCountInString(title) > longestTitle:
		return "", fmt.Errorf("this name is longer than %d letters: choose a shorter one, such as Mum's house", longestTitle)
	}
	return title, nil
}

// hoursWord is a duration as it is typed: 24h, or 1h30m.
func hoursWord(d time.Duration) string {
	if minutes := int(d/time.Minute) % 60; minutes > 0 {
		return fmt.Sprintf("%dh%dm", int(d.Hours()), minutes)
	}
	return fmt.Sprintf("%dh", int(d.Hours()))
}

// HoursInWords is a duration of some hours as people say it.
func HoursInWords(d time.Duration) string {
	switch hours := int(d.Round(time.Hour) / time.Hour); {
	case hours == 1:
		return "an hour"
	case hours%24 == 0 && hours > 24:
		return DaysInWords(hours / 24)
	default:
		return fmt.Sprintf("%d hours", hours)
	}
}

// DaysInWords is a number of days as people say it.
func DaysInWords(days int) string {
	if days == 1 {
		return "one day"
	}
	return fmt.Sprintf("%d days", days)
}

// expiringInWords says what is deleted.
func expiringInWords(e store.Expiring) string {
	var all []string
	if e.Calls > 0 {
		words := screening.Counted(e.Calls, "call", "calls")
		if e.Recordings > 0 {
			words += " with " + screening.Counted(e.Recordings, "recording", "recordings")
		}
		all = append(all, words+" will be deleted within a day. That can't be undone.")
	}
	if e.Unheard > 0 {
		all = append(all, screening.Counted(e.Unheard, "message", "messages")+" that nobody has heard will be deleted in a week.")
	}
	return strings.Join(all, " ")
}
