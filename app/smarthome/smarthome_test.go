package smarthome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// Where what a home tells goes, in these tests.
const (
	deviceTopic = "homeassistant/device/ringfence_home/config"
	stateTopic  = "ringfence/home/state"
	password    = "an-mqtt-password"
)

// rig is a household that a real Mosquitto shows to somebody who listens to everything, as Home Assistant would.
type rig struct {
	*testing.T
	db      *store.Store
	broker  config.MQTT
	heard   chan *paho.Publish
	home    *autopaho.ConnectionManager
	changed chan struct{}
	pressed chan string
	stop    func()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, heard: make(chan *paho.Publish, 1000), changed: make(chan struct{}), pressed: make(chan string, 10)}
	var err error
	r.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "ringfence.db"))
	r.no(err)
	t.Cleanup(func() { r.no(r.db.Close()) })
	r.no(r.db.EnsureHousehold(t.Context(), "home"))
	r.no(r.db.EnsureHousehold(t.Context(), "next door"))
	r.broker = config.MQTT{Broker: mosquitto(t), User: "ringfence", Password: password, Topic: "ringfence", Discovery: "homeassistant"}
	r.listen()
	return r
}

func (r *rig) no(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// mosquitto starts a broker on loopback that takes one user, and returns its address.
func mosquitto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program = "/usr/sbin/mosquitto" // not in everybody's PATH
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	_ = l.Close()
	folder := t.TempDir()
	passwords, settings := filepath.Join(folder, "passwords"), filepath.Join(folder, "mosquitto.conf")
	if out, err := exec.CommandContext(t.Context(), "mosquitto_passwd", "-b", "-c", passwords, "ringfence", password).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd: %v: %s", err, out)
	}
	text := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\nuser root\n", address.Port, passwords)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), program, "-c", settings)
	var said strings.Builder
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatalf("%v: install mosquitto, as make test does", err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for t.Context().Err() == nil {
		if c, err := net.Dial("tcp", address.String()); err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "mqtt://" + address.String()
}

// listen connects as Home Assistant does.
func (r *rig) listen() {
	r.Helper()
	address, err := url.Parse(r.broker.Broker)
	r.no(err)
	c := autopaho.ClientConfig{ServerUrls: []*url.URL{address}, KeepAlive: 30, ConnectUsername: r.broker.User, ConnectPassword: []byte(password)}
	c.OnPublishReceived = append(c.OnPublishReceived, func(m paho.PublishReceived) (bool, error) {
		r.heard <- m.Packet
		return true, nil
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	r.Cleanup(cancel)
	r.home, err = autopaho.NewConnection(ctx, c)
	r.no(err)
	r.no(r.home.AwaitConnection(r.Context()))
	_, err = r.home.Subscribe(r.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "#", QoS: 1}}})
	r.no(err)
}

// run starts Ringfence's side; the end of the test, or stop, ends it.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(r.Context())
	h := r.side()
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Run(ctx, r.changed)
	}()
	r.stop = func() { cancel(); <-done }
	r.Cleanup(r.stop)
}

// side is Ringfence's side.
func (r *rig) side() *Home {
	return New(Options{
		Broker: r.broker, Release: "1.2.3", Households: func() []string { return []string{"home", "next door"} }, Store: r.db,
		House: func(ctx context.Context, name string) (screening.Household, error) {
			house, err := r.db.Household(ctx, name)
			return screening.Line{Region: "GB"}.Complete(house), err
		},
		Line: func(string) backend.Line {
			return backend.Line{Asterisk: backend.Part{Name: "Asterisk", Up: true, Known: true}}
		},
		Press: func(_ context.Context, household string, call int64, key calllog.CarerKey) error {
			r.pressed <- fmt.Sprint(household, " ", call, " ", key)
			return nil
		},
		SetMode: func(ctx context.Context, household string, mode screening.Mode) error {
			if mode == screening.Off {
				return errors.New("Not now.")
			}
			return r.db.SetMode(ctx, household, mode, "", time.Time{})
		},
		Log: slog.New(slog.NewTextHandler(r.Output(), nil)),
	})
}

