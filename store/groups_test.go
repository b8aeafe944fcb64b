package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/store/columns"
	"ringfence/store/outbox"
)

// joinedGroup lets the household join a group.
func joinedGroup(t *testing.T, s *Store, household string) outbox.Group {
	t.Helper()
	id, err := s.Outbox.JoinGroup(t.Context(), outbox.Group{Household: household, Name: "Great Dunmow", URL: "https://hub.example", Joined: time.Now(), By: "Susan", From: time.Now()}, "rfk_secret")
	must(t, err)
	g, err := s.Outbox.Group(t.Context(), household, id)
	must(t, err)
	return g
}

// Long: one story, each step of which rests on those before it.
func TestGroups(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	g := joinedGroup(t, s, "home")
	if g.Name != "Great Dunmow" || g.By != "Susan" || time.Since(g.Joined) > time.Minute || !g.From.Equal(g.Joined) || !g.Left.IsZero() || g.Paused {
		t.Errorf("%+v", g)
	}
	if _, err := s.Outbox.JoinGroup(ctx, g, "another"); !errors.Is(err, outbox.ErrGroupJoined) {
		t.Error("twice", err)
	}
	if _, err := s.Outbox.JoinGroup(ctx, outbox.Group{Household: "nowhere", URL: "https://hub.example"}, "key"); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
	joinedGroup(t, s, "other") // another household's is another key
	for household, id := range map[string]int64{"other": g.ID, "home": 99} {
		for name, err := range map[string]error{
			"leave": s.Outbox.LeaveGroup(ctx, household, id, time.Now()), "pause": s.Outbox.PauseGroup(ctx, household, id, true), "earlier": s.Outbox.SendEarlier(ctx, household, id),
		} {
			if !errors.Is(err, outbox.ErrNoGroup) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Outbox.Group(ctx, household, id); !errors.Is(err, outbox.ErrNoGroup) {
			t.Error(err)
		}
	}
	must(t, s.Outbox.GroupFailed(ctx, g.ID, "The hub cannot be reached.", time.Unix(2_000_000_000, 0)))
	must(t, s.Outbox.PauseGroup(ctx, "home", g.ID, true))
	must(t, s.Outbox.SendEarlier(ctx, "home", g.ID))
	g, err := s.Outbox.Group(ctx, "home", g.ID)
	if err != nil || !g.Paused || !g.From.IsZero() || g.Failures != 1 || g.Error != "The hub cannot be reached." || !g.Next.IsZero() {
		t.Errorf("%+v %v", g, err)
	}
	if key, err := s.Outbox.GroupKey(ctx, g.ID); err != nil || key != "rfk_secret" {
		t.Error(key, err)
	}
	must(t, s.Outbox.LeaveGroup(ctx, "home", g.ID, time.Now()))
	if key, err := s.Outbox.GroupKey(ctx, g.ID); !errors.Is(err, outbox.ErrNoGroup) {
		t.Error(key, err)
	}
	var kept string
	must(t, s.read.QueryRow("SELECT group_concat(key) FROM joined_groups WHERE household_id = (SELECT id FROM households WHERE name = 'home')").Scan(&kept))
	if strings.Contains(kept, "secret") {
		t.Error("the key is still there")
	}
	again := joinedGroup(t, s, "home")
	all, err := s.Outbox.Groups(ctx, "home")
	if err != nil || len(all) != 2 || all[0].ID != again.ID || all[1].ID != g.ID || all[1].Left.IsZero() {
		t.Errorf("%+v %v", all, err)
	}
	if all, err := s.Outbox.JoinedGroups(ctx); err != nil || len(all) != 2 {
		t.Errorf("%+v %v", all, err)
	}
	must(t, s.Outbox.ReportSent(ctx, g.ID, outbox.SentReport{Number: steve, Kind: outbox.SaysFor, Category: "bank", Body: "{}", At: time.Now()}))
	must(t, s.expire(ctx, time.Now().Add(-time.Hour), time.Now()))
	if sent, err := s.Outbox.SentReports(ctx, g.ID, 10); err != nil || len(sent) != 1 {
		t.Errorf("%+v %v", sent, err)
	}
	must(t, s.expire(ctx, time.Now().Add(time.Hour), time.Now()))
	if all, err := s.Outbox.Groups(ctx, "home"); err != nil || len(all) != 1 || all[0].ID != again.ID {
		t.Errorf("%+v %v", all, err)
	}
	if sent, err := s.Outbox.SentReports(ctx, g.ID, 10); err != nil || len(sent) != 0 {
		t.Errorf("%+v %v", sent, err)
	}
}

// What stands beside what a group was told last, for each number.
func TestGroupReports(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	g, others := joinedGroup(t, s, "home"), joinedGroup(t, s, "other")
	reports := func(want int) []outbox.GroupReport {
		t.Helper()
		all, err := s.Outbox.GroupReports(ctx, g.ID)
		if err != nil || len(all) != want {
			t.Fatalf("%+v %v", all, err)
		}
		return all
	}
	must(t, s.ReportNumber(ctx, "home", steve, "bank", "Susan"))
	must(t, s.ReportNumber(ctx, "other", joan, "bank", "Susan"))
	if r := reports(1)[0]; r.Number != steve || r.Report == nil || r.Report.Category != "bank" || time.Since(r.Changed) > time.Minute || r.Contact || r.Tried != nil || r.Taken != nil {
		t.Errorf("%+v", r)
	}
	at := time.Unix(1_800_000_000, 0)
	first := outbox.SentReport{Number: steve, Kind: outbox.SaysFor, Category: "bank", Body: `{"number":"x"}`, At: at}
	second := outbox.SentReport{Number: steve, Kind: outbox.SaysFor, Category: "tax", Body: `{}`, At: at, Refused: "no"}
	must(t, s.Outbox.GroupFailed(ctx, g.ID, "trouble", at))
	must(t, s.Outbox.ReportSent(ctx, g.ID, first))
	must(t, s.Outbox.ReportSent(ctx, g.ID, second))
	if r := reports(1)[0]; r.Tried == nil || *r.Tried != second || r.Taken == nil || *r.Taken != first {
		t.Errorf("%+v", r)
	}
	if g, err := s.Outbox.Group(ctx, "home", g.ID); err != nil || g.Failures != 0 || g.Error != "" {
		t.Errorf("%+v %v", g, err)
	}
	if sent, err := s.Outbox.SentReports(ctx, g.ID, 1); err != nil || len(sent) != 1 || sent[0] != second {
		t.Errorf("%+v %v", sent, err)
	}
	if sent, err := s.Outbox.SentReports(ctx, others.ID, 10); err != nil || len(sent) != 0 {
		t.Errorf("%+v %v", sent, err)
	}
	_, err := s.WithdrawReport(ctx, "home", steve)
	must(t, err)
	if r := reports(1)[0]; r.Report != nil || r.Taken == nil {
		t.Errorf("%+v", r)
	}
	must(t, s.AddContact(ctx, "home", "Steve", steve))
	if r := reports(1)[0]; r.Report != nil || !r.Contact {
		t.Errorf("%+v", r)
	}
	// One that was never sent and does not stand is nothing to speak of.
	must(t, s.ReportNumber(ctx, "home", joan, "bank", ""))
	reports(2)
	_, err = s.WithdrawReport(ctx, "home", joan)
	must(t, err)
	reports(1)
}

// A report changes when its category does, and not by the telephone, which knows none.
func TestWhenAReportChanged(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	g := joinedGroup(t, s, "home")
	changed := func() time.Duration {
		t.Helper()
		all, err := s.Outbox.GroupReports(ctx, g.ID)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		return time.Since(all[0].Changed).Round(time.Hour)
	}
	must(t, s.ReportNumber(ctx, "home", steve, CategoryOther, ByTelephone))
	_, err := s.write.Exec("UPDATE reports SET at = at - 7200, changed_at = changed_at - 7200")
	must(t, err)
	must(t, s.ReportNumber(ctx, "home", steve, CategoryOther, ByTelephone))
	if got := changed(); got != 2*time.Hour {
		t.Error(got)
	}
	must(t, s.ReportNumber(ctx, "home", steve, CategoryOther, "Susan")) // the same
	if got := changed(); got != 2*time.Hour {
		t.Error(got)
	}
	must(t, s.ReportNumber(ctx, "home", steve, "bank", "Susan"))
	if got := changed(); got != 0 {
		t.Error(got)
	}
}
