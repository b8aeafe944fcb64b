package household

import (
	"context"
	"errors"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// three are households of which the actor may change the first two, and only look at the third.
func three(t *testing.T) []Admin {
	t.Helper()
	first := admin(t)
	first.Actor = Actor{Person: 1, Name: "Anna", Way: store.WayPage, Role: store.RoleCarer}
	all := []Admin{first, first, first}
	for i, name := range []string{"", "dale", "hill"} {
		if name == "" {
			continue
		}
		if err := first.Store.EnsureHousehold(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		all[i].Household = name
	}
	all[2].Actor.Role = store.RoleViewer
	return all
}

func kinds(all []Outcome) (kinds []OutcomeKind) {
	for _, o := range all {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

func sameKinds(t *testing.T, all []Outcome, want ...OutcomeKind) {
	t.Helper()
	got := kinds(all)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("%+v, not %v", all, want)
		}
	}
}

func blockOf(number string) ForMany { return ForMany{Kind: ManyBlock, Number: number} }

// A preview says what would happen in each household, and changes nothing in any. Then it happens, with a line in each one's audit log and its undo.
func TestInManyHouseholds(t *testing.T) {
	all, ctx := three(t), t.Context()
	deed, err := blockOf("020 7946 0666").Deed(ctx, nil, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all[1].Block(ctx, "+442079460666", ""); err != nil {
		t.Fatal(err)
	}
	preview := InMany(ctx, all, true, deed)
	sameKinds(t, preview, OutcomeDone, OutcomeAlready, OutcomeSkipped)
	if preview[0].Sentence != "020 7946 0666 is blocked: it won't ring any more." || preview[1].Sentence != "020 7946 0666 is blocked already." ||
		preview[2].Sentence != "You may only look at this household." {
		t.Errorf("%+v", preview)
	}
	if blocks, err := all[0].Store.Blocks(ctx, all[0].Household); err != nil || len(blocks) != 0 {
		t.Fatalf("the preview has changed something: %+v %v", blocks, err)
	}
	if log, err := all[0].Store.AuditLog(ctx, all[0].Household, 0, 10); err != nil || len(log) != 0 {
		t.Fatalf("the preview is in the audit log: %+v %v", log, err)
	}
	done := InMany(ctx, all, false, deed)
	sameKinds(t, done, OutcomeDone, OutcomeAlready, OutcomeSkipped)
	if l := lastLine(t, all[0]); l.What != string(BlockAdded) || l.ID != done[0].Done.Line || l.By != "Anna" {
		t.Errorf("%+v", l)
	}
	if _, err := all[0].Undo(ctx, done[0].Done.Line); err != nil {
		t.Error(err)
	}
	if blocks, err := all[2].Store.Blocks(ctx, all[2].Household); err != nil || len(blocks) != 0 {
		t.Errorf("in a household to look at: %+v %v", blocks, err)
	}
}

// What goes wrong in one household, or is refused there, stops none of the others.
func TestOneBadHouseholdOfMany(t *testing.T) {
	all, ctx := three(t), t.Context()
	all[2].Actor.Role = store.RoleCarer
	broken := errors.New("no such table")
	deed := func(ctx context.Context, a Admin) (Done, error) {
		switch a.Household {
		case all[0].Household:
			return Done{}, broken
		case all[2].Household:
			return Done{}, refuse("not here")
		}
		return a.Block(ctx, "+442079460666", "")
	}
	for _, preview := range []bool{true, false} {
		got := InMany(ctx, all, preview, deed)
		sameKinds(t, got, OutcomeFailed, OutcomeDone, OutcomeSkipped)
		if got[0].Sentence != "Something went wrong, so nothing has changed here." || !errors.Is(got[0].Cause, broken) || got[2].Sentence != "Not here." {
			t.Errorf("%+v", got)
		}
	}
	if blocks, err := all[1].Store.Blocks(ctx, all[1].Household); err != nil || len(blocks) != 1 {
		t.Errorf("%+v %v", blocks, err)
	}
}

// Each kind of change says what it is, and what has no sense in any household is refused at once.
func TestKindsForMany(t *testing.T) {
	all, ctx := three(t), t.Context()
	two := all[:2]
	for what, one := range map[string]struct {
		ForMany
		sentence string
	}{
		"mode":    {ForMany{Kind: ManyMode, Value: string(screening.KnownOnly)}, "“Only people you know” holds from now on."},
		"option":  {ForMany{Kind: ManyOption, Option: "ring-dialled", Value: "on"}, ""},
		"contact": {ForMany{Kind: ManyContact, Name: "Surgery", Number: "0121 496 0123"}, "Surgery (0121 496 0123) is one of your contacts now, and always gets through."},
		"block":   {blockOf("0909 879*"), ""},
	} {
		deed, err := one.Deed(ctx, nil, two)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := InMany(ctx, two, false, deed)
		sameKinds(t, got, OutcomeDone, OutcomeDone)
		if one.sentence != "" && got[0].Sentence != one.sentence {
			t.Errorf("%s: %q", what, got[0].Sentence)
		}
		sameKinds(t, InMany(ctx, two, true, deed), OutcomeAlready, OutcomeAlready)
	}
	for what, f := range map[string]ForMany{
		"nothing": {}, "no option": {Kind: ManyOption, Option: "x"}, "each one's own": {Kind: ManyOption, Option: "title", Value: "x"}, "no address": {Kind: ManySubscribe},
	} {
		if _, err := f.Deed(ctx, nil, two); err == nil {
			t.Errorf("%s is taken", what)
		} else if refusal := (*Refusal)(nil); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	deed, err := ForMany{Kind: ManyUnsubscribe, List: "parish"}.Deed(ctx, nil, two)
	if err != nil {
		t.Fatal(err)
	}
	sameKinds(t, InMany(ctx, two, false, deed), OutcomeSkipped, OutcomeSkipped)
}