// option is what an owner chooses.
func (r *rig) option(column store.Column, value any) {
	r.Helper()
	r.no(r.db.SetOption(r.Context(), "home", column, value))
	r.look()
}

func (r *rig) look() {
	select {
	case r.changed <- struct{}{}:
	case <-r.Context().Done():
	}
}

// hears waits for a message on a topic that fits.
func (r *rig) hears(topic string, fits func(text string) bool) (text string) {
	r.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case m := <-r.heard:
			if text = string(m.Payload); m.Topic == topic && fits(text) {
				return text
			}
		case <-limit:
			r.Fatalf("%s: what is awaited did not come; the last was %q", topic, text)
		}
	}
}

// shows waits for a state in which a field has a value.
func (r *rig) shows(field, value string) (s map[string]string) {
	r.Helper()
	r.hears(stateTopic, func(text string) bool {
		s = nil
		return json.Unmarshal([]byte(text), &s) == nil && s[field] == value
	})
	return s
}

func (r *rig) sends(topic, text string, retain bool) {
	r.Helper()
	_, err := r.home.Publish(r.Context(), &paho.Publish{Topic: topic, Payload: []byte(text), QoS: 1, Retain: retain})
	r.no(err)
}

// rings is a call in progress of somebody who has said something.
func (r *rig) rings(number screening.Number, said string) int64 {
	r.Helper()
	ctx := r.Context()
	id, err := r.db.CallArrived(ctx, "home", "channel of "+string(number), time.Now(), screening.Identity{}, screening.Caller{Number: number, Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen}, "")
	r.no(err)
	r.no(r.db.Keep(ctx, id, calllog.RecordedName, []byte("RIFF"), 3*time.Second))
	r.no(r.db.KeepWords(ctx, id, calllog.RecordedName, said, false))
	return id
}

const steve, anna screening.Number = "+442079460123", "+442079460124"

// Nothing is told of a household before an owner has chosen it, and no words before they have chosen that; and all of it is taken back.
func TestSmartHomeSeesWhatAnOwnerHasChosen(t *testing.T) {
	r := newRig(t)
	r.rings(steve, "Steve from Microsoft")
	r.run()
	r.hears("ringfence/status", is("online"))
	r.hears(deviceTopic, is(""))
	r.option("smart_home", "calls")
	if text := r.hears(deviceTopic, isNot("")); strings.Contains(text, "words }}") || strings.Contains(text, "payload_press") || !strings.Contains(text, `"words":{"p":"sensor"}`) {
		t.Errorf("the device has %s", text)
	}
	if s := r.shows("calling", "ON"); s["number"] != "020 7946 0123" || s["words"] != "" || s["problem"] != "OFF" || s["mode"] != "Ask who it is" {
		t.Errorf("the state is %v", s)
	}
	r.option("smart_home", "words")
	r.hears(deviceTopic, func(text string) bool { return strings.Contains(text, "value_json.words") })
	r.shows("words", "Steve from Microsoft")
	// Home Assistant has been started again.
	r.sends("homeassistant/status", "online", false)
	r.hears(deviceTopic, isNot(""))
	r.shows("words", "Steve from Microsoft")
	r.option("smart_home", "off")
	r.hears(deviceTopic, is(""))
	r.stop()
	r.hears("ringfence/status", is("offline"))
	for len(r.heard) > 0 {
		if m := <-r.heard; strings.Contains(m.Topic, "next") && len(m.Payload) > 0 {
			t.Errorf("of the household that has chosen nothing, %s has %s", m.Topic, m.Payload)
		}
	}
	r.retained()
}

// retained fails if the broker keeps anything but whether Ringfence is there.
func (r *rig) retained() {
	r.Helper()
	r.listen() // whoever comes anew gets what is retained
	for {
		m := <-r.heard
		if m.Topic == "ringfence/status" && m.Retain {
			return
		}
		r.Errorf("the broker keeps %s: %s", m.Topic, m.Payload)
	}
}

