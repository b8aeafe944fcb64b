package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/screening"
	"ringfence/web/browse"
)

// journey counts what somebody has to press, to fill in and to read on the way to what they want.
type journey struct {
	*tab
	taps, fields, words int
}

// look counts the words of a page that was not counted yet.
func (j *journey) look() {
	j.t.Helper()
	j.words += browse.Look[int](j.tab.Tab, `(() => { if (window.counted || !document.body) return 0; window.counted = true; return document.body.innerText.split(/\s+/).filter(Boolean).length; })()`)
}

func (j *journey) press(name string) {
	j.t.Helper()
	j.Offers(name)
	j.look()
	j.taps++
	j.tab.press(name)
}

func (j *journey) fill(label, text string) {
	j.t.Helper()
	j.look()
	j.fields++
	j.tab.fill(label, text)
}

// unfold opens what lies behind the arrow of a caller's last call.
func (j *journey) unfold(caller string) {
	j.t.Helper()
	j.look()
	j.taps++
	eval[chromedp.Void](j.tab, `[...document.querySelectorAll("summary")].find((e) => (e.getAttribute("aria-label") || "").startsWith("More about " + `+quoted(caller)+`)).click()`)
}

// What ten people come for, on a phone: each finds it in as few taps as are said here, and the test's log says how many words they pass.
func TestTasksInABrowser(t *testing.T) {
	t.Parallel()
	for _, task := range []struct {
		name string
		do   func(t *testing.T, s *site) *journey
		most int // taps
	}{
		{"let a stranger through", lets, 1},
		{"find the plumber's call of last week", findsCall, 2},
		{"why was I blocked", asksWhy, 1},
		{"block a country", blocksCountry, 4},
		{"change quiet hours", setsQuietHours, 5},
		{"invite a brother", invites, 3},
		{"hear a message", hears, 1},
		{"report a scam", reports, 2},
		{"print the card", printsCard, 3},
		{"first run", setsUp, 5},
	} {
		t.Run(task.name, func(t *testing.T) {
			t.Parallel()
			j := task.do(t, newSite(t))
			j.look()
			if j.taps > task.most {
				t.Errorf("%d taps, more than %d", j.taps, task.most)
			}
			t.Logf("%d taps, %d fields, %d words", j.taps, j.fields, j.words)
		})
	}
}

func lets(t *testing.T, s *site) *journey {
	t.Helper()
	s.ringing()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Let through")
	j.sees("is put through to whoever answers")
	return j
}

func findsCall(t *testing.T, s *site) *journey {
	t.Helper()
	s.call("mum", siteNow.Add(-7*24*time.Hour), screening.Caller{Number: "+442079460333", Name: "Dave Plumbing", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}}, "accepted")
	for i := range 30 {
		s.call("mum", siteNow.Add(-time.Duration(100+i)*time.Hour), screening.Caller{Number: screening.Number(fmt.Sprintf("+4420794602%02d", i)), Presentation: screening.Allowed},
			screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}}, "accepted")
	}
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Calls")
	j.fill("Number, name", "plumb")
	j.press("Search")
	j.until("only that call", `document.body.innerText.includes("Dave Plumbing") && !document.body.innerText.includes("Surgery")`)
	return j
}

func asksWhy(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("020 7946 0999")
	j.sees("Trading Standards knows this number")
	j.until("the call's page", `location.pathname.includes("/calls/")`)
	return j
}

func blocksCountry(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Blocks")
	j.press("Block a number")
	j.fill("Phone number", "+43")
	j.press("Every number starting with these digits")
	j.press("Block")
	j.sees("Calls from Austria are turned away.")
	return j
}

func setsQuietHours(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Settings")
	j.press("The week")
	j.press("Add a time")
	j.press("Every day")
	j.fill("From", "22:00")
	j.fill("To", "07:00")
	j.press("Add this time")
	j.sees("22:00 to 07:00")
	return j
}

func invites(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Menu")
	j.press("People")
	j.fill("Their name", "Ben")
	j.press("Make an invitation")
	j.until("a link", `document.body.innerText.includes("/invitation/") || [...document.querySelectorAll("input,textarea")].some(e => e.value.includes("/invitation/"))`)
	return j
}

func hears(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.look()
	j.taps++ // the player's button of the message that is shown on Today
	j.until("it plays", `(() => { const a = [...document.querySelectorAll("audio")].find(e => e.getAttribute("aria-label").includes("message") || e.closest("li,article,div").innerText.includes("Their message")); a.play().catch(() => {}); return a.currentTime > 0.1; })()`)
	return j
}

func reports(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.unfold("020 7946 0555")
	j.press("Report 020 7946 0555 as a scam")
	j.sees("is reported as a scam")
	return j
}

func printsCard(t *testing.T, s *site) *journey {
	t.Helper()
	j := &journey{tab: s.browse("owner", "/")}
	j.press("Settings")
	j.press("The card by the phone")
	j.press("Open the card to print it")
	j.until("the card", `location.pathname.endsWith("/card/print")`)
	return j
}

func setsUp(t *testing.T, _ *site) *journey {
	t.Helper()
	s := emptySite(t)
	token, err := s.db.MakeStartToken(t.Context())
	s.ok(err)
	j := &journey{tab: s.browse("", "/start/"+token)}
	j.fill("Your name", "Anna Taylor")
	j.fill("Your e-mail address", "anna@example.org")
	j.fill("A password", goodPassword)
	j.press("Make my account")
	j.sees("Setting up, step 2 of 6")
	j.fill("What you call it", "Mum’s house")
	j.press("Continue")
	j.sees("Setting up, step 3 of 6")
	eval[int](j.tab, `(() => { const set = (id, v) => document.getElementById(id).value = v; set("name-1", "Ben"); set("number-1", "07700 900456"); return 0; })()`)
	j.fields += 2
	j.press("Save and continue")
	j.sees("Setting up, step 4 of 6")
	j.press("Ring the phone")
	j.sees("The phone is about to ring")
	for i, step := range []string{"ringing", "picked-up", "heard", "pressed"} {
		s.rest.step(step, i == 3)
	}
	j.sees("All of it works.")
	j.press("Continue")
	j.sees("Setting up, step 5 of 6")
	j.look()
	s.calledFromOutside()
	j.sees("All of it works.")
	return j
}
