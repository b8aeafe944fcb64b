package hubpages

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"ringfence/sharing/hub"
)

// Every address of moderators brings others to the sign-in, and changes nothing.
func TestModeratorsAlone(t *testing.T) {
	s := newSite(t)
	v := s.client()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	routes := 0
	for _, rt := range s.allRoutes() {
		if !rt.moderators {
			continue
		}
		routes++
		method, pattern, _ := strings.Cut(rt.pattern, " ")
		path := strings.NewReplacer("{number}", "442079460123", "{id}", "1").Replace(pattern)
		a := v.send(method, path, "application/x-www-form-urlencoded", strings.NewReader("what=dismiss&why=because&note=x&uses=1&days=1&answer=x"))
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
			t.Errorf("%s answers %d", rt.pattern, a.status)
		}
	}
	if routes < 15 {
		t.Errorf("%d routes of moderators were tried", routes)
	}
	if all, err := s.db.Decisions(t.Context(), hub.Subject{}, 10); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
	if _, err := os.Stat(s.folder); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the list was published", err)
	}
	// Nor does a form of another site do anything in a moderator's browser.
	m := s.moderator()
	a := m.send("POST", "/moderate/numbers/442079460123", "application/x-www-form-urlencoded", strings.NewReader("what=dismiss&why=because"), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	m.sees(a, 403, "came from another site")
	if all, err := s.db.Decisions(t.Context(), hub.Subject{}, 10); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
}

func TestSigningIn(t *testing.T) {
	s := newSite(t)
	v := s.client()
	v.sees(v.post("/sign-in", "email", "anna@example.org", "password", "wrong"), 422, "don't match")
	v.sees(v.post("/sign-in", "email", "nobody@example.org", "password", password), 422, "don't match")
	if a := v.get("/moderate/keys?key=X"); a.path != "/sign-in" || !strings.Contains(a.body, `value="/moderate/keys?key=X"`) {
		t.Error(a)
	}
	if a := v.post("/sign-in", "email", " ANNA@example.org", "password", password, "to", "/moderate/keys?key=X"); a.path != "/moderate/keys" {
		t.Error(a.path)
	}
	if a := s.client().post("/sign-in", "email", "ben@example.org", "password", password, "to", "https://evil.example/"); a.path != "/moderate" {
		t.Error(a.path)
	}
	// A new password ends the sessions.
	m, _, err := s.db.People.ByEmail(t.Context(), "anna@example.org")
	s.ok(err)
	link, err := s.db.People.MakePasswordLink(t.Context(), m.ID, siteNow.AddDate(0, 0, 1))
	s.ok(err)
	other := s.client()
	other.sees(other.get("/password/"+link), 200, "Anna Taylor")
	other.sees(other.post("/password/"+link, "new", "short"), 422, "at least 12")
	if a := other.post("/password/"+link, "new", "walnut sofa kettle orbit"); a.path != "/moderate" {
		t.Error(a.path, a.body)
	}
	if a := v.get("/moderate"); a.path != "/sign-in" {
		t.Error("a session outlives the password:", a.path)
	}
	other.sees(other.get("/password/"+link), 404, "This link has been used")
	if a := other.post("/sign-out"); a.path != "/" {
		t.Error(a.path)
	}
	if a := other.get("/moderate"); a.path != "/sign-in" {
		t.Error("who has signed out is in:", a.path)
	}
	for range 12 {
		v.post("/sign-in", "email", "anna@example.org", "password", "wrong")
	}
	v.sees(v.post("/sign-in", "email", "anna@example.org", "password", password), 429, "too many tries")
	if log := s.log.String(); strings.Contains(log, "anna") {
		t.Error(log)
	}
}

