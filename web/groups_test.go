package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/outbox"
)

const (
	hubSecret = "q9Jx2mV4bT7nZ0aLkR5sWcY8"
	hubKey    = "rfk_4aYh3sFqZ9cVb1Lw8XkPmN2tR6uE0jDo"
	listKey   = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
)

// groupsOf are the groups of a site. Its hubs are on this machine.
func (s *site) groupsOf(db *store.Store) group.Groups {
	reach := fetch.New(fetch.Options{AllowPrivate: true})
	s.t.Cleanup(reach.Close)
	return group.Groups{
		Store: db, Client: group.Client{HTTP: reach.Messages(), OwnNetwork: true}, Hold: group.Hold, Now: time.Now,
		House: func(ctx context.Context, household string) (screening.Household, error) {
			house, err := db.Household(ctx, household)
			house.Region, house.Number = "GB", "+442079460100"
			return house, err
		},
	}
}

// fillGroups lets mum's house be in a group.
func (s *site) fillGroups() {
	s.t.Helper()
	var err error
	s.group, err = s.db.Outbox.JoinGroup(s.t.Context(), outbox.Group{Household: "mum", Name: hostileName, URL: "http://127.0.0.1:1", Joined: siteNow.AddDate(0, -1, 0), By: "Owner Taylor", From: siteNow.AddDate(0, -1, 0)}, hubKey)
	s.ok(err)
	s.ok(s.db.Outbox.ReportSent(s.t.Context(), s.group, outbox.SentReport{Number: "+442079460777", Kind: outbox.SaysFor, Category: "bank",
		Body: `{"number":"+442079460777","category":"bank","day":"2026-11-20","kind":"for"}`, At: siteNow.AddDate(0, 0, -4), Refused: "“" + hostileName + "”"}))
}

