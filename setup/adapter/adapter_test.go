package adapter

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var values = Values{
	Server: "192.168.1.10", Port: "5060", Country: "GB",
	Line: Login{"trunk-line", "secret<of>&line"}, Phone: Login{"home-hall", "secret-of-hall"},
}

// What the adapter fetches is what its pages say.
func TestFileAndPagesSayTheSame(t *testing.T) {
	file, err := values.File("000b82123456")
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		MAC    string `xml:"mac"`
		Config struct {
			Settings []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"config"`
	}
	if err := xml.Unmarshal(file, &read); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range read.Config.Settings {
		if _, twice := got[s.XMLName.Local]; twice {
			t.Errorf("%s stands there twice", s.XMLName.Local)
		}
		got[s.XMLName.Local] = s.Value
	}
	for number, want := range map[string]string{
		"P47": "192.168.1.10", "P35": "home-hall", "P36": "home-hall", "P34": "secret-of-hall",
		"P747": "192.168.1.10", "P735": "trunk-line", "P736": "trunk-line", "P734": "secret<of>&line", "P740": "5062",
		"P3305": "trunk-line", "P3306": "192.168.1.10", "P3307": "5060", "P798": "2", "P842": "0", "P3304": "1", "P864": "12", "P863": "9", "P237": "",
	} {
		if got[number] != want {
			t.Errorf("%s is %q, not %q", number, got[number], want)
		}
	}
	if read.MAC != "000b82123456" {
		t.Errorf("its MAC is %s", read.MAC)
	}
	said := ""
	for _, p := range values.Pages() {
		for _, f := range p.Fields {
			said += p.Name + ": " + f[0] + " = " + f[1] + "\n"
		}
	}
	for _, want := range []string{"FXO PORT (the line): Number of Rings = 2", "FXO PORT (the line): Country-based = UK", "FXS PORT (the phone): SIP User ID = home-hall"} {
		if !strings.Contains(said, want+"\n") {
			t.Errorf("the pages do not say %q:\n%s", want, said)
		}
	}
}

// Only the adapter gets its passwords, and only once.
func TestTheFileIsServedOnceToTheAdapterAlone(t *testing.T) {
	get := func(at, path string) (int, string) {
		answer, err := http.Get("http://" + at + path)
		if err != nil {
			return 0, err.Error()
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		return answer.StatusCode, string(text)
	}
	listen := func() net.Listener {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen()
	ended := make(chan error, 1)
	go func() { ended <- Serve(t.Context(), l, "127.0.0.1", "000b82123456", []byte("<its settings>")) }()
	for _, path := range []string{"/", "/cfg000b82123457.xml", "/cfg000b82123456.xml/"} {
		if code, text := get(l.Addr().String(), path); code != http.StatusNotFound {
			t.Errorf("%s answers %d: %s", path, code, text)
		}
	}
	if code, text := get(l.Addr().String(), "/cfg000b82123456.xml"); code != http.StatusOK || text != "<its settings>" {
		t.Errorf("the adapter gets %d: %s", code, text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if code, text := get(l.Addr().String(), "/cfg000b82123456.xml"); code == http.StatusOK {
		t.Errorf("it can be fetched twice: %s", text)
	}

	other := listen()
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- Serve(ctx, other, "127.0.0.9", "000b82123456", []byte("<its settings>")) }()
	if code, _ := get(other.Addr().String(), "/cfg000b82123456.xml"); code != http.StatusNotFound {
		t.Errorf("somebody else gets %d", code)
	}
	stop()
	if err := <-ended; !errors.Is(err, ErrNotFetched) {
		t.Errorf("it ends with %v", err)
	}
}

// Whoever has the adapter's address is not yet the adapter.
func TestTheAdapterIsKnownByAddressAndMAC(t *testing.T) {
	table := filepath.Join(t.TempDir(), "arp")
	err := os.WriteFile(table, []byte(`IP address       HW type     Flags       HW address            Mask     Device
192.168.1.20     0x1         0x2         00:0b:82:12:34:56     *        eth0
192.168.1.21     0x1         0x2         66:66:66:66:66:66     *        eth0
192.168.1.22     0x1         0x0         00:00:00:00:00:00     *        eth0
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address, mac, remote string
		want                 bool
	}{
		{"192.168.1.20", "000b82123456", "192.168.1.20:1024", true},
		{"192.168.1.20", "000B82123456", "[::ffff:192.168.1.20]:1024", true},
		{"::ffff:192.168.1.20", "000b82123456", "192.168.1.20:1024", true},
		{"192.168.1.20", "000b82123456", "192.168.1.21:1024", false},
		{"192.168.1.21", "000b82123456", "192.168.1.21:1024", false}, // another device has its address now
		{"192.168.1.21", "000b82123456", "[::ffff:192.168.1.21]:1024", false},
		{"192.168.1.22", "000b82123456", "192.168.1.22:1024", true}, // not known
		{"192.168.2.20", "000b82123456", "192.168.2.20:1024", true}, // behind a router
		{"an adapter", "000b82123456", "192.168.1.20:1024", false},
		{"192.168.1.20", "000b82123456", "@", false},
	} {
		if got := (device{address: c.address, mac: c.mac, neighbours: table}).is(c.remote); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if !(device{address: "192.168.1.20", mac: "000b82123456", neighbours: table + ".gone"}).is("192.168.1.20:1024") {
		t.Error("without the table the adapter is nobody")
	}
}
