package backups

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/storetest"
)

// Long: one story, each step of which rests on those before it.
func TestRestore(t *testing.T) {
	s, data := aHouse(t)
	file := backup(t, s)
	must(t, s.AddContact(t.Context(), "home", "After", steve))
	if _, err := Stage(t.Context(), data, bytes.NewReader(file), byCommand); err != nil {
		t.Fatal(err)
	}
	if _, err := datafolder.ApplyStaged(data); !errors.Is(err, datafolder.ErrInUse) {
		t.Fatal("while it is in use:", err)
	}
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 2 {
		t.Errorf("%+v %v", contacts, err)
	}
	must(t, s.Close())
	before, err := datafolder.ApplyStaged(data)
	if want := filepath.Join(data, "before-restore-20261124-173000"); err != nil || before != want {
		t.Fatal(before, err)
	}
	if _, err := datafolder.ApplyStaged(data); !errors.Is(err, datafolder.ErrNotStaged) {
		t.Error(err)
	}
	again, err := store.Open(t.Context(), filepath.Join(data, memberDatabase))
	must(t, err)
	*s = *again // which open closes
	ctx := t.Context()
	contacts, err := s.Contacts(ctx, "home")
	if err != nil || len(contacts) != 1 || contacts[0].Name != "Joan" {
		t.Errorf("%+v %v", contacts, err)
	}
	messages, err := s.Messages(ctx, "home")
	must(t, err)
	if sound, err := os.ReadFile(messages[0].Path); err != nil || len(sound) != 100 {
		t.Error(len(sound), err)
	}
	if words := messages[0].Words; words != (store.Words{Text: "the boiler has gone out", WereRead: true}) {
		t.Errorf("what a machine read in it: %+v", words)
	}
	if _, err := os.Stat(filepath.Join(data, "recordings", "99-name.wav")); err == nil {
		t.Error("what was not in the backup is there")
	}
	if log, err := s.AuditLog(ctx, "", 0, 10); err != nil || len(log) != 1 || log[0].What != "restored" {
		t.Errorf("%+v %v", log, err)
	}
	if logins, err := s.People.Logins(ctx, 1); err != nil || len(logins) != 0 {
		t.Errorf("%+v %v", logins, err)
	}
	for path, mode := range map[string]os.FileMode{"": 0o700, "ringfence.db": 0o600, "recordings": 0o700, "recordings/99-name.wav": 0o600, "phrases/1-greeting.wav": 0o600} {
		if info, err := os.Stat(filepath.Join(before, path)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v", path, err)
		}
	}
	// What was there before is whole.
	kept, err := store.Open(ctx, filepath.Join(before, memberDatabase))
	must(t, err)
	if contacts, err := kept.Contacts(ctx, "home"); err != nil || len(contacts) != 2 {
		t.Errorf("%+v %v", contacts, err)
	}
	must(t, kept.Close())
	// And a second restore in the same second goes elsewhere.
	if _, err := Stage(ctx, data, bytes.NewReader(file), byCommand); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	second, err := datafolder.ApplyStaged(data)
	if err != nil || second != before+"-2" {
		t.Error(second, err)
	}
	again, err = store.Open(ctx, filepath.Join(data, memberDatabase))
	must(t, err)
	*s = *again
}

