package export

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

const (
	surgery = screening.Number("+441164960123")
	steve   = screening.Number("+442079460666")
)

// home is a household of which little is kept, and it with a call and its recording.
func home(t *testing.T) (db *store.Store, call int64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringfence.db")
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(storetest.Ready(t.Context(), path, store.Open))
	db, err := store.Open(t.Context(), path)
	ok(err)
	t.Cleanup(func() { _ = db.Close() })
	ok(db.EnsureHousehold(t.Context(), "mum"))
	id := screening.Identity{Number: "02079460666", Name: "Steve"}
	call, err = db.CallArrived(t.Context(), "mum", "1.1", time.UnixMilli(1795953600123), id, screening.Caller{Number: steve, Presentation: screening.Allowed}, screening.Verdict{}, "")
	ok(err)
	ok(db.CallStep(t.Context(), call, time.UnixMilli(1795953601000), calllog.Said{Length: 2500 * time.Millisecond}))
	ok(db.Keep(t.Context(), call, calllog.RecordedMessage, []byte("RIFF"), time.Second))
	return db, call
}

// What is exported is called as /api/v1 calls it, and numbers, times and steps are as they are there.
func TestExportedAsInTheInterface(t *testing.T) {
	db, call := home(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(db.AddContact(t.Context(), "mum", "Surgery “at the Green”\n", surgery, "999"))
	ok(db.AddBlock(t.Context(), "mum", screening.Block{Digits: "447", Prefix: true}, "Anna"))
	ok(db.AddBlock(t.Context(), "mum", screening.Block{Digits: "449098790", Prefix: true}, "Anna"))
	ok(db.AddBlock(t.Context(), "mum", screening.Block{Digits: steve.Digits()}, "Anna"))
	ok(db.SetWeek(t.Context(), "mum", []screening.Span{{Days: 62, From: 22 * 60, To: 7 * 60, Quiet: true}}))
	files := exported(t, db, "mum")
	for name, wants := range map[string][]string{
		"contacts.json": {`"name":"Surgery “at the Green”"`, `"numbers":["999","+441164960123"]`, `"imported":[]`},
		"blocks.json":   {`"number":"447","prefix":true`, `"number":"+449098790","prefix":true`, `"number":"+442079460666","prefix":false`},
		"calls.json": {
			`"id":` + fmt.Sprint(call) + `,"at":"2026-11-29T12:00:00.123Z","number":"+442079460666"`, `"network":{"number":"02079460666","name":"Steve"`,
			`"steps":[{"at":"2026-11-29T12:00:01.000Z","step":"said","detail":"` + calllog.WordsOf(calllog.Said{Length: 2500 * time.Millisecond}) + `"}]`,
			`"file":"recordings/` + fmt.Sprint(call) + `-message.wav","seconds":1.0`,
		},
		"household.json": {`"schedule":["mon-fri 22:00-07:00 quiet"]`, `"human_check":"suspicious"`},
		"notices.json":   {"[]"},
	} {
		var text bytes.Buffer
		ok(json.Compact(&text, []byte(files[name])))
		for _, want := range wants {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s has not %s: %s", name, want, &text)
			}
		}
	}
	if !strings.Contains(files["README.txt"], "1 call and 1 recording.") {
		t.Error(files["README.txt"])
	}
}

// A number that a caller does not show is not in it, although some networks send it all the same. The name is, as everywhere else.
func TestNumbersThatAreNotShownAreNotExported(t *testing.T) {
	db, _ := home(t)
	for name, id := range map[string]screening.Identity{
		"Ms Secret": {Number: "+441314960777", Name: "Ms Secret", Presentation: "prohib"}, "Mr Hidden": {Number: "+441314960778", Name: "Mr Hidden", Presentation: "unavailable"},
	} {
		if _, err := db.CallArrived(t.Context(), "mum", name, time.Now(), id, screening.Identify(id, "GB"), screening.Verdict{}, ""); err != nil {
			t.Fatal(err)
		}
	}
	files := exported(t, db, "mum")
	for name, text := range files {
		if strings.Contains(text, "131496077") {
			t.Errorf("%s has one: %s", name, text)
		}
	}
	for _, name := range []string{"Ms Secret", "Mr Hidden"} {
		if n := strings.Count(files["calls.json"], name); n != 1 {
			t.Errorf("calls.json has %s %d times", name, n)
		}
	}
}

