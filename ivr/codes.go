package ivr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// Choices is what a household can change by telephone.
type Choices interface {
	// LastCaller returns false if nobody has rung yet.
	LastCaller(ctx context.Context, household string) (LastCaller, bool, error)
	// SetMode sets the household's own mode, and puts it in force at once.
	SetMode(ctx context.Context, household string, mode screening.Mode) error
	// ExpectNext lets the next unknown caller ring for as long as is usual.
	ExpectNext(ctx context.Context, household string) error
	// SetPhrase keeps the household's own recording of a phrase, an 8 kHz WAV file.
	SetPhrase(ctx context.Context, household string, phrase prompts.ID, wav []byte) error
	RemovePhrase(ctx context.Context, household string, phrase prompts.ID) error
}

// LastCaller is the newest call of a household.
type LastCaller struct {
	At     time.Time
	Number screening.Number
	Name   string
	Action screening.Action
	Reason screening.Code // the deciding one
}

// Code is a feature code that a household's telephone can dial. Names are a contract with ringfence.toml and the dialplan.
type Code struct {
	Name  string
	Keys  string // what is dialled unless the household chooses otherwise; as in an announcement, 3 is for a scam and 4 for always
	serve func(*dialled, context.Context) error
}

// Codes lists the feature codes.
func Codes() []Code {
	return []Code{
		{Name: "messages", Keys: "*30", serve: (*dialled).messages},
		{Name: "last-caller", Keys: "*31", serve: (*dialled).lastCaller},
		{Name: "test-call", Keys: "*32", serve: (*dialled).testCall},
		{Name: "block-last", Keys: "*33", serve: (*dialled).blockLast},
		{Name: "allow-last", Keys: "*34", serve: (*dialled).allowLast},
		{Name: "mode", Keys: "*35", serve: (*dialled).mode},
		{Name: "expect", Keys: "*36", serve: (*dialled).expect},
		{Name: "greeting", Keys: "*37", serve: ownWords(Greeting)},
		{Name: "question", Keys: "*38", serve: ownWords(prompts.AskName)},
		{Name: "inspection", Keys: "*39", serve: ownWords(prompts.Inspection)},
	}
}

// DialledCode is a feature code that a telephone in the home has dialled. Its leg is answered.
type DialledCode struct {
	Household string
	Code      string // a Code's Name; anything else is an unknown code
	Telephone Leg
}

// codeTime is how long serving a feature code may take; each step has a limit of its own as well.
const codeTime = 30 * time.Minute

// dialled is a feature code that is being served.
type dialled struct {
	*Screener
	DialledCode
	line screening.Line
}

// OnCodeDialled serves a feature code to its end and hangs up. The household has been told of an error if that was possible.
func (s *Screener) OnCodeDialled(ctx context.Context, d DialledCode) error {
	ctx, cancel := context.WithTimeout(ctx, codeTime)
	defer cancel()
	v := &dialled{Screener: s, DialledCode: d, line: s.Lines.Of(d.Household)}
	serve := func(v *dialled, ctx context.Context) error { return v.say(ctx, prompts.UnknownCode) }
	for _, code := range Codes() {
		if code.Name == d.Code {
			serve = code.serve
		}
	}
	err := serve(v, ctx)
	if ctx.Err() == nil && gone(err) != nil {
		err = errors.Join(err, gone(v.say(ctx, prompts.SomethingWrong)))
	}
	if ctx.Err() != nil || errors.Is(err, ErrGone) {
		return nil // put down
	}
	return errors.Join(err, gone(d.Telephone.Hangup(ctx)))
}

func (v *dialled) say(ctx context.Context, words ...prompts.ID) error {
	return v.Telephone.Play(ctx, say(v.line.Language, words...)...)
}

// ask says words and waits for one of the keys; it returns 0 if none was pressed.
func (v *dialled) ask(ctx context.Context, keys string, words ...prompts.ID) (rune, error) {
	key, err := v.Telephone.Ask(ctx, keys, keyTime, say(v.line.Language, words...)...)
	if errors.Is(err, ErrNoKey) {
		return 0, nil
	}
	return key, err
}

// lastCaller says who rang last, when, why the call was handled as it was, and how.
func (v *dialled) lastCaller(ctx context.Context) error {
	last, found, err := v.Choices.LastCaller(ctx, v.Household)
	if err != nil {
		return err
	}
	if !found {
		return v.say(ctx, prompts.NothingToDo)
	}
	words := []prompts.ID{prompts.LastCaller}
	words = append(words, spokenNumber(v.line, last.Number)...)
	words = append(words, prompts.When(v.line.Language, v.line.Local(last.At), v.line.Local(v.Now()))...)
	if why, _ := whyOf(last.Reason); why != "" {
		words = append(words, why)
	}
	if did, known := did[last.Action]; known {
		words = append(words, did)
	}
	return v.say(ctx, words...)
}

