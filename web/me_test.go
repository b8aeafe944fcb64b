package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ringfence/store"
)

// Long: one story, each step of which rests on those before it.
func TestMyAccountInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("both")
	_, err := s.db.People.AddLogin(t.Context(), s.people["both"].ID, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "198.51.100.7", siteNow.Add(-26*time.Hour))
	s.ok(err)
	other := s.as("both")
	b := s.browse("both", "/me")
	b.sees("Safari on an iPhone")
	b.sees("yesterday at 09:00")
	b.fill("Your name", "Jo <b>Taylor</b>")
	b.press("Save the name")
	b.sees("You are called Jo <b>Taylor</b> now.")

	b.press("Choose another one")
	b.fill("Your password now", "not this one at all")
	b.fill("The new password", "sofa walnut orbit kettle")
	b.press("Change the password")
	b.sees("Your password isn't right, so nothing has changed.")
	b.fill("Your password now", goodPassword)
	b.fill("The new password", "password1234")
	b.press("Change the password")
	b.sees("This password is too easy to guess")
	b.shot("me-wrong")
	b.axe()
	b.fill("Your password now", goodPassword)
	b.fill("The new password", "sofa walnut orbit kettle")
	b.press("Change the password")
	b.sees("You have a new password. Your other devices are signed out.")
	if a := other.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("another device is still signed in: %d", a.status)
	}
	if strings.Contains(b.text(), "Safari on an iPhone") {
		t.Error("the telephone is still in the list")
	}

	b.press("Make a token")
	b.fill("Which program it is for", "Home Assistant")
	b.fill("Your password now", "sofa walnut orbit kettle")
	eval[any](b, `document.getElementById("token-household").value = "gran"`)
	b.press("Make the token")
	b.sees("it is never shown again")
	b.sees("Gran’s flat")
	b.shot("me-token")
	b.axe()
	token := eval[string](b, `document.getElementById("made-token").value`)
	got, person, err := s.db.TokenOf(t.Context(), token, siteNow)
	if err != nil || person.ID != s.people["both"].ID || got.Household != "gran" || got.Scope != store.ScopeRead || !got.Expires.Equal(siteNow.AddDate(1, 0, 0)) {
		t.Errorf("%+v %v", got, err)
	}
	b.open("/me")
	if strings.Contains(eval[string](b, "document.documentElement.outerHTML"), token) {
		t.Error("the token is shown again")
	}
	b.press("Revoke the token Home Assistant")
	b.sees("That token does not open anything any more.")
	log, err := s.db.AuditLog(t.Context(), "gran", 0, 10)
	if err != nil || len(log) != 4 || log[0].What != "token-revoked" || log[2].What != "password-set" || log[3].By != "Both Taylor" {
		t.Errorf("%+v %v", log, err)
	}
}

// A device is signed out at its next request, from another one.
func TestSigningAnotherDeviceOutInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lost := s.as("carer")
	if a := lost.get("/h/mum/"); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	b := s.browse("carer", "/me")
	b.sees("Where you are signed in")
	b.press("Sign out everywhere else")
	b.sees("Your other devices are signed out.")
	if a := lost.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("it is still in: %d", a.status)
	}
}

// A password in an address does not count: proxies keep addresses in their logs.
func TestNoPasswordIsTakenFromAnAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	c, in := s.as("carer"), "?current="+strings.ReplaceAll(goodPassword, " ", "+")
	if a := c.post("/me/password"+in, "new", "walnut sofa kettle orbit"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Your password isn&#39;t right") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.post("/me/password", "new", "walnut sofa kettle orbit", "current", goodPassword); a.status != http.StatusSeeOther {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// What is somebody else's is not there, whatever number is in the address.
func TestNobodyTouchesAnothersAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	owner := s.people["owner"].ID
	login, err := s.db.People.AddLogin(ctx, owner, "", "", siteNow)
	s.ok(err)
	_, err = s.db.AddToken(ctx, owner, store.Token{Name: "Hers", Scope: store.ScopeRead}, siteNow)
	s.ok(err)
	s.ok(s.db.AddPasskey(ctx, owner, store.Passkey{CredentialID: []byte{1}, Credential: []byte("{}"), Name: "Hers"}, siteNow))
	c := s.as("carer")
	for _, path := range []string{"/me/logins/" + itoa(login) + "/end", "/me/tokens/1/revoke", "/me/passkeys/1/remove", "/me/tokens/x/revoke"} {
		if a := c.post(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if _, _, err := s.db.People.Login(ctx, login); err != nil {
		t.Error(err)
	}
	if tokens, _ := s.db.Tokens(ctx, owner); len(tokens) != 1 {
		t.Error("her token is gone")
	}
	if keys, _ := s.db.Passkeys(ctx, owner); len(keys) != 1 {
		t.Error("her passkey is gone")
	}
	// A token is for a household of one's own.
	if a := c.post("/me/tokens", "token", "x", "scope", "read", "household", "gran", "days", "0"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a token for another's household: %d", a.status)
	}
}
