package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/store"
	"ringfence/web/backend"
)

const (
	// outageAfter is how long a line has to be down before carers are alerted. A router takes three minutes to restart.
	outageAfter = 5 * time.Minute
	// adapterAfter is the same for an adapter in the home: no router's restart takes it away, unless it is behind that router. With the 23 s in which
	// Asterisk notices (pjsip.conf, qualify_frequency) and the 10 s in which the switchboard does, carers know within two minutes.
	adapterAfter = 45 * time.Second
	outageEvery  = 10 * time.Second // how often lines are checked
	// checkedIn is ample for all parts of a line to be checked once Asterisk has started (see registrationsHold in asterisk/registrations.go).
	checkedIn = time.Minute
)

// outages alerts carers once that their household's line is down, and once that it is up again.
type outages struct {
	Options
	line func(household string) backend.Line
	down map[string]outage
	last map[string]store.Notice // of each household, before this program started; nil: not read yet
}

// Outages watches the households' lines until ctx ends.
func Outages(ctx context.Context, options Options, line func(household string) backend.Line) {
	o := &outages{Options: options, line: line, down: map[string]outage{}}
	o.every(ctx, outageEvery, o.lookAtAll, "the carers could not be alerted about their line; trying again")
}

// outage is that of one household.
type outage struct {
	since   time.Time // zero: the line is up
	alerted bool
	unsure  time.Time // since when nothing is known to be wrong, but not all is known
}

func (o *outages) lookAtAll(ctx context.Context) error {
	var errs []error
	for _, household := range o.Households() {
		if err := o.look(ctx, household); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", household, err))
		}
	}
	return errors.Join(errs...)
}

// look looks at one household's line.
func (o *outages) look(ctx context.Context, household string) error {
	was, known := o.down[household]
	if !known {
		var err error
		if was, err = o.before(ctx, household); err != nil {
			return err
		}
	}
	is, now := was, o.Now()
	line := o.line(household)
	what, after := downOf(line)
	is.unsure = time.Time{}
	if what == "" && !isKnown(line) {
		is.unsure = was.unsure
		if was.unsure.IsZero() {
			is.unsure = now
		}
	}
	switch {
	case !is.unsure.IsZero() && now.Sub(is.unsure).Abs() < checkedIn:
		// What was wrong may still be: just after a start Asterisk doesn't know yet.
	case what == "" && was.alerted:
		text, up := "The line is up again.", now
		if !is.unsure.IsZero() {
			up = is.unsure
		}
		if down := up.Sub(was.since); down > 0 { // the clock may have been set back while this program was not running
			text += fmt.Sprintf(" It was down for %s.", minutes(down))
		}
		if err := o.Notices.AddNotice(ctx, household, now, store.NoticeLineUp, text, 0); err != nil {
			return err
		}
		is = outage{}
	case what == "":
		is = outage{}
	case was.since.IsZero():
		is.since = now
	case !was.alerted && now.Sub(was.since) >= after:
		if err := o.Notices.AddNotice(ctx, household, now, store.NoticeLineDown, what, 0); err != nil {
			return err
		}
		is.alerted = true
	}
	o.down[household] = is
	return nil
}

// before is the outage that was reported before a restart, if it goes on.
func (o *outages) before(ctx context.Context, household string) (outage, error) {
	if o.last == nil {
		var err error
		if o.last, err = o.Notices.LastNotices(ctx, store.NoticeLineDown, store.NoticeLineUp); err != nil {
			return outage{}, err
		}
	}
	last, there := o.last[household]
	if !there || last.Kind == store.NoticeLineUp {
		return outage{}, nil
	}
	return outage{since: last.At.Add(-outageAfter), alerted: true}, nil
}

// isKnown says whether all parts of a line have been checked that anything checks.
func isKnown(l backend.Line) bool {
	unknown := func(p backend.Part) bool { return !p.Known && !p.Unchecked }
	return !unknown(l.Trunk) && !slices.ContainsFunc(l.Phones, unknown)
}

// downOf says what is wrong with a line, and after how long carers are to know it; "" if nothing is known to be wrong.
func downOf(l backend.Line) (what string, after time.Duration) {
	const since = "The line has been down for five minutes: "
	away := len(l.Phones) > 0
	for _, p := range l.Phones {
		away = away && p.Known && !p.Up
	}
	switch {
	case !l.Asterisk.Up:
		return since + "Ringfence has lost its phone system, Asterisk. On the machine, “ringfence check” says why.", outageAfter
	case l.SIP != "":
		return since + "no call can come in. On the machine, “ringfence check” says why.", outageAfter
	case l.Trunk.Known && !l.Trunk.Up:
		state := l.State()
		if l.Trunk.AtHome() {
			return state.Sentence + " " + state.Next, adapterAfter
		}
		return state.Sentence + " That has been so for five minutes. " + state.Next, outageAfter
	case away:
		return since + "no phone is connected, so nothing can ring. Check that the phones, or the box that they are plugged into, have power.", outageAfter
	default:
		return "", 0
	}
}

// minutes is a duration as people say it.
func minutes(d time.Duration) string {
	switch n := int(d.Round(time.Minute) / time.Minute); {
	case n < 120:
		return fmt.Sprintf("%d minutes", n)
	case n < 48*60:
		return fmt.Sprintf("%d hours", n/60)
	default:
		return fmt.Sprintf("%d days", n/60/24)
	}
}
