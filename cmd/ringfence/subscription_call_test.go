package main_test

import (
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/demo/testbed"
	"ringfence/sharing/list"
)

// A list that others publish: got, brought up to date, and out of date.
func TestNumbersOfASubscribedList(t *testing.T) {
	h := openHouse(t, raced, func(o *testbed.Options) { o.Extra = "[lists]\nallow_private = true\n" })
	dir := h.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	public, secret, err := minisign.GenerateKey(nil)
	h.must(err)
	publish := func(number string) {
		facts := list.Manifest{Name: "Great Dunmow", Publisher: "x", Purpose: "x", Region: "GB", Licence: "x", Contact: "x", Appeals: "x"}
		_, err := list.Publish(h.ctx, dir, secret, facts, func(yield func(list.Entry, error) bool) {
			yield(list.Entry{Digits: number, Category: "tech-support", Confidence: 0.9}, nil)
		}, list.Options{})
		h.must(err)
	}
	publish("441614960666")
	h.run("list", "subscribe", server.URL, "--key", public.String())
	publish("442079460666")
	h.run("list", "update")
	out := h.dials(scammer)
	h.hears(out, "inspection")
	h.ended(out)
	h.neverRang(h.hall)
	if c := h.lastCall("turn-away", "turned-away"); c.Reasons[0].Code != "list" {
		t.Errorf("the log says %+v", c)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.Dir, "data", "ringfence.db")+"?_busy_timeout=5000")
	h.must(err)
	_, err = db.ExecContext(h.ctx, "UPDATE list_versions SET valid_until = ?", time.Now().Add(-time.Second).Unix())
	h.must(errors.Join(err, db.Close()))
	out = h.dials(scammer)
	h.hears(out, "ask-name", "beep", "ask-name-again", "beep", "no-name")
	h.ended(out)
	if c := h.lastCall("screen", "no-name"); c.Reasons[0].Code != "reported" || !strings.Contains(c.Reasons[0].Text, "out of date since") {
		t.Errorf("the log says %+v", c)
	}
}
