package household

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ringfence/notify"
	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/group"
	"ringfence/sharing/group/grouptest"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/outbox"
)

// updater gets lists from servers on this machine.
func (f *filled) updater() *subscribe.Updater {
	return subscribe.New(subscribe.Options{
		Store: f.Store, Fetch: fetch.New(fetch.Options{AllowPrivate: true}), Log: slog.New(slog.DiscardHandler), AllowPlain: true,
		House: func(string) screening.Household { return screening.Household{Region: "GB"} },
	})
}

// hasPhoneBlock subscribes to PhoneBlock's list, which asks nobody anything yet.
func hasPhoneBlock(ctx context.Context, f *filled) error {
	_, _, err := f.SubscribeToPhoneBlock(ctx, f.updater(), subscribe.BlocklistSource{Key: phoneblocktest.Key}, subscribe.Choices{})
	return err
}

// hasGroup brings the household into a group.
func hasGroup(ctx context.Context, f *filled) (err error) {
	f.joined, err = f.Store.Outbox.JoinGroup(ctx, outbox.Group{Household: "home", Name: "Parish", URL: "http://127.0.0.1:1", Joined: f.Now, From: f.Now}, "rfk_key")
	return err
}

// isSomebody makes the actor a person of the household with an alert.
func isSomebody(ctx context.Context, f *filled) error {
	anna, err := f.Store.People.Add(ctx, "Anna", "anna@example.org")
	if err == nil {
		f.Actor.Person = anna.ID
		err = f.Store.SetMembership(ctx, "home", anna.ID, store.RoleOwner, false)
	}
	if err == nil {
		f.alert, err = f.Store.Outbox.AddChannel(ctx, "home", anna.ID, "E-mail to anna@example.org", "email", secretAddress, atOnce(outbox.EventLine))
	}
	return err
}

const secretAddress = "smtp://anna:secret@example.org"

func atOnce(events ...outbox.Event) outbox.Choices {
	return outbox.Choices{Events: events, Digest: -1}
}

// getsAlertsInBrowser makes the actor a person whose alert goes to a browser.
func getsAlertsInBrowser(ctx context.Context, f *filled) error {
	return errors.Join(isSomebody(ctx, f), f.Store.Outbox.ReplaceChannelAddress(ctx, "home", f.Actor.Person, f.alert, "Browser: Chrome", notify.WebPush, aBrowser("old")))
}

// aBrowser is the address of alerts to a browser.
func aBrowser(name string) string {
	return "webpush://browser?endpoint=https%3A%2F%2Fpush.example%2F" + name
}

var byMail = AlertTo{Service: "email", By: "by e-mail", Where: "E-mail to anna@example.org", Address: secretAddress}