// The log of changes outlives a restore: also one of a backup whose own log says something else.
func TestARestoreTakesNothingOutOfTheLog(t *testing.T) {
	ctx := t.Context()
	one, _ := aHouse(t)
	line := func(s *store.Store, household, text string) {
		t.Helper()
		must(t, s.AddAuditLine(ctx, &store.AuditLine{Household: household, At: byCommand.At, By: "Anna", What: "told", Text: text}))
	}
	line(one, "home", "first of both")
	line(one, "home", "forged")
	line(one, "", "forged of the machine")
	file := backup(t, one)
	for what, breakIt := range map[string]bool{"whole": false, "broken": true} {
		two, data := aHouse(t)
		line(two, "home", "first of both")
		line(two, "home", "Anna was removed")
		line(two, "other", "another household's")
		line(two, "", "the machine's")
		must(t, two.Close())
		path := filepath.Join(data, memberDatabase)
		if breakIt {
			must(t, os.WriteFile(path, []byte("no database any more"), 0o600))
		}
		if _, err := Stage(ctx, data, bytes.NewReader(file), byCommand); err != nil {
			t.Fatal(err)
		}
		again, err := store.Open(ctx, path) // which puts the backup back
		must(t, err)
		*two = *again // which aHouse closes
		want := map[string][]string{
			"home": {"Anna was removed", "forged", "first of both"}, "other": {"another household's"},
			"": {byCommand.Text, "the machine's", "forged of the machine"},
		}
		if breakIt {
			want = map[string][]string{"home": {"forged", "first of both"}, "other": nil, "": {byCommand.Text + noLog, "forged of the machine"}}
		}
		for household, lines := range want {
			log, err := two.AuditLog(ctx, household, 0, 10)
			var got []string
			for _, c := range log {
				if c.What != "contact-added" { // aHouse's own, of now
					got = append(got, c.Text)
				}
			}
			if err != nil || !slices.Equal(got, lines) {
				t.Errorf("%s, %q: %q, not %q; %v", what, household, got, lines, err)
			}
		}
	}
}

// A restore that the power has cut off goes on at the next start, wherever it was; nothing of before is lost.
func TestARestoreIsCutOff(t *testing.T) {
	for cut := range 7 {
		s, data := aHouse(t)
		file := backup(t, s)
		must(t, s.AddContact(t.Context(), "home", "After", steve))
		_, err := Stage(t.Context(), data, bytes.NewReader(file), byCommand)
		must(t, err)
		must(t, s.Close())
		before := filepath.Join(data, "before-restore-20261124-173000")
		// The steps of ApplyStaged, by hand, as far as it came.
		steps := []func() error{
			func() error { return os.Mkdir(before, 0o700) },
			func() error {
				return os.Rename(filepath.Join(data, memberDatabase), filepath.Join(before, memberDatabase))
			},
			func() error {
				return os.Rename(filepath.Join(data, datafolder.Staged, memberDatabase), filepath.Join(data, memberDatabase))
			},
			func() error { return os.Rename(filepath.Join(data, "recordings"), filepath.Join(before, "recordings")) },
			func() error {
				return os.Rename(filepath.Join(data, datafolder.Staged, "recordings"), filepath.Join(data, "recordings"))
			},
			func() error { return os.Rename(filepath.Join(data, "phrases"), filepath.Join(before, "phrases")) },
		}
		for _, step := range steps[:cut] {
			must(t, step())
		}
		again, err := store.Open(t.Context(), filepath.Join(data, memberDatabase))
		must(t, err)
		*s = *again // which open closes
		if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 1 {
			t.Errorf("cut off after %d steps: %+v %v", cut, contacts, err)
		}
		messages, err := s.Messages(t.Context(), "home")
		must(t, err)
		for _, path := range []string{messages[0].Path, filepath.Join(data, "phrases/1-greeting.wav"), filepath.Join(before, "phrases/1-greeting.wav"), filepath.Join(before, "recordings/99-name.wav")} {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("cut off after %d steps: %v", cut, err)
			}
		}
		kept, err := store.Open(t.Context(), filepath.Join(before, memberDatabase))
		must(t, err)
		if contacts, err := kept.Contacts(t.Context(), "home"); err != nil || len(contacts) != 2 {
			t.Errorf("cut off after %d steps, of before: %+v %v", cut, contacts, err)
		}
		must(t, kept.Close())
	}
}

// rewritten makes another archive out of a backup. change returns nil for a member that is left out.
func rewritten(t *testing.T, file []byte, change func(*tar.Header, []byte) (*tar.Header, []byte), more ...*tar.Header) []byte {
	t.Helper()
	names, inside := members(t, file)
	var out bytes.Buffer
	pressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(pressed)
	for _, name := range names {
		head, content := change(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600}, inside[name])
		if head == nil {
			continue
		}
		head.Size = int64(len(content))
		must(t, archive.WriteHeader(head))
		_, err := archive.Write(content)
		must(t, err)
	}
	for _, head := range more {
		must(t, archive.WriteHeader(head))
	}
	must(t, archive.Close())
	must(t, pressed.Close())
	return out.Bytes()
}

