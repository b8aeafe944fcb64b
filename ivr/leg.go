package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/sound"
)

// Errors of legs and telephones. Any other error is a fault of the machinery.
var (
	ErrGone        = errors.New("the leg has gone: hung up, or taken back by the dialplan")
	ErrNoKey       = errors.New("no key was pressed in time")
	ErrBusy        = errors.New("the phones are busy")
	ErrNoAnswer    = errors.New("nobody picked up a phone")
	ErrUnreachable = errors.New("no phone is connected")
	// ErrOffline is ErrUnreachable where none was registered, so that nothing was rung.
	ErrOffline = fmt.Errorf("%w: it has not registered", ErrUnreachable)
	// ErrLost is the cause of a context that ended because the connection to Asterisk was lost. The calls are not
	// lost: Asterisk takes them back.
	ErrLost = errors.New("the connection to Asterisk was lost")
	// ErrInterrupted is among the causes of a context that ended because a carer has pressed a key on the page, or because the next step of
	// the call cuts this one short. The leg is still there, and goes on with something else: so what plays has to be stopped, and requests
	// that were sent to Asterisk have to be waited for.
	ErrInterrupted = errors.New("the step was cut short")
	// ErrTakenBack says that the dialplan has taken a call back because its deadline had passed, and rings the household.
	ErrTakenBack = errors.New("the dialplan has taken the call back: its deadline had passed")
)

// Sound is something that can be played: one of the prompts, or what a caller has said.
type Sound struct {
	Media  string        // an ARI media address, such as "sound:ask-name" or "recording:NAME"
	Length time.Duration // how long it plays
}

// Say is a prompt as a sound. Asterisk chooses between the narrow-band and the wide-band file. The address holds the language, so that it does not
// depend on the leg's own.
func Say(language string, id prompts.ID) Sound {
	return Sound{Media: "sound:" + language + "/" + string(id), Length: prompts.Duration(language, id)}
}

// RecordSpec says when a recording ends.
type RecordSpec struct {
	Max     time.Duration // its greatest length
	Silence time.Duration // the silence that ends it, in whole seconds
	EndKey  string        // the key that ends it, such as "#"
	// Unattended, if not "", has the dialplan make the recording, after a tone, because it may take longer than anybody may be left in
	// silence. The dialplan goes on by itself if this program ends meanwhile. EndKey has to be "#" then.
	Unattended Unattended
	// Growing, if not nil, gets what has been recorded so far, each time that it is more, until ctx ends with the recording. It is called beside the
	// recording, which waits for nothing that it does. An Unattended recording has none.
	Growing func(ctx context.Context, soFar []byte)
}

// Unattended is a kind of recording that the dialplan makes by itself.
type Unattended string

// The kinds. The words are names of contexts in the dialplan.
const (
	LeaveMessage Unattended = "leave-message" // a caller's message; if nobody waits for it, the next start of this program finds it
	OwnWords     Unattended = "own-words"     // a household's own phrase; if nobody waits for it, it is lost, and the household is told
)

// Recording is what somebody has said.
type Recording struct {
	Sound
	WAV    []byte        // 8 kHz, 16-bit, mono
	Spoken time.Duration // how much of it is speech: neither silence nor the tones of a network
	RunsOn bool          // they were still speaking when it ended: it was not they who ended it, by silence or with a key
	// EndedByKey says that they have pressed RecordSpec.EndKey.
	EndedByKey bool
}

// Talk is how the other side has talked while something was played to them.
type Talk struct {
	Spoken time.Duration // in all
	Run    time.Duration // of it, since they last paused
	Quiet  time.Duration // how long they have been quiet by now; 0 while they talk, or if they have not talked
}

// Trimmed is the recording without the silence before and after the speech, and without the tones that a network plays once the caller has hung
// up. A recording without speech stays as it is.
func (r Recording) Trimmed() Recording {
	if wav, length, ok := sound.Trim(r.WAV); ok {
		r.WAV, r.Length = wav, length
	}
	return r
}

