package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// fill puts into the household's store what only calls put there.
func (h home) fill(do func(db *store.Store) error) {
	h.Helper()
	db, err := store.Open(h.Context(), filepath.Join(h.data, "ringfence.db"))
	if err != nil {
		h.Fatal(err)
	}
	if err := do(db); err != nil {
		h.Error(err)
	}
	if err := db.Close(); err != nil {
		h.Error(err)
	}
}

func TestPassCodeCommands(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "There are no pass codes", "passcode", "list")
	h.says(0, "There are no pass codes", "passcode")
	h.says(0, "The pass code of Dr Patel is 48213375.", "passcode", "add", "Dr Patel", "48213375")
	made := h.says(0, "The pass code of Daughter is ", "passcode", "add", "Daughter")
	if code := strings.TrimSuffix(strings.TrimSpace(made[strings.LastIndex(made, " "):]), "."); len(code) != 6 {
		t.Errorf("%q", code)
	} else {
		h.says(0, code, "passcode", "list")
	}
	h.says(1, "in use already, by Dr Patel", "passcode", "add", "Peter", "48213375")
	h.says(1, "too easy to guess", "passcode", "add", "Peter", "123456")
	h.says(1, "4 to 8 digits", "passcode", "add", "Peter", "407")
	h.says(1, "only digits", "passcode", "add", "Peter", "four")
	h.says(1, "has a pass code already", "passcode", "add", "daughter", "9583")
	h.says(2, "", "passcode", "add")
	h.says(0, "never", "passcode", "list")
	h.says(0, "no pass code any more", "passcode", "remove", "dr patel")
	h.says(1, "has no pass code", "passcode", "remove", "Dr Patel")
}

func TestMessageCommands(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "There are no messages", "messages")
	if code, out, _ := h.run("messages", "--json"); code != 0 || out != "" {
		t.Errorf("no messages are no lines: %q", out)
	}
	h.says(1, "There is no message of this call", "messages", "delete", "17")
	h.says(2, "", "messages", "delete", "first")
	h.says(2, "", "messages", "delete")
	h.says(0, "", "contact", "add", "Daughter", "02079460001")
	var call int64
	h.fill(func(db *store.Store) (err error) {
		caller := screening.Caller{Number: "+442079460001", Name: "D SMITH", Presentation: screening.Allowed}
		if call, err = db.CallArrived(t.Context(), "home", "1", time.Now(), screening.Identity{}, caller, screening.Verdict{}, ""); err != nil {
			return err
		}
		return db.Keep(t.Context(), call, "message", []byte("RIFF"), 2500*time.Millisecond)
	})
	h.says(0, "Daughter 020 7946 0001", "messages")
	out := h.says(0, "{", "messages", "--json")
	var m struct {
		Call               int64
		At                 time.Time
		Number, Name, File string
		Heard              *bool
		Seconds            float64
	}
	if err := json.Unmarshal([]byte(out), &m); err != nil || m.Call != call || m.Number != "+442079460001" || m.Name != "Daughter" || m.Heard == nil ||
		*m.Heard || m.Seconds != 2.5 || time.Since(m.At) > time.Minute || !strings.HasPrefix(m.File, filepath.Join(h.data, "recordings")) {
		t.Errorf("%s: %+v %v", out, m, err)
	}
	h.says(0, "is deleted", "messages", "delete", strconv.FormatInt(call, 10))
	h.says(0, "There are no messages", "messages", "list")
}

func TestNoticeAndDialledCommands(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "There are no notices yet", "notices")
	h.says(2, "give 1 or more", "notices", "--limit", "0")
	h.says(0, "No number has been dialled", "dialled", "list")
	h.says(1, "020 7946 0001 hasn't been dialled", "dialled", "forget", "020", "7946", "0001")
	h.says(1, "is too short", "dialled", "forget", "5")
	h.says(2, "", "dialled", "forget")
	h.fill(func(db *store.Store) error {
		if err := db.NumberDialled(t.Context(), "home", "+442079460001", time.Now()); err != nil {
			return err
		}
		return db.EmergencyDialled(t.Context(), "home", time.Now(), "999")
	})
	h.says(0, "999 was dialled from the house", "notices")
	out := h.says(0, "{", "notices", "--json")
	var n struct {
		ID         int64
		At         time.Time
		Kind, Text string
	}
	if err := json.Unmarshal([]byte(out), &n); err != nil || n.ID == 0 || n.Kind != "emergency-dialled" || n.Text == "" || time.Since(n.At) > time.Minute {
		t.Errorf("%s: %+v %v", out, n, err)
	}
	h.says(0, "020 7946 0001", "dialled", "list")
	h.says(0, "has forgotten", "dialled", "forget", "02079460001")
	h.says(0, "No number has been dialled", "dialled", "list")
}
