package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringfence/store"
)

// diskWatch tells carers once that the disk is nearly full, before anything is refused for it, and again only after there was room.
type diskWatch struct {
	households []string
	free       func() (int64, error)
	notices    interface {
		AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error
		LastNotice(ctx context.Context, household string, kinds ...string) (store.Notice, bool, error)
	}
	now  func() time.Time
	log  *slog.Logger
	told bool
}

const (
	diskEvery = time.Minute
	// enoughAgain is how much has to be free before carers are told once more, so that they are not told again and again around one size.
	enoughAgain = spare + 100<<20
	// toldLately is for how long an application that was restarted does not tell what the one before it has told.
	toldLately = 24 * time.Hour
)

// watch looks at every tick until ctx ends.
func (d *diskWatch) watch(ctx context.Context, tick <-chan time.Time) {
	for {
		if err := d.look(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("the carers could not be told of the disk; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

func (d *diskWatch) look(ctx context.Context) error {
	free, err := d.free()
	switch {
	case err != nil:
		return err
	case free >= enoughAgain:
		d.told = false
		return nil
	case free >= spare || d.told:
		return nil
	}
	text := fmt.Sprintf("The disk of Ringfence's computer is nearly full: %d MB are left. Below %d MB no messages are taken. Delete something from it, or use a larger one.",
		free>>20, store.LeastFree>>20)
	for _, h := range d.households {
		last, there, err := d.notices.LastNotice(ctx, h, store.NoticeDiskFull)
		if err != nil {
			return err
		}
		if there && d.now().Sub(last.At) < toldLately {
			continue
		}
		if err := d.notices.AddNotice(ctx, h, d.now(), store.NoticeDiskFull, text, 0); err != nil {
			return err
		}
	}
	d.told = true
	return nil
}

func watchDisk(ctx context.Context, s settings, db *store.Store, log *slog.Logger) {
	tick := time.NewTicker(diskEvery)
	defer tick.Stop()
	d := &diskWatch{free: func() (int64, error) { return store.FreeDisk(s.Data) }, notices: db, now: time.Now, log: log}
	for _, h := range s.Households {
		d.households = append(d.households, h.Name)
	}
	d.watch(ctx, tick.C)
}