// spokenNumber reads a number out digit by digit, as it is dialled from this line.
func spokenNumber(line screening.Line, n screening.Number) []prompts.ID {
	if n == "" {
		return []prompts.ID{prompts.NoNumber}
	}
	return prompts.Digits(line.Language, n.National(line.Region))
}

var did = map[screening.Action]prompts.ID{
	screening.Ring: prompts.DidRing, screening.Screen: prompts.DidAsk, screening.Message: prompts.DidMessage, screening.TurnAway: prompts.DidTurnAway,
}

// blockLast blocks the last caller; a contact only if the household confirms it.
func (v *dialled) blockLast(ctx context.Context) error {
	const note = "blocked by phone"
	return v.withLast(ctx, prompts.NobodyToBlock, func(last LastCaller) (prompts.ID, error) {
		if v.neverBlocked(v.Household, last.Number) {
			return prompts.OfficialNotBlocked, nil
		}
		blocked, err := v.Callers.BlockNumber(ctx, v.Household, last.Number, note, false)
		if err != nil || blocked {
			return prompts.NowBlocked, err
		}
		key, err := v.ask(ctx, "1", prompts.BlockContact)
		if err != nil || key != '1' {
			return prompts.Goodbye, err
		}
		_, err = v.Callers.BlockNumber(ctx, v.Household, last.Number, note, true)
		return prompts.NowBlocked, err
	})
}

// allowLast makes the last caller a contact.
func (v *dialled) allowLast(ctx context.Context) error {
	return v.withLast(ctx, prompts.NobodyToKeep, func(last LastCaller) (prompts.ID, error) {
		why, err := v.allowNumber(ctx, v.Household, last.Number, last.Name)
		return wordsForAllowed(why), err
	})
}

// withLast says the last caller's number, does something with it, and says what was done.
func (v *dialled) withLast(ctx context.Context, nobody prompts.ID, do func(LastCaller) (prompts.ID, error)) error {
	last, found, err := v.Choices.LastCaller(ctx, v.Household)
	if err != nil {
		return err
	}
	if !found {
		return v.say(ctx, prompts.NothingToDo)
	}
	if last.Number == "" {
		return v.say(ctx, prompts.LastCaller, prompts.NoNumber, nobody)
	}
	// If the telephone is put down meanwhile, nothing is done.
	if err := v.say(ctx, append([]prompts.ID{prompts.LastCaller}, spokenNumber(v.line, last.Number)...)...); err != nil {
		return err
	}
	words, err := do(last)
	if err != nil {
		return err
	}
	return v.say(ctx, words)
}

// modeWords is a mode and what is said about it.
type modeWords struct {
	mode  screening.Mode
	words prompts.ID
}

// modes are in the order in which "the next choice" steps through them. Watch is left out: it is for those who look at a screen.
var modes = []modeWords{
	{screening.Ask, prompts.ModeAsk}, {screening.KnownOnly, prompts.ModeKnownOnly}, {screening.BlockOnly, prompts.ModeBlockOnly}, {screening.Off, prompts.ModeOff},
}

// mode says the present mode, and steps to the next for each key 1. The choice takes effect at once.
func (v *dialled) mode(ctx context.Context) error {
	house, err := v.Households.Household(ctx, v.Household)
	if err != nil {
		return err
	}
	house = v.line.Complete(house)
	holds := house.ModeAt(v.Now())
	at := slices.IndexFunc(modes, func(m modeWords) bool { return m.mode == holds })
	words := prompts.ModeWatch
	if at >= 0 {
		words = modes[at].words
	}
	for range 2 * len(modes) {
		key, err := v.ask(ctx, "1", words, prompts.PressForNext)
		if err != nil || key == 0 {
			return err
		}
		at = (at + 1) % len(modes)
		if err := v.Choices.SetMode(ctx, v.Household, modes[at].mode); err != nil {
			return err
		}
		words = modes[at].words
	}
	return v.say(ctx, words)
}

func (v *dialled) expect(ctx context.Context) error {
	if err := v.Choices.ExpectNext(ctx, v.Household); err != nil {
		return err
	}
	return v.say(ctx, prompts.Expecting)
}

// testCall hangs up, and rings the same telephone back.
func (v *dialled) testCall(ctx context.Context) error {
	if err := lastWords(ctx, v.Telephone, say(v.line.Language, prompts.Goodbye)); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // ctx ends with the call that has just been hung up
	back, err := v.Telephones.CallBack(ctx, v.Household, v.Telephone)
	if err != nil {
		return fmt.Errorf("the phone could not be rung back: %w", err)
	}
	return gone(lastWords(ctx, back, say(v.line.Language, prompts.TestCall)))
}

func say(language string, ids ...prompts.ID) []Sound {
	var sounds []Sound
	for _, id := range ids {
		sounds = append(sounds, Say(language, id))
	}
	return sounds
}
