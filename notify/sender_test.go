package notify

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// box is an outbox in memory, with what was written down.
type box struct {
	mu         sync.Mutex
	recipients map[int64]*Recipient
	addresses  map[int64]string
	sent       map[int64][]int64
	sentences  map[int64]string
	fault      error         // of everything
	full       error         // of writing down what was sent
	reading    time.Duration // how long it takes from looking at what waits until that is told
}

func newBox() *box {
	return &box{recipients: map[int64]*Recipient{}, addresses: map[int64]string{}, sent: map[int64][]int64{}, sentences: map[int64]string{}}
}

func (b *box) add(id int64, address string, plan Plan, items ...Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if plan.Zone == nil {
		plan.Zone = time.UTC
	}
	r := b.recipients[id]
	if r == nil {
		r = &Recipient{ID: id, Title: "Ringfence: home", Zone: time.UTC, Plan: plan, LastSent: map[string]time.Time{}}
		b.recipients[id], b.addresses[id] = r, address
	}
	r.Items = append(r.Items, items...)
}

func (b *box) Waiting(context.Context) (all []Recipient, err error) {
	defer func() { time.Sleep(b.reading) }()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.recipients {
		if len(r.Items) > 0 {
			c := *r
			c.Items = slices.Clone(r.Items)
			all = append(all, c)
		}
	}
	return all, b.fault
}

func (b *box) Address(_ context.Context, id int64) (Target, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Target{URL: b.addresses[id]}, b.fault
}

func (b *box) Sent(_ context.Context, id int64, items []int64, at time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := errors.Join(b.fault, b.full); err != nil {
		return err
	}
	r := b.recipients[id]
	b.sent[id] = append(b.sent[id], items...)
	for _, i := range r.Items {
		if slices.Contains(items, i.ID) && i.Topic != "" {
			r.LastSent[i.Topic] = at
		}
	}
	r.Items = slices.DeleteFunc(r.Items, func(i Item) bool { return slices.Contains(items, i.ID) })
	r.Failures, r.Failing, r.Next = 0, time.Time{}, time.Time{}
	return nil
}

func (b *box) Failed(_ context.Context, id int64, at, next time.Time, why *Failure) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.recipients[id]
	if r.Failing.IsZero() {
		r.Failing = at
	}
	r.Failures, r.Next, b.sentences[id] = r.Failures+1, next, why.Sentence
	return nil
}

// sentTo is what was sent to the first recipient.
func (b *box) sentTo() []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent[1])
}

// courier sends as the address says: "good", "slow" takes a second, "dead" fails at once, "hangs" fails after half a minute.
type courier struct {
	mu    sync.Mutex
	all   []Message
	tries map[string]int
	most  int // on their way at the same time
	now   int
	dead  bool // "dead" is
}

func (c *courier) Send(ctx context.Context, to Target, m Message) error {
	address := to.URL
	c.mu.Lock()
	c.tries[address]++
	c.now++
	c.most = max(c.most, c.now)
	dead := c.dead
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	switch {
	case strings.HasPrefix(address, "hangs"):
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(30 * time.Second):
			return &Failure{Kind: "no-answer", Sentence: "It did not answer."}
		}
	case strings.HasPrefix(address, "slow"):
		time.Sleep(time.Second)
	case strings.HasPrefix(address, "dead") && dead:
		return errors.New("dead, and its secret is dead://topsecret")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, m)
	return nil
}

func (c *courier) messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

func (c *courier) tried(address string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries[address]
}

func newCourier() *courier { return &courier{tries: map[string]int{}, dead: true} }

// running runs a sender in a bubble, where time passes only while all wait.
func running(t *testing.T, b *box, c *courier, do func(wake chan<- struct{})) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		wake := make(chan struct{}, 1)
		s := &Sender{Outbox: b, By: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now, Random: func() float64 { return 0 }}
		over := make(chan struct{})
		go func() { s.Run(ctx, wake); close(over) }()
		synctest.Wait()
		do(wake)
		stop()
		<-over
	})
}

func news(id int64) Item { return Item{ID: id, At: time.Now(), Text: "something"} }

// What is new goes at once; what comes together goes in one message.
func TestSends(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		b.add(1, "good://", Plan{Digest: AtOnce}, news(1), news(2))
		wake <- struct{}{}
		synctest.Wait()
		if got := b.sentTo(); !slices.Equal(got, []int64{1, 2}) || len(c.messages()) != 1 {
			t.Errorf("%v %+v", got, c.messages())
		}
	})
}

// A message that is sent while the outbox is being read is in what is read, and is not sent again for that.
func TestSentWhileTheOutboxIsRead(t *testing.T) {
	b, c := newBox(), newCourier()
	b.reading = 2 * time.Second
	running(t, b, c, func(wake chan<- struct{}) {
		time.Sleep(10 * time.Second)
		b.add(1, "slow://", Plan{Digest: AtOnce}, news(1))
		wake <- struct{}{}
		time.Sleep(2500 * time.Millisecond) // it is on its way for another half second
		wake <- struct{}{}
		time.Sleep(time.Minute)
		if got := b.sentTo(); !slices.Equal(got, []int64{1}) || len(c.messages()) != 1 {
			t.Errorf("%v %+v", got, c.messages())
		}
	})
}

