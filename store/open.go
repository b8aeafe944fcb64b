package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"ringfence/store/datafolder"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Open opens the database at path, creates it if there is none, and brings it up to date. Recordings are in the folder "recordings" beside it,
// phrases in the household's own voice in "phrases". Errors are plain sentences, for example for a file that is not a database, or one that a newer
// Ringfence has written.
//
// One that an earlier Ringfence has made is copied first, into the folder of the backups, so that people can go back (see backups.GoBack).
func Open(ctx context.Context, path string) (*Store, error) { return openAt(ctx, path, false) }

// OpenCopy is Open for a copy of the database that nothing uses yet: what it was before it is brought up to date is somewhere else.
func OpenCopy(ctx context.Context, path string) (*Store, error) { return openAt(ctx, path, true) }

func openAt(ctx context.Context, path string, isCopy bool) (*Store, error) {
	data := filepath.Dir(path)
	// A backup that is waiting to be restored (see backups.Stage).
	if err := datafolder.ApplyWhenFree(ctx, data); err != nil {
		return nil, err
	}
	if err := datafolder.MakeMedia(data); err != nil {
		return nil, err
	}
	held, err := datafolder.Hold(data)
	if err != nil {
		return nil, err
	}
	if err := datafolder.Check(data); err != nil {
		return nil, errors.Join(explain(path, err), held.Close())
	}
	if err := sqlite.Create(path); err != nil {
		return nil, errors.Join(explain(path, err), held.Close())
	}
	s := &Store{
		held: held, path: path, recordings: filepath.Join(data, datafolder.Recordings), phrases: filepath.Join(data, datafolder.Phrases),
		leastFree: LeastFree, nameBudget: nameBudget, isCopy: isCopy, snapshot: make(chan struct{}, 1),
	}
	if err := s.open(ctx); err != nil {
		fault := explain(path, err)
		if err := s.Close(); err != nil && !sqlite.Damaged(err) { // said already
			fault = errors.Join(fault, err)
		}
		return nil, fault
	}
	if !datafolder.HadDatabase(data) && s.CheckpointAll(ctx) == nil {
		_ = datafolder.NoteDatabase(data) // if the disk has no room for it, the next start does it
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.write, err = sqlite.Writer(s.path); err != nil {
		return err
	}
	if err := s.isOurs(ctx); err != nil {
		return err
	}
	before := s.beforeUpgrade
	if s.isCopy {
		before = nil
	}
	if err := sqlite.Migrate(ctx, s.path, s.write.DB, migrations, before); err != nil {
		return err
	}
	if s.file, err = os.Stat(s.path); err != nil {
		return err
	}
	if err := sqlite.Exec(ctx, s.write, checkpointLate); err != nil {
		return err
	}
	if s.relaxed, err = s.openRelaxed(ctx); err != nil {
		return err
	}
	if s.tidy, err = sqlite.Relaxed(s.path); err != nil {
		return err
	}
	if s.read, err = sqlite.Readers(s.path, readers); err != nil {
		return err
	}
	s.looked = &looked{}
	s.Outbox = outbox.New(s.write, s.read)
	s.People = people.New(s.read, s.write, peopleTables)
	s.Lists = lists.New(s.write, s.relaxed, s.read, s.openRelaxed, s.Checkpoint)
	return errors.Join(s.know.prepare(ctx, s.read), s.log.prepare(ctx, s.relaxed.DB))
}

// openRelaxed opens a connection that writes and does not wait for the disk.
func (s *Store) openRelaxed(ctx context.Context) (sqlite.Connection, error) {
	db, err := sqlite.Relaxed(s.path)
	if err != nil {
		return db, err
	}
	if err := sqlite.Exec(ctx, db, checkpointLate); err != nil {
		return sqlite.Connection{}, errors.Join(err, db.Close())
	}
	return db, nil
}
