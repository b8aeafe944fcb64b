package softphone

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// voicesKnown is what the people in these tests can recognise: all voices.
var voicesKnown = sync.OnceValue(func() *recognise.Library {
	all := map[string]audio.Sound{}
	for _, name := range Voices() {
		sound, err := Voice(name)
		if err != nil {
			panic(err)
		}
		all[name] = sound
	}
	library, err := recognise.NewLibrary(all)
	if err != nil {
		panic(err)
	}
	return library
})

func voice(t *testing.T, name string) audio.Sound {
	t.Helper()
	sound, err := Voice(name)
	must(t, err)
	return sound
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// patience is far longer than anything here takes, for slow machines.
func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// collector keeps everybody's events.
type collector struct {
	mu     sync.Mutex
	events []Event
	more   chan struct{}
}

func newCollector() *collector { return &collector{more: make(chan struct{})} }

func (c *collector) take(e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
	close(c.more)
	c.more = make(chan struct{})
}

// await waits for somebody's nth event of a kind.
func (c *collector) await(t *testing.T, ctx context.Context, who string, kind Kind, n int) Event {
	t.Helper()
	for {
		c.mu.Lock()
		left, more := n, c.more
		for _, e := range c.events {
			if e.Who == who && e.Kind == kind {
				if left--; left == 0 {
					c.mu.Unlock()
					return e
				}
			}
		}
		c.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			t.Fatalf("%s %s did not happen %d times", who, kind, n)
		}
	}
}

func newCaller(t *testing.T, codecs ...Codec) *Caller {
	t.Helper()
	c, err := NewCaller(Config{Name: "caller", Address: "127.0.0.2:0", Codecs: codecs, Library: voicesKnown()})
	must(t, err)
	t.Cleanup(func() { closed(t, c.Close()) })
	return c
}

func newPhone(t *testing.T, config PhoneConfig) *Phone {
	t.Helper()
	config.Name, config.Address, config.Library = "phone", "127.0.0.3:0", voicesKnown()
	if config.User == "" {
		config.User = "hall"
	}
	p, err := NewPhone(config)
	must(t, err)
	t.Cleanup(func() { closed(t, p.Close()) })
	return p
}

func closed(t *testing.T, err error) {
	if err != nil {
		t.Errorf("closing: %v", err)
	}
}

// call lets a caller ring a phone.
func call(t *testing.T, ctx context.Context, caller *Caller, phone *Phone) (out, in *Call) {
	t.Helper()
	out, err := caller.Dial(ctx, Dial{Number: "02079460100", At: phone.Address(), From: CallerID{Number: "02079460123", Name: "Margaret"}})
	must(t, err)
	in, err = phone.Rings(ctx)
	must(t, err)
	must(t, out.Ringing(ctx))
	return out, in
}

// talk lets them talk.
func talk(t *testing.T, ctx context.Context, caller *Caller, phone *Phone) (out, in *Call) {
	t.Helper()
	out, in = call(t, ctx, caller, phone)
	must(t, in.Answer(ctx))
	must(t, out.Answered(ctx))
	return out, in
}

// noLeak fails the test if it leaves goroutines once all its telephones are closed.
func noLeak(t *testing.T) {
	t.Helper()
	before := len(goroutines())
	t.Cleanup(func() {
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			left := goroutines()
			if len(left) <= before {
				return
			}
			if time.Now().After(until) {
				t.Errorf("%d goroutines are left, %d were there before:\n%s", len(left), before, strings.Join(left, "\n\n"))
				return
			}
		}
	})
}

// goroutines are the stacks of those that run. Left out are those at sockets that sipgo 1.7.2 opens, out of our reach, to answer a request that it was
// given just before its agent was closed (TransportLayer.serverRequestConnection); one of our own that stays open is found by TestUnplugWhileItSends.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool { return strings.Contains(stack, "sip.(*TransportUDP).readUDPConnection(") })
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not say %q", text, part)
	}
}
