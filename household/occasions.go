package household

import (
	"context"
	"path/filepath"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// Deeds that change little or nothing in the database, or are done elsewhere, but belong in the audit log.

// OnLetThrough logs that a carer has let the caller of a call in progress through.
func (a Admin) OnLetThrough(ctx context.Context, call store.LoggedCall) (Done, error) {
	return a.log(ctx, LetThrough, saidOf(LetThrough, a.caller(call)))
}

// OnNotNow logs that a carer has had the caller of a call in progress asked for a message.
func (a Admin) OnNotNow(ctx context.Context, call store.LoggedCall) (Done, error) {
	return a.log(ctx, NotNow, saidOf(NotNow, a.caller(call)))
}

// OnTestCall logs that the household's own phones are rung.
func (a Admin) OnTestCall(ctx context.Context) (Done, error) {
	return a.log(ctx, TestCalled, "Somebody made a test call.")
}

// OnListPublished logs that a list of the household was published. sentence says which, and how.
func (a Admin) OnListPublished(ctx context.Context, sentence string) (Done, error) {
	return a.log(ctx, ListPublished, sentence)
}

// OnBackup logs that somebody has downloaded a backup, which holds everything about the household.
func (a Admin) OnBackup(ctx context.Context) (Done, error) {
	return a.log(ctx, BackedUp, "A backup was downloaded.")
}

func (a Admin) log(ctx context.Context, word Word, sentence string) (Done, error) {
	return a.do(ctx, func(context.Context) (change, error) { return change{word: word, sentence: sentence}, nil })
}

// RestoredLine says that a backup was restored, for the audit log of the database in the backup: whoever restores it writes the line there. It
// concerns the whole machine.
func (a Admin) RestoredLine(file string) store.AuditLine {
	a.Household = ""
	return a.line(change{word: Restored, sentence: "A backup was restored: " + screening.CleanLine(filepath.Base(file), 200) + "."})
}

// ReplicaRestoredLine says that a replica was restored, as RestoredLine does.
func (a Admin) ReplicaRestoredLine(folder string) store.AuditLine {
	a.Household = ""
	return a.line(change{word: Restored, sentence: "The replica in " + screening.CleanLine(folder, 200) + " was restored."})
}

// GoneBackLine says that the database from before an upgrade was put back, as RestoredLine does.
func (a Admin) GoneBackLine() store.AuditLine {
	a.Household = ""
	return a.line(change{word: Restored, sentence: "The database from before an upgrade was put back."})
}

// FinishSetUp remembers that somebody has gone through the first steps.
func (a Admin) FinishSetUp(ctx context.Context) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		about, err := a.Store.About(ctx, a.Household)
		if err != nil {
			return change{}, err
		}
		if !about.Finished.IsZero() {
			return unchanged(about.Called() + " was set up already"), nil
		}
		return change{word: SetUp, sentence: about.Called() + " is set up."}, a.Store.FinishSetUp(ctx, a.Household, a.Now)
	})
}

// ForgetDialled forgets that the household has rung a number, which is as typed.
func (a Admin) ForgetDialled(ctx context.Context, typed string) (Done, error) {
	n, err := a.ParseNumber(typed)
	if err != nil {
		return Done{}, because(Unfit, err)
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		all, err := a.Store.Dialled(ctx, a.Household)
		if err != nil {
			return change{}, err
		}
		var at time.Time
		for _, d := range all {
			if d.Number == n {
				at = d.At
			}
		}
		if at.IsZero() {
			return change{}, refuseAs(Gone, "%s hasn't been dialled.", a.national(n))
		}
		_, err = a.Store.ForgetDialled(ctx, a.Household, n)
		return change{
			word: DialledRemoved, sentence: "Ringfence has forgotten that the household rang " + a.national(n) + ".", before: "dialled on " + at.In(a.Zone).Format("2 January 2006"),
		}, err
	})
}
