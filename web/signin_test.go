package web

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ringfence/accounts"
)

const goodPassword = "kettle orbit walnut sofa"

// password gives somebody the good password.
func (s *site) password(who string) {
	s.t.Helper()
	hash, err := s.account.Accounts.Hash(s.t.Context(), goodPassword)
	s.ok(err)
	s.ok(s.db.People.SetPassword(s.t.Context(), s.people[who].ID, hash, 0))
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	c := s.as("")
	wrong := c.post("/sign-in", "email", "carer@example.org", "password", "not this one at all", "to", "/h/mum/calls")
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, html.EscapeString(string(accounts.ErrNotTogether))) || !strings.Contains(wrong.body, `value="carer@example.org"`) || strings.Contains(wrong.body, "not this one") {
		t.Errorf("%d %s", wrong.status, wrong.body)
	}
	for email, password := range map[string]string{
		"nobody@example.org": goodPassword, "owner@example.org": "" /* who has none */, "": "", "carer@example.org ": "", "x'; DROP TABLE people": "x",
	} {
		if a := c.post("/sign-in", "email", email, "password", password); a.status != wrong.status || !strings.Contains(a.body, html.EscapeString(string(accounts.ErrNotTogether))) {
			t.Errorf("%q: %d, which is not the answer to a wrong password", email, a.status)
		}
	}
	if a := c.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Fatalf("not signed in, and %d", a.status)
	}
	in := c.post("/sign-in", "email", " CARER@example.org", "password", goodPassword, "to", "/h/mum/")
	if in.status != http.StatusSeeOther || in.header.Get("Location") != "/h/mum/" {
		t.Fatalf("%d to %q", in.status, in.header.Get("Location"))
	}
	if a := c.get("/h/mum/"); a.status != http.StatusOK {
		t.Errorf("signed in, and %d", a.status)
	}
	// The session before signing in is worth nothing afterwards, and signing out ends the one behind it.
	was := *c.cookie
	if a := c.post("/sign-out"); a.status != http.StatusSeeOther {
		t.Error(a.status)
	}
	c.cookie = &was
	if a := c.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("after signing out the old cookie opens: %d", a.status)
	}
	if strings.Contains(s.log.String(), "carer") {
		t.Errorf("somebody is named in the log: %s", s.log)
	}
}

// Nobody can take over a session that they have planted in somebody's browser.
func TestSigningInMakesANewSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	planted := s.as("")
	planted.post("/sign-in/code") // which makes a session
	c := s.as("")
	c.cookie = planted.cookie
	if c.cookie == nil {
		t.Fatal("no session was made")
	}
	before := c.cookie.Value
	c.post("/sign-in", "email", "carer@example.org", "password", goodPassword)
	if c.cookie.Value == before {
		t.Error("the session keeps its token")
	}
	if a := planted.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("the planted session is signed in: %d", a.status)
	}
}

// After ten wrong tries there is a wait, the same for an account that does not exist; who has signed in from here before is not
// kept out by a stranger.
func TestTriesAreLimitedAndNameNoAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Proxies = 1
	s.password("carer")
	try := func(email, password, address string) int {
		t.Helper()
		c := s.as("")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.web.URL+"/sign-in", strings.NewReader("email="+email+"&password="+strings.ReplaceAll(password, " ", "+")))
		s.ok(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", address)
		a := c.do(r)
		if strings.Contains(a.body, "carer") && !strings.Contains(a.body, `value="carer@example.org"`) {
			t.Error(a.body)
		}
		return a.status
	}
	if got := try("carer@example.org", goodPassword, "198.51.100.7"); got != http.StatusSeeOther {
		t.Fatal(got)
	}
	for _, email := range []string{"carer@example.org", "nobody@example.org"} {
		var got []int
		for i := range 12 {
			got = append(got, try(email, "a wrong password", fmt.Sprintf("192.0.2.%d", i)))
		}
		if want := "[422 422 422 422 422 422 422 422 422 422 429 429]"; fmt.Sprint(got) != want {
			t.Errorf("%s: %v", email, got)
		}
	}
	if got := try("carer@example.org", goodPassword, "192.0.2.200"); got != http.StatusTooManyRequests {
		t.Errorf("the right password from a strange place: %d", got)
	}
	if got := try("carer@example.org", goodPassword, "198.51.100.7"); got != http.StatusSeeOther {
		t.Errorf("from where she always is: %d", got)
	}
}

func TestSigningInInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	b := s.browse("", "/h/mum/")
	b.sees("Forgotten your password?")
	b.shot("sign-in")
	b.axe()
	b.fits()
	b.fill("E-mail", "carer@example.org")
	b.fill("Password", "something else entirely")
	b.press("Sign in")
	b.sees(string(accounts.ErrNotTogether))
	b.shot("sign-in-wrong")
	b.axe()
	b.fill("Password", goodPassword)
	b.press("Sign in")
	b.sees("Last calls")
	b.press("Menu")
	b.press("Sign out")
	b.sees("Forgotten your password?")
}