func same(h *tar.Header, c []byte) (*tar.Header, []byte) { return h, c }

// databaseWith changes the database in a backup.
func databaseWith(t *testing.T, statements ...string) func(*tar.Header, []byte) (*tar.Header, []byte) {
	return func(h *tar.Header, c []byte) (*tar.Header, []byte) {
		if h.Name != memberDatabase {
			return h, c
		}
		path := filepath.Join(t.TempDir(), "x.db")
		must(t, os.WriteFile(path, c, 0o600))
		db, err := sql.Open("sqlite3", path)
		must(t, err)
		for _, s := range statements {
			_, err := db.Exec(s)
			must(t, err)
		}
		must(t, db.Close())
		c, err = os.ReadFile(path)
		must(t, err)
		return h, c
	}
}

func without(member string) func(*tar.Header, []byte) (*tar.Header, []byte) {
	return func(h *tar.Header, c []byte) (*tar.Header, []byte) {
		if h.Name == member {
			return nil, nil
		}
		return h, c
	}
}

// Nothing is touched by a file that is not wholly a good backup, and nothing of it stays.
//
// Long: one table.
func TestBadBackupsAreRefused(t *testing.T) {
	s, data := aHouse(t)
	file := backup(t, s)
	half := func(h *tar.Header, c []byte) (*tar.Header, []byte) {
		if h.Name == memberDatabase {
			c = slices.Concat(c[:len(c)/2], bytes.Repeat([]byte{0xff}, len(c)/2))
		}
		return h, c
	}
	bits := slices.Clone(file)
	bits[len(bits)/2] ^= 1
	link := func(name string, kind byte) *tar.Header {
		return &tar.Header{Typeflag: kind, Name: name, Linkname: "/etc/passwd", Mode: 0o777}
	}
	plain := func(name string) *tar.Header { return &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600} }
	for what, test := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":                    {nil, "not a backup of Ringfence"},
		"no archive":                 {[]byte("<html>404 not found</html>"), "not a backup of Ringfence"},
		"cut off":                    {file[:len(file)-20], "not the whole of one"},
		"cut in half":                {file[:len(file)/2], "not the whole of one"},
		"a turned bit":               {bits, "Ringfence"},
		"something behind it":        {append(slices.Clone(file), "garbage"...), "not a backup"},
		"no contents":                {rewritten(t, file, without(memberContents)), "not a backup"},
		"no database":                {rewritten(t, file, without(memberDatabase)), "not a backup"},
		"a damaged database":         {rewritten(t, file, half), "damaged"},
		"a newer database":           {rewritten(t, file, databaseWith(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")), "newer Ringfence"},
		"another's database":         {rewritten(t, file, databaseWith(t, "CREATE TABLE more (x)")), "not one of Ringfence's"},
		"a trigger of its own":       {rewritten(t, file, databaseWith(t, "CREATE TRIGGER x AFTER INSERT ON contacts BEGIN DELETE FROM blocks; END")), "not one of Ringfence's"},
		"a log without a guard":      {rewritten(t, file, databaseWith(t, "DROP TRIGGER changes_stay")), "not one of Ringfence's"},
		"a recording elsewhere":      {rewritten(t, file, databaseWith(t, "UPDATE recordings SET file = '../../../etc/passwd'")), "names a recording outside"},
		"no database at all":         {rewritten(t, file, func(h *tar.Header, c []byte) (*tar.Header, []byte) { return h, c[:min(len(c), 300)] }), "damaged"},
		"a path upwards":             {rewritten(t, file, same, plain("../evil")), "does not belong there"},
		"a path upwards in a folder": {rewritten(t, file, same, plain("recordings/../../evil")), "does not belong there"},
		"an absolute path":           {rewritten(t, file, same, plain("/etc/cron.d/evil")), "does not belong there"},
		"a hidden file":              {rewritten(t, file, same, plain("recordings/.evil")), "does not belong there"},
		"a file beside":              {rewritten(t, file, same, plain("ari-password")), "does not belong there"},
		"a symbolic link":            {rewritten(t, file, same, link("recordings/evil.wav", tar.TypeSymlink)), "that is not a file"},
		"a hard link":                {rewritten(t, file, same, link("recordings/evil.wav", tar.TypeLink)), "that is not a file"},
		"a folder":                   {rewritten(t, file, same, &tar.Header{Typeflag: tar.TypeDir, Name: "recordings/evil"}), "that is not a file"},
		"a device":                   {rewritten(t, file, same, &tar.Header{Typeflag: tar.TypeChar, Name: "recordings/evil"}), "that is not a file"},
		"the same twice":             {rewritten(t, file, same, plain("recordings/1-message.wav")), "twice"},
		"another format": {rewritten(t, file, func(h *tar.Header, c []byte) (*tar.Header, []byte) {
			return h, bytes.Replace(c, []byte(`"format": 1`), []byte(`"format": 2`), 1)
		}), "newer Ringfence"},
	} {
		_, err := Stage(t.Context(), data, bytes.NewReader(test.file), byCommand)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, not %q", what, err, test.says)
		}
		left, _ := filepath.Glob(filepath.Join(data, ".restore-*"))
		ready, _ := filepath.Glob(filepath.Join(data, datafolder.Staged))
		if len(left)+len(ready) > 0 {
			t.Errorf("%s: left %v %v", what, left, ready)
		}
	}
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 1 {
		t.Errorf("%+v %v", contacts, err)
	}
	// Too large a recording is refused by what it says of itself, before it is written.
	large := &bytes.Buffer{}
	pressed := gzip.NewWriter(large)
	archive := tar.NewWriter(pressed)
	_, inside := members(t, file)
	must(t, archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: memberContents, Size: int64(len(inside[memberContents]))}))
	_, err := archive.Write(inside[memberContents])
	must(t, err)
	must(t, archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "recordings/1-name.wav", Size: maxMedia + 1}))
	must(t, pressed.Close())
	if _, err := Stage(t.Context(), data, large, byCommand); err == nil || !strings.Contains(err.Error(), "more in it than") {
		t.Error(err)
	}
}

