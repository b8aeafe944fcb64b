package household

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/sound"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/outbox"
)

// numbers is a list of some numbers.
func numbers(digits ...string) func(func(lists.Entry, error) bool) {
	return func(yield func(lists.Entry, error) bool) {
		for _, d := range digits {
			if !yield(lists.Entry{Digits: d, Confidence: 1}, nil) {
				return
			}
		}
	}
}

func hasParish(ctx context.Context, f *filled) error {
	_, err := f.Store.Lists.Replace(ctx, "home", "parish", "parish.csv", numbers("442079460666"))
	return err
}

func isCarer(ctx context.Context, f *filled) error {
	return errors.Join(aSecond(ctx, f), f.Store.SetMembership(ctx, "home", second(ctx, f).ID, store.RoleCarer, true))
}

func init() {
	deeds = append(deeds, []deed{
		{name: "give somebody a place", before: aSecond, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.SetMember(ctx, second(ctx, f), "", store.RoleCarer, true)
		}, word: MemberSet, is: "a carer"},
		{name: "change somebody's place", before: isCarer, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.SetMember(ctx, second(ctx, f), "", store.RoleOwner, false)
		}, word: MemberSet, was: "a carer", is: "an owner who hears no recordings"},
		{name: "take somebody's place", before: isCarer, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.RemoveMember(ctx, second(ctx, f))
		}, word: MemberRemoved, was: "a carer"},
		{name: "remove a list", before: hasParish, do: func(ctx context.Context, f *filled) (Done, error) { return f.RemoveList(ctx, "parish") }, word: ListRemoved, was: "parish"},
		{name: "end a subscription", before: hasPhoneBlock, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.Unsubscribe(ctx, "PhoneBlock")
		}, word: ListUnsubscribed, was: "PhoneBlock"},
		{name: "ask PhoneBlock no more", before: func(ctx context.Context, f *filled) error {
			return errors.Join(hasPhoneBlock(ctx, f), f.Store.Lists.AskOfCallers(ctx, "home", "PhoneBlock", true))
		}, do: func(ctx context.Context, f *filled) (Done, error) { return f.AskPhoneBlock(ctx, "PhoneBlock", false) }, word: PhoneBlockNotAsked, was: "asked", is: "not asked"},
		{name: "go on with a group", before: func(ctx context.Context, f *filled) error {
			return errors.Join(hasGroup(ctx, f), f.Store.Outbox.PauseGroup(ctx, "home", f.joined, true))
		}, do: func(ctx context.Context, f *filled) (Done, error) { return f.PauseGroup(ctx, f.joined, false) }, word: GroupResumed, was: "paused", is: "not paused"},
		{name: "go on with an alert", before: func(ctx context.Context, f *filled) error {
			return errors.Join(isSomebody(ctx, f), f.Store.Outbox.PauseChannel(ctx, "home", f.Actor.Person, f.alert, true))
		}, do: func(ctx context.Context, f *filled) (Done, error) { return f.PauseAlert(ctx, f.alert, false) }, word: AlertResumed, was: "paused", is: "not paused"},
	}...)
}

