package household

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store/outbox"
)

// Alerts are each person's own: actors change only theirs, even if they may otherwise only look at the household. Whoever looks after the machine changes
// everybody's, on the command line. An address is a secret, so it is in no sentence: everybody reads those in the audit log.

// mostAlerts is how many alerts one person may have in one household.
const mostAlerts = 10

var errAlertGone = refuseAs(Gone, "This alert isn't there any more. It may have been removed.")

// AlertTo is where an alert goes.
type AlertTo struct {
	Service string // its word
	By      string // the service, in a sentence: "by e-mail"
	Where   string // in words, without a secret
	Address string // a secret
	Device  bool   // it is a browser or phone itself, where two alerts would both be shown
}

// AddAlert adds an alert for the actor.
func (a Admin) AddAlert(ctx context.Context, to AlertTo, c outbox.Choices) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		if err := checkAlert(c); err != nil {
			return change{}, err
		}
		all, err := a.Store.Outbox.Channels(ctx, a.Household, a.Actor.Person)
		if err != nil {
			return change{}, err
		}
		if len(all) >= mostAlerts {
			return change{}, refuse("You have %d alerts already. Remove one that isn't needed.", len(all))
		}
		if err := a.checkDevice(ctx, to); err != nil {
			return change{}, err
		}
		id, err := a.Store.Outbox.AddChannel(ctx, a.Household, a.Actor.Person, to.Where, to.Service, to.Address, c)
		return change{
			word: AlertAdded, sentence: "An alert " + to.By + " is added.", after: alertInWords(c), id: id, undo: &undo{What: AlertAdded, ID: id, Person: a.Actor.Person},
		}, alertRefused(err)
	})
}

// ChangeAlert changes what an alert is about, and when it comes.
func (a Admin) ChangeAlert(ctx context.Context, id int64, c outbox.Choices) (Done, error) {
	return a.changeAlert(ctx, id, func(ctx context.Context, was outbox.Channel) (change, error) {
		if err := checkAlert(c); err != nil {
			return change{}, err
		}
		if reflect.DeepEqual(c, was.Choices) {
			return unchanged("this alert was like this already"), nil
		}
		return change{
			word: AlertChanged, sentence: "The alert is changed.", before: alertInWords(was.Choices), after: alertInWords(c),
			undo: &undo{What: AlertChanged, ID: id, Person: was.Person, Alert: &alertUndo{Before: was.Choices, After: c}},
		}, alertRefused(a.Store.Outbox.ChangeChannel(ctx, a.Household, was.Person, id, c))
	})
}

// alertUndo is what an alert was about before and after.
type alertUndo struct {
	Before outbox.Choices `json:"before"`
	After  outbox.Choices `json:"after"`
}

// ReplaceAlertAddress sends an alert somewhere else. It cannot be undone: the old address is a secret, and erased.
func (a Admin) ReplaceAlertAddress(ctx context.Context, id int64, to AlertTo) (Done, error) {
	return a.changeAlert(ctx, id, func(ctx context.Context, was outbox.Channel) (change, error) {
		address, _, err := a.Store.Outbox.ChannelAddress(ctx, id)
		if err != nil {
			return change{}, err
		}
		if address == to.Address && was.Service == to.Service {
			return unchanged("this alert went there already"), nil
		}
		if err := a.checkDevice(ctx, to); err != nil {
			return change{}, err
		}
		return change{
			word: AlertChanged, sentence: "An alert " + to.By + " has a new address.",
		}, a.Store.Outbox.ReplaceChannelAddress(ctx, a.Household, a.Actor.Person, id, to.Where, to.Service, to.Address)
	})
}

// RenewBrowser gives the actor's alert that goes to a browser's push address that browser's new one. Without such an alert nothing changes; ID is then that of
// one that goes to the new address already, or 0.
func (a Admin) RenewBrowser(ctx context.Context, was string, to AlertTo) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		all, err := a.Store.Outbox.Channels(ctx, a.Household, a.Actor.Person)
		if err != nil {
			return change{}, err
		}
		var old int64
		for _, c := range all {
			address, _, err := a.Store.Outbox.ChannelAddress(ctx, c.ID)
			switch {
			case err != nil:
				return change{}, err
			case address == to.Address:
				same := unchanged("this browser's alerts went there already")
				same.id = c.ID
				return same, nil
			case was != "" && notify.PushEndpoint(address) == was:
				old = c.ID
			}
		}
		if old == 0 {
			return unchanged("this browser gets no alerts"), nil
		}
		return change{
			word: AlertChanged, sentence: "A browser that gets alerts has a new address.", id: old,
		}, a.Store.Outbox.ReplaceChannelAddress(ctx, a.Household, a.Actor.Person, old, to.Where, to.Service, to.Address)
	})
}

// checkDevice refuses a second alert of the actor's in the same browser.
func (a Admin) checkDevice(ctx context.Context, to AlertTo) error {
	if !to.Device {
		return nil
	}
	has, err := a.Store.Outbox.HasAddress(ctx, a.Household, a.Actor.Person, to.Address)
	if err == nil && has {
		err = refuse("This browser gets alerts already. To change what it gets, go to Alerts and press “What and when”.")
	}
	return err
}

