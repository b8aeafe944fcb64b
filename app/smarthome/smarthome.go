// Package smarthome shows households to a smart home over MQTT, each as a device that Home Assistant finds by itself: the line, the mode, who rang last and,
// if an owner allows it, what they said. Where an owner allows that too, it takes presses of "let through", "send away" and the mode from it.
//
// Nothing is sent about a household whose owner has not chosen it (household's options smart-home and smart-home-keys), and nothing of a call is
// retained by the broker: Home Assistant is told again when it says that it has started (its birth message). A broker that is away costs calls nothing.
package smarthome

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// Options are what a Home is made of.
type Options struct {
	Broker     config.MQTT
	Release    string
	Households func() []string // their names in ringfence.toml; there may be others each time
	Store      *store.Store
	House      func(ctx context.Context, household string) (screening.Household, error)
	Line       func(household string) backend.Line
	// Press is a carer's key for a call in progress. SetMode sets the mode as a telephone does. An error is a sentence for people.
	Press   func(ctx context.Context, household string, call int64, key calllog.CarerKey) error
	SetMode func(ctx context.Context, household string, mode screening.Mode) error
	Log     *slog.Logger
}

// Home is the connection with a smart home.
type Home struct {
	Options
	connected chan struct{} // a value after each connection, and each start of Home Assistant: everything is to be told again
	orders    chan order    // what the smart home has asked for
	shown     map[string]shown
	showing   sync.Map // shown.call of each household, for onMessage: an atomic.Int64
}

// shown is what the smart home was told last of a household.
type shown struct {
	device, state string // as JSON
	call          int64  // the one in progress; 0 for none
	answer        string // why an order was refused; "" if none was
}

// order is something that the smart home asks for.
type order struct {
	household, what, value string
	call                   int64 // the call that it was shown when it asked; 0 for none
}

const (
	// lookEvery is how often Ringfence looks for what nobody tells it of, such as a mode that the week begins.
	lookEvery = 5 * time.Second
	// sendLimit is how long the broker may take to confirm a message.
	sendLimit = 10 * time.Second
	// mostOrders wait at a time. More come from nobody who presses buttons.
	mostOrders = 16
	// longestOrder is how long a value may be, in bytes: it is a key or a mode, in words. mostPacket is what the broker may send at a time.
	longestOrder = 100
	mostPacket   = 64 << 10
	keepAlive    = 30 // seconds
	atLeast      = 1  // QoS: at least once
	online       = "online"
)

// New is a connection that Run makes.
func New(o Options) *Home {
	return &Home{Options: o, connected: make(chan struct{}, 1), orders: make(chan order, mostOrders), shown: map[string]shown{}}
}

// showingOf is shown.call of a household.
func (h *Home) showingOf(household string) *atomic.Int64 {
	of, _ := h.showing.LoadOrStore(household, new(atomic.Int64))
	return of.(*atomic.Int64)
}

// Run tells the smart home what changes, and does what it asks for, until ctx ends. changed says that something has happened to a call or a line.
func (h *Home) Run(ctx context.Context, changed <-chan struct{}) {
	settings, err := h.connection()
	if err != nil {
		h.Log.Error("the smart home is not told of anything; calls go on", "err", err)
		return
	}
	// Beyond ctx: the last message says that Ringfence has gone.
	alive, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	broker, err := autopaho.NewConnection(alive, settings)
	if err != nil {
		h.Log.Error("the smart home is not told of anything; calls go on", "err", err)
		return
	}
	defer h.leave(alive, broker)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for up := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-h.connected:
			up, h.shown = true, map[string]shown{}
		case o := <-h.orders:
			h.obey(ctx, o)
		case <-changed:
		case <-tick.C:
		}
		if up {
			h.tell(ctx, broker)
		}
	}
}

// connection are the settings of the connection, which is made again whenever it breaks.
func (h *Home) connection() (autopaho.ClientConfig, error) {
	c, err := connectionTo(h.Broker)
	if err != nil {
		return c, err
	}
	where, failed := c.ServerUrls[0].Host, false
	c.WillMessage = &paho.WillMessage{Topic: h.statusTopic(), Payload: []byte("offline"), QoS: atLeast, Retain: true}
	c.OnConnectionUp = func(broker *autopaho.ConnectionManager, _ *paho.Connack) {
		failed = false
		h.Log.Info("the smart home's broker is connected", "broker", where)
		go h.listen(broker)
	}
	c.OnConnectError = func(err error) {
		if !failed { // once: it is tried again every ten seconds
			h.Log.Warn("the smart home's broker cannot be reached; trying again", "broker", where, "err", err)
		}
		failed = true
	}
	c.OnPublishReceived = append(c.OnPublishReceived, h.onMessage)
	return c, nil
}

