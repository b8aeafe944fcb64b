package softphone

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ringfence/softphone/audio"
)

//go:embed voices/*.wav
var voices embed.FS

// Voice is what a simulated person says: one of the names of Voices, with its words in voices/voices.toml. It fails for
// any other name.
func Voice(name string) (audio.Sound, error) {
	file, err := voices.ReadFile("voices/" + name + ".wav")
	if err != nil {
		return audio.Sound{}, fmt.Errorf("there is no voice %q; there are %s", name, strings.Join(Voices(), ", "))
	}
	return audio.ReadWAV(file)
}

// Voices are the names of what simulated people can say, in order.
func Voices() []string {
	// The pattern is well formed and the folder is part of the program.
	files, _ := fs.Glob(voices, "voices/*.wav")
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".wav")
	}
	return names
}
