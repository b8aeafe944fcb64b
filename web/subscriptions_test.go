package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	sharedlist "ringfence/sharing/list"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// listsOf keeps the site's subscriptions, with the site's clock.
func (s *site) listsOf(db *store.Store, data string) *subscribe.Updater {
	client := fetch.New(fetch.Options{AllowPrivate: true})
	s.t.Cleanup(client.Close)
	return subscribe.New(subscribe.Options{
		Store: db, Fetch: client, Folder: data, Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: func() time.Time { return siteNow },
		House: func(string) screening.Household { return screening.Household{Region: "GB"} }, Again: time.Millisecond,
	})
}

// runLists has the subscriptions kept up to date until the test's end.
func (s *site) runLists() {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Lists.Run(ctx) })
	s.t.Cleanup(func() { stop(); running.Wait() })
}

// published is a list that a web server serves.
type published struct {
	s      *site
	dir    string
	secret minisign.PrivateKey
	source subscribe.Source
}

func (s *site) published() published {
	public, secret, err := minisign.GenerateKey(nil)
	s.ok(err)
	dir := s.t.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	s.t.Cleanup(server.Close)
	p := published{s, dir, secret, subscribe.Source{URL: server.URL + "/", Key: public.String()}}
	p.publish("442079460666")
	return p
}

func (p published) publish(numbers ...string) {
	p.s.t.Helper()
	facts := sharedlist.Manifest{
		Name: "Great Dunmow", Publisher: "The parish council of Great Dunmow", Purpose: "Callers who defraud people in the parish", Region: "GB",
		Licence: "CC0-1.0", Contact: "https://parish.example/scams", Appeals: "appeals@parish.example", Made: siteNow.Add(-time.Hour), ValidUntil: siteNow.AddDate(0, 0, 30),
	}
	_, err := sharedlist.Publish(p.s.t.Context(), p.dir, p.secret, facts, func(yield func(sharedlist.Entry, error) bool) {
		for _, n := range numbers {
			if !yield(sharedlist.Entry{Digits: n, Category: "tech-support", Confidence: 0.9, Note: hostileName}, nil) {
				return
			}
		}
	}, sharedlist.Options{})
	p.s.ok(err)
}

func (s *site) action(number string) screening.Action {
	l, err := s.db.Lookup(s.t.Context(), "mum", s.Households()[0].Line, number, siteNow)
	s.ok(err)
	return l.Verdict.Action
}

// A carer pastes a link, sees whose list it is, subscribes, has it updated, hands it on and ends the subscription.
func TestSubscribingInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runLists()
	p := s.published()
	b := s.browse("carer", "/h/mum/lists")
	b.press("Subscribe to a list")
	b.fill("The list’s link", "ringfence:list?url=")
	b.press("See whose list it is")
	b.sees("This link is not whole: copy all of it, from ringfence: to its end.")
	b.shot("list-subscribe-wrong")
	b.fill("The list’s link", p.source.Link())
	b.press("See whose list it is")
	b.sees("The parish council of Great Dunmow")
	b.sees("It is signed with the key in your link.")
	b.shot("list-subscribe")
	b.axe()
	b.fits()
	if subs, err := s.db.Lists.Subscriptions(t.Context(), "mum"); err != nil || len(subs) != 0 {
		t.Errorf("subscribed before anybody said so: %+v %v", subs, err)
	}
	b.press("Subscribe")
	b.sees("The household is subscribed to the list Great Dunmow. It has 1 number.")
	b.sees("Valid until 24 December 2026.")
	if s.action("02079460666") != screening.TurnAway {
		t.Error("the list is not in force")
	}
	b.press("Share this list")
	b.until("the picture", `document.querySelector(".qr").naturalWidth > 100`)
	b.shot("list-subscribed")
	b.axe()
	b.fits()
	p.publish("442079460667", "442079460668")
	b.press("Update now")
	b.sees("It is up to date: 2 added, 0 changed and 1 removed.")
	b.open("/h/mum/lists")
	b.sees("From The parish council of Great Dunmow, last changed today at 11:00.")
	b.shot("lists-subscribed")
	b.axe()
	b.fits()
	b.press("Great Dunmow")
	b.press("End the subscription")
	b.press("End the subscription to Great Dunmow")
	b.sees("The subscription to the list Great Dunmow has ended, and its numbers are gone.")
	if s.action("02079460667") == screening.TurnAway {
		t.Error("the list is still in force")
	}
}

