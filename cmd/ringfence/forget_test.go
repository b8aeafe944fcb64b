package main

import (
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// The command first says what is kept and what stays, and erases it only for somebody who is sure.
func TestForgetByCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	const steve = screening.Number("+442079460666")
	h.says(0, "", "block", "add", "020 7946 0666")
	db := h.store()
	call, err := db.CallArrived(t.Context(), "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: steve}, screening.Verdict{}, calllog.MessageLeft)
	if err == nil {
		err = db.Keep(t.Context(), call, calllog.RecordedMessage, []byte("RIFF"), time.Second)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	code, out, errOut := h.run("forget", "020", "7946", "0666")
	if code != exitUsage || !strings.Contains(errOut, "If you are sure, add --sure") || strings.Count(errOut, "\n") != 1 {
		t.Errorf("%d %q", code, errOut)
	}
	for _, words := range []string{"- 1 call, with 1 recording of what was said. Nobody has marked 1 message as heard yet.", "- The number stays blocked.", "- Backups still have the caller."} {
		if !strings.Contains(out, words) {
			t.Errorf("%q is not in %s", words, out)
		}
	}
	h.says(0, "020 7946 0666", "calls")
	h.says(0, "A caller was forgotten: 1 call, 1 recording and all else that was kept about them.", "forget", "--sure", "02079460666")
	h.says(0, "There are no calls yet", "calls")
	h.says(0, "020 7946 0666", "block", "list")
	h.says(1, "Nothing is kept about calls from 020 7946 0666.", "forget", "--sure", "02079460666")
	h.says(1, "too short", "forget", "12")
}