func TestModerating(t *testing.T) {
	s := newSite(t)
	m := s.moderator()
	m.sees(m.get("/moderate"), 200, "No number is waiting for you.")
	m.sees(m.get("/moderate?show=fresh"), 200, "020 7946 0123", "Reported by 6 households", "on the list", "01371 872121")
	if all := m.get("/moderate?show=fresh").body; strings.Count(all, "on the list</span>") != 2 {
		t.Error("what the group protects is shown as listed")
	}
	m.sees(m.get("/moderate?show=disputed"), 200, "020 7946 0124", "Reported by 4 households; disputed by 4")
	m.sees(m.get("/moderate?number=020+7946+0123"), 200, "Enough households have reported it.", "“Your computer has a problem”: 6")
	m.sees(m.get("/moderate?number=999"), 422, "must never be turned away")
	m.sees(m.get("/moderate?number=020+7946+01*"), 200, "Not on the list.")
	m.sees(m.get("/moderate/numbers/44"), 404)
	m.sees(m.get("/moderate/numbers/4499999999999999999"), 404)
	m.sees(m.get("/moderate/numbers/441371872121"), 200, "Angel Lane Surgery")
	number := "/moderate/numbers/442079460123"
	m.sees(m.post(number, "what", "dismiss"), 422, "Please write why.")
	m.sees(m.post(number, "what", "merge", "into", "44*", "why", "because"), 422, "far too many")
	m.sees(m.post(number, "what", "protect", "whose", "", "why", "because "+hostile), 422, "whose number it is", "&lt;script&gt;")
	m.sees(m.post(number, "what", "confirm", "category", "bank", "public", "says "+hostile, "why", "heard it"), 200, "Confirmed as a scammer’s", "Anna Taylor")
	m.sees(m.post(number, "what", "undo", "why", "by mistake"), 200, "The last decision was undone")
	m.sees(m.post(number, "what", "merge", "into", "020 7946 01*", "why", "one and the same"), 200, "Merged into all numbers starting with 020 7946 01xx")
	m.sees(m.get("/moderate/numbers/4420794601-"), 200, "020 7946 0123", "On the list.")
	m.sees(m.post("/moderate/protected", "number", "020 7946 0199", "who", "The parish office", "why", "it is ours"), 200, "The parish office", "Angel Lane Surgery")
	m.sees(m.post("/moderate/protected", "number", "0207", "who", "x", "why", "x"), 422, "x")
	m.sees(m.get("/moderate/numbers/4420794601-"), 200, "Not on the list.", "The parish office") // it would cover it
	m.sees(m.post("/moderate/publish"), 200, "The list was published, with 1 number. Left out, because they are protected: 2.")
	m.sees(m.get("/moderate/log"), 200, "Merged into", "one and the same", "by mistake")

	m.sees(m.post("/moderate/invitations", "note", "Church fête", "uses", "many", "days", "30"), 422, "as numbers", "Church fête")
	a := m.post("/moderate/invitations", "note", "Church fête", "uses", "20", "days", "30")
	m.sees(a, 200, "20 households may join", "24 December 2026")
	link := regexp.MustCompile(`value="(http[^"]*/join\?key=[^"#]*)#([^"]+)"`).FindStringSubmatch(a.body)
	if link == nil {
		t.Fatal(a.body)
	}
	if a := s.household("POST", "/v1/join", "", `{"invite":"`+link[2]+`"}`); a.status != 201 {
		t.Errorf("%+v", a)
	}
	m.sees(m.get("/moderate/invitations"), 200, "1 of 20 households joined, 1 within the last week", "4 of 100 households joined ·")
	m.sees(m.post("/moderate/invitations/4/withdraw"), 200, "Nobody can join")
	m.sees(m.post("/moderate/invitations/4/withdraw"), 404)
	m.sees(m.post("/moderate/invitations/4/expel", "why", "it is on a forum"), 200, "whoever joined with it is expelled: 1 household.")

	keys, err := s.db.Keys(t.Context(), "", siteNow)
	s.ok(err)
	m.sees(m.post("/moderate/keys", "key", keys[0].Pseudonym, "what", "expel", "why", ""), 422, "Please write why.")
	m.sees(m.post("/moderate/keys", "key", keys[0].Pseudonym, "what", "expel", "why", "floods us"), 200, "The household is expelled", "Publish now")
	m.sees(m.post("/moderate/keys", "key", keys[0].Pseudonym, "what", "readmit", "why", "a mistake"), 200, "may report again")
	m.sees(m.get("/moderate/keys?key=nobody"), 200, "There is no such key.")
}
