package ivr

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// fakeLeg plays a person at the other end of a leg by a list of what they do at each step. It is for the scripts alone:
// what people really hear is tested on a real Asterisk, in cmd/ringfence.
type fakeLeg struct {
	name     string
	did      *journal
	keys     []rune                // what is pressed at each Ask; 0 is nothing
	says     []Recording           // what is said at each Record
	grows    int                   // how often each grows meanwhile
	typed    string                // what was pressed meanwhile
	talks    []Talk                // how they talk over each question
	deaf     error                 // why that cannot be known
	mute     error                 // why they cannot be told to hold
	held     chan struct{}         // closed when they have been told
	reply    func([]Sound) rune    // what is pressed at each Ask, instead of keys
	gone     int                   // the leg is gone from this step on (1 is the first); 0: never
	onEnd    func()                // what follows when it goes
	waits    func(context.Context) // during an Ask
	onRecord func(n int)           // while the nth is made
	onHear   func(words string)    // what follows when a sound was heard
	onStay   func(next time.Duration)
	recorded int
	most     time.Duration // how long the last recording may be

	outside bool
	livesOn bool // in the dialplan, once it is gone

	steps int
	once  sync.Once
}

// journal is what all legs of a call did, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// step counts, and tells whether the leg is still there.
func (f *fakeLeg) step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	f.steps++
	if f.gone > 0 && f.steps >= f.gone {
		f.once.Do(func() {
			f.did.add("%s gone", f.name)
			if f.onEnd != nil {
				f.onEnd()
			}
		})
		return ErrGone
	}
	return nil
}

func (f *fakeLeg) Answer(ctx context.Context) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.did.add("%s answered", f.name)
	return nil
}

func (f *fakeLeg) Ring(ctx context.Context, atMost time.Duration) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.did.add("%s hears ringing", f.name)
	return nil
}

func (f *fakeLeg) Stay(ctx context.Context, next time.Duration) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	if f.onStay != nil {
		f.onStay(next)
	}
	return nil
}

func (f *fakeLeg) hears(sounds []Sound) {
	var words []string
	for _, s := range sounds {
		_, word, _ := strings.Cut(s.Media, ":")
		words = append(words, strings.TrimPrefix(word, "en-GB/"))
	}
	f.did.add("%s hears %s", f.name, strings.Join(words, " "))
	if f.onHear != nil {
		f.onHear(strings.Join(words, " "))
	}
}

func (f *fakeLeg) Play(ctx context.Context, sounds ...Sound) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.hears(sounds)
	return nil
}

func (f *fakeLeg) Hold(ctx context.Context, _ time.Duration, sounds ...Sound) error {
	defer close(f.held)
	if err := f.step(ctx); err != nil {
		return err
	}
	if f.hears(sounds); ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f.mute != nil {
		return f.mute
	}
	f.did.add("%s hears ringing", f.name)
	return nil
}

func (f *fakeLeg) Ask(ctx context.Context, keys string, wait time.Duration, sounds ...Sound) (rune, error) {
	if err := f.step(ctx); err != nil {
		return 0, err
	}
	f.hears(sounds)
	if f.waits != nil {
		f.waits(ctx)
		return 0, context.Cause(ctx)
	}
	if f.reply != nil {
		if key := f.reply(sounds); key != 0 && strings.ContainsRune(keys, key) {
			return key, nil
		}
		return 0, ErrNoKey
	}
	if len(f.keys) == 0 {
		return 0, ErrNoKey
	}
	key := f.keys[0]
	f.keys = f.keys[1:]
	if key == 0 || !strings.ContainsRune(keys, key) {
		return 0, ErrNoKey
	}
	return key, nil
}

func (f *fakeLeg) Record(ctx context.Context, spec RecordSpec) (Recording, error) {
	var said Recording
	if len(f.says) > 0 {
		said, f.says = f.says[0], f.says[1:]
	}
	if err := f.step(ctx); err != nil {
		return said, err
	}
	f.did.add("%s is recorded", f.name)
	f.most = spec.Max
	growing, over := context.WithCancel(ctx)
	defer over()
	for range f.grows {
		if spec.Growing != nil {
			go spec.Growing(growing, said.WAV)
			synctest.Wait()
		}
	}
	if f.recorded++; f.onRecord != nil {
		f.onRecord(f.recorded)
	}
	return said, context.Cause(ctx)
}

func (f *fakeLeg) SendAway(ctx context.Context, words screening.Farewell) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.did.add("%s sent away with %s", f.name, words)
	if f.onEnd != nil {
		f.onEnd()
	}
	return nil
}

func (f *fakeLeg) Hangup(ctx context.Context) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.did.add("%s hung up", f.name)
	return nil
}

func (f *fakeLeg) Refuse(ctx context.Context) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	f.did.add("%s refused", f.name)
	return nil
}

func (f *fakeLeg) Pressed() string {
	typed := f.typed
	f.typed = ""
	return typed
}

