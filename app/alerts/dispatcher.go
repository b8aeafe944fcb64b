// Package alerts sends people the alerts that they have chosen. A dispatcher reads what calls have logged and puts alerts into the outbox, from which
// package notify sends them. Messenger is notify as the pages use it.
package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringfence/app/endedcalls"
	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/outbox"
)

// Dispatcher puts people's alerts into the outbox, and has them sent. Calls do not wait for it.
type Dispatcher struct {
	Options
	by   notify.Courier
	now  func() time.Time
	once endedcalls.Once

	// What dispatch has to look at next: news of any household after seen, and those that were not looked at to the end. At weeksAt it has looked whose
	// week is over.
	seen    outbox.News
	again   map[string]bool
	weeksAt time.Time
}

// home is what texts need to know about a household at this moment: its region can change at any time.
type home struct {
	name string // in the store
	screening.Line
}

// Options are what a Dispatcher works with.
type Options struct {
	Households func() []string // by name; there may be others each time
	Line       func(household string) screening.Line
	Store      *store.Store
	Log        *slog.Logger
	OnMessage  func(sent bool) // called when a message was sent or has failed; may be nil
	Pages      string          // the address at which the pages begin, without a slash; "" where there are none
	Contact    string          // see Contact
}

// NewDispatcher fails if the program that sends messages cannot be found.
func NewDispatcher(o Options) (*Dispatcher, error) {
	by, err := newCourier(notify.UsualLimit)
	if err != nil {
		return nil, err
	}
	return &Dispatcher{Options: o, by: by, now: time.Now, once: endedcalls.Once{}}, nil
}

// SendCommand is the program's command that sends one message.
const SendCommand = "send-message"

// newCourier sends each message by a process of its own. limit is how long one may take.
func newCourier(limit time.Duration) (notify.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return notify.Process{}, fmt.Errorf("messages to carers cannot be sent: %w", err)
	}
	return notify.Process{Command: []string{self, SendCommand}, Limit: limit}, nil
}

// pollEvery is how often it looks for news without having been woken.
const pollEvery = 30 * time.Second

// Run dispatches and sends until ctx ends. changed says that there may be news; it may be nil.
func (d *Dispatcher) Run(ctx context.Context, changed <-chan struct{}) {
	wake := make(chan struct{}, 1)
	sender := &notify.Sender{Outbox: queues{d}, By: d.by, Log: d.Log, Now: d.now, Random: rand.Float64}
	var sending sync.WaitGroup
	sending.Go(func() { sender.Run(ctx, wake) })
	defer sending.Wait()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if d.dispatch(ctx) {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-changed:
		}
	}
}

// weeksEvery is how often it looks whose week is over, which no news tells.
const weeksEvery = 15 * time.Minute

// batch is how much is put into the outbox at a time, so that the database's writer is held for a few milliseconds.
const batch = 50

// dispatch puts the households' news into the outbox, and reports whether there was any. What fails is retried next time.
func (d *Dispatcher) dispatch(ctx context.Context) (news bool) {
	due, seen, err := d.due(ctx)
	if err != nil && ctx.Err() == nil {
		d.Log.Error("which households have news can't be read; it is tried again", "err", err)
	}
	d.seen = seen
	for _, name := range due {
		h := home{name, d.Line(name)}
		for {
			found, left, err := d.dispatchHousehold(ctx, h)
			if err != nil && ctx.Err() == nil {
				d.Log.Error("carers cannot be told what is new; it is tried again", "household", h.name, "err", err)
			}
			news = news || found
			if delete(d.again, name); err != nil || left != nothingLeft {
				d.again[name] = true
			}
			if err != nil || left != more {
				break
			}
		}
	}
	return news
}

