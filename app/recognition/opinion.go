package recognition

import (
	"context"
	"log/slog"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/speech/opinion"
	"ringfence/speech/script"
)

// Model returns the language model of the settings. The error says that its key cannot be read.
func Model(s config.Speech) (*opinion.Model, error) {
	key, err := s.KeyForOpinion()
	if err != nil {
		return nil, err
	}
	return opinion.New(s.Opinion, key, s.OpinionModel), nil
}

// SecondOpinion asks the language model of the settings; nil where there is none, or its key cannot be read. No call depends on it.
func SecondOpinion(s config.Speech, log *slog.Logger) ivr.SecondOpinion {
	if !s.HasOpinion() {
		return nil
	}
	model, err := Model(s)
	if err != nil {
		log.Error("callers' words are not read a second time", "err", err)
		return nil
	}
	return func(ctx context.Context, words string) (calllog.ScriptLevel, string, error) {
		o, err := model.Ask(ctx, words)
		if err != nil || o.Level == script.None {
			return "", "", err
		}
		return calllog.ScriptLevel(o.Level), o.Sentence, nil
	}
}
