package fritzbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/icholy/digest"

	"ringfence/internal/homenet"
)

// Port is where a box takes questions without encryption; it says itself where it takes them with (GetSecurityPort).
const Port = "49000"

const answerTime = 15 * time.Second

// Box is a FRITZ!Box that somebody has the password of.
type Box struct {
	Address        string // with or without a port; without, Port
	User, Password string

	secure string // where it takes questions with encryption
}

// service is one of a box's services.
type service struct{ path, name string }

var (
	info = service{"/upnp/control/deviceinfo", "urn:dslforum-org:service:DeviceInfo:1"}
	voip = service{"/upnp/control/x_voip", "urn:dslforum-org:service:X_VoIP:1"}
	auth = service{"/upnp/control/x_auth", "urn:dslforum-org:service:X_AVM-DE_Auth:1"}
)

type argument struct{ name, value string }

// Errors that a box answers with, by number (TR-064 First Steps, section 6; X_AVM-DE_Auth, section 6.3).
const (
	notAllowed   = 606
	needsConfirm = 866
	confirmBlock = 867
	confirmBusy  = 868
)

// refused is a box's error.
type refused int

func (r refused) Error() string {
	switch r {
	case notAllowed:
		return "this FRITZ!Box user may not change its settings: give the user that right under System, FRITZ!Box Users, or use another"
	case confirmBlock:
		return "the FRITZ!Box takes no more confirmations for an hour, because too many had no answer: try again then, or make the phone in its pages"
	case confirmBusy:
		return "the FRITZ!Box waits for another confirmation: finish that first, or try again in two minutes"
	default:
		return fmt.Sprintf("the FRITZ!Box refuses (its error %d): make the phone in its own pages", int(r))
	}
}

// ErrPassword says that user or password are wrong.
var ErrPassword = errors.New("the FRITZ!Box does not take this user name and password: they are those for its own pages")

// ErrAway says that a box does not answer.
var ErrAway = errors.New("no FRITZ!Box answers there: look at its address. It has to allow access for apps (Home Network, Network, Network Settings)")

// ErrElsewhere says that a box's address is not one of a home network. Names may lead anywhere: fritz.box is a name on the internet, too, and a
// stranger has had it.
var ErrElsewhere = errors.New("that address isn't in the home network, so the password stays here: write the FRITZ!Box's address in numbers, such as 192.168.178.1")

// homeOnly lets a connection be made to addresses of a home network alone.
func homeOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !homenet.Has(at.Addr()) {
		return ErrElsewhere
	}
	return nil
}

// client asks with HTTP digest authentication (RFC 7616). A box's certificate is one that it made itself, for its own name; encryption keeps others
// in the home network from listening in, and the password never crosses it.
func (b *Box) client(signedIn bool) *http.Client {
	transport := &http.Transport{
		DialContext:       (&net.Dialer{Control: homeOnly}).DialContext,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DisableKeepAlives: true,
	}
	c := &http.Client{
		Timeout: answerTime, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if signedIn {
		c.Transport = &digest.Transport{Username: b.User, Password: b.Password, Transport: transport}
	}
	return c
}

// encrypted is where a box takes questions with encryption.
func (b *Box) encrypted(ctx context.Context) (string, error) {
	if b.secure != "" {
		return b.secure, nil
	}
	address := b.Address
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host, address = address, net.JoinHostPort(address, Port)
	}
	said, err := ask(ctx, b.client(false), "http://"+address, info, "", "GetSecurityPort")
	if errors.Is(err, ErrElsewhere) {
		return "", ErrElsewhere
	}
	if err != nil {
		return "", ErrAway
	}
	port, err := strconv.Atoi(said["NewSecurityPort"])
	if err != nil || port < 1 || port > 65535 {
		return "", ErrAway
	}
	b.secure = "https://" + net.JoinHostPort(host, strconv.Itoa(port))
	return b.secure, nil
}

// call asks a service to do something. token is that of a confirmation; "" is none.
func (b *Box) call(ctx context.Context, s service, token, action string, arguments ...argument) (map[string]string, error) {
	at, err := b.encrypted(ctx)
	if err != nil {
		return nil, err
	}
	return ask(ctx, b.client(true), at, s, token, action, arguments...)
}

func ask(ctx context.Context, c *http.Client, at string, s service, token, action string, arguments ...argument) (map[string]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at+s.path, bytes.NewReader(envelope(s, token, action, arguments)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", `text/xml; charset="utf-8"`)
	request.Header.Set("SOAPAction", `"`+s.name+"#"+action+`"`)
	answer, err := c.Do(request)
	if err != nil {
		return nil, errors.Join(ErrAway, err)
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return values(text, action+"Response"), nil
	case http.StatusUnauthorized:
		return nil, ErrPassword
	default:
		code, err := strconv.Atoi(values(text, "UPnPError")["errorCode"])
		if err != nil {
			return nil, fmt.Errorf("the FRITZ!Box answers %s", answer.Status)
		}
		return nil, refused(code)
	}
}

func envelope(s service, token, action string, arguments []argument) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">`)
	if token != "" {
		b.WriteString(`<s:Header><avm:token xmlns:avm="avm.de" s:mustUnderstand="1">` + escaped(token) + `</avm:token></s:Header>`)
	}
	b.WriteString(`<s:Body><u:` + action + ` xmlns:u="` + s.name + `">`)
	for _, a := range arguments {
		b.WriteString("<" + a.name + ">" + escaped(a.value) + "</" + a.name + ">")
	}
	b.WriteString(`</u:` + action + `></s:Body></s:Envelope>`)
	return b.Bytes()
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// values are the elements in an element, by name; none if it is not there.
func values(text []byte, element string) map[string]string {
	found, inside, name := map[string]string{}, false, ""
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.Token()
		if err != nil {
			return found
		}
		switch t := token.(type) {
		case xml.StartElement:
			if inside {
				name = t.Name.Local
			}
			inside = inside || t.Name.Local == element
		case xml.CharData:
			if name != "" {
				found[name] += strings.TrimSpace(string(t))
			}
		case xml.EndElement:
			name = ""
			if t.Name.Local == element {
				return found
			}
		}
	}
}
