// Package prompts has the words that Ringfence speaks, and their recordings, embedded in the binary: for each language a
// TOML file with the words and a folder with a recording of each at 8 kHz (NAME.wav) and 16 kHz (NAME.wav16). Asterisk
// picks the one that fits the call. In the program of a package they are packed (packed.go); elsewhere they are as they stand
// here (plain.go).
//
// A test compares the words with the recordings, so that no phrase of any language lacks one. README.md beside this file says how to
// change a phrase.
package prompts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"ringfence/sound"
)

// ID names a phrase.
type ID string

// Sounds that are made here, not recorded, and are the same in every language.
const (
	Tone    ID = "tone"    // the tone of "after the tone"
	Waiting ID = "waiting" // the beeps with which a household hears that a second call is waiting
	Silence ID = "silence" // ten seconds of silence
	// NotInService and NotInServiceAmerica are the tones with which an exchange says that a number isn't in service: of ITU-T E.180, and of North America.
	NotInService        ID = "not-in-service"
	NotInServiceAmerica ID = "not-in-service-america"
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
	entries, err := recordings.ReadDir(packs)
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
	entries, err := recordings.ReadDir(path.Join(packs, "en-GB"))
	if err != nil {
		panic(err) // the embedded files are part of the program
	}
	var all []ID
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), ending); is {
			all = append(all, ID(name))
		}
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
	return embedded(language, id, rate)
}

// Duration is how long a phrase plays; 0 if the language has none of that name. A test checks that all have the plain header that
// LengthOfFile counts on.
func Duration(language string, id ID) time.Duration {
	if s, ok := signals[id]; ok {
		return s.length()
	}
	narrow, _ := sizes(language, id)
	return sound.LengthOfFile(narrow)
}

// Write puts all recordings into dir for Asterisk, as LANGUAGE/NAME.wav and LANGUAGE/NAME.wav16. A file is replaced whole, and only if it has changed, so that an
// Asterisk that is playing it is not disturbed.
func Write(dir string) error {
	if areWritten(dir) {
		return nil
	}
	for _, language := range Languages() {
		if err := os.MkdirAll(filepath.Join(dir, language), 0o755); err != nil {
			return fmt.Errorf("cannot make the folder for the prompts: %w", err)
		}
		for _, id := range append(All(), made...) {
			narrow, wide := both(language, id)
			err := replace(fileOf(dir, language, id, Narrow), narrow)
			if err == nil {
				err = replace(fileOf(dir, language, id, Wide), wide)
			}
			if err != nil {
				return fmt.Errorf("cannot write the prompt %s: %w", id, err)
			}
		}
	}
	return replace(filepath.Join(dir, writtenFile), []byte(digest()))
}

// both are a phrase's two files.
func both(language string, id ID) (narrow, wide []byte) {
	if s, ok := signals[id]; ok {
		return s.wav(Narrow), s.wav(Wide)
	}
	return recordingAtBoth(language, id)
}

func fileOf(dir, language string, id ID, rate Rate) string {
	return filepath.Join(dir, language, string(id)+rate.ending())
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
