package app

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"

	"ringfence/app/doctor"
	"ringfence/config/configtest"
	"ringfence/screening"
	"ringfence/web/backend"
)

// The pages show what `ringfence check` finds on the machine, in the same words. What was not checked, or only needs attention, alarms nobody.
func TestPagesShowWhatTheDoctorFinds(t *testing.T) {
	s := configtest.Read(t, configtest.Usual)
	s.Web.Cert, s.Web.Key = filepath.Join(t.TempDir(), "cert.pem"), "key.pem" // neither is there
	db, err := OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	made, err := New(t.Context(), Options{Settings: s, Out: io.Discard, Log: slog.New(slog.DiscardHandler)}, db)
	if err != nil {
		t.Fatal(err)
	}
	changed, unsubscribe := made.Telephony.Changed()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); made.checkUp(ctx) }()
	<-changed
	unsubscribe()
	end()
	<-ended

	shown, seen := made.Telephony.Line("home").State().Parts, map[doctor.State]bool{}
	for _, f := range doctor.New(s).Machine(t.Context(), db) {
		if f.Check == "disk" { // how much is free changes
			continue
		}
		seen[f.State] = true
		level := map[doctor.State]string{doctor.OK: "ok", doctor.Skipped: "ok", doctor.Warning: "warn", doctor.Failed: "stop"}[f.State]
		if want := (backend.PartState{Level: level, What: screening.Capital(f.Part) + ":", Words: f.Text}); !slices.Contains(shown, want) {
			t.Errorf("the pages don't show %+v, but %+v", want, shown)
		}
	}
	if !seen[doctor.OK] || !seen[doctor.Skipped] || !seen[doctor.Failed] {
		t.Errorf("the doctor finds only %v", seen)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
