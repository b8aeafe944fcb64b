package switchboard

import (
	"context"
	"errors"
	"time"

	"ringfence/ivr"
	"ringfence/sound"
)

const (
	// blockTime is how long a recording takes to fill a block: Asterisk writes its file in blocks of 32 KB (main/file.c, write_buffer).
	blockTime = (32 << 10) * time.Second / sound.BytesPerSecond
	growAgain = blockTime / 8
)

// followRecording calls grown with what has been recorded so far, each time that it is more, until ctx ends. The recording knows nothing of it.
func (s *Switchboard) followRecording(ctx context.Context, name string, grown func(ctx context.Context, soFar []byte)) {
	err := follow(ctx, func() ([]byte, error) { return s.extra.recording(ctx, name) }, func(soFar []byte) { grown(ctx, soFar) })
	if ctx.Err() == nil {
		s.log.Warn("what a caller is saying cannot be read before they have finished", "recording", name, "err", err)
	}
}

// follow fetches a file when there may be more of it, until ctx ends, or it cannot be fetched.
func follow(ctx context.Context, fetch func() ([]byte, error), grown func(soFar []byte)) error {
	had, next := 0, time.Now().Add(blockTime)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Until(next)):
		}
		soFar, err := fetch()
		if err != nil && !errors.Is(err, ivr.ErrGone) { // it may not be there yet
			return err
		}
		if len(soFar) <= had {
			next = time.Now().Add(growAgain)
			continue
		}
		had, next = len(soFar), time.Now().Add(blockTime)
		grown(soFar)
	}
}
