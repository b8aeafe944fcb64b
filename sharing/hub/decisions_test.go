package hub

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
)

func TestDecisions(t *testing.T) {
	w := newWorld(t, 8)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.decides(Dismiss, subject(scammer), nil)
	if s := w.stands(subject(scammer), noon); s.Listed || s.For != 4 {
		t.Errorf("%+v", s)
	}
	w.says(For, scammer, noon, 4, 5)
	again, more, err := w.Numbers(t.Context(), Again, 10, 0, nil, noon)
	if err != nil || more || len(again) != 1 || again[0].Subject != subject(scammer) || again[0].Listed {
		t.Errorf("%+v %v", again, err)
	}
	w.decides(Undo, subject(scammer), nil)
	if s := w.stands(subject(scammer), noon); !s.Listed || s.For != 6 {
		t.Errorf("%+v", s)
	}
	// A confirmed number needs no reports, and fades as all do.
	w.decides(Confirm, subject(another), func(d *Decision) { d.Public = "says he is from Microsoft" })
	got := w.published(nil, noon)
	if s := shown(got); !slices.Equal(s, []string{"+442079460123 0.60 5-9 other", "+442079460124 0.83  bank"}) || got[1].Note != "says he is from Microsoft" {
		t.Errorf("%q", s)
	}
	if s := w.stands(subject(another), noon.AddDate(0, 11, 0)); s.Confidence < 0.40 || s.Confidence > 0.51 {
		t.Errorf("%+v", s)
	}
	if s := w.stands(subject(another), noon.AddDate(3, 0, 0)); s.Listed {
		t.Errorf("%+v", s)
	}
	// A protected number takes the beginnings that cover it from the list.
	begins := Subject{"4413718721", true}
	w.decides(Confirm, begins, nil)
	w.decides(Protect, subject(surgery), func(d *Decision) { d.Public = "Angel Lane Surgery" })
	if s := w.stands(begins, noon); s.Listed || !strings.Contains(s.Why, "Angel Lane Surgery") {
		t.Errorf("%+v", s)
	}
	var refused *Refused
	for _, what := range []string{Confirm, Dismiss, Merge} { // not by somebody who has not seen that it is protected
		err := w.Decide(t.Context(), Decision{Subject: subject(surgery), What: what, Category: "bank", Into: subject(another), Why: "because", Who: "Ben", At: noon})
		if !errors.As(err, &refused) || !strings.Contains(refused.Sentence, "is protected: undo that first") {
			t.Errorf("%s of a protected number: %v", what, err)
		}
	}
	if got := w.published(nil, noon); len(got) != 2 {
		t.Errorf("%q", shown(got))
	}
	log, err := w.Decisions(t.Context(), Subject{}, 100)
	if err != nil || len(log) != 5 || log[0].What != Protect || log[0].Who != "Anna" || log[0].Why != "heard it myself" || log[4].What != Dismiss {
		t.Errorf("%+v %v", log, err)
	}
}

func TestMergedNumbers(t *testing.T) {
	w := newWorld(t, 5)
	begins := Subject{"44207946012", true}
	w.says(For, scammer, noon, 0, 1, 2)
	w.says(For, another, noon, 2, 3)
	w.says(Against, another, noon, 4)
	merge := func(number screening.Number, into Subject) {
		w.decides(Merge, subject(number), func(d *Decision) { d.Into = into })
	}
	merge(scammer, subject(another))
	merge(another, begins)
	// One household counts once, whichever of them it reported: 0 to 3 for, 4 against.
	s := w.stands(begins, noon)
	if s.For != 4 || s.Against != 1 || !s.Listed || !slices.Equal(s.Merged, []Subject{subject(scammer), subject(another)}) {
		t.Errorf("%+v", s)
	}
	w.says(For, "+442079450000", noon, 0, 1)
	w.says(For, "+442079470000", noon, 0, 1)
	w.says(For, "+4420794601", noon, 0, 1)
	if got := shown(w.published(nil, noon)); !slices.Equal(got, []string{
		"+4420794601 0.29 2-4 other", "+44207946012* 0.37 2-4 other", "+442079450000 0.29 2-4 other", "+442079470000 0.29 2-4 other"}) {
		t.Errorf("%q", got)
	}
	for what, d := range map[string]Decision{
		"already":               {Subject: subject(another), What: Merge, Into: subject(scammer)}, // a ring
		"itself":                {Subject: subject(another), What: Merge, Into: subject(another)},
		"far too many":          {Subject: subject(another), What: Merge, Into: Subject{"4420", true}},
		"whole number":          {Subject: begins, What: Merge, Into: subject(another)},
		"undone":                {Subject: subject(surgery), What: Undo},
		"what the callers want": {Subject: subject(surgery), What: Confirm},
		"whose number":          {Subject: subject(surgery), What: Protect},
	} {
		d.Why, d.Who, d.At = "because", "Anna", noon
		var refused *Refused
		if err := w.Decide(t.Context(), d); !errors.As(err, &refused) || !strings.Contains(refused.Sentence, what) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	var refused *Refused
	if err := w.Decide(t.Context(), Decision{Subject: subject(scammer), What: Dismiss, Why: " \n", Who: "Anna", At: noon}); !errors.As(err, &refused) {
		t.Error("without a reason:", err)
	}
	for says, typed := range map[string]string{"emergency": "999", "Childline": "0800 1111", "short number": "1471", "far too many": "+44*", "contains": "<script>"} {
		if s, err := ParseSubject(typed, "GB"); !errors.As(err, &refused) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v %v", typed, s, err)
		}
	}
}