// PauseAlert pauses or resumes an alert.
func (a Admin) PauseAlert(ctx context.Context, id int64, pause bool) (Done, error) {
	return a.changeAlert(ctx, id, func(ctx context.Context, was outbox.Channel) (change, error) {
		return switched(was.Paused, pause,
			state{AlertPaused, "The alert is paused: nothing comes until you resume it.", "paused"}, state{AlertResumed, "The alert is on again.", "not paused"},
		).undoneBy(undo{What: AlertPaused, ID: id, Person: was.Person, On: pause}), a.Store.Outbox.PauseChannel(ctx, a.Household, was.Person, id, pause)
	})
}

// RemoveAlert removes an alert, with its address and everything that is waiting to be sent. It cannot be undone: the address is a secret, and erased.
func (a Admin) RemoveAlert(ctx context.Context, id int64) (Done, error) {
	return a.changeAlert(ctx, id, func(ctx context.Context, was outbox.Channel) (change, error) {
		return change{
			word: AlertRemoved, sentence: "The alert is removed, with its address.", before: alertInWords(was.Choices),
		}, a.Store.Outbox.RemoveChannel(ctx, a.Household, was.Person, id)
	})
}

func (a Admin) changeAlert(ctx context.Context, id int64, deed func(context.Context, outbox.Channel) (change, error)) (Done, error) {
	lookup := func(ctx context.Context) (outbox.Channel, error) { return a.alert(ctx, id) }
	return about(ctx, a, lookup, outbox.ErrNoChannel, errAlertGone, deed)
}

// alert finds one of the actor's alerts; on the command line, anybody's.
func (a Admin) alert(ctx context.Context, id int64) (outbox.Channel, error) {
	if a.Actor != CommandLine {
		return a.Store.Outbox.Channel(ctx, a.Household, a.Actor.Person, id)
	}
	all, err := a.Store.Outbox.Channels(ctx, a.Household, 0)
	if err != nil {
		return outbox.Channel{}, err
	}
	i := slices.IndexFunc(all, func(c outbox.Channel) bool { return c.ID == id })
	if i < 0 {
		return outbox.Channel{}, outbox.ErrNoChannel
	}
	return all[i], nil
}

func (a Admin) undoAlertAdded(ctx context.Context, u undo) (change, error) {
	_, err := a.alertOf(ctx, u)
	if err != nil {
		return change{}, err
	}
	return change{sentence: "The alert is removed, with its address."}, a.Store.Outbox.RemoveChannel(ctx, a.Household, a.Actor.Person, u.ID)
}

func (a Admin) undoAlertChanged(ctx context.Context, u undo) (change, error) {
	now, err := a.alertOf(ctx, u)
	if err != nil {
		return change{}, err
	}
	if !reflect.DeepEqual(now.Choices, u.Alert.After) {
		return change{}, tooLate("It is now: " + alertInWords(now.Choices) + ".")
	}
	return change{sentence: "The alert is as it was."}, a.Store.Outbox.ChangeChannel(ctx, a.Household, a.Actor.Person, u.ID, u.Alert.Before)
}

func (a Admin) undoAlertPaused(ctx context.Context, u undo) (change, error) {
	now, err := a.alertOf(ctx, u)
	if err != nil {
		return change{}, err
	}
	sentences := map[bool]string{true: "The alert is on again.", false: "The alert is paused again."}
	return u.switchBack(now.Paused, "Look at your alerts.", sentences, func(on bool) error {
		return a.Store.Outbox.PauseChannel(ctx, a.Household, a.Actor.Person, u.ID, on)
	})
}

// alertOf is the actor's alert that an undo is about.
func (a Admin) alertOf(ctx context.Context, u undo) (outbox.Channel, error) {
	c, err := a.alert(ctx, u.ID)
	if errors.Is(err, outbox.ErrNoChannel) {
		err = errAlertGone
	}
	return c, err
}

// checkAlert refuses an alert that is about nothing.
func checkAlert(c outbox.Choices) error {
	if len(c.Events) == 0 {
		return refuse("Choose at least one thing to be alerted to. To stop for a while, pause the alert instead.")
	}
	return nil
}

// alertRefused turns what the store refuses into a Refusal, and returns every other error unchanged.
func alertRefused(err error) error {
	switch {
	case errors.Is(err, outbox.ErrNoEvent), errors.Is(err, outbox.ErrNoZone):
		return because(Unfit, err)
	case errors.Is(err, outbox.ErrNotMember):
		return because(NotAllowed, err)
	}
	return err
}

func alertInWords(c outbox.Choices) string {
	text := EventsInWords(c.Events) + ", " + TimesInWords(c)
	if c.Words {
		text += ", with callers’ words"
	}
	return text
}

// EventsInWords says what an alert is about.
func EventsInWords(events []outbox.Event) string {
	if len(events) == len(outbox.Events()) {
		return "everything"
	}
	return fmt.Sprintf("%d of %d things", len(events), len(outbox.Events()))
}

// TimesInWords says when an alert comes.
func TimesInWords(c outbox.Choices) string {
	text := "at once"
	if c.Digest >= 0 {
		text = "once a day, at " + screening.Clock(c.Digest).String()
	}
	if c.QuietFrom != c.QuietTo {
		text += ", but not from " + screening.Clock(c.QuietFrom).String() + " to " + screening.Clock(c.QuietTo).String()
		if c.BreakQuiet {
			text += " unless it is urgent"
		}
	}
	if c.Zone != "" {
		text += " (" + c.Zone + ")"
	}
	return text
}
