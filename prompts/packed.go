//go:build packed

package prompts

import (
	"embed"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"

	"ringfence/sound"
	"ringfence/sound/lossless"
)

// Made by "go run ./prompts/pack prompts/packed": the recordings at 16 kHz, with all of their bits. Those at 8 kHz are made from them.
//
//go:embed packed en-GB.toml en-US.toml fr-FR.toml
var recordings embed.FS

// Where a language's recordings are, and how the name of the file ends that each phrase has.
const packs, ending = "packed", ""

func embedded(language string, id ID, rate Rate) []byte {
	narrow, wide := recordingAtBoth(language, id)
	if rate == Wide {
		return wide
	}
	return narrow
}

func recordingAtBoth(language string, id ID) (narrow, wide []byte) {
	packed, err := recordings.ReadFile("packed/" + language + "/" + string(id))
	if err != nil {
		return nil, nil
	}
	samples, err := lossless.Decode(packed)
	if err != nil {
		return nil, nil // a test unpacks all of them
	}
	return wavOf(halver(language).Halve(samples, len(samples)/2), Narrow), wavOf(samples, Wide)
}

func wavOf(samples []int16, rate Rate) []byte {
	data, _ := binary.Append(nil, binary.LittleEndian, samples) // it takes all numbers
	return sound.WAV(int(rate), data)
}

func halver(language string) lossless.Halver {
	weights, err := recordings.ReadFile("packed/" + language + ".halver")
	if err != nil {
		return nil
	}
	h := make(lossless.Halver, len(weights)/4)
	_, _ = binary.Decode(weights, binary.LittleEndian, h) // as many as there are
	return h
}

// counts are how many samples each recording has, by language and name. They stand beside the recordings, each of which would otherwise be touched,
// and with it come into memory, at every start.
var counts = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for _, language := range Languages() {
		index, _ := recordings.ReadFile("packed/" + language + ".index") // it is part of the program
		for line := range strings.Lines(string(index)) {
			name, count, _ := strings.Cut(strings.TrimSpace(line), " ")
			all[language+"/"+name], _ = strconv.Atoi(count) // the packer writes numbers
		}
	}
	return all
})

// sizes are the sizes of a phrase's two files; 0 if the language has none of that name.
func sizes(language string, id ID) (narrow, wide int64) {
	count, there := counts()[language+"/"+string(id)]
	if !there {
		return 0, 0
	}
	return sound.SizeOfFile(count / 2), sound.SizeOfFile(count)
}

// digest is of all recordings.
func digest() string {
	text, _ := recordings.ReadFile("packed/digest") // it is part of the program
	return string(text)
}