// due are the households to look at now, and up to where their news are looked at then.
func (d *Dispatcher) due(ctx context.Context) (households []string, seen outbox.News, err error) {
	changed, seen, err := d.Store.Outbox.NewsSince(ctx, d.seen)
	if err != nil {
		return nil, seen, err
	}
	if d.again == nil { // at the start, what was not looked at before
		if changed, err = d.Store.Outbox.Behind(ctx); err != nil {
			return nil, d.seen, err
		}
		d.again = map[string]bool{}
	}
	look := maps.Clone(d.again)
	for _, name := range changed {
		look[name] = true
	}
	if now := d.now().Truncate(weeksEvery); !now.Equal(d.weeksAt) {
		weeks, err := d.Store.Outbox.Weeks(ctx)
		if err != nil {
			return nil, d.seen, err
		}
		for name, week := range weeks {
			if week != d.monday(d.Line(name)).Format(time.DateOnly) { // over, or of a clock that was ahead
				look[name] = true
			}
		}
		d.weeksAt = now
	}
	return slices.DeleteFunc(slices.Clone(d.Households()), func(name string) bool { return !look[name] }), seen, nil
}

// rest is what dispatchHousehold has left.
type rest int

const (
	nothingLeft rest = iota
	later            // calls that are not over yet, or a message whose words are awaited
	more             // there is more than a batch
)

func (d *Dispatcher) dispatchHousehold(ctx context.Context, h home) (found bool, left rest, err error) {
	cursor, err := d.Store.Outbox.Cursor(ctx, h.name)
	if err != nil {
		return false, nothingLeft, err
	}
	to := cursor
	notices, err := d.Store.NoticesAfter(ctx, h.name, cursor.Notice, batch)
	if err != nil {
		return false, nothingLeft, err
	}
	var all []outbox.Alert
	for i, n := range notices {
		wait, err := d.awaitsWords(ctx, h, n)
		if err != nil {
			return false, nothingLeft, err
		}
		if wait && !slices.ContainsFunc(notices[i:], isUrgent) {
			notices, left = notices[:i], later
			break
		}
		to.Notice = n.ID
		alert, ok, err := d.ofNotice(ctx, h, n)
		if err != nil {
			return false, nothingLeft, err
		}
		if ok {
			all = append(all, alert)
		}
	}
	calls, err := d.Store.CallsAfter(ctx, h.name, cursor.Call, endedcalls.LookAhead)
	if err != nil {
		return false, nothingLeft, err
	}
	over, last := d.once.Pick(calls, cursor.Call, d.now())
	goesOn := len(calls) > 0 && last != calls[len(calls)-1].ID
	switch {
	case len(notices) == batch, len(calls) == endedcalls.LookAhead && !goesOn:
		left = more
	case goesOn:
		left = later
	}
	ended, err := d.ofCalls(ctx, h, over)
	if err != nil {
		return false, nothingLeft, err
	}
	to.Call, all = last, append(all, ended...)
	week, monday, err := d.ofWeek(ctx, h, cursor.Week)
	if err != nil {
		return false, nothingLeft, err
	}
	to.Week, all = monday, append(all, week...)
	if to == cursor && len(all) == 0 {
		return false, left, nil
	}
	if err := d.put(ctx, h, all, cursor, to); err != nil {
		return false, nothingLeft, err
	}
	d.once.Picked(calls, over, last)
	return len(all) > 0, left, nil
}

// put puts all into the outbox, a batch at a time. The cursor moves with the last batch, and the outbox drops duplicates, so after a fault all of it
// can be put there again.
func (d *Dispatcher) put(ctx context.Context, h home, all []outbox.Alert, from, to outbox.Cursor) error {
	for len(all) > batch {
		if err := d.Store.Outbox.Enqueue(ctx, h.name, all[:batch], from); err != nil {
			return err
		}
		all = all[batch:]
	}
	return d.Store.Outbox.Enqueue(ctx, h.name, all, to)
}

