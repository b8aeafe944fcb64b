package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// aHub takes whoever comes.
type aHub struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newHub(t *testing.T) *aHub {
	t.Helper()
	h := &aHub{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing is seen
		h.mu.Lock()
		h.asked = append(h.asked, r.Method+" "+r.URL.Path+" "+string(body))
		h.mu.Unlock()
		switch r.URL.Path {
		case "/v1/join":
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"key":"rfk_4aYh3sFqZ9cVb1Lw8XkPmN2tR6uE0jDo"}`)
		case "/list/manifest.json":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *aHub) heard() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := strings.Join(h.asked, "; ")
	h.asked = nil
	return all
}

// A household joins with the command line, which asks for its agreement first; and leaves again.
func TestGroupCommands(t *testing.T) {
	beside(t)
	const secret = "q9Jx2mV4bT7nZ0aLkR5sWcY8"
	hub := newHub(t)
	h := newHome(t, usualSettings+"\n[lists]\nallow_private = true\n")
	link, name := hub.URL+"/join#"+secret, strings.TrimPrefix(hub.URL, "http://")
	h.says(exitDone, "reports stay in the house", "group", "list")
	h.says(exitFailed, "is in no group", "group", "leave")
	h.says(exitFailed, "this is not a link to join a group", "group", "join", "https://hub.example/")
	for _, typed := range []string{"", "no\n", "y\n"} {
		h.typed = typed
		if code, out, errOut := h.run("group", "join", link); code != exitFailed || !strings.Contains(out, "the number, the kind of scam,") || !strings.Contains(errOut, "haven't joined") {
			t.Errorf("%q: %d %q %q", typed, code, out, errOut)
		}
	}
	if got := hub.heard(); strings.Contains(got, "POST") {
		t.Errorf("without agreement: %s", got)
	}
	h.typed = "Yes\n"
	out := h.says(exitDone, "The household has joined "+name, "group", "join", link)
	if !strings.Contains(out, "It isn't subscribed to the group's list") {
		t.Errorf("without the list's key: %s", out)
	}
	if got := hub.heard(); got != `GET /list/manifest.json ; POST /v1/join {"invite":"`+secret+`"}` {
		t.Error(got)
	}
	h.says(exitFailed, "joined that group already", "group", "join", link, "--agree")
	listed := h.says(exitDone, "1  "+name+" ("+hub.URL+"), joined today", "group", "list")
	for _, what := range []string{secret, "rfk_"} {
		if strings.Contains(listed, what) {
			t.Errorf("the list of groups has a secret in it: %s", listed)
		}
	}
	h.says(exitDone, "Nothing is sent to "+name, "group", "pause")
	h.says(exitDone, "Sending is paused", "group", "list")
	h.says(exitDone, "are sent to "+name+" again", "group", "resume", name)
	h.says(exitDone, "Nothing has been sent to "+name+" yet", "group", "sent")
	h.says(exitDone, "", "group", "sent", "--json")
	h.says(exitFailed, "in no group \"x\"", "group", "sent", "x")
	h.says(exitDone, "The household has left "+name, "group", "leave", "1")
	if got := hub.heard(); !strings.HasSuffix(got, "POST /v1/leave ") {
		t.Error(got)
	}
	h.says(exitDone, ", left today", "group", "list")
	h.says(exitDone, "Nothing has been sent to "+name+" yet", "group", "sent")
	h.says(exitFailed, "is in no group", "group", "pause")
	// Without a word in the settings no hub at home is spoken with.
	careful := newHome(t, usualSettings)
	careful.says(exitFailed, "begins with http", "group", "join", link, "--agree")
	careful.says(exitFailed, "private network", "group", "join", strings.Replace(link, "http:", "https:", 1), "--agree")
}
