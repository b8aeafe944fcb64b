package rescue

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"ringfence/store"
	"ringfence/store/sqlite"
)

// unreadableFile is one that can be opened, and of which each read says EIO: nothing of a process is mapped at its first page.
const unreadableFile = "/proc/self/mem"

// What SQLite says of a disk that fails counts as damage.
func TestADiskThatCannotBeReadIsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.Symlink(unreadableFile, path))
	db, err := sqlite.OpenCopy(path)
	must(t, err)
	defer func() { _ = db.Close() }()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n); !store.Unusable(err) {
		t.Errorf("SQLite says %v (%#v)", err, err)
	}
	if damaged, err := sqlite.LogDamaged(unreadableFile); !damaged || err != nil {
		t.Errorf("a log that cannot be read: %v (%v)", damaged, err)
	}
	for code, want := range map[sqlite3.ErrNoExtended]bool{
		sqlite3.ErrIoErrRead: true, sqlite3.ErrIoErrShortRead: true, sqlite3.ErrIoErrWrite: false, sqlite3.ErrIoErrFsync: false,
		sqlite3.ErrIoErrSHMSize: false,
	} {
		if err := (sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: code}); store.Unusable(err) != want {
			t.Errorf("%v counts as damage: %v", err, !want)
		}
	}
}

// A backup that cannot be opened, or is empty, is passed over for the next.
func TestABackupThatCannotBeReadIsPassedOver(t *testing.T) {
	d := newDamaged(t)
	newer := func(hours time.Duration) string {
		return filepath.Join(d.data, "backups", "ringfence-"+time.Now().Add(-hours*time.Hour).UTC().Format("20060102-150405")+".db")
	}
	must(t, os.Symlink(newer(2), newer(2))) // to itself
	must(t, os.WriteFile(newer(1), nil, 0o600))
	d.overwrite(d.path, 0, 4096)
	if r := d.rescue(d.found()); r.Backup.IsZero() || time.Since(r.Backup) < 3*time.Hour {
		t.Errorf("%+v", r)
	}
	d.has(d.after)
}

// failing is a file of which some bytes cannot be read, on a disk whose reads are counted.
type failing struct {
	content  []byte
	from, to int64
	reads    int
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	f.reads++
	if at < f.to && at+int64(len(p)) > f.from {
		return 0, &os.PathError{Op: "read", Path: "a card", Err: syscall.EIO}
	}
	return bytes.NewReader(f.content).ReadAt(p, at)
}

// All that a disk gives back is copied, in whole and around what it does not.
func TestAFileIsCopiedAroundWhatCannotBeRead(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // 320,000: no whole number of blocks
	for name, c := range map[string]struct{ from, to, zeroFrom, zeroTo int64 }{
		"all can":    {0, 0, 0, 0},
		"one page":   {8192, 8193, 8192, 12288},
		"two blocks": {65535, 131073, 61440, 135168},
		"the end":    {319_999, 320_000, 319_488, 320_000},
		"nothing":    {0, 320_000, 0, 320_000},
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.Clone(content)
			clear(want[c.zeroFrom:c.zeroTo])
			var out bytes.Buffer
			holes, err := copyBlocks(t.Context(), &failing{content: content, from: c.from, to: c.to}, 320_000, &out, time.Hour)
			if err != nil || holes != (c.to > 0) || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("holes: %v (%v), %d bytes", holes, err, out.Len())
			}
		})
	}
	card := &failing{content: content, to: 320_000}
	var out bytes.Buffer
	if holes, err := copyBlocks(t.Context(), card, 320_000, &out, 0); err != nil || !holes || out.Len() != len(content) || card.reads > 40 {
		t.Errorf("a card that gives nothing: holes %v (%v), %d bytes after %d reads", holes, err, out.Len(), card.reads)
	}
}
