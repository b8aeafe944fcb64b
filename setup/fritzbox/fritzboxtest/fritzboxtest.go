// Package fritzboxtest is a FRITZ!Box for tests, made of AVM's documents: digest authentication, the services that are used here, and the confirmation
// that somebody gives at the box.
package fritzboxtest

import (
	"crypto/md5" //nolint:gosec // RFC 2617's digest is made of it
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// User and Password are those of its pages.
const (
	User     = "anna"
	Password = "geheim"
)

const (
	nonce = "F758BE72FB999CEA"
	realm = "HTTPS Access"
	token = "2C0A2110-30BA-444e-8B83-566BC3F19C80" //nolint:gosec // of no box
)

// Box is a FRITZ!Box with one telephone.
type Box struct {
	t      testing.TB
	plain  *httptest.Server
	secure *httptest.Server

	mu      sync.Mutex
	phones  []map[string]string
	trusts  bool   // wants no confirmation
	confirm string // how far it is
}

// New is one that runs until the test ends.
func New(t testing.TB) *Box {
	b := &Box{t: t, phones: []map[string]string{{"NewX_AVM-DE_ClientUsername": "fax"}}}
	b.secure = httptest.NewTLSServer(http.HandlerFunc(b.serve))
	b.plain = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("SOAPAction") != `"urn:dslforum-org:service:DeviceInfo:1#GetSecurityPort"` {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reply(w, "GetSecurityPort", map[string]string{"NewSecurityPort": host(b.secure.URL).Port()})
	}))
	t.Cleanup(b.secure.Close)
	t.Cleanup(b.plain.Close)
	return b
}

func host(address string) *url.URL {
	u, _ := url.Parse(address) // a test server's own
	return u
}

// Address is where it takes questions.
func (b *Box) Address() string { return host(b.plain.URL).Host }

// Confirm presses its button.
func (b *Box) Confirm() { b.set(func() { b.confirm = "authenticated" }) }

// Trust switches the confirmation off.
func (b *Box) Trust() { b.set(func() { b.trusts = true }) }

// Forget ends what was confirmed, as an hour does.
func (b *Box) Forget() { b.set(func() { b.confirm = "" }) }

// Phones are its telephones.
func (b *Box) Phones() []map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.phones)
}

// Confirming is how far the confirmation is.
func (b *Box) Confirming() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.confirm
}

func (b *Box) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *Box) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !signedIn(r) {
		w.Header().Set("WWW-Authenticate", `Digest realm="`+realm+`", nonce="`+nonce+`", algorithm=MD5, qop="auth"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
	}
	var asked envelope
	if err := xml.Unmarshal(text, &asked); err != nil {
		b.t.Error(err)
	}
	_, action, _ := strings.Cut(strings.Trim(r.Header.Get("SOAPAction"), `"`), "#")
	b.do(w, action, asked.arguments(), asked.Header.Token)
}

func (b *Box) do(w http.ResponseWriter, action string, asked map[string]string, proof string) {
	place, _ := strconv.Atoi(asked["NewX_AVM-DE_ClientIndex"])
	switch action {
	case "X_AVM-DE_GetNumberOfClients":
		reply(w, action, map[string]string{"NewX_AVM-DE_NumberOfClients": strconv.Itoa(len(b.phones))})
	case "X_AVM-DE_GetClient3":
		reply(w, action, b.phones[place])
	case "X_AVM-DE_SetClient4":
		if !b.trusts && (b.confirm != "authenticated" || proof != token) {
			fault(w, 866)
			return
		}
		if place == len(b.phones) {
			b.phones = append(b.phones, nil)
		}
		b.phones[place] = asked
		reply(w, action, map[string]string{"NewX_AVM-DE_InternalNumber": "621"})
	case "SetConfig":
		b.confirm = map[string]string{"start": "waitingforauth", "stop": "stopped"}[asked["NewAction"]]
		reply(w, action, map[string]string{"NewToken": token, "NewState": b.confirm, "NewMethods": "button,dtmf;*11234"})
	case "GetState":
		reply(w, action, map[string]string{"NewState": b.confirm})
	default:
		fault(w, 401)
	}
}

// signedIn checks RFC 2617's digest.
func signedIn(r *http.Request) bool {
	got := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		got[k] = strings.Trim(v, `"`)
	}
	ha1, ha2 := sum(User+":"+realm+":"+Password), sum("POST:"+r.URL.Path)
	return got["response"] != "" && got["response"] == sum(strings.Join([]string{ha1, nonce, got["nc"], got["cnonce"], "auth", ha2}, ":"))
}

func sum(s string) string {
	h := md5.Sum([]byte(s)) //nolint:gosec // as above
	return hex.EncodeToString(h[:])
}

type envelope struct {
	Header struct {
		Token string `xml:"token"`
	}
	Body struct {
		Action struct {
			Arguments []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:",any"`
	}
}

func (e envelope) arguments() map[string]string {
	all := map[string]string{}
	for _, a := range e.Body.Action.Arguments {
		all[a.XMLName.Local] = a.Value
	}
	return all
}

func reply(w io.Writer, action string, values map[string]string) {
	text := ""
	for k, v := range values {
		text += "<" + k + ">" + v + "</" + k + ">"
	}
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%sResponse xmlns:u="x">%s</u:%sResponse></s:Body></s:Envelope>`, action, text, action)
}

func fault(w http.ResponseWriter, code int) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:dslforum-org:control-1-0"><errorCode>%d</errorCode></UPnPError></detail></s:Fault></s:Body></s:Envelope>`, code)
}
