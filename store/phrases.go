package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/sound"
	"ringfence/store/columns"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// Phrases that a household may say in its own voice.
const (
	PhraseGreeting   = "greeting"
	PhraseAskName    = "ask-name"
	PhraseInspection = "inspection"
)

// maxPhrase is how long a phrase can be: callers hear all of it.
const maxPhrase = 60 * time.Second

// phraseFile is where a household's own recording of a phrase is. There is no table of them: the file is the record, and carries its household
// in its name. One that has just been made lies beside it, and a row in phrase_changes says so, until SettlePhrases moves it here: a transaction
// has the row or has not, and what a crash leaves is one or the other.
func (s *Store) phraseFile(ctx context.Context, household, phrase string) (string, error) {
	if !slices.Contains([]string{PhraseGreeting, PhraseAskName, PhraseInspection}, phrase) {
		return "", fmt.Errorf("there is no phrase %q: it is %s, %s or %s", phrase, PhraseGreeting, PhraseAskName, PhraseInspection)
	}
	home, err := columns.HouseholdID(ctx, s.read, household)
	return s.phrasePath(home, phrase), err
}

func (s *Store) phrasePath(home int64, phrase string) string {
	return filepath.Join(s.phrases, phraseName(home, phrase))
}

func phraseName(home int64, phrase string) string { return fmt.Sprintf("%d-%s.wav", home, phrase) }

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
	beside := strings.TrimSuffix(path, ".wav") + "." + rand.Text() + ".wav"
	if err := datafolder.WriteFile(beside, sound.WAV(sound.Rate, data)); err != nil {
		return fmt.Errorf("the recording cannot be kept: %w", err)
	}
	return s.changePhrase(ctx, household, phrase, filepath.Base(beside))
}

// MarkOfPhrase tells recordings apart; "" is that of none.
func MarkOfPhrase(wav []byte) string {
	data, err := sound.Data(wav)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// changePhrase notes in the database in which file a recording is now; "" is none.
func (s *Store) changePhrase(ctx context.Context, household, phrase, file string) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		return sqlite.Exec(ctx, tx, `INSERT INTO phrase_changes (household_id, phrase, file) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET file = excluded.file`, home, phrase, file)
	})
}

// Phrase finds the household's own recording of a phrase; ok is false if there is none.
func (s *Store) Phrase(ctx context.Context, household, phrase string) (path string, length time.Duration, ok bool, err error) {
	place, err := s.phraseFile(ctx, household, phrase)
	if err != nil {
		return "", 0, false, err
	}
	file, changed, err := sqlite.Row(ctx, s.read, func(file *string) []any { return []any{file} },
		"SELECT file FROM phrase_changes WHERE phrase = ? AND "+columns.ByName, phrase, household)
	if err != nil || changed && file == "" {
		return "", 0, false, err
	}
	info, err := os.Stat(place)
	if path = place; changed {
		// One that is not there has been moved to its place.
		if beside, failed := os.Stat(filepath.Join(s.phrases, file)); failed == nil {
			path, info, err = filepath.Join(s.phrases, file), beside, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	// SetPhrase has written it, with a head of one size, and whole or not at all.
	return path, sound.LengthOfFile(info.Size()), true, nil
}

// RemovePhrase goes back to the phrase as it comes with Ringfence.
func (s *Store) RemovePhrase(ctx context.Context, household, phrase string) error {
	if _, err := s.phraseFile(ctx, household, phrase); err != nil {
		return err
	}
	return s.changePhrase(ctx, household, phrase, "")
}

// phraseChange is where a recording is that has not been moved to its place yet.
type phraseChange struct {
	home         int64
	phrase, file string
}

func phraseChanges(ctx context.Context, q sqlite.Querier) ([]phraseChange, error) {
	return sqlite.Rows(ctx, q, func(c *phraseChange) []any { return []any{&c.home, &c.phrase, &c.file} }, "SELECT household_id, phrase, file FROM phrase_changes")
}

// CountPhrases counts the phrases that households say in their own voice, by a database and its folder of recordings: one that is only kept for undoing is
// none of them, and neither is one of a deed that was never done.
func CountPhrases(ctx context.Context, q sqlite.Querier, folder string) (int, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	own := map[string]bool{}
	for _, f := range files {
		if inPlace(f.Name()) {
			own[f.Name()] = true
		}
	}
	changes, err := phraseChanges(ctx, q)
	for _, c := range changes {
		delete(own, phraseName(c.home, c.phrase))
		if c.file != "" {
			own[phraseName(c.home, c.phrase)] = true
		}
	}
	return len(own), err
}

// OwnPhrases are the files of the phrases that households say in their own voice, by household and phrase.
func (s *Store) OwnPhrases(ctx context.Context) (map[string]map[string]string, error) {
	files, err := os.ReadDir(s.phrases)
	if err != nil {
		return nil, err
	}
	paths := map[string]string{} // by their names in their places
	for _, f := range files {
		paths[f.Name()] = filepath.Join(s.phrases, f.Name())
	}
	changes, err := phraseChanges(ctx, s.read)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		switch beside, there := paths[c.file]; {
		case c.file == "":
			delete(paths, phraseName(c.home, c.phrase))
		case there: // one that is not there has been moved to its place
			paths[phraseName(c.home, c.phrase)] = beside
		}
	}
	all := map[string]map[string]string{}
	return all, sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var home int64
		var household string
		err := scan(&home, &household)
		for _, phrase := range []string{PhraseGreeting, PhraseAskName, PhraseInspection} {
			if path, there := paths[phraseName(home, phrase)]; there {
				if all[household] == nil {
					all[household] = map[string]string{}
				}
				all[household][phrase] = path
			}
		}
		return err
	}, "SELECT id, name FROM households")
}

