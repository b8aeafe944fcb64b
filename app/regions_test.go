package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/household"
	"ringfence/ivr/switchboard"
)

// reads is an Asterisk that reads its dialplan where it is written, when it is told to.
type reads struct {
	dir     string // "" reads another one
	loaded  string
	away    bool
	busy    bool // somebody is on the line
	reloads int
	state   switchboard.State
}

func (r *reads) InUse(context.Context) (bool, error) { return r.busy, nil }

// has says whether the dialplan that is loaded is for these regions that people have chosen.
func (r *reads) has(chosen map[string]string) bool {
	return strings.Contains(r.loaded, "RF_REGIONS = "+asterisk.RegionsDigest(chosen)+"\n")
}

func (r *reads) State() switchboard.State { return r.state }

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
func regionScene(t *testing.T) (config.Settings, *regions, *reads) {
	t.Helper()
	_, second, _ := strings.Cut(configtest.Usual, "[[household]]")
	second = "[[household]]" + strings.Replace(second, `"home"`, `"dad"`, 1)
	s := configtest.Read(t, configtest.Usual+strings.Replace(second, "020 7946 0100", "+44 20 7946 0101", 1))
	db, err := OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	password, err := s.MakeARIPassword()
	if err != nil {
		t.Fatal(err)
	}
	site, err := s.Site(password)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.AsteriskFolder(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.AsteriskFolder(), "extensions.conf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := asterisk.WriteDialplan(s.AsteriskFolder(), site); err != nil {
		t.Fatal(err)
	}
	a := &reads{dir: s.AsteriskFolder()}
	if err := a.ReloadDialplan(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := newRegions(config.NewCurrent(s), db, slog.New(slog.DiscardHandler))
	r.asterisk = a
	return s, r, a
}

// choose puts a household's line into a region, as a page does; "" is that of ringfence.toml.
func (r *regions) choose(ctx context.Context, name, region string) error {
	a := Admin(r.current.Settings(), r.db, name, household.Telephone)
	_, err := a.SetOptions(ctx, "", map[string]string{"region": cmp.Or(region, "toml")})
	return errors.Join(err, r.Follow(ctx))
}

func TestARegionHoldsWhereItIsChosen(t *testing.T) {
	_, r, a := regionScene(t)
	if err := r.Follow(t.Context()); err != nil || r.Fault() != "" || a.reloads != 1 {
		t.Errorf("where nothing was chosen: %v %q, %d reloads", err, r.Fault(), a.reloads)
	}
	if err := r.choose(t.Context(), "dad", "FR"); err != nil || r.Fault() != "" || a.reloads != 2 {
		t.Errorf("%v %q, %d reloads", err, r.Fault(), a.reloads)
	}
	if r.lines.Of("dad").Region != "FR" || r.wayOut("dad").Region != "FR" || r.lines.Of("home").Region != "GB" {
		t.Errorf("%+v %+v", r.lines.Of("dad"), r.lines.Of("home"))
	}
	if r.wayOut("dad").Trunk != "trunk-line" || r.wayOut("dad").Number != "+442079460101" {
		t.Errorf("%+v", r.wayOut("dad"))
	}
	// Another Ringfence that starts beside this Asterisk finds it as it should be.
	again := newRegions(r.current, r.db, r.log)
	again.asterisk = a
	if err := again.Follow(t.Context()); err != nil || again.Fault() != "" || a.reloads != 2 || again.lines.Of("dad").Region != "FR" {
		t.Errorf("%v %q, %d reloads", err, again.Fault(), a.reloads)
	}
	if err := r.choose(t.Context(), "dad", ""); err != nil || r.lines.Of("dad").Region != "GB" || !a.has(nil) {
		t.Errorf("%v %+v", err, r.lines.Of("dad"))
	}
}

// An Asterisk that could not read what people have chosen, as it started while the application ran, is told.
func TestARegionHoldsInAnAsteriskThatStartsAgain(t *testing.T) {
	_, r, a := regionScene(t)
	written := a.loaded
	a.state = switchboard.State{Connected: true, Since: time.Unix(1, 0)}
	if err := r.choose(t.Context(), "dad", "FR"); err != nil {
		t.Fatal(err)
	}
	a.state = switchboard.State{Since: time.Unix(2, 0)}
	a.away, a.loaded = true, written
	if err := r.Follow(t.Context()); err != nil || r.Fault() != "" {
		t.Errorf("while it is away: %v %q", err, r.Fault())
	}
	a.away, a.state = false, switchboard.State{Connected: true, Since: time.Unix(3, 0)}
	for range 2 {
		if err := r.Follow(t.Context()); err != nil || !a.has(map[string]string{"dad": "FR"}) || a.reloads != 3 {
			t.Errorf("when it is there again: %v, %d reloads, %q", err, a.reloads, r.Fault())
		}
	}
}

// A region in which the line's numbers mean nothing is refused, and nothing is changed.
func TestARegionThatDoesNotFit(t *testing.T) {
	_, r, a := regionScene(t)
	for region, words := range map[string]string{"England": "not a region", "AD": "write its numbers there with +"} {
		if err := r.choose(t.Context(), "home", region); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, not %q", region, err, words)
		}
	}
	if chosen, err := r.db.Regions(t.Context()); err != nil || len(chosen) != 0 || a.reloads != 1 {
		t.Errorf("%v %v", chosen, err)
	}
	// One that came with a backup, say, is passed over and told of; the other household's holds.
	if err := errors.Join(r.db.SetOption(t.Context(), "home", "region", "AD"), r.db.SetOption(t.Context(), "dad", "region", "FR"), r.Follow(t.Context())); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"home": "GB", "dad": "FR"}; !maps.Equal(r.inForce, want) || !strings.Contains(r.Fault(), "until then home is in GB") {
		t.Errorf("%v %q", r.inForce, r.Fault())
	}
}

