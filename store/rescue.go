package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ringfence/store/sqlite"
)

// What is in the data folder beside the database, for the day that it is damaged.
const (
	// madeFile says that there is a database here: where it is missing or empty one day, that is no new machine.
	madeFile = "ringfence.db.made"
	madeText = "There is a database here. Where ringfence.db is missing or empty, \"ringfence serve\" puts its newest backup in its place.\n"
	// damagedPrefix begins the names of folders with a damaged database, and what belongs to it; reportFile is in each.
	damagedPrefix = "damaged-"
	reportFile    = "report.json"
	rescuePrefix  = ".rescue-"
)

// Faults of a database.
var (
	ErrDamaged = sqlite.ErrDamaged
	// ErrMissing says that there was a database, and is none.
	ErrMissing = errors.New("the database is missing")
)

// Unusable tells whether an error says that the database is damaged, or missing: RescueDatabase replaces it.
func Unusable(err error) bool {
	return sqlite.Damaged(err) || sqlite.Lacks(err) || errors.Is(err, ErrDamaged) || errors.Is(err, ErrMissing)
}

// Rescue is what became of a damaged database.
type Rescue struct {
	At     time.Time `json:"at"`
	Why    string    `json:"why"`
	Backup time.Time `json:"backup"` // the one that was put in its place; zero: there was none
	Lost   []string  `json:"lost"`   // the tables of which something could not be read
	Folder string    `json:"-"`      // where the damaged one is
	// LogOnly: the database itself is whole; of its write-ahead log the end cannot be read.
	LogOnly bool `json:"log_only"`
}

// lostMissing stands in Lost where there was nothing that could be read, lostLast where part of the write-ahead log could not.
const (
	lostMissing = "everything since the backup"
	lostLast    = "the latest changes"
)

// Sentence says it to people.
func (r Rescue) Sentence() string {
	if r.LogOnly {
		return "The last entries before Ringfence was started could not be read: the power failed, or the disk is failing. Check that your latest changes are still there."
	}
	put := "There was no backup yet, so a new one was begun with what can be read of it."
	if !r.Backup.IsZero() {
		put = "Its backup of " + r.Backup.Local().Format("2 January at 15:04") + " was put back, with what can be read of it."
	}
	if slices.Contains(r.Lost, lostMissing) && r.Backup.IsZero() {
		return "The database was lost. There was no backup yet, so an empty one was begun: contacts, blocks and settings have to be made again. The disk may be failing: have someone check it."
	}
	lost := "Nothing seems to be lost."
	if len(r.Lost) > 0 {
		lost = "These may be missing or out of date: " + strings.Join(lostWords(r.Lost), ", ") + "."
	}
	return "The database was damaged. " + put + " " + lost + " The disk may be failing: have someone check it."
}

