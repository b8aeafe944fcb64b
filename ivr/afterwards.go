package ivr

import (
	"context"
	"fmt"
	"time"

	"ringfence/screening"
)

// Rang is a call that the dialplan rang by itself: the application was away, or had given the call back.
type Rang struct {
	Household    string
	Channel      string
	At           time.Time
	Number       string // what the network said, reduced by the dialplan to characters of a number
	Presentation string
	Status       string        // Asterisk's DIALSTATUS; RINGING as long as it is not known
	Talked       time.Duration // for ANSWER
}

// NoApplication is why a call rang without a verdict.
const NoApplication screening.Code = "no-application"

// Rang logs such a call, or adds to the log of one that had been given back.
func (s *Screener) Rang(ctx context.Context, r Rang) error {
	line := s.Lines.Of(r.Household)
	if !s.Lines.Known(r.Household) {
		return fmt.Errorf("the dialplan names the household %q, which ringfence.toml does not", r.Household)
	}
	// One after another: the same call may be told of twice at the same moment.
	s.rang.Lock()
	defer s.rang.Unlock()
	call, err := s.Memory.CallByChannel(ctx, r.Channel)
	if err != nil {
		return err
	}
	if call == 0 {
		// The dialplan may hand one over twice: it begins to do so whenever it is asked, and forgets what was taken.
		if over, err := s.Memory.CallOver(ctx, r.Channel); over || err != nil {
			return err
		}
		id := screening.Identity{Number: r.Number, Presentation: r.Presentation}
		caller := screening.Identify(id, line.Region)
		_, known, err := s.Memory.Situation(ctx, r.Household, caller.Number)
		if err != nil {
			return err
		}
		if known.Contact != nil {
			caller.Name = known.Contact.Name
		}
		call, err = s.Memory.CallArrived(ctx, r.Household, r.Channel, r.At, id, caller, screening.Verdict{
			Action: screening.Ring, Would: screening.Ring, Reasons: []screening.Reason{{
				Code: NoApplication, Text: "The call screener was not running, so the telephone rang.",
			}},
		}, "")
		if err != nil {
			return err
		}
	}
	if err := s.Memory.CallStep(ctx, call, r.At, "rang", "without the call screener"); err != nil {
		return err
	}
	s.Log.Info("a call rang without the application", "call", call, "channel", r.Channel, "household", r.Household, "status", r.Status)
	outcomes := map[string]Outcome{"ANSWER": Talked, "BUSY": Busy, "CANCEL": CallerGone, "NOANSWER": NobodyHome}
	outcome, final := outcomes[r.Status]
	if r.Status == "RINGING" {
		return nil
	}
	if !final {
		outcome = NobodyHome // CHANUNAVAIL, CONGESTION: no telephone was there
	}
	return s.Memory.CallEnded(ctx, call, s.Now(), string(outcome))
}

// Open lists the channels of calls whose end is not known.
func (s *Screener) Open(ctx context.Context) ([]string, error) { return s.Memory.OpenChannels(ctx) }

// Orphaned tells of a call that an application before this one had, and that now rings: it was not turned away,
// even if the log says so already.
func (s *Screener) Orphaned(ctx context.Context, channel string) error {
	return s.Memory.CallGoesOn(ctx, channel, string(TurnedAway))
}

// Over ends the log of a call that was under way when an application before this one ended. What became of it is what
// its last steps say; only a call that nobody could follow any more is given an outcome of its own.
func (s *Screener) Over(ctx context.Context, channel string) error {
	call, err := s.Memory.CallByChannel(ctx, channel)
	if err != nil || call == 0 {
		return err
	}
	return s.Memory.CallEnded(ctx, call, s.Now(), string(Interrupted))
}

// Said keeps what a caller had said to an application that died before it could.
func (s *Screener) Said(ctx context.Context, channel string, said Recording) error {
	call, err := s.Memory.CallByChannel(ctx, channel)
	if err != nil || call == 0 || said.Spoken < leastSpoken {
		return err
	}
	return s.Memory.Keep(ctx, call, "name", said.WAV, said.Length)
}
