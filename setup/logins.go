package setup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"ringfence/config"
	"ringfence/setup/adapter"
	"ringfence/setup/fritzbox"
)

// Login is how a phone signs in at Ringfence.
type Login struct{ Name, Server, User, Password string }

// Done is what somebody has to do once the settings are written.
type Done struct {
	Phones []Login // that have to be set up by hand; the adapter's own is not among them
	// Adapter has the adapter's settings, if the line comes through one.
	Adapter        *adapter.Values
	AdapterAddress string
	MAC            string // "": its settings have to be typed
}

// Logins is how the phones and the adapter sign in with these settings.
func Logins(s config.Settings, a Answers) (Done, error) {
	site, err := siteOf(s)
	if err != nil {
		return Done{}, err
	}
	h, server := site.Households[0], s.Asterisk.SIPServer()
	done := Done{}
	for _, p := range h.Phones {
		if p.Address == "" {
			done.Phones = append(done.Phones, Login{p.Name, server, h.Endpoint(p), p.Password})
		}
	}
	if a["wiring"] != WithAdapter || len(done.Phones) == 0 {
		return done, nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		return Done{}, err
	}
	trunk, first := site.TrunkOf(h), done.Phones[0]
	done.Adapter = &adapter.Values{
		Server: host, Port: port, Country: h.Region,
		Line: adapter.Login{User: trunk.Endpoint(), Password: trunk.Password}, Phone: adapter.Login{User: first.User, Password: first.Password},
	}
	done.Phones, done.AdapterAddress, done.MAC = done.Phones[1:], a["adapter"], a["mac"]
	return done, nil
}

// Fetching says what to do on the adapter's page so that it fetches its settings, in the order of doing it.
func (d Done) Fetching() []string {
	return []string{
		fmt.Sprintf("Open http://%s and sign in. A new adapter takes admin and the password on its label.", d.AdapterAddress),
		"On ADVANCED SETTINGS, set Config Server Path to " + net.JoinHostPort(d.Adapter.Server, fmt.Sprint(adapter.Port)) + " and Upgrade Via to HTTP.",
		"Press Apply, then Reboot. It fetches its settings while it starts.",
	}
}

// FetchTime is for how long the adapter may fetch its settings.
const FetchTime = 15 * time.Minute

// Serve lets the adapter fetch its settings, once, for FetchTime.
func (d Done) Serve(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, FetchTime)
	defer cancel()
	file, err := d.Adapter.File(d.MAC)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(d.Adapter.Server, fmt.Sprint(adapter.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		err = errors.New("another program has port " + fmt.Sprint(adapter.Port) + ", such as this set-up in a browser")
	}
	if err != nil {
		return fmt.Errorf("the adapter can't fetch its settings: %w", err)
	}
	return adapter.Serve(ctx, l, d.AdapterAddress, d.MAC, file)
}

// routerUserName is the user name of the telephone that is made in a FRITZ!Box.
const routerUserName = "ringfence"

// MakesRouterPhone tells whether the answers ask for a telephone in a FRITZ!Box that is not made yet.
func MakesRouterPhone(a Answers) bool { return makes(a) && a[userName(WithRouter, "user")] == "" }

// MakeRouterPhone makes the telephone in the FRITZ!Box, and keeps how it signs in among the answers. confirm is called with what somebody has to do
// at the FRITZ!Box meanwhile.
func MakeRouterPhone(ctx context.Context, a Answers, confirm func(sentence string)) error {
	box := &fritzbox.Box{Address: a["router"], User: a["router-user"], Password: a["router-password"]}
	p := fritzbox.Phone{User: routerUserName, Password: newPassword()}
	if err := box.MakePhone(ctx, p, confirm, 0); err != nil {
		return err
	}
	a[userName(WithRouter, "user")], a[userName(WithRouter, "password")] = p.User, p.Password
	return nil
}

// FindRouter is the address of a FRITZ!Box in the home network. Not finding one is no error: it is "".
func FindRouter(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, fritzbox.Wait)
	defer cancel()
	_, gateway := routeOut()
	found, err := fritzbox.Find(ctx, fritzbox.Multicast, gateway)
	if err != nil {
		return ""
	}
	return found
}
