package store

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

func TestWhatAHouseholdIsCalled(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	if a, err := s.About(ctx, "home"); err != nil || a != (About{SmartHome: SmartHomeOff, Household: "home"}) || a.Called() != "home" {
		t.Errorf("%+v %v", a, err)
	}
	finished := time.Unix(1800000000, 0)
	must(t, s.SetOption(ctx, "home", "title", "Mum's house"))
	must(t, s.SetOption(ctx, "home", "region", "FR"))
	must(t, s.SetOption(ctx, "home", "keep_days", 30))
	must(t, s.FinishSetUp(ctx, "home", finished))
	must(t, s.FinishSetUp(ctx, "home", finished.Add(time.Hour))) // the first time counts
	want := About{SmartHome: SmartHomeOff, Household: "home", Title: "Mum's house", Region: "FR", KeepDays: 30, Finished: finished}
	if a, err := s.About(ctx, "home"); err != nil || a != want || a.Called() != "Mum's house" {
		t.Errorf("%+v %v", a, err)
	}
	if a, err := s.About(ctx, "other"); err != nil || a != (About{SmartHome: SmartHomeOff, Household: "other"}) {
		t.Errorf("another household: %+v %v", a, err)
	}
	for from, read := range map[string]func() (map[string]string, error){
		"open": func() (map[string]string, error) { return s.Regions(ctx) },
		"shut": func() (map[string]string, error) { return RegionsIn(ctx, path) },
	} {
		if chosen, err := read(); err != nil || !reflect.DeepEqual(chosen, map[string]string{"home": "FR"}) {
			t.Errorf("%s: %v %v", from, chosen, err)
		}
	}
	must(t, s.SetOption(ctx, "home", "region", ""))
	must(t, s.SetOption(ctx, "home", "title", ""))
	must(t, s.SetOption(ctx, "home", "keep_days", 0))
	if a, err := s.About(ctx, "home"); err != nil || a != (About{SmartHome: SmartHomeOff, Household: "home", Finished: finished}) {
		t.Errorf("%+v %v", a, err)
	}
	_, err := s.About(ctx, "nobody")
	for _, err := range []error{err, s.FinishSetUp(ctx, "nobody", finished)} {
		if !errors.Is(err, columns.ErrNoHousehold) {
			t.Error(err)
		}
	}
}

// Asterisk's configuration can be written where there is no database yet, and from one that an older Ringfence has made; and
// to look makes none, and changes none.
func TestRegionsOfADatabaseThatIsNotOpened(t *testing.T) {
	none := filepath.Join(t.TempDir(), "ringfence.db")
	if chosen, err := RegionsIn(t.Context(), none); chosen != nil || err != nil {
		t.Error(chosen, err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a database was made")
	}
	must(t, sqlite.Create(none))
	db, err := sqlite.Writer(none)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.Exec("CREATE TABLE households (id INTEGER PRIMARY KEY, name TEXT)")
	must(t, err)
	if chosen, err := RegionsIn(t.Context(), none); chosen != nil || err != nil {
		t.Errorf("an older one: %v %v", chosen, err)
	}
	damaged := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.WriteFile(damaged, []byte(strings.Repeat("no database ", 100)), 0o600))
	if _, err := RegionsIn(t.Context(), damaged); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged one: %v", err)
	}
}

// Each household's calls are kept as long as it has chosen; those of the others as long as the machine says. A message that
// nobody has heard stays until its carers were told, whatever was chosen.
func TestEachHouseholdKeepsItsCallsAsLongAsItHasChosen(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	const day = 24 * time.Hour
	calls := map[string][]int64{}
	for _, home := range []string{"home", "other"} {
		for _, age := range []time.Duration{5 * day, 20 * day, 100 * day} {
			call := aCall(t, s, home, now.Add(-age), steve, "")
			must(t, s.Keep(ctx, call, "name", make([]byte, 100), time.Second))
			calls[home] = append(calls[home], call)
			must(t, s.AddNotice(ctx, home, now.Add(-age), NoticeDiskFull, "x", 0))
		}
	}
	message := aMessage(t, s, "home", now.Add(-30*day), joan, "")
	must(t, s.SetOption(ctx, "home", "keep_days", 10))
	if e, err := s.WouldExpire(ctx, "home", 10, now); err != nil || e != (Expiring{Calls: 2, Recordings: 2, Unheard: 1}) {
		t.Errorf("%+v %v", e, err)
	}
	if e, err := s.WouldExpire(ctx, "home", 3650, now); err != nil || e != (Expiring{}) {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := s.WouldExpire(ctx, "home", 0, now); err == nil {
		t.Error("kept for no day at all")
	}
	must(t, s.expire(ctx, now.Add(-90*day), now))
	left := func(home string) (left []int64) {
		all, err := s.Calls(ctx, home, 10)
		must(t, err)
		for _, c := range all {
			left = append(left, c.ID)
		}
		return left
	}
	if got, want := left("home"), []int64{calls["home"][0], message}; !slices.Equal(got, want) {
		t.Errorf("of home there are %v, not %v", got, want)
	}
	if got, want := left("other"), []int64{calls["other"][0], calls["other"][1]}; !slices.Equal(got, want) {
		t.Errorf("of the other there are %v, not %v", got, want)
	}
	for home, want := range map[string]int{"home": 2, "other": 2} { // one of home's tells of the message
		if notices, err := s.Notices(ctx, home, 10); err != nil || len(notices) != want {
			t.Errorf("%s: %+v %v", home, notices, err)
		}
	}
	must(t, s.SetOption(ctx, "other", "keep_days", 200)) // longer than the machine's
	must(t, s.expire(ctx, now.Add(-15*day), now.Add(8*day)))
	if got, want := left("home"), []int64(nil); !slices.Equal(got, want) {
		t.Errorf("a week later there are %v", got)
	}
	if got := left("other"); len(got) != 2 {
		t.Errorf("of the other there are %v", got)
	}
}

func TestAWeekIsReplacedWholeOrNotAtAll(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.SetWeek(ctx, "home", []screening.Span{night}))
	must(t, s.SetWeek(ctx, "other", []screening.Span{night}))
	morning := screening.Span{Days: screening.Daily, From: 8 * 60, To: 9 * 60, Mode: screening.Off}
	week := []screening.Span{morning, night}
	must(t, s.SetWeek(ctx, "home", week))
	has := func(home string, want ...screening.Span) {
		t.Helper()
		if got, err := s.Spans(ctx, home); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s has %v, %v", home, got, err)
		}
	}
	has("home", week...)
	has("other", night)
	bad := append(slices.Clone(week), screening.Span{Days: 1, From: -1, Mode: screening.Off})
	if s.SetWeek(ctx, "home", bad) == nil || s.SetWeek(ctx, "nobody", nil) == nil {
		t.Error("half a week was kept")
	}
	has("home", week...)
	must(t, s.SetWeek(ctx, "home", nil))
	has("home")
}
