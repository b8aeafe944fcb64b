package booksync

import (
	"context"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"ringfence/sharing/fetch"
)

// Failure is why a server could not be asked, or why its answer is of no use.
type Failure struct {
	Sentence string        // for people: what is wrong, and what to do
	Detail   string        // for operators; never the password
	After    time.Duration // how long the server wants to be left alone
	Password bool          // it does not take the password
	Network  bool          // it cannot be reached, or proves not to be the right one
	Home     bool          // somebody has to say first that it is in their own network

	elsewhere bool // it leads to another one
}

func (f *Failure) Error() string { return f.Sentence }

// detail is an error for the log.
func detail(err error) error {
	var failure *Failure
	if errors.As(err, &failure) && failure.Detail != "" {
		return fmt.Errorf("%w (%s)", err, failure.Detail)
	}
	return err
}

func failf(format string, args ...any) *Failure {
	return &Failure{Sentence: fmt.Sprintf(format, args...)}
}

var (
	errAddress  = &Failure{Sentence: "This isn't the address of a server. It looks like https://cloud.example.org, or is a domain such as example.org."}
	errNoUser   = &Failure{Sentence: "Fill in the user name and the password."}
	errPlain    = &Failure{Home: true, Sentence: "Without https anybody on the way could read the password. Use an address that begins with https://. Only a server in your own network may do without."}
	errWebPage  = &Failure{Sentence: "The server sends a web page and not an address book. Check the address; your provider's help calls it CardDAV."}
	errNoServer = &Failure{Sentence: "What answers there isn't a CardDAV server. Check the address; your provider's help calls it CardDAV."}
	errHalf     = &Failure{Sentence: "Only a part of the server's answer came, or it is damaged. Ringfence used nothing of it."}
	errTooLarge = &Failure{Sentence: "The server sends more than an address book can have, so Ringfence used nothing of it."}
	errTooMany  = &Failure{Sentence: fmt.Sprintf("The address book has more than %d cards, which is too many.", maxCards)}
	errNoBooks  = &Failure{Sentence: "This user has no address book on the server. Check the user name."}
)

// elsewhere is a server that leads to another one.
func elsewhere(to *url.URL) *Failure {
	f := failf("The server leads to another one, %s, which must not get the password. If that one is yours too, use its address: %s", to.Host, (&url.URL{Scheme: to.Scheme, Host: to.Host}).String())
	f.elsewhere = true
	return f
}

// ofStatus is why an answer is of no use, by its status.
func ofStatus(response *http.Response) *Failure {
	status := response.StatusCode
	f := &Failure{Detail: response.Status}
	switch {
	case status == http.StatusUnauthorized:
		f.Password, f.Sentence = true, "The server doesn't take this user name and password. Check both. Some providers want a password that you make for an app."
	case status == http.StatusForbidden:
		f.Password, f.Sentence = true, "The server doesn't let this user read the address book. Check the user name, and who may read it there."
	case status == http.StatusNotFound || status == http.StatusGone:
		f.Sentence = "There is no address book at this address. Somebody may have removed it there."
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		f.Sentence = fmt.Sprintf("The server is busy (%d).", status)
		f.After = fetch.RetryAfter(response.Header)
	case status >= http.StatusInternalServerError:
		f.Sentence = fmt.Sprintf("The server has a fault of its own (%d).", status)
	case status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented, status == http.StatusOK:
		f.Sentence = errNoServer.Sentence
	default:
		f.Sentence = fmt.Sprintf("The server's answer can't be used (%d). Check the address.", status)
	}
	return f
}

// ofNetwork is why there is no answer.
func ofNetwork(ctx context.Context, host string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	was := err
	err = fetch.Explain(ctx, err)
	f := &Failure{Detail: was.Error(), Network: true}
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(was, &invalid) && invalid.Reason == x509.Expired:
		f.Sentence = fmt.Sprintf("The certificate of %s is out of date, so it can't be told from an impostor. Its operator has to renew it.", host)
		if invalid.Cert != nil {
			f.Sentence = fmt.Sprintf("The certificate of %s is valid from %s to %s, so it can't be told from an impostor. Its operator has to renew it, or the clock here is wrong.",
				host, invalid.Cert.NotBefore.Format("2 January 2006"), invalid.Cert.NotAfter.Format("2 January 2006"))
		}
	case errors.Is(err, fetch.ErrCertificate):
		f.Sentence = fmt.Sprintf("%s can't prove that it is the server of this name, so it doesn't get the password. It needs a certificate that everybody can check.", host)
	case errors.Is(err, fetch.ErrPrivate):
		f.Sentence, f.Home = fmt.Sprintf("%s is in a home network, where Ringfence doesn't look by itself. If the server is yours, say that it is in your own network.", host), true
	case errors.Is(err, fetch.ErrPublic):
		f.Sentence = errPlain.Sentence
	case errors.Is(err, fetch.ErrSlow), errors.Is(err, fetch.ErrTime), errors.Is(err, context.DeadlineExceeded):
		f.Sentence = host + " doesn't answer in time."
	case errors.Is(err, fetch.ErrCutOff):
		f.Sentence = errHalf.Sentence
	default:
		f.Sentence = host + " can't be reached. Check the address, and whether the server is on."
	}
	return f
}

// ofBody is why an answer could not be read to its end.
func ofBody(ctx context.Context, host string, err error) error {
	var syntax *xml.SyntaxError
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Failure{Sentence: errHalf.Sentence, Detail: err.Error()}
	case ctx.Err() != nil:
		return ofNetwork(ctx, host, ctx.Err())
	default:
		return &Failure{Sentence: errHalf.Sentence, Detail: err.Error()}
	}
}
