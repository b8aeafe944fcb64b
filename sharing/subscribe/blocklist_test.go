package subscribe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/phoneblock"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/store"
	"ringfence/store/lists"
)

// blocklistOf begins a subscription to it.
func (h *home) blocklistOf(p *phoneblocktest.Server) {
	h.t.Helper()
	h.u.AllowPlain = true // the server is on this machine
	_, err := h.begin(BlocklistSource{p.URL, " " + phoneblocktest.Key + "\n"}, Choices{By: "Susan"})
	h.ok(err)
}

func (h *home) begin(b BlocklistSource, c Choices) (lists.Subscription, error) {
	sub, key, err := h.u.PrepareBlocklist("home", b, c)
	if err == nil {
		err = h.db.Lists.SubscribeBlocklist(h.t.Context(), sub, key)
	}
	return sub, err
}

func (h *home) blocklist() lists.Subscription {
	h.t.Helper()
	sub, err := h.db.Lists.Subscription(h.t.Context(), "home", "PhoneBlock")
	h.ok(err)
	return sub
}

func (h *home) updateBlocklist() (Outcome, error) {
	return h.u.Update(h.t.Context(), "home", "PhoneBlock")
}

// soon is an update of which nothing may come yet.
func (h *home) soon() SoonError {
	h.t.Helper()
	before := h.blocklist().Next
	_, err := h.updateBlocklist()
	var soon *SoonError
	if !errors.As(err, &soon) {
		h.t.Fatalf("not too soon, but %v", err)
	}
	// A random time is not made a certain one by somebody who asks meanwhile; what was hurried, or set by a wrong clock, gets one.
	want := soon.Until.Add(askWithin / 2)
	if wait := before.Sub(soon.Until); wait >= 0 && wait <= askWithin {
		want = before
	} else if most := h.now.Add(MostPeriod); want.After(most) {
		want = most
	}
	if sub := h.blocklist(); !sub.Next.Equal(want) {
		h.t.Errorf("the next time is %v, not %v; it may be asked from %v on", sub.Next, want, soon.Until)
	}
	return *soon
}

func (h *home) listed(number string) []float64 {
	h.t.Helper()
	known, err := h.db.Lookup(h.t.Context(), "home", screening.Line{Region: "GB"}, number, h.now)
	h.ok(err)
	var sure []float64
	for _, e := range known.Known.Entries {
		if !e.Unsigned || e.ValidUntil != h.blocklist().ValidUntil {
			h.t.Errorf("the entry %+v is as of a list that somebody has signed", e)
		}
		sure = append(sure, e.Confidence)
	}
	return sure
}

func TestPhoneBlocksList(t *testing.T) {
	h, p := newHome(t), phoneblocktest.New(t)
	h.blocklistOf(p)
	p.Lists(41, "+442079460666 G_FRAUD 4", "+442079460777 E_ADVERTISING 12", "+441632960222 G_FRAUD 90", "+44101 G_FRAUD 4", "+4420x G_FRAUD 4", "+448001111 C_PING 20", "+442079460888 A_LEGITIMATE 9")
	done, err := h.updateBlocklist()
	h.ok(err)
	// Not Childline, what is not a number, and what people call legitimate.
	if !done.Full || done.Serial != 41 || done.Entries != 3 || done.Refused != 3 || !strings.Contains(fmt.Sprint(done.Refusals), "“+4420x” isn't a phone number") {
		t.Errorf("%+v", done)
	}
	if got := h.listed("02079460666"); fmt.Sprint(got) != "[0.51]" {
		t.Errorf("%v", got)
	}
	sub := h.blocklist()
	if sub.Kind != lists.PhoneBlock || sub.Signed() || !sub.OnlyWarns || sub.Serial != 41 || !sub.Checked.Equal(h.now) || !sub.ValidUntil.Equal(h.now.Add(freshFor)) {
		t.Errorf("%+v", sub)
	}
	if wait := sub.Next.Sub(h.now); wait < 24*time.Hour || wait > 30*time.Hour {
		t.Errorf("asked again after %v", wait)
	}
	p.Wants("blocklist?")
	h.now = sub.Next
	// Votes that are gone, and people who have changed their mind, take numbers off; a number that comes twice counts as it does at last.
	p.Lists(42, "+442079460666 G_FRAUD 0", "+442079460777 A_LEGITIMATE 30", "+442079460999 F_GAMBLE 1", "+442079460999 F_GAMBLE 10", "+441632960222 G_FRAUD 90")
	done, err = h.updateBlocklist()
	h.ok(err)
	if done.Full || done.Removed != 2 || done.Added != 1 || done.Entries != 2 || done.Serial != 42 {
		t.Errorf("%+v", done)
	}
	if a, b, c := h.listed("02079460666"), h.listed("02079460777"), h.listed("02079460999"); a != nil || b != nil || len(c) != 1 || c[0] < 0.6 {
		t.Errorf("%v %v %v", a, b, c)
	}
	h.now = h.now.Add(25 * time.Hour)
	p.Lists(42)
	if done, err = h.updateBlocklist(); err != nil || !done.Unchanged || !h.blocklist().Checked.Equal(h.now) {
		t.Errorf("%+v %v", done, err)
	}
	p.Wants("blocklist?&since=41", "blocklist?&since=42")
	if text := h.log.String() + fmt.Sprintf("%+v", h.blocklist()); strings.Contains(text, phoneblocktest.Key) {
		t.Errorf("the key is in\n%s", text)
	}
}

