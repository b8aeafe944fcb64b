package softphone

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

func TestHearsInOrder(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	out, in := talk(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	var told []string
	done := make(chan error)
	go func() { done <- in.Narrate(ctx, func(h recognise.Heard) { told = append(told, h.Name) }) }()
	saying := make(chan error)
	go func() {
		for _, name := range []string{"hello", "daughter", "hello"} {
			if err := out.Say(ctx, voice(t, name)); err != nil {
				saying <- err
			}
		}
		saying <- nil
	}()
	first, err := in.Hears(ctx, "hello")
	must(t, err)
	if !first.Open || in.Events() == nil {
		t.Errorf("the first hello was known only at its end: %+v", first)
	}
	second, err := in.Hears(ctx, "hello")
	must(t, err)
	if second.At < first.At+voice(t, "hello").Length()+voice(t, "daughter").Length()-100*time.Millisecond {
		t.Errorf("the second hello at %v, the first at %v", second.At, first.At)
	}
	if at := in.WhenHeard(first); at.Before(in.AnsweredAt()) || at.After(time.Now()) {
		t.Errorf("heard at %v", at)
	}
	must(t, <-saying)
	must(t, out.Hangup(ctx))
	must(t, <-done)
	if want := []string{"hello", "daughter", "hello"}; !slices.Equal(told, want) || !slices.Equal(recognise.Names(in.Heard()), want) {
		t.Errorf("told %v, heard %s", told, in.Transcript())
	}
	_, err = in.Hears(ctx, "surgery")
	contains(t, err.Error(), `before "surgery" was heard; heard: hello, daughter, hello`)
	_, err = in.Hears(ctx, "nobody")
	contains(t, err.Error(), `no recording is called "nobody"`)
}

func TestSilences(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	out, in := talk(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	must(t, out.Say(ctx, audio.Silence(1500*time.Millisecond, audio.Narrow)))
	must(t, out.Say(ctx, voice(t, "daughter")))
	must(t, out.Hangup(ctx))
	_, err := in.Ended(ctx)
	must(t, err)
	silences := in.Silences(time.Second) // a busy machine makes others behind it
	if len(silences) == 0 || silences[0].At > 200*time.Millisecond || silences[0].Length < 1300*time.Millisecond {
		t.Errorf("silences: %v", silences)
	}
}

// Somebody who is speaking is not in silence, and neither is somebody who hears another; in between they are.
func TestLongestSilence(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	for _, codecs := range [][]Codec{{PCMA}, {G722}} {
		out, in := talk(t, ctx, newCaller(t, codecs...), newPhone(t, PhoneConfig{Config: Config{Codecs: codecs}}))
		must(t, out.Say(ctx, voice(t, "daughter")))
		must(t, out.Say(ctx, audio.Silence(2*time.Second, audio.Narrow)))
		must(t, in.Say(ctx, voice(t, "hello")))
		must(t, out.Hangup(ctx))
		_, err := in.Ended(ctx)
		must(t, err)
		for _, c := range []*Call{out, in} {
			// The two ends of what is heard come later than what is said, the longer the busier the machine is.
			silence := c.LongestSilence()
			if at := voice(t, "daughter").Length(); silence.At < at-time.Second || silence.Length < 1200*time.Millisecond || silence.Length > at {
				t.Errorf("%s: %+v", c, silence)
			}
		}
	}
	if got := (&Call{}).LongestSilence(); got.Length != 0 {
		t.Errorf("a call that was never answered: %+v", got)
	}
}

func TestSaveWAV(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	out, in := talk(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	must(t, out.Say(ctx, voice(t, "mumbler")))
	must(t, out.Hangup(ctx))
	_, err := in.Ended(ctx)
	must(t, err)
	file := filepath.Join(t.TempDir(), "heard.wav")
	must(t, in.SaveWAV(file))
	bytes, err := os.ReadFile(file)
	must(t, err)
	saved, err := audio.ReadWAV(bytes)
	if err != nil || !slices.Equal(saved.PCM, in.Sound().PCM) {
		t.Errorf("saved %d samples of %d, %v", len(saved.PCM), len(in.Sound().PCM), err)
	}
}
