package app

import (
	"context"
	"errors"
	"io"
	"sync"

	"ringfence/store"
)

// errRestart says that the application has ended to be started again, with a backup that was put back.
var errRestart = errors.New("the application is to be restarted")

// restart lets the pages put a backup back: it is checked beside calls, and then the application starts again in this process, so
// that nobody has to start it. Meanwhile Asterisk rings the household by itself.
type restart struct {
	data  string // folder
	once  sync.Once
	asked chan struct{} // closed when the application is to be restarted
}

func newRestart(data string) *restart { return &restart{data: data, asked: make(chan struct{})} }

// Stage implements web.Backups.
func (r *restart) Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (store.Contents, error) {
	return store.Stage(ctx, r.data, backup, note)
}

// Restart implements web.Backups.
func (r *restart) Restart() { r.once.Do(func() { close(r.asked) }) }

// wait calls stop when the application is to be restarted.
func (r *restart) wait(ctx context.Context, stop func()) {
	select {
	case <-r.asked:
		stop()
	case <-ctx.Done():
	}
}

// ended is how the application has ended: with errRestart where the application is to be restarted.
func (r *restart) ended(err error) error {
	select {
	case <-r.asked:
		return errors.Join(err, errRestart)
	default:
		return err
	}
}
