package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ringfence/speech/opinion"
)

// check says whether the language model answers, and where callers' words go. It sends words of its own.
func TestCheckAsksForASecondOpinion(t *testing.T) {
	beside(t)
	answer := func(w http.ResponseWriter) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"content": `{"level":"none","sentence":""}`}}}})
	}
	slow := 0
	for what, c := range map[string]struct {
		answers http.HandlerFunc
		more    string
		want    []string
		not     string
	}{
		"answers": {func(w http.ResponseWriter, r *http.Request) {
			if sent, _ := io.ReadAll(r.Body); !strings.Contains(string(sent), opinionTest) {
				t.Errorf("sent %s", sent)
			}
			answer(w)
		}, "", []string{"second opinion", "answered in"}, "FAIL second opinion"},
		"is in a cloud": {func(w http.ResponseWriter, _ *http.Request) { answer(w) }, "-cloud", []string{"answered in", "What callers say leaves the house"}, "FAIL second opinion"},
		"loads first": {func(w http.ResponseWriter, _ *http.Request) {
			if slow++; slow == 1 {
				time.Sleep(opinion.Limit + 100*time.Millisecond)
			}
			answer(w)
		}, "", []string{"warn  second opinion", "has 2 s when somebody rings"}, "leaves the house"},
		"talks":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Hello!") }, "", []string{"FAIL  second opinion", "no opinion"}, "Hello!"},
		"has not": {http.NotFound, "", []string{"FAIL  second opinion", "status 404"}, "answered in"},
	} {
		server := httptest.NewServer(c.answers)
		h := withSpeech(t, "opinion = \""+server.URL+"/v1\"\nopinion_model = \"small"+c.more+"\"")
		_, out, _ := h.run("check")
		server.Close()
		out = strings.Join(strings.Fields(out), " ")
		for _, want := range c.want {
			if !strings.Contains(out, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: no %q in\n%s", what, want, out)
			}
		}
		if strings.Contains(out, c.not) {
			t.Errorf("%s: %q is in\n%s", what, c.not, out)
		}
	}
	h := withSpeech(t, "opinion = \"https://127.0.0.1:1/v1\"\nopinion_model = \"small\"\nopinion_key = \"file:/none\"")
	if _, out, _ := h.run("check"); !strings.Contains(out, "FAIL  second opinion") || !strings.Contains(out, "/none") {
		t.Errorf("a key that cannot be read:\n%s", out)
	}
	h = withSpeech(t, "reader = \"none\"\nopinion = \"https://127.0.0.1:1/v1\"\nopinion_model = \"small\"")
	if _, out, _ := h.run("check"); !strings.Contains(out, "warn  second opinion") || !strings.Contains(out, "there are no words to read") {
		t.Errorf("without a reader:\n%s", out)
	}
	h = newHome(t, usualSettings)
	if _, out, _ := h.run("check"); strings.Contains(out, "second opinion") {
		t.Errorf("where none is set up:\n%s", out)
	}
}
