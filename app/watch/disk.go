package watch

import (
	"context"
	"fmt"
	"time"

	"ringfence/store"
)

// SpareDisk is how much disk there should be: days of messages, and room for SQLite to work.
const SpareDisk = 200 << 20

// disk alerts carers once that the disk is nearly full, before anything is refused, and again only after there has been room.
type disk struct {
	Options
	free    func() (int64, error)
	alerted bool
	room    bool // there has been enough again
}

// Disk watches how many bytes are free until ctx ends.
func Disk(ctx context.Context, options Options, free func() (int64, error)) {
	d := &disk{Options: options, free: free}
	d.every(ctx, diskEvery, d.look, "the carers could not be alerted about the disk; trying again")
}

const (
	diskEvery = time.Minute
	// enoughAgain is how much has to be free before carers can be alerted once more, so that one shortage gives one alert.
	enoughAgain = SpareDisk + 100<<20
	// recently is how long an alert from before a restart is not repeated; seldom is how long no alert is, whatever has happened.
	recently, seldom = 24 * time.Hour, time.Hour
)

func (d *disk) look(ctx context.Context) error {
	free, err := d.free()
	switch {
	case err != nil:
		return err
	case free >= enoughAgain:
		d.alerted, d.room = false, true
		return nil
	case free >= SpareDisk || d.alerted:
		return nil
	}
	text := fmt.Sprintf("The disk of Ringfence's computer is nearly full: %d MB are left. Below %d MB no messages are taken. Delete something from it, or use a larger one.",
		free>>20, store.LeastFree>>20)
	pause := recently
	if d.room {
		pause = seldom
	}
	told, err := d.tell(ctx, store.NoticeDiskFull, pause, text)
	d.alerted = told
	return err
}
