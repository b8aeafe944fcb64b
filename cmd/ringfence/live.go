package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ringfence/asterisk"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/store"
	"ringfence/web"
)

// live is the telephone side as the pages see it: how a line is, carers' keys for calls under way, and test calls.
type live struct {
	settings settings
	// openDoors are those that the settings leave open, for as long as this runs.
	openDoors []asterisk.OpenDoor
	screener  *ivr.Screener
	board     *switchboard.Switchboard
	changes   *changes
	log       *slog.Logger
	now       func() time.Time
	forTests  context.Context // of test calls, which go on when the page that began one has been left

	mu         sync.Mutex
	registered map[string]web.Part // trunks that register, by name
	tests      map[string]testCall // the latest of each household
	sip        string              // why no call can arrive; "" for nothing that is known
}

// Line implements web.Switchboard.
func (l *live) Line(household string) web.Line {
	h := l.settings.Households[slices.IndexFunc(l.settings.Households, func(h householdSettings) bool { return h.Name == household })]
	state := l.board.State()
	line := web.Line{
		Asterisk: web.Part{Name: "Asterisk", Up: state.Connected, Known: true, Since: state.Since},
		Trunk:    l.trunk(h.Trunk),
		Open:     openDoorsOf(household, l.openDoors),
	}
	for _, p := range h.Phones {
		phone := l.endpoint(p.Name, asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name}))
		if p.Address != "" {
			phone.Known = false // nobody asks one at a fixed address whether it is there
		}
		line.Phones = append(line.Phones, phone)
	}
	l.mu.Lock()
	line.SIP = l.sip
	l.mu.Unlock()
	if !state.Connected { // what was known last may hold no more
		line.Trunk.Known = false
		for i := range line.Phones {
			line.Phones[i].Known = false
		}
	}
	return line
}

func (l *live) trunk(name string) web.Part {
	t := l.settings.Trunks[slices.IndexFunc(l.settings.Trunks, func(t trunkSettings) bool { return t.Name == name })]
	if t.Register {
		l.mu.Lock()
		defer l.mu.Unlock()
		part := l.registered[name]
		part.Name = name
		return part
	}
	part := l.endpoint(name, asterisk.Trunk{Name: name}.Endpoint())
	part.Known = part.Known && t.Qualify
	return part
}

func (l *live) endpoint(name, endpoint string) web.Part {
	e := l.board.Endpoint(endpoint)
	return web.Part{Name: name, Up: e.There, Known: e.Known, Since: e.Since}
}

// registrationEvery is how often Asterisk is asked whether it is registered. It asks the other side every few minutes itself.
const registrationEvery = 30 * time.Second

// watchRegistrations keeps track of the trunks that register; Asterisk tells of them at its console alone.
func (l *live) watchRegistrations(ctx context.Context) {
	if !slices.ContainsFunc(l.settings.Trunks, func(t trunkSettings) bool { return t.Register }) {
		return
	}
	changed, cancel := l.changes.wait() // it has connected to Asterisk, for example
	defer cancel()
	tick := time.NewTicker(registrationEvery)
	defer tick.Stop()
	var inst asterisk.Installation
	for connected := false; ; {
		before := connected
		if connected = l.board.State().Connected; connected {
			var err error
			if inst.Program == nil {
				inst, err = asterisk.Find(ctx)
			}
			var registered map[string]bool
			if err == nil {
				registered, err = registrations(ctx, inst, l.settings.asteriskDir())
			}
			if err != nil && ctx.Err() == nil && !before {
				l.log.Warn("it cannot be known whether the line is registered", "err", err)
			}
			l.noteRegistrations(registered, err)
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return
			case <-changed:
				waiting = l.board.State().Connected == connected
			case <-tick.C:
				waiting = false
			}
		}
	}
}

// sipEvery is how often Asterisk is asked over SIP whether it is there.
const sipEvery = 10 * time.Second

