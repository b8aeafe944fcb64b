package switchboard

import (
	"context"
	"errors"
	"time"

	"ringfence/ivr"
)

// What Asterisk takes for talking (func_talkdetect.c): sound with a mean amplitude of 1000, until there has been none for 300 ms. Speech on a telephone
// has 1200 to 2000 in the middle and several times that at its loudest. A line that sends our own question back 12 dB softer reaches 1000 for a third
// of it, and one that sends it back 20 dB softer never does (docs/speech-measured.md).
const (
	talkDetected = "300,1000"
	talkPause    = 300 * time.Millisecond
)

// talking notes when the other side talks. It is guarded by the mutex of its leg.
type talking struct {
	began  time.Time     // zero while they are quiet
	ended  time.Time     // of the last run; zero if there was none
	run    time.Duration // the length of the last run
	before time.Duration // how long all the runs were that have ended
}

func (t *talking) onStarted(now time.Time) {
	if t.began.IsZero() {
		t.began = now
	}
}

// onFinished is called talkPause after they have stopped.
func (t *talking) onFinished(now time.Time) {
	if t.began.IsZero() {
		return
	}
	t.ended = now.Add(-talkPause)
	t.run = max(0, t.ended.Sub(t.began))
	t.before += t.run
	t.began = time.Time{}
}

func (t *talking) until(now time.Time) ivr.Talk {
	switch {
	case !t.began.IsZero():
		run := now.Sub(t.began)
		return ivr.Talk{Spoken: t.before + run, Run: run}
	case !t.ended.IsZero():
		return ivr.Talk{Spoken: t.before, Run: t.run, Quiet: now.Sub(t.ended)}
	default:
		return ivr.Talk{}
	}
}

func (l *leg) onTalkingStarted()  { l.set(func() { l.talking.onStarted(time.Now()) }) }
func (l *leg) onTalkingFinished() { l.set(func() { l.talking.onFinished(time.Now()) }) }

// HearTalk implements ivr.Leg.
func (l *leg) HearTalk(ctx context.Context) error {
	l.set(func() { l.talking = talking{} })
	return l.s.setVariable(ctx, l.id, "TALK_DETECT(set)", talkDetected)
}

// Talked implements ivr.Leg. Asterisk must not go on listening: two people who talk would cost it more.
func (l *leg) Talked(ctx context.Context) (talk ivr.Talk) {
	l.set(func() { talk = l.talking.until(time.Now()) })
	if err := l.s.setVariable(context.WithoutCancel(ctx), l.id, "TALK_DETECT(remove)", ""); err != nil && !errors.Is(err, ivr.ErrGone) && ctx.Err() == nil {
		l.s.log.Warn("Asterisk goes on noticing who talks", "channel", l.id, "err", err)
	}
	return talk
}
