package recognise

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zaf/g711"

	"ringfence/softphone/audio"
	"ringfence/softphone/g722"
)

// narrow are all prompts at 8 kHz, and all voices.
func narrow(t testing.TB) map[string]audio.Sound {
	t.Helper()
	all, err := narrowOnce()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var narrowOnce = sync.OnceValues(func() (map[string]audio.Sound, error) { return recordings(".wav") })

// library knows all of them.
func library(t testing.TB) *Library {
	t.Helper()
	l, err := libraryOnce()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var libraryOnce = sync.OnceValues(func() (*Library, error) {
	all, err := narrowOnce()
	if err != nil {
		return nil, err
	}
	return NewLibrary(all)
})

// recordings are all prompts with an extension, and all voices. Of prompts that are identical ("at one" is both 1 and 13 o'clock in English) only the first is
// among them, because nobody could tell them apart.
func recordings(extension string) (map[string]audio.Sound, error) {
	all, known := map[string]audio.Sound{}, map[string]bool{}
	for _, pattern := range []string{"../../prompts/en-GB/*" + extension, "../voices/*.wav"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 15 {
			return nil, fmt.Errorf("%s: %d files, %w", pattern, len(files), err)
		}
		for _, f := range files {
			bytes, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			if known[string(bytes)] {
				continue
			}
			known[string(bytes)] = true
			if all[strings.TrimSuffix(filepath.Base(f), filepath.Ext(f))], err = audio.ReadWAV(bytes); err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
		}
	}
	return all, nil
}

// What a telephone line does to a sound.

func alaw(s audio.Sound) audio.Sound {
	out := slices.Clone(s.PCM)
	for i, v := range out {
		out[i] = g711.DecodeAlawFrame(g711.EncodeAlawFrame(v))
	}
	return audio.Sound{Rate: s.Rate, PCM: out}
}

func wideband(s audio.Sound) audio.Sound {
	return audio.Sound{Rate: audio.Wide, PCM: g722.NewDecoder().Decode(g722.NewEncoder().Encode(s.At(audio.Wide).PCM))}
}

func level(s audio.Sound, db float64) audio.Sound {
	out := slices.Clone(s.PCM)
	for i, v := range out {
		out[i] = int16(max(-32768, min(32767, float64(v)*math.Pow(10, db/20))))
	}
	return audio.Sound{Rate: s.Rate, PCM: out}
}

// noisy adds white noise, so many dB below the sound.
func noisy(s audio.Sound, db float64) audio.Sound {
	var sum float64
	for _, v := range s.PCM {
		sum += float64(v) * float64(v)
	}
	amplitude := math.Sqrt(sum/float64(len(s.PCM))) * math.Pow(10, -db/20)
	source := rand.New(rand.NewPCG(1, 2))
	out := slices.Clone(s.PCM)
	for i, v := range out {
		out[i] = int16(max(-32768, min(32767, float64(v)+source.NormFloat64()*amplitude)))
	}
	return audio.Sound{Rate: s.Rate, PCM: out}
}

func silence(d time.Duration) audio.Sound { return audio.Silence(d, audio.Narrow) }

func cut(s audio.Sound, from, to time.Duration) audio.Sound {
	return audio.Sound{Rate: s.Rate, PCM: s.PCM[audio.Samples(from, s.Rate):audio.Samples(to, s.Rate)]}
}

// heard is what a track recognises in a sound.
func heard(l *Library, s audio.Sound) []Heard {
	e := NewTrack(l, s.Rate)
	e.Put(0, s.PCM)
	e.Close()
	return e.Heard()
}

func expect(t *testing.T, got []Heard, want string) {
	t.Helper()
	if Transcript(got) != want {
		t.Errorf("heard %s, not %s", Transcript(got), want)
	}
}

func near(a, b, tolerance time.Duration) bool { return max(a-b, b-a) <= tolerance }

// manyRecordings is for tests that listen to many recordings: with the race detector they take five times as long, and nothing in them is concurrent.
func manyRecordings(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs without -short, and so without the race detector")
	}
}

func TestEveryRecordingIsHeard(t *testing.T) {
	manyRecordings(t)
	narrow := narrow(t)
	wide, err := recordings(".wav16")
	if err != nil {
		t.Fatal(err)
	}
	late := silence(507 * time.Millisecond)
	lines := map[string]struct {
		every   int // every how many-th recording; all would take too long
		through func(name string) audio.Sound
	}{
		"G.711":           {1, func(name string) audio.Sound { return alaw(join(late, narrow[name])) }},
		"G.722":           {2, func(name string) audio.Sound { return wideband(join(late, wide[name])) }},
		"8 kHz on G.722":  {8, func(name string) audio.Sound { return wideband(join(late, narrow[name])) }},
		"18 dB quieter":   {4, func(name string) audio.Sound { return alaw(level(join(late, narrow[name]), -18)) }},
		"3 dB louder":     {4, func(name string) audio.Sound { return alaw(level(join(late, narrow[name]), 3)) }},
		"noise at -20 dB": {15, func(name string) audio.Sound { return alaw(noisy(join(late, narrow[name]), 20)) }},
	}
	for line, l := range lines {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			for i, name := range slices.Sorted(maps.Keys(narrow)) {
				if i%l.every != 0 {
					continue
				}
				// The noise before a recording is unknown, and rightly so.
				got := slices.DeleteFunc(heard(library(t), l.through(name)), func(h Heard) bool { return h.Name == Unknown && strings.HasPrefix(line, "noise") })
				expect(t, got, name)
				if len(got) == 1 && !near(got[0].At, late.Length(), 30*time.Millisecond) {
					t.Errorf("%s was heard at %v, not at %v", name, got[0].At, late.Length())
				}
			}
		})
	}
}