// Leg is one telephone connection, as far as a script needs it: a caller's, or one to a telephone. Its methods return ErrGone once the leg has
// gone, and the context's error once the context has ended. One script calls them, one after another.
type Leg interface {
	// Answer picks up, and waits until the other side can be expected to hear. Answering twice does nothing.
	Answer(ctx context.Context) error
	// Ring plays ringing tone to the leg. The next step with it follows within the time given; if telephones ring for it, they may ring on.
	Ring(ctx context.Context, next time.Duration) error
	// Stay leaves the leg as it is: what it hears goes on, and the next step with it follows within the time given.
	Stay(ctx context.Context, next time.Duration) error
	// Play plays one sound after another.
	Play(ctx context.Context, sounds ...Sound) error
	// Hold plays the sounds and then ringing tone to a leg for which telephones ring already; the tone is heard even if this program ends. The next
	// step follows as after Ring.
	Hold(ctx context.Context, next time.Duration, sounds ...Sound) error
	// Ask plays the sounds and returns the first of keys that is pressed during them, which stops them, or within wait after them; ErrNoKey if
	// none was. Other keys do nothing.
	Ask(ctx context.Context, keys string, wait time.Duration, sounds ...Sound) (rune, error)
	// Record records what is said. If the leg goes meanwhile, it returns what was said so far, and ErrGone.
	Record(ctx context.Context, spec RecordSpec) (Recording, error)
	// HearTalk notes from now on when the other side talks, also while something plays. It returns an error if Asterisk cannot tell.
	HearTalk(ctx context.Context) error
	// Talked ends that, and returns how they have talked since.
	Talked(ctx context.Context) Talk
	// Pressed returns the keys pressed since it was last called, including those during sounds and recordings and those that ended one. An Ask
	// after it waits for new keys.
	Pressed() string
	// SendAway hands the leg to the dialplan, which answers it, plays the farewell and hangs up. It does not wait for that.
	SendAway(ctx context.Context, words screening.Farewell) error
	// Refuse hands an unanswered caller to the dialplan, which gives them the engaged tone and counts them.
	Refuse(ctx context.Context) error
	// Hangup ends the leg.
	Hangup(ctx context.Context) error
	// Outside says whether this is a carer's telephone, and not one in the home.
	Outside() bool
	// LivesOn says of a leg that has gone whether it goes on in the dialplan. If not, the other side has hung up.
	LivesOn() bool
}

// Telephones are the household's telephones.
type Telephones interface {
	// Ring rings all telephones of a household together and returns the leg to the first that is picked up; the others stop. If none is, it
	// returns ErrBusy, ErrNoAnswer or ErrUnreachable. When ctx ends, all stop; for a test call, or with ErrInterrupted as the cause, they
	// have stopped by the time it returns.
	Ring(ctx context.Context, spec RingSpec) (Leg, error)
	// Talk connects the caller with the telephone and returns nil when they have finished; an error means that they could not be connected.
	// They stay connected even if this program ends.
	Talk(ctx context.Context, caller, telephone Leg) error
	// Use says what the household's telephones are doing.
	Use(ctx context.Context, household string) (Use, error)
	// Whisper plays to those in the household who are talking. The other side of their conversation does not hear it.
	Whisper(ctx context.Context, household string, sounds ...Sound) error
	// Next has a telephone that is in a conversation talk with caller as soon as its script has ended.
	Next(ctx context.Context, telephone, caller Leg) error
	// SendAway turns away a caller who is talking or on hold: the caller hears the farewell, and whoever was talking with them the phrase. It
	// returns ErrGone if the caller has gone. Once it has returned, this program is no longer needed.
	SendAway(ctx context.Context, caller Leg, words screening.Farewell, phrase prompts.ID) error
	// Follow returns when a caller who is talking has gone.
	Follow(ctx context.Context, caller Leg) error
	// CallBack rings the telephone that an ended leg belonged to, and returns the new leg once it is picked up.
	CallBack(ctx context.Context, household string, ended Leg) (Leg, error)
}

// RingSpec says for whom telephones ring.
type RingSpec struct {
	Household  string
	Caller     Leg    // nil for a test call, which rings for nobody
	ShowName   string // clean text for a telephone with a display
	ShowNumber string
	AtMost     time.Duration
	// Carer is a carer's telephone, which is rung through the trunk as well; "" for none.
	Carer     screening.Number
	CarerOnly bool // the telephones in the home stay silent
	// OnBegin, if not nil, is called before a telephone rings, perhaps more than once. From then on the caller's steps have no deadline that comes
	// before the telephones in the home have stopped.
	OnBegin func()
	// Help marks a call that may be help calling back: we take no key and play no sound in its conversation.
	Help bool
}
