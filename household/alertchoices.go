package household

import (
	"slices"
	"strings"

	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store/outbox"
)

// AlertForm is what somebody's alert is about and when it comes, with times as people write them.
type AlertForm struct {
	Events     []outbox.Event
	Daily      string // when the daily message comes, such as "18:00"; "": each alert at once
	QuietFrom  string
	QuietTo    string // both empty: there are no quiet hours
	BreakQuiet bool
	Zone       string
	Words      bool
}

// AlertFormOf writes what an alert's choices are now.
func AlertFormOf(c outbox.Choices) AlertForm {
	f := AlertForm{Events: c.Events, BreakQuiet: c.BreakQuiet, Zone: c.Zone, Words: c.Words}
	if c.Digest != notify.AtOnce {
		f.Daily = screening.Clock(c.Digest).String()
	}
	if c.QuietFrom != c.QuietTo {
		f.QuietFrom, f.QuietTo = screening.Clock(c.QuietFrom).String(), screening.Clock(c.QuietTo).String()
	}
	return f
}

// EventWords are events as programs and commands name them.
func EventWords(events []outbox.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, string(e))
	}
	return strings.Join(all, ", ")
}

// Choices reads the form. What is wrong with it is refused.
func (f AlertForm) Choices() (c outbox.Choices, err error) {
	c = outbox.Choices{Digest: notify.AtOnce, BreakQuiet: f.BreakQuiet, Zone: f.Zone, Words: f.Words}
	all := outbox.Events()
	for _, e := range f.Events {
		if !slices.Contains(all, e) {
			return c, refuse("There is no alert about “%s”. An alert can be about %s.", screening.CleanLine(string(e), 40), EventWords(all))
		}
	}
	for _, e := range all { // in their order, each once
		if slices.Contains(f.Events, e) {
			c.Events = append(c.Events, e)
		}
	}
	if f.Daily != "" {
		if c.Digest, err = minutesOf("the daily message", f.Daily); err != nil {
			return c, err
		}
	}
	switch {
	case f.QuietFrom == "" && f.QuietTo == "":
		return c, nil
	case f.QuietFrom == "" || f.QuietTo == "":
		return c, refuse("Quiet hours need both a beginning and an end; for none, leave both empty.")
	}
	if c.QuietFrom, err = minutesOf("the beginning of the quiet hours", f.QuietFrom); err != nil {
		return c, err
	}
	if c.QuietTo, err = minutesOf("the end of the quiet hours", f.QuietTo); err != nil {
		return c, err
	}
	if c.QuietFrom == c.QuietTo {
		return c, refuse("The quiet hours begin and end at the same time; for none, leave both empty.")
	}
	if err := (notify.Plan{QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, Digest: c.Digest}).Validate(); err != nil {
		return c, because(Unfit, err)
	}
	return c, nil
}

func minutesOf(what, typed string) (int, error) {
	clock, err := screening.ParseClock(typed)
	if err != nil {
		return 0, refuse("%s needs a time of day: write it like 18:00.", screening.Capital(what))
	}
	return int(clock), nil
}
