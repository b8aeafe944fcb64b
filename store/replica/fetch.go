package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
)

// restore writes the database as it is in the folder of a generation to a path, while calls go before it. With check it looks at all of it.
func (l Litestream) restore(ctx context.Context, folder, to string, check bool) (err error) {
	settings, err := l.settings(to, folder, "")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ringfence-replica-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "litestream.yml")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		return err
	}
	args := []string{"restore", "-config", file, "-no-expand-env", "-o", to}
	if check {
		args = append(args, "-integrity-check", "full")
	}
	var said bytes.Buffer
	cmd := exec.Command(l.program, append(args, to)...) //nolint:gosec,noctx // the administrator's; it ends with ctx, below
	cmd.Stdout, cmd.Stderr = &said, &said
	ended, err := start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-ended:
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		<-ended
		return ctx.Err()
	}
	if !cmd.ProcessState.Success() {
		return fmt.Errorf("Litestream cannot restore the database: %s", strings.TrimSpace(said.String()))
	}
	return nil
}

// ErrDamaged says that a database which was restored from a replica is damaged.
var ErrDamaged = errors.New("what Litestream has in the replica is damaged")

// Try restores the database that is followed, looks at all of it, and deletes it again. Litestream's word is not enough: see generation.
func (f *Follower) Try(ctx context.Context, l Litestream) (err error) {
	f.mu.Lock()
	g := f.generation
	f.mu.Unlock()
	if g.Log == "" {
		return nil // nothing is there yet
	}
	size, err := datafolder.FileSize(f.path())
	if err != nil {
		return err
	}
	if free, err := store.FreeDisk(f.data); err != nil || free-size < 2*store.LeastFree {
		return errors.Join(err, errors.New("the disk has no room for a trial"))
	}
	datafolder.RemoveOld(f.data, restorePrefix, time.Now())
	work, err := os.MkdirTemp(f.data, restorePrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	failed := l.restore(ctx, filepath.Join(f.folder, DatabaseFolder, g.Name), filepath.Join(work, datafolder.Database), true)
	if failed != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrDamaged, failed)
	}
	return failed
}
