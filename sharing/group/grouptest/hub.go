// Package grouptest is a group's hub for tests.
package grouptest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/sharing/list"
)

// Invite is an invitation that every hub of a test takes.
const Invite = "q9Jx2mV4bT7nZ0aLkR5sWcY8"

// Hub is a hub on this machine, with an empty list that it signs.
type Hub struct{ URL, ListKey string }

// Open opens the hub of the group of that name until the test ends. It gives every household that joins the same key.
func Open(t *testing.T, name string) Hub {
	t.Helper()
	public, secret, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, now := t.TempDir(), time.Now()
	m := list.Manifest{
		Name: name, Publisher: "The parish council", Purpose: "Scam callers", Region: "GB", Licence: "CC0-1.0", Contact: "clerk@parish.example",
		Appeals: "appeals@parish.example", Made: now, ValidUntil: now.AddDate(0, 0, 30),
	}
	if _, err := list.Publish(t.Context(), dir, secret, m, func(func(list.Entry, error) bool) {}, list.Options{}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/list/", http.StripPrefix("/list/", http.FileServer(http.Dir(dir))))
	mux.HandleFunc("/v1/join", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"key":"rfk_4aYh3sFqZ9cVb1Lw8XkPmN2tR6uE0jDo","list_key":"`+public.String()+`"}`) // whoever asked may have left
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return Hub{server.URL, public.String()}
}
