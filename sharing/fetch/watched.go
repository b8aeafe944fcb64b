package fetch

import (
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// watched is a body that is closed if it comes too slowly. A read that is waiting then ends with an error.
type watched struct {
	from   io.ReadCloser
	came   atomic.Int64
	late   atomic.Bool
	broken atomic.Bool // reading has failed
	ended  chan struct{}
}

func newWatched(from io.ReadCloser, least int64, window time.Duration) *watched {
	w := &watched{from: from, ended: make(chan struct{})}
	go w.watch(least, window)
	return w
}

func (w *watched) watch(least int64, window time.Duration) {
	tick := time.NewTicker(window)
	defer tick.Stop()
	for {
		select {
		case <-w.ended:
			return
		case <-tick.C:
		}
		if w.came.Swap(0) < least {
			w.late.Store(true)
			_ = w.from.Close() // which is all that it is for
			return
		}
	}
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	w.came.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		w.broken.Store(true)
	}
	return n, err
}

// slow says whether the body was closed because it came too slowly. A file that was complete in time is not slow.
func (w *watched) slow() bool { return w.late.Load() && w.broken.Load() }

func (w *watched) failed() bool { return w.broken.Load() }

func (w *watched) stop() { close(w.ended) }
