package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ringfence/app/hubserver"
	"ringfence/internal/servetest"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store/sqlite"
)

// busyHub is a hub that serves, and households that report to it.
type busyHub struct {
	t       *testing.T
	dir     string
	address string
	keys    []string
}

func newBusyHub(t *testing.T) *busyHub {
	t.Helper()
	dir, address := makeHub(t, "--moderator", "anna@example.org", "--called", "Anna Taylor")
	path := filepath.Join(dir, hubserver.File)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"reporters = 2": "reporters = 1", "_per_hour = 30": "_per_hour = 10000", "_per_day = 60": "_per_day = 10000"} {
		text = bytes.Replace(text, []byte(from), []byte(to), 1)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return &busyHub{t: t, dir: dir, address: address}
}

// serve serves the hub of a folder until stop is called, once its list is published.
func (b *busyHub) serve(dir string) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	log, ended := servetest.NewText(), make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"hub", "serve", "--dir", dir}, strings.NewReader(""), io.Discard, log)
	}()
	log.Has(b.t, "pages are served")
	return func() {
		cancel()
		if code := <-ended; code != 0 {
			b.t.Errorf("exit %d, after %s", code, log)
		}
	}
}

func (b *busyHub) post(path, key, body string) (status int, said string, err error) {
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://"+b.address+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), errors.Join(err, answer.Body.Close())
}

// report reports the number that has an index.
func (b *busyHub) report(i int) error {
	status, said, err := b.post("/v1/reports", b.keys[0], fmt.Sprintf(`{"number":"+4420794600%02d","category":"bank","kind":"for"}`, i))
	if err == nil && status != http.StatusNoContent {
		err = fmt.Errorf("report %d: %d %s", i, status, said)
	}
	return err
}

func (b *busyHub) runs(says string, args ...string) string {
	b.t.Helper()
	code, out, errOut := hubRun(b.t, "", args...)
	if code != 0 || !strings.Contains(out, says) {
		b.t.Fatalf("%q: exit %d, said %q %q, not %q", args, code, out, errOut, says)
	}
	return out
}

