package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/internal/repeat"
	"ringfence/internal/systemd"
	"ringfence/screening"
)

// signs are the times by which the application shows that it works.
type signs struct {
	every    time.Duration // WatchdogSec= of ringfence.service is several times this
	limit    time.Duration // for one look
	connects time.Duration // at most, between two attempts to connect to Asterisk
}

var usualSigns = signs{every: 10 * time.Second, limit: 8 * time.Second, connects: time.Minute}

// situations is what is known of households and numbers.
type situations interface {
	Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error)
}

// showSignsOfLife tells systemd that the application works, each time that it was seen to, until ctx ends. An application that hangs is started
// again, and meanwhile Asterisk rings the household by itself.
func (s *Service) showSignsOfLife(ctx context.Context) {
	if !systemd.Listens() {
		return
	}
	notifier := &systemd.Notifier{Log: s.log}
	repeat.Every(ctx, s.signs.every, func() {
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
	ctx, cancel := context.WithTimeout(ctx, s.signs.limit)
	defer cancel()
	done := make(chan error, 1) // what hangs may not heed ctx
	go func() {
		_, _, err := s.situations.Situation(ctx, s.current.HouseholdNames()[0], "")
		if err == nil && s.board.State().Connected {
			_, err = s.board.Global(ctx, "CHANNEL") // whatever its value
		}
		if idle := s.board.Idle(); err == nil && idle > s.signs.connects {
			err = fmt.Errorf("nothing has been done to connect to Asterisk for %s", idle.Round(time.Second))
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
