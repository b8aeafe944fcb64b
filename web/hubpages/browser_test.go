package hubpages

import (
	"net/http"
	"strings"
	"testing"

	"ringfence/sharing/hub"
	"ringfence/web/browse"
)

// as opens a moderator's first page.
func (s *site) as(v *client) *browse.Tab {
	s.t.Helper()
	return browse.Open(s.t, s.web.URL, "/moderate", v.client.Jar.(*jar).cookies...)
}

// looked checks a page for people of every kind, and takes its picture.
func looked(b *browse.Tab, name string) {
	b.Fits()
	b.Axe()
	b.Shot("hub-" + name)
}

// Whoever finds their number on the list can look, write, and read the answer.
func TestAppealInABrowser(t *testing.T) {
	s := newSite(t)
	_, err := s.Publish(t.Context())
	s.ok(err)
	b := browse.Open(t, s.web.URL, "/")
	b.Sees("2 numbers on the list")
	b.Press("Address and key")
	b.Sees("minisign -V -m manifest.json")
	looked(b, "front")
	b.Press("Is your number on it by mistake?")
	b.Fill("Your phone number", "020 7946 0999")
	b.Press("Look up")
	b.Sees("isn’t on this list")
	looked(b, "appeal-not-listed")
	b.Fill("Your phone number", "020 7946 0123")
	b.Press("Look up")
	b.Sees("Ask to have it taken off")
	looked(b, "appeal")
	b.Fill("What should we know?", "It is our office since 1998. Somebody shows our number.")
	b.Fill("How can we reach you?", "office@example.org")
	b.Press("Send")
	b.Sees("We have your message")
	looked(b, "appealed")
	mine := browse.Eval[string](b, "location.pathname")

	m := s.as(s.moderator())
	m.Press("Appeals (1)")
	m.Sees("waiting")
	looked(m, "appeals")
	m.Press("020 7946 0123")
	m.Sees("It is our office since 1998.")
	looked(m, "answer")
	m.Press("Decide about the number")
	m.Sees("What about it?")
	m.Press("Dismiss It isn’t a scammer’s. It stays off the list until a moderator says otherwise.")
	m.Fill("Why?", "Rang back: it is the office of a charity.")
	m.Press("Decide")
	m.Sees("Dismissed: not a scammer’s. It applies once the list is published again")
	m.Press("An appeal of 24 November 2026 (not answered yet)")
	m.Sees("Your answer")
	m.Fill("Your answer", "Your number is off the list from today.")
	m.Press("Answer")
	m.Sees("They can read your answer")
	m.Open("/moderate")
	m.Press("Publish now")
	m.Sees("The list was published, with 1 number.")

	b.Open(mine)
	b.Sees("Your number is off the list from today.")
	looked(b, "answered")
	b.Open("/appeal?number=02079460123")
	b.Sees("isn’t on this list")
}

// A moderator signs in, looks through what is reported, and decides; each page is one that anybody can use.
//
// Long: one story, each step of which rests on those before it.
func TestModeratingInABrowser(t *testing.T) {
	s := newSite(t)
	b := browse.Open(t, s.web.URL, "/moderate")
	b.Sees("This is for the moderators of the group.")
	looked(b, "sign-in")
	b.Fill("E-mail", "anna@example.org")
	b.Fill("Password", password)
	b.Press("Sign in")
	b.Sees("12 households can report.")
	looked(b, "desk")
	b.Press("Disputed")
	b.Until("the disputed ones", `document.querySelector(".tabs a[aria-current]").innerText === "Disputed"`)
	b.Press("020 7946 0124")
	b.Sees("What about it?") // the desk says how many, too
	b.Sees("Reported by 4 households; disputed by 4")
	if browse.Eval[bool](b, `document.getElementById("f-public").checkVisibility()`) {
		t.Error("fields of what is not chosen are shown")
	}
	b.Press("Confirm You know that it is a scammer’s. It counts as twenty reports made today.")
	b.Fill("What everybody may read about it", "sells solar panels that do not exist")
	looked(b, "number")
	b.Fill("Why?", "Trading Standards know them.")
	b.Press("Decide")
	b.Sees("Confirmed as a scammer’s. It applies")
	b.Sees("A moderator has confirmed it.")
	looked(b, "number-decided")
	b.Press("Protected")
	b.Sees("Angel Lane Surgery")
	b.Fill("The number", "01245 362*")
	b.Fill("Whose is it?", "Broomfield Hospital")
	b.Fill("Why?", "Its switchboard")
	b.Press("Protect it")
	b.Sees("will be left off the list from its next publication")
	looked(b, "protected")
	b.Press("Invitations")
	b.Sees("Make an invitation")
	looked(b, "invitations")
	b.Fill("Where is it handed out?", "Church fête")
	b.Press("Make the link")
	b.Sees("50 households may join with it")
	looked(b, "invited")
	link := browse.Eval[string](b, `document.getElementById("link").value`)
	if _, secret, ok := strings.Cut(link, "#"); !ok || s.household(http.MethodPost, "/v1/join", "", `{"invite":"`+secret+`"}`).status != http.StatusCreated {
		t.Error("nobody can join with", link)
	}
	b.Open(strings.TrimPrefix(link, s.web.URL))
	b.Sees("invites you to report scam callers")
	if got := browse.Eval[string](b, `document.getElementById("link").value`); got != link {
		t.Errorf("the page has %s to copy, not %s", got, link)
	}
	looked(b, "join")
	b.Open("/list/#key=RWx")
	b.Until("the list's link to copy", `document.getElementById("link").value.startsWith("https://hub.example/list/#key=RW")`)
	b.Press("Copy")
	b.Sees("Copied")
	looked(b, "subscribe")
	b.Open("/moderate/keys")
	looked(b, "keys")
	keys, err := s.db.Keys(t.Context(), "", siteNow)
	s.ok(err)
	b.Press("Expel it (" + keys[0].Pseudonym + ")")
	browse.Eval[any](b, `document.querySelector("details[open] textarea").value = "floods us"`)
	b.Press("Expel: none of its reports counts")
	b.Sees("The household is expelled")
	b.Press("Decisions")
	b.Sees("Trading Standards know them.")
	b.Sees(keys[0].Pseudonym + " was expelled")
	looked(b, "log")
	b.Press("Sign out")
	b.Sees("Moderators")
	if all, err := s.db.Decisions(t.Context(), hub.Subject{}, 10); err != nil || len(all) != 2 {
		t.Error(all, err)
	}
}