// A list that is not signed comes with a plain warning; only an owner can let it turn callers away.
func TestAnUnsignedListOnThePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runLists()
	s.Lists.AllowPlain = true // its server is at home
	p := s.published()
	for _, who := range []string{"carer", "owner"} {
		c := s.as(who)
		page := c.follows("/h/mum/lists/subscribe", "address", p.source.URL)
		if !strings.Contains(page, "It isn’t signed, so anyone could have written it") || strings.Contains(page, "Let it turn callers away") != (who == "owner") {
			t.Errorf("%s: %s", who, page)
		}
		accept, unsigned := actionOf(t, page, "/h/mum/lists/subscribe/"), "yes"
		if who == "carer" {
			c.refuses(accept, "Only an owner can let an unsigned list turn callers away.", "name", "Parish", "unsigned", unsigned)
			unsigned = ""
		}
		page = c.follows(accept, "name", "Parish", "unsigned", unsigned)
		want := map[string]screening.Action{"carer": screening.Screen, "owner": screening.TurnAway}[who]
		if s.action("02079460666") != want || !strings.Contains(page, "Nobody has signed it, ") {
			t.Errorf("%s: %s %s", who, s.action("02079460666"), page)
		}
		if who == "owner" {
			page = c.follows("/h/mum/list/unsigned", "name", "Parish")
			if s.action("02079460666") != screening.Screen || !strings.Contains(page, "turns nobody away any more, and only warns") {
				t.Errorf("%s %s", s.action("02079460666"), page)
			}
			c.post("/h/mum/list/unsigned", "name", "Parish", "unsigned", "yes")
			if s.action("02079460666") != screening.TurnAway {
				t.Error(s.action("02079460666"))
			}
		}
		c.post("/h/mum/list/unsubscribe", "name", "Parish")
	}
}

// How a list is comes in plain sentences.
func TestHowFreshASubscriptionIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sub := lists.Subscription{List: "Parish", Key: "RWx", Begun: siteNow, Next: siteNow.Add(time.Hour)}
	got := sub
	got.State = lists.State{Serial: 3, Made: siteNow.AddDate(0, 0, -10), ValidUntil: siteNow.AddDate(0, 0, 20)}
	got.Checked = siteNow.Add(-time.Hour)
	change := func(of lists.Subscription, how func(*lists.Subscription)) lists.Subscription {
		how(&of)
		return of
	}
	for what, test := range map[string]struct {
		sub  lists.Subscription
		want string
	}{
		"new":     {sub, "[{ It is being downloaded for the first time.}]"},
		"not yet": {change(sub, func(n *lists.Subscription) { n.Error = "the server cannot be reached" }), "[{stop It could not be downloaded yet: The server cannot be reached.} { It is tried again today at 12:00.}]"},
		"good":    {got, "[{ Checked today at 10:00. Valid until 14 December 2026.}]"},
		"failing": {change(got, func(n *lists.Subscription) { n.Error = "it is busy" }), "[{ Checked today at 10:00. Valid until 14 December 2026.} {warn The last update failed: It is busy. The list stays as it was.} { It is tried again today at 12:00.}]"},
		"ending": {change(got, func(n *lists.Subscription) { n.ValidUntil = siteNow.Add(time.Hour) }),
			"[{warn It is valid until 24 November 2026, and there is no newer one. From then on it only warns.}]"},
		"past": {change(got, func(n *lists.Subscription) { n.ValidUntil = siteNow }),
			"[{stop It has been out of date since 24 November 2026. Nobody has renewed it, so it no longer turns anybody away and only warns.}]"},
		"unsigned": {change(got, func(n *lists.Subscription) { n.Key, n.OnlyWarns = "", true }),
			"[{warn Nobody has signed it, so it turns nobody away and only warns.} { Checked today at 10:00. Valid until 14 December 2026.}]"},
		"allowed": {change(got, func(n *lists.Subscription) { n.Key = "" }),
			"[{warn Nobody has signed it, but it turns callers away because an owner chose that.} { Checked today at 10:00. Valid until 14 December 2026.}]"},
	} {
		v := &backend.Visitor{Now: siteNow, Household: s.Households()[0]}
		if row := toSubRow(v, test.sub); fmt.Sprint(row.State) != test.want {
			t.Errorf("%s: %v", what, row.State)
		}
	}
}

