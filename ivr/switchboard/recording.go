package switchboard

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"ringfence/ivr"
	"ringfence/sound"
)

var (
	errNotRecorded = errors.New("Asterisk could not record")
	errUnreadable  = errors.New("a recording cannot be read")
)

// What recordings are called, behind the channel. The dialplan makes the last two.
const (
	nameSuffix     = "-said"
	messageSuffix  = "-message"
	ownWordsSuffix = "-own-words"
)

// Record implements ivr.Leg. A leg has one recording, which each new one replaces; it stays in Asterisk, to be played to
// the household, until the script has ended.
func (l *leg) Record(ctx context.Context, spec ivr.RecordSpec) (ivr.Recording, error) {
	if err := l.quiet(ctx); err != nil {
		return ivr.Recording{}, err
	}
	if spec.Unattended != "" {
		return l.recordUnattended(ctx, spec)
	}
	if err := l.allow(ctx, spec.Max); err != nil {
		return ivr.Recording{}, err
	}
	l.drain()
	l.recordedAs(ctx, l.id+nameSuffix)
	pressed, began := l.pressedOf(spec.EndKey), time.Now() // before it is asked for: the answer may come late
	err := within(ctx, func() error {
		_, err := l.s.ari.Channel().Record(l.key(), l.id+nameSuffix, &ari.RecordingOptions{
			Format: "wav", MaxDuration: spec.Max, MaxSilence: spec.Silence, Exists: "overwrite", Terminate: spec.EndKey,
		})
		return err
	})
	if errors.Is(err, ivr.ErrInterrupted) { // it may have begun
		l.s.logFault("stop recording", l.id, l.stopRecording(context.WithoutCancel(ctx)))
		l.settle(ctx)
	}
	if err != nil {
		return ivr.Recording{}, err
	}
	said, err := l.attend(ctx, spec)
	if err == nil && time.Since(began) < spec.Silence-heldUp && l.pressedOf(spec.EndKey) == pressed {
		// No silence has been that long yet. Asterisk tells of a recording that it can write no more as if it had ended, and of one whose
		// caller has hung up before it tells that.
		select {
		case <-l.gone:
			return said, ivr.ErrGone
		case <-time.After(settleTime):
			return said, errors.New("Asterisk could not write a recording to its end")
		}
	}
	return said, err
}

// heldUp is how much sound may have waited for a recording to begin, on a busy machine or with a telephone that sent it late: Asterisk counts
// silence by what it is sent, not by the clock.
const heldUp = time.Second

// pressedOf counts how often a key was pressed that nobody has asked for since.
func (l *leg) pressedOf(key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(string(l.typed), key)
}

// attend waits for the end of a recording and fetches it.
func (l *leg) attend(ctx context.Context, spec ivr.RecordSpec) (ivr.Recording, error) {
	ended, err := l.recordingEnds(ctx, spec.Max)
	if err != nil {
		return ivr.Recording{}, err
	}
	if ended != nil && !errors.Is(ended, ivr.ErrLost) {
		// The file is whole once its end was told; it is told when the channel leaves.
		select {
		case <-l.done: //nolint:errcheck // the file itself tells whether it is whole
		case <-time.After(2 * time.Second):
		}
	}
	return l.collect(ctx, ended)
}

// recordedAs notes the name of a recording, and deletes the one before where it has another.
func (l *leg) recordedAs(ctx context.Context, name string) {
	if l.recorded != name {
		l.deleteRecording(ctx)
	}
	l.recorded = name
}

// deleteRecording deletes what the leg has recorded.
func (l *leg) deleteRecording(ctx context.Context) {
	if l.recorded != "" {
		l.s.deleteRecording(ctx, l.recorded)
		l.recorded = ""
	}
}

// collect fetches a recording that has ended as ended says, also from a leg that has gone meanwhile.
func (l *leg) collect(ctx context.Context, ended error) (ivr.Recording, error) {
	if errors.Is(ended, ivr.ErrLost) {
		return ivr.Recording{}, ended
	}
	fetch, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestLimit)
	defer cancel()
	said, err := l.s.fetchRecording(fetch, l.recorded)
	if err != nil {
		return ivr.Recording{}, errors.Join(ended, err)
	}
	return said, ended
}

// recordingEnds waits for the end of a recording; ended says that the leg has gone first.
func (l *leg) recordingEnds(ctx context.Context, atMost time.Duration) (ended, err error) {
	late := time.After(atMost + 3*time.Second)
	full := time.After(atMost)
	for {
		select {
		case err := <-l.done:
			return nil, err
		case <-l.gone:
			return ivr.ErrGone, nil
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), ivr.ErrInterrupted) {
				l.s.logFault("stop recording", l.id, l.stopRecording(context.WithoutCancel(ctx)))
			}
			return context.Cause(ctx), nil
		case <-full:
			// Asterisk counts whole seconds of the clock, and may record for one too long.
			if err := l.stopRecording(ctx); err != nil && !errors.Is(err, ivr.ErrGone) {
				return nil, err
			}
		case <-late:
			return nil, errors.New("the end of a recording was never told")
		}
	}
}

func (l *leg) stopRecording(ctx context.Context) error {
	return within(ctx, func() error { return l.s.ari.LiveRecording().Stop(ari.NewKey(ari.LiveRecordingKey, l.id+nameSuffix)) })
}

// fetchRecording brings a stored recording here, and measures it.
func (s *Switchboard) fetchRecording(ctx context.Context, name string) (ivr.Recording, error) {
	wav, err := s.extra.recording(ctx, name)
	if err != nil {
		return ivr.Recording{}, err
	}
	length, spoken, err := sound.Measure(wav)
	if err != nil {
		return ivr.Recording{}, errors.Join(errUnreadable, err)
	}
	return ivr.Recording{
		Sound: ivr.Sound{Media: "recording:" + name, Length: length}, WAV: wav, Spoken: spoken,
	}, nil
}

func (s *Switchboard) deleteRecording(ctx context.Context, name string) {
	err := within(ctx, func() error { return s.ari.StoredRecording().Delete(ari.NewKey(ari.StoredRecordingKey, name)) })
	if err != nil && !errors.Is(err, ivr.ErrGone) {
		s.log.Warn("a recording is left behind in Asterisk", "recording", name, "err", err)
	}
}
