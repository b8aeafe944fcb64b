package ivr

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/speech"
)

// Judge says how much words sound like those of a scam, "" for not at all, and why, in sentences for people. It is pure.
type Judge func(words string) (level calllog.ScriptLevel, reasons string)

// reading is what a machine reads in a recording, and makes of it. No call waits for it, except where an owner has chosen that the machine decides.
type reading struct {
	done  chan struct{} // closed when the machine is done, whatever came of it; then these are there:
	words speech.Words
	level calllog.ScriptLevel

	mu       sync.Mutex
	replaced bool                // the recording has been replaced by another
	opinion  calllog.ScriptLevel // how the words sound to a language model, once it has said so
}

// now is what has been read by now. r may be nil.
func (r *reading) now() (speech.Words, calllog.ScriptLevel) {
	if r == nil || !r.isOver() {
		return speech.Words{}, ""
	}
	return r.words, r.level
}

// isOver says whether there is nothing to wait for. r may be nil.
func (r *reading) isOver() bool {
	if r == nil {
		return true
	}
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// await waits until there is nothing to wait for, for so long at most. r may be nil.
func (r *reading) await(ctx context.Context, atMost time.Duration) {
	if r.isOver() {
		return
	}
	select {
	case <-r.done:
	case <-time.After(atMost):
	case <-ctx.Done():
	}
}

// replace says that the recording is about to be replaced, so that its words are not taken for the next one's. r may be nil.
func (r *reading) replace() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replaced = true
}

// spoken is a recording that is to be read, and whose it is.
type spoken struct {
	household string
	call      int64
	kind      string // calllog.RecordedName or calllog.RecordedMessage
	wav       []byte
	rule      screening.ScamWords // what the household has chosen for what words sound like
	saying    *saying             // what was read of it while it was made; nil for none
	quietly   bool                // carers are not told: a contact said it, or nobody knows any more who did
}

// startReading has a recording read that was just kept, beside the call. It goes on after the caller has gone: for seconds at most, and a message's for
// minutes. It returns nil if there is nothing to read with.
func (s *Screener) startReading(ctx context.Context, log *slog.Logger, said spoken) *reading {
	reader, limit := s.Speech, speech.Limit+time.Second
	if said.kind == calllog.RecordedMessage {
		reader, limit = s.MessageSpeech, speech.MessageLimit
	}
	if reader == nil {
		return nil
	}
	r := &reading{done: make(chan struct{})}
	ctx = context.WithoutCancel(ctx)
	over := func() {}
	if said.kind == calllog.RecordedName {
		over = s.expectWords()
	}
	go func() {
		_ = s.read(ctx, log, r, said, reader, limit) // it is logged
		over()
		if words, _ := r.now(); said.saying.end() && words.Text == "" { // pages hear of words from whoever keeps them
			s.OnSaying()
		}
		s.askAgain(ctx, log, r, said)
	}()
	return r
}

// read has the recording read and judged, within a limit. It logs what goes wrong.
func (s *Screener) read(ctx context.Context, log *slog.Logger, r *reading, said spoken, reader speech.Transcriber, limit time.Duration) (err error) {
	defer close(r.done)
	defer logFault(log, "reading what a caller has said has found a fault; please report it")
	ctx, cancel := context.WithTimeoutCause(ctx, limit, speech.ErrSlow)
	defer cancel()
	words, err := reader.Read(ctx, said.wav)
	if err != nil && !errors.Is(err, speech.ErrNone) { // the call goes on without words; of a message there may be some
		log.Warn("what a caller has said could not be read", "kind", said.kind, "err", err)
	}
	if err == nil || words.Text != "" { // a message that could not be read is read later
		s.onRead(ctx, r, said, words)
	}
	return err
}

// expectWords has what takes its time, such as messages, wait until over is called, because a call's words are wanted soon.
func (s *Screener) expectWords() (over func()) {
	if s.ExpectWords == nil {
		return func() {}
	}
	return s.ExpectWords()
}

// logFault logs a panic in what no call waits for, and ends it.
func logFault(log *slog.Logger, what string) {
	if fault := recover(); fault != nil {
		log.Error(what, "fault", fault, "stack", string(debug.Stack()))
	}
}

