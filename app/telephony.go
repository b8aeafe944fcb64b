package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/asterisk"
	"ringfence/calllog"
	"ringfence/config"
	"ringfence/internal/repeat"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/store"
	"ringfence/web"
	"ringfence/web/backend"
)

// Telephony is the telephone side as the pages see it: the state of lines, carers' keys for calls in progress, and test calls.
type Telephony struct {
	current    *config.Current
	weaknesses atomic.Pointer[[]asterisk.Weakness] // of the settings in force; nil: not known yet
	judge      asterisk.Judge
	screener   *ivr.Screener
	board      *switchboard.Switchboard
	changes    *broadcast
	log        *slog.Logger
	now        func() time.Time
	// testCallsEnd ends with the program: a test call goes on when the page that began it has been left.
	testCallsEnd context.Context

	mu         sync.Mutex
	registered map[string]backend.Part // trunks that register, by name
	tests      map[string]web.TestCall // the latest of each household
	sip        string                  // why no call can arrive; "" if none is known
	machine    []backend.PartState     // what was found of the machine
}

// Line implements backend.Switchboard.
func (l *Telephony) Line(household string) backend.Line {
	h := l.current.Named(household)
	state := l.board.State()
	line := backend.Line{
		Asterisk: backend.Part{Name: "Asterisk", Up: state.Connected, Known: true, Since: state.Since},
		Trunk:    l.trunk(h.Trunk),
		Open:     sentencesFor(household, l.openDoors()),
	}
	for _, p := range h.Phones {
		phone := l.endpoint(p.Name, h.Endpoint(p))
		line.Phones = append(line.Phones, phone.At(p.Address, p.Address == "" || p.Asked()))
	}
	l.mu.Lock()
	line.SIP, line.Machine = l.sip, l.machine
	l.mu.Unlock()
	if !state.Connected { // what is known may be out of date
		line.Trunk.Known = false
		for i := range line.Phones {
			line.Phones[i].Known = false
		}
	}
	return line
}

// judgePasswords finds the ways in for strangers that the settings in force have, and warns of those that are new. For a thousand households that takes a
// second at a start, which no call waits for.
func (l *Telephony) judgePasswords() {
	weaknesses, err := l.current.Settings().WeaknessesBy(&l.judge)
	if err != nil { // for example a password that only Asterisk can read: calls do not depend on that
		l.log.Warn("whether a password is easy to guess is not known", "err", err)
	}
	before := map[string]bool{}
	for _, w := range l.openDoors() {
		before[w.Sentence] = true
	}
	l.weaknesses.Store(&weaknesses)
	for _, w := range weaknesses {
		if !before[w.Sentence] {
			l.log.Warn("please mend this soon", "what", w.Sentence)
		}
	}
}

// openDoors are the weaknesses that are known.
func (l *Telephony) openDoors() []asterisk.Weakness {
	if known := l.weaknesses.Load(); known != nil {
		return *known
	}
	return nil
}

// sentencesFor are the sentences of the weaknesses that concern a household.
func sentencesFor(household string, weaknesses []asterisk.Weakness) []string {
	var sentences []string
	for _, w := range weaknesses {
		if w.Households == nil || slices.Contains(w.Households, household) {
			sentences = append(sentences, w.Sentence)
		}
	}
	return sentences
}

func (l *Telephony) trunk(name string) backend.Part {
	t := l.current.Trunk(name)
	if t.Register {
		l.mu.Lock()
		defer l.mu.Unlock()
		part := l.registered[name]
		part.Name, part.Address, part.Registers = name, t.Host(), true
		return part
	}
	return l.endpoint(name, asterisk.Trunk{Name: name}.Endpoint()).At(t.Host(), t.Asked())
}

func (l *Telephony) endpoint(name, endpoint string) backend.Part {
	e := l.board.Endpoint(endpoint)
	return backend.Part{Name: name, Up: e.Online, Known: e.Known, Since: e.Since}
}