// Once a day and once a month: whoever asks, after a restart, after failures, and with a new subscription.
//
// Long: one story, each step of which rests on those before it.
func TestPhoneBlockIsAskedSeldom(t *testing.T) {
	h, p := newHome(t), phoneblocktest.New(t)
	h.blocklistOf(p)
	first := h.now
	p.Lists(41, "+442079460666 G_FRAUD 4")
	_, err := h.updateBlocklist()
	h.ok(err)
	again := func() { // another process, with a clock and limits of its own
		other, err := store.Open(t.Context(), h.at)
		h.ok(err)
		defer func() { h.ok(other.Close()) }()
		o := h.u.Options
		o.Store = other
		if _, err := New(o).Update(t.Context(), "home", "PhoneBlock"); err == nil {
			t.Error("asked again")
		}
	}
	again()
	planned := h.blocklist().Next
	h.soon()
	if h.blocklist().Next != planned {
		t.Errorf("asking too soon has moved the next time from %v to %v", planned, h.blocklist().Next)
	}
	h.ok(h.db.Lists.SetNext(t.Context(), "home", "PhoneBlock", h.now))
	h.soon()
	if h.blocklist().Failures != 0 || h.blocklist().Error != "" {
		t.Errorf("%+v", h.blocklist())
	}
	h.now = h.now.Add(23 * time.Hour)
	again()
	h.soon()
	p.Wants("blocklist?")
	// A failure is tried again, later and later; never is the whole list asked for.
	p.Fails(phoneblocktest.Status(http.StatusInternalServerError))
	for h.now.Sub(first) < 30*24*time.Hour {
		h.now = h.now.Add(12 * time.Hour)
		_, _ = h.updateBlocklist()
	}
	for _, q := range p.Asked() {
		if q != "blocklist?&since=41" {
			t.Fatalf("asked %q", q)
		}
	}
	if got := h.listed("02079460666"); len(got) != 1 {
		t.Error("the last good list is gone")
	}
	// An answer that is broken was one all the same.
	p.Fails(phoneblocktest.Answer(`{"numbers":[`))
	h.now = h.now.Add(12 * time.Hour)
	if _, err := h.updateBlocklist(); !errors.Is(err, phoneblock.ErrNotBlocklist) {
		t.Error(err)
	}
	h.soon()
	p.Wants("blocklist?&since=41")
	// After a month the whole list is due, once.
	p.Lists(40, "+442079460777 G_FRAUD 4")
	h.now = first.Add(wholeEvery + 36*time.Hour)
	done, err := h.updateBlocklist()
	h.ok(err)
	if !done.Full || done.Serial != 40 || h.listed("02079460666") != nil || len(h.listed("02079460777")) != 1 {
		t.Errorf("a server that has begun anew is not believed: %+v", done)
	}
	// Nor does a new subscription get it.
	_, err = h.db.Lists.Remove(t.Context(), "home", "PhoneBlock")
	h.ok(errors.Join(err, h.db.Lists.Clean(t.Context())))
	h.blocklistOf(p)
	if soon := h.soon(); !soon.Whole || soon.Until.Sub(h.now) != wholeEvery || !strings.Contains(soon.Error(), "once a month at most") {
		t.Errorf("%+v", soon)
	}
	p.Wants("blocklist?")
	h.now = h.now.Add(wholeEvery)
	if done, err := h.updateBlocklist(); err != nil || done.Entries != 1 {
		t.Errorf("%+v %v", done, err)
	}
	p.Wants("blocklist?")
}

