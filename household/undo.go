package household

import (
	"context"
	"encoding/json"

	"ringfence/screening"
	"ringfence/store"
)

// undo is how a deed is undone: what has to be put back or taken away. It stands in the audit log, so that nobody can make one up.
type undo struct {
	What   Word             `json:"what"` // the deed
	Number screening.Number `json:"number,omitempty"`
	Block  *store.Block     `json:"block,omitempty"` // that was there before
}

// Undo undoes a deed, by its line in the audit log.
func (a Admin) Undo(ctx context.Context, line int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		l, undone, ok, err := a.Store.AuditLineByID(ctx, a.Household, line)
		switch {
		case err != nil:
			return change{}, err
		case !ok || l.Undo == "":
			return change{}, refuse("There is nothing to undo.")
		case undone:
			return change{}, refuse("This has been undone already.")
		}
		var u undo
		if err := json.Unmarshal([]byte(l.Undo), &u); err != nil {
			return change{}, err
		}
		c, err := a.putBack(ctx, u)
		c.word, c.before, c.after, c.undoes = Undone, l.After, l.Before, line
		return c, err
	})
}

// putBack does the opposite of a deed.
func (a Admin) putBack(ctx context.Context, u undo) (change, error) {
	switch u.What {
	case BlockAdded:
		return a.undoBlock(ctx, u.Number)
	default:
		return change{}, refuse("There is nothing to undo.")
	}
}
