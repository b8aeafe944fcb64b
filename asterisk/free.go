package asterisk

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

const (
	freeEvery = 2 * time.Second
	// freeLooks: a call that goes from one channel to another may have none for a moment.
	freeLooks = 2
)

// WaitUntilFree waits until nobody is on the line of a site's Asterisk. Where none is running, nobody is.
func WaitUntilFree(ctx context.Context, site Site) error {
	a := newARI(site)
	tick := time.NewTicker(freeEvery)
	defer tick.Stop()
	for free := 0; ; {
		idle, err := a.idle(ctx)
		switch {
		case idle, errors.Is(err, syscall.ECONNREFUSED):
			free++
		case err == nil, isTimeout(err): // a busy one, or one that hangs
			free = 0
		default:
			return err
		}
		if free == freeLooks {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func isTimeout(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}