// lostWords says what tables are about.
func lostWords(tables []string) (words []string) {
	for _, t := range tables {
		word := "other settings"
		switch {
		case t == lostMissing, t == lostLast:
			word = t
		case strings.HasPrefix(t, "contact"), t == "books":
			word = "contacts"
		case t == "blocks":
			word = "blocks"
		case strings.HasPrefix(t, "call"), t == "recordings", t == "notices", t == "inquiries", t == "emergencies", t == "dialled":
			word = "the log of calls"
		case strings.HasPrefix(t, "list"), strings.HasPrefix(t, "subscription"):
			word = "shared lists"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// Sound is an error where the database in a data folder cannot be used: ErrDamaged, or ErrMissing where there was one. A folder that never
// had one is sound. It is for before the database is opened.
func Sound(data string) error {
	made := wasMade(data)
	info, err := os.Stat(filepath.Join(data, memberDatabase))
	switch {
	case errors.Is(err, fs.ErrNotExist) && made:
		return ErrMissing
	case err == nil && info.Size() == 0 && made:
		return fmt.Errorf("%w: its file is empty", ErrMissing)
	}
	return nil
}

// isOurs is ErrMissing where there was a database, and another program's file has taken its place.
func (s *Store) isOurs(ctx context.Context) error {
	if !wasMade(filepath.Dir(s.path)) {
		return nil
	}
	if ours, err := hasOurTables(ctx, s.write); err != nil || ours {
		return err
	}
	return fmt.Errorf("%w: what is there has none of its tables", ErrMissing)
}

// hasOurTables tells whether a database has any of ours: the first that was ever made stands for all.
func hasOurTables(ctx context.Context, db sqlite.Querier) (has bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'households'").Scan(&has)
	return has, err
}

// wasMade tells whether there was a database in a data folder.
func wasMade(data string) bool {
	_, err := os.Stat(filepath.Join(data, madeFile))
	return err == nil
}

// noteMade remembers that there is a database.
func noteMade(data string) error {
	if wasMade(data) {
		return nil
	}
	return writeFile(filepath.Join(data, madeFile), []byte(madeText))
}

// Verify looks at all of the database, beside calls: ErrDamaged where something is wrong.
func (s *Store) Verify(ctx context.Context) error { return sqlite.Verify(ctx, s.path) }

// waitForData is for how long a rescue waits for commands to end that have the data open.
const waitForData = 20 * time.Second

// RescueDatabase sets a damaged database aside and puts the newest good backup that Ringfence has made by itself in its place, with what
// can be read of the damaged one. Nobody may have it open. households are those of ringfence.toml, whose carers are told. rescued is
// false where nothing is wrong after all. With rescued, the error is of recordings that could not be set aside.
func RescueDatabase(ctx context.Context, data string, why error, households []string, now time.Time) (r Rescue, rescued bool, err error) {
	lock, err := aloneWithin(ctx, data, waitForData)
	if err != nil {
		return r, false, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	removeOld(data, rescuePrefix, now)
	work, err := os.MkdirTemp(data, rescuePrefix)
	if err != nil {
		return r, false, fmt.Errorf("the damaged database cannot be replaced: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	copied, err := copyDamaged(ctx, data, work)
	if err != nil {
		return r, false, err
	}
	// Nothing but a copy is looked at: to open the damaged one would change it.
	if copied.path != "" && !copied.holes && sqlite.Verify(ctx, copied.path) == nil {
		switch like, ours, err := shapeOf(ctx, copied.path); {
		case err != nil:
			return r, false, err
		case like:
			return r, false, nil
		case !ours:
			copied.path = "" // there is nothing to read in it
		}
	}
	r = Rescue{At: now.Truncate(time.Second), Why: why.Error(), Lost: []string{lostMissing}}
	fresh := filepath.Join(work, memberDatabase)
	if r.Backup, err = newestGood(ctx, data, fresh, now); err != nil {
		return r, false, err
	}
	if copied.path != "" {
		if r.Lost, err = salvaged(ctx, fresh, copied); err != nil {
			// What has been read of it would be a guess: the backup alone is good.
			r.Lost = []string{lostMissing}
			if r.Backup, err = newestGood(ctx, data, fresh, now); err != nil {
				return r, false, err
			}
		}
	}
	if err := sqlite.Whole(ctx, fresh); err != nil {
		return r, false, err
	}
	r.Folder = filepath.Join(data, unusedName(data, damagedPrefix+now.UTC().Format("20060102-150405")))
	if err := os.Mkdir(r.Folder, 0o700); err != nil {
		return r, false, err
	}
	if err := r.noteIn(ctx, fresh, households); err != nil {
		return r, false, err
	}
	// Before the swap: whatever happens behind it, nothing sweeps them for being unknown, or writes over them. Those that a failing disk
	// does not let go must not keep the screener off.
	unkept := keepUnknown(ctx, data, fresh, r.Folder)
	if err := setAside(data, r, fresh); err != nil {
		return r, false, errors.Join(err, unkept)
	}
	return r, true, unkept
}

// shapeOf tells whether a database consists of what ours does, and whether it has anything of it. One of an earlier Ringfence is brought up to
// date, which is why it has to be a copy.
func shapeOf(ctx context.Context, path string) (like, ours bool, err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if ours, err = hasOurTables(ctx, db); err != nil || !ours {
		return false, ours, err
	}
	if err := sqlite.Migrate(ctx, path, db, migrations); err != nil {
		return errors.Is(err, sqlite.ErrNewer), true, nil // a newer one is not damaged
	}
	like, err = sqlite.Like(ctx, db, migrations)
	return like, true, err
}

// aloneWithin waits until nobody has the data open.
func aloneWithin(ctx context.Context, data string, within time.Duration) (*os.File, error) {
	if err := makeFolders(data); err != nil {
		return nil, err
	}
	late := time.After(within)
	for {
		lock, err := alone(data)
		if !errors.Is(err, ErrInUse) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// newestGood puts the newest good backup at a path, brought up to date, or else an empty database. What is there is overwritten. A backup
// that cannot be read, all of it, is none.
func newestGood(ctx context.Context, data, path string, now time.Time) (made time.Time, err error) {
	backups, err := DailyBackups(data, now)
	if err != nil && !sqlite.Unreadable(err) {
		return time.Time{}, err
	}
	for _, b := range backups {
		if err := removeTry(path); err != nil {
			return time.Time{}, err
		}
		holes, err := copyReadable(ctx, b.Path, path)
		if err != nil && !errors.Is(err, errNotRead) {
			return time.Time{}, err
		}
		// An empty file would do as a database, but no backup is empty.
		if size, err2 := fileSize(path); err == nil && err2 == nil && size > 0 && !holes && good(ctx, path) == nil {
			return b.Made, nil
		}
	}
	if err := removeTry(path); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, good(ctx, path)
}

// removeTry removes a database, and the note that there was one, with which no other is made in its place.
func removeTry(path string) error {
	if err := os.Remove(filepath.Join(filepath.Dir(path), madeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return removeDatabase(path)
}

// good opens a database that nobody uses, and brings it up to date.
func good(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		if err := sqlite.Whole(ctx, path); err != nil {
			return err
		}
	}
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	return s.Close()
}

func removeDatabase(path string) error {
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// salvaged brings what can be read of the damaged one over.
func salvaged(ctx context.Context, fresh string, copied damagedCopy) (lost []string, err error) {
	if err := sqlite.MendHeadOf(copied.path, fresh); err != nil {
		return nil, err
	}
	lost, err = sqlite.Salvage(ctx, fresh, copied.path)
	if copied.logHoles {
		lost = append(lost, lostLast)
	}
	return lost, err
}

// noteIn writes into the database that is put in place what has happened, for the carers, and for the log of changes.
func (r Rescue) noteIn(ctx context.Context, path string, households []string) error {
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	note := AuditLine{At: r.At, By: ByCommand, What: "database-rescued", Text: r.Sentence()}
	err = s.AddAuditLine(ctx, &note)
	for _, h := range households {
		err = errors.Join(err, s.EnsureHousehold(ctx, h), s.AddNotice(ctx, h, r.At, NoticeDatabaseDamaged, r.Sentence(), 0))
	}
	return errors.Join(err, s.Close())
}

// write writes the report into the folder.
func (r Rescue) write() error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(r.Folder, reportFile), append(text, '\n'))
}

// setAside moves the damaged one into the folder, and the good one into its place. Cut off in the middle, it is begun again the next time:
// the database is missing then, or still the damaged one.
func setAside(data string, r Rescue, fresh string) error {
	if err := errors.Join(noteMade(data), r.write()); err != nil {
		return err
	}
	for _, part := range []string{"-wal", "-shm", ""} {
		name := memberDatabase + part
		if err := os.Rename(filepath.Join(data, name), filepath.Join(r.Folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh, filepath.Join(data, memberDatabase)); err != nil {
		return err
	}
	syscall.Sync()
	return nil
}

// keepUnknown moves the recordings that a database does not know into the folder: they would be deleted otherwise.
func keepUnknown(ctx context.Context, data, database, folder string) error {
	var contents Contents
	known, err := contents.count(ctx, database)
	if err != nil {
		return err
	}
	// One that is damaged itself keeps nothing from being set aside.
	_ = recordingsUnwritten(data, known)
	files, err := os.ReadDir(filepath.Join(data, "recordings"))
	if err != nil {
		return err
	}
	into := filepath.Join(folder, "recordings")
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if f.Type().IsRegular() && !known[f.Name()] {
			err = errors.Join(err, os.Rename(filepath.Join(data, "recordings", f.Name()), filepath.Join(into, f.Name())))
		}
	}
	return err
}

// CheckLog looks at the write-ahead log that a program has left which did not end by itself. Where its end cannot be read a copy is set
// aside, before SQLite forgets it. Where somebody has the database open there is nothing to look at.
func CheckLog(data string, now time.Time) (r Rescue, found bool, err error) {
	lock, err := alone(data)
	if errors.Is(err, ErrInUse) || errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	log := filepath.Join(data, memberDatabase+"-wal")
	if found, err = sqlite.LogDamaged(log); err != nil || !found {
		return r, false, err
	}
	r = Rescue{At: now.Truncate(time.Second), Why: "the write-ahead log is damaged", LogOnly: true}
	r.Folder = filepath.Join(data, unusedName(data, damagedPrefix+now.UTC().Format("20060102-150405")))
	if err := os.Mkdir(r.Folder, 0o700); err != nil {
		return r, true, err
	}
	_, err = copyReadable(context.Background(), log, filepath.Join(r.Folder, filepath.Base(log)))
	if sqlite.Unreadable(err) { // nothing of it can be kept
		err = nil
	}
	return r, true, errors.Join(err, r.write())
}

// LastRescue is the newest of which the folder is still there.
func LastRescue(data string) (r Rescue, found bool, err error) {
	entries, err := os.ReadDir(data)
	if err != nil {
		return r, false, err
	}
	for _, e := range slices.Backward(entries) { // by name, and so by time
		if !strings.HasPrefix(e.Name(), damagedPrefix) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(data, e.Name(), reportFile))
		if errors.Is(err, fs.ErrNotExist) { // cut off before it was written
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		r.Folder = filepath.Join(data, e.Name())
		return r, err == nil, err
	}
	return r, false, nil
}
