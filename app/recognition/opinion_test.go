package recognition_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app/recognition"
	"ringfence/calllog"
	"ringfence/config"
)

// A model that finds nothing has no opinion, and one that hears a sales call has no sentence: whatever it says then could only calm.
func TestSecondOpinionWarnsOrIsNone(t *testing.T) {
	for content, want := range map[string]calllog.ScriptLevel{
		"none": "", "sales": calllog.ScriptSales, "warn": calllog.ScriptWarn, "strong": calllog.ScriptStrong,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"{\"level\":\"`+content+`\",\"sentence\":\"It is the doctor.\"}"}}]}`)
		}))
		ask := recognition.SecondOpinion(config.Speech{Opinion: server.URL, OpinionModel: "small"}, slog.New(slog.DiscardHandler))
		level, sentence, err := ask(t.Context(), "anything")
		server.Close()
		if err != nil || level != want || (sentence != "") != want.IsScam() {
			t.Errorf("%s: %q %q %v", content, level, sentence, err)
		}
	}
}

// Without a model, or the key for it, nobody is asked; silence about the key would look like callers of whom there is nothing to say.
func TestSecondOpinionWithoutItsKeyIsSaid(t *testing.T) {
	var log bytes.Buffer
	if recognition.SecondOpinion(config.Speech{}, slog.New(slog.NewTextHandler(&log, nil))) != nil || log.Len() > 0 {
		t.Errorf("there is one without a model, or it is missed: %s", log.String())
	}
	if recognition.SecondOpinion(config.Speech{Reader: config.SpeechNone, Opinion: "http://127.0.0.1:1/v1", OpinionModel: "small"}, slog.New(slog.DiscardHandler)) != nil {
		t.Error("there is one although nothing is read")
	}
	missing := filepath.Join(t.TempDir(), "opinion-key")
	s := config.Speech{Opinion: "http://127.0.0.1:1/v1", OpinionModel: "small", OpinionKey: "file:" + missing}
	if recognition.SecondOpinion(s, slog.New(slog.NewTextHandler(&log, nil))) != nil || !strings.Contains(log.String(), missing) {
		t.Errorf("logged %q", log.String())
	}
}