// registrationEvery is how often Asterisk is asked whether its trunks are registered, somewhat more often than that is looked at there.
const registrationEvery = 5 * time.Second

// watchRegistrations keeps track of the trunks that register.
func (l *Telephony) watchRegistrations(ctx context.Context) {
	failed := false
	repeat.Every(ctx, registrationEvery, func() {
		var trunks []string
		for _, t := range l.current.Settings().Trunks {
			if t.Register {
				trunks = append(trunks, t.Name)
			}
		}
		if len(trunks) == 0 || !l.board.State().Connected {
			return // and Line says that nothing is known
		}
		known, err := asterisk.ReadRegistrations(ctx, trunks, l.now(), l.board.Global)
		if err != nil && !failed && ctx.Err() == nil && l.board.State().Connected {
			l.log.Warn("it cannot be known whether the line is registered; trying again", "err", err)
		}
		failed = err != nil
		for _, trunk := range trunks {
			state, is := known[trunk]
			l.noteRegistration(trunk, state == asterisk.Registered, is)
		}
	})
}

// sipEvery is how often Asterisk is asked over SIP whether it is there.
const sipEvery = 10 * time.Second

// watchSIP keeps track of whether calls can arrive.
func (l *Telephony) watchSIP(ctx context.Context) {
	repeat.Every(ctx, sipEvery, func() {
		why := ""
		if err := l.current.Settings().Asterisk.CheckSIP(ctx); err != nil {
			why = err.Error()
		}
		l.mu.Lock()
		changed := l.sip != why && ctx.Err() == nil
		if changed {
			l.sip = why
		}
		l.mu.Unlock()
		if changed && why != "" {
			l.log.Error("no call can arrive", "err", why)
		}
		if changed {
			l.changes.notify()
		}
	})
}

// noteRegistration keeps what was found, and since when it has been so.
func (l *Telephony) noteRegistration(trunk string, registered, known bool) {
	l.mu.Lock()
	was, seen := l.registered[trunk]
	now := backend.Part{Name: trunk, Up: registered, Known: known, Since: was.Since}
	if !known {
		now.Up = was.Up
	}
	if !seen || now.Up != was.Up {
		now.Since = l.now()
	}
	l.registered[trunk] = now
	l.mu.Unlock()
	if now != was {
		l.changes.notify()
	}
}

// Press implements backend.Switchboard.
func (l *Telephony) Press(ctx context.Context, household string, call int64, key calllog.CarerKey, by string) error {
	err := l.screener.Press(ctx, household, call, key, by)
	return l.inWords(err, "a carer's key could not be taken", "call", call)
}

// inWords logs an error and replaces it with a sentence for people, unless it is one already.
func (l *Telephony) inWords(err error, what string, about ...any) error {
	var refused ivr.Refused
	if err == nil || errors.As(err, &refused) {
		return err
	}
	l.log.Error(what, append(about, "err", err)...)
	return errors.New("Ringfence couldn't do that. Check the line's state, and try again.")
}

// Saying implements backend.Switchboard.
func (l *Telephony) Saying(household string, call int64) store.Words {
	words := l.screener.Saying(household, call)
	return store.Words{Text: words.Text, Unsure: words.Unsure}
}

// Changed implements backend.Switchboard.
func (l *Telephony) Changed() (<-chan struct{}, func()) { return l.changes.subscribe() }

// newSwitchboard connects the households' telephones with their scripts.
func newSwitchboard(current *config.Current, password string, way func(household string) switchboard.OutboundRoute, changed, onOldDialplan func(), log *slog.Logger) *switchboard.Switchboard {
	s := current.Settings()
	return switchboard.New(switchboard.Options{
		Address: s.Asterisk.ARI, User: s.Asterisk.ARIUser, Password: password, App: s.Asterisk.App,
		Telephones: current.Endpoints, Fixed: current.Contacts, Outbound: way, OnChange: changed, OnOldDialplan: onOldDialplan, Log: log,
	})
}
