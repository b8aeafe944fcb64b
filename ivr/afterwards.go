package ivr

import (
	"context"
	"fmt"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// OpenCalls finds calls in the log that this program does not have, for example because it was restarted during them.
type OpenCalls interface {
	// CallByChannel finds a channel's call that has not ended in the log, and its household; call is 0 if there is none.
	CallByChannel(ctx context.Context, channel string) (call int64, household string, err error)
	// Caller says who is calling in a channel's call that has not ended in the log; call is 0 if there is none.
	Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error)
	// CallOver says whether the log has a channel's call, with an end.
	CallOver(ctx context.Context, channel string) (bool, error)
	// CallIsOpen says whether a household has had such a call, and whether it is still going on.
	CallIsOpen(ctx context.Context, household string, call int64) (there, open bool, err error)
	// OpenChannels lists the channels of the calls that have not ended in the log.
	OpenChannels(ctx context.Context) ([]string, error)
}

// UnscreenedCall is a call for which the dialplan rang by itself, because the application was away or had given the call back.
type UnscreenedCall struct {
	Household    string
	Channel      string
	At           time.Time
	Number       string // what the network said, reduced by the dialplan to characters of a number
	Presentation string
	Status       string // Asterisk's DIALSTATUS; RINGING while that is not known yet
	Why          WhyUnscreened
}

// WhyUnscreened is why the dialplan acted without the application. The words come from the dialplan; any other means Absent.
type WhyUnscreened string

const (
	Absent     WhyUnscreened = "absent"     // it was not connected
	Late       WhyUnscreened = "late"       // its deadline passed
	Unreadable WhyUnscreened = "unreadable" // Asterisk could not report the call, and the dialplan turned the caller away
)

// without is the verdict on a call that no script has handled.
func without(action screening.Action, code screening.Code, text string) screening.Verdict {
	return screening.Verdict{Action: action, Would: action, Reasons: []screening.Reason{{Code: code, Text: text}}}
}

// verdict is what the dialplan has decided by itself.
func (r UnscreenedCall) verdict() screening.Verdict {
	switch r.Why {
	case Late:
		return without(screening.Ring, screening.CodeNoApplication, "The call screener did not answer in time, so the phone rang.")
	case Unreadable:
		const text = "The call came with characters that no phone network sends, so it could not be screened."
		return without(screening.TurnAway, screening.CodeUnreadable, text)
	default:
		return without(screening.Ring, screening.CodeNoApplication, "The call screener was not running, so the phone rang.")
	}
}

// OnRangUnscreened logs such a call, or adds to the log of one that had been given back.
func (s *Screener) OnRangUnscreened(ctx context.Context, r UnscreenedCall) error {
	if !s.Lines.Known(r.Household) {
		return fmt.Errorf("the dialplan names the household %q, which ringfence.toml does not", r.Household)
	}
	// One after another, because the same call may be reported twice at the same moment.
	s.rang.Lock()
	defer s.rang.Unlock()
	call, _, err := s.OpenCalls.CallByChannel(ctx, r.Channel)
	if err != nil {
		return err
	}
	if call == 0 {
		over, err := s.OpenCalls.CallOver(ctx, r.Channel)
		if err != nil {
			return err
		}
		if over {
			call, err = s.openAgain(ctx, r.Channel)
		} else {
			call, err = s.logRang(ctx, r)
		}
		if call == 0 || err != nil {
			return err
		}
	}
	if r.Why == Unreadable {
		s.Log.Warn("a call was turned away of which Asterisk could not tell", "call", call, "channel", r.Channel, "household", r.Household)
		s.CallLog.CallEnded(call, s.Now(), calllog.TurnedAway)
		return nil
	}
	s.CallLog.CallStep(call, r.At, calllog.Rang{Phones: calllog.UnscreenedPhones})
	s.Log.Info("a call rang without the application", "call", call, "channel", r.Channel, "household", r.Household, "status", r.Status, "why", r.Why)
	if r.Status == "RINGING" {
		return nil
	}
	outcome, known := map[string]calllog.Outcome{"ANSWER": calllog.Talked, "BUSY": calllog.Busy, "CANCEL": calllog.CallerGone}[r.Status]
	if !known {
		outcome = calllog.NobodyHome // NOANSWER; or CHANUNAVAIL, CONGESTION: no telephone was there
	}
	s.CallLog.CallEnded(call, s.Now(), outcome)
	return nil
}

