package export

import (
	"archive/zip"
	"bytes"
	"context"
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
	"ringfence/store"
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

// A number that a caller has withheld is not in it, although some networks send it all the same.
func TestWithheldNumbersAreNotExported(t *testing.T) {
	db, _ := home(t)
	_, err := db.CallArrived(t.Context(), "mum", "2.2", time.Now(), screening.Identity{Number: "+441314960777", Name: "Ms Secret", Presentation: "prohib"},
		screening.Caller{Presentation: screening.Withheld}, screening.Verdict{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range exported(t, db, "mum") {
		if strings.Contains(text, "1314960777") || strings.Contains(text, "Secret") {
			t.Errorf("%s has it: %s", name, text)
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

// What is written after Make is not in it, what is deleted after Make is left out, and the memory that it takes does not grow with the recordings.
func TestAnExportIsOfOneMoment(t *testing.T) {
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
	if err := db.AddContact(t.Context(), "mum", "Surgery", surgery); err != nil {
		t.Fatal(err)
	}
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
	if err := os.Remove(filepath.Join(db.Folder(), "recordings", fmt.Sprintf("%d-message.wav", call))); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := e.Write(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	for name, text := range unzipped(t, whole.Bytes()) {
		if strings.Contains(text, "Surgery") || strings.HasPrefix(name, recordingsFolder) {
			t.Errorf("%s is of another moment: %s", name, text)
		}
	}
}

type counter struct{ n int }

func (c *counter) Write(piece []byte) (int, error) {
	c.n += len(piece)
	return len(piece), nil
}

// Lines that wait in a file are kept of the household, too.
func TestNoExportWhileLinesWait(t *testing.T) {
	db, _ := home(t)
	if err := os.WriteFile(filepath.Join(db.Folder(), "unwritten.json"), []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), db, "mum", time.Now()); !errors.Is(err, store.ErrLogWaits) {
		t.Error(err)
	}
}
