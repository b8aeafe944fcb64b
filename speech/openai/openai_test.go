package openai_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/speech"
	"ringfence/speech/openai"
)

// TestMain makes an environment in which whoever asks it for a proxy gets an error, for machines at home too: net/http refuses HTTP_PROXY to what looks
// like a CGI program (https://golang.org/s/cgihttpproxy). So every test fails where a proxy is asked for.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "REQUEST_METHOD"} {
		if err := os.Setenv(name, "192.0.2.1:80"); err != nil {
			panic(err)
		}
	}
	m.Run()
}

var recording = []byte("RIFF, and what follows")

func service(t *testing.T, answer http.HandlerFunc) openai.Service {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return openai.Service{Address: server.URL + "/v1/", Key: "secret", Model: "whisper-1", Language: "fr"}
}

func TestServiceReadsTheRecording(t *testing.T) {
	s := service(t, func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		sent, err := io.ReadAll(file)
		if err != nil || !bytes.Equal(sent, recording) || r.URL.Path != "/v1/audio/transcriptions" || r.Header.Get("Authorization") != "Bearer secret" ||
			r.FormValue("model") != "whisper-1" || r.FormValue("language") != "fr" || r.FormValue("response_format") != "json" {
			t.Errorf("%s %q %v %q, %v", r.URL, r.Header.Get("Authorization"), r.Form, sent, err)
		}
		_, _ = io.WriteString(w, `{"text":"Bonjour.","usage":{"seconds":2}}`)
	})
	if words, err := s.Read(t.Context(), recording); err != nil || words != (speech.Words{Text: "Bonjour."}) {
		t.Errorf("read %+v, %v", words, err)
	}
}

func TestServiceThatIsWrongHasNoWords(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the recording went to another address")
	}))
	defer elsewhere.Close()
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, answer := range map[string]http.HandlerFunc{
		"garbage": says("<html>"), "nothing": says(""), "no text": says(`{"error":"busy"}`), "text that is none": says(`{"text":["a"]}`), "half": says(`{"text":"Bon`),
		"too much": says(`{"text":"` + strings.Repeat("a", 1<<20) + `"}`),
		"refuses":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no credit", http.StatusPaymentRequired) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"dies": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		if words, err := service(t, answer).Read(t.Context(), recording); err == nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
}

// A service could repeat the key, or what was said.
func TestServiceSaysNothingInTheLog(t *testing.T) {
	s := service(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 401 secret is no key\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
	})
	if _, err := s.Read(t.Context(), recording); err == nil || !strings.Contains(err.Error(), "status 401") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestServiceThatHangsIsLeft(t *testing.T) {
	s := service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if words, err := s.Read(ctx, recording); !errors.Is(err, context.DeadlineExceeded) || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}
