package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ringfence/screening"
)

// rang logs a call that is over, with what decided it.
func rang(t testing.TB, s *Store, household string, at time.Time, n screening.Number, action screening.Action, reasons ...screening.Reason) {
	t.Helper()
	_, err := s.CallArrived(t.Context(), household, "1.1", at, screening.Identity{}, screening.Caller{Number: n},
		screening.Verdict{Action: action, Would: action, Reasons: reasons}, "turned-away")
	must(t, err)
}

var blocked = screening.Reason{Code: screening.CodeBlock}

func TestBlocksHaveTheirHits(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	for _, b := range []Block{
		{Block: screening.Block{Digits: "4420794", Prefix: true}, Added: now.AddDate(0, 0, -30)},
		{Block: screening.Block{Digits: "442079460", Prefix: true}, Added: now.AddDate(0, 0, -20), By: "Susan"},
		{Block: screening.Block{Digits: "442079460666"}, Added: now.AddDate(0, 0, -10)},
		{Block: screening.Block{Digits: "60606"}, Added: now.AddDate(0, 0, -10)},
		{Block: screening.Block{Digits: "441", Prefix: true}, Added: now.AddDate(0, 0, -10)},
	} {
		must(t, s.RestoreBlock(ctx, "home", b))
	}
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	rang(t, s, "home", days(40), steve, screening.TurnAway, blocked)          // by a block that is gone
	rang(t, s, "home", days(25), steve, screening.TurnAway, blocked)          // by the short beginning: there was no other
	rang(t, s, "home", days(15), steve, screening.TurnAway, blocked)          // by the longer one
	rang(t, s, "home", days(5), steve, screening.TurnAway, blocked)           // by the number itself
	rang(t, s, "home", days(4), steve, screening.TurnAway, blocked)           //
	rang(t, s, "home", days(3), "+442079499999", screening.TurnAway, blocked) // by the short beginning
	rang(t, s, "home", days(2), "60606", screening.TurnAway, blocked)         //
	rang(t, s, "home", days(2), steve, screening.Ring, blocked)               // watched only
	rang(t, s, "home", days(2), steve, screening.TurnAway, screening.Reason{Code: screening.CodeList}, blocked)
	rang(t, s, "home", days(2), "", screening.TurnAway, blocked)
	rang(t, s, "other", days(1), steve, screening.TurnAway, blocked)
	blocks, err := s.Blocks(ctx, "home")
	must(t, err)
	want := []Hits{{2, days(3)}, {1, days(15)}, {2, days(4)}, {1, days(2)}, {}}
	for i, b := range blocks {
		if b.Hits.Count != want[i].Count || !b.Hits.Last.Equal(want[i].Last) {
			t.Errorf("%s: %+v, want %+v", b.Digits, b.Hits, want[i])
		}
	}
	if len(blocks) != len(want) || blocks[1].By != "Susan" || !blocks[1].Added.Equal(days(20)) {
		t.Errorf("%+v", blocks)
	}
}

func TestABlockComesBackAsItWas(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "442079460666", Note: "rude", Farewell: screening.NotWanted}, "Susan"))
	blocks, err := s.Blocks(ctx, "home")
	must(t, err)
	id := blocks[0].ID
	if _, err := s.RemoveBlockByID(ctx, "other", id); !errors.Is(err, ErrNoBlock) {
		t.Errorf("another household's: %v", err)
	}
	if _, err := s.EditBlock(ctx, "other", id, "", ""); !errors.Is(err, ErrNoBlock) {
		t.Errorf("another household's: %v", err)
	}
	if _, err := s.BlockByID(ctx, "other", id); !errors.Is(err, ErrNoBlock) {
		t.Errorf("another household's: %v", err)
	}
	before, err := s.EditBlock(ctx, "home", id, "very rude", screening.Inspection)
	if err != nil || before.Note != "rude" || before.Farewell != screening.NotWanted {
		t.Errorf("%+v %v", before, err)
	}
	if _, err := s.EditBlock(ctx, "home", id, "", "shout"); err == nil {
		t.Error("a farewell that is none was kept")
	}
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || known.Block.Note != "very rude" || known.Block.Farewell != screening.Inspection {
		t.Errorf("%+v %v", known.Block, err)
	}
	gone, err := s.RemoveBlockByID(ctx, "home", id)
	must(t, err)
	if _, err := s.RemoveBlockByID(ctx, "home", id); !errors.Is(err, ErrNoBlock) {
		t.Errorf("twice: %v", err)
	}
	must(t, s.RestoreBlock(ctx, "home", gone))
	must(t, s.RestoreBlock(ctx, "home", Block{Block: screening.Block{Digits: gone.Digits, Note: "an old page"}})) // it is there
	back, err := s.Blocks(ctx, "home")
	must(t, err)
	back[0].ID = gone.ID
	if len(back) != 1 || back[0] != gone || gone.Note != "very rude" || gone.By != "Susan" {
		t.Errorf("got  %+v\nwant %+v", back, gone)
	}
	if _, err := s.RemoveBlockByID(ctx, "home", 4711); !errors.Is(err, ErrNoBlock) {
		t.Errorf("%v", err)
	}
	// Whoever has become a contact meanwhile is not blocked by an undo.
	must(t, s.AddContact(ctx, "home", "Steve", steve))
	if err := s.RestoreBlock(ctx, "home", gone); err == nil {
		t.Error("a contact was blocked")
	}
}