func connectionTo(broker config.MQTT) (c autopaho.ClientConfig, err error) {
	address, err := broker.Address()
	if err != nil {
		return c, err
	}
	password, err := broker.Secret()
	if err != nil {
		return c, err
	}
	if address.Scheme == "mqtts" {
		address.Scheme = "tls" // autopaho's name for it
	}
	encrypted, err := broker.TLS()
	return autopaho.ClientConfig{
		ServerUrls: []*url.URL{address}, TlsCfg: encrypted, KeepAlive: keepAlive, CleanStartOnInitialConnection: true,
		ConnectUsername: broker.User, ConnectPassword: []byte(password), ConnectTimeout: sendLimit,
		ConnectPacketBuilder: func(p *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			if p.Properties == nil {
				p.Properties = &paho.ConnectProperties{}
			}
			most := uint32(mostPacket)
			p.Properties.MaximumPacketSize = &most
			return p, nil
		},
	}, err
}

// Try connects to the broker once. The error is what is wrong.
func Try(ctx context.Context, broker config.MQTT) error {
	c, err := connectionTo(broker)
	if err != nil {
		return err
	}
	wrong := make(chan error, 1)
	c.OnConnectError = func(err error) {
		select {
		case wrong <- err:
		default:
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	up := make(chan struct{})
	c.OnConnectionUp = func(*autopaho.ConnectionManager, *paho.Connack) { close(up) }
	made, err := autopaho.NewConnection(ctx, c)
	if err != nil {
		return err
	}
	select {
	case <-up:
		return made.Disconnect(ctx)
	case err := <-wrong:
		return inWords(err)
	case <-ctx.Done():
		return errSilent
	}
}

var errSilent = errors.New("it doesn't answer: check its address, and whether it runs")

// inWords is for people why no connection could be made. The codes are those of MQTT 5.0, section 3.2.2.2.
func inWords(err error) error {
	const badPassword, notAuthorised = 0x86, 0x87
	var denied *autopaho.ConnackError
	switch {
	case errors.As(err, &denied) && (denied.ReasonCode == badPassword || denied.ReasonCode == notAuthorised):
		return errors.New("it refuses the user or the password: check both")
	case errors.As(err, &denied):
		return fmt.Errorf("it refuses the connection, with MQTT's reason %d", denied.ReasonCode)
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return errors.New("its certificate is not of an authority that this machine trusts: write the authority's own into mqtt.ca")
	}
	return errSilent
}

// listen subscribes, after each connection, to what the smart home may ask for.
func (h *Home) listen(broker *autopaho.ConnectionManager) {
	ctx, cancel := context.WithTimeout(context.Background(), sendLimit)
	defer cancel()
	_, err := broker.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
		{Topic: h.birthTopic(), QoS: atLeast}, {Topic: h.Broker.Topic + "/+/set/+", QoS: atLeast},
	}})
	if err != nil {
		h.Log.Warn("the smart home's buttons do nothing: its broker refuses to pass them on", "err", err)
	}
	h.tellAgain()
}

func (h *Home) tellAgain() {
	select {
	case h.connected <- struct{}{}:
	default: // it is to be told again already
	}
}

// onMessage takes what comes from the broker. It never blocks.
func (h *Home) onMessage(m paho.PublishReceived) (bool, error) {
	topic, value := m.Packet.Topic, string(m.Packet.Payload)
	if topic == h.birthTopic() {
		if value == online {
			h.tellAgain()
		}
		return true, nil
	}
	words := strings.Split(strings.TrimPrefix(topic, h.Broker.Topic+"/"), "/")
	if m.Packet.Retain || len(words) != 3 || len(value) > longestOrder { // a broker that has retained a press would repeat it at every start
		return true, nil
	}
	for _, name := range h.Households() {
		if identifier(name) == words[0] {
			select {
			case h.orders <- order{household: name, what: words[2], value: value, call: h.showingOf(name).Load()}:
			default:
				h.Log.Warn("the smart home asks for too much at a time; some of it is left out", "household", name)
			}
		}
	}
	return true, nil
}

