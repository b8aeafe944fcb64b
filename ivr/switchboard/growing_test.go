package switchboard

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/ivr"
)

// A recording is fetched when Asterisk can have written more of it, and handed on when it has. It is not asked for all the time: this is a call.
func TestRecordingIsFollowedWhileItGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, fetched := time.Now(), 0
		blocks := func() int { // the first is late, as its caller's first packets are
			return int((time.Since(began) - 100*time.Millisecond) / blockTime)
		}
		var had []int
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := follow(ctx, func() ([]byte, error) {
			if fetched++; blocks() == 0 {
				return nil, ivr.ErrGone
			}
			return make([]byte, blocks()<<15), nil
		}, func(soFar []byte) {
			had = append(had, len(soFar)>>15)
			time.Sleep(300 * time.Millisecond) // it is read
		})
		if !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(had, []int{1, 2, 3, 4}) || fetched > 6 {
			t.Errorf("%v: handed on with %d blocks, fetched %d times", err, had, fetched)
		}
		broken := errors.New("broken")
		if err := follow(t.Context(), func() ([]byte, error) { return nil, broken }, func([]byte) {}); !errors.Is(err, broken) {
			t.Errorf("what cannot be fetched: %v", err)
		}
	})
}
