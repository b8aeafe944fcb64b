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

// The endings of recordings' names, after the channel. The dialplan makes the last two.
const (
	nameSuffix     = "-said"
	messageSuffix  = "-message"
	ownWordsSuffix = "-own-words"
)

// Record implements ivr.Leg. A leg has one recording, which a new one replaces. It stays in Asterisk until the script has ended, so
// that it can be played to the household.
func (l *leg) Record(ctx context.Context, spec ivr.RecordSpec) (ivr.Recording, error) {
	if err := l.quiet(ctx); err != nil {
		return ivr.Recording{}, err
	}
	if spec.Unattended != "" {
		return l.recordUnattended(ctx, spec)
	}
	// What is recorded beyond whole seconds comes out of the grace, so that nobody is in silence for twenty seconds.
	if err := l.allow(ctx, spec.Max.Truncate(time.Second)); err != nil {
		return ivr.Recording{}, err
	}
	l.drain()
	l.recordedAs(ctx, l.id+nameSuffix)
	seconds := (spec.Max + time.Second - 1).Truncate(time.Second) // ARI takes whole ones; recordingEnds stops it in time
	pressed, began := l.pressedOf(spec.EndKey), time.Now()        // before the request, whose answer may come late
	err := within(ctx, func() error {
		_, err := l.s.ari.Channel().Record(l.key(), l.id+nameSuffix, &ari.RecordingOptions{
			Format: "wav", MaxDuration: seconds, MaxSilence: spec.Silence, Exists: "overwrite", Terminate: spec.EndKey,
		})
		return err
	})
	if errors.Is(err, ivr.ErrInterrupted) { // the recording may have begun
		l.s.logFault("stop recording", l.id, l.stopRecording(context.WithoutCancel(ctx)))
		l.settle(ctx)
	}
	if err != nil {
		return ivr.Recording{}, err
	}
	following, cancel := context.WithCancel(ctx)
	defer cancel()
	if spec.Growing != nil {
		go l.s.followRecording(following, l.id+nameSuffix, spec.Growing)
	}
	said, err := l.attend(ctx, spec)
	cancel()
	said.EndedByKey = l.pressedOf(spec.EndKey) != pressed
	said.RunsOn = !said.EndedByKey && sound.RunsOn(said.WAV)
	if err == nil && time.Since(began) < spec.Silence-heldUp && !said.EndedByKey {
		// There was no time for so long a silence. When Asterisk can write no more, it reports an ordinary end of the recording; when the
		// caller hangs up, it reports the end of the recording before the hang-up.
		select {
		case <-l.gone:
			return said, ivr.ErrGone
		case <-time.After(settleTime):
			return said, errors.New("Asterisk could not write a recording to its end")
		}
	}
	return said, err
}

// heldUp is how much sound may have queued up before a recording began, on a busy machine or from a telephone that sent it late: Asterisk
// measures silence in the sound that it receives, not by the clock.
const heldUp = time.Second

// pressedOf counts how often a key was pressed since the script last took the keys.
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
		// The file is complete once its end has been reported, which happens when the channel leaves.
		select {
		case <-l.done: //nolint:errcheck // the file itself shows whether it is complete
		case <-time.After(2 * time.Second):
		}
	}
	return l.collect(ctx, ended)
}

// recordedAs notes the name of a new recording, and deletes an earlier one of another name.
func (l *leg) recordedAs(ctx context.Context, name string) {
	if l.recorded != name {
		l.deleteRecording(ctx)
	}
	l.recorded = name
}

// deleteRecording deletes the leg's recording from Asterisk.
func (l *leg) deleteRecording(ctx context.Context) {
	if l.recorded != "" {
		l.s.deleteRecording(ctx, l.recorded)
		l.recorded = ""
	}
}

// collect fetches a recording, even if the leg has gone meanwhile. ended is why it ended, which is returned.
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

// recordingEnds waits for the end of a recording. ended says why the leg did not wait for it: it has gone, or ctx has ended.
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
			// Asterisk counts whole seconds of the clock, and may record for a second too long.
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

// fetchRecording downloads a stored recording and measures it.
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