// Many services that hang take no place of a good one for more than a moment, and there are never many processes.
func TestServicesThatHangHoldNobodyUp(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		for id := range int64(20) {
			b.add(id+2, "hangs://", Plan{Digest: AtOnce}, news(id+100))
		}
		wake <- struct{}{}
		time.Sleep(5 * time.Minute) // each has failed once: from now on they have places of their own
		for n := range int64(10) {
			begun := time.Now()
			b.add(1, "good://", Plan{Digest: AtOnce}, news(n))
			wake <- struct{}{}
			synctest.Wait()
			if got := b.sentTo(); len(got) != int(n)+1 {
				t.Errorf("after %v %v", time.Since(begun), got)
			}
			time.Sleep(17 * time.Second)
		}
	})
	if c.most > places+failedPlaces {
		t.Errorf("%d on their way at a time", c.most)
	}
}

// A dead service is tried again, ever more rarely; when it is back, everything that waited comes in one message.
func TestDeadServiceComesBack(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		b.add(1, "dead://", Plan{Digest: AtOnce}, news(1))
		wake <- struct{}{}
		time.Sleep(10 * time.Minute)
		b.mu.Lock()
		if r := b.recipients[1]; r.Failures != 4 || time.Since(r.Failing) < 9*time.Minute || strings.Contains(b.sentences[1], "topsecret") || b.sentences[1] == "" {
			t.Errorf("%+v %q", r, b.sentences[1])
		}
		b.mu.Unlock()
		b.add(1, "dead://", Plan{Digest: AtOnce}, news(2))
		wake <- struct{}{} // what is new does not make it hurry
		time.Sleep(4 * 24 * time.Hour)
		if n := c.tried("dead://"); n < 70 || n > 90 {
			t.Errorf("%d tries in four days", n)
		}
		c.mu.Lock()
		c.dead = false
		c.mu.Unlock()
		time.Sleep(25 * time.Hour)
		if got := b.sentTo(); !slices.Equal(got, []int64{1, 2}) || len(c.messages()) != 1 {
			t.Errorf("%v %+v", got, c.messages())
		}
	})
}

// A time for the next try that is later than any wait is from a clock that was ahead.
func TestNextTryFromAClockThatWasAhead(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		b.add(1, "good://", Plan{Digest: AtOnce}, news(1))
		b.mu.Lock()
		r := b.recipients[1]
		r.Failures, r.Failing, r.Next = 1, time.Now().Add(20*time.Hour), time.Now().Add(20*time.Hour+time.Minute)
		b.mu.Unlock()
		wake <- struct{}{}
		synctest.Wait()
		if got := b.sentTo(); !slices.Equal(got, []int64{1}) {
			t.Error(got)
		}
	})
}

// What fails before the quiet hours waits until they are over; what repeats itself is told once an hour.
func TestQuietHoursAndRepetitions(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) { // it is midnight, 1 January 2000
		quiet := Plan{QuietFrom: at(0, 10), QuietTo: at(7, 0), Digest: AtOnce, BreakQuiet: true}
		b.add(1, "dead://", quiet, news(1))
		wake <- struct{}{}
		time.Sleep(10 * time.Minute)
		tries := c.tried("dead://")
		c.mu.Lock()
		c.dead = false
		c.mu.Unlock()
		time.Sleep(6 * time.Hour)
		if n := c.tried("dead://"); n != tries {
			t.Errorf("%d tries in the quiet hours", n-tries)
		}
		b.add(1, "", quiet, Item{ID: 2, At: time.Now(), Urgent: true})
		time.Sleep(time.Minute)
		if got := b.sentTo(); !slices.Equal(got, []int64{2}) {
			t.Errorf("only what is urgent breaks the quiet: %v", got)
		}
		time.Sleep(time.Hour)
		if got := b.sentTo(); !slices.Equal(got, []int64{2, 1}) {
			t.Errorf("%v", got)
		}
		before := len(c.messages())
		for n := range int64(90) { // every minute
			b.add(1, "", quiet, Item{ID: n + 10, At: time.Now(), Topic: "again", Text: "again."})
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		if got := len(c.messages()) - before; got != 3 || len(b.sentTo()) != 92 {
			t.Errorf("%d messages: %+v", got, c.messages())
		}
	})
}

// A database that fails is asked again some time later, not round and round.
func TestOutboxFails(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		b.add(1, "good://", Plan{Digest: AtOnce}, news(1))
		b.mu.Lock()
		b.fault = errors.New("no database")
		b.mu.Unlock()
		wake <- struct{}{}
		time.Sleep(10 * time.Minute)
		b.mu.Lock()
		b.fault = nil
		b.mu.Unlock()
		time.Sleep(look + time.Second)
		if got := b.sentTo(); !slices.Equal(got, []int64{1}) || c.tried("good://") != 1 {
			t.Errorf("%v", got)
		}
	})
}

// What was sent and cannot be written down is not sent again, but written down later.
func TestSentIsWrittenDownLater(t *testing.T) {
	b, c := newBox(), newCourier()
	running(t, b, c, func(wake chan<- struct{}) {
		b.full = errors.New("the disk is full")
		b.add(1, "good://", Plan{Digest: AtOnce}, news(1))
		wake <- struct{}{}
		time.Sleep(10 * time.Minute)
		b.mu.Lock()
		b.full = nil
		b.mu.Unlock()
		b.add(1, "good://", Plan{Digest: AtOnce}, news(2))
		time.Sleep(2 * look)
		if got := b.sentTo(); !slices.Equal(got, []int64{1, 2}) || len(c.messages()) != 2 {
			t.Errorf("%v %v", got, c.messages())
		}
	})
}
