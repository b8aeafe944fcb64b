package switchboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/ivr"
)

// Play implements ivr.Leg.
func (l *leg) Play(ctx context.Context, sounds ...ivr.Sound) error {
	_, err := l.play(ctx, "", sounds)
	return err
}

// holdTone is for how long the ringing tone plays that follows the words of Hold, if nothing cuts it short.
const holdTone = time.Second

// Hold implements ivr.Leg. The ringing tone is part of the same playback, so that Asterisk goes on with it even if this program ends during the words.
func (l *leg) Hold(ctx context.Context, next time.Duration, sounds ...ivr.Sound) error {
	over, cancel := context.WithTimeoutCause(ctx, lengthOf(sounds)+holdTone, ivr.ErrInterrupted)
	defer cancel()
	err := l.Play(over, append(sounds, ivr.Sound{Media: "tone:ring", Length: holdTone})...)
	if err != nil && (over.Err() == nil || ctx.Err() != nil) {
		return err
	}
	return l.Ring(ctx, next)
}

// play plays to the end, or until one of the keys is pressed, which it returns.
func (l *leg) play(ctx context.Context, keys string, sounds []ivr.Sound) (rune, error) {
	if len(sounds) == 0 {
		return 0, nil
	}
	if err := l.quiet(ctx); err != nil {
		return 0, err
	}
	l.set(func() { l.playing = true })
	defer l.set(func() { l.playing = false })
	if err := l.allow(ctx, lengthOf(sounds)); err != nil {
		return 0, err
	}
	return l.playAll(ctx, keys, sounds)
}

func lengthOf(sounds []ivr.Sound) (all time.Duration) {
	for _, sound := range sounds {
		all += sound.Length
	}
	return all
}

// playAll plays the sounds as one playback, so that they are heard to the end even if this program dies.
func (l *leg) playAll(ctx context.Context, keys string, sounds []ivr.Sound) (rune, error) {
	l.drain()
	var media []string
	for _, sound := range sounds {
		media = append(media, sound.Media)
	}
	// The library can only ask for a single sound.
	path := "/channels/" + url.PathEscape(l.id) + "/play/" + url.PathEscape(soundOf(l.id)) + "?" + url.Values{"media": {strings.Join(media, ",")}}.Encode()
	err := within(ctx, func() error {
		_, err := l.s.extra.do(context.WithoutCancel(ctx), http.MethodPost, path, nil)
		return err
	})
	if err != nil {
		if errors.Is(err, ivr.ErrInterrupted) { // the sound may have begun
			l.stopSound()
			l.settle(ctx)
		}
		return 0, err
	}
	// A playback whose end is never reported must not hold a call until its deadline.
	late := time.After(lengthOf(sounds) + 3*time.Second)
	for {
		select {
		case <-ctx.Done():
			l.stopSound()
			l.settle(ctx)
			return 0, context.Cause(ctx)
		case <-l.gone:
			return 0, ivr.ErrGone
		case err := <-l.done:
			return 0, err
		case <-late:
			l.stopSound()
			return 0, fmt.Errorf("the end of %s was never told", strings.Join(media, ", "))
		case key := <-l.keys:
			if !strings.ContainsRune(keys, key) {
				continue
			}
			l.stopSound()
			return key, l.waitDone(ctx)
		}
	}
}

// settle waits, after an interruption, for the end of a sound or a recording that has been told to stop: it must not be taken for the
// end of the next one.
func (l *leg) settle(ctx context.Context) {
	if !errors.Is(context.Cause(ctx), ivr.ErrInterrupted) {
		return // the leg has gone, or no more events will come
	}
	select {
	case <-l.gone:
	case <-l.done: //nolint:errcheck // nobody wants it any more
	case <-time.After(settleTime):
	}
}

// settleTime is long for Asterisk, which ends a sound within 20 ms, and short for somebody who is listening.
const settleTime = time.Second

// drain discards the ends of sounds that nobody has waited for.
func (l *leg) drain() {
	for {
		select {
		case <-l.done: //nolint:errcheck // the sound is forgotten
		default:
			return
		}
	}
}

// stopSound asks Asterisk to end the playback, so that the next command to the channel does not wait for it.
func (l *leg) stopSound() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := within(ctx, func() error { return l.s.ari.Playback().Stop(ari.NewKey(ari.PlaybackKey, soundOf(l.id))) })
	if err != nil && !errors.Is(err, ivr.ErrGone) {
		l.s.log.Warn("a sound could not be stopped", "channel", l.id, "err", err)
	}
}

// waitDone waits for the end of a playback or a recording that has been told to stop.
func (l *leg) waitDone(ctx context.Context) error {
	select {
	case <-ctx.Done():
		l.settle(ctx)
		return context.Cause(ctx)
	case <-l.gone:
		return ivr.ErrGone
	case err := <-l.done:
		return err
	case <-time.After(3 * time.Second):
		return errors.New("the end of a sound was never told")
	}
}

// Ask implements ivr.Leg.
func (l *leg) Ask(ctx context.Context, keys string, wait time.Duration, sounds ...ivr.Sound) (rune, error) {
	if key, err := l.play(ctx, keys, sounds); err != nil || key != 0 {
		return key, err
	}
	if err := l.allow(ctx, wait); err != nil {
		return 0, err
	}
	late := time.After(wait)
	for {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-l.gone:
			return 0, ivr.ErrGone
		case <-late:
			return 0, ivr.ErrNoKey
		case key := <-l.keys:
			if strings.ContainsRune(keys, key) {
				return key, nil
			}
		}
	}
}