// What a stranger's server does is a sentence on the page, and how often anybody is asked is limited.
func TestListsThatCannotBeMet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.published()
	c := s.as("carer")
	for _, test := range []struct{ address, key, want string }{
		{"", "", "Fill in the list"}, {p.source.URL, "RWx", "This is not a public key of minisign"},
		{p.source.URL + "elsewhere", p.source.Key, "there is nothing at this address (404)"}, {"http://127.0.0.1:1", "", "The server cannot be reached"},
	} {
		a := c.post("/h/mum/lists/subscribe", "address", test.address, "key", test.key)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(a.body), strings.ToLower(test.want)) {
			t.Errorf("%+v: %d %s", test, a.status, a.body)
		}
	}
	for range someMeetings {
		c.post("/h/mum/lists/subscribe", "address", p.source.URL)
	}
	if a := c.post("/h/mum/lists/subscribe", "address", p.source.URL); !strings.Contains(a.body, "You have looked at many lists already") {
		t.Error(a.body)
	}
	if a := c.post("/h/mum/list/update", "name", "no such"); a.status != http.StatusNotFound {
		t.Errorf("%d", a.status)
	}
}

// A plain file whose columns of numbers can't be told apart is asked about on the page, which has kept the address. What was chosen is remembered by its heading.
func TestChoosingTheColumnOfAPlainList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runLists()
	served := func(table string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(table)) }))
		t.Cleanup(server.Close)
		return server.URL + "/scams.csv"
	}
	c := s.as("carer")
	two := served("Nummer 1,Nummer 2\n020 7946 0401,07700 900401\n020 7946 0402,07700 900402\n")
	a := c.post("/h/mum/lists/subscribe", "address", two)
	for _, part := range []string{two, "More than one column could have the callers’ numbers.", `name="column" value="Nummer 1"`, `name="column" value="Nummer 2"`, "such as 07700 900402"} {
		if !strings.Contains(a.body, part) && !strings.Contains(a.body, strings.Replace(part, "402", "401", 1)) {
			t.Errorf("%d without %q", a.status, part)
		}
	}
	met := c.post("/h/mum/lists/subscribe", "address", two, "column", "Nummer 2").header.Get("Location")
	if a := c.get(met); !strings.Contains(a.body, "Those from the column “Nummer 2”") {
		t.Error(a.body)
	}
	if a := c.post(met, "name", "scams"); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if sub, err := s.db.Lists.Subscription(t.Context(), "mum", "scams"); err != nil || sub.Column != "Nummer 2" {
		t.Errorf("%+v %v", sub, err)
	}
	if s.action("07700900401") != screening.Screen || s.action("02079460401") != screening.Screen {
		t.Error("an unsigned list turns callers away")
	}
	same := c.post("/h/mum/lists/subscribe", "address", served("Nummer,Nummer\n020 7946 0401,07700 900401\n020 7946 0402,07700 900402\n"))
	if !strings.Contains(same.body, `name="column" value="1"`) || !strings.Contains(same.body, `name="column" value="2"`) {
		t.Errorf("columns of one heading are chosen by their places: %d", same.status)
	}
	rows := c.post("/h/mum/lists/subscribe", "address", served("number,score\n020 7946 0501,90\n020 7946 0502,10\n"))
	if !strings.Contains(rows.body, "delete those rows and import it") || strings.Contains(rows.body, `name="column"`) {
		t.Errorf("rows that may be no scam: %d", rows.status)
	}
}

// plainTable is a plain file of which it is not certain which column has the numbers.
func (s *site) plainTable() string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("X,Y\n020 7946 0666,0121 496 0100\n020 7946 0668,0121 496 0101\n"))
	}))
	s.t.Cleanup(server.Close)
	return server.URL + "/scams.csv"
}
