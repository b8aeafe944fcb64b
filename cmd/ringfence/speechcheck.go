package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ringfence/app/doctor"
	"ringfence/app/recognition"
	"ringfence/config"
	"ringfence/prompts"
	"ringfence/speech/modelfiles"
)

// speechTest is what speech recognition is given to read: one of our own recordings, so that nothing private is sent to whoever reads it.
const speechTest = prompts.AskNameAgain

// checkSpeech has a recording of our own read, as a caller's is.
func (p *program) checkSpeech(ctx context.Context, s config.Settings) doctor.Finding {
	f := doctor.Finding{Check: "speech", Part: "speech recognition", State: doctor.OK}
	where, language := "on this machine", "en-GB"
	switch s.Speech.Reader {
	case config.SpeechNone:
		f.State, f.Text = doctor.Skipped, "it is switched off in the settings"
		return f
	case config.SpeechBuiltIn:
		_, err := modelfiles.Find()
		if err != nil && !errors.Is(err, modelfiles.ErrMissing) {
			f.State, f.Text = doctor.Skipped, err.Error()
			return f
		}
		if err != nil || p.self == "" {
			f.State, f.Text, f.Type = doctor.Skipped, "it is not installed, so callers' words don't appear as text", "sudo ringfence speech install"
			return f
		}
	case config.SpeechWyoming:
		where, language = "by the Wyoming server at "+s.Speech.WyomingAddress(), s.Households[0].Language
	case config.SpeechOpenAI:
		where, language = "by the service at "+s.Speech.OpenAI, s.Households[0].Language
	}
	began := time.Now()
	text, err := p.readOurselves(ctx, s.Speech, language)
	switch {
	case err != nil:
		f.State, f.Text = doctor.Failed, fmt.Sprintf("a recording could not be read %s, and calls go on without words: %s", where, err)
	case !alike(text, prompts.Text(language, speechTest)):
		f.State, f.Text = doctor.Failed, fmt.Sprintf("the test recording was misread as %q %s", text, where)
	default:
		f.Text = fmt.Sprintf("a recording was read %s, in %.1f s, including start-up", where, time.Since(began).Seconds())
	}
	return f
}

// readOurselves has the recording read by a recogniser that runs for no longer.
func (p *program) readOurselves(ctx context.Context, s config.Speech, language string) (string, error) {
	reader := recognition.New(s, p.self, slog.New(slog.DiscardHandler))
	defer reader.Start(ctx)()
	words, err := reader.Patient().Read(ctx, prompts.Recording(language, speechTest, prompts.Narrow))
	return words.Text, err
}

// alike says whether at least half of the words that were said are among those that were read.
func alike(read, said string) bool {
	wanted, found := strings.Fields(said), 0
	heard := " " + strings.ToLower(read) + " "
	for _, word := range wanted {
		if strings.Contains(heard, strings.ToLower(strings.Trim(word, ",.?!"))) {
			found++
		}
	}
	return 2*found >= len(wanted)
}
