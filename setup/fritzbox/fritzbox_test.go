package fritzbox

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// box is a FRITZ!Box made of AVM's documents: digest authentication, the services that are used here, and the confirmation.
type box struct {
	*testing.T
	mu        sync.Mutex
	phones    []map[string]string
	confirms  bool // wants a confirmation
	state     string
	asked     int // how often it was asked for the state
	confirmed int // after how many it says so
	plain     *httptest.Server
	secure    *httptest.Server
}

const nonce, realm = "F758BE72FB999CEA", "HTTPS Access"

func newBox(t *testing.T) *box {
	b := &box{T: t, phones: []map[string]string{{"NewX_AVM-DE_ClientUsername": "fax"}}, confirms: true, confirmed: 2}
	b.secure = httptest.NewTLSServer(http.HandlerFunc(b.serve))
	b.plain = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("SOAPAction") != `"urn:dslforum-org:service:DeviceInfo:1#GetSecurityPort"` {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		at, _ := url.Parse(b.secure.URL)
		reply(w, "GetSecurityPort", map[string]string{"NewSecurityPort": at.Port()})
	}))
	t.Cleanup(b.secure.Close)
	t.Cleanup(b.plain.Close)
	return b
}

func (b *box) at(user, password string) *Box {
	at, _ := url.Parse(b.plain.URL)
	return &Box{Address: at.Host, User: user, Password: password}
}

func sum(s string) string {
	h := md5.Sum([]byte(s))
	return hex.EncodeToString(h[:])
}

// signedIn checks RFC 2617's digest, as a box demands it.
func signedIn(r *http.Request) bool {
	got := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		got[k] = strings.Trim(v, `"`)
	}
	ha1, ha2 := sum("anna:"+realm+":geheim"), sum("POST:"+r.URL.Path)
	return got["response"] != "" && got["response"] == sum(strings.Join([]string{ha1, nonce, got["nc"], got["cnonce"], "auth", ha2}, ":"))
}

func reply(w io.Writer, action string, values map[string]string) {
	text := ""
	for k, v := range values {
		text += "<" + k + ">" + v + "</" + k + ">"
	}
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%sResponse xmlns:u="x">%s</u:%sResponse></s:Body></s:Envelope>`, action, text, action)
}

func (b *box) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !signedIn(r) {
		w.Header().Set("WWW-Authenticate", `Digest realm="`+realm+`", nonce="`+nonce+`", algorithm=MD5, qop="auth"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.Error(err)
	}
	_, action, _ := strings.Cut(strings.Trim(r.Header.Get("SOAPAction"), `"`), "#")
	asked := values(text, action)
	switch action {
	case "X_AVM-DE_GetNumberOfClients":
		reply(w, action, map[string]string{"NewX_AVM-DE_NumberOfClients": fmt.Sprint(len(b.phones))})
	case "X_AVM-DE_GetClient3":
		var i int
		_, _ = fmt.Sscan(asked["NewX_AVM-DE_ClientIndex"], &i)
		reply(w, action, b.phones[i])
	case "X_AVM-DE_SetClient4":
		if b.confirms && (b.state != "authenticated" || !strings.Contains(string(text), `<avm:token xmlns:avm="avm.de" s:mustUnderstand="1">a-token</avm:token>`)) {
			fault(w, 866)
			return
		}
		var i int
		_, _ = fmt.Sscan(asked["NewX_AVM-DE_ClientIndex"], &i)
		if i == len(b.phones) {
			b.phones = append(b.phones, nil)
		}
		b.phones[i] = asked
		reply(w, action, map[string]string{"NewX_AVM-DE_InternalNumber": "621"})
	case "SetConfig":
		b.state = map[string]string{"start": "waitingforauth", "stop": "stopped"}[asked["NewAction"]]
		reply(w, action, map[string]string{"NewToken": "a-token", "NewState": b.state, "NewMethods": "button,dtmf;*11234"})
	case "GetState":
		if b.asked++; b.asked == b.confirmed {
			b.state = "authenticated"
		}
		reply(w, action, map[string]string{"NewState": b.state})
	default:
		fault(w, 401)
	}
}

func fault(w http.ResponseWriter, code int) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:dslforum-org:control-1-0"><errorCode>%d</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>`, code)
}

// A telephone is made once somebody has confirmed it at the box, and made anew without a second one.
func TestATelephoneIsMadeAndConfirmed(t *testing.T) {
	b := newBox(t)
	for i, password := range []string{"FirstPassword1", "OtherPassword2"} {
		b.asked, b.state = 0, ""
		said := ""
		err := b.at("anna", "geheim").MakePhone(t.Context(), Phone{"ringfence", password}, func(s string) { said = s }, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if want := "press any button on the FRITZ!Box for a moment, or dial *11234 on a telephone"; !strings.Contains(said, want) {
			t.Errorf("the person is told %q", said)
		}
		if len(b.phones) != 2 || b.phones[1]["NewX_AVM-DE_ClientPassword"] != password || b.phones[1]["NewX_AVM-DE_ClientUsername"] != "ringfence" ||
			b.phones[1]["NewX_AVM-DE_PhoneName"] != "Ringfence" || b.state != "authenticated" {
			t.Errorf("%d: the box has %v, state %s", i, b.phones, b.state)
		}
	}
}

func TestABoxWithoutConfirmation(t *testing.T) {
	b := newBox(t)
	b.confirms = false
	err := b.at("anna", "geheim").MakePhone(t.Context(), Phone{"ringfence", "Password1"}, func(s string) { t.Error(s) }, time.Millisecond)
	if err != nil || len(b.phones) != 2 {
		t.Errorf("%v, %v", err, b.phones)
	}
}

func TestWhatABoxRefuses(t *testing.T) {
	b := newBox(t)
	none := func(string) {}
	if err := b.at("anna", "falsch").MakePhone(t.Context(), Phone{}, none, time.Millisecond); !errors.Is(err, ErrPassword) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := (&Box{Address: "127.0.0.1:1"}).MakePhone(t.Context(), Phone{}, none, time.Millisecond); !errors.Is(err, ErrAway) {
		t.Errorf("nobody there: %v", err)
	}
	b.confirmed = -1
	ctx, stop := context.WithCancel(t.Context())
	err := b.at("anna", "geheim").MakePhone(ctx, Phone{"ringfence", "x"}, func(string) { stop() }, time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "nobody has confirmed it") || len(b.phones) != 1 || b.state != "stopped" {
		t.Errorf("not confirmed: %v, %v, state %s", err, b.phones, b.state)
	}
}

// A box is found by its answer. What says that a box stands elsewhere than it comes from is not believed.
func TestABoxIsFound(t *testing.T) {
	answer := func(location string, patience time.Duration) string {
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
		found, err := Find(ctx, conn.LocalAddr().String())
		if err != nil {
			t.Error(err)
		}
		return found
	}
	if got := answer("http://127.0.0.1:49000/tr64desc.xml", time.Minute); got != "127.0.0.1" {
		t.Errorf("found %q", got)
	}
	for _, hostile := range []string{"http://192.0.2.1:49000/tr64desc.xml", "http://127.0.0.2:49000/", "http://evil.example/", "::"} {
		if got := answer(hostile, 200*time.Millisecond); got != "" {
			t.Errorf("%s is believed: %q", hostile, got)
		}
	}
}
