package ivrstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/sound"
	"ringfence/store"
)

// Sounds are recordings in the folder from which Asterisk plays. A household's own are in own/HOUSEHOLD/NAME.wav.
type Sounds struct {
	Store  *store.Store
	Folder string
}

// Publish brings the household's own recording of a phrase to Asterisk, or takes it away.
func (s Sounds) Publish(ctx context.Context, household, phrase string) error {
	path, _, there, err := s.Store.Phrase(ctx, household, phrase)
	if err != nil {
		return err
	}
	if !there {
		return s.remove(household, phrase)
	}
	wav, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return s.put(household, phrase, wav)
}

// PublishAll does so for all households, at the start: Asterisk's folders may be new. What a program that was killed has lent goes.
func (s Sounds) PublishAll(ctx context.Context, households []string) error {
	own, err := s.Store.OwnPhrases(ctx)
	if err != nil {
		return errors.Join(s.takeBackAll(), s.Keep(households), err)
	}
	errs := []error{s.takeBackAll(), s.Keep(households), s.removeAllBut(own)}
	for _, household := range households {
		for phrase, path := range own[household] {
			wav, err := os.ReadFile(path)
			if err == nil {
				err = s.put(household, phrase, wav)
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Keep removes from Asterisk's folder what is there of other households: they are not on this machine any more.
func (s Sounds) Keep(households []string) error {
	folder := filepath.Join(s.Folder, "own")
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	here := map[string]bool{}
	for _, household := range households {
		here[household] = true
	}
	for _, e := range entries {
		if e.IsDir() && !here[e.Name()] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, e.Name())))
		}
	}
	return err
}

// Adopt brings the own recordings of households to Asterisk that are new to it.
func (s Sounds) Adopt(ctx context.Context, households []string) error {
	var errs []error
	for _, household := range households {
		for _, phrase := range []string{store.PhraseGreeting, store.PhraseAskName, store.PhraseInspection} {
			errs = append(errs, s.Publish(ctx, household, phrase))
		}
	}
	return errors.Join(errs...)
}

// removeAllBut removes the recordings of phrases that are households' own no longer.
func (s Sounds) removeAllBut(own map[string]map[string]string) error {
	households, err := os.ReadDir(filepath.Join(s.Folder, "own"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, household := range households {
		for _, phrase := range []string{store.PhraseGreeting, store.PhraseAskName, store.PhraseInspection} {
			if own[household.Name()][phrase] == "" {
				errs = append(errs, s.remove(household.Name(), phrase))
			}
		}
	}
	return errors.Join(errs...)
}

// takeBackAll removes what Lend has put there and nobody has taken back, and what put has not written to its end.
func (s Sounds) takeBackAll() error {
	own, err := os.OpenRoot(filepath.Join(s.Folder, "own"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	errs := []error{}
	for _, names := range []string{"*/said-*.wav", "*/message-*.wav", "*/*.new"} {
		found, err := fs.Glob(own.FS(), names)
		errs = append(errs, err)
		for _, name := range found {
			errs = append(errs, own.Remove(name))
		}
	}
	return errors.Join(append(errs, own.Close())...)
}

func (s Sounds) path(household, name string) string {
	return filepath.Join(s.Folder, "own", household, name+".wav")
}

func (s Sounds) own(household, name string, bytes int64) ivr.Sound {
	return ivr.Sound{Media: "sound:own/" + household + "/" + name, Length: sound.LengthOfFile(bytes)}
}

// Own implements ivr.Sounds.
func (s Sounds) Own(household string, phrase prompts.ID) (ivr.Sound, bool) {
	info, err := os.Stat(s.path(household, string(phrase)))
	if err != nil {
		return ivr.Sound{}, false
	}
	return s.own(household, string(phrase), info.Size()), true
}

// Lend implements ivr.Sounds.
func (s Sounds) Lend(household, name string, wav []byte) (ivr.Sound, func(), error) {
	if err := s.put(household, name, wav); err != nil {
		return ivr.Sound{}, nil, err
	}
	return s.own(household, name, int64(len(wav))), func() { _ = os.Remove(s.path(household, name)) }, nil
}

// put writes a recording whole, for Asterisk and nobody else.
func (s Sounds) put(household, name string, wav []byte) error {
	path := s.path(household, name)
	if err := makeForGroup(filepath.Dir(path)); err != nil {
		return fmt.Errorf("a recording cannot be brought to Asterisk: %w", err)
	}
	if err := os.WriteFile(path+".new", wav, 0o640); err != nil {
		return fmt.Errorf("a recording cannot be brought to Asterisk: %w", err)
	}
	return os.Rename(path+".new", path)
}

// makeForGroup makes a folder for its owner's group as well, as Asterisk may be another user. Nobody else gets into Asterisk's folder above it.
func makeForGroup(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o770); err != nil {
		return err
	}
	return os.Chmod(folder, 0o770) // whatever the umask
}

func (s Sounds) remove(household, name string) error {
	err := os.Remove(s.path(household, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
