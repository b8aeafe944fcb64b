package smarthome

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"ringfence/calllog"
	"ringfence/config"
)

// A press that has waited is for the caller who was shown when it was made, and for nobody who was shown since.
func TestPressesThatWaitAreNotForTheNextCaller(t *testing.T) {
	r := newRig(t)
	h := r.side()
	r.no(r.db.SetOption(t.Context(), "home", "smart_home", "calls"))
	r.no(r.db.SetOption(t.Context(), "home", "smart_home_keys", true))
	presses := func() order {
		t.Helper()
		_, err := h.onMessage(paho.PublishReceived{Packet: &paho.Publish{Topic: "ringfence/home/set/press", Payload: []byte("away")}})
		r.no(err)
		return <-h.orders
	}
	call := r.rings(steve, "")
	h.showingOf("home").Store(call)
	first := presses()
	h.obey(t.Context(), first)
	if got, want := <-r.pressed, fmt.Sprint("home ", call, " away"); got != want {
		t.Errorf("pressed: %s", got)
	}
	r.no(r.db.CallEnded(t.Context(), call, time.Now(), calllog.CallerGone))
	next := r.rings(anna, "")
	h.shown["home"] = shown{call: next}
	h.showingOf("home").Store(next)
	if h.obey(t.Context(), first); h.shown["home"].answer != errAnother.Error() || len(r.pressed) > 0 {
		t.Errorf("the answer is %q, and %d were pressed", h.shown["home"].answer, len(r.pressed))
	}
	if h.obey(t.Context(), presses()); h.shown["home"].answer != "" || len(r.pressed) != 1 {
		t.Errorf("the answer is %q, and %d were pressed", h.shown["home"].answer, len(r.pressed))
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if h.obey(cancelled, first); h.shown["home"].answer != errFailed.Error() {
		t.Errorf("where the store fails, the answer is %q", h.shown["home"].answer)
	}
}

// Whoever may write to the broker fills no memory: orders are short, and the broker is told so.
func TestOrdersAreShort(t *testing.T) {
	h := New(Options{Broker: config.MQTT{Broker: "mqtt://127.0.0.1", Topic: "ringfence", Discovery: "homeassistant"}, Households: func() []string { return []string{"home"} }})
	for length, taken := range map[int]int{longestOrder: 1, longestOrder + 1: 0} {
		_, err := h.onMessage(paho.PublishReceived{Packet: &paho.Publish{Topic: "ringfence/home/set/mode", Payload: []byte(strings.Repeat("a", length))}})
		if err != nil || len(h.orders) != taken {
			t.Errorf("%d bytes: %d orders wait, %v", length, len(h.orders), err)
		}
		for len(h.orders) > 0 {
			<-h.orders
		}
	}
	c, err := connectionTo(h.Broker)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := c.ConnectPacketBuilder(&paho.Connect{}, nil); err != nil || *p.Properties.MaximumPacketSize != mostPacket {
		t.Errorf("%+v %v", p, err)
	}
}

// Once a household without a smart home has been told that it has none, nobody asks about it again; one that had one is told when it is switched off.
func TestOnlyHouseholdsWithASmartHomeAreLookedAt(t *testing.T) {
	r := newRig(t)
	h := r.side()
	looksAt := func(when string, want ...string) {
		t.Helper()
		if got := h.toTell(t.Context(), h.Households()); !slices.Equal(got, want) {
			t.Errorf("%s it looks at %q, not %q", when, got, want)
		}
	}
	r.no(r.db.SetOption(t.Context(), "home", "smart_home", "calls"))
	looksAt("at first", "home", "next door")
	h.shown["home"], h.shown["next door"] = shown{device: "{}"}, shown{}
	looksAt("later", "home")
	r.no(r.db.SetOption(t.Context(), "home", "smart_home", "off"))
	looksAt("when it is switched off", "home")
	h.shown["home"] = shown{}
	looksAt("after that")
	r.no(r.db.SetOption(t.Context(), "next door", "smart_home", "words"))
	looksAt("when another is switched on", "next door")
}
