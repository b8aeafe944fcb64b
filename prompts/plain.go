//go:build !packed

package prompts

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"time"
)

//go:embed en-GB en-GB.toml en-US en-US.toml fr-FR fr-FR.toml
var recordings embed.FS

// Where a language's recordings are, and how the name of the file ends that each phrase has.
const packs, ending = ".", ".wav"

func embedded(language string, id ID, rate Rate) []byte {
	wav, err := recordings.ReadFile(language + "/" + string(id) + rate.ending())
	if err != nil {
		return nil
	}
	return wav
}

func recordingAtBoth(language string, id ID) (narrow, wide []byte) {
	return embedded(language, id, Narrow), embedded(language, id, Wide)
}

// sizes are the sizes of a phrase's two files; 0 if the language has none of that name.
func sizes(language string, id ID) (narrow, wide int64) {
	size := func(rate Rate) int64 {
		info, err := fs.Stat(recordings, language+"/"+string(id)+rate.ending())
		if err != nil {
			return 0
		}
		return info.Size()
	}
	return size(Narrow), size(Wide)
}

// digest is the program's file, which differs where its recordings do: to read 59 MB of them takes as long as all else that a command does. It
// is "" if nothing is known of the file.
func digest() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s, %d bytes, of %s", file, info.Size(), info.ModTime().Format(time.RFC3339Nano))
}