// A list that was imported by mistake goes again; one that was there before is not kept for that.
func TestImportingAListIsUndone(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	accept := func(digits ...string) Done {
		t.Helper()
		id, err := f.Store.Lists.Prepare(ctx, "home", "parish", "parish.csv", numbers(digits...))
		if err != nil {
			t.Fatal(err)
		}
		done, err := f.AcceptList(ctx, id, "parish.csv", "")
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	before := f.state(t)
	done := accept("442079460666")
	if _, err := f.Undo(ctx, done.Line); err != nil || f.state(t) != before {
		t.Errorf("it is %s: %v", f.state(t), err)
	}
	first := accept("442079460666")
	if done := accept("442079460666", "442079460667"); done.CanUndo {
		t.Errorf("%+v", done)
	}
	refused(t, f.Admin, Conflict, func() error { _, err := f.Undo(ctx, first.Line); return err })
	if all, err := f.Store.Lists.All(ctx, "home"); err != nil || len(all) != 1 || all[0].Entries != 2 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestInvitingIsUndone(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	token, _, err := f.Invite(ctx, "Ben", store.RoleCarer, true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Undo(ctx, lastLine(t, f.Admin).ID)
	if _, gone := f.Store.Invitation(ctx, token, f.Now); err != nil || gone == nil {
		t.Errorf("the link still opens: %v", err)
	}
}

// What only some may do, only they undo; and alerts are each person's own.
func TestWhoMayUndo(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	if err := errors.Join(isCarer(ctx, f), hasPhoneBlock(ctx, f)); err != nil {
		t.Fatal(err)
	}
	ben, viewer := f.Admin, f.Admin
	ben.Actor.Person, ben.Actor.Role = second(ctx, f).ID, store.RoleCarer
	viewer.Actor.Role = store.RoleViewer
	for name, d := range map[string]struct {
		not []Admin
		do  func() (Done, error)
	}{
		"an alert":   {[]Admin{ben}, func() (Done, error) { return f.PauseAlert(ctx, f.alert, true) }},
		"a block":    {[]Admin{viewer}, func() (Done, error) { return f.AddBlock(ctx, BlockRequest{Number: string(stranger)}) }},
		"PhoneBlock": {[]Admin{ben, viewer}, func() (Done, error) { return f.AskPhoneBlock(ctx, "PhoneBlock", true) }},
		"an invitation": {[]Admin{ben, viewer}, func() (Done, error) {
			_, _, err := f.Invite(ctx, "Carol", store.RoleCarer, true)
			return Done{Line: lastLine(t, f.Admin).ID, CanUndo: true}, err
		}},
		"a member":         {[]Admin{ben, viewer}, func() (Done, error) { return f.SetMember(ctx, second(ctx, f), "", store.RoleViewer, true) }},
		"an unsigned list": {[]Admin{ben, viewer}, func() (Done, error) { return f.AllowUnsigned(ctx, f.updater(), "PhoneBlock", true) }},
	} {
		f.undoneOnlyBy(t, name, d.not, d.do)
	}
	if _, err := f.AllowUnsigned(ctx, f.updater(), "PhoneBlock", true); err != nil {
		t.Fatal(err)
	}
	f.undoneOnlyBy(t, "a list that turns away unsigned", []Admin{ben, viewer}, func() (Done, error) { return f.RemoveList(ctx, "PhoneBlock") })
	if done, err := ben.RemoveList(ctx, "PhoneBlock"); err != nil || done.CanUndo {
		t.Errorf("a carer is offered to have callers turned away: %+v %v", done, err)
	}
}

// undoneOnlyBy does something, which the others can't undo.
func (f *filled) undoneOnlyBy(t *testing.T, name string, others []Admin, do func() (Done, error)) {
	t.Helper()
	done, err := do()
	if err != nil || !done.CanUndo {
		t.Fatalf("%s: %+v %v", name, done, err)
	}
	l := lastLine(t, f.Admin)
	for _, other := range others {
		if other.Actor.MayUndo(l) {
			t.Errorf("%s: %s may undo it", name, other.Actor.Role)
		}
		refused(t, other, NotAllowed, func() error { _, err := other.Undo(t.Context(), done.Line); return err })
	}
	if _, err := f.Undo(t.Context(), done.Line); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// What has been changed since is not changed by an undo.
func TestUndoingTooLate(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	if err := errors.Join(isCarer(ctx, f), hasPhoneBlock(ctx, f), hasGroup(ctx, f), hasParish(ctx, f)); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]struct{ do, then func() (Done, error) }{
		"a member": {func() (Done, error) { return f.SetMember(ctx, second(ctx, f), "", store.RoleViewer, true) },
			func() (Done, error) { return f.SetMember(ctx, second(ctx, f), "", store.RoleViewer, false) }},
		"an alert": {func() (Done, error) { return f.ChangeAlert(ctx, f.alert, atOnce(outbox.EventWeek)) },
			func() (Done, error) { return f.ChangeAlert(ctx, f.alert, atOnce(outbox.EventWeek, outbox.EventLine)) }},
		"a pause": {func() (Done, error) { return f.PauseAlert(ctx, f.alert, true) }, func() (Done, error) { return f.PauseAlert(ctx, f.alert, false) }},
		"a group": {func() (Done, error) { return f.PauseGroup(ctx, f.joined, true) }, func() (Done, error) { return f.PauseGroup(ctx, f.joined, false) }},
		"asking":  {func() (Done, error) { return f.AskPhoneBlock(ctx, "PhoneBlock", true) }, func() (Done, error) { return f.AskPhoneBlock(ctx, "PhoneBlock", false) }},
		"unsigned": {func() (Done, error) { return f.AllowUnsigned(ctx, f.updater(), "PhoneBlock", true) },
			func() (Done, error) { return f.AllowUnsigned(ctx, f.updater(), "PhoneBlock", false) }},
		"a phrase": {func() (Done, error) { return f.SetPhrase(ctx, "", store.PhraseGreeting, aSound()) },
			func() (Done, error) { return f.RemovePhrase(ctx, "", store.PhraseGreeting) }},
		"a list": {func() (Done, error) { return f.RemoveList(ctx, "parish") }, func() (Done, error) { return Done{}, hasParish(ctx, f) }},
	} {
		done, err := d.do()
		if err == nil {
			_, err = d.then()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before := f.state(t)
		if refused(t, f.Admin, Conflict, func() error { _, err := f.Undo(ctx, done.Line); return err }); f.state(t) != before {
			t.Errorf("%s: something was changed", name)
		}
	}
}

// Whoever leaves, or gives up a role, is not brought back by somebody else's undo.
func TestNobodyIsBroughtBackWhoHasLeft(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	if err := isCarer(ctx, f); err != nil {
		t.Fatal(err)
	}
	ben := f.Admin
	ben.Actor.Person = second(ctx, f).ID
	if done, err := ben.RemoveMember(ctx, second(ctx, f)); err != nil || lastLine(t, f.Admin).Undo != "" || done.CanUndo {
		t.Errorf("%+v %v", done, err)
	}
	set, err := f.SetMember(ctx, second(ctx, f), "", store.RoleCarer, true)
	if err == nil {
		err = f.Store.RemovePerson(ctx, second(ctx, f).ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	refused(t, f.Admin, Gone, func() error { _, err := f.Undo(ctx, set.Line); return err })
}

// The last recording before is restored as it was, also from the usual words; one from before that is not kept.
func TestARecordingIsRestored(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	first, second := aSound(), sound.WAV(8000, []byte(strings.Repeat("\x30\x20", 8000)))
	says := func(want []byte) {
		t.Helper()
		path, _, there, err := f.Store.Phrase(ctx, "home", store.PhraseGreeting)
		if err != nil || there != (want != nil) {
			t.Fatalf("there is one: %v %v", there, err)
		}
		if !there {
			return
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("another recording of %d bytes: %v", len(got), err)
		}
	}
	set := func(wav []byte) Done {
		t.Helper()
		done, err := f.SetPhrase(ctx, "", store.PhraseGreeting, wav)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	undo := func(done Done) {
		t.Helper()
		if _, err := f.Undo(ctx, done.Line); err != nil {
			t.Fatal(err)
		}
	}
	recorded := set(first)
	over := set(second)
	undo(over)
	says(first)
	removed, err := f.RemovePhrase(ctx, "", store.PhraseGreeting)
	if err != nil {
		t.Fatal(err)
	}
	says(nil)
	undo(removed)
	says(first)
	undo(recorded)
	says(nil)

	set(first)
	over = set(second)
	set(first)
	set(second) // as it was left, but what was before it then is still the same
	undo(over)
	says(first)
	over = set(second)
	if err := f.Store.Expire(ctx, time.Now().AddDate(0, 0, -90)); err != nil {
		t.Fatal(err)
	}
	undo(over)
	says(first)
}
