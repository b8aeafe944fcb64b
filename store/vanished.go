package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/sqlite"
)

// Removed is ErrMissing where the database's file has been removed, or another has taken its place, since it was opened. What is written
// after that is nowhere but in this program.
func (s *Store) Removed() error {
	now, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: its file has been removed while it was open", ErrMissing)
	case err == nil && !os.SameFile(now, s.file):
		return fmt.Errorf("%w: another file has taken its place while it was open", ErrMissing)
	}
	return nil
}

// PutBack closes a database whose file has been removed, and writes it again: the file is still there for whoever has it open. The carers of
// households are told. One in whose place another has come is only closed. Nothing else may use it any more.
func (s *Store) PutBack(ctx context.Context, households []string) (err error) {
	if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, s.Close())
	}
	for _, h := range households {
		err = errors.Join(err, s.AddNotice(ctx, h, time.Now(), NoticeDatabaseDamaged,
			"The database's file was deleted while Ringfence was running. It was written again, and nothing is lost. Ask whoever looks after the machine what has deleted it.", 0))
	}
	work, failed := os.MkdirTemp(filepath.Dir(s.path), rescuePrefix)
	if failed != nil {
		return errors.Join(err, failed, s.Close())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	again := filepath.Join(work, memberDatabase)
	_, failed = s.write.DB.ExecContext(ctx, "VACUUM INTO ?", again) // its connection has been open from the start
	if err := errors.Join(err, failed, s.Close()); err != nil {
		return err
	}
	// The write-ahead log of a file that has been removed is left behind, and would be taken for the new one's.
	if err := removeDatabase(s.path); err != nil {
		return err
	}
	if err := sqlite.Whole(ctx, again); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(again, 0o600), syncFile(again), os.Rename(again, s.path)); err != nil {
		return err
	}
	return sqlite.SyncFolder(filepath.Dir(s.path))
}
