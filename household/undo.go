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

	Options   map[string]optionUndo `json:"options,omitempty"` // by their names
	Mode      *modeUndo             `json:"mode,omitempty"`
	Expecting *expectingUndo        `json:"expecting,omitempty"`
	Week      *weekUndo             `json:"week,omitempty"`
}

// Undo undoes a deed, by its line in the audit log.
func (a Admin) Undo(ctx context.Context, line int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		l, undone, ok, err := a.Store.AuditLineByID(ctx, a.Household, line)
		switch {
		case err != nil:
			return change{}, err
		case !ok || l.Undo == "":
			return change{}, refuseAs(Gone, "There is nothing to undo.")
		case undone:
			return change{}, refuseAs(Gone, "This has been undone already.")
		}
		var u undo
		if err := json.Unmarshal([]byte(l.Undo), &u); err != nil {
			return change{}, err
		}
		c, err := a.putBack(ctx, u)
		if err != nil {
			return change{}, err
		}
		return change{word: Undone, sentence: "Undone: " + c.sentence, before: l.After, after: l.Before, undoes: line}, nil
	})
}

// putBack does the opposite of a deed.
func (a Admin) putBack(ctx context.Context, u undo) (change, error) {
	how := map[Word]func(context.Context, undo) (change, error){
		BlockAdded: a.undoBlock,

		OptionChanged:   a.undoOptions,
		ModeChanged:     a.undoMode,
		Expecting:       a.undoExpecting,
		ScheduleChanged: a.undoWeek,
	}[u.What]
	if how == nil {
		return change{}, refuseAs(Gone, "There is nothing to undo.")
	}
	return how(ctx, u)
}
