package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// choose keeps everything that the household "home" has chosen, but its schedule.
func choose(t testing.TB, s *Store, h screening.Household) {
	t.Helper()
	values := map[Column]any{
		"threshold": h.Threshold, "emergency_s": int64(h.Emergency / time.Second), "quiet_contacts": h.Times.QuietContacts, "human_check": h.HumanCheck,
		"ring_dialled": h.RingDialled, "dial_guard": h.DialGuard, "carer_number": h.CarerNumber, "carer_when": h.CarerWhen,
		"scam_words": h.ScamWords, "display_words": h.DisplayWords,
	}
	for _, kind := range screening.CallerKinds() {
		values[KindColumn(kind.Code)] = *kind.Of(&h.Policy)
	}
	for column, value := range values {
		must(t, s.SetOption(t.Context(), "home", column, value))
	}
	must(t, s.SetMode(t.Context(), "home", h.Mode, h.Times.Temporary, h.Times.TemporaryUntil))
}

// An option is kept by itself: all others, the mode and the other household stay as they are.
func TestAnOptionIsKeptByItself(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	want := allChosen()
	choose(t, s, want)
	must(t, s.SetOption(ctx, "home", "human_check", screening.CheckAlways))
	must(t, s.SetOption(ctx, "home", KindColumn(screening.CodePremiumRate), screening.TurnAway))
	want.HumanCheck, want.Policy.PremiumRate = screening.CheckAlways, screening.TurnAway
	if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v: %v", got, want, err)
	}
	if got, err := s.Household(ctx, "other"); err != nil || !reflect.DeepEqual(got, screening.Household{Mode: screening.Ask, HumanCheck: screening.CheckSuspicious, ScamWords: screening.ScamWarn, DisplayWords: true}) {
		t.Errorf("the other household has %+v (%v)", got, err)
	}
	if err := s.SetOption(ctx, "nobody", "human_check", "always"); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
	if s.SetOption(ctx, "home", `title" = 'x', "region`, "always") == nil || s.SetOption(ctx, "home", "no_such_column", 1) == nil {
		t.Error("a column that there is not was written")
	}
}

// A new household asks callers who talk like a recording for a key. One from before that could be chosen asks nobody.
func TestOnlyNewHouseholdsAskRecordingsForAKey(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, sqlite.Exec(ctx, s.write, "INSERT INTO households (name) VALUES ('before')")) // as every version until then did
	for name, want := range map[string]screening.HumanCheck{"before": "", "new": screening.CheckSuspicious} {
		must(t, s.EnsureHousehold(ctx, name))
		if got, err := s.Household(ctx, name); err != nil || got.HumanCheck != want {
			t.Errorf("%s: %q, %v", name, got.HumanCheck, err)
		}
	}
}
