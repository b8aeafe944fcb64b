package config_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/config/configtest"
)

// text is anything that somebody may have written into a setting.
func text(r *rand.Rand) string {
	some := []string{"", "a", `"`, `\`, "line", "020 7946 0100", "é", "\n", "#", "'''", "]", "=", "file:/etc/x", " ", "\t", "😀"}
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(some[r.IntN(len(some))])
	}
	return b.String()
}

func texts(r *rand.Rand) (all []string) {
	for range r.IntN(3) {
		all = append(all, text(r))
	}
	return all
}

func maybe(r *rand.Rand) *bool {
	yes := r.IntN(2) == 0
	return []*bool{nil, &yes}[r.IntN(2)]
}

// someHomes are lines and households as nobody would have them.
func someHomes(r *rand.Rand) (homes config.Homes) {
	for range r.IntN(4) {
		homes.Trunks = append(homes.Trunks, config.Trunk{
			Name: text(r), Address: text(r), Register: r.IntN(2) == 0, User: text(r), Password: text(r), TLS: r.IntN(2) == 0, CA: text(r), SRTP: r.IntN(2) == 0,
			SRV: r.IntN(2) == 0, IPv6: r.IntN(2) == 0, Accept: texts(r), Codecs: text(r), Qualify: maybe(r), Router: maybe(r), Attestation: text(r), Calls: r.IntN(3), FromOne: r.IntN(3),
		})
	}
	for range r.IntN(4) {
		h := config.Household{
			Name: text(r), Trunk: text(r), Number: text(r), Region: "GB" + text(r), Language: text(r), Timezone: text(r), Telecare: texts(r),
		}
		for range r.IntN(3) {
			h.Phones = append(h.Phones, config.Phone{Name: text(r), Password: text(r), Address: text(r), IPv6: r.IntN(2) == 0, Qualify: maybe(r)})
		}
		for range r.IntN(3) {
			if h.Codes == nil {
				h.Codes = map[string]string{}
			}
			h.Codes["c"+text(r)] = text(r)
		}
		homes.Households = append(homes.Households, h)
	}
	return homes
}

// What is exported is imported just so, whatever it is.
func TestExportedHomesAreImportedJustSo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		homes := someHomes(r)
		written, err := homes.TOML()
		if err != nil {
			t.Fatal(err)
		}
		if read, err := config.HomesIn(written); err != nil || !reflect.DeepEqual(read, homes) {
			t.Fatalf("%v\n%s\nis read as\n%+v, not\n%+v", err, written, read, homes)
		}
	}
}

// The settings that Homes says nothing of would be lost on the way into the database: every field of a block has its name in ringfence.toml.
func TestEveryFieldOfABlockIsWritten(t *testing.T) {
	for _, block := range []any{config.Trunk{}, config.Household{}, config.Phone{}} {
		of := reflect.TypeOf(block)
		for i := range of.NumField() {
			if f := of.Field(i); f.Tag.Get("toml") == "" || f.Tag.Get("toml") == "-" && f.Name != "FileRegion" {
				t.Errorf("%s.%s has no name", of, f.Name)
			}
		}
	}
}

// inDatabase has settings whose lines and households are in the database, with a copy of them; "" is none.
func inDatabase(t *testing.T, more, homes string) (file, data string) {
	t.Helper()
	file, data = filepath.Join(t.TempDir(), "ringfence.toml"), t.TempDir()
	if err := os.WriteFile(file, []byte("households = \"database\"\n"+more), 0o600); err != nil {
		t.Fatal(err)
	}
	if homes != "" {
		if err := os.WriteFile(filepath.Join(data, "households.toml"), []byte(homes), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, data
}

func TestHouseholdsOfTheDatabase(t *testing.T) {
	file, data := inDatabase(t, "region = \"IE\"\n", strings.Replace(configtest.Usual, "020 7946 0100", "+442079460100", 1))
	s, err := config.Read(file, data)
	if err != nil || !s.InDatabase() || s.Named("home").Region != "IE" || s.Named("home").FileRegion != "IE" || s.Named("home").Language != "en-GB" || len(s.Trunks) != 1 {
		t.Errorf("%v %+v", err, s)
	}
	if _, problems := config.Check([]byte("households = \"database\"\n"), file, data); config.Refused(problems, "") != nil {
		t.Errorf("it is refused: %+v", problems)
	}
	// None is there yet.
	file, data = inDatabase(t, "", "")
	if s, err := config.Read(file, data); !errors.Is(err, config.ErrNoHousehold) || !strings.Contains(err.Error(), "ringfence household add") || !s.InDatabase() {
		t.Errorf("without any: %v", err)
	}
	// A line alone is the first that somebody adds.
	file, data = inDatabase(t, "", "[[trunk]]\nname = \"line\"\naddress = \"127.0.0.2\"\n")
	if _, err := config.Read(file, data); !errors.Is(err, config.ErrNoHousehold) || config.IsHomesFault(err) {
		t.Errorf("with a line alone: %v", err)
	}
	for homes, want := range map[string]string{
		"[[household]\n": "line 1", "colour = 1": "no setting called", strings.Replace(configtest.Usual, `"home"`, "\"home\"\nregion = \"x\"", 1): "is not a country",
	} {
		file, data := inDatabase(t, "", homes)
		if s, err := config.Read(file, data); !config.IsHomesFault(err) || !strings.Contains(err.Error(), want) || !s.InDatabase() || len(s.Households) != 0 {
			t.Errorf("%q: %v", homes, err)
		}
	}
}

// Nobody is to look for a household where it does not count.
func TestHouseholdsAreInOnePlace(t *testing.T) {
	file, data := inDatabase(t, "\n"+configtest.Usual, configtest.Usual)
	if _, err := config.Read(file, data); err == nil || !strings.Contains(err.Error(), "line 4: lines and households are in the database") {
		t.Error(err)
	}
	if _, err := config.Parse([]byte("households = \"cloud\"\n" + configtest.Usual)); err == nil || !strings.Contains(err.Error(), `households must be "file" or "database", not "cloud"`) {
		t.Error(err)
	}
	// In the file, a copy that was left counts for nothing.
	if err := os.WriteFile(file, []byte(configtest.Usual), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "households.toml"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := config.Read(file, data); err != nil || s.InDatabase() || len(s.Households) != 1 {
		t.Errorf("%v %+v", err, s)
	}
}

// A change of the copy is noticed at the first look, because no half of it can be read.
func TestTheCopyOfTheDatabaseIsWatched(t *testing.T) {
	file, data := inDatabase(t, "", configtest.Usual)
	w := config.Watch(file, data)
	if _, changed, err := w.Changed(); changed || err != nil {
		t.Errorf("unchanged: %v %v", changed, err)
	}
	more := configtest.Usual + "[[household.phone]]\nname = \"attic\"\npassword = \"six quiet owls in an attic\"\n"
	if err := os.WriteFile(filepath.Join(data, "households.toml"), []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, changed, err := w.Changed(); !changed || err != nil || len(s.Households[0].Phones) != 2 {
		t.Errorf("changed: %v %v", changed, err)
	}
	if _, changed, err := w.Changed(); changed || err != nil {
		t.Errorf("once: %v %v", changed, err)
	}
	// From the database into the file, and back.
	for _, text := range []string{configtest.Usual, "households = \"database\"\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		found := false
		for range 3 {
			s, changed, err := w.Changed()
			found = found || changed && err == nil && s.InDatabase() == (text != configtest.Usual)
		}
		if !found {
			t.Errorf("%q was not noticed", text)
		}
	}
}

// Lines and households are replaced; who looks them up finds the new ones, and those that are gone are not there.
func TestCurrentSettings(t *testing.T) {
	s := configtest.Read(t, configtest.Usual)
	c := config.NewCurrent(s)
	before := c.Version()
	other := s.WithHouseholdsOf(configtest.Read(t, strings.NewReplacer(`"home"`, `"mum"`, `"line"`, `"mums"`).Replace(configtest.Usual)))
	if !s.SameMachine(other) || !other.SameMachine(s) {
		t.Error("other households make another machine")
	}
	changed := other
	changed.KeepDays = 5
	if s.SameMachine(changed) {
		t.Error("another setting makes no other machine")
	}
	c.Replace(other)
	if c.Version() == before || c.Named("home").Name != "" || c.Trunk("line").Name != "" || c.Named("mum").Trunk != "mums" || c.Trunk("mums").Address != "127.0.0.2" {
		t.Errorf("%+v", c.Settings())
	}
	if got := c.Endpoints()["mum"]; len(got) != 1 || got[0] != "mum-hall" || c.Contacts()["trunk-mums"] != "sip:127.0.0.2:5060" || c.HouseholdNames()[0] != "mum" {
		t.Errorf("%v %v %v", got, c.Contacts(), c.HouseholdNames())
	}
}
