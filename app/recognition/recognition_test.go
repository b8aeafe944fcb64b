package recognition_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app/recognition"
	"ringfence/config"
	"ringfence/speech"
)

// caller is a recording of somebody who speaks.
func caller(t *testing.T) []byte {
	t.Helper()
	recording, err := os.ReadFile("../../softphone/voices/bank.wav")
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// Silence would look like callers who say nothing.
func TestKeyThatCannotBeReadIsSaid(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "speech-key")
	s := config.Speech{Reader: config.SpeechOpenAI, OpenAI: "https://127.0.0.1:1/v1", OpenAIKey: "file:" + missing, OpenAIModel: "whisper-1"}
	words, err := recognition.New(s, "", slog.New(slog.DiscardHandler)).Read(t.Context(), caller(t))
	if err == nil || !strings.Contains(err.Error(), missing) || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}

// Where it cannot be installed, no process is started, and none is waited for.
func TestBuiltInThatCannotBeInstalledIsLeft(t *testing.T) {
	t.Setenv("RINGFENCE_SPEECH", "no whole path")
	var log bytes.Buffer
	r := recognition.New(config.Speech{Reader: config.SpeechBuiltIn}, "/there/is/none", slog.New(slog.NewTextHandler(&log, nil)))
	r.Run(t.Context())
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "no whole path") {
		t.Errorf("logged %q", log.String())
	}
	if words, err := r.Read(t.Context(), caller(t)); !errors.Is(err, speech.ErrNone) || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}