func TestCallsWithin(t *testing.T) {
	s, _ := open(t)
	now := time.Now().Truncate(time.Second)
	for i, n := range []screening.Number{"+44207946", "+442079460001", "+4420794600019", "+442079470001", "+4420794", "60606", ""} {
		rang(t, s, "home", now.Add(-time.Duration(i)*time.Hour), n, screening.Ring)
	}
	rang(t, s, "other", now, joan, screening.Ring)
	if hits, err := s.CallsWithin(t.Context(), "home", "44207946"); err != nil || hits.Count != 3 || !hits.Last.Equal(now) {
		t.Errorf("%+v %v", hits, err)
	}
	if hits, err := s.CallsWithin(t.Context(), "home", "606"); err != nil || hits.Count != 0 {
		t.Errorf("%+v %v", hits, err)
	}
	if hits, err := s.CallsWithin(t.Context(), "home", "442079460001"); err != nil || hits.Count != 2 {
		t.Errorf("%+v %v", hits, err)
	}
	for _, digits := range []string{"x", "", "9999999999999999999"} {
		if _, err := s.CallsWithin(t.Context(), "home", digits); err == nil {
			t.Errorf("%q is no beginning of a number", digits)
		}
	}
}

func TestListsHaveTheirHits(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for _, name := range []string{"parish", "county", "unused"} {
		_, err := s.Lists.Replace(ctx, "home", name, "", entries("442079460666"))
		must(t, err)
	}
	now := time.Now().Truncate(time.Second)
	list := func(name string) screening.Reason { return screening.Reason{Code: screening.CodeList, List: name} }
	reported := screening.Reason{Code: screening.CodeReported, List: "county"}
	rang(t, s, "home", now.Add(-3*time.Hour), steve, screening.TurnAway, list("parish"), reported)
	rang(t, s, "home", now.Add(-2*time.Hour), steve, screening.TurnAway, list("parish"), list("county"))
	rang(t, s, "home", now.Add(-1*time.Hour), steve, screening.Screen, reported)
	rang(t, s, "home", now, steve, screening.Ring, screening.Reason{Code: screening.CodeContact}, list("parish"))
	rang(t, s, "home", now, steve, screening.TurnAway, screening.Reason{Code: screening.CodeList}) // from before lists were named
	rang(t, s, "other", now, steve, screening.TurnAway, list("parish"))
	hits, err := s.ListHits(ctx, "home")
	must(t, err)
	for name, want := range map[string]ListHits{
		"county": {Knew: Hits{3, now.Add(-time.Hour)}}, "parish": {TurnedAway: Hits{2, now.Add(-2 * time.Hour)}, Knew: Hits{3, now}}, "unused": {},
	} {
		if got := hits[name]; !sameHits(got.TurnedAway, want.TurnedAway) || !sameHits(got.Knew, want.Knew) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func sameHits(a, b Hits) bool { return a.Count == b.Count && a.Last.Equal(b.Last) }

func TestKindsOfCallers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	choose(t, s, screening.Household{Mode: screening.KnownOnly, Policy: screening.Policy{PremiumRate: screening.Ring, Withheld: screening.Message}})
	now := time.Now().Truncate(time.Second)
	withheld := screening.Reason{Code: screening.CodeWithheld}
	rang(t, s, "home", now.Add(-time.Hour), "", screening.TurnAway, withheld)
	rang(t, s, "home", now, "", screening.Message, withheld)
	rang(t, s, "home", now, "", screening.Ring, withheld)
	rang(t, s, "home", now, "", screening.Message, screening.Reason{Code: screening.CodeUnknown}, withheld)
	rang(t, s, "other", now, "", screening.TurnAway, withheld)
	kinds, err := s.Kinds(ctx, "home")
	var want []Kind
	for _, kind := range screening.CallerKinds() {
		k := Kind{Code: kind.Code}
		switch kind.Code {
		case screening.CodeWithheld:
			k.Action, k.Hits = screening.Message, Hits{2, now}
		case screening.CodePremiumRate:
			k.Action = screening.Ring
		}
		want = append(want, k)
	}
	if err != nil || !slices.EqualFunc(kinds, want, func(a, b Kind) bool { return a.Code == b.Code && a.Action == b.Action && sameHits(a.Hits, b.Hits) }) {
		t.Errorf("%+v %v", kinds, err)
	}
}

// A year's calls are counted while somebody waits for the page.
func BenchmarkBlocks(b *testing.B) {
	s, _ := open(b)
	must(b, s.AddBlock(b.Context(), "home", screening.Block{Digits: "4420794", Prefix: true}, ""))
	_, err := s.Lists.Replace(b.Context(), "home", "parish", "", entries("442079460666"))
	must(b, err)
	_, err = s.write.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		INSERT INTO calls (household_id, channel, at_ms, said_number, said_name, said_pres, number, action, reasons, ended_ms)
		SELECT (SELECT id FROM households WHERE name = 'home'), '1.1', (unixepoch() + i) * 1000, '', '', '', 442079460000 + i % 1000,
			iif(i % 3, 'turn-away', 'screen'), json_array(json_object('code', iif(i % 3, 'block', 'unknown'), 'text', printf('%.100c', 'x')),
			json_object('code', 'reported', 'text', printf('%.100c', 'x'), 'list', 'parish')), unixepoch() * 1000 FROM n`)
	must(b, err)
	for _, page := range []struct {
		name string
		read func() error
	}{
		{"blocks", func() error { _, err := s.Blocks(b.Context(), "home"); return err }},
		{"lists", func() error { _, err := s.ListHits(b.Context(), "home"); return err }},
		{"kinds", func() error { _, err := s.Kinds(b.Context(), "home"); return err }},
	} {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				must(b, page.read())
			}
		})
	}
}
