package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"ringfence/softphone/audio"
)

//go:embed texts.toml
var textsFile []byte

// texts are what callers say, by kind of caller and name.
type texts map[string]map[string]string

func readTexts() (all texts, err error) { return all, toml.Unmarshal(textsFile, &all) }

// voice is one that the program for recordings has.
type voice struct{ name, speed string }

// spoken is a text and who says it.
type spoken struct {
	voice
	kind, name string
	sentences  []string
}

// all are the texts in the order of their names.
func (t texts) all() (all []spoken) {
	for _, kind := range slices.Sorted(maps.Keys(t)) {
		for _, name := range slices.Sorted(maps.Keys(t[kind])) {
			parts := strings.SplitN(t[kind][name], " ", 3)
			all = append(all, spoken{voice{parts[0], parts[1]}, kind, name, sentences(parts[2])})
		}
	}
	return all
}

// sentences are spoken one by one, because such programs take no more at a time.
func sentences(text string) []string {
	marked := strings.NewReplacer(". ", ".\n", "? ", "?\n", "! ", "!\n").Replace(text)
	return strings.Split(marked, "\n")
}

func (s spoken) file(folder string, sentence int) string {
	return filepath.Join(folder, s.voice.name, fmt.Sprintf("%s-%s-%d.wav", s.kind, s.name, sentence+1))
}

// record makes the recordings that are missing, a voice at a time.
func record(ctx context.Context, speak, folder string) error {
	t, err := readTexts()
	if err != nil {
		return err
	}
	missing := map[voice]map[string]string{}
	for _, s := range t.all() {
		for i, sentence := range s.sentences {
			file := s.file(folder, i)
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if missing[s.voice] == nil {
				missing[s.voice] = map[string]string{}
			}
			missing[s.voice][strings.TrimSuffix(filepath.Base(file), ".wav")] = sentence
		}
	}
	for v, phrases := range missing {
		text, err := toml.Marshal(map[string]map[string]string{"say": phrases})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(folder, v.name), 0o755); err != nil {
			return err
		}
		file := filepath.Join(folder, v.name+".toml")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		c := exec.CommandContext(ctx, speak, file, filepath.Join(folder, v.name), "--voice", v.name, "--speed", v.speed, "--rates", "8000")
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("record with the voice %s: %w", v.name, err)
		}
	}
	return nil
}

// betweenSentences is how long such a voice pauses.
const betweenSentences = 350 * time.Millisecond

// load is a text as one recording; there is none where a sentence is missing.
func (s spoken) load(folder string) (whole audio.Sound, err error) {
	for i := range s.sentences {
		file, err := os.ReadFile(s.file(folder, i))
		if err != nil {
			return audio.Sound{}, err
		}
		sound, err := audio.ReadWAV(file)
		if err != nil {
			return audio.Sound{}, err
		}
		if i > 0 {
			whole.PCM = append(whole.PCM, audio.Silence(betweenSentences, audio.Narrow).PCM...)
		}
		whole.Rate, whole.PCM = audio.Narrow, append(whole.PCM, sound.At(audio.Narrow).PCM...)
	}
	return whole, nil
}
