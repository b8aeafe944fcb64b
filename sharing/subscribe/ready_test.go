package subscribe

import (
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/lists"
)

// A list that comes with Ringfence only warns until somebody says otherwise, and stays fresh without anybody being asked.
func TestReadyList(t *testing.T) {
	h := newHome(t)
	sub, err := h.u.PrepareReady("home", "gb-drama", Choices{By: "Susan"})
	h.ok(err)
	h.ok(h.db.Lists.Subscribe(t.Context(), sub))
	done, err := h.updateOf("gb-drama")
	if err != nil || done.Entries != 20 || done.Refused != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	if sub = h.sub("gb-drama"); sub.Kind != lists.Ready || !sub.OnlyWarns || ReadyID(sub) != "gb-drama" || !strings.HasPrefix(sub.Contact, "https://www.ofcom.org.uk/") || sub.By != "Susan" {
		t.Errorf("%+v", sub)
	}
	if h.verdict(steve) != screening.Screen {
		t.Error("it does more than warn")
	}
	h.now = h.now.Add(20 * 24 * time.Hour)
	if done, err = h.updateOf("gb-drama"); err != nil || !done.Unchanged || !h.sub("gb-drama").ValidUntil.Equal(h.now.Add(freshFor)) {
		t.Errorf("%+v %v", done, err)
	}
	h.ok(h.db.Lists.AllowUnsigned(t.Context(), "home", "gb-drama", true))
	if h.verdict(steve) != screening.TurnAway {
		t.Error("nobody can let it turn away")
	}
	if _, err := h.u.PrepareReady("home", "gb-nothing", Choices{}); err == nil {
		t.Error("a list that is not there is subscribed to")
	}
}