// A database that was restored may have been made up: nothing from outside the folder of recordings gets in, and nothing leads out of the zip.
func TestOnlyRecordingsAreExported(t *testing.T) {
	db, call := home(t)
	secret := filepath.Join(db.Folder(), "ari-password")
	recording := filepath.Join(db.Folder(), "recordings", fmt.Sprintf("%d-message.wav", call))
	for _, err := range []error{os.WriteFile(secret, []byte("the password"), 0o600), os.Remove(recording), os.Symlink(secret, recording)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	again, err := db.CallArrived(t.Context(), "mum", "2.2", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	if err == nil {
		err = db.Keep(t.Context(), again, calllog.RecordedName, []byte("RIFF"), time.Second)
	}
	if err != nil {
		t.Fatal(err)
	}
	change(t, db, "UPDATE recordings SET file = '../ari-password' WHERE kind = 'name'")
	for name, text := range exported(t, db, "mum") {
		if strings.Contains(text, "the password") || strings.Contains(name, "..") {
			t.Errorf("%s is in it", name)
		}
	}
}

// A reader that goes, and an export that is ended, get nothing that looks whole; and nothing is left in the data folder.
func TestHalfAnExportIsNone(t *testing.T) {
	db, _ := home(t)
	e, err := Make(t.Context(), db, "mum", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	var whole bytes.Buffer
	if err := e.Write(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the reader has gone")
	for most := whole.Len() - 1; most >= 0; most -= 13 { // from the last byte, which matters most
		half := &reader{most: most, gone: gone}
		if err := e.Write(t.Context(), half); !errors.Is(err, gone) {
			t.Fatalf("of %d bytes %d were taken: %v", whole.Len(), most, err)
		}
		if _, err := zip.NewReader(bytes.NewReader(half.taken.Bytes()), int64(half.taken.Len())); err == nil {
			t.Fatalf("%d of %d bytes look whole", most, whole.Len())
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := e.Write(ended, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("it goes on although it was ended: %v", err)
	}
	if _, err := Make(ended, db, "mum", time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("it is made although it was ended: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(db.Folder(), ".export*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
}

// reader takes some bytes, and goes.
type reader struct {
	taken bytes.Buffer
	most  int
	gone  error
}

func (r *reader) Write(piece []byte) (int, error) {
	n := min(len(piece), r.most-r.taken.Len())
	r.taken.Write(piece[:n])
	if n < len(piece) {
		return n, r.gone
	}
	return n, nil
}

// The disk keeps the room that calls need.
func TestAnExportLeavesRoom(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "texts"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	to := &careful{file: f, folder: filepath.Dir(f.Name()), leastFree: 1 << 60}
	if err := room(to.folder, to.leastFree); !errors.Is(err, ErrNoRoom) {
		t.Errorf("it begins on a full disk: %v", err)
	}
	to.leastFree, to.looked = 0, 0
	if _, err := to.Write(make([]byte, lookEach)); err != nil {
		t.Fatal(err)
	}
	to.leastFree = 1 << 60
	if _, err := to.Write([]byte("x")); !errors.Is(err, ErrNoRoom) {
		t.Errorf("it goes on although the disk has become full: %v", err)
	}
}

// What is written while it is made is not in it, and what is deleted afterwards is left out.
func TestAnExportIsOfOneMoment(t *testing.T) {
	db, call := home(t)
	e := &Export{db: db, household: "mum", made: time.Now()}
	var err error
	if e.texts, err = os.CreateTemp(t.TempDir(), "texts"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	err = db.Snapshot(t.Context(), "mum", func(tx *sql.Tx, home int64) error {
		if err := db.AddContact(t.Context(), "mum", "Surgery", surgery); err != nil {
			return err
		}
		return e.readHousehold(t.Context(), tx, home)
	})
	if err == nil {
		err = os.Remove(filepath.Join(db.Folder(), "recordings", fmt.Sprintf("%d-message.wav", call)))
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range written(t, e) {
		if strings.Contains(text, "Surgery") || strings.HasPrefix(name, recordingsFolder) || name == "missing.txt" {
			t.Errorf("%s is of another moment: %s", name, text)
		}
	}
}

// The memory that it takes does not grow with the recordings.
func TestAnExportTakesLittleMemory(t *testing.T) {
	db, call := home(t)
	const size = 64 << 20
	if err := os.Truncate(filepath.Join(db.Folder(), "recordings", fmt.Sprintf("%d-message.wav", call)), size); err != nil {
		t.Fatal(err)
	}
	e, err := Make(t.Context(), db, "mum", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	all := &counter{}
	if err := e.Write(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; all.n < size || took > size/16 {
		t.Errorf("%d bytes took %d bytes of memory", all.n, took)
	}
}

// While it reads it wants no second connection of the few with which calls are looked up: it goes on where there is none any more.
func TestAnExportReadsWithOneConnection(t *testing.T) {
	db, _ := home(t)
	raw, err := sqlite.OpenCopy(filepath.Join(db.Folder(), "ringfence.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	e := &Export{db: db, household: "mum", made: time.Now()}
	if e.texts, err = os.CreateTemp(t.TempDir(), "texts"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	tx, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := errors.Join(db.Close(), e.readHousehold(t.Context(), tx, 1)); err != nil || e.Calls != 1 {
		t.Errorf("%d calls, %v", e.Calls, err)
	}
}

// What can't be read is named, and the rest is there.
func TestWhatCannotBeReadIsNamed(t *testing.T) {
	db, call := home(t)
	recordings := filepath.Join(db.Folder(), "recordings")
	if err := errors.Join(os.Rename(recordings, recordings+"-elsewhere"), os.WriteFile(recordings, nil, 0o600)); err != nil { // so that looking fails
		t.Fatal(err)
	}
	name := fmt.Sprintf("%s%d-message.wav", recordingsFolder, call)
	if files := exported(t, db, "mum"); !strings.Contains(files["missing.txt"], name+"\n") || files["calls.json"] == "" {
		t.Errorf("where looking fails: %v", files)
	}
	if err := errors.Join(os.Remove(recordings), os.Rename(recordings+"-elsewhere", recordings)); err != nil {
		t.Fatal(err)
	}
	e, err := Make(t.Context(), db, "mum", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	if files := written(t, e); files["missing.txt"] != "" || files[name] != "RIFF" {
		t.Errorf("where all is well: %v", files)
	}
	e.files = append([]file{{recordingsFolder + "bad.wav", "/proc/self/mem", e.made}}, e.files...) // which opens, and whose first bytes nobody can read
	if files := written(t, e); !strings.Contains(files["missing.txt"], "bad.wav\n") || strings.Contains(files["missing.txt"], name) || files[name] != "RIFF" {
		t.Errorf("where the disk fails: %v", files)
	}
}

// A phrase that is moved to its place, or changed, after Make is in it.
func TestPhrasesMayMove(t *testing.T) {
	db, _ := home(t)
	sound := sound.WAV(sound.Rate, []byte{1, 2, 3, 4})
	if err := db.SetPhrase(t.Context(), "mum", store.PhraseGreeting, sound); err != nil {
		t.Fatal(err)
	}
	e, err := Make(t.Context(), db, "mum", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	if err := db.SettlePhrases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files := written(t, e); files["phrases/greeting.wav"] != string(sound) || files["missing.txt"] != "" {
		t.Errorf("%v", files)
	}
}

// JSON that can't be mended is not passed off as if it were.
func TestEditRefusesWhatItCannotFind(t *testing.T) {
	if mended, err := withSpans([]byte(`{"schedule": []}`)); err == nil {
		t.Errorf("%s", mended)
	}
}

// A README.txt calls the household as its people do.
func TestReadmeHasTheTitle(t *testing.T) {
	db, _ := home(t)
	change(t, db, "UPDATE households SET title = 'Mum’s house'")
	if text := exported(t, db, "mum")["README.txt"]; !strings.Contains(text, "keeps about Mum’s house, as of") {
		t.Error(text)
	}
}

type counter struct{ n int }

func (c *counter) Write(piece []byte) (int, error) {
	c.n += len(piece)
	return len(piece), nil
}

// Lines that wait in a file are kept of the household, too.
func TestNoExportWhileLinesWait(t *testing.T) {
	t.Parallel()
	db, _ := home(t)
	if err := os.WriteFile(filepath.Join(db.Folder(), "unwritten.json"), []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), db, "mum", time.Now()); !errors.Is(err, store.ErrLogWaits) {
		t.Error(err)
	}
}
