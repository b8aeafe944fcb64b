package prompts

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"

	"ringfence/sound"
)

// What a recording must be so that it can be understood over a telephone and sounds like its neighbours. Whoever records
// a phrase anew, with any voice, learns from these what to mend; README.md tells how.
const (
	wantLevel  = -20.0                  // dBFS while speaking
	levelSlack = 2.0                    // more than this, and old ears reach for the volume from one phrase to the next
	quiet      = -50.0                  // dBFS below which 10 ms count as silence
	longestGap = 300 * time.Millisecond // of silence before or after the words: longer seems like a fault of the line
	loudest    = -1.0                   // dBFS of the highest sample: above it G.711 distorts
)

func TestEveryRecordingIsFitForATelephone(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		for _, id := range All() {
			for _, rate := range []Rate{Narrow, Wide} {
				t.Run(language+"/"+string(id)+rate.ending(), func(t *testing.T) {
					s := parse(t, Recording(language, id, rate))
					if s.rate != rate {
						t.Errorf("it has %d samples a second, want %d", s.rate, rate)
					}
					s.check(t)
				})
			}
		}
	}
}

func TestBothRatesAreTheSameRecording(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		for _, id := range All() {
			narrow, wide := parse(t, Recording(language, id, Narrow)), parse(t, Recording(language, id, Wide))
			if d := (narrow.length() - wide.length()).Abs(); d > time.Millisecond {
				t.Errorf("%s/%s takes %s at 8 kHz and %s at 16 kHz: record both from one take", language, id, narrow.length(), wide.length())
			}
		}
	}
}

func (s recording) check(t *testing.T) {
	t.Helper()
	peak := 0.0
	for _, x := range s.samples {
		peak = max(peak, math.Abs(x))
	}
	if decibels(peak) > loudest {
		t.Errorf("its peak is at %.1f dBFS: it is clipped, or too loud", decibels(peak))
	}
	window := int(s.rate) / 100
	first, last, loud, power := -1, 0, 0, 0.0
	for i := 0; i+window <= len(s.samples); i += window {
		l := level(s.samples[i : i+window])
		if decibels(l) < quiet {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i + window
		if decibels(l) > quiet+5 {
			loud++
			power += l * l
		}
	}
	if loud == 0 {
		t.Fatal("it is silent")
	}
	if speaking := decibels(math.Sqrt(power / float64(loud))); math.Abs(speaking-wantLevel) > levelSlack {
		t.Errorf("it speaks at %.1f dBFS, want %.0f: change its volume by %+.1f dB", speaking, wantLevel, wantLevel-speaking)
	}
	if before := s.time(first); before > longestGap {
		t.Errorf("%s of silence come before the words: trim it", before)
	}
	if after := s.time(len(s.samples) - last); after > longestGap {
		t.Errorf("%s of silence come after the words: trim it", after)
	}
}

// A stranger's call is announced within nine seconds of the pick-up, with a statement of 3.4 s and the pause before the first word
// (ivr/switchboard/leg.go). So these two have no long pauses and little silence behind them. Those in other languages have more words.
func TestAnnouncingAStrangerIsShort(t *testing.T) {
	const pause, statement = 400 * time.Millisecond, 3400 * time.Millisecond
	if all := pause + Duration("en-GB", CallFrom) + statement + Duration("en-GB", Choices); all > 9*time.Second {
		t.Errorf("it takes %s: cut the pauses in %s, and the silence behind %s and it", all, Choices, CallFrom)
	}
}

// recording is one that has been read; its samples are from -1 to 1.
type recording struct {
	rate    Rate
	samples []float64
}

func (s recording) time(samples int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(s.rate)
}

func (s recording) length() time.Duration { return s.time(len(s.samples)) }

func level(samples []float64) float64 {
	sum := 0.0
	for _, x := range samples {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(samples)))
}

func decibels(x float64) float64 { return 20 * math.Log10(max(x, 1e-9)) }

// parse reads a WAV file, and insists on the plain head that Duration relies on.
func parse(t *testing.T, wav []byte) recording {
	t.Helper()
	rate, data, err := sound.Read(wav)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wav, sound.WAV(rate, data)) {
		t.Fatal("it is cut off, or not a plain WAV file with a head of 44 bytes: write it without tags, as README.md tells")
	}
	pcm := make([]int16, len(data)/2)
	if _, err := binary.Decode(data, binary.LittleEndian, pcm); err != nil {
		t.Fatal(err)
	}
	r := recording{rate: Rate(rate), samples: make([]float64, len(pcm))}
	for i, x := range pcm {
		r.samples[i] = float64(x) / 32768
	}
	return r
}
