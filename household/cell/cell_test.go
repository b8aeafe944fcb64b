package cell_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// machine is one with its households in the database.
type machine struct {
	*testing.T
	cell.Admin
	file, data string
}

func newMachine(t *testing.T, more ...string) *machine {
	t.Helper()
	m := &machine{T: t, file: filepath.Join(t.TempDir(), "ringfence.toml"), data: filepath.Join(t.TempDir(), "data")}
	m.must(os.WriteFile(m.file, []byte("households = \"database\"\n"+strings.Join(more, "\n")), 0o600))
	m.must(datafolder.Make(m.data))
	s, err := config.Read(m.file, m.data)
	if !errors.Is(err, config.ErrNoHousehold) {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), s.Database())
	m.must(err)
	t.Cleanup(func() { m.must(db.Close()) })
	m.Admin = cell.Admin{Store: db, Settings: s, Actor: household.CommandLine, Now: time.Now()}
	return m
}

func (m *machine) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// read is what Ringfence's programs read.
func (m *machine) read() config.Settings {
	m.Helper()
	s, err := config.Read(m.file, m.data)
	m.must(err)
	return s
}

// home adds a line and a household on it.
func (m *machine) home() cell.Done {
	m.Helper()
	_, err := m.AddTrunk(m.Context(), "line", cell.Fields{"address": "127.0.0.2"})
	m.must(err)
	done, err := m.AddHousehold(m.Context(), "home", cell.Fields{"trunk": "line", "number": "020 7946 0100"}, []cell.PhoneChange{{Name: "hall"}})
	m.must(err)
	return done
}

// refused says that a deed is refused with these words, and that nothing has changed.
func (m *machine) refused(words string, deed func() (cell.Done, error)) {
	m.Helper()
	before, lines := m.all(), len(m.log())
	_, err := deed()
	var refusal *household.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Sentence, words) {
		m.Errorf("%v, not %q", err, words)
	}
	if m.all() != before || len(m.log()) != lines {
		m.Errorf("what was refused with %q has changed something", words)
	}
}

func (m *machine) all() string {
	m.Helper()
	homes, err := m.Store.Homes(m.Context())
	m.must(err)
	copied, _ := os.ReadFile(m.Settings.HomesFile()) // there may be none yet
	return fmt.Sprint(homes) + string(copied)
}

func (m *machine) log() (lines []store.AuditLine) {
	m.Helper()
	for _, household := range []string{"", "home", "mum"} {
		some, err := m.Store.AuditLog(m.Context(), household, 0, 50)
		m.must(err)
		lines = append(lines, some...)
	}
	return lines
}