// Authenticator app: set up from the page, asked for at the next sign-in, each good once, with recovery codes for when the app is
// lost, and no more tries than five.
//
// Long: one story, each step of which rests on those before it.
func TestCodesOfAnAppInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	b := s.browse("", "/me")
	b.fill("E-mail", "carer@example.org")
	b.fill("Password", goodPassword)
	b.press("Sign in")
	b.press("Set up an authenticator app")
	b.sees("Scan this picture with it")
	b.until("the picture", `document.querySelector(".qr").naturalWidth > 100`)
	b.shot("my-code")
	b.axe()
	b.fits()
	secret := strings.ReplaceAll(eval[string](b, `document.querySelector(".key").innerText`), " ", "")
	code := func(steps time.Duration) string {
		made, err := totp.GenerateCode(secret, siteNow.Add(steps*30*time.Second))
		s.ok(err)
		return made
	}
	b.fill("The code", "000000")
	b.fill("Your password now", goodPassword)
	b.press("Switch codes on")
	b.sees("That code isn't right.")
	b.fill("The code", code(-1))
	b.fill("Your password now", goodPassword)
	b.press("Switch codes on")
	b.sees("they are never shown again")
	b.shot("my-recovery")
	b.axe()
	b.fits()
	recovery := eval[[]string](b, `[...document.querySelectorAll(".codes li")].map((e) => e.innerText)`)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	b.press("I have them")
	b.sees("10 recovery codes are left")

	half := func() {
		t.Helper()
		b.press("Menu")
		b.press("Sign out")
		b.fill("E-mail", "carer@example.org")
		b.fill("Password", goodPassword)
		b.press("Sign in")
		b.sees("The code that your app shows now")
	}
	half()
	b.shot("sign-in-code")
	b.axe()
	b.fits()
	b.open("/h/mum/")
	b.sees("Forgotten your password?") // half is not in
	b.open("/sign-in/code")
	b.fill("The code", code(-1))
	b.press("Continue")
	b.sees("That code has been used already.")
	b.fill("The code", code(0))
	b.press("Continue")
	b.sees("Last calls")
	half()
	b.press("I don’t have the app with me")
	b.fill("One of your recovery codes", strings.ToUpper(recovery[3]))
	b.press("Use the recovery code")
	b.sees("Last calls")
	half()
	b.press("I don’t have the app with me")
	b.fill("One of your recovery codes", recovery[3])
	b.press("Use the recovery code")
	b.sees("or it has been used")
	b.fill("The code", code(1))
	b.press("Continue")
	b.sees("Last calls")
	b.open("/me")
	b.sees("9 recovery codes are left")
	b.shot("me-codes")
	b.press("Stop asking for codes")
	b.fill("Your password now", goodPassword)
	b.press("Switch codes off")
	b.sees("You are not asked for codes any more.")
}

func TestTriesOfCodesAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	recovery, err := s.db.People.SetTOTP(t.Context(), s.people["carer"].ID, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 0)
	s.ok(err)
	c := s.as("")
	if a := c.post("/sign-in/code", "code", "123456"); a.status != http.StatusSeeOther {
		t.Errorf("without a password first: %d", a.status)
	}
	in := func() {
		t.Helper()
		if a := c.post("/sign-in", "email", "carer@example.org", "password", goodPassword, "to", "/h/mum/"); a.header.Get("Location") != "/sign-in/code" {
			t.Fatalf("%d to %q", a.status, a.header.Get("Location"))
		}
	}
	in()
	for i := range 7 { // in whichever way, and however often the password is given again
		fields := []string{"code", "000000"}
		if i%2 == 1 {
			fields = []string{"recovery", "aaaa-bbbb-cccc-dddd"}
			in()
		}
		want := http.StatusUnprocessableEntity
		if i >= 5 {
			want = http.StatusTooManyRequests
		}
		if a := c.post("/sign-in/code", fields...); a.status != want {
			t.Errorf("try %d: %d", i, a.status)
		}
	}
	if a := c.post("/sign-in/code", "recovery", recovery[0]); a.status != http.StatusTooManyRequests {
		t.Errorf("a right one: %d", a.status)
	}
	if left, err := s.db.People.RecoveryCodesLeft(t.Context(), s.people["carer"].ID); left != 10 || err != nil {
		t.Errorf("%d are left: one was used up unseen", left)
	}
}

// endless is a form that does not end, and how much of it was read.
type endless struct {
	head io.Reader
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if err != nil {
		n = copy(p, make([]byte, len(p)))
	}
	if e.read += int64(n); e.read > 64<<20 {
		return n, io.EOF
	}
	return n, nil
}

// A stranger must not fill the disk or the memory, which calls need, with a form.
func TestNoStrangerSendsWithoutEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	handler := s.Handler()
	for kind, head := range map[string]string{
		"multipart/form-data; boundary=b":   "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n",
		"application/x-www-form-urlencoded": "email=",
	} {
		for _, path := range []string{"/sign-in", "/sign-in/code", "/invitation/none", "/start/none", "/h/mum/calls/1/heard"} {
			form := &endless{head: strings.NewReader(head)}
			r := httptest.NewRequest(http.MethodPost, path, form)
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Origin", "http://"+r.Host)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if form.read > 1<<20 {
				t.Errorf("%s (%s): %d bytes of a stranger's form were read", path, kind, form.read)
			}
			if path == "/sign-in" && w.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%s (%s): %d", path, kind, w.Code)
			}
		}
	}
}
