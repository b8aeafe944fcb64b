// Package prompts has the words that Ringfence speaks, and their recordings, embedded in the binary: for each language a
// TOML file with the words and a folder with a recording of each at 8 kHz (NAME.wav) and 16 kHz (NAME.wav16). Asterisk
// picks the one that fits the call.
//
// A test compares the words with the recordings, so that no phrase of any language lacks one. README.md beside this file says how to
// change a phrase.
package prompts

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"ringfence/sound"
)

//go:embed en-GB en-GB.toml en-US en-US.toml fr-FR fr-FR.toml
var recordings embed.FS

// ID names a phrase.
type ID string

// Sounds that are made here, not recorded, and are the same in every language.
const (
	Tone    ID = "tone"    // the tone of "after the tone"
	Waiting ID = "waiting" // the beeps with which a household hears that a second call is waiting
	Silence ID = "silence" // ten seconds of silence
)

// Rate is how many samples a second a recording has.
type Rate int

// The two rates of recordings.
const (
	Narrow Rate = 8000  // what the telephone network carries
	Wide   Rate = 16000 // what a telephone in the house hears if it can (G.722)
)

// ending is the file extension that Asterisk's format_wav uses for that rate.
func (r Rate) ending() string {
	if r == Wide {
		return ".wav16"
	}
	return ".wav"
}

// Languages lists the languages that there are recordings in, such as "en-GB".
func Languages() []string {
	entries, err := recordings.ReadDir(".")
	if err != nil {
		panic(err) // the embedded files are part of the program
	}
	var languages []string
	for _, e := range entries {
		if e.IsDir() {
			languages = append(languages, e.Name())
		}
	}
	return languages
}

// All lists the recorded phrases, in the order of the alphabet. Every language has the same.
func All() []ID {
	files, err := fs.Glob(recordings, "en-GB/*"+Narrow.ending())
	if err != nil {
		panic(err) // only a pattern can be wrong
	}
	all := make([]ID, len(files))
	for i, file := range files {
		all[i] = ID(strings.TrimSuffix(path.Base(file), Narrow.ending()))
	}
	return all
}

// Text is what a phrase says; "" if the language has none of that name. It reads the whole file of words each time, so it is for pages and tests, not for a call.
func Text(language string, id ID) string {
	words, err := recordings.ReadFile(language + ".toml")
	if err != nil {
		return ""
	}
	var tables map[string]map[string]string
	if err := toml.Unmarshal(words, &tables); err != nil {
		return ""
	}
	for _, table := range tables {
		if text, ok := table[string(id)]; ok {
			return text
		}
	}
	return ""
}

// Recording is a phrase as a WAV file, 16-bit mono; nil if the language has none of that name.
func Recording(language string, id ID, rate Rate) []byte {
	if s, ok := signals[id]; ok {
		return s.wav(rate)
	}
	wav, err := recordings.ReadFile(language + "/" + string(id) + rate.ending())
	if err != nil {
		return nil
	}
	return wav
}

// Duration is how long a phrase plays; 0 if the language has none of that name. A test checks that all have the plain header that
// LengthOfFile counts on.
func Duration(language string, id ID) time.Duration {
	if s, ok := signals[id]; ok {
		return s.length()
	}
	info, err := fs.Stat(recordings, language+"/"+string(id)+Narrow.ending())
	if err != nil {
		return 0
	}
	return sound.LengthOfFile(info.Size())
}

// Write puts all recordings into dir for Asterisk, as LANGUAGE/NAME.wav and LANGUAGE/NAME.wav16. A file is replaced whole, and only if it has changed, so that an
// Asterisk that is playing it is not disturbed.
func Write(dir string) error {
	for _, language := range Languages() {
		if err := os.MkdirAll(filepath.Join(dir, language), 0o755); err != nil {
			return fmt.Errorf("cannot make the folder for the prompts: %w", err)
		}
		for _, id := range append(All(), Tone, Waiting, Silence) {
			for _, rate := range []Rate{Narrow, Wide} {
				file := filepath.Join(dir, language, string(id)+rate.ending())
				if err := replace(file, Recording(language, id, rate)); err != nil {
					return fmt.Errorf("cannot write the prompt %s: %w", id, err)
				}
			}
		}
	}
	return nil
}

func replace(file string, content []byte) error {
	if now, err := os.ReadFile(file); err == nil && bytes.Equal(now, content) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".prompt")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