func TestHouseholdsComeChangeAndGo(t *testing.T) {
	m := newMachine(t)
	done := m.home()
	if len(done.Logins) != 1 || done.Logins[0].User != "home-hall" || len(done.Logins[0].Password) < 12 || done.Sentence != "Added the household home, on the line line, number 020 7946 0100, with the phone hall." {
		t.Errorf("%+v", done)
	}
	if s := m.read(); s.Named("home").Phones[0].Password != done.Logins[0].Password || s.Trunks[0].Address != "127.0.0.2" {
		t.Errorf("%+v", s)
	}
	done, err := m.ChangeHousehold(t.Context(), "home", cell.Fields{"timezone": "Europe/Dublin", "telecare": "01632 960222"}, []cell.PhoneChange{
		{Name: "attic", Fields: cell.Fields{"address": "127.0.0.9:5060"}}, {Name: "kitchen"}, {Name: "hall", NewPassword: true},
	})
	if err != nil || len(done.Logins) != 2 {
		t.Errorf("%v %+v", err, done)
	}
	if h := m.read().Named("home"); len(h.Phones) != 3 || h.Timezone != "Europe/Dublin" || !reflect.DeepEqual(h.Telecare, []string{"01632 960222"}) {
		t.Errorf("%+v", h)
	}
	_, err = m.ChangeHousehold(t.Context(), "home", cell.Fields{"timezone": "", "codes.messages": ""}, []cell.PhoneChange{{Name: "kitchen", Remove: true}})
	m.must(err)
	if h := m.read().Named("home"); len(h.Phones) != 2 || h.Timezone != "" || h.Codes["messages"] != "" || len(h.Codes) != 1 {
		t.Errorf("%+v", h)
	}
	_, err = m.ChangeTrunk(t.Context(), "line", cell.Fields{"calls": "40", "accept": "192.0.2.1, 192.0.2.8/29", "qualify": "false"})
	m.must(err)
	if trunk := m.read().Trunks[0]; trunk.Calls != 40 || len(trunk.Accept) != 2 || trunk.Qualify == nil || *trunk.Qualify {
		t.Errorf("%+v", trunk)
	}
	_, err = m.AddHousehold(t.Context(), "mum", cell.Fields{"trunk": "line", "number": "020 7946 0101"}, []cell.PhoneChange{{Name: "hall"}})
	m.must(err)
	_, err = m.RemoveHousehold(t.Context(), "mum", false)
	m.must(err)
	if s := m.read(); len(s.Households) != 1 {
		t.Errorf("%+v", s.Households)
	}
	if _, err := m.Store.About(t.Context(), "mum"); err != nil {
		t.Errorf("what is kept about it has gone: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	m := newMachine(t)
	m.home()
	ctx := t.Context()
	phone := []cell.PhoneChange{{Name: "hall"}}
	for words, deed := range map[string]func() (cell.Done, error){
		"There is a household home already": func() (cell.Done, error) { return m.AddHousehold(ctx, "home", cell.Fields{"trunk": "line"}, phone) },
		"There is no household mum":         func() (cell.Done, error) { return m.ChangeHousehold(ctx, "mum", cell.Fields{"number": "1"}, nil) },
		"names the trunk \"lime\"":          func() (cell.Done, error) { return m.AddHousehold(ctx, "mum", cell.Fields{"trunk": "lime"}, phone) },
		"has no phone: add a phone":         func() (cell.Done, error) { return m.AddHousehold(ctx, "mum", cell.Fields{"trunk": "line"}, nil) },
		"cannot be used":                    func() (cell.Done, error) { return m.AddHousehold(ctx, "Mum!", cell.Fields{"trunk": "line"}, phone) },
		`there is no setting called "colour"`: func() (cell.Done, error) {
			return m.ChangeHousehold(ctx, "home", cell.Fields{"colour": "red"}, nil)
		},
		"name can't be set":       func() (cell.Done, error) { return m.ChangeHousehold(ctx, "home", cell.Fields{"name": "mum"}, nil) },
		"the number of household": func() (cell.Done, error) { return m.ChangeHousehold(ctx, "home", cell.Fields{"number": "999"}, nil) },
		"and set it here and in the phone": func() (cell.Done, error) {
			return m.ChangeHousehold(ctx, "home", nil, []cell.PhoneChange{{Name: "hall", Fields: cell.Fields{"password": "1234"}}})
		},
		"home has no phone cellar": func() (cell.Done, error) {
			return m.ChangeHousehold(ctx, "home", nil, []cell.PhoneChange{{Name: "cellar", Remove: true}})
		},
		"This is the only household":   func() (cell.Done, error) { return m.RemoveHousehold(ctx, "home", false) },
		"The household home has the":   func() (cell.Done, error) { return m.RemoveTrunk(ctx, "line") },
		"There is no line lime":        func() (cell.Done, error) { return m.RemoveTrunk(ctx, "lime") },
		"There is a line line already": func() (cell.Done, error) { return m.AddTrunk(ctx, "line", cell.Fields{"address": "127.0.0.3"}) },
		"line 5: ": func() (cell.Done, error) {
			return m.Import(ctx, []byte("[[trunk]]\nname = \"a\"\naddress = \"127.0.0.3\"\n\n[[household]]\nname = \"mum\"\ntrunk = \"b\"\n"))
		},
		"line 2: there is no setting": func() (cell.Done, error) { return m.Import(ctx, []byte("[[trunk]]\nnome = \"a\"\n")) },
		"There is no [[household]]":   func() (cell.Done, error) { return m.Import(ctx, []byte("keep_days = 5\n")) },
		"line 4: two trunks are called": func() (cell.Done, error) {
			return m.Import(ctx, []byte("[[trunk]]\nname = \"a\"\naddress = \"127.0.0.3\"\n[[trunk]]\nname = \"a\"\naddress = \"127.0.0.3\"\n"))
		},
	} {
		m.refused(words, deed)
	}
	m.Settings.HouseholdsIn = config.InFile
	m.refused("The households of this machine are in ringfence.toml", func() (cell.Done, error) { return m.RemoveTrunk(ctx, "line") })
}

// Neither the audit log nor any sentence has a secret in it.
func TestNoSecretIsTold(t *testing.T) {
	m := newMachine(t)
	secret := "nine grey seals on a pier"
	var told []string
	for _, deed := range []func() (cell.Done, error){
		func() (cell.Done, error) {
			return m.AddTrunk(t.Context(), "line", cell.Fields{"address": "provider.example", "register": "true", "user": "u", "password": secret})
		},
		func() (cell.Done, error) {
			return m.AddHousehold(t.Context(), "home", cell.Fields{"trunk": "line"}, []cell.PhoneChange{{Name: "hall", Fields: cell.Fields{"password": secret}}})
		},
		func() (cell.Done, error) {
			return m.ChangeTrunk(t.Context(), "line", cell.Fields{"password": secret + "s"})
		},
		func() (cell.Done, error) {
			return m.ChangeHousehold(t.Context(), "home", nil, []cell.PhoneChange{{Name: "hall", Fields: cell.Fields{"password": secret + "s"}}})
		},
	} {
		done, err := deed()
		m.must(err)
		told = append(told, done.Sentence)
	}
	log := m.log()
	if len(log) != 4 {
		t.Errorf("the audit log has %d lines", len(log))
	}
	if all := fmt.Sprintf("%v %+v %+v", told, log, cell.Look(m.read())); strings.Contains(all, secret) {
		t.Error(all)
	}
	if info, err := os.Stat(m.Settings.HomesFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v %v", info, err)
	}
}

// What was exported from one machine is imported on another, all of it, in seconds; and a second time it changes nothing.
func TestImportOfAThousandHouseholds(t *testing.T) {
	const ports = "[asterisk]\nrtp_last = 15000\n"
	m := newMachine(t, ports)
	var text strings.Builder
	text.WriteString("keep_days = 5\n[[trunk]]\nname = \"line\"\naddress = \"127.0.0.2\"\n")
	many := 1000
	if testing.Short() { // the race detector makes it last minutes
		many = 50
	}
	for i := range many {
		fmt.Fprintf(&text, "[[household]]\nname = \"home-%d\"\ntrunk = \"line\"\nnumber = \"+44121496%04d\"\n[[household.phone]]\nname = \"hall\"\npassword = \"wet herons on %d walls\"\n", i, i, i+7)
	}
	began := time.Now()
	done, err := m.Import(t.Context(), []byte(text.String()))
	t.Logf("%v, in %v", done, time.Since(began))
	if err != nil || done.Sentence != fmt.Sprintf("Imported %d households and 1 line.", many) {
		t.Fatalf("%v %+v", err, done)
	}
	exported, err := m.read().Homes().TOML()
	m.must(err)
	other := newMachine(t, ports)
	_, err = other.Import(t.Context(), exported)
	other.must(err)
	if one, two := m.read(), other.read(); !reflect.DeepEqual(one.Households, two.Households) || !reflect.DeepEqual(one.Trunks, two.Trunks) {
		t.Error("the other machine has others")
	}
	_, err = m.Import(t.Context(), exported) // it also says what the machine's settings said
	m.must(err)
	if done, err := m.Import(t.Context(), exported); err != nil || !strings.Contains(done.Sentence, "Nothing has changed") {
		t.Errorf("again: %v %+v", err, done)
	}
	began = time.Now()
	_, err = m.AddHousehold(t.Context(), "mum", cell.Fields{"trunk": "line", "number": "020 7946 0100"}, []cell.PhoneChange{{Name: "hall"}})
	t.Logf("one more in %v", time.Since(began))
	m.must(err)
}

// Whoever owns all of the machine owns a household that comes, or nobody would own all any more.
func TestOwnersOfTheMachineOwnWhatComes(t *testing.T) {
	m := newMachine(t)
	m.home()
	for _, name := range []string{"Anna", "Ben"} {
		person, err := m.Store.People.Add(t.Context(), name, strings.ToLower(name)+"@example.org")
		m.must(err)
		role := map[string]store.Role{"Anna": store.RoleOwner, "Ben": store.RoleCarer}[name]
		m.must(m.Store.SetMembership(t.Context(), "home", person.ID, role, true))
	}
	_, err := m.AddHousehold(t.Context(), "mum", cell.Fields{"trunk": "line", "number": "020 7946 0101"}, []cell.PhoneChange{{Name: "hall"}})
	m.must(err)
	members, err := m.Store.Members(t.Context(), "mum")
	if err != nil || len(members) != 1 || members[0].Name != "Anna" || members[0].Role != store.RoleOwner {
		t.Errorf("%v %+v", err, members)
	}
}

// With its history a household goes without a trace but the line that says so, and the next one gets none of its recordings.
func TestAHouseholdGoesWithItsHistory(t *testing.T) {
	m := newMachine(t)
	m.home()
	_, err := m.AddHousehold(t.Context(), "mum", cell.Fields{"trunk": "line", "number": "020 7946 0101"}, []cell.PhoneChange{{Name: "hall"}})
	m.must(err)
	ctx := t.Context()
	m.must(m.Store.SetPhrase(ctx, "mum", store.PhraseGreeting, sound.WAV(sound.Rate, []byte("\x10\x20"))))
	m.must(m.Store.SettlePhrases(ctx))
	person, err := m.Store.People.Add(ctx, "Anna", "anna@example.org")
	m.must(err)
	m.must(m.Store.SetMembership(ctx, "mum", person.ID, store.RoleOwner, true))
	call, err := m.Store.CallArrived(ctx, "mum", "1.1", m.Now, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	m.must(err)
	m.must(m.Store.Keep(ctx, call, "message", make([]byte, 100), 10*time.Second))
	m.refused("Somebody is on the line of mum", func() (cell.Done, error) { return m.RemoveHousehold(ctx, "mum", true) })
	m.must(m.Store.CallEnded(ctx, call, m.Now, calllog.Talked))
	if len(m.files()) != 2 {
		t.Fatalf("it has the files %q", m.files())
	}
	done, err := m.RemoveHousehold(ctx, "mum", true)
	if err != nil || len(done.Alone) != 1 || done.Alone[0] != "Anna" {
		t.Errorf("%v %+v", err, done)
	}
	if _, err := m.Store.About(ctx, "mum"); err == nil {
		t.Error("it is still there")
	}
	if left := m.files(); len(left) != 0 {
		t.Errorf("it has left %q", left)
	}
	log, err := m.Store.AuditLog(ctx, "", 0, 1)
	if err != nil || log[0].What != string(cell.HouseholdRemoved) || !strings.Contains(log[0].Text, "deleted its calls") {
		t.Errorf("%v %+v", err, log)
	}
}

// files are the recordings on the disk.
func (m *machine) files() (all []string) {
	m.Helper()
	for _, folder := range datafolder.Media() {
		some, err := filepath.Glob(filepath.Join(m.data, folder, "*.wav"))
		m.must(err)
		all = append(all, some...)
	}
	return all
}

// A database that was lost gets its households back from the copy; one that nobody has copied is copied.
func TestTheCopyAndTheDatabaseComeTogether(t *testing.T) {
	m := newMachine(t)
	m.home()
	was := m.read()
	lost := newMachine(t)
	lost.must(cell.Restore(t.Context(), lost.Store, was))
	lost.must(cell.Publish(t.Context(), lost.Store, lost.Settings))
	if is := lost.read(); !reflect.DeepEqual(is.Households, was.Households) || !reflect.DeepEqual(is.Trunks, was.Trunks) {
		t.Errorf("%+v", is)
	}
	// A database with nothing in it empties no copy.
	empty := newMachine(t)
	empty.must(os.WriteFile(empty.Settings.HomesFile(), []byte(configtest.Usual), 0o600))
	empty.must(cell.Publish(t.Context(), empty.Store, empty.Settings))
	if len(empty.read().Households) != 1 {
		t.Error("the copy was emptied")
	}
}
