package group

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ringfence/store/outbox"
)

// A group that was left is sent nothing, and its hub is told that the key is not used any more. Each household has its own.
func TestLeaving(t *testing.T) {
	b := newBench(t)
	g := b.joins("home", false)
	b.joins("other", false)
	if _, err := b.Accept(t.Context(), "home", Offer{Link: Link{URL: b.hub.URL, Invite: aSecret}}); !errors.Is(err, outbox.ErrGroupJoined) {
		t.Error(err)
	}
	if got := b.hub.heard(); len(got) != 0 {
		t.Errorf("an invitation was used for nothing: %q", got)
	}
	b.reports(steve, "bank")
	b.leaves(g)
	if got := b.hub.heard(); len(got) != 1 || got[0] != "POST /v1/leave Bearer "+aHubsKey {
		t.Errorf("%q", got)
	}
	b.after(2 * time.Hour)
	again := b.joins("home", true)
	b.hub.Close() // who is not there is left all the same
	b.leaves(again)
}

// Joining sends the invitation and nothing else; what comes back is checked.
func TestJoining(t *testing.T) {
	b := newBench(t)
	link := b.hub.URL + "/join#" + aSecret
	b.hub.says(http.StatusNotFound, "")
	o, err := b.Meet(t.Context(), link)
	if err != nil || o.Name != strings.TrimPrefix(b.hub.URL, "http://") || o.Publisher != "" {
		t.Errorf("%+v %v", o, err)
	}
	b.hub.says(http.StatusOK, manifest(t))
	o, err = b.Meet(t.Context(), link)
	if err != nil || o.Name != "Great Dunmow" || o.Publisher != "The parish council" || o.Contact != "clerk@parish.example" {
		t.Errorf("%+v %v", o, err)
	}
	if got := b.hub.heard(); len(got) != 2 || got[1] != "GET /list/manifest.json" {
		t.Errorf("more than that was asked: %q", got)
	}
	for status, answer := range map[int]string{
		200: "", 201: `{"key":"short"}`, 202: `{}`, 400: `{"error":"no"}`, 403: ``, 404: ``, 410: `no`, 500: ``, 302: ``, 429: ``, 203: strings.Repeat("x", 1<<20),
	} {
		b.hub.says(status, answer)
		_, err := b.Accept(t.Context(), "home", o)
		var f *Failure
		if !errors.As(err, &f) || strings.Contains(err.Error(), aSecret) {
			t.Errorf("%d %.20s: %v", status, answer, err)
		}
	}
	b.hub.says(http.StatusTooManyRequests, `{"detail":"Ten households have joined from this network."}`)
	if _, err := b.Accept(t.Context(), "home", o); err == nil || !strings.Contains(err.Error(), "takes no more households for now; it says: “Ten households have joined from this network.”") {
		t.Error(err)
	}
	for _, answer := range []string{"", "<html>", `{"format":"other"}`, strings.Repeat("x", 300<<10)} {
		b.hub.says(http.StatusOK, answer)
		if o, err := b.Meet(t.Context(), link); err == nil {
			t.Errorf("%.20s: %+v", answer, o)
		}
	}
	b.hub.heard()
	b.hub.says(http.StatusOK, `{"key":"`+aHubsKey+`","list_key":"`+aKey+`"}`)
	a, err := b.Accept(t.Context(), "home", o)
	if err != nil || a.ListURL != b.hub.URL+"/list/" || a.ListKey != aKey || a.Key != aHubsKey || a.Household != "home" {
		t.Errorf("%+v %v", a, err)
	}
	if got := b.hub.heard(); len(got) != 1 || got[0] != `POST /v1/join {"invite":"`+aSecret+`"}` {
		t.Errorf("%q", got)
	}
	o.Link.Key = "RWQanotherway"
	if a, err := b.Accept(t.Context(), "home", o); err != nil || a.ListKey != o.Link.Key {
		t.Errorf("%+v %v", a, err)
	}
}

func manifest(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"format": "ringfence-list/1", "name": "Great Dunmow", "publisher": "The parish council", "purpose": "Scam callers", "region": "GB", "licence": "CC0-1.0",
		"contact": "clerk@parish.example", "appeals": "appeals@parish.example", "serial": 1, "made": "2026-11-24T10:00:00Z", "valid_until": "2026-12-24T10:00:00Z", "entries": 0,
		"parts": []any{map[string]any{"file": "full-1.ndjson.gz", "size": 20, "unpacked": 0, "entries": 0, "sha256": strings.Repeat("ab", 32)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
