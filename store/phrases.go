package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ringfence/sound"
	"ringfence/store/columns"
	"ringfence/store/datafolder"
)

// Phrases that a household may say in its own voice.
const (
	PhraseGreeting   = "greeting"
	PhraseAskName    = "ask-name"
	PhraseInspection = "inspection"
)

// maxPhrase is how long a phrase can be: callers hear all of it.
const maxPhrase = 60 * time.Second

// phraseFile is where a household's own recording of a phrase is. There is no table of them: the file is the record, and
// carries its household in its name.
func (s *Store) phraseFile(ctx context.Context, household, phrase string) (string, error) {
	if !slices.Contains([]string{PhraseGreeting, PhraseAskName, PhraseInspection}, phrase) {
		return "", fmt.Errorf("there is no phrase %q: it is %s, %s or %s", phrase, PhraseGreeting, PhraseAskName, PhraseInspection)
	}
	home, err := columns.HouseholdID(ctx, s.read, household)
	return filepath.Join(s.phrases, fmt.Sprintf("%d-%s.wav", home, phrase)), err
}

// SetPhrase keeps the household's own recording of a phrase: a WAV file, 8 kHz, 16 bit, mono. It replaces an older one.
func (s *Store) SetPhrase(ctx context.Context, household, phrase string, wav []byte) error {
	path, err := s.phraseFile(ctx, household, phrase)
	if err != nil {
		return err
	}
	data, err := sound.Data(wav)
	if err != nil {
		return err
	}
	if len(bytes.Trim(data, "\x00")) == 0 {
		return errors.New("there is no sound in this recording: record it again")
	}
	if len(data) > int(maxPhrase/time.Second)*sound.BytesPerSecond {
		return fmt.Errorf("this recording is longer than %d seconds: record a shorter one", maxPhrase/time.Second)
	}
	if err := datafolder.WriteFile(path, sound.WAV(sound.Rate, data)); err != nil {
		return fmt.Errorf("the recording cannot be kept: %w", err)
	}
	return nil
}

// Phrase finds the household's own recording of a phrase; ok is false if there is none.
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
	return path, sound.LengthOfFile(info.Size()), true, nil
}

// RemovePhrase goes back to the phrase as it comes with Ringfence. It returns false if the household had no recording of its own.
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
