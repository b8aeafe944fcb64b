package app

import (
	"context"
	"errors"
	"time"

	"ringfence/internal/repeat"
	"ringfence/internal/systemd"
)

const (
	signEvery = 10 * time.Second // WatchdogSec= of ringfence.service is several times this
	signLimit = 8 * time.Second
)

// showSignsOfLife tells systemd that the application works, each time that it was seen to, until ctx ends. An application that hangs is started
// again, and meanwhile Asterisk rings the household by itself.
func (s *Service) showSignsOfLife(ctx context.Context) {
	if !systemd.Listens() {
		return
	}
	notifier := &systemd.Notifier{Log: s.log}
	repeat.Every(ctx, signEvery, func() {
		if err := s.works(ctx); err == nil {
			notifier.Works()
		} else if ctx.Err() == nil {
			s.log.Error("the application does not work at the moment; it is looked at again", "err", err)
		}
	})
}

// works takes the steps that a call takes before anything is heard: what is known of a household is read, and Asterisk, where it is connected,
// answers a request. That there is no Asterisk is not the application's fault, and would not be mended by starting it again.
func (s *Service) works(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, signLimit)
	defer cancel()
	done := make(chan error, 1) // what hangs may not heed ctx
	go func() {
		_, _, err := s.db.Situation(ctx, s.Settings.Households[0].Name, "")
		if err == nil && s.board.State().Connected {
			_, err = s.board.Global(ctx, "CHANNEL") // whatever its value
		}
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.Join(errors.New("it hangs"), ctx.Err())
	}
}
