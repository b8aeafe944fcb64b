package household

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/inquiry"
	"ringfence/store"
	"ringfence/store/lists"
)

// Forgettable is what ForgetCaller erases of a caller, and what it leaves, in sentences for people.
type Forgettable struct {
	Number screening.Number
	Shown  string   // as people write it
	Erased []string // what goes; none: nothing is kept
	Stays  []string

	traces store.Traces
}

// errLogWaits refuses what needs the whole log.
var errLogWaits = refuseAs(Conflict, "The last calls aren't in the log yet. Start Ringfence, and try again in a minute.")

// Forgettable says what is kept of a number, which is as typed.
func (a Admin) Forgettable(ctx context.Context, typed string) (f Forgettable, err error) {
	if f.Number, err = a.ParseNumber(typed); err != nil {
		return f, because(Unfit, err)
	}
	f.Shown = a.national(f.Number)
	names, err := a.namesOf(ctx, f.Number)
	if err != nil {
		return f, err
	}
	mentions := func(text string) bool { return f.Number.Mentions(text, a.Region) }
	about := func(l store.AuditLine) bool {
		if mentions(l.Text) || mentions(l.Before) || mentions(l.After) {
			return true
		}
		_, byTheirName := byName[Word(l.What)]
		return byTheirName && names[l.Text]
	}
	f.traces, err = a.Store.TracesOf(ctx, a.Household, f.Number, about, mentions)
	switch {
	case errors.Is(err, store.ErrLogWaits):
		return f, errLogWaits
	case err != nil:
		return f, err
	}
	f.Erased = erased(f.traces)
	f.Stays, err = a.stays(ctx, f.Number)
	return f, err
}

// namesOf are the sentences that the audit log may have about a caller by name.
func (a Admin) namesOf(ctx context.Context, n screening.Number) (map[string]bool, error) {
	names, err := a.Store.NamesShown(ctx, a.Household, n)
	if err != nil {
		return nil, err
	}
	contact, is, err := a.Store.ContactByNumber(ctx, a.Household, n)
	if is {
		names = append(names, contact.Name)
	}
	all := map[string]bool{}
	for _, name := range names {
		for word := range byName {
			all[saidOf(word, screening.CleanLine(name, 80))] = true
		}
	}
	return all, err
}

// erased is what goes, in sentences.
func erased(t store.Traces) (all []string) {
	if t.Calls > 0 {
		what := screening.Counted(t.Calls, "call", "calls")
		if t.Recordings > 0 {
			what += ", with " + screening.Counted(t.Recordings, "recording", "recordings") + " of what was said"
		}
		if t.Unheard > 0 {
			what += ". Nobody has marked " + screening.Counted(t.Unheard, "message", "messages") + " as heard yet"
		}
		all = append(all, what+".")
	}
	if t.Named {
		all = append(all, "The name that you have given this caller.")
	}
	if t.Dialled {
		all = append(all, "The note that someone here rang this number.")
	}
	switch {
	case t.Groups > 0:
		all = append(all, fmt.Sprintf("Your report. %s asked to withdraw it, and the number stays here until they have answered.",
			screening.Counted(t.Groups, "group that has it is", "groups that have it are")))
	case t.Reported:
		all = append(all, "Your report.")
	}
	if !t.Nothing() {
		all = append(all, "What notices, waiting alerts and the log of changes say about this caller. The log still says who changed something, and when.")
	}
	return all
}

// stays is what is not erased, in sentences.
func (a Admin) stays(ctx context.Context, n screening.Number) (all []string, err error) {
	_, known, err := a.Store.Situation(ctx, a.Household, n)
	if err != nil {
		return nil, err
	}
	if c := known.Contact; c != nil {
		all = append(all, c.Name+" stays one of your contacts. To erase the contact too, remove it first.")
	}
	if b := known.Block; b != nil && b.Prefix {
		all = append(all, "The number stays blocked, with all numbers starting "+a.blocked(*b)+".")
	} else if b != nil {
		all = append(all, "The number stays blocked. To erase the block too, remove it first.")
	}
	if len(known.Entries) > 0 {
		all = append(all, "The number stays on the shared lists that have it.")
	}
	_, err = a.Store.Lists.WhoIsAsked(ctx, a.Household)
	if err == nil {
		all = append(all, "PhoneBlock may keep our question about this number.")
	} else if !errors.Is(err, lists.ErrNoSubscription) {
		return nil, err
	}
	return append(all,
		"Backups still have the caller. Daily ones go after a week, copies from before an upgrade after 30 days, whole ones when you delete them. Restoring one brings the caller back.",
		"Alerts that were sent stay where they went. Your phones and your phone company have call lists of their own."), nil
}

// ForgetCaller erases all that is kept of a caller, whose number is as typed. It can't be undone, so the actor has to be Sure. What the household has chosen for
// the number stays: a contact, a block. The audit log has that somebody was forgotten and by whom, but neither the number nor a mark of it: a number is so short
// that any mark could be tried out.
func (a Admin) ForgetCaller(ctx context.Context, typed string) (Done, error) {
	f, err := a.Forgettable(ctx, typed)
	switch {
	case err != nil:
		return Done{}, err
	case f.traces.Nothing():
		return Done{}, refuseAs(Gone, "Nothing is kept about calls from %s.", f.Shown)
	case f.traces.OnTheLine:
		return Done{}, a.onTheLine(f)
	case !a.Sure:
		return Done{}, refuseAs(NotSure, "This erases for good what is kept about %s:\n\n%s\n\nThis is not erased:\n\n%s", f.Shown, bullets(f.Erased), bullets(f.Stays))
	}
	var sounds []string
	done, err := a.do(ctx, func(ctx context.Context) (_ change, err error) {
		if sounds, err = a.Store.EraseCaller(ctx, a.Household, f.Number, f.traces); err == nil {
			err = a.forgetInquiry(ctx, f.Number)
		}
		return change{word: CallerForgotten, sentence: "A caller was forgotten: " + inShort(f.traces) + "."}, err
	})
	if errors.Is(err, store.ErrCallOpen) {
		err = a.onTheLine(f)
	}
	if err != nil {
		return done, err
	}
	left, err := a.Store.DeleteSounds(sounds)
	if err != nil {
		if a.Log != nil {
			a.Log.Error("recordings of a caller who was forgotten are still on the disk; it is tried again within a day", "household", a.Household, "err", err)
		}
		done.Sentence += " " + screening.Counted(left, "recording is", "recordings are") + " still on the disk. Ringfence tries again within a day."
	}
	return done, nil
}

func (a Admin) onTheLine(f Forgettable) error {
	return refuseAs(Conflict, "%s is on the line now. Try again once the call is over.", f.Shown)
}

// forgetInquiry forgets that PhoneBlock was asked about a number.
func (a Admin) forgetInquiry(ctx context.Context, n screening.Number) error {
	who, err := a.Store.Lists.WhoIsAsked(ctx, a.Household)
	if errors.Is(err, lists.ErrNoSubscription) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.Store.Lists.ForgetInquiry(ctx, a.Household, inquiry.MarkOf(who.Key, n))
}

// inShort says what was erased without saying of whom.
func inShort(t store.Traces) string {
	parts := []string{screening.Counted(t.Calls, "call", "calls"), screening.Counted(t.Recordings, "recording", "recordings")}
	if t.Reported {
		parts = append(parts, "a report")
	}
	return strings.Join(parts, ", ") + " and all else that was kept about them"
}

func bullets(sentences []string) string { return "- " + strings.Join(sentences, "\n- ") }
