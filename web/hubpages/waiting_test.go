package hubpages

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/hub"
)

const pending screening.Number = "+442079460888"

// What new households of one invitation report only warns; a moderator sees why it waits, and one click ends that.
func TestWaitingForAModerator(t *testing.T) {
	s := newSite(t)
	s.newcomersReport(pending)
	m := s.moderator()
	a := m.get("/moderate")
	m.sees(a, 200, "020 7946 0888", "Reported by 5 households", "29% sure", "Too many of these households joined within the last week.", "joined with the same invitation.")
	if strings.Contains(a.body, "very few networks") {
		t.Error("a reason is given that is none")
	}
	m.sees(m.get("/moderate/numbers/442079460888"), 200, "On the list.", "Before it turns callers away, it waits for a moderator.", "Why it waits for you:", "5 of the households that reported it joined within the last week")
	m.sees(m.get("/moderate/invitations"), 200, "9 of 100 households joined, 5 within the last week")
	// The form as it stands on the page.
	a = m.post("/moderate/numbers/442079460888", "what", "confirm", "category", "bank", "from", "waiting", "why", "Looked at while it waited, with 5 households for and 0 against.")
	m.sees(a, 200, "020 7946 0888: Confirmed as a scammer’s.", "No number is waiting for you.")
	if a.path != "/moderate" {
		t.Error(a.path)
	}
	m.sees(m.get("/moderate/numbers/442079460888"), 200, "A moderator has confirmed it.", "83% sure", "Looked at while it waited, with 5 households for and 0 against.")
}

func TestWaitingInABrowser(t *testing.T) {
	s := newSite(t)
	s.newcomersReport(pending)
	s.newcomersReport(pending + "1")
	b := s.as(s.moderator())
	b.Sees("Until you decide, they only bring a warning.")
	looked(b, "waiting")
	b.Press("Confirm: it is a scammer’s (020 7946 0888)")
	b.Sees("020 7946 0888: Confirmed as a scammer’s.")
	b.Press("Dismiss: it isn’t (+4420794608881)")
	b.Sees("No number is waiting for you.")
	for n, want := range map[screening.Number]string{pending: hub.Confirm, pending + "1": hub.Dismiss} {
		d, err := s.db.Decisions(t.Context(), hub.Subject{Digits: string(n[1:])}, 1)
		if err != nil || len(d) != 1 || d[0].What != want || d[0].Who != "Anna Taylor" || d[0].Why == "" {
			t.Errorf("%s: %+v %v", n, d, err)
		}
	}
}

// Whoever joins again and again from one neighbourhood is stopped, by whichever address of it; behind a proxy that is told of, others are
// not; and where a proxy is not told of, the log says so.
func TestJoiningFromOneNeighbourhood(t *testing.T) {
	s := newSite(t)
	join := func(from string) answer {
		t.Helper()
		return s.client().send(http.MethodPost, "/v1/join", "application/json", strings.NewReader(`{"invite":"`+s.invite+`"}`), "X-Forwarded-For", from)
	}
	if a := join("198.51.100.1"); a.status != http.StatusCreated {
		t.Errorf("%+v", a)
	}
	if log := s.log.String(); strings.Count(log, "proxies in hub.toml is 0") != 1 || strings.Contains(log, "198.51.100.1") {
		t.Error(log)
	}
	s.Proxies = 1
	for i := range hub.JoinsPerNetwork {
		if a := join(fmt.Sprintf("198.51.100.%d", 1+i)); a.status != http.StatusCreated {
			t.Fatalf("%d: %+v", i, a)
		}
	}
	if a := join("198.51.100.99"); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "joined from this network") || a.header.Get("Retry-After") != "43200" {
		t.Errorf("%+v", a)
	}
	if a := join("203.0.113.7"); a.status != http.StatusCreated {
		t.Errorf("somebody else has to wait: %+v", a)
	}
	for i := 12; i < hub.JoinsPerInvitation; i++ {
		if a := join(fmt.Sprintf("2001:db8:%d::1", i)); a.status != http.StatusCreated {
			t.Fatalf("%d: %+v", i, a)
		}
	}
	if a := join("2001:db8:ff::1"); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "with this invitation today") {
		t.Errorf("%+v", a)
	}
}
