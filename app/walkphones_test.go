package app

import (
	"context"
	"sync"
	"time"

	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
)

// phones are the telephones of all households of a walk. What people really hear and press is tested on a real Asterisk; here somebody presses
// keys, and nobody hears anything.
type phones struct {
	mu    sync.Mutex
	homes map[string]*home
}

// home is a household's telephone.
type home struct {
	hall *hand         // who picks up; nil: nobody, and it rings until it is stopped
	rang chan struct{} // closed once it rings
}

func (p *phones) set(household string, h *home) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.homes[household] = h
}

// Ring implements ivr.Telephones.
func (p *phones) Ring(ctx context.Context, spec ivr.RingSpec) (ivr.Leg, error) {
	p.mu.Lock()
	h := p.homes[spec.Household]
	p.mu.Unlock()
	close(h.rang)
	if spec.OnBegin != nil {
		spec.OnBegin()
	}
	if h.hall == nil {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	return h.hall, nil
}

// The others implement ivr.Telephones as well.

func (*phones) Talk(context.Context, ivr.Leg, ivr.Leg) error               { return nil }
func (*phones) Use(context.Context, string) (ivr.Use, error)               { return ivr.Free, nil }
func (*phones) Whisper(context.Context, string, ...ivr.Sound) error        { return nil }
func (*phones) Next(context.Context, ivr.Leg, ivr.Leg) error               { return nil }
func (*phones) Follow(context.Context, ivr.Leg) error                      { return nil }
func (*phones) CallBack(context.Context, string, ivr.Leg) (ivr.Leg, error) { return nil, ivr.ErrGone }
func (*phones) SendAway(context.Context, ivr.Leg, screening.Farewell, prompts.ID) error {
	return nil
}

// hand is a leg to somebody who presses keys, one at each question, and says something where they are recorded. A space is not a key.
type hand struct{ keys string }

// Ask implements ivr.Leg.
func (h *hand) Ask(ctx context.Context, _ string, _ time.Duration, _ ...ivr.Sound) (rune, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if h.keys == "" {
		return 0, ivr.ErrNoKey
	}
	key := rune(h.keys[0])
	if h.keys = h.keys[1:]; key == ' ' {
		return 0, ivr.ErrNoKey
	}
	return key, nil
}

// Record implements ivr.Leg.
func (*hand) Record(ctx context.Context, _ ivr.RecordSpec) (ivr.Recording, error) {
	return ivr.Recording{Sound: ivr.Sound{Media: "recording:x", Length: time.Second}, WAV: aSound(), Spoken: time.Second}, context.Cause(ctx)
}

// The others implement ivr.Leg as well.

func (*hand) Answer(ctx context.Context) error                { return context.Cause(ctx) }
func (*hand) Ring(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
func (*hand) Play(ctx context.Context, _ ...ivr.Sound) error  { return context.Cause(ctx) }
func (*hand) Hold(ctx context.Context, _ time.Duration, _ ...ivr.Sound) error {
	return context.Cause(ctx)
}
func (*hand) Stay(ctx context.Context, _ time.Duration) error          { return context.Cause(ctx) }
func (*hand) Pressed() string                                          { return "" }
func (*hand) SendAway(ctx context.Context, _ screening.Farewell) error { return context.Cause(ctx) }
func (*hand) Refuse(ctx context.Context) error                         { return context.Cause(ctx) }
func (*hand) Hangup(ctx context.Context) error                         { return context.Cause(ctx) }
func (*hand) HearTalk(ctx context.Context) error                       { return context.Cause(ctx) }
func (*hand) Talked(context.Context) ivr.Talk                          { return ivr.Talk{} }
func (*hand) Outside() bool                                            { return false }
func (*hand) LivesOn() bool                                            { return false }

// patient keeps what callers say, whatever time is left for it.
type patient struct{ ivr.Recordings }

func (p patient) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	return p.Recordings.Keep(context.WithoutCancel(ctx), call, kind, wav, length)
}

// dials dials a feature code, and presses keys.
func (h *house) dials(code, keys string) {
	h.Helper()
	h.use("code " + code)
	h.must(h.screener.OnCodeDialled(h.Context(), ivr.DialledCode{Household: h.name, Code: code, Telephone: &hand{keys}}))
}

// answers takes a call from somebody, and presses a key once it is announced.
func (h *house) answers(n screening.Number, name, key string) {
	h.Helper()
	h.calls(n, name, &hand{key})(nil)
}

// during does something while the telephones ring for somebody, who hangs up then.
func (h *house) during(n screening.Number, do func()) {
	h.Helper()
	end := h.calls(n, "", nil)
	h.flush()
	var err error
	h.call, _, err = h.db.CallByChannel(h.Context(), h.name)
	h.must(err)
	do()
	end(ivr.ErrGone)
}

// calls has somebody call, and returns once the telephones ring. With a cause the caller hangs up at the end, and without one the call goes
// its course.
func (h *house) calls(n screening.Number, name string, hall *hand) (end func(hangUp error)) {
	h.Helper()
	at := &home{hall: hall, rang: make(chan struct{})}
	h.phones.set(h.name, at)
	ctx, cancel := context.WithCancelCause(h.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- h.screener.Handle(ctx, ivr.Arrival{
			Household: h.name, Channel: h.name, At: time.Now(), Leg: &hand{},
			Identity: screening.Identity{Number: string(n), Name: name, Presentation: "allowed"},
		})
	}()
	select {
	case <-at.rang:
	case err := <-ended:
		h.Fatalf("the telephones have not rung: %v", err)
	}
	return func(hangUp error) {
		if hangUp != nil {
			cancel(hangUp)
		}
		h.must(<-ended)
		cancel(nil)
	}
}