func init() {
	deeds = append(deeds, []deed{
		{name: "subscribe to PhoneBlock", do: func(ctx context.Context, f *filled) (Done, error) {
			_, done, err := f.SubscribeToPhoneBlock(ctx, f.updater(), subscribe.BlocklistSource{Key: phoneblocktest.Key}, subscribe.Choices{Name: "Germans"})
			return done, err
		}, word: ListSubscribed, is: "Germans, from https://phoneblock.net/"},
		{name: "let a list turn away", before: hasPhoneBlock, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.AllowUnsigned(ctx, f.updater(), "PhoneBlock", true)
		}, word: ListUnsigned, was: "only warns", is: "turns callers away"},
		{name: "another key", before: hasPhoneBlock, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.SetListKey(ctx, f.updater(), "PhoneBlock", " another \n")
		}, word: ListKeyChanged},
		{name: "ask PhoneBlock", before: hasPhoneBlock, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.AskPhoneBlock(ctx, "PhoneBlock", true)
		}, word: PhoneBlockAsked, was: "not asked", is: "asked"},
		{name: "leave a group", before: hasGroup, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.LeaveGroup(ctx, group.Groups{Client: group.Client{HTTP: http.DefaultClient}}, f.joined)
		}, word: GroupLeft, was: "Parish, http://127.0.0.1:1"},
		{name: "pause a group", before: hasGroup, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.PauseGroup(ctx, f.joined, true)
		}, word: GroupPaused, was: "not paused", is: "paused"},
		{name: "send earlier reports", before: hasGroup, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.SendEarlier(ctx, f.joined)
		}, word: GroupEarlier},
		{name: "add an alert", before: isSomebody, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.AddAlert(ctx, byMail, atOnce(outbox.Events()...))
		}, word: AlertAdded, is: "everything, at once"},
		{name: "change an alert", before: isSomebody, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.ChangeAlert(ctx, f.alert, outbox.Choices{Events: outbox.Events()[:2], Digest: 18 * 60, QuietFrom: 22 * 60, QuietTo: 7 * 60, BreakQuiet: true, Zone: "Europe/London"})
		}, word: AlertChanged, was: "1 of 13 things, at once", is: "2 of 13 things, once a day, at 18:00, but not from 22:00 to 07:00 unless it is urgent (Europe/London)"},
		{name: "send an alert elsewhere", before: isSomebody, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.ReplaceAlertAddress(ctx, f.alert, AlertTo{Service: "email", By: "by e-mail", Where: "E-mail to ben@example.org", Address: "smtp://ben:secret@example.org"})
		}, word: AlertChanged, stays: "the address before is a secret, and erased"},
		{name: "renew a browser's address", before: getsAlertsInBrowser, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.RenewBrowser(ctx, "https://push.example/old", AlertTo{Service: notify.WebPush, Where: "Browser: Chrome", Address: aBrowser("new"), Device: true})
		}, word: AlertChanged, stays: "the browser no longer has the address before"},
		{name: "pause an alert", before: isSomebody, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.PauseAlert(ctx, f.alert, true)
		}, word: AlertPaused, was: "not paused", is: "paused"},
		{name: "remove an alert", before: isSomebody, do: func(ctx context.Context, f *filled) (Done, error) {
			return f.RemoveAlert(ctx, f.alert)
		}, word: AlertRemoved, was: "1 of 13 things, at once"},
		{name: "make an address book", do: func(ctx context.Context, f *filled) (Done, error) {
			_, done, err := f.MakeBook(ctx, store.MostBook)
			return done, err
		}, word: BookMade, is: "1,000 numbers"},
		{name: "withdraw an address book", before: func(ctx context.Context, f *filled) error {
			_, err := f.Store.MakeBook(ctx, store.Book{Household: "home", Most: 1, Made: f.Now})
			return err
		}, do: func(ctx context.Context, f *filled) (Done, error) { return f.WithdrawBook(ctx) }, word: BookWithdrawn, was: "1 number"},
		{name: "finish setting up", do: func(ctx context.Context, f *filled) (Done, error) { return f.FinishSetUp(ctx) }, word: SetUp},
		{name: "forget a number that was dialled", before: func(ctx context.Context, f *filled) error {
			return f.Store.NumberDialled(ctx, "home", stranger, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
		}, do: func(ctx context.Context, f *filled) (Done, error) { return f.ForgetDialled(ctx, "020 7946 0123") }, word: DialledRemoved, was: "dialled on 24 November 2026"},
		{name: "ring the own phones", do: func(ctx context.Context, f *filled) (Done, error) { return f.OnTestCall(ctx) }, word: TestCalled},
		{name: "download a backup", do: func(ctx context.Context, f *filled) (Done, error) { return f.OnBackup(ctx) }, word: BackedUp},
		{name: "publish a list", do: func(ctx context.Context, f *filled) (Done, error) { return f.OnListPublished(ctx, "It is published.") }, word: ListPublished},
	}...)
}