// Where Asterisk cannot be brought along it is said what to run, and tried again.
func TestARegionThatAsteriskDoesNotFollow(t *testing.T) {
	s, r, a := regionScene(t)
	choose := func(region, words string) {
		t.Helper()
		if err := r.choose(t.Context(), "home", region); err != nil || !strings.Contains(r.Fault(), words) || r.lines.Of("home").Region != region {
			t.Errorf("%v, %q not %q; the scripts are in %s", err, r.Fault(), words, r.lines.Of("home").Region)
		}
	}
	a.away = true
	choose("IE", "start it (systemctl start ringfence-asterisk)")
	a.away = false
	if err := r.Follow(t.Context()); err != nil || r.Fault() != "" || !a.has(map[string]string{"home": "IE"}) {
		t.Errorf("when it is there again: %v %q", err, r.Fault())
	}
	a.dir = ""
	choose("GB", "run `ringfence asterisk config` for that folder and restart Asterisk")
	if err := os.Remove(filepath.Join(r.current.Settings().AsteriskFolder(), "extensions.conf")); err != nil {
		t.Fatal(err)
	}
	choose("GB", "run `ringfence asterisk config` for that folder")
	text, err := os.ReadFile(s.File)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.File, append(text, "[[household.phone]]\nname = \"bed\"\npassword = \"new\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	choose("GB", "ringfence.toml has changed since Ringfence was started")
}

// Beside an Asterisk with the dialplan of an earlier version, which names no regions, the new one waits until nobody is on the line. So it does if such
// a one comes back later, which only calls show.
func TestADialplanOfAnEarlierVersion(t *testing.T) {
	_, r, a := regionScene(t)
	const earlier = "[globals]\nRF_REGION_home = GB\nRF_REGION_dad = GB\n"
	follows := func(reloads int, words string) {
		t.Helper()
		if err := r.Follow(t.Context()); err != nil || a.reloads != reloads || (words == "") != (r.Fault() == "") || !strings.Contains(r.Fault(), words) {
			t.Errorf("%v, %d reloads, %q", err, a.reloads, r.Fault())
		}
	}
	a.loaded, a.busy = earlier, true
	follows(1, "once nobody is on the line")
	a.busy = false
	follows(2, "")
	follows(2, "")
	// Asterisk's globals outlive a reload.
	r.old.Store(true)
	a.busy = true
	follows(2, "once nobody is on the line")
	a.busy = false
	follows(3, "")
	follows(3, "")
}
