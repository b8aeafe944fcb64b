package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"
)

// certSpare is how long a certificate should still be valid: that leaves a fortnight to notice that renewing it fails.
const certSpare = 14 * 24 * time.Hour

// pages opens the one of the carers' pages that needs no account.
func (d *Doctor) pages(ctx context.Context) Finding {
	w := d.settings.Web
	f := Finding{Part: "carers' pages", Fine: "switched off (web.listen is empty)"}
	if w.Listen == "" {
		return f
	}
	scheme := "http"
	if w.Encrypted() {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+w.Reachable()+"/sign-in", nil)
	if err != nil {
		f.Err = err
		return f
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		ServerName:         w.ACMEHost,
		InsecureSkipVerify: true, //nolint:gosec // we ask at our own machine's address, which no certificate names; its time is looked at below
	}}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: d.http.Timeout}).Do(request)
	if err != nil {
		f.Err = fmt.Errorf("they do not answer at %s: start Ringfence (systemctl start ringfence), or look in its log whether another program has the address", w.Listen)
		return f
	}
	defer func() { _ = answer.Body.Close() }() // nothing of it is read
	f.Fine = "at " + w.Address()
	switch {
	case answer.StatusCode != http.StatusOK:
		f.Err = fmt.Errorf("%s answers %s: another program may have the address", w.Listen, answer.Status)
	case answer.TLS != nil && time.Until(answer.TLS.PeerCertificates[0].NotAfter) < certSpare:
		f.Err = fmt.Errorf("the certificate ends on %s: renew it", answer.TLS.PeerCertificates[0].NotAfter.Format("2 January 2006"))
	}
	return f
}
