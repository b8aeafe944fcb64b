package app

import (
	"errors"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/household"
	"ringfence/notify"
	"ringfence/screening"
	"ringfence/sharing/group/grouptest"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/outbox"
)

func (h *house) asksNobody() {
	u := subscribe.New(subscribe.Options{Store: h.db, Log: h.log, AllowPlain: true, House: func(string) screening.Household { return screening.Household{Region: "GB"} }})
	a := Admin(h.Settings, h.db, h.name, household.CommandLine)
	_, _, err := a.SubscribeToPhoneBlock(h.Context(), u, subscribe.BlocklistSource{Server: nowhere, Key: phoneblocktest.Key}, subscribe.Choices{})
	h.must(err)
}

// nowhere is a server that is not there, so that nothing is got from it.
const nowhere = "http://127.0.0.1:1"

// joins joins a group that is sent the reports made from some time on.
func (h *house) joins(from time.Time) {
	var err error
	h.group, err = h.db.Outbox.JoinGroup(h.Context(), outbox.Group{Household: h.name, Name: "Dunmow", URL: nowhere, Joined: time.Now(), From: from}, "rfk_key")
	h.must(err)
}

func (h *house) inGroup() { h.joins(time.Now()) }

func (h *house) inPausedGroup() {
	h.inGroup()
	h.must(h.db.Outbox.PauseGroup(h.Context(), h.name, h.group, true))
}

// alerted is a carer with an alert.
func (h *house) alerted() {
	var err error
	h.way, err = h.db.Outbox.AddChannel(h.Context(), h.name, h.carer.ID, "E-mail to anna@example.org", "email", "smtp://anna:secret@example.org", outbox.Choices{Events: outbox.Events()[:1], Digest: -1})
	h.must(err)
}

// alertedInBrowser is a carer whose browser gets alerts.
func (h *house) alertedInBrowser() {
	h.alerted()
	h.must(h.db.Outbox.ReplaceChannelAddress(h.Context(), h.name, h.carer.ID, h.way, "Browser: Chrome", notify.WebPush, "webpush://browser?endpoint=https%3A%2F%2Fpush.example%2Fold"))
}

// renewedBrowser is what the service worker of a page sends.
func renewedBrowser() way {
	return way{by: store.WayPage, does: func(h *house, as *person) {
		h.Helper()
		answer, err := as.browser.PostForm(h.web+"/me/browser", url.Values{
			"was": {"https://push.example/old"}, "s-endpoint": {"https://push.example/new"}, "s-auth": {"AAECAwQFBgcICQoLDA0ODw"},
			"s-p256dh": {"BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"},
		})
		h.must(err)
		if h.read(answer); answer.StatusCode != http.StatusNoContent {
			h.Fatalf("it answered %d", answer.StatusCode)
		}
	}}
}

func (h *house) alertPaused() {
	h.alerted()
	h.must(h.db.Outbox.PauseChannel(h.Context(), h.name, h.carer.ID, h.way, true))
}

func (h *house) withBook() {
	_, err := h.db.MakeBook(h.Context(), store.Book{Household: h.name, Most: 300, Made: time.Now()})
	h.must(err)
}

func (h *house) dialled() {
	h.must(h.db.NumberDialled(h.Context(), h.name, stranger, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)))
}

// waiting has a list with changes that somebody has to look at first.
func (h *house) waiting() {
	now := time.Now()
	one := func(digits string) iter.Seq2[lists.Entry, error] {
		return func(yield func(lists.Entry, error) bool) { yield(lists.Entry{Digits: digits, Confidence: 1}, nil) }
	}
	h.must(h.db.Lists.Subscribe(h.Context(), lists.Subscription{Household: h.name, List: "scams", Kind: lists.File, URL: nowhere + "/" + h.name + ".csv", OnlyWarns: true, Period: time.Hour, Begun: now, Next: now.Add(time.Hour)}))
	for serial, digits := range []string{"442079460666", "442079460777"} {
		sub, err := h.db.Lists.Subscription(h.Context(), h.name, "scams")
		h.must(err)
		update := lists.Update{Sub: sub, State: lists.State{Serial: int64(serial) + 1}, At: now, Next: now.Add(time.Hour), Hold: lists.Hold{Needed: func(lists.Counts) bool { return serial > 0 }}}
		if _, err := h.db.Lists.ApplyFull(h.Context(), update, one(digits)); !errors.Is(err, lists.ErrHeld) {
			h.must(err)
		}
	}
	sub, err := h.db.Lists.Subscription(h.Context(), h.name, "scams")
	h.must(err)
	h.held = sub.Held.Version
}

// published has a list, and a key to publish it with.
func (h *house) published() {
	h.listed()
	h.runs("list", "key", "{data}/{household}.key")
}