func (b *busyHub) manifest(dir string) list.Manifest {
	b.t.Helper()
	key, err := hubserver.ReadPublicKey(hubserver.Settings{Dir: dir})
	m, err2 := list.OpenDir(filepath.Join(dir, hubserver.ListFolder), key, list.DefaultLimits())
	if err := errors.Join(err, err2); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// A backup is made while reports come in; the hub that is put back from it serves, knows its households, has every report that was taken
// before, and publishes with a serial that is greater than any that households have seen.
//
// Long: one story, each step of which rests on those before it.
func TestHubBackupWhileReportsComeIn(t *testing.T) {
	beside(t)
	b := newBusyHub(t)
	stop := b.serve(b.dir)
	invited := regexp.MustCompile(`#([\w-]{43})\n$`).FindStringSubmatch(b.runs("/join?key=", "invite", "--note", "library", "--dir", b.dir))
	status, said, err := b.post("/v1/join", "", `{"invite":"`+invited[1]+`"}`)
	key := regexp.MustCompile(`"key":"(rfk_[^"]+)"`).FindStringSubmatch(said)
	if status != http.StatusCreated || key == nil || err != nil {
		t.Fatal(status, said, err)
	}
	b.keys = key[1:]
	const before = 10
	for i := range before {
		if err := b.report(i); err != nil {
			t.Fatal(err)
		}
	}
	b.runs("10 numbers", "publish", "--dir", b.dir)
	ctx, enough := context.WithCancel(t.Context())
	var reporting sync.WaitGroup
	began, once := make(chan struct{}), sync.Once{}
	reporting.Go(func() {
		for i := before; ctx.Err() == nil; i++ {
			if err := b.report(before + i%80); err != nil {
				t.Error(err)
				return
			}
			once.Do(func() { close(began) })
		}
	})
	<-began
	file := filepath.Join(t.TempDir(), "hub.tar.gz")
	out := b.runs("the hub \"Great Dunmow\" with 1 household and 1 moderator", "backup", file, "--dir", b.dir)
	enough()
	reporting.Wait()
	if !strings.Contains(out, "secret key of the list") {
		t.Error(out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, hubserver.CopiesPrefix+"*")); len(left) > 0 {
		t.Error("left:", left)
	}
	// The hub goes on, and its list; then its machine is gone.
	b.runs("serial", "publish", "--dir", b.dir)
	b.runs("serial", "publish", "--dir", b.dir)
	lost := b.manifest(b.dir)
	stop()
	again := filepath.Join(t.TempDir(), "hub")
	b.runs("Restored into "+again+": the hub \"Great Dunmow\" with 1 household and 1 moderator", "restore", file, "--dir", again)
	for name, mode := range map[string]os.FileMode{"": 0o700, hubserver.KeyFile: 0o600, hubserver.File: 0o600, hubserver.DatabaseFile: 0o600, hubserver.ProtectedFile: 0o600, hubserver.ListFolder: 0o755, "list/manifest.json": 0o644} {
		if info, err := os.Stat(filepath.Join(again, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := b.manifest(again)
	if m.Serial <= lost.Serial || m.Entries < before {
		t.Errorf("serial %d with %d entries, after serial %d", m.Serial, m.Entries, lost.Serial)
	}
	stop = b.serve(again)
	defer stop()
	if err := b.report(95); err != nil {
		t.Error("a household of before cannot report:", err)
	}
	b.runs("serial", "publish", "--dir", again)
	if next := b.manifest(again); next.Serial <= m.Serial || next.Entries != m.Entries+1 {
		t.Errorf("%+v after %+v", next, m)
	}
	_, db, err := hubserver.Open(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	noted, err := db.Journal(t.Context(), 1)
	if err := errors.Join(err, db.Close()); err != nil || noted[0].What != hub.Restored {
		t.Error(noted, err)
	}
}

// member is one of an archive that somebody has made up.
type member struct {
	name, text string
	kind       byte
}

func made(t *testing.T, members ...member) []byte {
	t.Helper()
	var file bytes.Buffer
	pressed := gzip.NewWriter(&file)
	archive := tar.NewWriter(pressed)
	for _, m := range members {
		head := &tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: int64(len(m.text)), Mode: 0o600}
		if m.kind != 0 {
			head.Typeflag, head.Size, head.Linkname = m.kind, 0, m.text
		}
		err := archive.WriteHeader(head)
		if err == nil && m.kind == 0 {
			_, err = archive.Write([]byte(m.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), pressed.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// What is not a backup of a hub is refused with a plain sentence, and nothing of it stays, in the folder or outside.
//
// Long: one table.
func TestHubRestoreRefuses(t *testing.T) {
	beside(t)
	dir, _ := makeHub(t)
	here := t.TempDir()
	good := filepath.Join(here, "good.tar.gz")
	if code, out, errOut := hubRun(t, "", "publish", "--dir", dir); code != 0 {
		t.Fatal(out, errOut)
	}
	if code, out, errOut := hubRun(t, "", "backup", good, "--dir", dir); code != 0 {
		t.Fatal(out, errOut)
	}
	file, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	parts := partsOf(t, file)
	with := func(changes ...member) []byte {
		changed := slices.Clone(parts)
		for _, c := range changes {
			at := slices.IndexFunc(changed, func(m member) bool { return m.name == c.name })
			switch {
			case at < 0 || c.kind == 'x': // once more
				c.kind = 0
				changed = append(changed, c)
			default:
				changed[at] = c
			}
		}
		return made(t, changed...)
	}
	without := func(name string) []byte {
		return made(t, slices.DeleteFunc(slices.Clone(parts), func(m member) bool { return m.name == name })...)
	}
	other, _ := makeHub(t)
	otherKey, err := os.ReadFile(filepath.Join(other, hubserver.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	otherPublic, err := os.ReadFile(filepath.Join(other, hubserver.KeyFile+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	database := parts[slices.IndexFunc(parts, func(m member) bool { return m.name == hubserver.DatabaseFile })].text
	notOne := "is not a backup of a hub, or not the whole of one"
	for name, test := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":             {nil, notOne},
		"text":                {[]byte("no archive"), notOne},
		"an empty archive":    {made(t), notOne},
		"cut off":             {file[:len(file)-100], notOne},
		"a household's":       {made(t, member{name: "ringfence-backup.json", text: `{"format":1}`}), notOne},
		"without a database":  {without(hubserver.DatabaseFile), notOne},
		"without a key":       {without(hubserver.KeyFile), notOne},
		"without settings":    {without(hubserver.File), notOne},
		"a newer one":         {with(member{name: hubserver.BackupHead, text: `{"format":2}`}), "made by a newer Ringfence"},
		"rubbish says":        {with(member{name: hubserver.BackupHead, text: "rubbish"}), notOne},
		"upwards":             {with(member{name: "../evil", text: "x"}), "does not belong there"},
		"upwards from list":   {with(member{name: "list/../../evil", text: "x"}), "does not belong there"},
		"from the root":       {with(member{name: filepath.Join(here, "evil"), text: "x"}), "does not belong there"},
		"another file":        {with(member{name: "evil", text: "x"}), "does not belong there"},
		"another of the list": {with(member{name: "list/index.html", text: "x"}), "does not belong there"},
		"a link":              {with(member{name: hubserver.ProtectedFile, text: "/etc/passwd", kind: tar.TypeSymlink}), "is not a file"},
		"a folder":            {with(member{name: hubserver.ProtectedFile, kind: tar.TypeDir}), "is not a file"},
		"twice":               {with(member{name: hubserver.File, text: "x", kind: 'x'}), "twice"},
		"too large":           {with(member{name: hubserver.File, text: strings.Repeat("#", 17<<20)}), "has more in it"},
		"settings":            {with(member{name: hubserver.File, text: "name = 1"}), "the settings in this backup cannot be used"},
		"another key":         {with(member{name: hubserver.KeyFile, text: string(otherKey)}), "do not belong together"},
		"another's list": {with(member{name: hubserver.KeyFile, text: string(otherKey)}, member{name: hubserver.KeyFile + ".pub", text: string(otherPublic)}),
			"the list in this backup cannot be used"},
		"no database":   {with(member{name: hubserver.DatabaseFile, text: "rubbish"}), "is damaged"},
		"a damaged one": {with(member{name: hubserver.DatabaseFile, text: database[:len(database)/2]}), "is damaged"},
		"one with a trigger": {with(member{name: hubserver.DatabaseFile, text: changedDatabase(t, database, "CREATE TRIGGER evil AFTER INSERT ON reports BEGIN DELETE FROM sessions; END")}),
			"is not one of a hub"},
		"a newer database": {with(member{name: hubserver.DatabaseFile, text: changedDatabase(t, database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")}),
			"made by a newer Ringfence"},
	} {
		path, into := filepath.Join(here, "try.tar.gz"), filepath.Join(here, "into")
		if err := os.WriteFile(path, test.file, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := hubRun(t, "", "restore", path, "--dir", into)
		if code != 1 || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: exit %d, said %q %q, not %q", name, code, out, errOut, test.says)
		}
		files, err := os.ReadDir(here)
		var left []string
		for _, f := range files {
			left = append(left, f.Name())
		}
		if err != nil || !slices.Equal(left, []string{"good.tar.gz", "try.tar.gz"}) {
			t.Errorf("%s: %q are there, %v", name, left, err)
		}
	}
	// Nothing that is there is written over.
	if code, _, errOut := hubRun(t, "", "restore", good, "--dir", dir); code != 1 || !strings.Contains(errOut, "there is something in "+dir+" already") {
		t.Error(code, errOut)
	}
	if code, _, errOut := hubRun(t, "", "restore", filepath.Join(here, "none"), "--dir", filepath.Join(here, "into")); code != 1 || !strings.Contains(errOut, "the backup cannot be read") {
		t.Error(code, errOut)
	}
	if code, _, errOut := hubRun(t, "", "backup", good, "--dir", here); code != 1 || !strings.Contains(errOut, "there is no hub in") {
		t.Error(code, errOut)
	}
	// And an empty folder is enough.
	empty := t.TempDir()
	if code, out, errOut := hubRun(t, "", "restore", good, "--dir", empty); code != 0 {
		t.Error(out, errOut)
	}
}

// partsOf are the members of an archive.
func partsOf(t *testing.T, file []byte) (all []member) {
	t.Helper()
	pressed, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(pressed)
	has := map[string]bool{}
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		text, failed := io.ReadAll(archive)
		if err := errors.Join(err, failed); err != nil {
			t.Fatal(err)
		}
		all, has[head.Name] = append(all, member{name: head.Name, text: string(text)}), true
	}
	for _, name := range []string{hubserver.BackupHead, hubserver.DatabaseFile, hubserver.File, hubserver.KeyFile, hubserver.KeyFile + ".pub", hubserver.ProtectedFile, "list/manifest.json", "list/manifest.json.minisig"} {
		if !has[name] {
			t.Errorf("%s is not in the backup, but %q", name, slices.Collect(maps.Keys(has)))
		}
	}
	return all
}

// changedDatabase is a database in which a statement has been run.
func changedDatabase(t *testing.T, database, statement string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "changed.db")
	err := os.WriteFile(path, []byte(database), 0o600)
	var db *sql.DB
	if err == nil {
		db, err = sqlite.OpenCopy(path)
	}
	if err == nil {
		_, err = db.ExecContext(t.Context(), statement)
		err = errors.Join(err, db.Close())
	}
	changed, failed := os.ReadFile(path)
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	return string(changed)
}
