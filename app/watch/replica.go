package watch

import (
	"context"
	"time"

	"ringfence/store"
)

const (
	replicaEvery = time.Minute
	// replicaLate is how far behind a replica has to be before carers are alerted. Whoever looks after the machine sees it at once.
	replicaLate = time.Hour
	// replicaOnce is how long the alert is not repeated: somebody has to buy a disk, or drive there.
	replicaOnce = 7 * 24 * time.Hour
)

// behind alerts carers that the copy on another disk falls behind.
type behind struct {
	Options
	begun    time.Time
	complete func() time.Time
}

// Replica watches until when the replica is complete until ctx ends.
func Replica(ctx context.Context, options Options, complete func() time.Time) {
	b := behind{options, options.Now(), complete}
	b.every(ctx, replicaEvery, b.look, "the carers could not be alerted about the replica; trying again")
}

func (b behind) look(ctx context.Context) error {
	until := b.complete()
	if until.Before(b.begun) { // it has not been complete since the start
		until = b.begun
	}
	if b.Now().Sub(until) < replicaLate {
		return nil
	}
	_, err := b.tell(ctx, store.NoticeReplicaBehind, replicaOnce, "The second copy of Ringfence's data has not been kept up to date for an hour. "+
		"Calls go on as usual. Ask whoever looks after Ringfence's computer to check the disk that it is on.")
	return err
}
