// Package household is everything that somebody can do to a household: pages, the interface for programs, commands and telephones call it, and add
// only their own form. Each deed is one transaction with its line in the audit log, whole or not at all. It returns the sentence that says it, and
// can be undone if the line says how.
//
// A deed that cannot be done is refused with a Refusal, whose sentence is for whoever asked. Every other error is ours.
package household

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// Admin changes one household in the name of one actor. It is made for a request, a command or a call.
type Admin struct {
	Store     *store.Store
	Household string // its key in ringfence.toml
	screening.Line
	FromFile  FromFile
	Languages []string // in which callers can be spoken to, such as "fr-FR"
	Actor     Actor
	Now       time.Time
	Log       *slog.Logger // for what fails after a deed is done; nil for commands and telephones
	Sure      bool         // the actor has been told what a new option, or undoing one, deletes for good
	previews  bool         // the deed will be rolled back: see InMany
}

// FromFile is what applies if people have chosen nothing: what ringfence.toml says.
type FromFile struct {
	Region   string
	KeepDays int
	Fits     func(region string) error // why the line cannot be in a region; nil if all will do
}

// Actor is who does something, and in what way.
type Actor struct {
	Person  int64 // 0: nobody's account
	Name    string
	Program string // the name of the token by which a program does it for them
	Way     store.Way
	Role    store.Role // in the household
}

// String is what the audit log calls the actor.
func (a Actor) String() string {
	if a.Program == "" {
		return a.Name
	}
	return a.Name + ", by the program “" + a.Program + "”"
}

// Actors without an account.
var (
	CommandLine = Actor{Name: store.ByCommand, Way: store.WayCommand, Role: store.RoleOwner}
	Telephone   = Actor{Name: store.ByTelephone, Way: store.WayTelephone, Role: store.RoleCarer}
)

// Done is the result of a deed.
type Done struct {
	Sentence string // for whoever did it
	Line     int64  // in the audit log, by which it is undone; 0 where nothing has changed
	CanUndo  bool
	ID       int64 // of the block, contact or alert that it was about
}

// Refusal says in a plain sentence why something is not done, and what to do instead.
type Refusal struct {
	Kind     Kind
	Sentence string
	cause    error // nil where the sentence says it all
}

func (r *Refusal) Error() string { return r.Sentence }

// Unwrap returns the error of another room that the refusal passes on.
func (r *Refusal) Unwrap() error { return r.cause }

// Kind is why something is refused, for front ends that answer with a code or ask once more.
type Kind int

// The kinds.
const (
	Unfit      Kind = iota // what was asked for makes no sense
	Conflict               // something that exists is in the way
	Gone                   // what it is about does not exist, or not any more
	NotSure                // it is done only if the actor says that they are sure
	NotAllowed             // only somebody else may do it
)

func refuse(format string, args ...any) error { return refuseAs(Unfit, format, args...) }

func refuseAs(kind Kind, format string, args ...any) error {
	return &Refusal{Kind: kind, Sentence: fmt.Sprintf(format, args...)}
}

// because turns an error that was written for people into a refusal, unless it is one already, or is ours.
func because(kind Kind, err error) error {
	if IsTechnical(err) {
		return err
	}
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
		return refusal
	}
	return &Refusal{kind, screening.Sentence(err), err}
}

// change is what a deed has changed, for the audit log. The zero change logs nothing, but its sentence is still returned.
type change struct {
	word          Word // "" where nothing has changed
	sentence      string
	before, after string // as people read it
	undo          *undo  // nil: it cannot be undone
	id            int64
	undoes        int64
}

// unchanged is what a deed has come to that found everything as it should be: nothing is logged, and there is nothing to undo.
func unchanged(how string) change { return change{sentence: "Nothing has changed: " + how + "."} }

// undoneBy is the change with how it is undone, if it is one.
func (c change) undoneBy(u undo) change {
	if c.word != "" {
		c.undo = &u
	}
	return c
}

// do runs a deed and logs it, in one transaction.
func (a Admin) do(ctx context.Context, deed func(ctx context.Context) (change, error)) (done Done, err error) {
	err = a.Store.Together(ctx, func(ctx context.Context) error {
		c, err := deed(ctx)
		if err != nil {
			return err
		}
		done = Done{Sentence: c.sentence, ID: c.id}
		if c.word == "" {
			return nil
		}
		line := a.line(c)
		if c.undo != nil {
			how, err := json.Marshal(c.undo)
			if err != nil {
				return err
			}
			line.Undo = string(how)
		}
		err = a.Store.AddAuditLine(ctx, &line)
		done.Line, done.CanUndo = line.ID, a.Actor.MayUndo(line)
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// about runs a deed about something that has to be there. If lookup or the deed fails with none, the error is gone.
func about[T any](ctx context.Context, a Admin, lookup func(context.Context) (T, error), none, gone error, deed func(context.Context, T) (change, error)) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (c change, err error) {
		there, err := lookup(ctx)
		if err == nil {
			c, err = deed(ctx, there)
		}
		if errors.Is(err, none) {
			err = gone
		}
		return c, err
	})
}

// state is one of two states in which something can be, such as on or off.
type state struct {
	word     Word   // of bringing it there
	sentence string // likewise
	name     string
}

// switched is the change from on to off or back, if it is one.
func switched(was, is bool, on, off state) change {
	of := map[bool]state{true: on, false: off}
	if was == is {
		return change{sentence: of[is].sentence}
	}
	return change{word: of[is].word, sentence: of[is].sentence, before: of[was].name, after: of[is].name}
}

// switchBack undoes a deed that has switched something on or off, unless it has been switched since: then it says where to look. sentences are by the state in
// which the deed left it.
func (u undo) switchBack(now bool, look string, sentences map[bool]string, set func(on bool) error) (change, error) {
	if now != u.On {
		return change{}, tooLate(look)
	}
	return change{sentence: sentences[u.On]}, set(!u.On)
}

// line is what the audit log says of a change.
func (a Admin) line(c change) store.AuditLine {
	return store.AuditLine{
		Household: a.Household, At: a.Now, Person: a.Actor.Person, By: a.Actor.String(), Way: a.Actor.Way,
		What: string(c.word), Text: c.sentence, Before: c.before, After: c.after, Undoes: c.undoes,
	}
}

// national is a number as people in the household's country write it.
func (a Admin) national(n screening.Number) string { return n.National(a.Region) }
