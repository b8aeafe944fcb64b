// Package account has the pages that the carers' pages and a hub's have in common: for signing in, for links to choose a password, and for somebody's
// own account. What is allowed and done there is in package accounts.
package account

import (
	_ "embed"
	"encoding/json"
	"strings"
	"time"
)

// Part has the templates "code-asked" (for a CodeAsked), "code-set-up" (for a SetUp) and "recovery-codes" (for a Recovery). It has to be parsed together
// with field.Part.
//
//go:embed account.html
var Part string

// CodeAsked is the page that asks for a code, the second step of signing in.
type CodeAsked struct {
	At string // where the code is sent
	Of string // what the app calls the account: see SetUp
	In string // the page with the first step
}

// SetUp is the page on which an authenticator app is set up.
type SetUp struct {
	At       string // where the code is sent; the picture is at At/picture
	Key      string // in a form that people can type
	Password bool   // whether the password is asked for
	Back     string // the page of the account
}

// Recovery is the page that shows recovery codes, once.
type Recovery struct {
	Codes []string
	Back  string // the page of the account
}

// half is somebody whose password was right, and who still has to enter a code.
type half struct {
	Person int64
	At     time.Time
	To     string // the page that they wanted
}

// halfLasts is how long they may take to enter the code.
const halfLasts = 10 * time.Minute

// kept is how a session stores it.
func (h half) kept() string {
	kept, _ := json.Marshal(h) // cannot fail for a number, a time and a text
	return string(kept)
}

// readHalf reads what kept returned. Person is 0 if nobody is half signed in, or has taken too long.
func readHalf(kept string, now time.Time) (h half) {
	if err := json.Unmarshal([]byte(kept), &h); err != nil || now.Sub(h.At) > halfLasts {
		return half{}
	}
	return h
}

// Device is what people call a browser with that user agent. A user agent cannot be trusted, and need not be.
func Device(agent string) string {
	first := func(names ...string) string { // pairs: what the user agent contains, and its name for people
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
