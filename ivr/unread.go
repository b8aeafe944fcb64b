package ivr

import (
	"context"
	"errors"
	"time"

	"ringfence/calllog"
	"ringfence/speech"
)

// UnreadMessage is a message that has no words: what reads them was broken or not installed, or the program ended meanwhile.
type UnreadMessage struct {
	Household string
	Call      int64
}

const (
	unreadFor     = 24 * time.Hour // so old may such a message be: later nobody looks for its words any more
	lookForUnread = time.Hour
)

// ReadUnread reads what was left without words, at the start and every hour, until ctx ends.
func (s *Screener) ReadUnread(ctx context.Context) {
	if s.MessageSpeech == nil {
		return
	}
	before := s.Now()
	for {
		if err := s.readUnread(ctx, before); err != nil && ctx.Err() == nil {
			s.Log.Warn("messages without words are not read before the next hour", "err", err)
		}
		select {
		case <-time.After(lookForUnread):
		case <-ctx.Done():
			return
		}
		before = s.Now().Add(-2 * speech.MessageLimit) // a later one may be being read
	}
}

// readUnread reads messages that were left before a time, one by one. Carers are not told what they sound like, as nobody knows here who left them.
func (s *Screener) readUnread(ctx context.Context, before time.Time) error {
	messages, err := s.Recordings.UnreadMessages(ctx, before.Add(-unreadFor), before)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if ctx.Err() != nil {
			return nil
		}
		log := s.Log.With("call", m.Call)
		wav, err := s.Mailbox.MessageSound(ctx, m.Household, m.Call)
		if err != nil { // it may have been deleted meanwhile
			log.Warn("a message without words could not be opened", "err", err)
			continue
		}
		said := spoken{household: m.Household, call: m.Call, kind: calllog.RecordedMessage, wav: wav, quietly: true}
		if err := s.read(ctx, log, &reading{done: make(chan struct{})}, said, s.MessageSpeech, speech.MessageLimit); errors.Is(err, speech.ErrNone) {
			return nil // nor for the others
		}
	}
	return nil
}