// ofNotice is the alert for a notice; some kinds have none.
func (d *Dispatcher) ofNotice(ctx context.Context, h home, n store.Notice) (alert outbox.Alert, ok bool, err error) {
	kind, ok := noticeEvents[n.Kind]
	if !ok {
		return outbox.Alert{}, false, nil
	}
	alert = outbox.Alert{Event: kind.event, Source: "notice " + strconv.FormatInt(n.ID, 10), At: n.At, Text: oneLine(n.Text), Urgent: kind.urgent, Call: n.Call}
	if kind.rarely {
		alert.Topic = n.Kind
	}
	if n.Call == 0 || kind.caller == "" {
		return alert, true, nil
	}
	call, err := d.Store.Call(ctx, h.name, n.Call)
	if errors.Is(err, store.ErrNoCall) { // deleted meanwhile
		return alert, true, nil
	}
	said := kind.caller
	if said == byNotice {
		said = strings.ReplaceAll(strings.TrimSuffix(alert.Text, "."), "%", "%%") + ": %s."
	}
	_, more, _ := strings.Cut(alert.Text, ". ")
	alert.Text = fmt.Sprintf(said, whoRang(call, h.Region))
	switch n.Kind {
	case store.NoticeScamWords: // why it sounds like one gives away what they said
		alert.Words = more
	case store.NoticeMessageLeft:
		alert.Words = wordsOf(call)
	}
	return alert, true, err
}

func isUrgent(n store.Notice) bool { return noticeEvents[n.Kind].urgent }

// wordsTime is how long an alert of a message waits for its words at least. It waits half as long as the message more, so that a slow computer can read
// that meanwhile (docs/speech-measured.md, "What it costs"). A message has two minutes at most.
const wordsTime, mostWordsTime = 8 * time.Second, 68 * time.Second

// awaitsWords says whether a message that was just left is still being read, and the alert of it waits for that.
func (d *Dispatcher) awaitsWords(ctx context.Context, h home, n store.Notice) (bool, error) {
	age := d.now().Sub(n.At)
	if n.Kind != store.NoticeMessageLeft || n.Call == 0 || age < 0 || age > mostWordsTime {
		return false, nil
	}
	if wanted, err := d.Store.Outbox.WantsWords(ctx, h.name); err != nil || !wanted {
		return false, err
	}
	r, there, err := d.Store.Recording(ctx, h.name, n.Call, calllog.RecordedMessage)
	return there && !r.WereRead && age <= wordsTime+r.Length/2, err
}

// ofCalls are the alerts for calls that are over.
func (d *Dispatcher) ofCalls(ctx context.Context, h home, over []store.LoggedCall) (all []outbox.Alert, err error) {
	for _, c := range over {
		if c.Action == screening.Screen && c.Outcome == calllog.Talked { // a carer may have let it through: its steps tell
			whole, err := d.Store.Call(ctx, h.name, c.ID)
			if errors.Is(err, store.ErrNoCall) { // deleted meanwhile
				continue
			}
			if err != nil {
				return nil, err
			}
			c = whole
		}
		all = append(all, ofCall(h, c)...)
	}
	return all, nil
}

// weekly is when the week's summary is made: Monday at nine, by the household's clocks.
const weekly = 9

// monday is the beginning of the week whose Monday's nine o'clock came last by a household's clocks.
func (d *Dispatcher) monday(line screening.Line) time.Time {
	now := d.now().In(line.Zone)
	back := (int(now.Weekday()) + 6) % 7
	if back == 0 && now.Hour() < weekly {
		back = 7
	}
	year, month, day := now.Date()
	return store.DayStart(year, month, day-back, line.Zone)
}

// ofWeek is the summary of the week that ended with the last Monday, once. monday names that Monday for the cursor.
func (d *Dispatcher) ofWeek(ctx context.Context, h home, before string) (all []outbox.Alert, monday string, err error) {
	now, end := d.now().In(h.Zone), d.monday(h.Line)
	monday = end.Format(time.DateOnly)
	if before > now.Format(time.DateOnly) { // the clock was ahead
		return nil, monday, nil
	}
	if monday <= before {
		return nil, before, nil
	}
	if before == "" { // there was nobody to tell before
		return nil, monday, nil
	}
	year, month, day := end.Date()
	begin := store.DayStart(year, month, day-7, h.Zone)
	totals, err := d.Store.TotalCalls(ctx, h.name, begin, end)
	at := time.Date(year, month, day, weekly, 0, 0, 0, h.Zone)
	return []outbox.Alert{{Event: outbox.EventWeek, Source: "week " + monday, At: at, Text: weekText(totals, begin, end)}}, monday, err
}