// newHub is a group's hub, and what it was asked.
func newHub(t *testing.T) (address string, asked <-chan string) {
	t.Helper()
	requests := make(chan string, 10)
	manifest, err := json.Marshal(map[string]any{
		"format": "ringfence-list/1", "name": "Great Dunmow", "publisher": "The parish council " + hostileName, "purpose": "Scam callers", "region": "GB", "licence": "CC0-1.0",
		"contact": "clerk@parish.example", "appeals": "appeals@parish.example", "serial": 1, "made": "2026-11-24T10:00:00Z", "valid_until": "2026-12-24T10:00:00Z", "entries": 0,
		"parts": []any{map[string]any{"file": "full-1.ndjson.gz", "size": 20, "unpacked": 0, "entries": 0, "sha256": strings.Repeat("ab", 32)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing is seen
		requests <- strings.TrimSpace(r.Method + " " + r.URL.Path + " " + string(body))
		switch r.URL.Path {
		case "/list/manifest.json":
			_, _ = w.Write(manifest) // whoever asked may have left
		case "/list/manifest.json.minisig": // which household.TestJoinGroup has
			w.WriteHeader(http.StatusNotFound)
		case "/v1/join":
			_, _ = io.WriteString(w, `{"key":"`+hubKey+`","list_key":"`+listKey+`"}`)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(hub.Close)
	return hub.URL, requests
}

// An owner is given a link, sees who it is and what is sent, agrees, pauses, sees what was sent, and leaves.
//
// Long: one story, each step of which rests on those before it.
func TestGroupsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.ReportNumber(t.Context(), "gran", "+442079460776", "bank", store.ByTelephone))
	s.ok(s.db.SetMembership(t.Context(), "gran", s.people["owner"].ID, store.RoleOwner, true))
	address, asked := newHub(t)
	b := s.browse("owner", "/h/gran/blocks")
	b.press("Reported numbers 1")
	b.sees("It stays in this house unless you join a group.")
	b.open("/h/gran/groups")
	b.sees("You aren’t in a group yet, so your reports stay in this house.")
	b.shot("groups-none")
	b.axe()
	b.fits()
	b.fill("The group’s link", "https://hub.example/")
	b.press("See who it is")
	b.sees("This is not a link to join a group")
	b.axe()
	b.fill("The group’s link", address+"/join#"+hubSecret)
	b.press("See who it is")
	b.sees("Join Great Dunmow?")
	b.sees("The parish council " + hostileName)
	b.sees(`{"number":"+442079460999","category":"tech-support","day":"2026-11-24","kind":"for"}`)
	if got := <-asked; got != "GET /list/manifest.json" {
		t.Errorf("before anybody agreed it was asked %q", got)
	}
	if here := eval[string](b, "location.href"); strings.Contains(here, hubSecret) {
		t.Errorf("the secret is in the address %s", here)
	}
	b.shot("group-join")
	b.axe()
	b.fits()
	b.press("I agree: join Great Dunmow")
	b.sees("The household has joined Great Dunmow, and sends it its reports from now on. It couldn't subscribe to the group's list: The list is not signed, although a key belongs to it.")
	for _, want := range []string{`POST /v1/join {"invite":"` + hubSecret + `"}`, "GET /list/manifest.json", "GET /list/manifest.json.minisig"} {
		if got := <-asked; got != want {
			t.Errorf("joining asked %q", got)
		}
	}
	if html := eval[string](b, "document.documentElement.outerHTML"); strings.Contains(html, hubKey) || strings.Contains(html, hubSecret) {
		t.Error("the page has a secret in it")
	}
	b.sees("No reports sent yet.")
	b.shot("groups")
	b.axe()
	b.fits()
	b.press("Pause sending to Great Dunmow")
	b.sees("Nothing is sent to Great Dunmow until you go on.")
	b.sees("Paused")
	b.press("Undo")
	b.sees("Reports are sent to Great Dunmow again.")
	b.press("What was sent to Great Dunmow")
	b.sees("Nothing has been sent yet.")
	b.press("Back to groups")
	b.press("Leave the group Great Dunmow")
	b.sees("Reports that were sent stay with the group")
	b.press("Leave Great Dunmow")
	b.sees("The household has left Great Dunmow. Its key is deleted, and it sends nothing more.")
	b.sees("Groups that you have left")
	if got := <-asked; got != "POST /v1/leave" {
		t.Errorf("leaving asked %q", got)
	}
	b.shot("groups-left")
	for _, want := range []string{"The household has joined Great Dunmow", "has left Great Dunmow", "Nothing is sent to Great Dunmow"} {
		b.open("/h/gran/changes")
		b.sees(want)
	}
}

// The page of blocks says of each report how far it is; and on the group's page stands what was sent, word for word.
func TestReportsOnTheirWayInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	sent := func(n screening.Number, kind, category, refused string) {
		s.ok(s.db.Outbox.ReportSent(ctx, s.group, outbox.SentReport{Number: n, Kind: kind, Category: category, Body: `{"number":"` + string(n) + `","kind":"` + kind + `"}`, At: time.Now(), Refused: refused}))
	}
	for i, n := range []screening.Number{"+442079460991", "+442079460992", "+442079460993", "+442079460994", "+442079460100"} {
		s.ok(s.db.ReportNumber(ctx, "mum", n, store.Categories()[i], "Carer Taylor"))
	}
	sent("+442079460992", outbox.SaysFor, "bank", "")
	sent("+442079460993", outbox.SaysFor, "courier", "“"+hostileName+"”")
	sent("+442079460994", outbox.SaysFor, "prize", "")
	_, err := s.db.WithdrawReport(ctx, "mum", "+442079460994")
	s.ok(err)
	b := s.browse("carer", "/h/mum/blocks")
	b.unfold()
	b.sees("It goes to your groups after an hour")
	b.sees("Held until")
	b.sees("Sent to " + hostileName)
	b.sees("Refused by " + hostileName + ": “" + hostileName + "”.")
	b.sees("Stays here, and isn’t sent to " + hostileName + ": it is the household’s own number.")
	b.sees("020 7946 0994 Waiting to be withdrawn from " + hostileName)
	b.shot("reports-on-their-way")
	b.axe()
	b.fits()
	s.ok(s.db.Outbox.PauseGroup(ctx, "mum", s.group, true))
	b.open("/h/mum/blocks")
	b.unfold()
	b.sees("Waiting to be withdrawn from " + hostileName + ". Sending is paused.")
	s.ok(s.db.Outbox.PauseGroup(ctx, "mum", s.group, false))
	s.ok(s.db.Outbox.GroupFailed(ctx, s.group, "The group’s hub cannot be reached.", siteNow.Add(time.Hour)))
	b.open("/h/mum/groups")
	b.sees("The group’s hub cannot be reached. Ringfence will try again today at 12:00")
	b.sees("Only an owner of this household can join or leave a group.")
	b.shot("groups-failing")
	b.axe()
	sent("+442079460994", outbox.SaysWithdraw, "", "")
	b.open("/h/mum/blocks")
	b.unfold()
	b.sees("020 7946 0994 Withdrawn from " + hostileName)
	b.press("Withdraw the report of 020 7946 0991") // within the hour
	b.sees("The report of 020 7946 0991 is withdrawn.")
	b.press("Undo")
	b.sees("Undone: 020 7946 0991 is reported as: “Your computer has a problem”.")
	b.open("/h/mum/groups/" + itoa(s.group) + "/sent")
	b.sees(`{"number":"+442079460994","kind":"withdraw"}`)
	b.sees("Refused by the group")
	b.shot("group-sent")
	b.axe()
	b.fits()
}

// What was reported before joining is sent only where an owner says so.
func TestEarlierReportsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.db.Outbox.JoinGroup(t.Context(), outbox.Group{Household: "gran", Name: "Parish", URL: "http://127.0.0.1:1", Joined: time.Now().Add(time.Hour), From: time.Now().Add(time.Hour)}, hubKey)
	s.ok(err)
	s.ok(s.db.ReportNumber(t.Context(), "gran", "+442079460776", "bank", ""))
	s.ok(s.db.SetMembership(t.Context(), "gran", s.people["owner"].ID, store.RoleOwner, true))
	if page := s.as("both").get("/h/gran/groups").body; strings.Contains(page, "earlier report") {
		t.Error("a carer can send what an owner keeps")
	}
	b := s.browse("owner", "/h/gran/blocks")
	b.unfold()
	b.sees("it was made before you joined")
	b.open("/h/gran/groups")
	b.press("Also send the earlier report")
	b.sees("Earlier reports, from before you joined, now go to Parish, too.")
	b.sees("1 held for an hour.")
}