// What stands against a deed about lists, groups, alerts and devices is refused by what kind it is, and changes nothing.
//
// Long: one table.
func TestRefusalsOfSharing(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	if err := errors.Join(hasPhoneBlock(ctx, f), hasGroup(ctx, f), isSomebody(ctx, f)); err != nil {
		t.Fatal(err)
	}
	u := f.updater()
	plain := f.updater()
	plain.AllowPlain = false
	key := subscribe.BlocklistSource{Key: phoneblocktest.Key}
	phoneBlock := func(from subscribe.BlocklistSource, name string) error {
		_, _, err := f.SubscribeToPhoneBlock(ctx, u, from, subscribe.Choices{Name: name})
		return err
	}
	for name, c := range map[string]struct {
		kind Kind
		do   func() (Done, error)
	}{
		"subscribe twice": {Conflict, func() (Done, error) { return Done{}, phoneBlock(key, "again") }},
		"a name that is taken": {Conflict, func() (Done, error) {
			return Done{}, phoneBlock(subscribe.BlocklistSource{Server: "https://other.example", Key: phoneblocktest.Key}, "PhoneBlock")
		}},
		"no key":               {Unfit, func() (Done, error) { return Done{}, phoneBlock(subscribe.BlocklistSource{}, "") }},
		"a long name":          {Unfit, func() (Done, error) { return Done{}, phoneBlock(key, strings.Repeat("x", lists.MaxName+1)) }},
		"no key any more":      {Unfit, func() (Done, error) { return f.SetListKey(ctx, u, "PhoneBlock", " ") }},
		"a key for no list":    {Gone, func() (Done, error) { return f.SetListKey(ctx, u, "other", "key") }},
		"ask about no list":    {Gone, func() (Done, error) { return f.AskPhoneBlock(ctx, "other", true) }},
		"unsigned, of no list": {Gone, func() (Done, error) { return f.AllowUnsigned(ctx, u, "other", true) }},
		"pause no group":       {Conflict, func() (Done, error) { return f.PauseGroup(ctx, 4711, true) }},
		"leave no group":       {Conflict, func() (Done, error) { return f.LeaveGroup(ctx, group.Groups{}, 4711) }},
		"an alert of nothing":  {Unfit, func() (Done, error) { return f.AddAlert(ctx, byMail, atOnce()) }},
		"change it to nothing": {Unfit, func() (Done, error) { return f.ChangeAlert(ctx, f.alert, atOnce()) }},
		"an odd clock": {Unfit, func() (Done, error) {
			c := atOnce(outbox.EventLine)
			c.Zone = "Europe/Atlantis"
			return f.AddAlert(ctx, byMail, c)
		}},
		"an odd event": {Unfit, func() (Done, error) { return f.ChangeAlert(ctx, f.alert, atOnce("weather")) }},
		"no member": {NotAllowed, func() (Done, error) {
			stranger := f.Admin
			stranger.Actor.Person = 4711
			return stranger.AddAlert(ctx, byMail, atOnce(outbox.EventLine))
		}},
		"pause no alert":   {Gone, func() (Done, error) { return f.PauseAlert(ctx, 4711, true) }},
		"remove no alert":  {Gone, func() (Done, error) { return f.RemoveAlert(ctx, 4711) }},
		"a book of none":   {Unfit, func() (Done, error) { _, d, err := f.MakeBook(ctx, 0); return d, err }},
		"a book too thick": {Unfit, func() (Done, error) { _, d, err := f.MakeBook(ctx, store.MostBook+1); return d, err }},
		"withdraw no book": {Gone, func() (Done, error) { return f.WithdrawBook(ctx) }},
		"not dialled":      {Gone, func() (Done, error) { return f.ForgetDialled(ctx, "020 7946 0123") }},
	} {
		before, lines := f.state(t), f.lines(t)
		_, err := c.do()
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Kind != c.kind || !strings.HasSuffix(refusal.Sentence, ".") {
			t.Errorf("%s: %#v", name, err)
		}
		if f.state(t) != before || f.lines(t) != lines {
			t.Errorf("%s: something was changed", name)
		}
	}
	if _, err := f.AllowUnsigned(ctx, plain, "PhoneBlock", true); err != nil { // it comes by https
		t.Error(err)
	}
}

// Nobody gets an alert twice in the same browser, neither by adding it again nor by moving another alert there.
func TestOneAlertForEachBrowser(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	if err := isSomebody(ctx, f); err != nil {
		t.Fatal(err)
	}
	browser := AlertTo{Service: "webpush", By: "in a browser", Where: "Browser: Chrome on Linux", Address: "webpush://browser?endpoint=topsecret", Device: true}
	added, err := f.AddAlert(ctx, browser, atOnce(outbox.EventLine))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, f.Admin, Unfit, func() error { _, err := f.AddAlert(ctx, browser, atOnce(outbox.EventWeek)); return err })
	refused(t, f.Admin, Unfit, func() error { _, err := f.ReplaceAlertAddress(ctx, f.alert, browser); return err })
	if _, err := f.ReplaceAlertAddress(ctx, added.ID, browser); err != nil {
		t.Error(err)
	}
}