// The clock of a small computer may be wrong for a while.
func TestPhoneBlockAskedByAWrongClock(t *testing.T) {
	h, p := newHome(t), phoneblocktest.New(t)
	h.blocklistOf(p)
	p.Lists(41, "+442079460666 G_FRAUD 4")
	right := h.now
	h.now = right.AddDate(10, 0, 0)
	_, err := h.updateBlocklist()
	h.ok(err)
	h.now = right
	if soon := h.soon(); soon.Until.Sub(right) != askEvery {
		t.Errorf("%+v", soon)
	}
}

// What a hostile or broken server sends changes nothing, and is a plain sentence.
//
// Long: one table.
func TestHostileBlocklists(t *testing.T) {
	h, p := newHome(t), phoneblocktest.New(t)
	h.blocklistOf(p)
	p.Lists(41, "+442079460666 G_FRAUD 4")
	_, err := h.updateBlocklist()
	h.ok(err)
	elsewhere := phoneblocktest.New(t)
	elsewhere.Lists(50, "+442079460001 G_FRAUD 100")
	answer, status := phoneblocktest.Answer, phoneblocktest.Status
	// The others wait for long: a busy machine is slow, too.
	waits := map[string]fetch.Options{"a byte now and then": {Speed: 100, Window: 500 * time.Millisecond}, "nothing": {Begin: 3 * time.Second}}
	for _, test := range []struct {
		what, want string
		fault      phoneblocktest.Fault
	}{
		{"an older version", "is older than the one that is here: its version is 40", answer(`{"numbers":[{"phone":"+442079460001","votes":9}],"version":40}`)},
		{"no version", "it has no version", answer(`{"numbers":[{"phone":"+442079460001","votes":9}]}`)},
		{"a negative version", "its version is -1", answer(`{"numbers":[],"version":-1}`)},
		{"a huge version", "is of another kind", answer(`{"numbers":[],"version":9223372036854775808}`)},
		{"a text", "this is not a blocklist", answer("<html>Wartung</html>")},
		{"NUL", "this is not a blocklist", answer("{\"numbers\":[{\"phone\":\"+4420\x0079460001\"}],\"version\":42}")},
		{"too large", "is larger than it may be", func(w http.ResponseWriter, _ *http.Request) bool {
			line := strings.Repeat(`{"phone":"+442079460001","votes":9},`, 1000)
			_, _ = io.WriteString(w, `{"numbers":[`)
			for range phoneblock.MaxSize/len(line) + 2 {
				if _, err := io.WriteString(w, line); err != nil {
					return true
				}
			}
			return true
		}},
		{"cut off", "cut off", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, `{"numbers":[{"phone":"+442079460001","votes":9}`)
			return true
		}},
		{"a byte now and then", "so slowly", func(w http.ResponseWriter, r *http.Request) bool {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
			return true
		}},
		{"nothing", "it does not answer", func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }},
		{"another server", "must not get the key", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL+"/phoneblock/api/blocklist", http.StatusFound)
			return true
		}},
		{"another key", "PhoneBlock does not take the key", status(http.StatusUnauthorized)},
		{"forbidden", "PhoneBlock does not take the key", status(http.StatusForbidden)},
		{"too often", "has asked PhoneBlock too often", status(http.StatusTooManyRequests)},
	} {
		h.now = h.now.Add(25 * time.Hour)
		wait := waits[test.what]
		wait.AllowPrivate = true
		h.u.Fetch = fetch.New(wait)
		p.Fails(test.fault)
		if _, err := h.updateBlocklist(); err == nil || !strings.Contains(err.Error(), test.want) || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: %v", test.what, err)
		}
		sub := h.blocklist()
		if sub.Serial != 41 || len(h.listed("02079460666")) != 1 || h.listed("02079460001") != nil || sub.Error == "" || sub.Failures == 0 {
			t.Errorf("%s has changed something: %+v", test.what, sub)
		}
		// What has come in part was an answer, too; a refusal was none.
		if refused := strings.Contains(test.want, "key") || strings.Contains(test.want, "often"); refused == sub.Asked.Equal(h.now) {
			t.Errorf("%s: PhoneBlock was last asked at %v", test.what, sub.Asked)
		}
	}
	elsewhere.Wants()
	// The whole list without a number that could be used is not the whole list.
	h.now = h.now.Add(wholeEvery)
	p.Lists(60, "+442079460666 G_FRAUD 0")
	if _, err := h.updateBlocklist(); !errors.Is(err, errNoNumbers) || len(h.listed("02079460666")) != 1 {
		t.Error(err)
	}
	if text := h.log.String() + fmt.Sprintf("%+v", h.blocklist()); strings.Contains(text, phoneblocktest.Key) {
		t.Errorf("the key is in\n%s", text)
	}
}

