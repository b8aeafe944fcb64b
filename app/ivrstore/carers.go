package ivrstore

import (
	"context"
	"strings"
	"time"

	"ringfence/store"
)

// OnMessageLeft implements ivr.Carers.
func (s Store) OnMessageLeft(ctx context.Context, household string, call int64) {
	s.notify(ctx, household, store.NoticeMessageLeft, "A message was left.", call)
}

// OnSentAway implements ivr.Carers.
func (s Store) OnSentAway(ctx context.Context, household, by string, call int64) {
	s.notify(ctx, household, store.NoticeSentAway, "A scam caller was sent away by "+by+".", call)
}

// OnSoundsLikeScam implements ivr.Carers.
func (s Store) OnSoundsLikeScam(ctx context.Context, household string, call int64, reasons string) {
	s.notify(ctx, household, store.NoticeScamWords, strings.TrimSpace("A caller's words sound like a scam. "+reasons), call)
}

// notify writes a notice for the carers, behind the call.
func (s Store) notify(ctx context.Context, household, kind, text string, call int64) {
	at := time.Now()
	s.Queue.Later(ctx, "the carers could not be told", func(ctx context.Context) error {
		return s.AddNotice(ctx, household, at, kind, text, call)
	})
}
