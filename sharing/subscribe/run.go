package subscribe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// poll is how often to check whether another process has changed what is due.
const poll = time.Minute

// Run updates lists that are due until ctx ends, and alerts carers about lists that go stale.
func (u *Updater) Run(ctx context.Context) {
	u.gatherAll(ctx)
	for ctx.Err() == nil {
		wait := u.due(ctx)
		select {
		case <-ctx.Done():
		case <-u.wake:
		case a := <-u.asked:
			done, err := u.Update(ctx, a.household, a.list)
			a.answer <- answered{done, err}
		case <-time.After(wait):
		}
	}
}

// gatherAll has all households share what they have subscribed to. Each had a list of its own before an upgrade, or somebody may have cut off an update.
func (u *Updater) gatherAll(ctx context.Context) {
	all, err := u.Store.Lists.AllSubscriptions(ctx)
	gathered := map[int64]bool{}
	for _, sub := range all {
		if err == nil && !gathered[sub.Source] {
			gathered[sub.Source] = true
			err = u.gather(ctx, sub.Source)
		}
	}
	if err == nil {
		err = u.Store.Lists.Clean(ctx)
	}
	if err != nil && ctx.Err() == nil {
		u.Log.Error("lists that households share could not be put together; it is tried again with the next update", "err", err)
	}
}

// gather has all households with a source share it rightly: in the region of their lines, which people may change, and with its latest contents.
func (u *Updater) gather(ctx context.Context, source int64) error {
	all, err := u.Store.Lists.SharedBy(ctx, source)
	if err != nil {
		return err
	}
	sources := map[int64]lists.Hold{}
	for _, sub := range all { // of a source whose region is not known yet, the first has the contents: they were read in its region
		if region := u.House(sub.Household).Region; region != "" && region != sub.Region {
			if sub.Source, err = u.Store.Lists.SetRegion(ctx, sub, region); err != nil {
				return err
			}
		}
		sources[sub.Source] = u.hold(sub.Kind)
	}
	for source, hold := range sources {
		err = errors.Join(err, u.Store.Lists.Settle(ctx, source, u.Now(), hold))
	}
	return err
}

// farthest is how far away the next time can be, as when a server wants to be left alone for a week. If it is further away the clock was wrong, and it is ignored.
const farthest = 2*MostPeriod + time.Hour

// asked is a list that somebody wants updated now.
type asked struct {
	household, list string
	answer          chan<- answered // with room for one
}

type answered struct {
	done Outcome
	err  error
}

// ErrUnderWay says that an update goes on, although nobody is waiting for it any more.
var ErrUnderWay = errors.New("the list is being downloaded")

// Soon has Run update a list, and waits for the result until ctx ends: then the error is ErrUnderWay.
func (u *Updater) Soon(ctx context.Context, household, list string) (Outcome, error) {
	answer := make(chan answered, 1)
	select {
	case u.asked <- asked{household, list, answer}:
	case <-ctx.Done(): // Run is busy with another one
		err := u.Store.Lists.SetNext(context.WithoutCancel(ctx), household, list, u.Now())
		u.Wake()
		if err == nil {
			err = ErrUnderWay
		}
		return Outcome{}, err
	}
	select {
	case a := <-answer:
		return a.done, a.err
	case <-ctx.Done():
		return Outcome{}, ErrUnderWay
	}
}

// due updates everything that is due, one list after another, and returns when to look again.
func (u *Updater) due(ctx context.Context) time.Duration {
	tried := map[int64]bool{} // each only once, even if its failure could not be noted
	for ctx.Err() == nil {
		sub, err := u.Store.Lists.NextSubscription(ctx)
		if errors.Is(err, lists.ErrNoSubscription) {
			return poll
		}
		if err != nil {
			if ctx.Err() == nil {
				u.Log.Error("which list is due cannot be told; it is tried again", "err", err)
			}
			return poll
		}
		now := u.Now()
		if wait := sub.Next.Sub(now); wait > 0 && wait <= farthest || tried[sub.Source] {
			u.tellStale(ctx, now)
			return min(max(wait, time.Second), poll)
		}
		tried[sub.Source] = true
		_, _ = u.Update(ctx, sub.Household, sub.List) // it notes and logs the result itself
	}
	return poll
}

const (
	// Unreached is how long a list may be out of reach before the carers are alerted. Web servers are usually mended within days.
	Unreached = 7 * 24 * time.Hour
	// ending is how long before the end of a list's validity they are alerted; a tenth of it if that is less.
	ending = 3 * 24 * time.Hour
)

// tellStale alerts carers about lists that go stale.
func (u *Updater) tellStale(ctx context.Context, now time.Time) {
	all, err := u.Store.Lists.MaybeStale(ctx, now.Add(ending))
	for _, sub := range all {
		how := Staleness(sub, now)
		if how <= sub.Alerted {
			continue
		}
		err = errors.Join(err, u.Store.Together(ctx, func(ctx context.Context) error {
			isNew, err := u.Store.Lists.NoteStale(ctx, sub.ID, how)
			if err != nil || !isNew {
				return err
			}
			return u.Store.AddNotice(ctx, sub.Household, now, store.NoticeListStale, u.staleText(sub, how, now), 0)
		}))
	}
	if err != nil && ctx.Err() == nil {
		u.Log.Error("carers could not be alerted about a stale list; it is tried again", "err", err)
	}
}

// Staleness says how stale a list is.
func Staleness(sub lists.Subscription, now time.Time) lists.StaleNotice {
	last := sub.Checked
	if last.IsZero() {
		last = sub.Begun
	}
	switch {
	case !sub.ValidUntil.IsZero() && !now.Before(sub.ValidUntil):
		return lists.StalePast
	case !sub.ValidUntil.IsZero() && now.After(sub.ValidUntil.Add(-min(ending, sub.ValidUntil.Sub(sub.Made)/10))):
		return lists.StaleEnding
	case sub.Failures > 0 && now.Sub(last) > Unreached:
		return lists.StaleUnreachable
	default:
		return lists.StaleNothing
	}
}

func (u *Updater) staleText(sub lists.Subscription, how lists.StaleNotice, now time.Time) string {
	until := u.House(sub.Household).Local(sub.ValidUntil).Format("2 January 2006")
	why := ""
	if sub.Error != "" {
		why = " (" + screening.CleanLine(sub.Error, 80) + ")" // a notice has 256 bytes
	}
	switch how {
	case lists.StalePast:
		return fmt.Sprintf("The list %s has been out of date since %s: it no longer turns anybody away and only warns, until there is a new one%s.", sub.List, until, why)
	case lists.StaleEnding:
		return fmt.Sprintf("The list %s is valid until %s, and there is no newer one%s. From then on it turns nobody away and only warns.", sub.List, until, why)
	default:
		days := int(now.Sub(later(sub.Checked, sub.Begun)).Hours() / 24)
		if sub.Serial == 0 {
			return fmt.Sprintf("The list %s could not be downloaded for %d days%s.", sub.List, days, why)
		}
		return fmt.Sprintf("The list %s could not be updated for %d days%s. It stays in use until %s; after that it only warns.", sub.List, days, why, until)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