// watchSIP keeps track of whether calls can arrive.
func (l *live) watchSIP(ctx context.Context) {
	tick := time.NewTicker(sipEvery)
	defer tick.Stop()
	for {
		why := ""
		if err := l.settings.Asterisk.checkSIP(ctx); err != nil {
			why = err.Error()
		}
		if ctx.Err() != nil {
			return
		}
		l.noteSIP(why)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l *live) noteSIP(why string) {
	l.mu.Lock()
	was := l.sip
	l.sip = why
	l.mu.Unlock()
	if was == why {
		return
	}
	if why != "" {
		l.log.Error("no call can arrive", "err", why)
	}
	l.changes.tell()
}

// noteRegistrations remembers what was found out, and since when it is so.
func (l *live) noteRegistrations(registered map[string]bool, err error) {
	l.mu.Lock()
	changed := false
	for _, t := range l.settings.Trunks {
		was, seen := l.registered[t.Name]
		now := web.Part{Name: t.Name, Up: registered[t.Name], Known: err == nil, Since: was.Since}
		if err != nil {
			now.Up = was.Up
		}
		if !seen || now.Up != was.Up {
			now.Since = l.now()
		}
		changed = changed || now != was
		l.registered[t.Name] = now
	}
	l.mu.Unlock()
	if changed {
		l.changes.tell()
	}
}

// Press implements web.Switchboard.
func (l *live) Press(ctx context.Context, household string, call int64, key web.Key, by string) error {
	err := l.screener.Press(ctx, household, call, ivr.CarerKey(key), by)
	return l.inWords(err, "a carer's key could not be taken", "call", call)
}

// inWords leaves an error that is a sentence for people as it is, and puts one in place of any other, which is logged.
func (l *live) inWords(err error, what string, about ...any) error {
	var refused ivr.Refused
	if err == nil || errors.As(err, &refused) {
		return err
	}
	l.log.Error(what, append(about, "err", err)...)
	return errors.New("Ringfence could not do that just now. Look at the line's state, and try again.")
}

// Changed implements web.Switchboard.
func (l *live) Changed() (<-chan struct{}, func()) { return l.changes.wait() }

// testCall is a test call of a household's telephones, with its steps so far.
type testCall struct {
	Began time.Time
	Steps []testStep
	Over  bool
}

// testStep is one of ivr's.
type testStep struct {
	At   time.Time
	Step ivr.TestStep
}

// StartTest begins a test call; the error is a sentence for people. Test tells how it goes on, and Changed when.
func (l *live) StartTest(household string) error {
	if !l.board.State().Connected {
		return ivr.Refused("Ringfence has no connection to Asterisk just now, so it cannot make a test call. `ringfence check` says what is wrong.")
	}
	steps, err := l.screener.TestCall(l.forTests, household)
	if err != nil {
		return l.inWords(err, "a test call could not be made", "household", household)
	}
	l.noteTest(household, testCall{Began: l.now()})
	go func() {
		test := testCall{Began: l.now()}
		for step := range steps {
			test.Steps = append(slices.Clone(test.Steps), testStep{l.now(), step})
			l.noteTest(household, test)
		}
		test.Over = true
		l.noteTest(household, test)
	}()
	return nil
}

func (l *live) noteTest(household string, test testCall) {
	l.mu.Lock()
	l.tests[household] = test
	l.mu.Unlock()
	l.changes.tell()
}

// Test is a household's latest test call since the application was started; false where there was none.
func (l *live) Test(household string) (testCall, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	test, made := l.tests[household]
	return test, made
}

// watchOutages tells the carers when a line has been down for a while, and when it is up again.
func (l *live) watchOutages(ctx context.Context, db *store.Store) {
	tick := time.NewTicker(outageEvery)
	defer tick.Stop()
	o := outages{line: l.Line, notices: db, now: l.now, log: l.log, down: map[string]outage{}}
	for _, h := range l.settings.Households {
		o.households = append(o.households, h.Name)
	}
	o.watch(ctx, tick.C)
}
