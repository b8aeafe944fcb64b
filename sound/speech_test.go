package sound

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// recordingOf is samples from -1 to 1 as a recording like Asterisk's.
func recordingOf(samples []float64) []byte {
	var data []byte
	for _, x := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(math.Round(min(x*fullScale, 32767)))))
	}
	return WAV(Rate, data)
}

// tone is 5 s of frequencies at a level, on and off in the given rhythm.
func tone(level float64, on, off float64, frequencies ...float64) []float64 {
	samples := make([]float64, 5*8000)
	for i := range samples {
		at := float64(i) / 8000
		if math.Mod(at, on+off) >= on {
			continue
		}
		for _, f := range frequencies {
			samples[i] += level * math.Sin(2*math.Pi*f*at)
		}
	}
	return samples
}

// leastHeard is how much speech counts as somebody having said something in a call.
const leastHeard = 250 * time.Millisecond

func TestVoicesAreSpeech(t *testing.T) {
	files, err := filepath.Glob("../softphone/voices/*.wav")
	if err != nil || len(files) < 15 {
		t.Fatalf("where are the voices? %v %v", files, err)
	}
	for _, file := range files {
		wav, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		length, spoken, err := Measure(wav)
		if err != nil || spoken < leastHeard || spoken > length {
			t.Errorf("%s: %v of %v is speech, %v", filepath.Base(file), spoken, length, err)
		}
	}
}

func TestSilenceAndNetworkTonesAreNotSpeech(t *testing.T) {
	noise := make([]float64, 5*8000)
	for i := range noise {
		noise[i] = 0.003 * math.Sin(float64(i*i)) // -53 dBFS
	}
	for name, samples := range map[string][]float64{
		"nothing":            {},
		"silence":            make([]float64, 40000),
		"a quiet line":       noise,
		"UK dial tone":       tone(0.2, 5, 0, 350, 440),
		"UK busy tone":       tone(0.2, 0.375, 0.375, 400),
		"UK congestion tone": tone(0.1, 0.4, 0.35, 400),
		"UK ringing tone":    tone(0.1, 0.4, 0.2, 400, 450),
		"unobtainable tone":  tone(0.3, 5, 0, 400),
		"US busy tone":       tone(0.1, 0.5, 0.5, 480, 620),
		"French busy tone":   tone(0.1, 0.5, 0.5, 440),
	} {
		if _, spoken, err := Measure(recordingOf(samples)); err != nil || spoken >= leastHeard {
			t.Errorf("%s: %v is taken for speech, %v", name, spoken, err)
		}
	}
}

func TestMeasureLength(t *testing.T) {
	if length, _, err := Measure(recordingOf(make([]float64, 12000))); err != nil || length != 1500*time.Millisecond {
		t.Errorf("%v %v", length, err)
	}
}

func TestNotAWAVFile(t *testing.T) {
	for _, text := range []string{"", "RIFF", "RIFF0000WAVE", "RIFF0000WAVEdata\xff\xff\xff\xff", "<html>404</html>"} {
		if _, _, err := Measure([]byte(text)); err == nil {
			t.Errorf("%q was taken for a WAV file", text)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add(recordingOf([]float64{0, 1, -1}))
	f.Add([]byte("RIFF0000WAVEfmt \x10\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, wav []byte) {
		if length, spoken, err := Measure(wav); err == nil && (spoken < 0 || spoken > length+20*time.Millisecond) {
			t.Errorf("%v of %v", spoken, length)
		}
	})
}

// The speech stays whole; whatever is not speech before and after it is removed: silence, a click, and what an analogue line plays when the caller has hung
// up.
func TestTrim(t *testing.T) {
	wav, err := os.ReadFile("../softphone/voices/neighbour.wav")
	if err != nil {
		t.Fatal(err)
	}
	voice := heardIn(t, wav)
	first, last := voiced(voice)
	silence := make([]float64, 3*8000)
	click := slices.Clone(silence)
	for i := range 100 {
		click[12000+i] = 0.5
	}
	for name, ends := range map[string][]float64{
		"silence": silence, "a click": click, "busy": tone(0.2, 0.375, 0.375, 400), "congestion": tone(0.1, 0.4, 0.35, 400),
		"dial tone": tone(0.2, 5, 0, 350, 440), "nothing": nil,
	} {
		got, length, ok := Trim(recordingOf(slices.Concat(ends, voice, ends)))
		speech := time.Duration(last-first) * 20 * time.Millisecond
		if !ok || length < speech || length > speech+2*margin+40*time.Millisecond {
			t.Errorf("%s before and behind %v of speech leaves %v", name, speech, length)
		}
		samples := heardIn(t, got)
		if time.Duration(len(samples))*time.Second/Rate != length {
			t.Errorf("%s: %d samples are %v", name, len(samples), length)
		}
		if !slices.Equal(samples[len(samples)/2-4000:len(samples)/2+4000], middle(samples, voice)) {
			t.Errorf("%s: the speech is not what it was", name)
		}
	}
	for name, nothing := range map[string][]byte{
		"silence": recordingOf(silence), "tones": recordingOf(tone(0.2, 0.375, 0.375, 400)), "nothing": recordingOf(nil), "a page": []byte("<html>"), "no file": nil,
	} {
		if got, _, ok := Trim(nothing); ok || !slices.Equal(got, nothing) {
			t.Errorf("%s: %d of %d bytes are left", name, len(got), len(nothing))
		}
	}
}

func heardIn(t *testing.T, wav []byte) []float64 {
	t.Helper()
	data, err := recorded(wav)
	if err != nil {
		t.Fatal(err)
	}
	return samplesOf(data)
}

// middle is the second of the voice in the middle of samples.
func middle(samples, voice []float64) []float64 {
	want := samples[len(samples)/2-4000 : len(samples)/2+4000]
	for at := 0; at+8000 <= len(voice); at++ {
		if slices.Equal(voice[at:at+8000], want) {
			return voice[at : at+8000]
		}
	}
	return nil
}

// What ends with the speaker in the middle of a word runs on; what ends with a second of silence, of a television in the room or of a network's tone does not.
func TestRunsOn(t *testing.T) {
	wav, err := os.ReadFile("../softphone/voices/long-winded.wav")
	if err != nil {
		t.Fatal(err)
	}
	data, err := recorded(wav)
	if err != nil {
		t.Fatal(err)
	}
	speech := samplesOf(data)[:8*Rate]
	softer := func(decibels float64) []float64 {
		factor := math.Pow(10, decibels/20)
		other := slices.Clone(samplesOf(data)[10*Rate : 12*Rate])
		for i := range other {
			other[i] *= factor
		}
		return other
	}
	for name, c := range map[string]struct {
		then []float64
		want bool
	}{
		"nothing":                {nil, true},
		"half a second":          {make([]float64, Rate/2), true},
		"just enough silence":    {make([]float64, int(LastPart*Rate/time.Second)), false},
		"a second":               {make([]float64, Rate), false},
		"two seconds":            {make([]float64, 2*Rate), false},
		"somebody a bit softer":  {softer(-6), true},
		"a television":           {softer(-20), false},
		"a loud television":      {softer(-15), false},
		"the network's own tone": {tone(0.2, 10, 0, 400)[:2*Rate], false},
	} {
		if got := RunsOn(recordingOf(slices.Concat(speech, c.then))); got != c.want {
			t.Errorf("speech, then %s: %v", name, got)
		}
	}
	if RunsOn(recordingOf(make([]float64, Rate))) || RunsOn([]byte("RIFF")) {
		t.Error("nothing runs on")
	}
}