// For whom the first list is cut off: it counts as the month's. With a wrong key none has come, so that the right one is tried at once.
func TestTheFirstListOfPhoneBlock(t *testing.T) {
	h, p := newHome(t), phoneblocktest.New(t)
	h.u.AllowPlain = true
	_, err := h.begin(BlocklistSource{p.URL, "another"}, Choices{})
	h.ok(err)
	if _, err := h.updateBlocklist(); !errors.Is(err, ErrKeyRefused) {
		t.Fatal(err)
	}
	h.ok(h.db.Lists.SetBlocklistKey(t.Context(), "home", "PhoneBlock", phoneblocktest.Key, h.now))
	if sub := h.blocklist(); sub.Failures != 0 || !sub.Next.Equal(h.now) {
		t.Errorf("%+v", sub)
	}
	p.Fails(phoneblocktest.Answer(`{"numbers":[{"phone":"+4420794`))
	if _, err := h.updateBlocklist(); !errors.Is(err, phoneblock.ErrNotBlocklist) {
		t.Fatal(err)
	}
	p.Lists(41, "+442079460666 G_FRAUD 4")
	for range 30 {
		h.now = h.now.Add(24 * time.Hour)
		if soon := h.soon(); !soon.Whole {
			t.Fatalf("%+v", soon)
		}
	}
	p.Wants("blocklist?", "blocklist?")
	h.now = h.now.Add(24 * time.Hour)
	if _, err := h.updateBlocklist(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoSubscriptionToPhoneBlock(t *testing.T) {
	h := newHome(t)
	for want, b := range map[string]BlocklistSource{
		"this is not a key of PhoneBlock's": {"", "two words"}, "this is not a key": {"", " "},
		"must not go out without encryption": {"http://phoneblock.example", phoneblocktest.Key}, "it holds a password": {"https://a:b@phoneblock.example", phoneblocktest.Key},
	} {
		_, err := h.begin(b, Choices{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), phoneblocktest.Key) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := h.begin(BlocklistSource{"", phoneblocktest.Key}, Choices{Name: strings.Repeat("x", 41)}); err == nil {
		t.Error("any name")
	}
	sub, err := h.begin(BlocklistSource{"", phoneblocktest.Key}, Choices{MayTurnAway: true})
	if err != nil || sub.URL != phoneblock.Server || sub.OnlyWarns {
		t.Errorf("%+v %v", sub, err)
	}
	if _, err := h.begin(BlocklistSource{"phoneblock.net/phoneblock/", phoneblocktest.Key}, Choices{Name: "again"}); !errors.Is(err, lists.ErrSubscribedTwice) {
		t.Error(err)
	}
}
