package fritzbox_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"ringfence/setup/fritzbox"
	"ringfence/setup/fritzbox/fritzboxtest"
)

// A telephone is made once somebody has confirmed it at the box, and gets another password when it is made again.
func TestATelephoneIsMadeAndConfirmed(t *testing.T) {
	b := fritzboxtest.New(t)
	box := &fritzbox.Box{Address: b.Address(), User: fritzboxtest.User, Password: fritzboxtest.Password}
	for _, password := range []string{"FirstPassword1", "OtherPassword2"} {
		b.Forget()
		said := ""
		err := box.MakePhone(t.Context(), fritzbox.Phone{User: "ringfence", Password: password}, func(s string) { said = s; b.Confirm() }, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if want := "press any button on the FRITZ!Box for a moment, or dial *11234 on a phone"; !strings.Contains(said, want) {
			t.Errorf("the person is told %q", said)
		}
		phones := b.Phones()
		if len(phones) != 2 || phones[1]["NewX_AVM-DE_ClientPassword"] != password || phones[1]["NewX_AVM-DE_ClientUsername"] != "ringfence" ||
			phones[1]["NewX_AVM-DE_PhoneName"] != "Ringfence" {
			t.Errorf("the box has %v", phones)
		}
	}
}

func TestABoxWithoutConfirmation(t *testing.T) {
	b := fritzboxtest.New(t)
	b.Trust()
	box := &fritzbox.Box{Address: b.Address(), User: fritzboxtest.User, Password: fritzboxtest.Password}
	err := box.MakePhone(t.Context(), fritzbox.Phone{User: "ringfence", Password: "Password1"}, func(s string) { t.Error(s) }, time.Millisecond)
	if err != nil || len(b.Phones()) != 2 {
		t.Errorf("%v, %v", err, b.Phones())
	}
}

func TestWhatABoxRefuses(t *testing.T) {
	b := fritzboxtest.New(t)
	none := func(string) {}
	wrong := &fritzbox.Box{Address: b.Address(), User: fritzboxtest.User, Password: "falsch"}
	if err := wrong.MakePhone(t.Context(), fritzbox.Phone{}, none, time.Millisecond); !errors.Is(err, fritzbox.ErrPassword) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := (&fritzbox.Box{Address: "127.0.0.1:1"}).MakePhone(t.Context(), fritzbox.Phone{}, none, time.Millisecond); !errors.Is(err, fritzbox.ErrAway) {
		t.Errorf("nobody there: %v", err)
	}
	right := &fritzbox.Box{Address: b.Address(), User: fritzboxtest.User, Password: fritzboxtest.Password}
	ctx, stop := context.WithCancel(t.Context())
	err := right.MakePhone(ctx, fritzbox.Phone{User: "ringfence", Password: "x"}, func(string) { stop() }, time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "nobody has confirmed it") || len(b.Phones()) != 1 || b.Confirming() != "stopped" {
		t.Errorf("not confirmed: %v, %v, %s", err, b.Phones(), b.Confirming())
	}
}

// The password goes to an address of the home network or nowhere, whatever a name leads to: fritz.box is a name on the internet as well.
func TestThePasswordStaysInTheHomeNetwork(t *testing.T) {
	for _, address := range []string{"192.0.2.1", "192.0.2.1:49000", "[2001:db8::1]:49000", "[::ffff:192.0.2.1]:49000"} {
		box := &fritzbox.Box{Address: address, User: fritzboxtest.User, Password: fritzboxtest.Password}
		if err := box.MakePhone(t.Context(), fritzbox.Phone{}, func(string) {}, time.Millisecond); !errors.Is(err, fritzbox.ErrElsewhere) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Anything in the network may say that it is a box, and be the first to. The one that is the way to the internet is believed before it.
func TestTheRouterIsFoundBeforeAStranger(t *testing.T) {
	ask, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ask.Close() }()
	stranger, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	go func() {
		packet := make([]byte, 2048)
		for {
			_, from, err := ask.ReadFrom(packet)
			if err != nil {
				return
			}
			for _, one := range []struct {
				conn net.PacketConn
				host string
			}{{stranger, "127.0.0.2"}, {ask, "127.0.0.1"}} {
				_, _ = one.conn.WriteTo([]byte("HTTP/1.1 200 OK\r\nLOCATION: http://"+one.host+":49000/tr64desc.xml\r\nST: urn:dslforum-org:device:InternetGatewayDevice:1\r\n\r\n"), from)
			}
		}
	}()
	if found, err := fritzbox.Find(t.Context(), ask.LocalAddr().String(), "127.0.0.1"); err != nil || found != "127.0.0.1" {
		t.Errorf("found %q (%v)", found, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if found, err := fritzbox.Find(ctx, ask.LocalAddr().String(), "192.168.178.1"); err != nil || found != "" {
		t.Errorf("of two strangers %q is believed (%v)", found, err)
	}
}

// A box is found by its answer. What says that a box stands elsewhere than it comes from is not believed.
func TestABoxIsFound(t *testing.T) {
	answer := func(location, gateway string, patience time.Duration) string {
		conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		go func() {
			packet := make([]byte, 2048)
			for {
				n, from, err := conn.ReadFrom(packet)
				if err != nil {
					return
				}
				if !strings.HasPrefix(string(packet[:n]), "M-SEARCH * HTTP/1.1\r\n") || !strings.Contains(string(packet[:n]), "\r\nMAN: \"ssdp:discover\"\r\n") {
					t.Errorf("it is asked %q", packet[:n])
				}
				for _, text := range []string{"rubbish", "HTTP/1.1 200 OK\r\nLOCATION: " + location + "\r\nSERVER: FRITZ!Box 7530 UPnP/1.0 AVM\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nST: urn:dslforum-org:device:InternetGatewayDevice:1\r\nUSN: uuid:x\r\n\r\n"} {
					_, _ = conn.WriteTo([]byte(text), from)
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		found, err := fritzbox.Find(ctx, conn.LocalAddr().String(), gateway)
		if err != nil {
			t.Error(err)
		}
		return found
	}
	if got := answer("http://127.0.0.1:49000/tr64desc.xml", "127.0.0.1", time.Minute); got != "127.0.0.1" {
		t.Errorf("found %q", got)
	}
	for answer("http://127.0.0.1:49000/tr64desc.xml", "", 200*time.Millisecond) != "127.0.0.1" { // one behind another router: as soon as it is quick enough
	}
	for _, hostile := range []string{"http://192.0.2.1:49000/tr64desc.xml", "http://127.0.0.2:49000/", "http://evil.example/", "::"} {
		if got := answer(hostile, "", 200*time.Millisecond); got != "" {
			t.Errorf("%s is believed: %q", hostile, got)
		}
	}
}
