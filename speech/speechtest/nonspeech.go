package speechtest

import (
	"math"
	"math/rand/v2"

	"ringfence/sound"
)

// The recordings without speech are made here: nothing in them is random from one run to the next. Levels are those of a telephone.

const (
	second = 8000 // samples
	length = 2 * second
)

// at is a sound, by its time in seconds.
type at func(t float64) float64

// made are the samples of a sound.
func made(f at) []float64 {
	samples := make([]float64, length)
	for i := range samples {
		samples[i] = f(float64(i) / second)
	}
	return samples
}

func tone(frequency, level float64) at {
	return func(t float64) float64 { return level * math.Sin(2*math.Pi*frequency*t) }
}

// tones sounds together, each as loud as it says.
func tones(level float64, frequencies ...float64) at {
	return func(t float64) (sum float64) {
		for _, f := range frequencies {
			sum += level * math.Sin(2*math.Pi*f*t)
		}
		return sum
	}
}

// hum has a mains frequency's harmonics.
func hum(frequency, level float64) at {
	return func(t float64) (sum float64) {
		for k := 1.0; k < 12; k++ {
			sum += level / k * math.Sin(2*math.Pi*frequency*k*t+k)
		}
		return sum
	}
}

// cadence lets a sound through for on seconds of every period.
func cadence(f at, on, period float64) at {
	return func(t float64) float64 {
		if math.Mod(t, period) < on {
			return f(t)
		}
		return 0
	}
}

// noise is white noise through a low pass and a high pass of one pole each, in Hz; 0 is none.
func noise(seed uint64, level, below, above float64) at {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same each time
	var low, slow float64
	a, b := 1-math.Exp(-2*math.Pi*below/second), 1-math.Exp(-2*math.Pi*above/second)
	if below == 0 {
		a = 1
	}
	return func(float64) float64 {
		low += a * (random.NormFloat64() - low)
		slow += b * (low - slow)
		return level * (low - slow)
	}
}

// shaped has a sound get louder and softer.
func shaped(f, level at) at {
	return func(t float64) float64 { return f(t) * level(t) }
}

func mixed(sounds ...at) at {
	return func(t float64) (sum float64) {
		for _, f := range sounds {
			sum += f(t)
		}
		return sum
	}
}

// strokes are short sounds at a distance, each dying away within so many seconds.
func strokes(f at, every, decay float64) at {
	return shaped(f, func(t float64) float64 { return math.Exp(-math.Mod(t, every) / decay) })
}

// breaths swell and fade.
func breaths(every float64) at {
	return func(t float64) float64 { return math.Pow(math.Max(0, math.Sin(2*math.Pi*t/every)), 2) }
}

// melody plays notes, semitones above a, one every so often, on an instrument with harmonics that die away.
func melody(level, every, decay, vibrato float64, harmonics int, notes ...float64) at {
	phase, last := 0.0, 0.0
	return func(t float64) (sum float64) {
		note := notes[int(t/every)%len(notes)] + vibrato*math.Sin(2*math.Pi*5.5*t)
		phase += 2 * math.Pi * 220 * math.Pow(2, note/12) * (t - last)
		last = t
		for k := 1; k <= harmonics; k++ {
			sum += level / float64(k) * math.Sin(float64(k)*phase)
		}
		return sum * math.Exp(-math.Mod(t, every)/decay)
	}
}

// fsk is a modem: bits of a pattern between two frequencies.
func fsk(level, zero, one, baud float64) at {
	random := rand.New(rand.NewPCG(21, 0)) //nolint:gosec // the same each time
	bits := make([]bool, 4096)
	for i := range bits {
		bits[i] = random.IntN(2) == 1
	}
	phase, last := 0.0, 0.0
	return func(t float64) float64 {
		f := zero
		if bits[int(t*baud)%len(bits)] {
			f = one
		}
		phase += 2 * math.Pi * f * (t - last)
		last = t
		return level * math.Sin(phase)
	}
}

// siren sweeps between two frequencies.
func siren(level, low, high, every float64) at {
	phase, last := 0.0, 0.0
	return func(t float64) float64 {
		f := low + (high-low)*(0.5+0.5*math.Sin(2*math.Pi*t/every))
		phase += 2 * math.Pi * f * (t - last)
		last = t
		return level * math.Sin(phase)
	}
}

