package ivr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"ringfence/calllog"
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
	typed    string                // what was pressed meanwhile
	reply    func([]Sound) rune    // what is pressed at each Ask, instead of keys
	gone     int                   // the leg is gone from this step on (1 is the first); 0: never
	onEnd    func()                // what follows when it goes
	waits    func(context.Context) // during an Ask
	onRecord func(n int)           // while the nth is made
	onHear   func(words string)    // what follows when a sound was heard
	recorded int

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

func (f *fakeLeg) Outside() bool { return f.outside }

func (f *fakeLeg) LivesOn() bool { return f.livesOn }

// fakeHome has one telephone.
type fakeHome struct {
	did      *journal
	phone    *fakeLeg
	rings    func(RingSpec) // while they ring
	talks    func()         // while they talk
	whispers func()
	err      error // why nobody picks up
	use      Use
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

func (h *fakeHome) Use(context.Context, string) (Use, error) { return h.use, nil }
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

// fakeMemory keeps what the scripts tell it.
type fakeMemory struct {
	did   *journal
	house screening.Household
	codes int // pass codes that were tried
	known screening.Knowledge
	full  bool  // no room for messages
	keep  error // from Keep
	over  bool  // the call has an end in the log
	open  int64 // the call of a channel, from CallByChannel
	names bool  // the journal says who rings
	err   error // from everything but the call log

	expectedGone bool             // another call was the expected one
	unexpected   error            // from UseExpected
	caller       screening.Number // from Caller and LastCaller, where it is not the usual one
	nobody       bool             // nobody has rung yet
}

func (m *fakeMemory) Household(context.Context, string) (screening.Household, error) {
	return m.house, m.err
}
func (m *fakeMemory) Situation(context.Context, string, screening.Number) (screening.Household, screening.Knowledge, error) {
	return m.house, m.known, m.err
}
func (m *fakeMemory) CallArrived(_, _ string, _ time.Time, _ screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (int64, error) {
	if m.names && caller.Name != "" {
		outcome = calllog.Outcome("for "+caller.Name) + outcome
	}
	m.did.add("%s", strings.TrimSpace(fmt.Sprintf("log: arrived %s %s", v.Action, outcome)))
	return 1, nil
}
func (m *fakeMemory) CallGoesOn(string, calllog.Outcome) { m.did.add("log: goes on") }
func (m *fakeMemory) Caller(context.Context, string) (int64, screening.Number, string, error) {
	return 1, cmp.Or(m.caller, "+442079460999"), "", m.err
}
func (m *fakeMemory) TryPassCode(_ context.Context, _, code string, _ int64, _ time.Time) (string, bool, error) {
	m.codes++
	m.did.add("tried %s", code)
	return "Ward 7", code == "471100", m.err
}
func (m *fakeMemory) NumberDialled(_ context.Context, _ string, n screening.Number, _ time.Time) error {
	m.did.add("dialled: %s", n)
	return m.err
}
func (m *fakeMemory) RoomForMessage(context.Context, string) (bool, error) {
	return !m.full, m.err
}
func (m *fakeMemory) OnMessageLeft(context.Context, string, int64) { m.did.add("notice: message-left") }
func (m *fakeMemory) OnSentAway(context.Context, string, string, int64) {
	m.did.add("notice: sent-away")
}
func (m *fakeMemory) CallStep(_ int64, _ time.Time, step calllog.Step) {
	switch step.(type) {
	case calllog.CarerPressed, calllog.SpamLookup:
		m.did.add("step: %s", calllog.WordsOf(step))
	}
}
func (m *fakeMemory) CallEnded(_ int64, _ time.Time, outcome calllog.Outcome) {
	m.did.add("log: ended %s", outcome)
}
func (m *fakeMemory) Keep(_ context.Context, _ int64, kind string, _ []byte, _ time.Duration) error {
	m.did.add("kept: %s", kind)
	return errors.Join(m.err, m.keep)
}
func (m *fakeMemory) BlockNumber(_ context.Context, _ string, n screening.Number, _ string, evenContact bool) (bool, error) {
	if m.known.Contact != nil && !evenContact {
		m.did.add("not blocked: %s", n)
		return false, m.err
	}
	m.did.add("blocked: %s", n)
	return true, m.err
}
func (m *fakeMemory) SendAway(_ context.Context, _ string, n screening.Number, _ string) (bool, error) {
	if _, never := screening.NeverBlocked(n, "GB"); never || n == "" {
		return false, m.err
	}
	if m.known.Contact != nil {
		m.did.add("not blocked: %s", n)
		return false, m.err
	}
	m.did.add("blocked and reported: %s", n)
	return true, m.err
}
func (m *fakeMemory) AllowNumber(_ context.Context, _ string, n screening.Number, name string) error {
	m.did.add("allowed: %s", n)
	return m.err
}
func (m *fakeMemory) EmergencyDialled(context.Context, string, time.Time, string) error { return m.err }
func (m *fakeMemory) UseExpected(context.Context, string) (bool, error) {
	m.did.add("expectation used")
	return !m.expectedGone, m.unexpected
}
func (m *fakeMemory) CallByChannel(context.Context, string) (int64, string, error) {
	return m.open, "home", m.err
}
func (m *fakeMemory) CallOver(context.Context, string) (bool, error) { return m.over, m.err }
func (m *fakeMemory) CallIsOpen(_ context.Context, household string, call int64) (there, open bool, err error) {
	return household == "home" && call == 1, !m.over, m.err
}
func (m *fakeMemory) OpenChannels(context.Context) ([]string, error) { return nil, m.err }
func (m *fakeMemory) LastCaller(context.Context, string) (LastCaller, bool, error) {
	return LastCaller{Number: cmp.Or(m.caller, "+442079460999"), Action: screening.Screen, Reason: screening.CodeUnknown}, !m.nobody, m.err
}
func (m *fakeMemory) SetMode(_ context.Context, _ string, mode screening.Mode) error {
	m.did.add("mode: %s", mode)
	return m.err
}
func (m *fakeMemory) ExpectNext(context.Context, string) error { return m.err }
func (m *fakeMemory) Messages(context.Context, string) ([]Message, error) {
	return []Message{{Call: 1}, {Call: 2, Number: "+442079460009", Heard: true}}, m.err
}
func (m *fakeMemory) MessageSound(context.Context, string, int64) ([]byte, error) { return nil, m.err }
func (m *fakeMemory) MessageCount(context.Context, string) (int, int, error)      { return 1, 1, m.err }
func (m *fakeMemory) MessagesNearlyFull(context.Context, string) (bool, error)    { return false, m.err }
func (m *fakeMemory) MarkHeard(_ context.Context, _ string, call int64) error {
	m.did.add("heard %d", call)
	return m.err
}
func (m *fakeMemory) DeleteMessage(_ context.Context, _ string, call int64) error {
	m.did.add("deleted %d", call)
	return m.err
}
func (m *fakeMemory) SetPhrase(_ context.Context, _ string, phrase prompts.ID, _ []byte) error {
	m.did.add("own %s", phrase)
	return m.err
}
func (m *fakeMemory) RemovePhrase(context.Context, string, prompts.ID) error { return m.err }

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
		caller: &fakeLeg{name: "caller", did: did, says: []Recording{{Sound: Sound{Media: "recording:name", Length: time.Second}, Spoken: time.Second}}},
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
