package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Phrases that a household may say in its own voice.
const (
	PhraseGreeting   = "greeting"
	PhraseAskName    = "ask-name"
	PhraseInspection = "inspection"
)

// maxPhrase is how long a phrase can be: callers hear all of it.
const maxPhrase = 60 * time.Second

const (
	waveHead   = 44
	waveRate   = 8000
	waveSecond = waveRate * 2 // bytes
)

// phraseFile is where a household's own recording of a phrase is. There is no table of them: the file is the record, and
// carries its household in its name.
func (s *Store) phraseFile(ctx context.Context, household, phrase string) (string, error) {
	if !slices.Contains([]string{PhraseGreeting, PhraseAskName, PhraseInspection}, phrase) {
		return "", fmt.Errorf("there is no phrase %q: it is %s, %s or %s", phrase, PhraseGreeting, PhraseAskName, PhraseInspection)
	}
	home, err := householdID(ctx, s.read, household)
	return filepath.Join(s.phrases, fmt.Sprintf("%d-%s.wav", home, phrase)), err
}

// SetPhrase keeps the household's own recording of a phrase: a WAV file, 8 kHz, 16 bit, mono. It replaces an older one.
func (s *Store) SetPhrase(ctx context.Context, household, phrase string, wav []byte) error {
	path, err := s.phraseFile(ctx, household, phrase)
	if err != nil {
		return err
	}
	sound, err := waveSound(wav)
	if err != nil {
		return err
	}
	if len(bytes.Trim(sound, "\x00")) == 0 {
		return errors.New("there is no sound in this recording: record it again")
	}
	if len(sound) > int(maxPhrase/time.Second)*waveSecond {
		return fmt.Errorf("this recording is longer than %d seconds: record a shorter one", maxPhrase/time.Second)
	}
	if err := writeFile(path, wave(sound)); err != nil {
		return fmt.Errorf("the recording cannot be kept: %w", err)
	}
	return nil
}

// Phrase finds the household's own recording of a phrase; ok is false where there is none.
func (s *Store) Phrase(ctx context.Context, household, phrase string) (path string, length time.Duration, ok bool, err error) {
	path, err = s.phraseFile(ctx, household, phrase)
	if err != nil {
		return "", 0, false, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	// SetPhrase has written it, with a head of one size, and whole or not at all.
	return path, time.Duration(info.Size()-waveHead) * time.Second / waveSecond, true, nil
}

// RemovePhrase goes back to the phrase as it comes with Ringfence. It returns false where there was no other.
func (s *Store) RemovePhrase(ctx context.Context, household, phrase string) (bool, error) {
	path, err := s.phraseFile(ctx, household, phrase)
	if err != nil {
		return false, err
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("the recording cannot be deleted: %w", err)
	}
	return true, nil
}

var errWave = errors.New("this is no WAV file of 8000 Hz, 16 bit and one channel: save it as one")

// waveFormat is the beginning of the "fmt " chunk: PCM, one channel, rate, bytes a second, bytes a sample, bits a sample.
var waveFormat = []byte{1, 0, 1, 0, waveRate & 0xff, waveRate >> 8, 0, 0, waveSecond & 0xff, waveSecond >> 8, 0, 0, 2, 0, 16, 0}

// waveSound is the sound of a WAV file, without whatever else programs write into them.
func waveSound(wav []byte) ([]byte, error) {
	if len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return nil, errWave
	}
	known := false
	for rest := wav[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if size > int64(len(rest)) {
			return nil, errors.New("this WAV file has been cut off: record it, or copy it, again")
		}
		chunk := rest[:size]
		switch {
		case name == "fmt ":
			known = bytes.HasPrefix(chunk, waveFormat)
		case name == "data" && known && size%2 == 0:
			return chunk, nil
		case name == "data":
			return nil, errWave
		}
		rest = rest[min(size+size%2, int64(len(rest))):] // a chunk of an odd size has a byte behind it
	}
	return nil, errWave
}

// wave makes a WAV file with the plainest head that there is.
func wave(sound []byte) []byte {
	file := []byte("RIFF")
	file = binary.LittleEndian.AppendUint32(file, uint32(len(sound)+waveHead-8))
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(waveFormat)))
	file = append(file, waveFormat...)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(sound)))
	return append(file, sound...)
}
