package web

import (
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// A try that takes too long ends with what to do, and changes nothing; without one it is done.
func TestTriesThatTakeTooLong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.longTalk()
	s.TryTime = time.Nanosecond
	const says = "Trying this took too long, so it was stopped. Nothing has changed. You can make the change without trying it."
	c, before := s.as("owner"), s.auditLines()
	for path, fields := range map[string][]string{
		"settings/checks":   {"withheld", "turn-away"},
		"settings/mode":     {"mode", "known-only"},
		"settings/week/add": {"day", "daily", "from", "00:00", "to", "23:59", "what", "quiet"},
		"blocks":            {"number", "020 7946 0555", "which", "number"},
		"blocks/countries":  {"countries", "France", "do", "turn-away"},
		"lists/threshold":   {"threshold", "0.95"},
	} {
		if a := c.post("/h/mum/"+path, append(fields, "try", "yes")...); a.status != 422 || !strings.Contains(a.body, says) {
			t.Errorf("%s: answered %d: %s", path, a.status, a.body)
		}
	}
	s.program("owner", store.ScopeChange, "").wants(
		s.program("owner", store.ScopeChange, "").json("POST", "households/mum/preview", `{"method":"PATCH","path":"options","body":{"withheld":"turn-away"}}`), 422, says)
	if s.auditLines() != before {
		t.Error("trying has changed something")
	}
	if a := c.post("/h/mum/settings/mode", "mode", "known-only"); a.status != 200 && a.status != 303 {
		t.Errorf("without trying it, it answered %d", a.status)
	}
	if a := c.post("/h/mum/settings/mode", "mode", "known-only", "tried", "yes"); a.status != 303 || s.home(t).Mode != screening.KnownOnly {
		t.Errorf("sure, it answered %d", a.status)
	}
}
