package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/replica"
)

const (
	// stuckAfter is how long Litestream may write nothing while it does not get the database into the replica. The first snapshot of a large database to a
	// slow disk takes longer, and it writes all the time.
	stuckAfter = time.Minute
	// logMost is how large the write-ahead log may be then.
	logMost = 256 << 20
	// keptMost is how much Litestream may keep beside the database of what the other disk has not taken, and spareDisk what has to stay free meanwhile.
	keptMost  = 512 << 20
	spareDisk = 2 * store.LeastFree
	// answersWithin is how long the other disk may take for something small.
	answersWithin = 5 * time.Second
	// noteEvery is how often it is noted on the other disk that nothing was to be copied, so that disks can rest.
	noteEvery = 30 * time.Second
)

var errSlow = errors.New("the disk does not answer")

// syncAll has everything put into the replica, again and again, and notes until when it is complete. It returns what has ended that.
func (k *Keeper) syncAll(ctx context.Context, f *replica.Follower, copied *files) error {
	progress := follows{written: f.Written(), at: time.Now()}
	var noted time.Time
	for {
		// Litestream makes folders that are missing: where a disk has gone, on the one above.
		if err := Within(answersWithin, func() error { return replica.Check(k.settings.Data, k.folder()) }); err != nil && !errors.Is(err, errSlow) {
			f.Kill()
			return err
		}
		began := time.Now()
		changed, err := f.Sync(ctx, k.stuck/3)
		switch {
		case ctx.Err() != nil:
			return ended(ctx)
		case err == nil:
			progress.at = time.Now()
			until, more := copied.complete(began)
			if !until.IsZero() && (changed || more || until.Sub(noted) >= noteEvery) {
				err = Within(answersWithin, func() error { return replica.SetComplete(k.folder(), until) })
				noted = until
			}
			if err == nil && !until.IsZero() {
				k.complete(until)
			}
		default:
			if stuck := k.whyStuck(f, &progress); stuck != nil {
				f.Kill()
				return errors.Join(stuck, k.dropBacklog(0))
			}
		}
		if err != nil && time.Since(began) >= min(syncEvery, k.stuck/3) || time.Since(progress.at) > k.again { // while it starts it does not answer either
			k.failed(ctx, k.because(err))
		}
		select {
		case <-ctx.Done():
			return ended(ctx)
		case <-f.Ended:
			return k.because(fmt.Errorf("Litestream has ended; the log has what it said"))
		case <-time.After(syncEvery):
		}
	}
}

// ended is why ctx has ended; nil where the program stops.
func ended(ctx context.Context) error {
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// because is why something failed: what is wrong with the folder, or else err itself.
func (k *Keeper) because(err error) error {
	wrong := Within(answersWithin, func() error {
		f, err := os.CreateTemp(k.folder(), ".try-")
		if err != nil {
			return err
		}
		_, err = f.Write(make([]byte, 4096))
		return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// Within does something with a disk that may not answer: it is left alone then.
func Within(limit time.Duration, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return errSlow
	}
}

// follows is how far Litestream has come.
type follows struct {
	written int64     // by it, in bytes
	at      time.Time // when it last came further
}

// whyStuck says why a Litestream that has not got everything into the replica has to be ended; nil where it may go on.
func (k *Keeper) whyStuck(f *replica.Follower, last *follows) error {
	if now := f.Written(); now != last.written {
		*last = follows{written: now, at: time.Now()}
	}
	kept := sizeOf(filepath.Join(k.settings.Data, datafolder.Following))
	free, err := store.FreeDisk(k.settings.Data)
	switch log, _ := datafolder.FileSize(filepath.Join(k.settings.Data, datafolder.Database+"-wal")); {
	case time.Since(last.at) > k.stuck:
		return errors.New("Litestream got no further for a minute, so Ringfence starts it again")
	case log > logMost:
		return fmt.Errorf("Ringfence starts Litestream again, because the database's write-ahead log has grown to %d MB", log>>20)
	case kept > keptMost, err == nil && free < spareDisk && kept > spareDisk/10:
		return fmt.Errorf("Ringfence starts Litestream again, because %d MB wait here that the other disk hasn't taken", kept>>20)
	}
	return nil
}

// dropBacklog removes what Litestream keeps beside the database, if it is more than so many bytes. It begins with a snapshot then.
func (k *Keeper) dropBacklog(most int64) error {
	kept := filepath.Join(k.settings.Data, datafolder.Following)
	if sizeOf(kept) <= most {
		return nil
	}
	return os.RemoveAll(kept)
}

// sizeOf is how many bytes the files below a folder have.
func sizeOf(folder string) (size int64) {
	_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil // it comes and goes
	})
	return size
}

// says passes on what Litestream says, which is a line at a time.
type says struct{ log *slog.Logger }

func (s says) Write(line []byte) (int, error) {
	s.log.Warn("Litestream says", "line", strings.TrimSpace(string(line)))
	return len(line), nil
}
