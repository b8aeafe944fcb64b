package store

import (
	"errors"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
)

func TestNotices(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	call := aCall(t, s, "home", now, joan, "")
	must(t, s.AddNotice(ctx, "home", now.Add(-time.Hour), NoticeDiskFull, "old", 0))
	must(t, s.AddNotice(ctx, "home", now, NoticeSentAway, "new", call))
	must(t, s.AddNotice(ctx, "home", now, NoticeMessageLeft, "newest", call))
	if s.AddNotice(ctx, "home", now, "weather", "text", 0) == nil || s.AddNotice(ctx, "home", now, NoticeSentAway, "text", 999) == nil {
		t.Error("a notice of no kind, or of no call")
	}
	notices, err := s.Notices(ctx, "home", 2)
	if err != nil || len(notices) != 2 || notices[0].Text != "newest" || notices[1].Text != "new" {
		t.Fatalf("%+v %v", notices, err)
	}
	if n := notices[1]; n.Kind != NoticeSentAway || n.Call != call || !n.At.Equal(now) || n.ID == notices[0].ID {
		t.Errorf("%+v", n)
	}
	must(t, s.Expire(ctx, now.Add(-time.Minute)))
	if notices, err := s.Notices(ctx, "home", 10); err != nil || len(notices) != 2 {
		t.Errorf("%+v %v", notices, err)
	}
}

func TestLastNotices(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	must(t, s.EnsureHousehold(ctx, "next door"))
	last := func() map[string]Notice {
		t.Helper()
		last, err := s.LastNotices(ctx, NoticeLineDown, NoticeLineUp)
		must(t, err)
		return last
	}
	if n := last(); len(n) != 0 {
		t.Errorf("%+v", n)
	}
	must(t, s.AddNotice(ctx, "home", now, NoticeLineUp, "", 0))
	must(t, s.AddNotice(ctx, "home", now, NoticeLineDown, "down", 0))
	must(t, s.AddNotice(ctx, "home", now.Add(time.Hour), NoticeDiskFull, "", 0))
	must(t, s.AddNotices(ctx, []string{"next door"}, now, NoticeLineUp, "up"))
	if n := last(); n["home"].Kind != NoticeLineDown || n["home"].Text != "down" || !n["home"].At.Equal(now) || n["next door"].Text != "up" || len(n) != 2 {
		t.Errorf("%+v", n)
	}
	must(t, s.AddNotice(ctx, "home", now.Add(-365*24*time.Hour), NoticeLineUp, "the clock was a year ahead", 0))
	if n := last()["home"]; n.Kind != NoticeLineUp {
		t.Errorf("after the clock was put right: %+v", n)
	}
	if err := s.AddNotices(ctx, []string{"next door", "elsewhere"}, now, NoticeLineDown, "down"); !errors.Is(err, columns.ErrNoHousehold) || last()["next door"].Text != "up" {
		t.Errorf("of a household that there is not: %v", err)
	}
}

func TestCallIsOpen(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.EnsureHousehold(ctx, "elsewhere"))
	over := aCall(t, s, "home", time.Now(), joan, "")
	goes, err := s.CallArrived(ctx, "home", "2", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	must(t, err)
	for _, c := range []struct {
		household   string
		call        int64
		there, open bool
	}{{"home", goes, true, true}, {"home", over, true, false}, {"elsewhere", goes, false, false}, {"home", 999, false, false}} {
		if there, open, err := s.CallIsOpen(ctx, c.household, c.call); err != nil || there != c.there || open != c.open {
			t.Errorf("%+v: %v %v %v", c, there, open, err)
		}
	}
}

// The dialplan tells of the same emergency call with every call after it; the carers are told once.
func TestOneNoticeOfAnEmergencyCall(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	at := time.Now().Add(-200 * 24 * time.Hour)
	for range 3 {
		must(t, s.EmergencyDialled(ctx, "home", at, "999"))
	}
	must(t, s.EmergencyDialled(ctx, "home", at.Add(time.Hour), ""))
	notices, err := s.Notices(ctx, "home", 10)
	if err != nil || len(notices) != 2 || notices[1].Kind != NoticeEmergencyDialled || notices[1].Text != "999 was dialled from the house." ||
		notices[0].Text != "An emergency number was dialled from the house." {
		t.Errorf("%+v %v", notices, err)
	}
	// Nor when all of that is long past and the dialplan still knows it.
	must(t, s.Expire(ctx, time.Now()))
	must(t, s.EmergencyDialled(ctx, "home", at.Add(time.Hour), ""))
	if notices, err := s.Notices(ctx, "home", 10); err != nil || len(notices) != 0 {
		t.Errorf("%+v %v", notices, err)
	}
	var kept int
	must(t, s.read.QueryRow("SELECT count(*) FROM emergencies").Scan(&kept))
	if kept != 1 {
		t.Errorf("%d emergency calls are kept for ever", kept)
	}
}

func TestDialledNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	must(t, s.NumberDialled(ctx, "home", joan, now.Add(-time.Hour)))
	must(t, s.NumberDialled(ctx, "home", steve, now.Add(-2*time.Hour)))
	must(t, s.NumberDialled(ctx, "home", steve, now))
	must(t, s.NumberDialled(ctx, "home", steve, now.Add(-time.Minute))) // told late
	must(t, s.NumberDialled(ctx, "home", "101", now.Add(-400*24*time.Hour)))
	for _, n := range []screening.Number{"", "anonymous"} {
		if s.NumberDialled(ctx, "home", n, now) == nil {
			t.Errorf("%q was dialled", n)
		}
	}
	_, known, err := s.Situation(ctx, "home", steve)
	if err != nil || !known.Dialled.Equal(now) || known.Contact != nil || !known.Emergency.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
	for household, number := range map[string]screening.Number{"other": steve, "home": "+442079460999"} {
		if _, known, err := s.Situation(ctx, household, number); err != nil || !known.Dialled.IsZero() {
			t.Errorf("%s %s: %+v %v", household, number, known, err)
		}
	}
	must(t, s.Expire(ctx, now))
	numbers, err := s.Dialled(ctx, "home")
	if err != nil || len(numbers) != 2 || numbers[0].Number != steve || !numbers[0].At.Equal(now) || numbers[1].Number != joan {
		t.Errorf("%+v %v", numbers, err)
	}
	if numbers, err := s.Dialled(ctx, "other"); err != nil || len(numbers) != 0 {
		t.Errorf("%+v %v", numbers, err)
	}
	if gone, err := s.ForgetDialled(ctx, "other", steve); gone || err != nil {
		t.Error(gone, err)
	}
	if gone, err := s.ForgetDialled(ctx, "home", steve); !gone || err != nil {
		t.Error(gone, err)
	}
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || !known.Dialled.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
}