func (f *fakeLeg) HearTalk(ctx context.Context) error {
	if err := f.step(ctx); err != nil {
		return err
	}
	return f.deaf
}

func (f *fakeLeg) Talked(context.Context) (over Talk) {
	if len(f.talks) > 0 {
		over, f.talks = f.talks[0], f.talks[1:]
	}
	return over
}

func (f *fakeLeg) Outside() bool { return f.outside }

func (f *fakeLeg) LivesOn() bool { return f.livesOn }

// begin begins to ring, and waits until the caller has been told to hold: nobody is so quick that they pick up before.
func (spec RingSpec) begin(ctx context.Context) {
	if spec.OnBegin == nil {
		return
	}
	spec.OnBegin()
	select {
	case <-spec.Caller.(*fakeLeg).held: // once, and it stays closed
	case <-ctx.Done():
	}
}

// fakeHome has one telephone.
type fakeHome struct {
	did      *journal
	phone    *fakeLeg
	rings    func(RingSpec) // while they ring
	talks    func()         // while they talk
	whispers func()
	err      error // why nobody picks up
	use      Use
	free     time.Time     // when its calls are over; zero: not as long as the test lasts
	after    time.Duration // before somebody picks up
}

func (h *fakeHome) Ring(ctx context.Context, spec RingSpec) (Leg, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	who := "telephone"
	if spec.CarerOnly {
		who = "carer"
	} else if spec.Carer != "" {
		who = "telephone and carer"
	}
	h.did.add("%s rings for %q %q", who, spec.ShowName, spec.ShowNumber)
	spec.begin(ctx)
	if h.rings != nil {
		h.rings(spec)
	}
	if ctx.Err() != nil {
		h.did.add("the telephone stops ringing")
		return nil, context.Cause(ctx)
	}
	if h.after > 0 {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(h.after):
		}
	}
	if h.err != nil {
		return nil, h.err
	}
	return h.phone, nil
}

func (h *fakeHome) Talk(ctx context.Context, caller, telephone Leg) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	h.did.add("they talk")
	if h.talks != nil {
		h.talks()
	}
	return nil
}

func (h *fakeHome) Use(context.Context, string) (Use, error) {
	if !h.free.IsZero() && time.Now().After(h.free) {
		return Free, nil
	}
	return h.use, nil
}

func (h *fakeHome) Whisper(_ context.Context, _ string, sounds ...Sound) error {
	h.phone.hears(sounds)
	if h.whispers != nil {
		h.whispers()
	}
	return nil
}
func (h *fakeHome) Next(context.Context, Leg, Leg) error { h.did.add("next"); return nil }
func (h *fakeHome) SendAway(_ context.Context, _ Leg, words screening.Farewell, phrase prompts.ID) error {
	h.did.add("sent away with %s, and the telephone hears %s", words, phrase)
	return h.err
}
func (h *fakeHome) Follow(context.Context, Leg) error                  { return nil }
func (h *fakeHome) CallBack(context.Context, string, Leg) (Leg, error) { return h.phone, h.err }

// fakeSounds has no recordings of the household's own.
type fakeSounds struct{}

func (fakeSounds) Own(string, prompts.ID) (Sound, bool) { return Sound{}, false }
func (fakeSounds) Lend(_, name string, _ []byte) (Sound, func(), error) {
	return Sound{Media: "recording:" + name}, func() {}, nil
}

// scene is one call with everything faked.
type scene struct {
	did      *journal
	screener *Screener
	memory   *fakeMemory
	home     *fakeHome
	caller   *fakeLeg
	number   string
	forged   bool
	crowded  bool
}

func newScene() *scene {
	did := &journal{}
	s := &scene{
		did: did, memory: &fakeMemory{did: did}, number: "02079460999",
		caller: &fakeLeg{name: "caller", did: did, held: make(chan struct{}), says: []Recording{{Sound: Sound{Media: "recording:name", Length: time.Second}, Spoken: time.Second}}},
	}
	s.home = &fakeHome{did: did, phone: &fakeLeg{name: "telephone", did: did}}
	s.screener = &Screener{
		Telephones: s.home, Households: s.memory, CallLog: s.memory, OpenCalls: s.memory, Callers: s.memory, Recordings: s.memory,
		Mailbox: s.memory, Choices: s.memory, Carers: s.memory, Sounds: fakeSounds{}, Lines: NewLines(map[string]screening.Line{"home": {Region: "GB", Language: "en-GB"}}),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return time.Unix(0, 0) },
	}
	return s
}

// play takes the call to its end and returns what happened.
func (s *scene) play() (string, error) {
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	s.caller.onEnd = func() { end(ErrGone) }
	err := s.screener.Handle(ctx, Arrival{
		Household: "home", Channel: "1.1", At: time.Unix(0, 0), Leg: s.caller, Crowded: s.crowded,
		Identity: screening.Identity{Number: s.number, Presentation: "allowed", Forged: s.forged},
	})
	return s.did.String(), err
}