// inPlace says whether a file has the name of a phrase in its place. What lies beside those has one more dot in its name.
func inPlace(name string) bool {
	return strings.HasSuffix(name, ".wav") && strings.Count(name, ".") == 1
}

// keptPath is where the recording is that a household had of a phrase before the present one, for undoing: the last alone.
func keptPath(path string) string { return strings.TrimSuffix(path, ".wav") + ".before.wav" }

// PhraseBefore is the recording that the household had of a phrase before the present one, or before there was none; nil if it is gone.
func (s *Store) PhraseBefore(ctx context.Context, household, phrase string) ([]byte, error) {
	path, err := s.phraseFile(ctx, household, phrase)
	if err != nil {
		return nil, err
	}
	wav, err := os.ReadFile(keptPath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return wav, err
}

// SettlePhrases moves recordings to their place, and keeps those that were replaced for UndoAge. What it has not done, the next one does.
func (s *Store) SettlePhrases(ctx context.Context) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		changes, err := phraseChanges(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := s.settlePhrase(c); err != nil && !errors.Is(err, fs.ErrNotExist) { // as after a crash
				return err
			}
		}
		if err := errors.Join(sqlite.SyncFolder(s.phrases), sqlite.Exec(ctx, tx, "DELETE FROM phrase_changes")); err != nil {
			return err
		}
		return s.sweepPhrases()
	})
}

func (s *Store) settlePhrase(c phraseChange) error {
	path := s.phrasePath(c.home, c.phrase)
	beside := filepath.Join(s.phrases, c.file)
	if c.file != "" {
		if _, err := os.Stat(beside); err != nil {
			return err // it is in its place, where it must not be taken for the one before
		}
	}
	now := time.Now()
	err := os.Rename(path, keptPath(path))
	if err == nil {
		err = os.Chtimes(keptPath(path), now, now) // since when it is kept
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) || c.file == "" {
		return err
	}
	return os.Rename(beside, path)
}

// sweepPhrases deletes recordings that a deed has left which was never done, and those that can't be restored any more.
func (s *Store) sweepPhrases() error {
	left, err := filepath.Glob(filepath.Join(s.phrases, "*.*.wav"))
	for _, path := range left {
		age := orphanAge
		if strings.HasSuffix(path, keptPath("")) {
			age = UndoAge
		}
		if info, failed := os.Stat(path); failed == nil && time.Since(info.ModTime()) > age {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
