package household

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

// Deed is something that is done to a household.
type Deed func(context.Context, Admin) (Done, error)

// OutcomeKind is how a deed for many households went in one of them.
type OutcomeKind string

// The outcomes: a contract.
const (
	OutcomeDone    OutcomeKind = "done"    // or in a preview: would be done
	OutcomeAlready OutcomeKind = "already" // nothing had to change
	OutcomeSkipped OutcomeKind = "skipped" // it makes no sense there, or the actor may not
	OutcomeFailed  OutcomeKind = "failed"  // something went wrong; the log says what
)

// Outcome is how a deed for many households went in one of them.
type Outcome struct {
	Household string
	Kind      OutcomeKind
	Sentence  string
	Done      Done
	Cause     error // of one that failed
}

// InMany does a deed in many households, each in its own transaction with its line in the audit log and its undo: what fails in one stops none of the others.
// With preview it changes nothing, and says what would happen.
func InMany(ctx context.Context, admins []Admin, preview bool, deed Deed) []Outcome {
	all := make([]Outcome, 0, len(admins))
	for _, a := range admins {
		all = append(all, a.inMany(ctx, preview, deed))
	}
	return all
}

func (a Admin) inMany(ctx context.Context, preview bool, deed Deed) Outcome {
	o := Outcome{Household: a.Household}
	if !a.Actor.Role.Covers(store.RoleCarer) {
		o.Kind, o.Sentence = OutcomeSkipped, "You may only look at this household."
		return o
	}
	do := deed
	if preview {
		do = func(ctx context.Context, a Admin) (Done, error) { return a.preview(ctx, deed) }
	}
	var err error
	o.Done, err = do(ctx, a)
	refusal := (*Refusal)(nil)
	switch {
	case errors.As(err, &refusal):
		o.Kind, o.Sentence = OutcomeSkipped, screening.Sentence(refusal)
	case err != nil:
		o.Kind, o.Sentence, o.Cause = OutcomeFailed, "Something went wrong, so nothing has changed here.", err
		if a.Log != nil {
			a.Log.Error("a change for many households could not be made in one of them", "household", a.Household, "err", err)
		}
	case o.Done.Line == 0:
		o.Kind, o.Sentence = OutcomeAlready, asItWas(o.Done.Sentence)
	default:
		o.Kind, o.Sentence = OutcomeDone, o.Done.Sentence
	}
	return o
}

// asItWas says how everything was already, after what says that nothing has changed.
func asItWas(sentence string) string {
	how, _ := strings.CutPrefix(sentence, "Nothing has changed")
	return screening.Capital(cmp.Or(strings.TrimLeft(how, ":. "), "It was like this already."))
}

// errPreviewed has the transaction of a preview rolled back.
var errPreviewed = errors.New("this was only a preview")

// preview says what a deed would do: it is done, and undone before anybody has seen it. So a preview has no rule of its own.
func (a Admin) preview(ctx context.Context, deed Deed) (done Done, err error) {
	a.previews, a.Log = true, nil
	rolledBack := a.Store.Together(ctx, func(ctx context.Context) error {
		if done, err = deed(ctx, a); err != nil {
			return err
		}
		return errPreviewed
	})
	if err == nil && !errors.Is(rolledBack, errPreviewed) {
		err = rolledBack
	}
	return done, err
}

// Sums counts the outcomes of each kind.
func Sums(all []Outcome) map[OutcomeKind]int {
	sums := map[OutcomeKind]int{}
	for _, o := range all {
		sums[o.Kind]++
	}
	return sums
}