// Nobody has more alerts than anybody can keep an eye on; and nobody's are changed by somebody else.
func TestAlertsAreEachPersonsOwn(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	if err := isSomebody(ctx, f); err != nil {
		t.Fatal(err)
	}
	for range mostAlerts - 1 {
		if _, err := f.AddAlert(ctx, byMail, atOnce(outbox.EventLine)); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, f.Admin, Unfit, func() error { _, err := f.AddAlert(ctx, byMail, atOnce(outbox.EventLine)); return err })
	ben := f.Admin
	ben.Actor.Person = 4711
	refused(t, ben, Gone, func() error { _, err := ben.RemoveAlert(ctx, f.alert); return err })
	all, err := f.Store.AuditLog(ctx, "home", 0, 100)
	for _, l := range all {
		if strings.Contains(l.Text+l.Before+l.After, "anna") {
			t.Errorf("the audit log has an address: %+v", l)
		}
	}
	if err != nil || len(all) != mostAlerts-1 {
		t.Error(len(all), err)
	}
}

// hub is what the hub of the group Parish offers.
func hub(t *testing.T) group.Offer {
	t.Helper()
	return group.Offer{Link: group.Link{URL: grouptest.Open(t, "Parish").URL, Invite: grouptest.Invite}, Name: "Parish"}
}

// Who joins a group is subscribed to its list, by a name that is free; and the audit log has both.
func TestJoinGroup(t *testing.T) {
	f, ctx := newFilled(t), t.Context()
	groups := group.Groups{Store: f.Store, Client: group.Client{HTTP: http.DefaultClient, OwnNetwork: true}, Now: func() time.Time { return f.Now }}
	join := func(o group.Offer, c GroupChoices) Done {
		t.Helper()
		done, listErr, err := f.JoinGroup(ctx, groups, f.updater(), o, c)
		if err != nil || listErr != nil {
			t.Fatal(listErr, err)
		}
		return done
	}
	first := hub(t)
	if done := join(first, GroupChoices{}); done.Sentence != "The household has joined Parish, and sends it its reports from now on." || f.lines(t) != 1 {
		t.Errorf("%+v", done)
	}
	refused(t, f.Admin, Unfit, func() error { _, _, err := f.JoinGroup(ctx, groups, f.updater(), first, GroupChoices{}); return err })
	for _, list := range []string{"Parish", "Parish 2"} {
		done := join(hub(t), GroupChoices{Earlier: true, Subscribe: true})
		if !strings.HasSuffix(done.Sentence, "It has also subscribed to the group's list, which is called "+list+" here.") || lastLine(t, f.Admin).What != "list-subscribed" {
			t.Errorf("%+v", done)
		}
	}
	all, err := f.Store.Outbox.Groups(ctx, "home")
	if err != nil || len(all) != 3 || all[0].By != "Anna" || !all[0].From.IsZero() || all[2].From.IsZero() {
		t.Errorf("%+v %v", all, err)
	}
	left, err := f.LeaveGroup(ctx, groups, all[0].ID)
	if err != nil || left.Sentence != "The household has left Parish. Its key is deleted, and it sends nothing more." {
		t.Errorf("%+v %v", left, err)
	}
	again := group.Offer{Link: group.Link{URL: all[0].URL, Invite: first.Link.Invite}, Name: "Parish"}
	if done := join(again, GroupChoices{Subscribe: true}); !strings.HasSuffix(done.Sentence, "called Parish 2 here.") { // it has the list still
		t.Errorf("%+v", done)
	}
	silent := hub(t)
	silent.Link.Key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" // with which its list is not signed
	done, listErr, err := f.JoinGroup(ctx, groups, f.updater(), silent, GroupChoices{Subscribe: true})
	if err != nil || listErr == nil || !strings.Contains(done.Sentence, "has joined Parish") || !strings.Contains(done.Sentence, "It couldn't subscribe to the group's list: ") {
		t.Errorf("%+v %v %v", done, listErr, err)
	}
	gone := group.Offer{Link: group.Link{URL: "http://127.0.0.1:1", Invite: first.Link.Invite}, Name: "Nobody"}
	refused(t, f.Admin, Unfit, func() error { _, _, err := f.JoinGroup(ctx, groups, f.updater(), gone, GroupChoices{}); return err })
}