// A backup of an older Ringfence is brought up to date on the way in.
func TestABackupOfAnOlderRingfence(t *testing.T) {
	s, data := aHouse(t)
	file := rewritten(t, backup(t, s), func(h *tar.Header, c []byte) (*tar.Header, []byte) {
		if h.Name != memberDatabase {
			return h, c
		}
		path := filepath.Join(t.TempDir(), "old.db")
		must(t, os.WriteFile(path, c, 0o600))
		must(t, storetest.GoBackTo(t.Context(), path, os.DirFS(".."), 6))
		c, err := os.ReadFile(path)
		must(t, err)
		return h, c
	})
	c, err := Stage(t.Context(), data, bytes.NewReader(file), byCommand)
	if err != nil || c.Contacts != 1 || c.People != 1 {
		t.Errorf("%+v %v", c, err)
	}
	must(t, datafolder.DropStaged(data))
}

// A command that has the data open for a moment does not keep a backup from being put back at the start.
func TestARestoreWaitsForACommand(t *testing.T) {
	s, data := aHouse(t)
	file := backup(t, s)
	must(t, s.AddContact(t.Context(), "home", "After", steve))
	_, err := Stage(t.Context(), data, bytes.NewReader(file), byCommand)
	must(t, err)
	opened := make(chan *store.Store)
	go func() {
		again, err := store.Open(t.Context(), filepath.Join(data, memberDatabase))
		if err != nil {
			t.Error(err)
		}
		opened <- again
	}()
	must(t, s.Close()) // the command ends
	again := <-opened
	*s = *again // which open closes
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 1 {
		t.Errorf("%+v %v", contacts, err)
	}
}
