package ivrstore

import (
	"context"
	"errors"
	"time"

	"ringfence/calllog"
	"ringfence/ivr"
	"ringfence/sound"
	"ringfence/store"
)

// A household's messages: half an hour of them, more than anybody listens to at once.
var messageLimits = store.MessageLimits{Count: 50, Length: 30 * time.Minute}

// oneMessage is what one message takes at most: two minutes.
var oneMessage = store.Need{Length: 2 * time.Minute, Bytes: 2 * 60 * sound.BytesPerSecond}

// RoomForMessage implements ivr.Recordings. If there is none, the carers are alerted. If the database does not answer in time, messages are taken as
// long as the disk has room.
func (s Store) RoomForMessage(ctx context.Context, household string) (bool, error) {
	room, err := false, s.DiskTakes(oneMessage)
	if err == nil {
		room, err = store.Await(ctx, s.Queue, func(ctx context.Context) (bool, error) {
			_, room, err := s.MakeRoom(ctx, household, messageLimits, oneMessage)
			return room, err
		})
	}
	switch {
	case errors.Is(err, store.ErrDiskFull):
		s.notify(ctx, household, store.NoticeDiskFull, "The disk is nearly full, so a message could not be left.", 0)
		return false, nil
	case errors.Is(err, store.ErrLater):
		return true, nil
	case err == nil && !room:
		s.notify(ctx, household, store.NoticeMessagesFull, "A message could not be left: there is no room, and nobody has heard the messages that are there.", 0)
	}
	return room, err
}

// KeepWords implements ivr.Recordings.
func (s Store) KeepWords(ctx context.Context, call int64, kind, text string, unsure bool) {
	s.Queue.KeepWords(ctx, call, kind, text, unsure)
}

// UnreadMessages implements ivr.Recordings.
func (s Store) UnreadMessages(ctx context.Context, since, before time.Time) ([]ivr.UnreadMessage, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	messages, err := s.Store.UnreadMessages(ctx, since, before)
	all := make([]ivr.UnreadMessage, len(messages))
	for i, m := range messages {
		all[i] = ivr.UnreadMessage(m)
	}
	return all, err
}

// KeepOpinion implements ivr.Recordings.
func (s Store) KeepOpinion(ctx context.Context, call int64, kind string, level calllog.ScriptLevel, sentence string) {
	s.Queue.KeepOpinion(ctx, call, kind, store.Opinion{Level: level, Sentence: sentence})
}

// Keep implements ivr.Recordings.
func (s Store) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	return s.Queue.Keep(ctx, call, kind, wav, length)
}
