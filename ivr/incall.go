package ivr

import (
	"context"
	"fmt"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// KeyInCall is a key that a household's telephone has pressed in a conversation with somebody who rang. The caller's own keys never get here. The
// conversation is paused until the script returns.
type KeyInCall struct {
	Household string
	Channel   string // of the caller
	What      string // "keep", "away" or "take": the dialplan's words
	Telephone Leg
}

// OnKeyInCall does what was asked for, and tells the household so. After "away" the dialplan has sent the caller away already.
func (s *Screener) OnKeyInCall(ctx context.Context, p KeyInCall) error {
	line := s.Lines.Of(p.Household)
	log := s.Log.With("household", p.Household, "channel", p.Channel)
	say := func(words ...prompts.ID) error {
		return gone(p.Telephone.Play(ctx, say(line.Language, words...)...))
	}
	if p.What == "take" {
		return s.takeWaiting(ctx, p, say)
	}
	call, number, name, err := s.OpenCalls.Caller(ctx, p.Channel)
	if err != nil {
		return fmt.Errorf("find the call that is under way: %w", err)
	}
	log.Info("a key was pressed in a conversation", "call", call, "what", p.What)
	switch p.What {
	case "keep":
		return s.keepCaller(ctx, p.Household, call, number, name, say)
	case "away":
		return s.sentAway(ctx, p.Household, call, number, say)
	default:
		return fmt.Errorf("nothing is known of the key %q", p.What)
	}
}

func (s *Screener) keepCaller(ctx context.Context, household string, call int64, number screening.Number, name string, say func(...prompts.ID) error) error {
	why, err := s.allowNumber(ctx, household, number, name)
	if err != nil {
		return err
	}
	if why == "" {
		s.CallLog.CallStep(call, s.Now(), calllog.AllowedInCall{})
	}
	return say(wordsForAllowed(why))
}

func (s *Screener) sentAway(ctx context.Context, household string, call int64, number screening.Number, say func(...prompts.ID) error) error {
	// It is logged even if the telephone is put down at once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	words, err := s.blockCaller(ctx, household, number, "scam, sent away in the conversation")
	if err != nil {
		return err
	}
	s.Carers.OnSentAway(ctx, household, "the household, in the conversation", call)
	if call != 0 {
		s.CallLog.CallStep(call, s.Now(), calllog.SentAwayInCall{})
		s.CallLog.CallEnded(call, s.Now(), calllog.SentAway)
	}
	return say(words)
}
