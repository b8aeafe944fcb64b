package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/screening"
	"ringfence/store"
)

type optionCmd struct {
	Name  string   `arg:"" optional:"" help:"Which option; none lists them all."`
	Value []string `arg:"" optional:"" help:"What it shall be; none shows what it is."`
}

func (optionCmd) Help() string {
	var text strings.Builder
	text.WriteString("What can be chosen, and what for:\n\n")
	for _, o := range options {
		fmt.Fprintf(&text, "  %-14s %s: %s\n", o.name, o.values, o.help)
	}
	return text.String() + "\nExample: ringfence option\n         ringfence option human-check hidden\n         ringfence option carer-number 07700 900123"
}

func (c optionCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		now, err := chosenBy(ctx, s, h, db)
		if err != nil {
			return err
		}
		if c.Name == "" {
			return p.options(now)
		}
		i := slices.IndexFunc(options, func(o option) bool { return o.name == c.Name })
		if i < 0 {
			return usagef("there is no option %q: `ringfence option` lists them", c.Name)
		}
		o := options[i]
		if len(c.Value) == 0 {
			return p.say("%s", o.get(now))
		}
		if err := o.set(&now, strings.Join(c.Value, " ")); err != nil {
			return usageError{fmt.Errorf("%s: %w", o.name, err)}
		}
		save := o.save
		if save == nil {
			save = saveHousehold
		}
		if err := save(ctx, db, now); err != nil {
			return usageError{err}
		}
		if err := p.did(ctx, db, h.Name, "option", "%s is now %s.", o.name, o.get(now)); err != nil || o.after == nil {
			return err
		}
		return o.after(ctx, p, db)
	})
}

// options lists all options, what each is and what it does.
func (p *program) options(now chosen) error {
	for _, o := range options {
		if err := p.say("%-14s %-10s %s", o.name, o.get(now), o.help); err != nil {
			return err
		}
	}
	return nil
}

// option is one thing that a household can choose.
type option struct {
	name, values, help string
	get                func(chosen) string
	set                func(*chosen, string) error
	save               func(context.Context, *store.Store, chosen) error   // nil: as saveHousehold
	after              func(context.Context, *program, *store.Store) error // what follows, where something does
}

// chosen is what a household has chosen, as it is read and to be saved.
type chosen struct {
	screening.Household
	about store.About
	line  householdSettings
	// keepDays are those of the machine.
	keepDays int
}

func chosenBy(ctx context.Context, s settings, h householdSettings, db *store.Store) (chosen, error) {
	house, err := app.House(ctx, s, db, h.Name)
	if err != nil {
		return chosen{}, err
	}
	about, err := db.About(ctx, h.Name)
	return chosen{house, about, h, s.KeepDays}, err
}

func saveHousehold(ctx context.Context, db *store.Store, c chosen) error {
	return db.SaveHousehold(ctx, c.about.Household, c.Household)
}

