package subscribe

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

// neighbours has other households subscribe to what a source has.
func (h *home) neighbours(s Source, c Choices, names ...string) {
	h.t.Helper()
	for _, name := range names {
		h.ok(h.db.EnsureHousehold(h.t.Context(), name))
		sub, err := h.u.Prepare(h.t.Context(), name, s, c)
		h.ok(err)
		h.ok(h.db.Lists.Subscribe(h.t.Context(), sub))
	}
}

// entriesOf counts what a household's lists have on a number.
func (h *home) entriesOf(household string, number screening.Number) int {
	h.t.Helper()
	_, known, err := h.db.Situation(h.t.Context(), household, number)
	h.ok(err)
	return len(known.Entries)
}

// Households that have subscribed to one list ask for it once, and have it together: also those that come later, and for the changes.
func TestAListIsDownloadedOnceForAll(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	h.subscribe(p.source, Choices{})
	h.neighbours(p.source, Choices{Name: "scams", Period: LeastPeriod}, "second", "third")
	p.sent()
	h.u.due(t.Context())
	if got := p.sent(); len(got) != 3 || !slices.Contains(got, list.ManifestFile) {
		t.Errorf("%v were sent", got)
	}
	h.neighbours(p.source, Choices{}, "fourth")
	p.sent()
	h.u.due(t.Context())
	if got := p.sent(); len(got) != 0 {
		t.Errorf("%v were sent for who came later", got)
	}
	for _, household := range []string{"home", "second", "third", "fourth"} {
		if h.entriesOf(household, steve) != 1 {
			t.Errorf("%s has nothing", household)
		}
	}
	if wait := h.state().Next.Sub(h.now); wait != LeastPeriod {
		t.Errorf("they ask again in %v", wait)
	}
	p.publish("442079460001")
	h.now = h.now.Add(LeastPeriod)
	h.u.due(t.Context())
	if got := p.sent(); len(got) != 3 {
		t.Errorf("%v were sent", got)
	}
	for _, household := range []string{"home", "second", "third", "fourth"} {
		if h.entriesOf(household, steve) != 0 || h.entriesOf(household, joan) != 1 {
			t.Errorf("%s has the old numbers", household)
		}
	}
	if n := h.count("SELECT count(*) FROM list_entries"); n != 1 {
		t.Errorf("there are %d rows", n)
	}
}

// A list that can't be downloaded is said to be so in all its households, and each is alerted once.
func TestAllHouseholdsHearOfAFailure(t *testing.T) {
	w, h := followed(t)
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	h.neighbours(source, Choices{}, "second")
	w.has("<html><body>Sign in</body></html>")
	if _, err := h.updateOf("scams"); err == nil {
		t.Fatal("a page was taken for a list")
	}
	h.now = h.now.Add(freshFor)
	for range 2 {
		h.u.tellStale(t.Context(), h.now)
	}
	for _, household := range []string{"home", "second"} {
		sub, err := h.db.Lists.Subscription(t.Context(), household, "scams")
		h.ok(err)
		notices, err := h.db.Notices(t.Context(), household, 10)
		if err != nil || sub.Failures != 1 || sub.Error == "" || sub.Entries != 100 || len(notices) != 1 {
			t.Errorf("%s: %+v %+v %v", household, sub, notices, err)
		}
	}
}

// A jump waits in each household, each is told once, and what one accepts comes into force there alone.
func TestAJumpWaitsInAllHouseholds(t *testing.T) {
	w, h := followed(t)
	ctx := t.Context()
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	h.neighbours(source, Choices{}, "second")
	w.has(numbers(300, 100))
	if done, err := h.updateOf("scams"); err != nil || !done.Held {
		t.Fatalf("%+v %v", done, err)
	}
	h.neighbours(source, Choices{}, "third") // has seen the new numbers only
	for household, want := range map[string]int{"home": 1, "second": 1, "third": 0} {
		notices, err := h.db.Notices(ctx, household, 10)
		if err != nil || len(notices) != want || h.entriesOf(household, "+442079460150") != want {
			t.Errorf("%s: %+v %v", household, notices, err)
		}
	}
	h.ok(h.db.Lists.AcceptHeld(ctx, "second", "scams", h.sub("scams").Held.Version))
	if h.entriesOf("home", "+442079460150") != 1 || h.entriesOf("second", "+442079460150") != 0 || h.sub("scams").Held.Version == 0 {
		t.Errorf("%+v", h.sub("scams"))
	}
	// A file that is mended on its server is as it was for who has waited.
	w.has(numbers(100, 100))
	done, err := h.updateOf("scams")
	if err != nil || done.Held || h.sub("scams").Held.Version != 0 {
		t.Errorf("%+v %v", done, err)
	}
	second, err := h.db.Lists.Subscription(ctx, "second", "scams")
	if err != nil || second.Held.Version == 0 || h.entriesOf("second", "+442079460350") != 1 {
		t.Errorf("%+v %v", second, err)
	}
}

