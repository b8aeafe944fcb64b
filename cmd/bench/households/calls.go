package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"ringfence/cmd/bench/load"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// scrapes is what it costs to be asked for metrics, which Prometheus does every quarter of a minute or so.
func (c *cell) scrapes(ctx context.Context, t *table) error {
	const times = 5
	before, err := c.used()
	if err != nil {
		return err
	}
	for range times {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.metrics+"/metrics", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return err
		}
	}
	after, err := c.used()
	t.cpu("being asked for metrics once: serve", (after.serve-before.serve)/times, "")
	return err
}

// withPhones registers phones, and makes calls.
func (c *cell) withPhones(ctx context.Context, t *table) error {
	homes := c.homes
	if c.phones >= 0 {
		homes = homes[:min(c.phones, len(homes))]
	}
	before, err := c.used()
	if err != nil {
		return err
	}
	ringing, cancel := context.WithCancel(ctx)
	defer cancel()
	village, err := c.register(ringing, homes)
	defer func() { village.close() }()
	if err != nil {
		return err
	}
	if err := wait(ctx, settled); err != nil { // the lamps, too
		return err
	}
	after, err := c.used()
	if err != nil {
		return err
	}
	t.cpu(fmt.Sprintf("%d phones register for the first time: Asterisk", len(homes)), after.asterisk-before.asterisk, "")
	t.cpu(fmt.Sprintf("%d phones register for the first time: serve", len(homes)), after.serve-before.serve, "")
	registered, err := c.shares(func() error { return wait(ctx, c.bench.idle) })
	if err != nil {
		return err
	}
	cost := registered.minus(c.idle)
	t.share(fmt.Sprintf("%d registrations, of phones that are asked every 20 s: Asterisk", len(homes)), cost.asterisk, "said, not barred")
	t.share(fmt.Sprintf("%d registrations, of phones that are asked every 20 s: serve", len(homes)), cost.serve, "said, not barred")
	if err := c.calls(ctx, t, homes, cost); err != nil {
		return err
	}
	return village.answered()
}

// calls makes a call a second, and 50.
func (c *cell) calls(ctx context.Context, t *table, homes []testbed.Home, registrations used) error {
	n := int(c.bench.idle.Seconds()) / 2
	u, err := c.shares(func() error {
		talking := make(chan error, 1)
		go func() { talking <- c.ring(ctx, homes, load.Talk, n, 2*time.Second) }()
		return errors.Join(c.ring(ctx, homes, load.Blocked, n, 2*time.Second), <-talking)
	})
	if err != nil {
		return err
	}
	u = u.minus(registrations)
	t.share("a call a second, to contacts and blocked: Asterisk", u.asterisk, "")
	t.share("a call a second, to contacts and blocked: serve", u.serve, "")
	t.share("a call a second, both together beside registrations", u.both(), "under 5 %")
	if c.load == 0 {
		return nil
	}
	n = int(c.load.Seconds()) * 50
	if u, err = c.shares(func() error { return c.ring(ctx, homes, load.Blocked, n, time.Second/50) }); err != nil {
		return err
	}
	t.add(fmt.Sprintf("50 calls a second for %s", c.load), "none failed", "none fails")
	t.share("50 calls a second: Asterisk", u.asterisk, "")
	t.share("50 calls a second: serve", u.serve, "")
	return nil
}

// mostLines is from how many trunks calls come at a time: sipp has a socket for each.
const mostLines = 400

// ring makes calls to the homes in turn, by their contacts or by callers whom they have blocked.
func (c *cell) ring(ctx context.Context, homes []testbed.Home, course string, n int, every time.Duration) error {
	all := load.Calls{Dir: c.dir, SIP: c.testbed.SIP, Course: course, Number: n, Every: every}
	step := max(1, (len(homes)+mostLines-1)/mostLines)
	for k := range blocks { // in turn, because one who is being turned away is refused if they ring again
		for i := 0; i < len(homes); i += step {
			from := blocked(i+1, k) // the testbed's own household is the first
			if course == load.Talk {
				from = contact(i+1, k)
			}
			all.Callers = append(all.Callers, load.Caller{Number: "0" + string(from[3:]), Address: homes[i].Address, Dials: "0" + homes[i].Number[3:]})
		}
	}
	if len(all.Callers) == 0 {
		return errors.New("no phone has registered, so nobody can be rung: give -phones 1 at least")
	}
	return all.Make(ctx)
}

// phones are the households' telephones.
type phones struct {
	mu       sync.Mutex
	all      []*softphone.Phone
	failed   error
	answers  sync.WaitGroup
	answered func() error
}

// registerAtOnce is how many phones register at a time.
const registerAtOnce = 8

// register makes the homes' phones, which answer until ctx ends, and registers them.
func (c *cell) register(ctx context.Context, homes []testbed.Home) (*phones, error) {
	p := &phones{}
	p.answered = func() error { p.mu.Lock(); defer p.mu.Unlock(); return p.failed }
	var registering sync.WaitGroup
	next := make(chan testbed.Home)
	for range registerAtOnce {
		registering.Go(func() {
			for h := range next {
				p.note(p.add(ctx, h, c.testbed.SIP))
			}
		})
	}
	for _, h := range homes {
		next <- h
	}
	close(next)
	registering.Wait()
	return p, p.answered()
}

func (p *phones) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = errors.Join(p.failed, err)
}

func (p *phones) add(ctx context.Context, h testbed.Home, server string) error {
	phone, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: h.Name, Address: testbed.HomeIP + ":0"}, Server: server, User: h.Phone(), Password: h.Password, CallWaiting: true,
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.all = append(p.all, phone)
	p.mu.Unlock()
	p.answers.Go(func() {
		for {
			call, err := phone.Rings(ctx)
			if err != nil {
				return // over
			}
			if err := call.Answer(ctx); err != nil && ctx.Err() == nil {
				p.note(err)
			}
		}
	})
	return phone.Register(ctx)
}

// close takes the phones away without a word: Asterisk is about to end, too.
func (p *phones) close() {
	p.mu.Lock()
	all := p.all
	p.mu.Unlock()
	var unplugging sync.WaitGroup
	for _, phone := range all {
		unplugging.Go(func() { _ = phone.Unplug() })
	}
	unplugging.Wait()
	p.answers.Wait()
}
