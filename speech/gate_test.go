package speech_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

func TestNoWordsForWhatIsNoSpeech(t *testing.T) {
	reader := speech.NewReader(speechtest.Says("Thank you."))
	recordings := speechtest.NonSpeech()
	television := caller(t)
	samples, err := sound.Samples(television, sound.Rate)
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		samples[i] *= 0.03 // 30 dB softer than who speaks into the phone
	}
	recordings["a television in the room"] = sound.WAV(sound.Rate, sound.Bytes(samples))
	if len(recordings) < 40 {
		t.Errorf("there are only %d recordings", len(recordings))
	}
	for name, recording := range recordings {
		words, err := reader.Read(t.Context(), recording)
		if err != nil || words.Text != "" {
			t.Errorf("%s: read %q, %v", name, words.Text, err)
		}
	}
}

// Every recording of a caller in which half a second is spoken is read.
func TestSpeechIsRead(t *testing.T) {
	reader := speech.NewReader(speechtest.Says("Hello."))
	files, err := filepath.Glob("../softphone/voices/*.wav")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, file := range files {
		recording, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		words, err := reader.Read(t.Context(), recording)
		if short := strings.HasSuffix(file, "/mumbler.wav"); err != nil || (words.Text == "") != short {
			t.Errorf("%s: read %q, %v", file, words.Text, err)
		}
	}
}
