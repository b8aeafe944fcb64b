package app

import (
	"context"
	"errors"
	"io"
	"sync"

	"ringfence/store"
)

// ending ends the application before it is told to stop from outside, so that Serve can start it again.
type ending struct {
	once  sync.Once
	asked chan struct{} // closed once why is known
	why   error
}

func newEnding() *ending { return &ending{asked: make(chan struct{})} }

// because ends the application; the first reason counts.
func (e *ending) because(err error) {
	e.once.Do(func() {
		e.why = err
		close(e.asked)
	})
}

// wait calls stop when there is a reason to.
func (e *ending) wait(ctx context.Context, stop func()) {
	select {
	case <-e.asked:
		stop()
	case <-ctx.Done():
	}
}

// reason is what there was to end for, if anything; it is added to how the application has ended.
func (e *ending) reason(ended error) error {
	select {
	case <-e.asked:
		return errors.Join(ended, e.why)
	default:
		return ended
	}
}

// errRestart says that the application is to be started again, with a backup that was restored.
var errRestart = errors.New("the application is to be restarted")

// restart lets the pages restore a backup: it is checked beside calls, and then the application starts again in this process, so that nobody has
// to start it. Meanwhile Asterisk rings the household by itself.
type restart struct {
	data   string // folder
	ending *ending
}

// Stage implements web.Backups.
func (r restart) Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (store.Contents, error) {
	return store.Stage(ctx, r.data, backup, note)
}

// Restart implements web.Backups.
func (r restart) Restart() { r.ending.because(errRestart) }
