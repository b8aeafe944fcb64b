package softphone

import (
	"context"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

const password = "sesame;\"1"

func newProvider(t *testing.T, events *collector, expires int) *Provider {
	t.Helper()
	p, err := NewProvider(ProviderConfig{Config: Config{Name: "provider", Address: "127.0.0.5:0", Library: voicesKnown(), OnEvent: events.take},
		User: "hall", Password: password, Expires: expires})
	must(t, err)
	t.Cleanup(func() { closed(t, p.Close()) })
	return p
}

func TestRegistration(t *testing.T) {
	noLeak(t)
	ctx := patience(t)
	events := newCollector()
	provider := newProvider(t, events, 0)
	phone := newPhone(t, PhoneConfig{Server: provider.Address(), User: "hall", Password: password})
	must(t, phone.Register(ctx))
	contact, err := provider.Registered(ctx)
	if err != nil || contact != phone.Address() {
		t.Errorf("registered is %q, not %q, %v", contact, phone.Address(), err)
	}
	out, err := provider.DialRegistered(ctx, Dial{Number: "02079460100", From: CallerID{Number: "02079460123"}})
	must(t, err)
	in, err := phone.Rings(ctx)
	must(t, err)
	if in.Dialled() != "hall" || in.CallerID().Number != "02079460123" {
		t.Errorf("%s rang for %q", in.CallerID(), in.Dialled())
	}
	must(t, in.Answer(ctx))
	must(t, out.Answered(ctx))
	must(t, phone.Unregister(ctx))
	must(t, provider.Unregistered(ctx))
	events.await(t, ctx, "provider", Unregistered, 1)
	must(t, phone.Register(ctx))
	must(t, phone.Close())
	must(t, provider.Unregistered(ctx))
}

func TestRegistrationIsRenewed(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	events := newCollector()
	provider := newProvider(t, events, 1)
	phone := newPhone(t, PhoneConfig{Server: provider.Address(), User: "hall", Password: password})
	must(t, phone.Register(ctx))
	// Somebody else takes the account; only a renewal gets it back.
	other := newPhone(t, PhoneConfig{Server: provider.Address(), User: "hall", Password: password})
	must(t, other.Register(ctx))
	must(t, other.Unplug())
	for {
		contact, err := provider.Registered(ctx)
		must(t, err)
		if contact == phone.Address() {
			return
		}
		provider.registering.Lock()
		changed := provider.changed
		provider.registering.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatal("the registration was not renewed")
		}
	}
}

func TestRegistrationRefused(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	provider := newProvider(t, newCollector(), 0)
	for _, config := range []PhoneConfig{
		{Server: provider.Address(), User: "hall", Password: "wrong"},
		{Server: provider.Address(), User: "bedroom", Password: password},
		{Server: provider.Address(), User: "hall"},
	} {
		err := newPhone(t, config).Register(ctx)
		if err == nil {
			t.Errorf("%s was registered with the password %q", config.User, config.Password)
			continue
		}
		contains(t, err.Error(), "401")
	}
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if contact, err := provider.Registered(short); err == nil {
		t.Errorf("%s is registered", contact)
	}
	if err := newPhone(t, PhoneConfig{Server: "nowhere"}).Register(ctx); err == nil {
		t.Error("a server without an address was accepted")
	}
}

func TestRegistrationWithoutServer(t *testing.T) {
	t.Parallel()
	away, err := NewCaller(Config{Name: "gone", Address: "127.0.0.5:0"})
	must(t, err)
	must(t, away.Unplug())
	ctx, cancel := context.WithTimeout(patience(t), 500*time.Millisecond)
	defer cancel()
	if err := newPhone(t, PhoneConfig{Server: away.Address()}).Register(ctx); err == nil {
		t.Error("registered with nobody there")
	}
}

func TestDiallingWithPassword(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	server, err := NewProvider(ProviderConfig{Config: Config{Name: "provider", Address: "127.0.0.5:0", Library: voicesKnown()},
		User: "hall", Password: password, Asks: true})
	must(t, err)
	t.Cleanup(func() { closed(t, server.Close()) })
	phone := newPhone(t, PhoneConfig{Server: server.Address(), User: "hall", Password: password})
	out, err := phone.Call(ctx, "999")
	must(t, err)
	in, err := server.Rings(ctx)
	must(t, err)
	if in.Dialled() != "999" || in.CallerID().Number != "hall" {
		t.Errorf("%s dialled %s", in.CallerID(), in.Dialled())
	}
	must(t, in.Answer(ctx))
	must(t, out.Answered(ctx))
	must(t, out.Say(ctx, voice(t, "mumbler")))
	if _, err := in.Hears(ctx, "mumbler"); err != nil {
		t.Error(err)
	}
	must(t, out.Hangup(ctx))

	stranger := newPhone(t, PhoneConfig{Server: server.Address(), User: "hall", Password: "wrong"})
	out, err = stranger.Call(ctx, "999")
	must(t, err)
	if ending, err := out.Ended(ctx); err != nil || ending.Code != sip.StatusUnauthorized {
		t.Errorf("with a wrong password: %v, %v", ending, err)
	}
}
