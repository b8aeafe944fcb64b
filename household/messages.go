package household

import (
	"context"
	"errors"
	"fmt"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

var errMessageGone = refuseAs(Gone, "There is no message of this call. It may have been deleted.")

// MarkHeard marks the message of a call as heard.
func (a Admin) MarkHeard(ctx context.Context, call int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		c, message, err := a.Message(ctx, call)
		if err != nil {
			return change{}, err
		}
		if !message.Heard.IsZero() {
			return change{sentence: saidOf(MessageHeard, a.caller(c))}, nil
		}
		return change{
			word: MessageHeard, sentence: saidOf(MessageHeard, a.caller(c)), before: "not heard", after: "heard", undo: &undo{What: MessageHeard, ID: call},
		}, a.Store.MarkHeard(ctx, a.Household, call)
	})
}

func (a Admin) undoHeard(ctx context.Context, u undo) (change, error) {
	c, _, err := a.Message(ctx, u.ID)
	if err != nil {
		return change{}, err
	}
	return change{sentence: "The message from " + a.caller(c) + " is new again."}, a.Store.MarkUnheard(ctx, a.Household, u.ID)
}

// DeleteMessage deletes the message of a call, heard or not; the call stays in the log. It cannot be undone: what a caller has said is erased.
func (a Admin) DeleteMessage(ctx context.Context, call int64) (Done, error) {
	sound := ""
	done, err := a.do(ctx, func(ctx context.Context) (change, error) {
		c, _, err := a.Message(ctx, call)
		if err != nil {
			return change{}, err
		}
		sound, err = a.Store.ForgetMessage(ctx, a.Household, call)
		if errors.Is(err, store.ErrNoMessage) {
			err = errMessageGone
		}
		return change{
			word: MessageDeleted, sentence: saidOf(MessageDeleted, a.caller(c)), before: "a message of " + c.At.In(a.Zone).Format("2 January 2006 15:04"),
		}, err
	})
	if err == nil {
		_ = a.Store.DeleteSound(sound) // Expire tries it again, as with every file that the log does not know
	}
	return done, err
}

// Message is the message of a call, with the call; the error is a Refusal where there is none.
func (a Admin) Message(ctx context.Context, call int64) (store.LoggedCall, store.Recording, error) {
	c, err := a.Store.Call(ctx, a.Household, call)
	message, there := c.Recording(calllog.RecordedMessage)
	if errors.Is(err, store.ErrNoCall) || err == nil && !there {
		err = errMessageGone
	}
	return c, message, err
}

// byName are the deeds whose sentences name a caller, and may not say their number.
var byName = map[Word]string{
	MessageHeard: "The message from %s is marked as heard.", MessageDeleted: "The message from %s is deleted.",
	LetThrough: "%s is put through to whoever answers.", NotNow: "%s is asked to leave a message.",
}

func saidOf(w Word, who string) string { return fmt.Sprintf(byName[w], who) }

// caller is whoever rang, in words: their name, or their number.
func (a Admin) caller(c store.LoggedCall) string {
	switch name := screening.CleanLine(c.Name, 80); {
	case c.Contact != "":
		return c.Contact
	case name != "":
		return name
	case c.Number != "":
		return a.national(c.Number)
	}
	return "a caller who showed no number"
}
