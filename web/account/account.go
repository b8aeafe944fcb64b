// Package account is what signing in and somebody's own account have in common on the carers' pages and on a hub's: the second step
// of signing in, what a browser is called, and the parts of pages for codes of an app. It knows no database.
package account

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"ringfence/web/identity"
)

// Part has the templates "code-asked" (of a CodeAsked), "code-set-up" (of a SetUp) and "recovery-codes" (of Recovery). It is parsed with templates
// that have field.Part.
//
//go:embed account.html
var Part string

// CodeAsked is the page that asks for a code, the second step of signing in.
type CodeAsked struct {
	At string // where the code is sent
	Of string // what the app calls it: see SetUp
	In string // the page with the first step
}

// SetUp is the page on which codes of an app are set up.
type SetUp struct {
	At       string // where the code is sent; the picture is at At/picture
	Key      string // as somebody can type it
	Password bool   // is asked for
	Back     string // the page of the account
}

// Picture shows an app's camera the secret that it is to have; the app calls it by the issuer and the account.
func Picture(w http.ResponseWriter, secret, issuer, account string) error {
	picture, err := identity.QR(identity.TOTPAddress(secret, issuer, account))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(picture) //nolint:gosec // squares, whatever the text in them says; otherwise whoever asked may have gone
	return nil
}

// WrongFirstCode is what to tell where the code that is to prove an app is not right.
const WrongFirstCode = "That code is not right. Please type the one that your app shows now; if it never is right, look at your device's clock."

// Recovery is the page that shows recovery codes, once.
type Recovery struct {
	Codes []string
	Back  string // the page of the account
}

// Half is who has given a password, and has a code of an app to give yet.
type Half struct {
	Person int64
	At     time.Time
	To     string // the page that they wanted
}

// halfLasts is how long there is for the code.
const halfLasts = 10 * time.Minute

// Kept is how it is kept in a session.
func (h Half) Kept() string {
	kept, _ := json.Marshal(h) // a number, a time and a text always can be
	return string(kept)
}

// ReadHalf reads what was kept; Person is 0 where nobody is half signed in, or where it took too long.
func ReadHalf(kept string, now time.Time) (h Half) {
	if err := json.Unmarshal([]byte(kept), &h); err != nil || now.Sub(h.At) > halfLasts {
		return Half{}
	}
	return h
}

// Device is what people call the browser that calls itself so; what it says of itself is not to be trusted, and need not be.
func Device(agent string) string {
	first := func(names ...string) string { // pairs: what stands there, and what it is called
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	browser := first("Edg", "Edge", "OPR/", "Opera", "SamsungBrowser", "Samsung's browser", "Firefox", "Firefox", "FxiOS", "Firefox", "CriOS", "Chrome", "Chrom", "Chrome", "Safari", "Safari")
	system := first("iPhone", "an iPhone", "iPad", "an iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "a Mac", "CrOS", "a Chromebook", "Linux", "Linux")
	switch {
	case browser == "" && system == "":
		return "A browser"
	case system == "":
		return browser
	case browser == "":
		return "A browser on " + system
	}
	return browser + " on " + system
}
