package ivr

import (
	"context"
	"errors"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/sound"
)

// Errors of legs and telephones. All others are faults of the machinery.
var (
	ErrGone        = errors.New("the leg has gone: hung up, or taken back by the dialplan")
	ErrNoKey       = errors.New("no key was pressed in time")
	ErrBusy        = errors.New("the telephones are busy")
	ErrNoAnswer    = errors.New("no telephone was answered")
	ErrUnreachable = errors.New("no telephone is there")
	// ErrLost is the cause of a context that ended because the connection to Asterisk was lost. The calls are not
	// lost: Asterisk takes them back.
	ErrLost = errors.New("the connection to Asterisk was lost")
	// ErrInterrupted is among the causes of a context that ended because a carer has pressed a key on the page, or because the
	// next step of the call cuts this one short: the leg is still there, and goes on with something else. What was sent to Asterisk has to be waited for, what plays to be stopped.
	ErrInterrupted = errors.New("the step was cut short")
	// ErrTakenBack says that the dialplan has a call back because its deadline had passed, and rings the household.
	ErrTakenBack = errors.New("the dialplan has taken the call back: its deadline had passed")
)

// Sound is something that can be played: one of the prompts, or what a caller has said.
type Sound struct {
	Media  string        // an ARI media address, such as "sound:ask-name" or "recording:NAME"
	Length time.Duration // how long it plays
}

// Say is a prompt as a sound. Asterisk picks the narrow or the wide band; the language is in the address, so that it
// depends on nothing that the leg brings with it.
func Say(language string, id prompts.ID) Sound {
	return Sound{Media: "sound:" + language + "/" + string(id), Length: prompts.Duration(language, id)}
}

// RecordSpec says when a recording ends.
type RecordSpec struct {
	Max     time.Duration // at the latest
	Silence time.Duration // after that much silence, whole seconds
	EndKey  string        // at this key, such as "#"
	// Unattended is for a recording that may take longer than anybody can be left in silence. The dialplan makes it, after a tone,
	// and goes on by itself where this program has ended meanwhile. "": this program waits for its end. EndKey is "#" then.
	Unattended Unattended
}

// Unattended is what the dialplan records by itself.
type Unattended string

// What it records. The words are contexts of the dialplan.
const (
	LeaveMessage Unattended = "leave-message" // a caller's; the next start of this program finds it
	OwnWords     Unattended = "own-words"     // a household's own; what is not waited for is lost, and the household hears so
)

// Recording is what somebody has said.
type Recording struct {
	Sound
	WAV    []byte        // 8 kHz, 16-bit, mono
	Spoken time.Duration // how much of it is speech, not silence and not the tones of a telephone network
}

// Trimmed is a recording without the silence before and after what was said, and without the tones that a network plays
// once the caller has hung up. One without speech stays as it is.
func (r Recording) Trimmed() Recording {
	if wav, length, ok := sound.Trim(r.WAV); ok {
		r.WAV, r.Length = wav, length
	}
	return r
}

// Leg is one telephone connection, as far as a script needs it: a caller's, or one to a telephone in the home. Its
// methods return ErrGone once the leg has gone, and the context's error once the context has ended. They are called
// from one script, one after another.
type Leg interface {
	// Answer picks up, and waits until the other side can be expected to hear. Answering twice does nothing.
	Answer(ctx context.Context) error
	// Ring lets the leg hear ringing, for a time that the household may take.
	Ring(ctx context.Context, atMost time.Duration) error
	// Play plays one sound after another.
	Play(ctx context.Context, sounds ...Sound) error
	// Ask plays the sounds and returns the first of the keys that is pressed meanwhile or within wait after them, which
	// also ends the playing; ErrNoKey if none was. Other keys do nothing.
	Ask(ctx context.Context, keys string, wait time.Duration, sounds ...Sound) (rune, error)
	// Record records what the leg says. Where the leg has gone meanwhile, it returns what was said and ErrGone.
	Record(ctx context.Context, spec RecordSpec) (Recording, error)
	// Pressed returns the keys that were pressed since it was last called, also during sounds and recordings; a key that
	// ended one is among them. An Ask after it waits for new ones.
	Pressed() string
	// SendAway hands the leg to the dialplan, which answers it, plays the farewell and hangs up, and returns at once.
	SendAway(ctx context.Context, words screening.Farewell) error
	// Refuse hands an unanswered caller to the dialplan, which lets them hear the engaged tone, and counts them.
	Refuse(ctx context.Context) error
	// Hangup ends the leg.
	Hangup(ctx context.Context) error
	// Outside tells a carer's telephone from one in the home.
	Outside() bool
	// LivesOn tells of a leg that has gone whether it goes on in the dialplan. If not, the other side has hung up.
	LivesOn() bool
}

// Telephones are those in the home.
type Telephones interface {
	// Ring rings all telephones of a household together and returns the leg to the first that was picked up; the others
	// stop. ErrBusy, ErrNoAnswer or ErrUnreachable where none was. When ctx ends, all stop; where they ring for nobody, or
	// with ErrInterrupted as the cause, they have stopped when it returns.
	Ring(ctx context.Context, spec RingSpec) (Leg, error)
	// Talk connects the caller with the telephone and returns when they have finished: nil then, and an error only
	// where they could not be connected. It does not depend on this program to keep them connected.
	Talk(ctx context.Context, caller, telephone Leg) error
	// Use tells what the household's telephones are doing.
	Use(ctx context.Context, household string) (Use, error)
	// Whisper plays to those in the household who talk; whom they talk with hears nothing of it.
	Whisper(ctx context.Context, household string, sounds ...Sound) error
	// Next makes a caller the one whom a telephone, in the middle of a conversation, talks with as soon as its script has
	// ended.
	Next(ctx context.Context, telephone, caller Leg) error
	// SendAway turns a caller away who talks, or is on hold: the caller hears the farewell, and whoever talked with them hears
	// the phrase. ErrGone where the caller has gone. It depends no more on this program.
	SendAway(ctx context.Context, caller Leg, words screening.Farewell, phrase prompts.ID) error
	// Follow returns when a caller who talks has gone.
	Follow(ctx context.Context, caller Leg) error
	// CallBack rings the telephone to which an ended leg belonged and returns the new leg once it was picked up.
	CallBack(ctx context.Context, household string, ended Leg) (Leg, error)
}

// RingSpec says for whom telephones ring.
type RingSpec struct {
	Household  string
	Caller     Leg    // nil: a test of the telephones, which ring for nobody
	ShowName   string // what a telephone with a display shows: clean text
	ShowNumber string
	AtMost     time.Duration
	// Carer is a telephone elsewhere that is rung through the trunk as well; "" for none.
	Carer     screening.Number
	CarerOnly bool // the telephones in the home stay silent
	// Help is a call that may be help calling back: in its conversation no key and no sound is ours.
	Help bool
}
