package main_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
)

// exchangeIP is where callers from outside reach an exchange.
const exchangeIP = "127.0.0.9"

// exchangeOptions say what an exchange is like.
type exchangeOptions struct {
	Dir      string                // an empty folder; everything is written below it
	Install  asterisk.Installation // from asterisk.Install
	Line     string                // the address at which the household's line registers, IPv4 or IPv6, with its port
	Cert     string                // with Key, PEM files: the line is TLS. "": UDP
	Key      string
	SRTP     bool // the line's sound is encrypted
	User     string
	Password string
	Network  string    // where calls of the household arrive, as in testbed.Testbed.Provider
	Log      io.Writer // what it says; nil: nowhere
}

// telephoneExchange is a provider's telephone exchange: a second Asterisk, between the household's line and everybody else.
type telephoneExchange struct {
	exchangeOptions
	Address string // where callers from outside call the household

	server *asterisk.Server
}

// openExchange starts one. Close it in any case where it returns no error.
func openExchange(ctx context.Context, o exchangeOptions) (*telephoneExchange, error) {
	e := &telephoneExchange{exchangeOptions: o}
	var err error
	if e.Address, err = testbed.Free("udp", exchangeIP); err != nil {
		return nil, err
	}
	if err := e.write(); err != nil {
		return nil, err
	}
	if e.server, err = asterisk.Start(ctx, o.Install, o.Dir, o.Log); err != nil {
		return nil, err
	}
	return e, nil
}

// write writes the files of any Asterisk of ours, and then what an exchange does.
func (e *telephoneExchange) write() error {
	ari, err := testbed.Free("tcp", testbed.AsteriskIP)
	if err != nil {
		return err
	}
	host, digits, err := net.SplitHostPort(ari)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(digits)
	if err != nil {
		return err
	}
	first := testbed.FirstRTPPort()
	site := asterisk.Site{
		SIPHost: exchangeIP, SIPPort: port, RTPFirst: first, RTPLast: first + 999, HTTPHost: host, HTTPPort: port,
		ARIUser: "exchange", ARIPassword: rand.Text(), App: "exchange", TLSPort: port,
		Trunks:     []asterisk.Trunk{{Name: "line", Host: exchangeIP, Port: port, Register: true, User: "x", Password: rand.Text(), TLS: e.SRTP, SRTP: e.SRTP}},
		Households: []asterisk.Household{{Name: "home", Trunk: "line", Phones: []asterisk.Phone{{Name: "hall", Password: rand.Text()}}}},
	}
	if err := asterisk.WriteConfig(e.Dir, site, e.Install); err != nil {
		return err
	}
	for file, text := range map[string]*template.Template{"pjsip.conf": exchangeSIP, "extensions.conf": exchangeDialplan} {
		var written strings.Builder
		if err := text.Execute(&written, e); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(e.Dir, file), []byte(written.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// LineHost is the host of Line.
func (e *telephoneExchange) LineHost() (string, error) {
	host, _, err := net.SplitHostPort(e.Line)
	return host, err
}

var exchangeSIP = template.Must(template.New("").Parse(`[global]
type = global
user_agent = exchange
endpoint_identifier_order = auth_username,username,ip

[outside]
type = transport
protocol = udp
bind = {{.Address}}

[line]
type = transport
bind = {{.Line}}
{{if .Cert}}protocol = tls
cert_file = {{.Cert}}
priv_key_file = {{.Key}}
method = tlsv1_2
{{else}}protocol = udp
{{end}}
[leg](!)
type = endpoint
disallow = all
allow = alaw,ulaw
direct_media = no
bind_rtp_to_media_address = yes
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
trust_id_outbound = yes
send_pai = yes

[{{.User}}](leg)
context = from-household
media_address = {{.LineHost}}
identify_by = auth_username,username
auth = {{.User}}
aors = {{.User}}
{{if .SRTP}}media_encryption = sdes
{{end}}
[{{.User}}]
type = aor
max_contacts = 1
remove_existing = yes
minimum_expiration = 10

[{{.User}}]
type = auth
auth_type = userpass
username = {{.User}}
password = {{.Password}}

[world](leg)
context = from-world
media_address = ` + exchangeIP + `
identify_by = ip
trust_id_inbound = yes
aors = world

[world]
type = aor
contact = sip:{{.Network}}

[world]
type = identify
endpoint = world
match = ` + testbed.TrunkIP + `
`))

var exchangeDialplan = template.Must(template.New("").Parse(`[from-world]
exten => _[+0-9].,1,Dial(PJSIP/{{.User}},60)
 same => n,Hangup()

[from-household]
exten => _[+*0-9].,1,Dial(PJSIP/${EXTEN}@world,60)
 same => n,Hangup()
`))

// Registered waits until the household's line is registered here.
func (e *telephoneExchange) Registered(ctx context.Context) error {
	for {
		there, err := e.HasRegistered(ctx)
		if there {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the line did not register: %w", ctx.Err()), err)
		case <-time.After(100 * time.Millisecond): // Asterisk tells nobody
		}
	}
}

// HasRegistered says whether the household's line is registered here.
func (e *telephoneExchange) HasRegistered(ctx context.Context) (bool, error) {
	out, err := e.server.Console(ctx, "pjsip show aor "+e.User)
	return err == nil && strings.Contains(out, "/sip:"), err
}

// Kill ends the exchange without a word to anybody, as a power cut does.
func (e *telephoneExchange) Kill() error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	err := e.server.Stop(now)
	if errors.Is(err, asterisk.ErrKilled) {
		return nil
	}
	return err
}

// Close ends it.
func (e *telephoneExchange) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := e.server.Stop(ctx)
	_ = os.RemoveAll(asterisk.MemoryFolder(e.Dir)) // what is left of it does no harm
	return err
}