// tell sends what differs from what was sent last.
func (h *Home) tell(ctx context.Context, broker *autopaho.ConnectionManager) {
	if err := h.send(ctx, broker, h.statusTopic(), online, true, len(h.shown) == 0); err != nil {
		return
	}
	households := h.Households()
	for _, name := range h.toTell(ctx, households) {
		was, now := h.shown[name], shown{answer: h.shown[name].answer}
		if err := h.look(ctx, name, &now); err != nil {
			if ctx.Err() == nil {
				h.Log.Error("the smart home cannot be told how a household is; it is tried again", "household", name, "err", err)
			}
			continue
		}
		_, told := h.shown[name]
		err := h.send(ctx, broker, h.deviceTopic(name), now.device, true, !told || was.device != now.device)
		if err == nil && now.device != "" {
			err = h.send(ctx, broker, h.stateTopic(name), now.state, false, !told || was.state != now.state)
		}
		if err != nil {
			return // the connection is made again, and then everything is told again
		}
		h.shown[name] = now
		h.showingOf(name).Store(now.call)
	}
	gone := maps.Clone(h.shown)
	for _, name := range households {
		delete(gone, name)
	}
	for name := range gone { // removed from the settings
		if h.send(ctx, broker, h.deviceTopic(name), "", true, true) == nil {
			delete(h.shown, name)
		}
	}
}

// toTell are the households of which something else may have to be sent than was sent last. Most have no smart home: of those, that is sent once on each
// connection, as the broker may have kept what it was sent before.
func (h *Home) toTell(ctx context.Context, households []string) []string {
	chosen, err := h.Store.SmartHomes(ctx)
	if err != nil {
		if ctx.Err() == nil {
			h.Log.Error("which households have a smart home can't be read; it is tried again", "err", err)
		}
		return nil
	}
	have := map[string]bool{}
	for _, name := range chosen {
		have[name] = true
	}
	return slices.DeleteFunc(slices.Clone(households), func(name string) bool {
		was, told := h.shown[name]
		return told && was.device == "" && !have[name]
	})
}

// send sends one message if it is wanted.
func (h *Home) send(ctx context.Context, broker *autopaho.ConnectionManager, topic, text string, retained, wanted bool) error {
	if !wanted {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	_, err := broker.Publish(ctx, &paho.Publish{Topic: topic, Payload: []byte(text), QoS: atLeast, Retain: retained})
	if err != nil {
		h.Log.Debug("a message to the smart home was not sent", "topic", topic, "err", err)
	}
	return err
}

// leave says that Ringfence has gone, and closes the connection.
func (h *Home) leave(ctx context.Context, broker *autopaho.ConnectionManager) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := broker.Publish(ctx, &paho.Publish{Topic: h.statusTopic(), Payload: []byte("offline"), QoS: atLeast, Retain: true})
	if err == nil {
		err = broker.Disconnect(ctx)
	}
	if err != nil {
		h.Log.Debug("the smart home's broker was left without a word", "err", err)
	}
}

func (h *Home) statusTopic() string { return h.Broker.Topic + "/status" }

// birthTopic is where Home Assistant says that it has started.
func (h *Home) birthTopic() string { return h.Broker.Discovery + "/status" }

func (h *Home) stateTopic(household string) string {
	return h.Broker.Topic + "/" + identifier(household) + "/state"
}

func (h *Home) orderTopic(household, what string) string {
	return h.Broker.Topic + "/" + identifier(household) + "/set/" + what
}

func (h *Home) deviceTopic(household string) string {
	return h.Broker.Discovery + "/device/" + strings.ReplaceAll(h.Broker.Topic, "/", "_") + "_" + identifier(household) + "/config"
}

// identifier is a household's name in topics, where Home Assistant takes letters, digits, _ and - alone. Two names never have the same.
func identifier(household string) string {
	var b strings.Builder
	for _, c := range []byte(household) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			_, _ = fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}

// written is v as JSON, whose keys are in order, so that the same is the same text.
func written(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