// A household that joins a group twice at once is in it once, and the hub hears that nobody keeps the second key.
func TestJoinGroupTwiceAtOnce(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	const first, second = "rfk_first", "rfk_4aYh3sFqZ9cVb1Lw8XkPmN2tR6uE0jDo"
	var left []string
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/v1/join", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := f.Store.Outbox.JoinGroup(ctx, outbox.Group{Household: "home", Name: "Parish", URL: server.URL, Joined: f.Now, From: f.Now}, first); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"key":"`+second+`"}`) // whoever asked may have left
	})
	mux.HandleFunc("/v1/leave", func(_ http.ResponseWriter, r *http.Request) { left = append(left, r.Header.Get("Authorization")) })
	groups := group.Groups{Store: f.Store, Client: group.Client{HTTP: http.DefaultClient, OwnNetwork: true}, Now: func() time.Time { return f.Now }}
	if _, err := f.FinishSetUp(ctx); err != nil { // the line before
		t.Fatal(err)
	}
	refused(t, f.Admin, Conflict, func() error {
		_, _, err := f.JoinGroup(ctx, groups, f.updater(), group.Offer{Link: group.Link{URL: server.URL, Invite: "q9Jx2mV4bT7nZ0aLkR5sWcY8"}, Name: "Parish"}, GroupChoices{})
		return err
	})
	if len(left) != 1 || !strings.HasSuffix(left[0], second) {
		t.Errorf("%q have left", left)
	}
}

// Who subscribes by a program is remembered with the program, as the audit log has them.
func TestSubscribedByAProgram(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	f.Actor.Program = "night watch"
	if err := hasPhoneBlock(ctx, f); err != nil {
		t.Fatal(err)
	}
	sub, err := f.Store.Lists.Subscription(ctx, "home", "PhoneBlock")
	if err != nil || sub.By != lastLine(t, f.Admin).By {
		t.Errorf("%q %v", sub.By, err)
	}
	from, err := subscribe.ParseSource(hub(t).Link.URL+"/list/", "")
	if err != nil {
		t.Fatal(err)
	}
	if sub, _, err = f.Subscribe(ctx, f.updater(), from, subscribe.Choices{}); err != nil || sub.By != f.Actor.String() {
		t.Errorf("%q %v", sub.By, err)
	}
}

// Whoever is no owner can subscribe to a list that nobody has signed, but not have it turn callers away.
func TestOnlyOwnersLetUnsignedListsTurnAway(t *testing.T) {
	t.Parallel()
	f, ctx := newFilled(t), t.Context()
	from, err := subscribe.ParseSource(hub(t).Link.URL+"/list/", "")
	if err != nil {
		t.Fatal(err)
	}
	f.Actor.Role = store.RoleCarer
	var refusal *Refusal
	if _, _, err := f.Subscribe(ctx, f.updater(), from, subscribe.Choices{MayTurnAway: true}); !errors.As(err, &refusal) || refusal.Kind != NotAllowed {
		t.Errorf("a carer: %v", err)
	}
	if sub, _, err := f.Subscribe(ctx, f.updater(), from, subscribe.Choices{}); err != nil || !sub.OnlyWarns {
		t.Errorf("%+v %v", sub, err)
	}
}

// shares is what a household has to do with lists, groups and devices, and who is told what.
func (f *filled) shares(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	subs, err := f.Store.Lists.Subscriptions(ctx, "home")
	var keys []string
	for i, sub := range subs {
		key, failed := f.Store.Lists.BlocklistKey(ctx, sub.ID)
		keys, err = append(keys, key), errors.Join(err, failed)
		subs[i].Source = 0 // it is made again for who comes back to a list that nobody else has
	}
	all, err5 := f.Store.Lists.All(ctx, "home")
	members, err6 := f.Store.Members(ctx, "home")
	groups, err2 := f.Store.Outbox.Groups(ctx, "home")
	alerts, err3 := f.Store.Outbox.Channels(ctx, "home", 0)
	book, err4 := f.Store.BookOf(ctx, "home")
	if errors.Is(err4, store.ErrNoBook) {
		err4 = nil
	}
	if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(subs, keys, all, members, groups, alerts, book)
}

// What is put back says so in its own audit log, of the whole machine.
func TestLineOfARestoredBackup(t *testing.T) {
	l := Admin{Household: "home", Actor: CommandLine, Now: time.Unix(7, 0)}.RestoredLine("/media/stick/all\u202e.tar.gz")
	if l.Household != "" || l.What != "restored" || l.By != store.ByCommand || l.Way != store.WayCommand || !l.At.Equal(time.Unix(7, 0)) || l.Text != "A backup was restored: all.tar.gz." {
		t.Errorf("%+v", l)
	}
}
