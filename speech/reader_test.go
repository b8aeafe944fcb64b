package speech_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

// caller is a recording of a person who speaks for seven seconds.
func caller(t *testing.T) []byte {
	t.Helper()
	recording, err := os.ReadFile("../softphone/voices/microsoft.wav")
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func TestReaderHasTheRecognisersWords(t *testing.T) {
	words, err := speech.NewReader(speechtest.Says("Hello, this is Steve.")).Read(t.Context(), caller(t))
	if err != nil || words != (speech.Words{Text: "Hello, this is Steve."}) {
		t.Errorf("read %+v, %v", words, err)
	}
}

func TestReaderWithoutARecogniserHasNoWords(t *testing.T) {
	for name, reader := range map[string]*speech.Reader{"none": speech.NewReader(nil), "nil": nil} {
		if words, err := reader.Read(t.Context(), caller(t)); err != nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
}

func TestRecogniserHearsSpeechAlone(t *testing.T) {
	invents := speech.NewReader(speechtest.Says("Thank you for watching."))
	_, said, err := sound.Read(caller(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, recording := range map[string][]byte{
		"silence":                  sound.WAV(sound.Rate, make([]byte, 5*sound.BytesPerSecond)),
		"nothing":                  sound.WAV(sound.Rate, nil),
		"a third of a second":      sound.WAV(sound.Rate, said[sound.BytesPerSecond:sound.BytesPerSecond*4/3]),
		"silence at another rate":  sound.WAV(2*sound.Rate, make([]byte, 5*sound.BytesPerSecond)),
		"a file without its sound": sound.WAV(sound.Rate, said)[:60],
	} {
		if words, err := invents.Read(t.Context(), recording); err != nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
	if words, err := invents.Read(t.Context(), []byte("no recording")); err == nil || words.Text != "" {
		t.Errorf("read %+v, %v in what is no recording", words, err)
	}
}

// A head may say anything of its sound. What is no telephone's recording is refused, and a size that is wrong makes no more of it than is there.
func TestHeadsThatLie(t *testing.T) {
	const rate, size, channels, bits = 24, 40, 22, 34 // where they stand
	head := func(at int, value uint32, length int) []byte {
		wav := caller(t)
		copy(wav[at:], binary.LittleEndian.AppendUint32(nil, value)[:length])
		return wav
	}
	for name, recording := range map[string][]byte{
		"no bytes": {}, "8 bit": head(bits, 8, 2), "no bits": head(bits, 0, 2), "stereo": head(channels, 2, 2), "no channels": head(channels, 0, 2), "no rate": head(rate, 0, 4),
		"1 Hz": head(rate, 1, 4), "4 kHz": head(rate, 4000, 4), "-8 kHz in 32 bits": head(rate, 1<<32-8000, 4), "half the highest rate": head(rate, 1<<31, 4), "the highest rate": head(rate, 1<<32-1, 4),
	} {
		if got := readsIn(t, recording); got != "error, error, error" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, recording := range map[string][]byte{"no size": head(size, 0, 4), "the largest size": head(size, 1<<32-1, 4), "44.1 kHz": resampled(t, 44100)} {
		if got := readsIn(t, recording); got != "Hello., Hello., Hello." {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, recording := range map[string][]byte{"a small size": head(size, 1000, 4), "so high a rate that it is short": head(rate, 192000, 4)} {
		if got := readsIn(t, recording); got != ", , " {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// readsIn is what is read in a recording as a caller's statement, as what they have said so far, and as a message.
func readsIn(t *testing.T, recording []byte) string {
	t.Helper()
	reader := speech.NewReader(speechtest.Says("Hello."))
	var all []string
	for _, read := range []func(context.Context, []byte) (speech.Words, error){reader.Read, reader.Interim, reader.Patient().Read} {
		words, err := read(t.Context(), recording)
		if err != nil {
			words.Text += "error"
		}
		all = append(all, words.Text)
	}
	return strings.Join(all, ", ")
}

// resampled is the caller at another rate.
func resampled(t *testing.T, rate int) []byte {
	t.Helper()
	samples, err := sound.Samples(caller(t), rate)
	if err != nil {
		t.Fatal(err)
	}
	return sound.WAV(rate, sound.Bytes(samples))
}

func TestReaderWaitsForNoRecogniser(t *testing.T) {
	recording := caller(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		reader := speech.NewReader(speechtest.Hangs(release))
		for range 4 {
			began := time.Now()
			words, err := reader.Read(t.Context(), recording)
			if !errors.Is(err, speech.ErrSlow) || words.Text != "" || time.Since(began) != speech.Limit {
				t.Errorf("after %v: read %+v, %v", time.Since(began), words, err)
			}
		}
		if _, err := reader.Read(t.Context(), recording); !errors.Is(err, speech.ErrBusy) {
			t.Errorf("a fifth reading beside four that hang: %v", err)
		}
		close(release)
		synctest.Wait()
		if words, err := reader.Read(t.Context(), recording); err != nil || words.Text != "too late" {
			t.Errorf("once it answers again: %+v, %v", words, err)
		}
	})
}

func TestReaderEndsWithTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	defer close(release)
	if words, err := speech.NewReader(speechtest.Hangs(release)).Read(ctx, caller(t)); !errors.Is(err, context.Canceled) || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}

func TestWhatARecogniserDoesWrongIsAnErrorAndNoMore(t *testing.T) {
	broken := errors.New("broken")
	for name, recogniser := range map[string]speechtest.Func{
		"fails":  speechtest.Fails(broken),
		"panics": func(context.Context, []byte) (speech.Words, error) { panic("out of range") },
		"words and an error": func(context.Context, []byte) (speech.Words, error) {
			return speech.Words{Text: "half a sent"}, broken
		},
	} {
		if words, err := speech.NewReader(recogniser).Read(t.Context(), caller(t)); err == nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
}

func TestWordsAreBelievable(t *testing.T) {
	for name, c := range map[string]struct{ says, want string }{
		"plain":              {"Hello, it's Ann.", "Hello, it's Ann."},
		"spaces":             {"  Hello,\n\tit's   Ann. ", "Hello, it's Ann."},
		"loop":               {"It's Ann. Call me back, call me back, call me back.", "It's Ann. Call me back, unsure"},
		"nothing but a loop": {"The first is the first is the first is the first is", ""},
		"loop of one word":   {"Hello? Hello? Hello? Hello? Hello?", "Hello? unsure"},
		"said three times":   {"Hello? Hello? Hello?", "Hello? Hello? Hello?"},
		"a sentence twice":   {"Press one now. Press one now.", "Press one now. Press one now."},
		"named sounds":       {"[BLANK_AUDIO] (music) *coughs* ♪ la la ♪", ""},
		"no letters":         {"... 1 2 3 !", ""},
		"control characters": {"Hello\x00\x1b[31m it's \u202eAnn\xff", "Hello[31m it's Ann"},
		"too many words":     {strings.Repeat("one two three four five six seven eight nine ten ", 2) + strings.Join(strings.Split(strings.Repeat("abcdefghijklmnopqrstuvwxyz", 3), ""), " "), ""},
	} {
		words, err := speech.NewReader(speechtest.Says(c.says)).Read(t.Context(), caller(t))
		got := words.Text
		if words.Unsure {
			got += " unsure"
		}
		if err != nil || got != c.want {
			t.Errorf("%s: read %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestUnsureRemains(t *testing.T) {
	reader := speech.NewReader(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
		return speech.Words{Text: "Done mow", Unsure: true}, nil
	}))
	if words, err := reader.Read(t.Context(), caller(t)); err != nil || !words.Unsure {
		t.Errorf("read %+v, %v", words, err)
	}
}
