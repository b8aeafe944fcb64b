package speech

import (
	"time"

	"ringfence/sound"
)

// leastSpeech is how much speech a recording needs to be read. For less, recognisers invent a word.
const leastSpeech = 500 * time.Millisecond

// measure is how much of a recording is speech.
func measure(recording []byte) (time.Duration, error) {
	samples, err := sound.Samples(recording, sound.Rate)
	if err != nil {
		return 0, err
	}
	_, spoken, err := sound.Measure(sound.WAV(sound.Rate, sound.Bytes(samples)))
	return spoken, err
}
