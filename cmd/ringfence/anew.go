package main

import (
	"context"
	"errors"
	"io"
	"sync"

	"ringfence/store"
	"ringfence/web"
)

// errAnew says that the application has ended to begin anew, with a backup that was put back.
var errAnew = errors.New("the application begins anew")

// anew lets the pages put a backup back: it is checked beside calls, and then the application begins anew in this process, so
// that nobody has to start it. Meanwhile Asterisk rings the household by itself.
type anew struct {
	data  string // folder
	once  sync.Once
	asked chan struct{} // closed when it is to begin anew
}

func newAnew(data string) *anew { return &anew{data: data, asked: make(chan struct{})} }

// Stage implements web.Backups.
func (a *anew) Stage(ctx context.Context, backup io.Reader, note store.AuditLine) (store.Contents, error) {
	return store.Stage(ctx, a.data, backup, note)
}

// Restart implements web.Backups.
func (a *anew) Restart() { a.once.Do(func() { close(a.asked) }) }

// wait calls stop when it is to begin anew.
func (a *anew) wait(ctx context.Context, stop func()) {
	select {
	case <-a.asked:
		stop()
	case <-ctx.Done():
	}
}

// ended is how the application has ended: with errAnew where it is to begin anew.
func (a *anew) ended(err error) error {
	select {
	case <-a.asked:
		return errors.Join(err, errAnew)
	default:
		return err
	}
}

// testCalls are test calls for the pages.
type testCalls struct{ *live }

// Test implements web.TestCalls.
func (t testCalls) Test(household string) (web.TestCall, bool) {
	call, made := t.live.Test(household)
	shown := web.TestCall{Began: call.Began, Over: call.Over}
	for _, s := range call.Steps {
		shown.Steps = append(shown.Steps, web.TestStep{At: s.At, Step: string(s.Step)})
	}
	return shown, made
}
