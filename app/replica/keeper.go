// Package replica keeps the replica of a data folder (package store/replica) while the program runs: it runs Litestream, which follows the database, and
// copies the files beside it as they come and go.
//
// No call waits for any of this. Litestream holds back that the write-ahead log begins anew until it has copied what is there, so one that gets no
// further is ended: the replica falls behind, and the log does not grow. Whoever looks after the machine is told (Status).
package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"ringfence/config"
	"ringfence/internal/repeat"
	"ringfence/store/replica"
)

const (
	// syncEvery is how often what was written is known to be in the replica. Litestream copies it each second by itself.
	syncEvery = 3 * time.Second
	// again is how long after a failure it is tried again.
	again = 15 * time.Second
)

// Status is how a replica is.
type Status struct {
	Complete time.Time // everything up to then is there; zero: nothing is, as far as this run knows
	Fault    error     // what keeps it from being complete, in words; nil: nothing
}

// Keeper keeps one replica.
type Keeper struct {
	settings config.Settings
	log      *slog.Logger
	stuck    time.Duration // stuckAfter, but in tests
	again    time.Duration // likewise
	// tryDaily is repeat.Daily, but in tests.
	tryDaily func(ctx context.Context, log *slog.Logger, failed string, do func(ctx context.Context) error)

	mu     sync.Mutex
	status Status
}

// New is a keeper for the replica of the settings.
func New(s config.Settings, log *slog.Logger) *Keeper {
	return &Keeper{settings: s, log: log, stuck: stuckAfter, again: again, tryDaily: repeat.Daily}
}

// Status is how the replica is now.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

func (k *Keeper) folder() string { return k.settings.Replica.Folder }

// Start keeps the replica until stop is called, whatever happens to ctx. What fails is tried again.
func (k *Keeper) Start(ctx context.Context) (stop func()) {
	if k.folder() == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			began := time.Now()
			k.failed(ctx, k.follow(ctx))
			wait := k.again
			if k.Status().Complete.After(began) { // it has worked: ten seconds are all that may be lost
				wait = time.Second
			}
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
		}
	}()
	return sync.OnceFunc(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(endWithin): // a disk that does not answer any more must not keep the program from stopping
		}
	})
}

// endWithin is how long a stopping program waits.
const endWithin = 5 * time.Second

// failed notes what keeps the replica from being complete, and logs it once.
func (k *Keeper) failed(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	err = InWords(k.folder(), err)
	k.mu.Lock()
	known := k.status.Fault != nil && k.status.Fault.Error() == err.Error()
	k.status.Fault = err
	k.mu.Unlock()
	if !known {
		k.log.Error("the replica falls behind; calls go on, and it is tried again", "err", err)
	}
}

// complete notes until when the replica is complete.
func (k *Keeper) complete(until time.Time) {
	k.mu.Lock()
	was := k.status.Fault
	k.status = Status{Complete: until}
	k.mu.Unlock()
	if was != nil {
		k.log.Info("the replica is complete again")
	}
}

// InWords is why something in a folder failed, for people.
func InWords(folder string, err error) error {
	switch {
	case errors.Is(err, replica.ErrTaken):
		return err
	case errors.Is(err, errSlow):
		return fmt.Errorf("the disk of %s does not answer", folder)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s is missing: mount its disk, or make the folder", folder)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk of %s is full", folder)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("Ringfence can't write to %s: its disk is read-only, or the folder belongs to another user", folder)
	}
	return err
}

// follow follows the database and the files until one of them fails, or ctx ends.
func (k *Keeper) follow(ctx context.Context) error {
	l, err := replica.Find(ctx)
	if err != nil {
		return err
	}
	if err := replica.Claim(k.settings.Data, k.folder()); err != nil {
		return err
	}
	if err := k.dropBacklog(keptMost); err != nil {
		return err
	}
	f, err := l.Follow(k.settings.Data, k.folder(), says{k.log})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var files sync.WaitGroup
	defer files.Wait()
	defer cancel(nil)
	defer func() { _ = f.Close() }() // a temporary folder, and a process that has ended
	copied := newFiles(k.settings)
	files.Go(func() { cancel(copied.keep(ctx)) })
	files.Go(func() {
		k.tryDaily(ctx, k.log, "the replica could not be tried out", func(ctx context.Context) error {
			err := f.Try(ctx, l)
			if errors.Is(err, replica.ErrDamaged) {
				cancel(err)
			}
			return err
		})
	})
	err = k.syncAll(ctx, f, copied)
	if errors.Is(err, replica.ErrDamaged) {
		f.Kill()
		err = errors.Join(err, k.dropBacklog(0))
	}
	return err
}
