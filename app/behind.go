package app

import (
	"context"
	"errors"
	"time"

	"ringfence/calllog"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
)

// behind is the household's store as calls use it: they look things up in it at once, and what they write is written behind them
// (see store.WriteBehind). What a call has to know of it is waited for a second at most.
type behind struct {
	byTelephone
	queue *store.WriteBehind
}

// onlyError is for what has no answer but an error.
func onlyError(do func(ctx context.Context) error) func(ctx context.Context) (struct{}, error) {
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) }
}

// CallArrived implements ivr.Memory.
func (b behind) CallArrived(_ context.Context, household, channel string, at time.Time, id screening.Identity,
	caller screening.Caller, v screening.Verdict, outcome calllog.Outcome,
) (int64, error) {
	return b.queue.CallArrived(household, channel, at, id, caller, v, outcome)
}

// CallGoesOn implements ivr.Memory.
func (b behind) CallGoesOn(_ context.Context, channel string, outcome calllog.Outcome) error {
	b.queue.CallGoesOn(channel, outcome)
	return nil
}

// CallStep implements ivr.Memory.
func (b behind) CallStep(_ context.Context, call int64, at time.Time, step calllog.Step) error {
	b.queue.CallStep(call, at, step)
	return nil
}

// CallEnded implements ivr.Memory.
func (b behind) CallEnded(_ context.Context, call int64, at time.Time, outcome calllog.Outcome) error {
	b.queue.CallEnded(call, at, outcome)
	return nil
}

// CallByChannel implements ivr.Memory.
func (b behind) CallByChannel(ctx context.Context, channel string) (call int64, household string, err error) {
	if err := b.queue.Flush(ctx); err != nil {
		return 0, "", err
	}
	return b.byTelephone.CallByChannel(ctx, channel)
}

// CallOver implements ivr.Memory.
func (b behind) CallOver(ctx context.Context, channel string) (bool, error) {
	if err := b.queue.Flush(ctx); err != nil {
		return false, err
	}
	return b.byTelephone.CallOver(ctx, channel)
}

// OpenChannels implements ivr.Memory.
func (b behind) OpenChannels(ctx context.Context) ([]string, error) {
	if err := b.flushed(ctx); err != nil {
		return nil, err
	}
	return b.byTelephone.OpenChannels(ctx)
}

// Caller implements ivr.Memory.
func (b behind) Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error) {
	if err := b.flushed(ctx); err != nil {
		return 0, "", "", err
	}
	return b.byTelephone.Caller(ctx, channel)
}

// LastCaller implements ivr.Choices. Who is blocked by it must be the last one.
func (b behind) LastCaller(ctx context.Context, household string) (ivr.LastCaller, bool, error) {
	if err := b.queue.Flush(ctx); err != nil {
		return ivr.LastCaller{}, false, err
	}
	return b.byTelephone.LastCaller(ctx, household)
}

// Messages implements ivr.Choices.
func (b behind) Messages(ctx context.Context, household string) ([]ivr.Message, error) {
	if err := b.flushed(ctx); err != nil {
		return nil, err
	}
	return b.byTelephone.Messages(ctx, household)
}

// flushed is for questions that the database can also answer where it lacks the last lines.
func (b behind) flushed(ctx context.Context) error {
	if err := b.queue.Flush(ctx); err != nil && !errors.Is(err, store.ErrLater) {
		return err
	}
	return nil
}

// Keep implements ivr.Memory.
func (b behind) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	return b.queue.Keep(ctx, call, kind, wav, length)
}

// BlockNumber implements ivr.Memory.
func (b behind) BlockNumber(ctx context.Context, household string, n screening.Number, note string, evenContact bool) (bool, error) {
	return store.Await(ctx, b.queue, func(ctx context.Context) (bool, error) {
		return b.byTelephone.BlockNumber(ctx, household, n, note, evenContact)
	})
}

// SendAway implements ivr.Memory.
func (b behind) SendAway(ctx context.Context, household string, n screening.Number, why string) (bool, error) {
	return store.Await(ctx, b.queue, func(ctx context.Context) (bool, error) { return b.byTelephone.SendAway(ctx, household, n, why) })
}

// AllowNumber implements ivr.Memory.
func (b behind) AllowNumber(ctx context.Context, household string, n screening.Number, name string) error {
	_, err := store.Await(ctx, b.queue, onlyError(func(ctx context.Context) error { return b.byTelephone.AllowNumber(ctx, household, n, name) }))
	return err
}

// EmergencyDialled implements ivr.Memory. With a number it is the dialplan that tells, once, and forgets when it is kept; without one
// it is a call that tells what each call after it will tell again.
func (b behind) EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error {
	keep := func(ctx context.Context) error { return b.byTelephone.EmergencyDialled(ctx, household, at, number) }
	if number == "" {
		b.queue.Later(ctx, "an emergency call could not be logged", keep)
		return nil
	}
	_, err := store.Await(ctx, b.queue, onlyError(keep))
	return err
}

// NumberDialled implements ivr.Memory.
func (b behind) NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error {
	_, err := store.Await(ctx, b.queue, onlyError(func(ctx context.Context) error { return b.byTelephone.NumberDialled(ctx, household, number, at) }))
	return err
}

// RoomForMessage implements ivr.Memory. Where the database does not say in time, a message is taken as long as the disk has room.
func (b behind) RoomForMessage(ctx context.Context, household string) (bool, error) {
	if err := b.DiskTakes(oneMessage); errors.Is(err, store.ErrDiskFull) {
		b.queue.Later(ctx, "the carers could not be told", func(ctx context.Context) error { return b.noteDiskFull(ctx, household) })
		return false, nil
	}
	room, err := store.Await(ctx, b.queue, func(ctx context.Context) (bool, error) { return b.byTelephone.RoomForMessage(ctx, household) })
	if errors.Is(err, store.ErrLater) {
		return true, nil
	}
	return room, err
}

// Notice implements ivr.Memory.
func (b behind) Notice(ctx context.Context, household string, at time.Time, kind ivr.Notice, text string, call int64) error {
	b.queue.Later(ctx, "the carers could not be told", func(ctx context.Context) error {
		return b.byTelephone.Notice(ctx, household, at, kind, text, call)
	})
	return nil
}

// UseExpected implements ivr.Memory.
func (b behind) UseExpected(ctx context.Context, household string) (bool, error) {
	return store.Await(ctx, b.queue, func(ctx context.Context) (bool, error) { return b.byTelephone.UseExpected(ctx, household) })
}

// TryPassCode implements ivr.Memory.
func (b behind) TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (string, bool, error) {
	type answer struct {
		name string
		ok   bool
	}
	a, err := store.Await(ctx, b.queue, func(ctx context.Context) (answer, error) {
		name, ok, err := b.byTelephone.TryPassCode(ctx, household, code, call, at)
		return answer{name, ok}, err
	})
	return a.name, a.ok, err
}