// Presses reach the call that is shown, and only where an owner has allowed it.
func TestPressesOfTheSmartHome(t *testing.T) {
	r := newRig(t)
	r.run()
	r.option("smart_home", "calls")
	call := r.rings(steve, "")
	r.look()
	r.shows("calling", "ON")
	r.sends("ringfence/home/set/press", "away", false)
	r.shows("answer", errNotAllowed.Error())
	r.option("smart_home_keys", true)
	r.hears(deviceTopic, func(text string) bool {
		return strings.Contains(text, `"payload_press":"away"`) && strings.Contains(text, `"Stop scammers only"`)
	})
	r.sends("ringfence/home/set/press", "away", false)
	if got, want := <-r.pressed, fmt.Sprint("home ", call, " away"); got != want {
		t.Errorf("pressed: %s", got)
	}
	r.sends("ringfence/home/set/press", "explode", false)
	r.shows("answer", errUnknown.Error())
	r.no(r.db.CallEnded(t.Context(), call, time.Now(), calllog.CallerGone))
	r.rings(anna, "") // which the smart home has not been shown yet
	r.sends("ringfence/home/set/press", "away", false)
	r.shows("answer", errAnother.Error())
	r.sends("ringfence/home/set/mode", "Only people you know", false)
	if s := r.shows("mode", "Only people you know"); s["answer"] != "" {
		t.Errorf("the answer is %q", s["answer"])
	}
	r.sends("ringfence/home/set/mode", "Off", false)
	r.shows("answer", "Not now.")
	if n := len(r.pressed); n > 0 {
		t.Errorf("%d more were pressed", n)
	}
}

// A press that a broker has kept would send somebody away at every start, and a mode would be set.
func TestRetainedPressesAreNobodys(t *testing.T) {
	r := newRig(t)
	r.rings(steve, "")
	r.no(r.db.SetOption(t.Context(), "home", "smart_home", "calls"))
	r.no(r.db.SetOption(t.Context(), "home", "smart_home_keys", true))
	r.sends("ringfence/home/set/press", "away", true)
	r.sends("ringfence/home/set/mode", "Only people you know", true)
	r.run()
	r.shows("calling", "ON")
	r.sends("ringfence/home/set/press", "let-through", false)
	if got := <-r.pressed; !strings.HasSuffix(got, "let-through") {
		t.Errorf("pressed first: %s", got)
	}
	if house, err := r.db.Household(t.Context(), "home"); err != nil || house.Mode != screening.Ask {
		t.Errorf("the mode is %q, %v", house.Mode, err)
	}
}

func TestTryTellsWhetherTheBrokerTakesThePassword(t *testing.T) {
	broker := config.MQTT{Broker: mosquitto(t), User: "ringfence", Password: password}
	if err := Try(t.Context(), broker); err != nil {
		t.Error(err)
	}
	broker.Password = "another"
	if err := Try(t.Context(), broker); err == nil || !strings.Contains(err.Error(), "refuses the user or the password") {
		t.Errorf("with another password: %v", err)
	}
	broker.Broker = "mqtt://127.0.0.1:1"
	if err := Try(t.Context(), broker); !errors.Is(err, errSilent) {
		t.Errorf("where nobody listens: %v", err)
	}
}

func is(want string) func(string) bool    { return func(text string) bool { return text == want } }
func isNot(want string) func(string) bool { return func(text string) bool { return text != want } }

func TestNamesInTopics(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"home", "next door", "next_door", "next-door", "a/b", "a+b", "a#b", "Müller", "a_2fb"} {
		id := identifier(name)
		if was, there := seen[id]; there || strings.ContainsAny(id, " /+#") {
			t.Errorf("%q is %q, as %q is", name, id, was)
		}
		seen[id] = name
	}
}
