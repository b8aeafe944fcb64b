package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/asterisk"
)

// reads is an Asterisk that reads its dialplan where it is written, when it is told to.
type reads struct {
	dir     string // "" reads another one
	loaded  string
	away    bool
	reloads int
}

func (r *reads) ReloadDialplan(context.Context) error {
	if r.away {
		return errors.New("connection refused")
	}
	r.reloads++
	if r.dir == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(r.dir, "extensions.conf"))
	r.loaded = string(text)
	return err
}

func (r *reads) Global(_ context.Context, name string) (string, error) {
	if r.away {
		return "", errors.New("connection refused")
	}
	_, after, _ := strings.Cut(r.loaded, name+" = ")
	value, _, _ := strings.Cut(after, "\n")
	return value, nil
}

// regionScene is a machine with two households and the Asterisk that it has configured.
func regionScene(t *testing.T) (home, *regions, *reads) {
	t.Helper()
	_, second, _ := strings.Cut(usualSettings, "[[household]]")
	second = "[[household]]" + strings.Replace(second, `"home"`, `"dad"`, 1)
	h := newHome(t, usualSettings+strings.Replace(second, "020 7946 0100", "+44 20 7946 0101", 1))
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	password, err := s.ariPassword(true)
	if err != nil {
		t.Fatal(err)
	}
	site, err := s.site(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.asteriskDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.asteriskDir(), "extensions.conf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := asterisk.WriteDialplan(s.asteriskDir(), site); err != nil {
		t.Fatal(err)
	}
	a := &reads{dir: s.asteriskDir()}
	if err := a.ReloadDialplan(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := newRegions(s, db, slog.New(slog.DiscardHandler))
	r.asterisk = a
	return h, r, a
}

func TestARegionHoldsWhereItIsChosen(t *testing.T) {
	_, r, a := regionScene(t)
	if err := r.follow(t.Context()); err != nil || r.Fault() != "" || a.reloads != 1 {
		t.Errorf("where nothing was chosen: %v %q, %d reloads", err, r.Fault(), a.reloads)
	}
	if err := r.Choose(t.Context(), "dad", "FR"); err != nil || r.Fault() != "" || a.reloads != 2 {
		t.Errorf("%v %q, %d reloads", err, r.Fault(), a.reloads)
	}
	if r.lines.Of("dad").Region != "FR" || r.wayOut("dad").Region != "FR" || r.lines.Of("home").Region != "GB" {
		t.Errorf("%+v %+v", r.lines.Of("dad"), r.lines.Of("home"))
	}
	if r.wayOut("dad").Trunk != "trunk-line" || r.wayOut("dad").Number != "+442079460101" {
		t.Errorf("%+v", r.wayOut("dad"))
	}
	// Another Ringfence that starts beside this Asterisk finds it as it should be.
	again := newRegions(r.written, r.db, r.log)
	again.asterisk = a
	if err := again.follow(t.Context()); err != nil || again.Fault() != "" || a.reloads != 2 || again.lines.Of("dad").Region != "FR" {
		t.Errorf("%v %q, %d reloads", err, again.Fault(), a.reloads)
	}
	if err := r.Choose(t.Context(), "dad", ""); err != nil || r.lines.Of("dad").Region != "GB" || !strings.Contains(a.loaded, "RF_REGION_dad = GB") {
		t.Errorf("%v %+v", err, r.lines.Of("dad"))
	}
}

// A region in which the line's numbers mean nothing is refused, and nothing is changed.
func TestARegionThatDoesNotFit(t *testing.T) {
	_, r, a := regionScene(t)
	for region, words := range map[string]string{"England": "not a region", "AD": "write its numbers there with +"} {
		if err := r.Choose(t.Context(), "home", region); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, not %q", region, err, words)
		}
	}
	if chosen, err := r.db.Regions(t.Context()); err != nil || len(chosen) != 0 || a.reloads != 1 {
		t.Errorf("%v %v", chosen, err)
	}
	// One that came with a backup, say, is passed over and told of; the other household's holds.
	if err := errors.Join(r.db.SetRegion(t.Context(), "home", "AD"), r.db.SetRegion(t.Context(), "dad", "FR"), r.follow(t.Context())); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"home": "GB", "dad": "FR"}; !maps.Equal(r.holds, want) || !strings.Contains(r.Fault(), "until then home is in GB") {
		t.Errorf("%v %q", r.holds, r.Fault())
	}
}

// Where Asterisk cannot be brought along it is said what to run, and tried again.
func TestARegionThatAsteriskDoesNotFollow(t *testing.T) {
	h, r, a := regionScene(t)
	choose := func(region, words string) {
		t.Helper()
		if err := r.Choose(t.Context(), "home", region); err != nil || !strings.Contains(r.Fault(), words) || r.lines.Of("home").Region != region {
			t.Errorf("%v, %q not %q; the scripts are in %s", err, r.Fault(), words, r.lines.Of("home").Region)
		}
	}
	a.away = true
	choose("IE", "start it (systemctl start ringfence-asterisk)")
	a.away = false
	if err := r.follow(t.Context()); err != nil || r.Fault() != "" || !strings.Contains(a.loaded, "RF_REGION_home = IE") {
		t.Errorf("when it is there again: %v %q", err, r.Fault())
	}
	a.dir = ""
	choose("GB", "run `ringfence asterisk config` for that folder and restart Asterisk")
	if err := os.Remove(filepath.Join(r.written.asteriskDir(), "extensions.conf")); err != nil {
		t.Fatal(err)
	}
	choose("GB", "run `ringfence asterisk config` for that folder")
	text, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.config, append(text, "[[household.phone]]\nname = \"bed\"\npassword = \"new\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	choose("GB", "ringfence.toml has changed since Ringfence was started")
}

func TestRegionOption(t *testing.T) {
	h := newHome(t, strings.Replace(usualSettings, "020 7946 0100", "+44 20 7946 0100", 1))
	h.says(0, "region is now US.\nAsterisk follows when its configuration is written", "option", "region", "US")
	h.says(0, "US\n", "option", "region")
	h.says(0, "screen", "lookup", "--json", "212 555 0123")
	h.says(0, "Anyone can fake that number", "lookup", "911")
	h.says(2, "not a region", "option", "region", "usa")
	h.says(0, "US\n", "option", "region")
	if out := h.says(0, "", "card"); !strings.Contains(out, "&#43;44 20 7946 0100") || !strings.Contains(out, "dial 911 as always") {
		t.Errorf("the card shows another number: %s", out)
	}
	h.says(0, "region is now GB.", "option", "region", "toml")
	h.says(2, "from 1 on", "option", "keep-days", "0")
	h.says(2, "1 to 3650 days", "option", "keep-days", "99999")
	h.says(0, "keep-days is now 90.", "option", "keep-days", "toml")
	h.says(0, "title is now home.", "option", "title", "toml")
	h.says(2, "longer than 60 letters", "option", "title", strings.Repeat("long ", 20))
}