// onRead logs what was read, and what it sounds like. Without words nothing is judged.
func (s *Screener) onRead(ctx context.Context, r *reading, said spoken, words speech.Words) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replaced {
		return
	}
	s.Recordings.KeepWords(ctx, said.call, said.kind, words.Text, words.Unsure)
	r.words = words
	if words.Text == "" || s.Judge == nil {
		return
	}
	level, reasons := s.Judge(words.Text)
	if level == "" {
		return
	}
	r.level = level
	s.CallLog.CallStep(said.call, s.Now(), calllog.Script{Level: level, Reasons: reasons})
	if said.rule == screening.ScamWatch {
		s.CallLog.CallStep(said.call, s.Now(), calllog.ScriptResult{Result: calllog.ScriptWatched})
		return
	}
	if level.IsScam() && !said.quietly {
		s.Carers.OnSoundsLikeScam(ctx, said.household, said.call, reasons)
	}
}

// readName begins to read what the caller has said of themselves.
func (c *call) readName(ctx context.Context, said Recording) {
	c.reading = c.startReading(ctx, c.log, spoken{household: c.Household, call: c.id, kind: calllog.RecordedName, wav: said.WAV, rule: c.house.ScamWords, saying: c.saying.Load(), quietly: c.isContact()})
}

// isContact says whether it is a contact who speaks. Where the network says that the number is false, it is not.
func (c *call) isContact() bool { return c.known.Contact != nil && !c.caller.Forged }

// scriptWarning is what the household hears before the caller's voice if their words, as far as they have been read by now, sound like those of a scam.
func (c *call) scriptWarning() []Sound {
	_, level := c.reading.now()
	words, known := map[calllog.ScriptLevel]prompts.ID{
		calllog.ScriptSales:  prompts.WarnSoundsSales,
		calllog.ScriptWarn:   prompts.WarnMayBeScam,
		calllog.ScriptStrong: prompts.WarnSoundsScam,
	}[level]
	if !level.IsScam() && c.reading.secondOpinion().IsScam() {
		words, known = prompts.WarnMayBeScam, true
	}
	if !known || c.house.ScamWords == screening.ScamWatch {
		return nil
	}
	c.step(calllog.ScriptResult{Result: calllog.ScriptWarned})
	return c.sayHome(words)
}

var errScamWords = errors.New("the caller's words sound like a scam, and the owner has chosen that they do not reach the household")

// wordsDecide says whether an owner has chosen that the machine decides, and there is something for it to decide by.
func (c *call) wordsDecide() bool {
	chosen := c.house.ScamWords == screening.ScamMessage || c.house.ScamWords == screening.ScamTurnAway
	return chosen && c.reading != nil && !c.verdict.Official
}

// wordsTime is how long whoever has picked up waits for the caller's words to be read, in silence. It is short enough that they don't hang up.
const wordsTime = 2 * time.Second

// awaitWords waits, for wordsTime at most, until what the caller has said is read, so that a warning comes before their voice: the telephones may have
// rung before that. The caller hears ringing meanwhile.
func (c *call) awaitWords(ctx context.Context, telephone Leg) error {
	// First of all, because the dialplan gives whoever has just picked up seconds before it connects them with the caller, unannounced.
	if err := telephone.Stay(ctx, wordsTime); err != nil {
		return err
	}
	if c.reading.isOver() {
		return nil
	}
	if err := c.Leg.Ring(ctx, wordsTime); err != nil {
		return err
	}
	c.reading.await(ctx, wordsTime)
	return nil
}

// decideByWords returns errScamWords if an owner has chosen that the machine decides, and it is sure. Only then does a caller wait for it, as long as
// it may take at most, and hears ringing meanwhile. Whoever shows an official number is announced in any case.
func (c *call) decideByWords(ctx context.Context) error {
	if !c.wordsDecide() {
		return nil
	}
	if !c.reading.isOver() {
		if err := c.Leg.Ring(ctx, 2*speech.Limit); err != nil {
			return err
		}
		if c.reading.await(ctx, speech.Limit); ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if words, level := c.reading.now(); level == calllog.ScriptStrong && !words.Unsure {
		return errScamWords
	}
	return nil
}

// keptAway does with such a caller what the owner has chosen.
func (c *call) keptAway(ctx context.Context) (calllog.Outcome, error) {
	if c.house.ScamWords == screening.ScamMessage {
		c.step(calllog.ScriptResult{Result: calllog.ScriptMessage})
		return c.takeMessage(ctx, calllog.NoMessage, prompts.KnownOnly)
	}
	c.step(calllog.ScriptResult{Result: calllog.ScriptTurnedAway})
	return calllog.TurnedAway, c.Leg.SendAway(ctx, c.ownFarewell(screening.Inspection))
}