var options = []option{
	choice("human-check", "which unknown callers must press a key that they are told, as a recording cannot",
		func(h *screening.Household) *screening.HumanCheck { return &h.HumanCheck },
		word("off", screening.HumanCheck("")), word("always", screening.CheckAlways), word("hidden", screening.CheckHidden)),
	choice("quiet-contacts", "what is done with contacts in quiet hours; a second call within three minutes rings",
		func(h *screening.Household) *screening.Action { return &h.Times.QuietContacts },
		word("ring", screening.Action("")), word("message", screening.Message)),
	choice("ring-dialled", "numbers that the household has rung within a year ring",
		func(h *screening.Household) *bool { return &h.RingDialled }, word("off", false), word("on", true)),
	choice("dial-guard", "the household is asked before it rings a number that is known as a scam",
		func(h *screening.Household) *bool { return &h.DialGuard }, word("off", false), word("on", true)),
	{name: "carer-number", values: "NUMBER|none", help: "the carer's own telephone, for carer-when", get: carerNumber, set: setCarerNumber},
	choice("carer-when", "which calls go on to carer-number",
		func(h *screening.Household) *screening.CarerWhen { return &h.CarerWhen },
		word("off", screening.CarerOff), word("no-answer", screening.CarerNoAnswer), word("unknown", screening.CarerUnknown),
		word("always", screening.CarerAlways)),
	{name: "emergency", values: "24h", help: "for how long every call rings after an emergency call", get: emergency, set: setEmergency},
	{name: "threshold", values: "0.5", help: "from which confidence on a shared list turns callers away, up to 1", get: threshold, set: setThreshold},
	policy("withheld", "what is done with callers who hide their number", func(h *screening.Household) *screening.Action { return &h.Policy.Withheld }),
	policy("unavailable", "with calls without a number", func(h *screening.Household) *screening.Action { return &h.Policy.Unavailable }),
	policy("international", "with calls from other countries", func(h *screening.Household) *screening.Action { return &h.Policy.International }),
	policy("premium-rate", "with calls from premium-rate numbers", func(h *screening.Household) *screening.Action { return &h.Policy.PremiumRate }),
	titleOption, keepDaysOption, regionOption, alertsAtHomeOption,
}

// named is a value with the word that people write for it.
type named[T comparable] struct {
	word  string
	value T
}

func word[T comparable](w string, value T) named[T] { return named[T]{w, value} }

// choice is an option of a few words. The first is what an unset value reads as, and one of a newer version.
func choice[T comparable](name, help string, field func(*screening.Household) *T, values ...named[T]) option {
	var words []string
	for _, v := range values {
		words = append(words, v.word)
	}
	return option{
		name: name, values: strings.Join(words, "|"), help: help,
		get: func(c chosen) string {
			for _, v := range values {
				if v.value == *field(&c.Household) {
					return v.word
				}
			}
			return values[0].word
		},
		set: func(c *chosen, typed string) error {
			for _, v := range values {
				if v.word == typed {
					*field(&c.Household) = v.value
					return nil
				}
			}
			return fmt.Errorf("%q is none of %s", typed, strings.Join(words, ", "))
		},
	}
}

func policy(name, help string, field func(*screening.Household) *screening.Action) option {
	return choice(name, help, field, word("mode", screening.Action("")), word("ring", screening.Ring),
		word("screen", screening.Screen), word("message", screening.Message), word("turn-away", screening.TurnAway))
}

func carerNumber(h chosen) string {
	if h.CarerNumber == "" {
		return "none"
	}
	return h.CarerNumber.National(h.Region)
}

func setCarerNumber(h *chosen, typed string) error {
	if typed == "none" {
		h.CarerNumber, h.CarerWhen = "", screening.CarerOff
		return nil
	}
	n, err := h.ParseCarerNumber(typed)
	if err == nil {
		h.CarerNumber = n
	}
	return err
}

func emergency(h chosen) string {
	window := h.AfterHelp()
	if minutes := int(window/time.Minute) % 60; minutes > 0 {
		return fmt.Sprintf("%dh%dm", int(window.Hours()), minutes)
	}
	return fmt.Sprintf("%dh", int(window.Hours()))
}

func setEmergency(h *chosen, typed string) error {
	window, err := time.ParseDuration(typed)
	if err != nil {
		return fmt.Errorf("%q is no time: write it like 24h", typed)
	}
	h.Emergency = window
	return screening.CheckEmergency(window)
}

func threshold(h chosen) string {
	return strconv.FormatFloat(h.SureFrom(), 'g', -1, 64)
}

func setThreshold(h *chosen, typed string) error {
	confidence, err := strconv.ParseFloat(typed, 64)
	if err != nil {
		return fmt.Errorf("%q is no number: write it like 0.5", typed)
	}
	h.Threshold = confidence
	return screening.CheckThreshold(confidence)
}
