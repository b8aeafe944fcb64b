package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// ErrDamaged says that the database is damaged.
var ErrDamaged = sqlite.ErrDamaged

// Unusable says whether an error means that the database is damaged, or missing: package rescue replaces it.
func Unusable(err error) bool {
	return sqlite.Damaged(err) || sqlite.Lacks(err) || errors.Is(err, ErrDamaged) || errors.Is(err, datafolder.ErrMissing)
}

func explain(path string, err error) error {
	const until = "; until then every call rings"
	if errors.Is(err, datafolder.ErrMissing) {
		return fmt.Errorf("%w from %s: start `ringfence serve`, which puts its newest backup there; to begin with an empty one, move the whole folder away%s",
			err, filepath.Dir(path), until)
	}
	if errors.Is(err, sqlite.ErrNewer) {
		return fmt.Errorf("the database %s cannot be used, because %w: install that one again, or go back to the earlier database with `ringfence restore --before-upgrade`",
			path, err)
	}
	return sqlite.Explain(path, err, "start `ringfence serve`, which sets it aside and puts its newest backup in its place"+until)
}

// InWords puts an error of the database into a sentence for people, and leaves any other as it is.
func (s *Store) InWords(err error) error {
	if sqlite.IsFault(err) || errors.Is(err, ErrDamaged) {
		return explain(s.path, err)
	}
	return err
}

// Verify checks all of the database while calls go on: the error is ErrDamaged where something is wrong.
func (s *Store) Verify(ctx context.Context) error { return sqlite.Verify(ctx, s.path) }

// isOurs returns datafolder.ErrMissing if there was a database, and another program's file is in its place.
func (s *Store) isOurs(ctx context.Context) error {
	if !datafolder.HadDatabase(s.Folder()) {
		return nil
	}
	if ours, err := hasOurTables(ctx, s.write); err != nil || ours {
		return err
	}
	return fmt.Errorf("%w: what is there has none of its tables", datafolder.ErrMissing)
}

// hasOurTables says whether a database has any of our tables: the first that was ever made stands for all.
func hasOurTables(ctx context.Context, db sqlite.Querier) (bool, error) {
	return sqlite.Value[bool](ctx, db, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'households'")
}

var newShape = sqlite.ShapeOf(migrations)

// LikeNew says whether the database has the tables and triggers of a new one, and no others.
func (s *Store) LikeNew(ctx context.Context) (bool, error) {
	return sqlite.Like(ctx, s.read, newShape)
}

// ShapeOf says whether a database that nobody uses has the tables and triggers of a new one, and whether it has any of ours. A database from an
// earlier Ringfence is brought up to date first, so it has to be a copy.
func ShapeOf(ctx context.Context, path string) (like, ours bool, err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if ours, err = hasOurTables(ctx, db); err != nil || !ours {
		return false, ours, err
	}
	if err := sqlite.Migrate(ctx, path, db, migrations, nil); err != nil {
		return errors.Is(err, sqlite.ErrNewer), true, nil // a newer one is not damaged
	}
	like, err = sqlite.Like(ctx, db, newShape)
	return like, true, err
}

// Removed returns datafolder.ErrMissing if the database's file has been removed or replaced since it was opened. What is written after that is lost
// when this program ends, unless PutBack writes it again.
func (s *Store) Removed() error {
	now, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: its file has been removed while it was open", datafolder.ErrMissing)
	case err == nil && !os.SameFile(now, s.file):
		return fmt.Errorf("%w: another file has taken its place while it was open", datafolder.ErrMissing)
	}
	return nil
}

// PutBack closes a database whose file has been removed, and writes it again: a removed file can be read while it is open. The households' carers are
// alerted. If another file has taken its place, it is only closed. Nothing else may use the store any more.
func (s *Store) PutBack(ctx context.Context, households []string) (err error) {
	if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, s.Close())
	}
	for _, h := range households {
		err = errors.Join(err, s.AddNotice(ctx, h, time.Now(), NoticeDatabaseDamaged,
			"The database's file was deleted while Ringfence was running. Ringfence has written it again, with nothing lost. Ask whoever looks after the machine what deleted it.", 0))
	}
	work, failed := os.MkdirTemp(filepath.Dir(s.path), datafolder.WorkPrefix)
	if failed != nil {
		return errors.Join(err, failed, s.Close())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	again := filepath.Join(work, datafolder.Database)
	_, failed = s.write.DB.ExecContext(ctx, "VACUUM INTO ?", again) // this connection has had the file open from the start
	if err := errors.Join(err, failed, s.Close()); err != nil {
		return err
	}
	// The write-ahead log of the removed file is still there, and would be taken for the new one's.
	if err := errors.Join(os.RemoveAll(filepath.Join(s.Folder(), datafolder.Following)), sqlite.Remove(s.path)); err != nil {
		return err
	}
	if err := sqlite.Whole(ctx, again); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(again, 0o600), sqlite.SyncFile(again), os.Rename(again, s.path)); err != nil {
		return err
	}
	return sqlite.SyncFolder(filepath.Dir(s.path))
}
