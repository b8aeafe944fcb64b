package list

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// Options say how a list is published. The zero Options are the usual ones.
type Options struct {
	Protected *Protected    // numbers that the publisher never lists; nil for none
	Deltas    int           // from how many earlier serials there are deltas; 0 means 30, below 0 none
	Grace     time.Duration // how long parts of earlier serials stay for readers who are downloading them; 0 means a day
	Least     int64         // the serial is this or the next one, whichever is more
}

const (
	usualDeltas = 30
	usualGrace  = 24 * time.Hour
	usualValid  = 30 * 24 * time.Hour
	// worthwhile is the size up to which a delta may be larger than the full list.
	worthwhile = 64 << 10
)

// Published is the result of publishing.
type Published struct {
	Manifest Manifest
	Refused  int       // entries that are not allowed on the list
	Refusals []Refusal // the first thousand of them
	Changed  int64     // lines of the delta from the serial before; all entries where there was none
}

// Refusal is an entry that was left out.
type Refusal struct {
	Number string // with the plus sign, and * after a prefix
	Why    string // fits after the number
}

func refusalOf(e Entry, why error) Refusal {
	if e.Prefix {
		return Refusal{"+" + e.Digits + "*", why.Error()}
	}
	return Refusal{"+" + e.Digits, why.Error()}
}

func (r Refusal) String() string { return r.Number + " " + r.Why }

const maxRefusals = 1000

// ErrBusy says that somebody else is publishing into the folder.
var ErrBusy = errors.New("somebody else is publishing into this folder at the moment: try again in a minute")

// Publish writes a list, signed with the publisher's key, into a folder, which is created if need be. m describes the list (Name to Appeals); its
// Serial, Made and ValidUntil may be set, and are the next one, now, and 30 days from Made otherwise. Entries have to be in order, as Sort and the
// store return them; those that are not allowed on a list are left out and named. Only one is in memory at a time.
//
// Readers see the old list until the new one is complete. A folder with a list of another key is left alone.
func Publish(ctx context.Context, dir string, key minisign.PrivateKey, m Manifest, entries iter.Seq2[Entry, error], o Options) (Published, error) {
	public, _ := key.Public().(minisign.PublicKey)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Published{}, err
	}
	unlock, err := lock(dir)
	if err != nil {
		return Published{}, err
	}
	defer unlock()
	before, err := previous(dir, public)
	if err != nil {
		return Published{}, err
	}
	if m, err = next(m, before, o.Least); err != nil {
		return Published{}, err
	}
	w := &publishing{ctx: ctx, dir: dir, m: m, before: before, guard: NewGuard(o.Protected, screening.Household{Region: m.Region})}
	if err := w.parts(entries, o.deltas()); err != nil {
		return Published{}, err
	}
	if err := w.switchOver(key); err != nil {
		return Published{}, err // where the signature is new already, the next publication puts the manifest beside it
	}
	return Published{Manifest: w.m, Refused: w.refused, Refusals: w.refusals, Changed: w.changed}, clearOld(dir, w.m, before, o.grace())
}

func (o Options) deltas() int {
	if o.Deltas == 0 {
		return usualDeltas
	}
	return min(max(o.Deltas, 0), maxParts-1)
}

func (o Options) grace() time.Duration {
	if o.Grace <= 0 {
		return usualGrace
	}
	return o.Grace
}

// lock keeps a second publisher out. It locks the folder itself, because a lock file would be served.
func lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // nothing was written through it
}

// pending is a manifest whose signature is in place already.
const pending = newFiles + ManifestFile

