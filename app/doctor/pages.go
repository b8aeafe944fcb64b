package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"ringfence/config"
)

// certSpare is how long a certificate should still be valid: that leaves a fortnight to notice that renewing it fails.
const certSpare = 14 * 24 * time.Hour

// pages opens the one of the carers' pages that needs no account.
func (d *Doctor) pages(ctx context.Context) Finding {
	w := d.settings.Web
	f := Finding{Check: "pages", Part: "carers' pages", State: Skipped, Text: "switched off (web.listen is empty)"}
	if w.Listen == "" {
		return f
	}
	scheme := "http"
	if w.Encrypted() {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+w.Reachable()+"/sign-in", nil)
	if err != nil {
		return f.fails(err.Error(), editing(d.settings.File))
	}
	transport := &http.Transport{TLSClientConfig: ownMachine(w)}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: d.http.Timeout}).Do(request)
	switch {
	case err != nil && d.fetching(ctx):
		return f.skips("they start once Asterisk has been fetched")
	case err != nil:
		return f.fails("they don't answer at "+w.Listen+": start Ringfence. If it runs, its log says whether another program has the address (`"+d.log(applicationService)+"`)", d.restart(applicationService))
	}
	defer func() { _ = answer.Body.Close() }() // read as far as it matters
	page, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil || answer.StatusCode == http.StatusOK && !bytes.Contains(page, []byte("Ringfence</title>")) {
		return f.fails("something else answers at "+w.Listen+": another program may have the address", "sudo ss -ltnp")
	}
	if answer.StatusCode != http.StatusOK {
		return f.fails(fmt.Sprintf("%s answers %s: another program may have the address", w.Listen, answer.Status), "sudo ss -ltnp")
	}
	f.State, f.Text = OK, "at "+w.Address()
	return f
}

// ownMachine asks at this machine's own address, which no certificate names. Whether the certificate is good is looked at by certificate.
func ownMachine(w config.Web) *tls.Config {
	return &tls.Config{ServerName: w.ACMEHost, InsecureSkipVerify: true} //nolint:gosec // see above
}

// certificate looks at the certificate of the pages: whether it can be used, and for how long.
func (d *Doctor) certificate(ctx context.Context) Finding {
	w := d.settings.Web
	f := Finding{Check: "certificate", Part: "certificate", State: OK}
	var leaf *x509.Certificate
	if w.Cert != "" {
		pair, err := tls.LoadX509KeyPair(w.Cert, w.Key)
		if err != nil {
			return f.fails("web.cert and web.key can't be used: "+err.Error(), "sudo ls -l "+config.ShellQuoted(w.Cert)+" "+config.ShellQuoted(w.Key))
		}
		leaf = pair.Leaf
	} else {
		dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: d.http.Timeout}, Config: ownMachine(w)}
		c, err := dialer.DialContext(ctx, "tcp", w.Reachable())
		if err != nil {
			return f.fails("no certificate yet for "+w.ACMEHost+": the internet has to reach this machine by that name on port 443", d.log(applicationService))
		}
		defer func() { _ = c.Close() }() // nothing was sent
		leaf = c.(*tls.Conn).ConnectionState().PeerCertificates[0]
	}
	renew := d.log(applicationService)
	if w.Cert != "" {
		renew = "sudo openssl x509 -noout -dates -subject -in " + config.ShellQuoted(w.Cert)
	}
	f.Text = "valid until " + leaf.NotAfter.Format("2 January 2006")
	if name := publicName(w); name != "" && leaf.VerifyHostname(name) != nil {
		return f.fails("it isn't for "+name+", where people open the pages, so browsers refuse them: get one for that name", renew)
	}
	switch now := d.now(); {
	case now.Before(leaf.NotBefore):
		return f.fails("it is valid only from "+leaf.NotBefore.Format("2 January 2006")+" on: check the clock of this machine", "timedatectl")
	case now.After(leaf.NotAfter):
		return f.fails("it ended on "+leaf.NotAfter.Format("2 January 2006")+", and browsers refuse the pages: renew it", renew)
	case leaf.NotAfter.Sub(now) < certSpare:
		return f.fails("it ends on "+leaf.NotAfter.Format("2 January 2006")+": renew it", renew)
	}
	return f
}

// publicName is the name, or address, at which people's browsers see the certificate; "" if the settings don't say, or a proxy shows one of its own.
func publicName(w config.Web) string {
	at, err := url.Parse(w.Public)
	if w.ACMEHost != "" || w.Proxies > 0 || err != nil {
		return w.ACMEHost
	}
	return at.Hostname()
}
