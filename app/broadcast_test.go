package app

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &broadcast{}
		c.notify() // nobody waits
		changed, cancel := c.subscribe()
		other, cancelOther := c.subscribe()
		var all sync.WaitGroup
		for range 100 {
			all.Go(c.notify) // never blocks, though nobody looks
		}
		all.Wait()
		<-changed
		<-other
		select {
		case <-changed:
			t.Error("a hundred changes are more than one")
		default:
		}
		cancel()
		c.notify()
		select {
		case <-changed:
			t.Error("told after cancel")
		case <-other:
		}
		cancelOther()
		if len(c.subscribers) != 0 {
			t.Errorf("%d still wait", len(c.subscribers))
		}
	})
}

// Whoever need not know at once is told once of many changes, and of the last one.
func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		c := &broadcast{}
		changed, cancel := c.subscribe()
		defer cancel()
		throttled, began, told := throttle(ctx, changed), time.Now(), 0
		go func() {
			for range 100 {
				c.notify()
				time.Sleep(throttlePause / 50)
			}
		}()
		for range throttled {
			if told++; time.Since(began) >= 2*throttlePause {
				break
			}
		}
		if told != 3 {
			t.Errorf("told %d times in %s", told, time.Since(began))
		}
		end()
		synctest.Wait()
	})
}