// sharingDeeds are those with what others publish, with groups, and with a person's own alerts.
//
// Long: one table.
func sharingDeeds(t *testing.T) []deed {
	t.Helper()
	hub := grouptest.Open(t, "Dunmow")
	address, key, another := hub.URL+"/list", filepath.Join(t.TempDir(), "phoneblock.key"), filepath.Join(t.TempDir(), "another.key")
	if err := errors.Join(os.WriteFile(key, []byte(phoneblocktest.Key), 0o600), os.WriteFile(another, []byte("another"), 0o600)); err != nil {
		t.Fatal(err)
	}
	return []deed{
		{name: "subscribe", methods: "Subscribe", word: household.ListSubscribed, is: "Dunmow, from " + address + "/", ways: []way{
			page("lists", form("lists/subscribe", "address", address, "key", hub.ListKey), form("lists/subscribe/{met}")),
			program("PUT lists/Dunmow/subscription", `{"address": "`+address+`", "key": "`+hub.ListKey+`"}`),
			command("list", "subscribe", address, "--key", hub.ListKey),
		}},
		{name: "subscribe to PhoneBlock", methods: "SubscribeToPhoneBlock", word: household.ListSubscribed, is: "PhoneBlock, from " + nowhere + "/", ways: []way{
			page("lists/phoneblock", form("lists/phoneblock", "key", phoneblocktest.Key, "server", nowhere)).byOwner(),
			program("PUT lists/PhoneBlock/phoneblock", `{"key": "`+phoneblocktest.Key+`", "server": "`+nowhere+`"}`).byOwner(),
			commandThatFails("list", "phoneblock", "subscribe", "--key-file", key, "--server", nowhere),
		}},
		{name: "give PhoneBlock another key", methods: "SetListKey", word: household.ListKeyChanged, needs: (*house).asksNobody, final: true, ways: []way{
			page("list?name=PhoneBlock", form("list/key", "key", "another")).byOwner(),
			program("PUT lists/PhoneBlock/phoneblock", `{"key": "another"}`).byOwner(),
			command("list", "phoneblock", "key", "--key-file", another),
		}},
		{name: "ask PhoneBlock about strangers", methods: "AskPhoneBlock", word: household.PhoneBlockAsked, needs: (*house).asksNobody, was: "not asked", is: "asked", owners: true, ways: []way{
			page("list?name=PhoneBlock", form("list/ask", "ask", "yes")).byOwner(),
			program("PUT lists/PhoneBlock/phoneblock", `{"asks": true}`).byOwner(),
			command("list", "phoneblock", "ask", "on"),
		}},
		{name: "ask PhoneBlock no more", methods: "AskPhoneBlock", word: household.PhoneBlockNotAsked, needs: func(h *house) {
			h.asksNobody()
			h.must(h.db.Lists.AskOfCallers(h.Context(), h.name, "PhoneBlock", true))
		}, was: "asked", is: "not asked", owners: true, ways: []way{
			page("list?name=PhoneBlock", form("list/ask", "ask", "")).byOwner(),
			program("PUT lists/PhoneBlock/phoneblock", `{"asks": false}`).byOwner(),
			command("list", "phoneblock", "ask", "off"),
		}},
		{name: "let an unsigned list turn away", methods: "AllowUnsigned", word: household.ListUnsigned, needs: (*house).asksNobody, was: "only warns", is: "turns callers away", owners: true, ways: []way{
			page("list?name=PhoneBlock", form("list/unsigned", "unsigned", "yes")).byOwner(),
		}},
		{name: "add a ready list", methods: "AddReadyList", word: household.ListSubscribed, is: "gb-drama, from ready:gb-drama", ways: []way{
			page("lists", form("lists/ready", "ready", "gb-drama")),
			program("PUT ready-lists/gb-drama", `{}`),
			command("list", "ready", "add", "gb-drama"),
		}},
		{name: "accept the changes of a list", methods: "AcceptListChanges", word: household.ListImported, needs: (*house).waiting, was: "1 number", final: true, ways: []way{
			page("list?name=scams", form("list/changes")),
			program("POST lists/scams/changes", `{"version": {held}}`),
			command("list", "changes", "scams", "--accept"),
		}},
		{name: "end a subscription", methods: "Unsubscribe RemoveList", word: household.ListUnsubscribed, needs: (*house).asksNobody, was: "PhoneBlock", ways: []way{
			page("list?name=PhoneBlock", form("list/unsubscribe")),
			program("DELETE lists/PhoneBlock", ""),
			command("list", "unsubscribe", "PhoneBlock"),
		}},
		{name: "publish a list", methods: "OnListPublished", word: household.ListPublished, needs: (*house).published, final: true, ways: []way{
			command("list", "publish", "{data}/published-{household}", "--list", "parish", "--key", "{data}/{household}.key", "--name", "Parish", "--publisher", "The council", "--purpose", "Scams",
				"--licence", "CC0-1.0", "--contact", "a@parish.example", "--appeals", "b@parish.example"),
		}},
		{name: "join a group", methods: "JoinGroup", word: household.GroupJoined, is: "Dunmow, " + hub.URL, final: true, ways: []way{
			page("groups", form("groups/meet", "link", hub.URL+"/join#"+grouptest.Invite), form("group/{offer}", "subscribe", "")).byOwner(),
			command("group", "join", hub.URL+"/join#"+grouptest.Invite, "--agree", "--no-list"),
		}},
		{name: "pause a group", methods: "PauseGroup", word: household.GroupPaused, needs: (*house).inGroup, was: "not paused", is: "paused", ways: []way{
			page("groups", form("groups/{group}/pause")),
			program("PUT groups/{group}/pause", `{"paused": true}`),
			command("group", "pause"),
		}},
		{name: "go on with a group", methods: "PauseGroup", word: household.GroupResumed, needs: (*house).inPausedGroup, was: "paused", is: "not paused", ways: []way{
			page("groups", form("groups/{group}/pause")),
			program("PUT groups/{group}/pause", `{"paused": false}`),
			command("group", "resume"),
		}},
		{name: "send earlier reports", methods: "SendEarlier", word: household.GroupEarlier, needs: func(h *house) {
			h.reported()
			h.joins(time.Now().Add(time.Hour))
		}, final: true, ways: []way{
			page("groups", form("groups/{group}/earlier")).byOwner(),
		}},
		{name: "leave a group", methods: "LeaveGroup", word: household.GroupLeft, needs: (*house).inGroup, was: "Dunmow, " + nowhere, final: true, ways: []way{
			page("groups", form("groups/{group}/leave")).byOwner(),
			command("group", "leave"),
		}},
		{name: "add an alert", methods: "AddAlert", word: household.AlertAdded, is: "11 of 13 things, at once", ways: []way{
			page("alerts/new/email", form("alerts/new/email", "s-to", "anna@example.org", "s-server", "127.0.0.1", "s-from", "a@example.org")).byAnybody(),
		}},
		{name: "change an alert", methods: "ChangeAlert", word: household.AlertChanged, needs: (*house).alerted, was: "1 of 13 things, at once", is: "2 of 13 things, at once", ways: []way{
			page("alerts/edit/{alert}", form("alerts/edit/{alert}", "event", string(outbox.Events()[0]), "event", string(outbox.Events()[1]))).byAnybody(),
			program("PATCH alerts/{alert}", `{"events": ["stranger", "emergency-dialled"]}`).byAnybody(),
			command("alert", "change", "{alert}", "--about", "stranger,emergency-dialled"),
		}},
		{name: "send an alert elsewhere", methods: "ReplaceAlertAddress", word: household.AlertChanged, needs: (*house).alerted, final: true, ways: []way{
			page("alerts/edit/{alert}/address", form("alerts/edit/{alert}/address", "s-to", "ben@example.org", "s-server", "127.0.0.1", "s-from", "a@example.org")).byAnybody(),
		}},
		{name: "renew a browser's address", methods: "RenewBrowser", word: household.AlertChanged, needs: (*house).alertedInBrowser, final: true, ways: []way{
			renewedBrowser(),
		}},
		{name: "pause an alert", methods: "PauseAlert", word: household.AlertPaused, needs: (*house).alerted, was: "not paused", is: "paused", ways: []way{
			page("alerts", form("alerts/edit/{alert}/pause")).byAnybody(),
			program("PUT alerts/{alert}/pause", `{"paused": true}`).byAnybody(),
			command("alert", "pause", "{alert}"),
		}},
		{name: "go on with an alert", methods: "PauseAlert", word: household.AlertResumed, needs: (*house).alertPaused, was: "paused", is: "not paused", ways: []way{
			page("alerts", form("alerts/edit/{alert}/pause")).byAnybody(),
			program("PUT alerts/{alert}/pause", `{"paused": false}`).byAnybody(),
			command("alert", "resume", "{alert}"),
		}},
		{name: "remove an alert", methods: "RemoveAlert", word: household.AlertRemoved, needs: (*house).alerted, was: "1 of 13 things, at once", final: true, ways: []way{
			page("alerts", form("alerts/edit/{alert}/remove")).byAnybody(),
			program("DELETE alerts/{alert}", "").byAnybody(),
			command("alert", "remove", "{alert}"),
		}},
		{name: "make an address book", methods: "MakeBook", word: household.BookMade, is: "300 numbers", final: true, ways: []way{
			page("lists/book", form("lists/book")),
		}},
		{name: "withdraw an address book", methods: "WithdrawBook", word: household.BookWithdrawn, needs: (*house).withBook, was: "300 numbers", final: true, ways: []way{
			page("lists/book", form("lists/book/withdraw")),
		}},
		{name: "finish setting up", methods: "FinishSetUp", word: household.SetUp, final: true, ways: []way{
			page("start/done", form("start/done")).byOwner(),
		}},
		{name: "forget a number that was dialled", methods: "ForgetDialled", word: household.DialledRemoved, needs: (*house).dialled, was: "dialled on 24 November 2026", final: true, ways: []way{
			command("dialled", "forget", "020 7946 0123"),
		}},
		{name: "download a backup", methods: "OnBackup", word: household.BackedUp, final: true, ways: []way{
			page("settings/backup", form("settings/backup/download", "current", password)).byOwner(),
		}},
	}
}
