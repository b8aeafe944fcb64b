package household

import (
	"cmp"
	"context"
	"encoding/json"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
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
	Person   int64                       `json:"person,omitempty"` // whose alert it is
	On       bool                        `json:"on,omitempty"`     // the state in which the deed left it

	Options   map[string]optionUndo `json:"options,omitempty"` // by their names
	Mode      *modeUndo             `json:"mode,omitempty"`
	Member    *memberUndo           `json:"member,omitempty"`
	Alert     *alertUndo            `json:"alert,omitempty"`
	List      *lists.Removed        `json:"list,omitempty"`
	Expecting *expectingUndo        `json:"expecting,omitempty"`
	Week      *weekUndo             `json:"week,omitempty"`
}

// Undo undoes a deed, by its line in the audit log.
func (a Admin) Undo(ctx context.Context, line int64) (Done, error) {
	done, err := a.do(ctx, func(ctx context.Context) (change, error) {
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
		back, is := undoings()[u.What]
		if !is {
			return change{}, refuseAs(Gone, "There is nothing to undo.")
		}
		if !a.Actor.mayUndo(u, back) {
			return change{}, refuseAs(NotAllowed, "You may not change this, so you can’t undo it.")
		}
		c, err := back.do(a, ctx, u)
		if err != nil {
			return change{}, err
		}
		return change{word: Undone, sentence: "Undone: " + c.sentence, before: l.After, after: l.Before, undoes: line}, nil
	})
	if err == nil {
		a.clean(ctx)
		a.settlePhrases(ctx)
	}
	return done, err
}

// MayUndo says whether somebody may undo what a line of the audit log says.
func (a Actor) MayUndo(l store.AuditLine) bool {
	var u undo
	if l.Undo == "" || l.Undone || json.Unmarshal([]byte(l.Undo), &u) != nil {
		return false
	}
	back, is := undoings()[u.What]
	return is && a.mayUndo(u, back)
}

func (a Actor) mayUndo(u undo, back undoing) bool {
	if back.own {
		return a.Person != 0 && a.Person == u.Person
	}
	for name := range u.Options {
		if o, is := OptionByName(name); is && !a.MayChoose(o) {
			return false
		}
	}
	needs := cmp.Or(back.role, store.RoleCarer)
	if u.List != nil && u.List.Sub != nil && !u.List.Sub.Signed() && !u.List.Sub.OnlyWarns { // as for subscribing to it
		needs = store.RoleOwner
	}
	return a.Role.Covers(needs)
}

// undoing does the opposite of a deed.
type undoing struct {
	do   func(Admin, context.Context, undo) (change, error)
	role store.Role // that it takes, as the deed does; "": any that may change the household
	own  bool       // only whoever it belongs to undoes it
}

// undoings are how deeds are undone, by what the undo says. deeds_test.go has a table of those that can't be, and why.
func undoings() map[Word]undoing {
	return map[Word]undoing{
		BlockAdded:      {do: Admin.undoBlockAdded},
		BlockChanged:    {do: Admin.undoBlockChanged},
		BlockRemoved:    {do: Admin.undoBlockRemoved},
		ContactAdded:    {do: Admin.undoContactSaved},
		ContactChanged:  {do: Admin.undoContactSaved},
		ContactRemoved:  {do: Admin.undoContactRemoved},
		ContactsAdded:   {do: Admin.undoImport},
		Reported:        {do: Admin.undoReport},
		ReportWithdrawn: {do: Admin.undoReport},
		CallerNamed:     {do: Admin.undoName},
		SentAway:        {do: Admin.undoSentAway},
		MessageHeard:    {do: Admin.undoHeard},
		PhraseSet:       {do: Admin.undoPhrase},
		PassCodeAdded:   {do: Admin.undoPassCodeAdded},
		PassCodeRemoved: {do: Admin.undoPassCodeRemoved},

		OptionChanged:   {do: Admin.undoOptions},
		ModeChanged:     {do: Admin.undoMode},
		Expecting:       {do: Admin.undoExpecting},
		ScheduleChanged: {do: Admin.undoWeek},

		ListImported:    {do: Admin.undoListImported},
		ListRemoved:     {do: Admin.undoListRemoved},
		ListSubscribed:  {do: Admin.undoSubscribed},
		ListUnsigned:    {do: Admin.undoUnsigned, role: store.RoleOwner},
		PhoneBlockAsked: {do: Admin.undoAsked, role: store.RoleOwner},
		GroupPaused:     {do: Admin.undoGroupPaused},

		AlertAdded:   {do: Admin.undoAlertAdded, own: true},
		AlertChanged: {do: Admin.undoAlertChanged, own: true},
		AlertPaused:  {do: Admin.undoAlertPaused, own: true},

		Invited:   {do: Admin.undoInvited, role: store.RoleOwner},
		MemberSet: {do: Admin.undoMember, role: store.RoleOwner},
	}
}
