package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// past logs calls of yesterday: a stranger's, with whom somebody talked for four minutes, and one without a number.
func (h home) past() {
	h.Helper()
	db, err := store.Open(h.Context(), filepath.Join(h.data, "ringfence.db"))
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	at := time.Now().Add(-24 * time.Hour)
	for channel, id := range map[string]screening.Identity{
		"1": {Number: "02079460302", Presentation: "allowed_not_screened"}, "2": {Presentation: "prohib_not_screened"},
	} {
		caller := screening.Identify(id, "GB")
		v := screening.Decide(screening.Call{At: at, Caller: caller}, screening.Household{Region: "GB"}, screening.Knowledge{})
		call, err := db.CallArrived(h.Context(), "home", channel, at, id, caller, v, "")
		if err != nil {
			h.Fatal(err)
		}
		if err := db.CallStep(h.Context(), call, at, calllog.PickedUp{}); err != nil {
			h.Fatal(err)
		}
		if err := db.CallEnded(h.Context(), call, at.Add(4*time.Minute), calllog.Talked); err != nil {
			h.Fatal(err)
		}
	}
}

// Every command that changes what happens to calls says first what it would have done, and changes nothing.
func TestDryRuns(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "calls")
	h.past()
	list := filepath.Join(t.TempDir(), "scams.csv")
	if err := os.WriteFile(list, []byte("number\n020 7946 0302\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const away = "1 call would have been turned away instead of being asked who they are. In it you talked for more than a minute."
	for _, c := range []struct {
		words string
		args  []string
	}{
		{away, []string{"option", "withheld", "turn-away", "--dry-run"}},
		{away, []string{"block", "add", "020 7946 0302", "--dry-run"}},
		{away, []string{"block", "add", "020 7946", "--prefix", "--dry-run"}},
		{away, []string{"list", "import", list, "--dry-run"}},
		{"2 calls would have rung instead", []string{"mode", "block-only", "--dry-run"}},
		{"2 calls would have been asked to leave a message", []string{"schedule", "add", "daily", "00:00-23:59", "quiet", "--dry-run"}},
		{"1 call would have rung instead", []string{"contact", "add", "Bank", "02079460302", "--dry-run"}},
		{"would have gone the same way", []string{"country", "add", "France", "--dry-run"}},
		{"Bank", []string{"contact", "add", "Bank", "02079460302"}},
		{"1 call would have been asked who they are instead of ringing", []string{"contact", "remove", "Bank", "--dry-run"}},
		{"All 2 calls since", []string{"replay"}},
		{away, []string{"replay", "--option", "withheld=turn-away"}},
		{"1 call would have rung instead", []string{"replay", "--block", "0207*", "--option", "withheld=ring", "--mode", "ask", "--threshold", "0.9", "--time", "daily 01:00-01:01 quiet"}},
		{"1 call would have rung instead", []string{"replay", "--contact", "020 7946 0303", "--option", "withheld=ring"}},
		{"There are no blocks yet", []string{"block"}},
		{"There are no lists yet", []string{"list"}},
		{"ask", []string{"mode"}},
	} {
		h.says(0, c.words, c.args...)
	}
	h.says(2, "there is no option", "replay", "--option", "colour=red")
	h.says(2, "can't be blocked", "block", "add", "101", "--dry-run")
	h.says(1, "scams.txt", "replay", "--list", "scams.txt")
	h.says(0, "", "contact", "remove", "Bank")
	h.typed = "2026-11-20 11:00,020 7946 0303,020 7946 0302\n"
	h.says(1, "Nothing was tried. Say which with --column", "replay", "-")
	h.typed = "2026-11-20 11:00,020 7946 0303,020 7946 0302\n"
	h.says(0, "1 call would have been turned away", "replay", "-", "--column", "3", "--block", "020 7946 0302")
	two := filepath.Join(t.TempDir(), "two.csv")
	if err := os.WriteFile(two, []byte("a,b\n020 7946 0303,020 7946 0302\n020 7946 0305,020 7946 0306\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(1, "Nothing was tried. Say which with --column", "replay", "--list", two)
	h.says(0, away, "replay", "--list", two, "--column", "b")
	h.typed = "2026-11-20 11:00,020 7946 0302,Bank\n"
	if code, _, told := h.run("replay", "-", "--list", two); code != 1 || !strings.Contains(told, "Say which with --list-column") {
		t.Errorf("exit %d, %q", code, told)
	}
	h.typed = "2026-11-20 11:00,020 7946 0302,Bank\n"
	h.says(0, "1 call would have been turned away", "replay", "-", "--list", two, "--list-column", "2")
	h.says(1, "there is no table", "replay", "--column", "2")
}

// A log of one's own is read, and `ringfence calls --json` gives one; programs get an object.
func TestReplayOfAFile(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "calls")
	h.past()
	_, calls, _ := h.run("calls", "--json")
	log := filepath.Join(t.TempDir(), "calls.json")
	if err := os.WriteFile(log, []byte(calls), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "1 call would have been turned away", "replay", log, "--option", "withheld=turn-away")
	h.typed = "2026-11-20 11:00,020 7946 0303,Surgery\nrubbish,1\n2026-11-21 11:00,020 7946 0304,\n"
	code, out, errOut := h.run("replay", "-", "--block", "02079460303", "--json")
	var answer struct {
		Calls, Changed int
		Groups         []struct {
			To    struct{ Action string }
			Shown []struct{ Number, Name string }
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 || answer.Calls != 2 || answer.Changed != 1 || answer.Groups[0].To.Action != "turn-away" ||
		answer.Groups[0].Shown[0].Name != "Surgery" || !strings.Contains(errOut, `Line 2: "rubbish" is no date`) {
		t.Errorf("exit %d, %+v, %s %s %v", code, answer, out, errOut, err)
	}
	h.says(1, "cannot be read", "replay", "/nonexistent")
}