func TestOneAfterAnother(t *testing.T) {
	manyRecordings(t)
	t.Parallel()
	all, l := narrow(t), library(t)
	names := slices.Sorted(maps.Keys(all))
	source := rand.New(rand.NewPCG(3, 4))
	source.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	pauses := []time.Duration{0, 60 * time.Millisecond, 700 * time.Millisecond}
	for third := range slices.Chunk(names, len(names)/len(pauses)+1) {
		pause := pauses[0]
		pauses = pauses[1:]
		line := silence(pause)
		for _, name := range third {
			line = join(line, all[name], silence(pause))
		}
		got := heard(l, alaw(line))
		if !slices.Equal(Names(got), third) {
			t.Errorf("with pauses of %v: heard %s, not %v", pause, Transcript(got), third)
		}
		for _, h := range got {
			if !h.Whole() {
				t.Errorf("with pauses of %v: %s", pause, h)
			}
		}
	}
}

func TestCutShort(t *testing.T) {
	manyRecordings(t)
	t.Parallel()
	all, l := narrow(t), library(t)
	for i, name := range slices.Sorted(maps.Keys(all)) {
		sound := all[name]
		length := sound.Length()
		third := length / 3
		if length < third+2*time.Second || i%2 == 0 {
			continue
		}
		begun := heard(l, alaw(join(cut(sound, 0, third+time.Second), silence(time.Second))))
		if len(begun) != 1 || begun[0].Name != name || begun[0].From != 0 || !near(begun[0].Length, third+time.Second, 400*time.Millisecond) {
			t.Errorf("%s cut off after %v: heard %s", name, third+time.Second, Transcript(begun))
		}
		late := heard(l, alaw(join(silence(time.Second), cut(sound, third, length))))
		if len(late) != 1 || late[0].Name != name || !near(late[0].From, third, 700*time.Millisecond) || !near(late[0].From+late[0].Length, length, 0) {
			t.Errorf("%s without its first %v: heard %s", name, third, Transcript(late))
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	line := join(all["call-from"], all["neighbour"], cut(all["choices"], 0, 2100*time.Millisecond), all["connecting"])
	expect(t, heard(l, alaw(line)), "call-from, neighbour, choices (2.1 of 4.2 s), connecting")
}

func TestStranger(t *testing.T) {
	manyRecordings(t)
	t.Parallel()
	all := narrow(t)
	// Some that share phrases with others, some that do not.
	for _, name := range []string{"known-only", "message-kept", "why-unknown", "n7", "daughter"} {
		sound := all[name]
		others := maps.Clone(all)
		delete(others, name)
		l, err := NewLibrary(others)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heard(l, alaw(join(silence(time.Second), sound, silence(time.Second)))) {
			// Phrases that several prompts share ("This household", "Goodbye") may be taken for one another.
			if h.Name != Unknown && h.Length > 700*time.Millisecond {
				t.Errorf("%s, which is not in the library, was taken for %s", name, h)
			}
		}
	}
}

func TestOwnNameRecordedAndPlayed(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	recorded := alaw(join(silence(1300*time.Millisecond), all["neighbour"], silence(2*time.Second)))
	expect(t, heard(l, alaw(recorded)), "neighbour")
	expect(t, heard(l, wideband(recorded)), "neighbour")
	trimmed := cut(recorded, 1250*time.Millisecond, 4500*time.Millisecond)
	expect(t, heard(l, alaw(join(all["call-from"], trimmed, all["choices"]))), "call-from, neighbour, choices")
}

func TestLostPackets(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	line := alaw(join(silence(400*time.Millisecond), all["inspection"], silence(400*time.Millisecond)))
	e := NewTrack(l, audio.Narrow)
	for at := 0; at+160 <= len(line.PCM); at += 160 {
		if lost := at/160%40 == 39; !lost {
			e.Put(at, line.PCM[at:at+160])
		}
	}
	e.Close()
	expect(t, e.Heard(), "inspection")
	// A hitch in the middle: the rest comes 130 ms late.
	middle := audio.Samples(5*time.Second, audio.Narrow)
	late := join(cut(line, 0, 5*time.Second), silence(130*time.Millisecond), audio.Sound{Rate: audio.Narrow, PCM: line.PCM[middle:]})
	expect(t, heard(l, late), "inspection")
}

// tone is made of frequencies, each with a quarter of full scale.
func tone(d time.Duration, frequencies ...float64) audio.Sound {
	s := silence(d)
	for i := range s.PCM {
		for _, f := range frequencies {
			s.PCM[i] += int16(3000 * math.Sin(2*math.Pi*f*float64(i)/audio.Narrow))
		}
	}
	return s
}

func TestTones(t *testing.T) {
	manyRecordings(t)
	t.Parallel()
	all, l := narrow(t), library(t)
	var ringing, busy audio.Sound
	ringing, busy = silence(300*time.Millisecond), silence(300*time.Millisecond)
	for range 3 {
		pulse := tone(400*time.Millisecond, 400, 450)
		ringing = join(ringing, pulse, silence(200*time.Millisecond), pulse, silence(2*time.Second))
		busy = join(busy, tone(375*time.Millisecond, 400), silence(375*time.Millisecond))
	}
	got := heard(l, alaw(ringing))
	expect(t, got, RingingTone)
	if !near(got[0].Length, 7*time.Second, 50*time.Millisecond) || !near(got[0].At, 300*time.Millisecond, 30*time.Millisecond) {
		t.Errorf("the ringing tone lasted %v from %v", got[0].Length, got[0].At)
	}
	expect(t, heard(l, alaw(busy)), BusyTone)
	expect(t, heard(l, wideband(ringing)), RingingTone)
	for _, hz := range []float64{440, 800, 1000, 1400} {
		line := join(all["ask-name"], tone(250*time.Millisecond, hz), silence(300*time.Millisecond), all["neighbour"])
		expect(t, heard(l, alaw(line)), "ask-name, beep, neighbour")
		expect(t, heard(l, alaw(join(tone(250*time.Millisecond, hz), all["neighbour"]))), "beep, neighbour")
	}
	expect(t, heard(l, alaw(join(all["please-hold"], ringing, all["connecting"]))), "please-hold, ringing tone, connecting")
	expect(t, heard(l, noisy(tone(time.Second, 400, 450), 0)), Unknown)
}

func ExampleTranscript() {
	fmt.Println(Transcript([]Heard{
		{Name: "call-from", Length: 1300 * time.Millisecond, Of: 1300 * time.Millisecond},
		{Name: "choices", Length: 2100 * time.Millisecond, Of: 9600 * time.Millisecond},
	}))
	// Output: call-from, choices (2.1 of 9.6 s)
}
