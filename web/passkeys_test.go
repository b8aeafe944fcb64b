package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
)

// virtualKey gives the browser a device that keeps passkeys.
func (b *tab) virtualKey() webauthn.AuthenticatorID {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	return call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}).AuthenticatorID
}

// byName makes the browser come by a name: passkeys belong to one.
func (s *site) byName() {
	s.web.URL = strings.Replace(s.web.URL, "127.0.0.1", "localhost", 1)
}

// Long: one story, each step of which rests on those before it.
func TestPasskeysInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.byName()
	s.password("carer")
	b := s.browse("carer", "/me")
	device := b.virtualKey()
	b.open("/me")
	add := func(password string) {
		t.Helper()
		if !eval[bool](b, `document.getElementById("current-passkey").checkVisibility()`) {
			b.press("Add this device")
		}
		eval[any](b, `document.getElementById("current-passkey").value = `+quoted(password))
		b.press("Add a passkey")
	}
	add("a wrong password")
	b.sees("Your password isn't right")
	add(goodPassword)
	b.sees("You can sign in with this passkey now.")
	b.sees("Chrome on Linux")
	b.shot("me")
	b.axe()
	b.fits()
	add(goodPassword)
	b.sees("This device has a passkey of yours already.")

	b.press("Menu")
	b.press("Sign out")
	b.press("Sign in with a passkey")
	b.sees("Last calls")
	b.open("/me")
	b.sees("last used today at 11:00")

	// One that does not prove that its owner is there, one with a false signature, and one that was removed do not open.
	b.press("Menu")
	b.press("Sign out")
	b.sees("Or with a passkey")
	yes := true
	for what, bits := range map[string]webauthn.SetResponseOverrideBitsParams{
		"without its owner": {AuthenticatorID: device, IsBadUV: &yes}, "with a false signature": {AuthenticatorID: device, IsBogusSignature: &yes},
	} {
		b.open("/sign-in")
		call(b, webauthn.SetResponseOverrideBits, bits)
		b.press("Sign in with a passkey")
		b.sees("That passkey could not be used here.")
		if a := eval[string](b, "location.pathname"); a != "/sign-in" {
			t.Errorf("%s: at %s", what, a)
		}
	}
	b.shot("sign-in-passkey-wrong")
	call(b, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: device})
	keys, err := s.db.Passkeys(t.Context(), s.people["carer"].ID)
	s.ok(err)
	if len(keys) != 1 || keys[0].SignCount == 0 {
		t.Errorf("%+v", keys)
	}
	_, err = s.db.RemovePasskey(t.Context(), s.people["carer"].ID, keys[0].ID)
	s.ok(err)
	b.open("/sign-in")
	b.press("Sign in with a passkey")
	b.sees("That passkey could not be used here.")
}

// What is sent to the passkeys' addresses by something other than a browser is refused, and an answer is good once.
func TestPasskeysAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("")
	if a := c.post("/sign-in/passkey/begin"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "reached by a name") {
		t.Errorf("by a number: %d %s", a.status, a.body)
	}
	s.byName()
	if a := c.post("/sign-in/passkey"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("unasked: %d", a.status)
	}
	if a := c.post("/sign-in/passkey/begin"); a.status != http.StatusOK || !strings.Contains(a.body, `"rpId":"localhost"`) || !strings.Contains(a.body, `"userVerification":"required"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, body := range []string{"", "{}", strings.Repeat("x", maxPasskeyAnswer+1)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.web.URL+"/sign-in/passkey", strings.NewReader(body))
		s.ok(err)
		if a := c.do(r); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "error") {
			t.Errorf("%.20q: %d %s", body, a.status, a.body)
		}
	}
	if a := s.as("carer").post("/me/passkeys"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("unasked: %d", a.status)
	}
}