// previous is the manifest of the list in the folder; one without a serial if there is none. A publication that was cut off between signature and
// manifest is completed.
func previous(dir string, key minisign.PublicKey) (Manifest, error) {
	if text, err := os.ReadFile(filepath.Join(dir, pending)); err == nil {
		signature, err := os.ReadFile(filepath.Join(dir, SignatureFile))
		if err == nil && minisign.Verify(key, text, signature) {
			if err := os.Rename(filepath.Join(dir, pending), filepath.Join(dir, ManifestFile)); err != nil {
				return Manifest{}, err
			}
		}
	}
	if err := clearNew(dir); err != nil {
		return Manifest{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, nil
	}
	m, err := OpenDir(dir, key, DefaultLimits())
	if errors.Is(err, ErrSignature) {
		return m, fmt.Errorf("the list in %s is signed with another key than yours: choose an empty folder, or take the key of that list", dir)
	}
	return m, err
}

// OpenDir verifies and reads the manifest of a list in a folder. The error is fs.ErrNotExist if there is none, otherwise as for Open.
func OpenDir(dir string, key minisign.PublicKey, limits Limits) (Manifest, error) {
	m, _, _, err := ReadDir(dir, key, limits)
	return m, err
}

// ReadDir is OpenDir, and also returns the manifest and its signature as they are in their files. The two are replaced one after the other: in the
// moment between, the error is ErrSignature.
func ReadDir(dir string, key minisign.PublicKey, limits Limits) (m Manifest, text, signature []byte, err error) {
	if text, err = readAtMost(filepath.Join(dir, ManifestFile), MaxManifest); err != nil {
		return Manifest{}, nil, nil, err
	}
	if signature, err = readAtMost(filepath.Join(dir, SignatureFile), MaxSignature); err != nil {
		return Manifest{}, nil, nil, err
	}
	m, err = Open(text, signature, key, limits)
	return m, text, signature, err
}

// next fills in Serial, Made and ValidUntil of a list that follows another.
func next(m, before Manifest, least int64) (Manifest, error) {
	m.Format = Format
	if m.Serial == 0 {
		m.Serial = max(before.Serial+1, least)
	}
	if m.Serial <= before.Serial {
		return m, fmt.Errorf("the list in this folder has serial %d already, and a new one has to be greater: serial %d is not", before.Serial, m.Serial)
	}
	if m.Made.IsZero() {
		m.Made = time.Now()
	}
	m.Made = m.Made.UTC().Truncate(time.Second)
	if m.ValidUntil.IsZero() {
		m.ValidUntil = m.Made.Add(usualValid)
	}
	m.ValidUntil = m.ValidUntil.UTC().Truncate(time.Second)
	return m, m.checkDescription()
}

// publishing is one publication in progress.
type publishing struct {
	ctx    context.Context // lives as long as one call of Publish
	dir    string
	m      Manifest
	before Manifest
	guard  *Guard

	prefixes int64
	refused  int
	refusals []Refusal
	changed  int64
}

// parts writes the full list, the delta from the one before, and those from earlier ones, each made of an old delta and the new one.
func (w *publishing) parts(entries iter.Seq2[Entry, error], deltas int) error {
	full, err := writePart(w.dir, FullFile(w.m.Serial), 0, additions(w.fit(entries)))
	if err != nil {
		return err
	}
	w.m.Parts, w.m.Entries, w.changed = []Part{full}, full.Entries, full.Entries
	old := w.before.Part(0)
	if deltas == 0 || w.before.Serial == 0 || !whole(w.dir, old) {
		return nil
	}
	fresh := func(p Part) iter.Seq2[Change, error] { return readFile(w.ctx, w.dir, p) }
	last, err := writePart(w.dir, DeltaFile(w.before.Serial, w.m.Serial), w.before.Serial, diff(entriesOf(fresh(old)), entriesOf(fresh(full))))
	if err != nil {
		return err
	}
	w.changed = last.Entries
	if err := w.keep(last, full); err != nil {
		return err
	}
	for _, earlier := range w.before.Parts {
		if earlier.From == 0 || len(w.m.Parts) > deltas || !whole(w.dir, earlier) {
			continue
		}
		longer, err := writePart(w.dir, DeltaFile(earlier.From, w.m.Serial), earlier.From, compose(fresh(earlier), fresh(last)))
		if err != nil {
			return err
		}
		if err := w.keep(longer, full); err != nil {
			return err
		}
	}
	return nil
}

// keep puts a delta into the manifest, unless the full list is smaller.
func (w *publishing) keep(delta, full Part) error {
	if delta.Size > full.Size && delta.Size > worthwhile || delta.Entries > DefaultLimits().Entries {
		return os.Remove(filepath.Join(w.dir, delta.File))
	}
	w.m.Parts = append(w.m.Parts, delta)
	return nil
}

// fit are the entries that are allowed on the list, as they are written.
func (w *publishing) fit(entries iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var last *Entry
		for e, err := range entries {
			if err == nil {
				err = w.ctx.Err()
			}
			if err != nil {
				yield(e, err)
				return
			}
			if e.Expired(w.m.Made) {
				continue
			}
			e = e.tidy()
			if err := w.mayEnter(e); err != nil {
				w.refuse(e, err)
				continue
			}
			if last != nil && compare(*last, e) >= 0 {
				yield(e, fmt.Errorf("+%s comes after +%s: the entries are not in order", e.Digits, last.Digits))
				return
			}
			last = &e
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (w *publishing) mayEnter(e Entry) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("is not a number for a list: %w", err)
	}
	if err := w.guard.Refuse(e); err != nil {
		return err
	}
	if !e.Prefix {
		return nil
	}
	if w.prefixes++; w.prefixes > DefaultLimits().Prefixes {
		return fmt.Errorf("is one beginning too many: a list has at most %d", DefaultLimits().Prefixes)
	}
	return nil
}

func (w *publishing) refuse(e Entry, why error) {
	if w.refused++; w.refused <= maxRefusals {
		w.refusals = append(w.refusals, refusalOf(e, why))
	}
}

// switchOver puts the signature and the manifest in place, one directly after the other.
func (w *publishing) switchOver(key minisign.PrivateKey) error {
	if err := w.m.check(DefaultLimits()); err != nil {
		return err // nobody would read it
	}
	text, err := w.m.text()
	if err != nil {
		return err
	}
	signature, err := sign(key, w.m, text)
	if err != nil {
		return err
	}
	newSignature := newFiles + SignatureFile
	for name, content := range map[string][]byte{pending: text, newSignature: signature} {
		if err := writeFile(filepath.Join(w.dir, name), content, os.O_TRUNC, 0o644); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(w.dir, newSignature), filepath.Join(w.dir, SignatureFile)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(w.dir, pending), filepath.Join(w.dir, ManifestFile)); err != nil {
		return err
	}
	return sqlite.SyncFolder(w.dir)
}

// writeFile writes a file to the disk. how is one of the flags of os.OpenFile, which says what to do with an existing file.
func writeFile(path string, content []byte, how int, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// clearNew removes what an unfinished publication has left.
func clearNew(dir string) error {
	return sweep(dir, func(name string) bool { return strings.HasPrefix(name, newFiles) })
}

// clearOld removes parts that no manifest has named for the grace period. A part that has just been replaced is touched, so that its time says since
// when.
func clearOld(dir string, now, before Manifest, grace time.Duration) error {
	used := map[string]bool{}
	for _, p := range now.Parts {
		used[p.File] = true
	}
	for _, p := range before.Parts {
		// The list is published by now. A part that another user has published cannot be touched, and keeps its time.
		err := os.Chtimes(filepath.Join(dir, p.File), time.Time{}, time.Now())
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return sweep(dir, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return IsPart(name) && !used[name] && err == nil && time.Since(info.ModTime()) > grace
	})
}

// IsPart says whether a file's name is that of a part.
func IsPart(name string) bool {
	var from, to int64
	if _, err := fmt.Sscanf(name, "full-%d.ndjson.gz", &to); err == nil && name == FullFile(to) {
		return true
	}
	_, err := fmt.Sscanf(name, "delta-%d-%d.ndjson.gz", &from, &to)
	return err == nil && name == DeltaFile(from, to)
}

func sweep(dir string, gone func(name string) bool) (err error) {
	files, err := os.ReadDir(dir)
	for _, f := range files {
		if gone(f.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, f.Name())))
		}
	}
	return err
}
