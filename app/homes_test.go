package app

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ringfence/app/ivrstore"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// ofDatabase are settings of a machine with a household in its database, and a copy of it.
func ofDatabase(t *testing.T) config.Settings {
	t.Helper()
	dir := t.TempDir()
	file, data := filepath.Join(dir, "ringfence.toml"), filepath.Join(dir, "data")
	if err := os.WriteFile(file, []byte("households = \"database\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := config.Read(file, data) // no household is there yet
	db, err := OpenStore(t.Context(), s)
	if err == nil {
		_, err = cell.Admin{Store: db, Settings: s, Actor: household.CommandLine, Now: time.Now()}.Import(t.Context(), []byte(configtest.Usual))
	}
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		s, err = s.Reread()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whatever becomes of the database and of the copy of its households, Asterisk starts with those that it last ran with.
func TestAsteriskStartsWithoutTheDatabase(t *testing.T) {
	for name, harm := range map[string]func(s config.Settings) error{
		"a damaged database": func(s config.Settings) error { return os.WriteFile(s.Database(), []byte("not a database"), 0o600) },
		"no database":        func(s config.Settings) error { return os.Remove(s.Database()) },
		"a damaged copy":     func(s config.Settings) error { return os.WriteFile(s.HomesFile(), []byte("[[household"), 0o600) },
		"no copy":            func(s config.Settings) error { return os.Remove(s.HomesFile()) },
	} {
		s := ofDatabase(t)
		k := &kept{AsteriskConfig: AsteriskConfig{File: s.File, Data: s.Data, Dir: s.AsteriskFolder(), Warnings: io.Discard}, log: slog.New(slog.DiscardHandler)}
		if err := os.MkdirAll(k.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		k.adopt(s)
		if err := harm(s); err != nil {
			t.Fatal(err)
		}
		now, err := config.Read(k.File, k.Data)
		if err != nil {
			now, _ = k.lastGood()
		}
		if !reflect.DeepEqual(now.Homes(), s.Homes()) {
			t.Errorf("with %s Asterisk starts with %+v", name, now.Homes())
		}
	}
}

// An application whose copy of the households is damaged or was never made makes it again.
func TestTheCopyOfTheHouseholdsIsMadeAgain(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s := ofDatabase(t)
	if err := os.WriteFile(s.HomesFile(), []byte("[[household"), 0o600); err != nil {
		t.Fatal(err)
	}
	if now, err := ReadSettings(t.Context(), s.File, s.Data, log); err != nil || !reflect.DeepEqual(now.Homes(), s.Homes()) {
		t.Errorf("a damaged one: %v %+v", err, now)
	}
	if err := os.Remove(s.HomesFile()); err != nil {
		t.Fatal(err)
	}
	none, _ := s.Reread()
	if now := withHomes(t.Context(), none, log); !reflect.DeepEqual(now.Homes(), s.Homes()) {
		t.Errorf("none: %+v", now)
	}
}

// A backup that has taken the place of a damaged database knows an older state: the households that people can ring stay. One that somebody has restored
// counts.
func TestHouseholdsStayWhereTheDatabaseWasLost(t *testing.T) {
	s := ofDatabase(t)
	o := Options{Settings: s, Log: slog.New(slog.DiscardHandler)}
	older := func() *store.Store {
		t.Helper()
		if err := datafolder.ForgetDatabase(s.Data); err != nil {
			t.Fatal(err)
		}
		db, err := OpenStore(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		other := strings.NewReplacer(`"home"`, `"other"`).Replace(configtest.Usual)
		restored := s.WithHouseholdsOf(configtest.Read(t, other))
		restored.HouseholdsIn = config.InDatabase
		if err := cell.Restore(t.Context(), db, restored); err != nil {
			t.Fatal(err)
		}
		return db
	}
	o.homesLost = true
	if now, err := followHomes(t.Context(), older(), o); err != nil || !reflect.DeepEqual(now.HouseholdNames(), []string{"home"}) {
		t.Errorf("where it was lost: %v %v", err, now.HouseholdNames())
	}
	o.homesLost = false
	if now, err := followHomes(t.Context(), older(), o); err != nil || !reflect.DeepEqual(now.HouseholdNames(), []string{"other"}) {
		t.Errorf("where a backup was restored: %v %v", err, now.HouseholdNames())
	}
}

// What a household has recorded leaves Asterisk's folder with the household, and is there again when it comes back.
func TestPhrasesOfARemovedHousehold(t *testing.T) {
	_, r, _ := regionScene(t)
	sounds := ivrstore.Sounds{Store: r.db, Folder: filepath.Join(r.current.Settings().AsteriskFolder(), "sounds")}
	own := filepath.Join(sounds.Folder, "own", "dad", store.PhraseGreeting+".wav")
	if err := r.db.SetPhrase(t.Context(), "dad", store.PhraseGreeting, aSound()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		households []string
		there      bool
	}{{[]string{"home", "dad"}, true}, {[]string{"home"}, false}, {[]string{"home", "dad"}, true}} {
		if err := sounds.PublishAll(t.Context(), c.households); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(own); (err == nil) != c.there {
			t.Errorf("with %v: %v", c.households, err)
		}
	}
}
