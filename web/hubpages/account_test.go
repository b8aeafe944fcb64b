package hubpages

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ringfence/accounts"
	"ringfence/sharing/hub"
	"ringfence/web/browse"
)

var (
	shownKey      = regexp.MustCompile(`<span class="key">([A-Z2-7 ]+)</span>`)
	shownRecovery = regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`)
)

// app is the app of a moderator who has read a key.
func (s *site) app(key string) string {
	s.t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), s.now)
	s.ok(err)
	return code
}

// withApp is a moderator who has just set up an authenticator app.
func (s *site) withApp() (v *client, key string, recovery []string) {
	s.t.Helper()
	v = s.moderator()
	found := shownKey.FindStringSubmatch(v.get("/moderate/account/code").body)
	if found == nil {
		s.t.Fatal("no key is shown")
	}
	if a := v.get("/moderate/account/code/picture"); a.header.Get("Content-Type") != "image/svg+xml" {
		s.t.Error(a.header)
	}
	a := v.post("/moderate/account/code", "code", s.app(found[1]), "current", password)
	v.sees(a, 200, "never shown again")
	for _, code := range shownRecovery.FindAllStringSubmatch(a.body, -1) {
		recovery = append(recovery, code[1])
	}
	if len(recovery) != 10 {
		s.t.Fatalf("%d recovery codes", len(recovery))
	}
	return v, found[1], recovery
}

// half is somebody who has given the right password of a moderator with codes, and nothing else yet.
func (s *site) half() *client {
	s.t.Helper()
	v := s.client()
	if a := v.post("/sign-in", "email", "anna@example.org", "password", password, "to", "/moderate/keys"); a.path != "/sign-in/code" {
		s.t.Fatal("no code is asked for:", a.path)
	}
	return v
}

// A password alone does not open the account of a moderator who has an authenticator app, and each code opens once.
//
// Long: one story, each step of which rests on those before it.
func TestCodesOfAnApp(t *testing.T) {
	s := newSite(t)
	m, key, recovery := s.withApp()
	if m.get("/moderate/account/code").path != "/moderate/account" {
		t.Error("codes can be set up over others")
	}
	thief := s.half()
	for _, path := range []string{"/moderate", "/moderate/account", "/moderate/keys"} {
		if a := thief.get(path); a.path != "/sign-in" {
			t.Errorf("a password alone opens %s", path)
		}
	}
	if a := thief.post("/moderate/publish"); a.path != "/sign-in" {
		t.Error("a password alone publishes:", a.path)
	}
	thief.sees(thief.post("/sign-in/code", "code", s.app(key)), 422, "That code has been used already.")
	s.now = s.now.Add(30 * time.Second)
	v := s.half()
	v.sees(v.post("/sign-in/code", "code", "000000"), 422, "That code isn&#39;t right, or is too old.")
	code := s.app(key)
	if a := v.post("/sign-in/code", "code", code); a.path != "/moderate/keys" {
		t.Error(a.path)
	}
	thief.sees(thief.post("/sign-in/code", "code", code), 422, "That code has been used already.")
	v = s.half()
	if a := v.post("/sign-in/code", "recovery", strings.ToUpper(recovery[0])); a.path != "/moderate/keys" {
		t.Error(a.path)
	}
	v.sees(v.get("/moderate/account"), 200, "9 recovery codes are left")
	v.sees(v.get("/moderate/log"), 200, "Anna Taylor has signed in with a recovery code", "Anna Taylor now signs in with an authenticator app")
	thief.sees(thief.post("/sign-in/code", "recovery", recovery[0]), 422, "or it has been used")
	// Whoever waits too long begins again; and there are not many tries.
	late := s.half()
	s.now = s.now.Add(11 * time.Minute)
	late.sees(late.post("/sign-in/code", "code", s.app(key)), 200, "That took too long.")
	if a := s.client().get("/sign-in/code"); a.path != "/sign-in" {
		t.Error(a.path)
	}
	thief = s.half()
	for range 6 {
		thief.post("/sign-in/code", "code", "000000")
	}
	thief.sees(thief.post("/sign-in/code", "code", s.app(key)), 429, "too many tries")
	for _, secret := range append(recovery, "anna", "Anna", strings.ReplaceAll(key, " ", "")) {
		if strings.Contains(s.log.String(), secret) {
			t.Error("the log names an account or a code:", s.log)
		}
	}
	// A link to choose a password is no way round the code.
	who, _, err := s.db.People.ByEmail(t.Context(), "anna@example.org")
	s.ok(err)
	link, err := s.db.People.MakePasswordLink(t.Context(), who.ID, s.now.Add(time.Hour))
	s.ok(err)
	other := s.client()
	if a := other.post("/password/"+link, "new", "walnut sofa kettle orbit"); a.path != "/sign-in/code" || other.get("/moderate").path != "/sign-in" {
		t.Error("a link lets in without a code:", a.path)
	}
	// Who has lost the app is helped on the command line.
	s.ok(s.accounts.Accounts.RemoveCodes(t.Context(), who, byCommand))
	if a := s.client().post("/sign-in", "email", "anna@example.org", "password", "walnut sofa kettle orbit"); a.path != "/moderate" {
		t.Error(a.path)
	}
}

// What a moderator changes of their account asks for the password, and others have to be signed in anew.
func TestMyAccount(t *testing.T) {
	s := newSite(t)
	other := s.moderator()
	m, key, _ := s.withAppAndAnother(other)
	for _, form := range [][]string{{"/password", "new", "walnut sofa kettle orbit"}, {"/code/off"}, {"/code/recovery"}} {
		m.sees(m.post("/moderate/account"+form[0], append(form[1:], "current", "wrong")...), 422, "Your password isn&#39;t right, so nothing has changed.")
	}
	if x, _, err := s.db.People.ByEmail(t.Context(), "anna@example.org"); err != nil || !x.HasTOTP {
		t.Error(x, err)
	}
	m.sees(m.post("/moderate/account/code/recovery", "current", password), 200, "never shown again")
	m.sees(m.post("/moderate/account/password", "current", password, "new", "short"), 422, "at least 12")
	m.sees(m.post("/moderate/account/password", "current", password, "new", "walnut sofa kettle orbit"), 200, "You have a new password.")
	if a := other.get("/moderate"); a.path != "/sign-in" {
		t.Error("another device outlives the password")
	}
	m.sees(m.post("/moderate/account/code/off", "current", "walnut sofa kettle orbit"), 200, "not asked for codes any more")
	m.sees(m.post("/moderate/account/code/recovery", "current", "walnut sofa kettle orbit"), 422, "Set up an authenticator app first")
	// Setting an app up asks for a code of it, and for the password.
	again := shownKey.FindStringSubmatch(m.get("/moderate/account/code").body)
	if again == nil || again[1] == key {
		t.Fatal("the key of before is shown again")
	}
	m.sees(m.post("/moderate/account/code", "code", "000000", "current", "walnut sofa kettle orbit"), 422, "That code isn&#39;t right.", again[1])
	m.sees(m.post("/moderate/account/code", "code", s.app(again[1]), "current", "wrong"), 422, "Your password isn&#39;t right")
	// A device is signed out by whose it is, and by nobody else.
	ben := s.client()
	ben.post("/sign-in", "email", "ben@example.org", "password", password)
	logins, err := s.db.People.Logins(t.Context(), 1)
	s.ok(err)
	for _, id := range []string{"x", "999", strconv.FormatInt(logins[0].ID, 10)} {
		if a := ben.post("/moderate/account/logins/" + id + "/end"); a.status != http.StatusNotFound {
			t.Errorf("login %s: %d", id, a.status)
		}
	}
	m.sees(m.get("/moderate/account"), 200, "This one")
	third := s.client()
	third.post("/sign-in", "email", "anna@example.org", "password", "walnut sofa kettle orbit")
	m.sees(m.post("/moderate/account/logins/end"), 200, "Your other devices are signed out.")
	if third.get("/moderate").path != "/sign-in" {
		t.Error("another device is still in")
	}
	m.sees(m.post("/moderate/account/logins/end"), 200, "No other device was signed in.")
	m.sees(m.get("/moderate/log"), 200, "Anna Taylor has a new password", "Anna Taylor now signs in without an authenticator app", "Anna Taylor has new recovery codes", "Anna Taylor has signed other devices out", "Ben Smith was made a moderator")
}

// withAppAndAnother is withApp where another device of the moderator has been signed in before.
func (s *site) withAppAndAnother(other *client) (v *client, key string, recovery []string) {
	s.t.Helper()
	v, key, recovery = s.withApp()
	v.sees(v.get("/moderate/account"), 200, "Sign out everywhere else")
	if other.get("/moderate").path != "/moderate" {
		s.t.Error("the other device is not in")
	}
	return v, key, recovery
}

func TestWhatIsNotedHasWords(t *testing.T) {
	for _, what := range []accounts.Word{
		hub.ModeratorAdded, hub.ModeratorRemoved, accounts.LinkMade, accounts.PasswordSet, accounts.CodesOn, accounts.CodesOff, accounts.RecoveryMade, accounts.RecoveryUsed, accounts.SignedOut, hub.Restored,
	} {
		if words := noted(hub.Note{What: what, About: "Anna"}); words == string(what) || !strings.Contains(words, "Anna") && what != hub.Restored {
			t.Errorf("%s: %q", what, words)
		}
	}
}

// A moderator sets an authenticator app up in a browser, and signs in with one.
func TestCodesInABrowser(t *testing.T) {
	s := newSite(t)
	b := s.as(s.moderator())
	b.Press("My account")
	b.Sees("Anyone who gets into your account")
	looked(b, "account")
	b.Press("Set up an authenticator app")
	b.Sees("Scan this picture with it")
	looked(b, "account-code")
	key := browse.Eval[string](b, `document.querySelector(".key").innerText`)
	b.Fill("The code", s.app(key))
	b.Fill("Your password now", password)
	b.Press("Switch codes on")
	b.Sees("Print them or write them down now")
	looked(b, "account-recovery")
	recovery := browse.Eval[string](b, `document.querySelector(".codes code").innerText`)
	b.Press("I have them")
	b.Sees("10 recovery codes are left")
	b.Press("Stop asking for codes")
	b.Press("Choose another one")
	looked(b, "account-with-codes")
	b.Press("Decisions")
	b.Sees("Anna Taylor now signs in with an authenticator app")
	looked(b, "log-accounts")
	b.Press("Sign out")
	b.Press("Moderators")
	b.Fill("E-mail", "anna@example.org")
	b.Fill("Password", password)
	b.Press("Sign in")
	b.Sees("The code that your app shows now")
	b.Press("I don’t have the app with me")
	looked(b, "sign-in-code")
	b.Fill("One of your recovery codes", recovery)
	b.Press("Use the recovery code")
	b.Sees("12 households can report.")
}
