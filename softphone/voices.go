package softphone

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ringfence/softphone/audio"
)

// Voice is the recording of what a simulated person says. name is one of Voices; the words are in voices/voices.toml.
func Voice(name string) (audio.Sound, error) {
	file, err := voices.ReadFile("voices/" + name + ".wav")
	if err != nil {
		return audio.Sound{}, fmt.Errorf("there is no voice %q; there are %s", name, strings.Join(Voices(), ", "))
	}
	return audio.ReadWAV(file)
}

// Voices are the names of everything that simulated people can say, in order.
func Voices() []string {
	// This cannot fail: the pattern is valid and the folder is part of the program.
	files, _ := fs.Glob(voices, "voices/*.wav")
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".wav")
	}
	return names
}