func TestExpelling(t *testing.T) {
	w := newWorld(t, 4)
	w.says(For, surgery, noon, 0, 1, 2)
	w.says(For, scammer, noon, 0, 3)
	w.decides(Dismiss, subject(surgery), nil)
	keys, err := w.Keys(t.Context(), "", noon)
	if err != nil || len(keys) != 4 || keys[0].Dismissed != 1 || keys[0].Recent != 2 || keys[3].Dismissed != 0 || keys[3].Reports != 1 {
		t.Fatalf("%+v %v", keys, err)
	}
	bad := keys[slices.IndexFunc(keys, func(k Key) bool { return k.ID == w.keys[0] })].Pseudonym
	w.ok(w.Expel(t.Context(), strings.ToLower(bad), true, "Anna", "reports the surgery", noon))
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Listed {
		t.Errorf("%+v", s)
	}
	if _, err := w.KeyOf(t.Context(), w.secrets[0]); !errors.Is(err, ErrExpelled) {
		t.Error(err)
	}
	if err := w.Take(t.Context(), w.keys[0], Report{Number: another, Kind: For}, elsewhere, noon); !errors.Is(err, ErrExpelled) {
		t.Error(err)
	}
	var refused *Refused
	if err := w.Expel(t.Context(), bad, true, "Anna", "again", noon); !errors.As(err, &refused) {
		t.Error(err)
	}
	w.ok(w.Expel(t.Context(), bad, false, "Ben", "it was a misunderstanding", noon))
	if s := w.stands(subject(scammer), noon); s.For != 2 || !s.Listed {
		t.Errorf("%+v", s)
	}
	invitations, err := w.Invitations(t.Context(), noon)
	w.ok(err)
	for i, want := range []int{1, 1, 2} { // the newest first
		if n, err := w.ExpelInvited(t.Context(), invitations[i].ID, "Anna", "the invitation was on a forum of scammers", noon); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if s := w.stands(subject(scammer), noon); s.For != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := w.Join(t.Context(), w.invite, elsewhere, noon); !errors.Is(err, ErrInvitation) {
		t.Error(err)
	}
	log, err := w.Expulsions(t.Context(), 10)
	if err != nil || len(log) != 6 || log[5].Pseudonym != bad || log[4].Expelled || log[4].Who != "Ben" {
		t.Errorf("%+v %v", log, err)
	}
	if n, err := w.Households(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
}

func TestAppeals(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	secret, err := w.Appeal(ctx, Appeal{Number: scammer, Text: "That is our office.\r\n\u202eSee\x00 the register.", Reach: "office@example.org"}, noon)
	w.ok(err)
	a, err := w.AppealOf(ctx, secret)
	if err != nil || a.Text != "That is our office.\nSee  the register." || a.Number != scammer || !a.Answered.IsZero() {
		t.Errorf("%+v %v", a, err)
	}
	if n, err := w.WaitingAppeals(ctx); n != 1 || err != nil {
		t.Error(n, err)
	}
	w.ok(w.Answer(ctx, a.ID, "It is off the list.", "Anna", noon))
	var refused *Refused
	if err := w.Answer(ctx, a.ID, "No, it is not.", "Ben", noon); !errors.As(err, &refused) {
		t.Error(err)
	}
	if a, err := w.AppealByID(ctx, a.ID); err != nil || a.Answer != "It is off the list." || a.By != "Anna" {
		t.Errorf("%+v %v", a, err)
	}
	for _, a := range []Appeal{{Number: scammer, Text: "x"}, {Number: scammer, Reach: "x"}, {Text: "x", Reach: "x"}, {Number: scammer, Text: strings.Repeat("x", 2001), Reach: "x"}} {
		if _, err := w.Appeal(ctx, a, noon); !errors.As(err, &refused) {
			t.Errorf("%.60v: %v", a, err)
		}
	}
	if _, err := w.AppealOf(ctx, "rubbish"); !errors.Is(err, ErrNoAppeal) {
		t.Error(err)
	}
	for range mostOpen {
		_, err = w.Appeal(ctx, Appeal{Number: scammer, Text: "x", Reach: "x"}, noon)
		w.ok(err)
	}
	if _, err = w.Appeal(ctx, Appeal{Number: scammer, Text: "x", Reach: "x"}, noon); !errors.Is(err, ErrCrowded) {
		t.Error(err)
	}
	all, err := w.Appeals(ctx, 1000)
	if err != nil || len(all) != mostOpen+1 || all[mostOpen].Answer == "" {
		t.Error(len(all), err)
	}
}