// logRang begins the log of such a call.
func (s *Screener) logRang(ctx context.Context, r UnscreenedCall) (call int64, err error) {
	id := screening.Identity{Number: r.Number, Presentation: r.Presentation}
	caller := s.Lines.Of(r.Household).Identify(id)
	_, known, err := s.Households.Situation(ctx, r.Household, caller.Number)
	if err != nil {
		return 0, err
	}
	if known.Contact != nil {
		caller.Name = known.Contact.Name
	}
	return s.CallLog.CallArrived(r.Household, r.Channel, r.At, id, caller, r.verdict(), "")
}

// openAgain is for a call that is reported although it already has its end. Usually the dialplan has handed it over twice; then call is 0. But
// a call that was under way when the application ended was given the end "interrupted" until a better one was known: it is opened again.
func (s *Screener) openAgain(ctx context.Context, channel string) (call int64, err error) {
	s.CallLog.CallGoesOn(channel, calllog.Interrupted)
	call, _, err = s.OpenCalls.CallByChannel(ctx, channel)
	return call, err
}

// OpenChannels lists the channels of calls whose end is not known.
func (s *Screener) OpenChannels(ctx context.Context) ([]string, error) {
	return s.OpenCalls.OpenChannels(ctx)
}

// OnOrphanedCall reports a call that an earlier run of the application held and for which the household is now rung: it was not turned away, even if
// the log says so already.
func (s *Screener) OnOrphanedCall(channel string) {
	s.CallLog.CallGoesOn(channel, calllog.TurnedAway)
}

// OnCallGone ends the log of a call that was under way when an earlier run of the application ended, unless something has ended it meanwhile.
func (s *Screener) OnCallGone(ctx context.Context, channel string) error {
	call, _, err := s.OpenCalls.CallByChannel(ctx, channel)
	if err == nil && call != 0 {
		s.CallLog.CallEnded(call, s.Now(), calllog.Interrupted)
	}
	return err
}

// OnOrphanedName stores what a caller said of themselves to an application that ended before it could store it.
func (s *Screener) OnOrphanedName(ctx context.Context, channel string, said Recording) error {
	call, household, err := s.OpenCalls.CallByChannel(ctx, channel)
	if err != nil || call == 0 || said.Spoken < leastSpoken {
		return err
	}
	if err := s.Recordings.Keep(ctx, call, calllog.RecordedName, said.WAV, said.Length); err != nil {
		return err
	}
	s.startReading(ctx, s.Log.With("call", call), spoken{household: household, call: call, kind: calllog.RecordedName, wav: said.WAV, quietly: true})
	return nil
}

// logLost begins the log of a call whose entry was lost, for example because an older backup has replaced the database.
func (s *Screener) logLost(household, channel string) (call int64, of string, err error) {
	if only, is := s.Lines.Only(); household == "" && is {
		household = only
	}
	if !s.Lines.Known(household) {
		return 0, "", fmt.Errorf("the message of channel %s is nobody's: ringfence.toml has no household %q", channel, household)
	}
	var id screening.Identity
	call, err = s.CallLog.CallArrived(household, channel, s.Now(), id, s.Lines.Of(household).Identify(id),
		without(screening.Message, screening.CodeLost, "The log of this call was lost: nobody knows who rang."), "")
	return call, household, err
}

// OnOrphanedMessage keeps a message that was left while no application was there, as the call's script would have done. at is the household that the
// dialplan names, or "". The caller has been told that the message is kept, so it is, even if the log no longer has the call.
func (s *Screener) OnOrphanedMessage(ctx context.Context, at, channel string, said Recording) error {
	if said.Spoken < leastSpoken {
		return nil
	}
	call, household, err := s.OpenCalls.CallByChannel(ctx, channel)
	if err != nil {
		return err
	}
	if call == 0 {
		// A call whose end is logged has its message already: the end is written last.
		if over, err := s.OpenCalls.CallOver(ctx, channel); over || err != nil {
			return err
		}
		if call, household, err = s.logLost(at, channel); err != nil {
			return err
		}
	}
	said = said.Trimmed()
	if err := s.Recordings.Keep(ctx, call, calllog.RecordedMessage, said.WAV, said.Length); err != nil {
		return err
	}
	s.Log.Info("a message was left while the application was away", "call", call, "channel", channel, "household", household)
	s.CallLog.CallStep(call, s.Now(), calllog.LeftMessage{Length: said.Length})
	s.startReading(ctx, s.Log.With("call", call), spoken{household: household, call: call, kind: calllog.RecordedMessage, wav: said.WAV, quietly: true})
	s.Carers.OnMessageLeft(ctx, household, call)
	s.CallLog.CallEnded(call, s.Now(), calllog.MessageLeft)
	return nil
}