// NonSpeech are recordings in which nobody speaks, by what is to be heard.
func NonSpeech() map[string][]byte {
	arpeggio := []float64{0, 4, 7, 12, 7, 4}
	tune := []float64{0, 0, 7, 7, 9, 9, 7, 5, 5, 4, 4, 2, 2, 0}
	all := map[string]at{
		"silence": tone(0, 0), "hiss, soft": noise(1, 0.003, 0, 0), "hiss": noise(2, 0.03, 0, 0), "hiss, loud": noise(3, 0.15, 0, 0), "rumble": noise(4, 0.6, 150, 0),
		"wind":    shaped(noise(5, 0.5, 400, 60), func(t float64) float64 { return 0.5 + 0.5*math.Sin(2*math.Pi*0.4*t) }),
		"traffic": mixed(noise(6, 0.3, 300, 40), hum(90, 0.02)), "rain": mixed(noise(7, 0.05, 0, 1500), strokes(noise(8, 0.1, 0, 1000), 0.07, 0.01)),
		"hum of 50 Hz": hum(50, 0.1), "hum of 60 Hz": hum(60, 0.1), "buzz of 100 Hz": hum(100, 0.1), "hum with hiss": mixed(hum(50, 0.08), noise(9, 0.02, 0, 0)),
		"engine": mixed(hum(72, 0.12), noise(10, 0.1, 500, 0)), "fan": mixed(hum(120, 0.03), noise(11, 0.15, 600, 0)),
		"400 Hz": tone(400, 0.2), "425 Hz": tone(425, 0.2), "100 Hz": tone(100, 0.3), "200 Hz": tone(200, 0.3), "1000 Hz": tone(1000, 0.2), "dial tone": tones(0.15, 350, 440),
		"ringing, British": cadence(tones(0.15, 400, 450), 0.4, 0.6), "ringing, American": cadence(tones(0.15, 440, 480), 2, 6), "engaged": cadence(tone(400, 0.2), 0.375, 0.75),
		"number unobtainable": cadence(tones(0.1, 950, 1400, 1800), 0.33, 1.2), "key presses": cadence(tones(0.2, 697, 1209), 0.1, 0.25), "key presses, slow": cadence(tones(0.2, 941, 1477), 0.5, 1),
		"fax, calling": cadence(tone(1100, 0.2), 0.5, 3.5), "fax, answering": tone(2100, 0.2), "fax, V.21": fsk(0.2, 1850, 1650, 300), "modem, V.23": fsk(0.2, 2100, 1300, 1200),
		"textphone": fsk(0.2, 1800, 1400, 45), "alarm": siren(0.2, 600, 1300, 2), "siren, low": siren(0.2, 200, 380, 1.5), "alarm, beeping": cadence(tone(3000, 0.2), 0.1, 0.4),
		"whistling": siren(0.15, 900, 1600, 0.7), "music, one voice": melody(0.2, 0.3, 1, 0, 6, tune...), "music, plucked": melody(0.3, 0.25, 0.12, 0, 8, arpeggio...),
		"music, low": melody(0.3, 0.4, 0.5, 0, 8, -12, -10, -8, -7, -5), "music, flute": melody(0.25, 0.5, 4, 0.02, 2, tune...),
		"music, chords":     mixed(melody(0.12, 0.6, 0.8, 0, 5, 0, 5, 7, 0), melody(0.12, 0.6, 0.8, 0, 5, 4, 9, 11, 4), melody(0.12, 0.6, 0.8, 0, 5, 7, 12, 14, 7)),
		"music, with drums": mixed(melody(0.15, 0.3, 0.4, 0, 6, arpeggio...), strokes(noise(12, 0.3, 0, 500), 0.3, 0.03), strokes(tone(70, 0.4), 0.6, 0.08)),
		"a cough":           shaped(noise(13, 0.5, 1800, 250), func(t float64) float64 { return math.Exp(-math.Max(0, math.Abs(t-1)-0.05) / 0.06) }),
		"coughing":          strokes(noise(14, 0.5, 1600, 250), 0.8, 0.1), "a sneeze": shaped(noise(15, 0.5, 0, 800), func(t float64) float64 { return math.Exp(-math.Abs(t-1) / 0.08) }),
		"a breath": shaped(noise(16, 0.08, 2500, 300), breaths(8)), "breathing": shaped(noise(17, 0.1, 2000, 300), breaths(3)), "heavy breathing": shaped(noise(18, 0.3, 1500, 200), breaths(1.5)),
		"knocking": strokes(tone(180, 0.6), 0.5, 0.02), "typing": strokes(noise(19, 0.3, 0, 1000), 0.17, 0.006), "a clock": strokes(tone(2500, 0.3), 0.5, 0.005), "a door": strokes(noise(20, 0.8, 250, 0), 4, 0.15),
		"footsteps": strokes(noise(22, 0.6, 300, 0), 0.55, 0.04), "crackle": strokes(noise(23, 0.5, 0, 500), 0.037, 0.001), "a vacuum cleaner": mixed(hum(180, 0.02), noise(24, 0.2, 2000, 100)),
	}
	recordings := map[string][]byte{}
	for name, f := range all {
		recordings[name] = sound.WAV(sound.Rate, sound.Bytes(made(f)))
	}
	return recordings
}
