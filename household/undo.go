package household

import (
	"context"
	"encoding/json"

	"ringfence/screening"
	"ringfence/store"
)

// undo is how a deed is undone: what has to be restored or removed. It is kept in the audit log, so that nobody can make one up.
type undo struct {
	What     Word                        `json:"what"` // the deed
	Number   screening.Number            `json:"number,omitempty"`
	Block    *store.Block                `json:"block,omitempty"`    // that was there before
	Made     *screening.Block            `json:"made,omitempty"`     // as the deed left it
	ID       int64                       `json:"id,omitempty"`       // of the contact, or of the import
	Contact  *store.Contact              `json:"contact,omitempty"`  // as it was before; nil where there was none
	Mark     string                      `json:"mark,omitempty"`     // of the contact as the deed left it
	Contacts []store.Contact             `json:"contacts,omitempty"` // others, as they were before
	Blocks   []store.Block               `json:"blocks,omitempty"`   // that were lifted
	Reports  map[screening.Number]string `json:"reports,omitempty"`  // that were withdrawn, by category
	Category string                      `json:"category,omitempty"` // of the report that was there before
	Reported string                      `json:"reported,omitempty"` // the category that the deed has reported
	Name     string                      `json:"name,omitempty"`     // that was there before
	Named    string                      `json:"named,omitempty"`    // as the deed left it
	Code     string                      `json:"code,omitempty"`

	Options   map[string]optionUndo `json:"options,omitempty"` // by their names
	Mode      *modeUndo             `json:"mode,omitempty"`
	Expecting *expectingUndo        `json:"expecting,omitempty"`
	Week      *weekUndo             `json:"week,omitempty"`
}

// Undo undoes a deed, by its line in the audit log.
func (a Admin) Undo(ctx context.Context, line int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		l, ok, err := a.Store.AuditLineByID(ctx, a.Household, line)
		switch {
		case err != nil:
			return change{}, err
		case !ok || l.Undo == "":
			return change{}, refuseAs(Gone, "There is nothing to undo.")
		case l.Undone:
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

// MayUndo says whether somebody who may change the household may undo what a line of its audit log says.
func (a Actor) MayUndo(l store.AuditLine) bool {
	var u undo
	if l.Undo == "" || l.Undone || json.Unmarshal([]byte(l.Undo), &u) != nil {
		return false
	}
	for name := range u.Options {
		if o, is := OptionByName(name); is && !a.MayChoose(o) {
			return false
		}
	}
	return true
}

// putBack does the opposite of a deed.
func (a Admin) putBack(ctx context.Context, u undo) (change, error) {
	how := map[Word]func(context.Context, undo) (change, error){
		BlockAdded:      a.undoBlockAdded,
		BlockChanged:    a.undoBlockChanged,
		BlockRemoved:    a.undoBlockRemoved,
		ContactAdded:    a.undoContactSaved,
		ContactChanged:  a.undoContactSaved,
		ContactRemoved:  a.undoContactRemoved,
		ContactsAdded:   a.undoImport,
		Reported:        a.undoReport,
		ReportWithdrawn: a.undoReport,
		CallerNamed:     a.undoName,
		SentAway:        a.undoSentAway,
		PassCodeAdded:   a.undoPassCodeAdded,
		PassCodeRemoved: a.undoPassCodeRemoved,

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