// Numbers without a country code are read where the line is; lines of two countries have a list each, and come to share it when they are in one.
func TestOneFileInTwoCountries(t *testing.T) {
	w, h := newWeb(t, "0301234567\n020 7946 0150\n"), newHome(t)
	regions := map[string]string{"home": "GB", "second": "DE", "third": "GB"}
	h.u.House = func(household string) screening.Household { return screening.Household{Region: regions[household]} }
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	h.ok(h.db.Lists.Subscribe(t.Context(), h.prepared("home", source)))
	h.neighbours(source, Choices{}, "second", "third")
	h.u.due(t.Context())
	german := func(want ...string) {
		t.Helper()
		var got []string
		for _, household := range []string{"home", "second", "third"} {
			if h.entriesOf(household, "+49301234567") == 1 {
				got = append(got, household)
			} else if h.entriesOf(household, "+442079460150") != 1 {
				t.Errorf("%s has neither", household)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v have the German number", got)
		}
	}
	german("second")
	regions["third"] = "DE"
	h.now = h.now.Add(MostPeriod)
	h.u.due(t.Context())
	h.u.due(t.Context())
	if third, err := h.db.Lists.Subscription(t.Context(), "third", "scams"); err != nil || third.Region != "DE" {
		t.Errorf("%+v %v", third, err)
	}
}

func (h *home) prepared(household string, s Source) lists.Subscription {
	h.t.Helper()
	sub, err := h.u.Prepare(h.t.Context(), household, s, Choices{})
	h.ok(err)
	return sub
}

// Households that had their own copies before an upgrade share them once the program runs, whatever regions their lines are in.
func TestCopiesAreGatheredAfterAnUpgrade(t *testing.T) {
	w, h := newWeb(t, numbers(100, 100)), newHome(t)
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	for i := range 3 { // as the migration leaves them: it does not know the regions
		sub := h.prepared("home", source)
		sub.Household, sub.Region = fmt.Sprint("home", i), []string{"IM", "GG", "JE"}[i] // where numbers are read as in Britain
		h.ok(h.db.EnsureHousehold(t.Context(), sub.Household))
		h.ok(h.db.Lists.Subscribe(t.Context(), sub))
		h.ok(func() error { _, err := h.u.try(t.Context(), h.subOf(sub.Household)); return err }())
	}
	if n := h.count("SELECT count(*) FROM list_entries"); n != 300 {
		t.Fatalf("there are %d rows", n)
	}
	h.u.gatherAll(t.Context())
	if n, sources := h.count("SELECT count(*) FROM list_entries"), h.count("SELECT count(*) FROM list_sources"); n != 100 || sources != 1 {
		t.Errorf("there are %d rows of %d sources", n, sources)
	}
	for i := range 3 {
		if sub := h.subOf(fmt.Sprint("home", i)); sub.Region != "GB" || sub.Entries != 100 || sub.Held.Version != 0 {
			t.Errorf("%+v", sub)
		}
	}
}

// An upgrade does not know in which region a copy was read that it makes everybody's: it is that of whoever it was from. The others get theirs.
func TestCopiesOfTwoCountriesAfterAnUpgrade(t *testing.T) {
	w, h := newWeb(t, "0301234567\n020 7946 0150\n"), newHome(t)
	regions := map[string]string{"home": "DE", "second": "GB"}
	h.u.House = func(household string) screening.Household { return screening.Household{Region: regions[household]} }
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	h.ok(h.db.Lists.Subscribe(t.Context(), h.prepared("home", source)))
	h.neighbours(source, Choices{}, "second")
	h.u.due(t.Context())
	second := h.subOf("second").Source
	h.exec("UPDATE list_sources SET region = '' WHERE id = ?", second)
	h.exec("UPDATE subscriptions SET source_id = ?", second)
	for range 2 {
		h.u.gatherAll(t.Context())
		if a, b := h.entriesOf("home", "+49301234567"), h.entriesOf("second", "+442079460150"); a != 1 || b != 1 || h.subOf("home").Region != "DE" || h.subOf("second").Region != "GB" {
			t.Errorf("%+v %+v", h.subOf("home"), h.subOf("second"))
		}
		h.now = h.now.Add(MostPeriod)
		h.u.due(t.Context())
	}
	if n := h.count("SELECT count(*) FROM list_versions"); n != 2 {
		t.Errorf("there are %d versions", n)
	}
}

func (h *home) exec(statement string, values ...any) {
	h.t.Helper()
	own, err := sql.Open("sqlite3", h.at+"?_busy_timeout=60000")
	h.ok(err)
	_, err = own.ExecContext(h.t.Context(), statement, values...)
	h.ok(errors.Join(err, own.Close()))
}

func (h *home) subOf(household string) lists.Subscription {
	h.t.Helper()
	sub, err := h.db.Lists.Subscription(h.t.Context(), household, "scams")
	h.ok(err)
	return sub
}
