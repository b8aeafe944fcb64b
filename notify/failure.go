package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Failure is why a message could not be sent. Its texts contain no secrets.
type Failure struct {
	Kind     string // for programs, such as "no-answer"
	Sentence string // for the person whose address it is: what is wrong, and what to do
	Detail   string // for operators: what the library or the service said
}

func (f *Failure) Error() string { return f.Sentence }

// KindGone is the kind of a Failure after which no message will ever be accepted again at the address.
const KindGone = "gone"

// KindNotReplaced is the kind of a Failure where only the message that was to be replaced is lost, because somebody has deleted it: the address may be fine.
const KindNotReplaced = "not-replaced"

// kinds of failures, with their sentences. %s is the service, such as "the mail server".
var sentences = map[string]string{
	"no-answer":     "%s did not answer in time. It is tried again by itself.",
	"unreachable":   "%s cannot be reached. It is tried again by itself; if that goes on, look whether the address is right, and whether Ringfence's computer is on the internet.",
	"unknown":       "There is no server of that name. Look whether the server's address is right.",
	"certificate":   "%s has no valid certificate, so nothing was sent. Look whether the server's address is right.",
	"unencrypted":   "%s offers no encryption, so no password was sent to it. Look whether the server and the port are right.",
	"refused":       "%s does not accept the password, token or key. Look whether it is right and still holds.",
	"recipient":     "%s does not accept the sender or the recipient. Look whether both addresses are right.",
	"not-there":     "%s does not know this address. Look whether it is complete and still holds.",
	"too-many":      "%s takes no more messages for now. It is tried again by itself.",
	"trouble":       "%s has trouble of its own. It is tried again by itself.",
	"rejected":      "%s did not take the message. Check what you filled in.",
	"redirect":      "%s sends on to another server, which Ringfence does not follow. Fill in that server's address instead.",
	"not-allowed":   "Ringfence does not send to this address, which is not a server's.",
	"at-home":       "This address is in a home network. Alerts may go there only if an owner allows it, at the end of this page.",
	KindGone:        "This browser no longer takes alerts. Switch them on again in it, with “Another address”.",
	KindNotReplaced: "%s could not change its earlier message, which may have been deleted.",
	"broken":        "The message could not be sent. Ringfence tries again by itself; if that goes on, check what you filled in.",
}

// spoken are the services, as they begin a sentence.
var spoken = map[string]string{
	"smtp": "The mail server", "ntfy": "The ntfy server", "telegram": "Telegram", "matrix": "The Matrix server",
	"pushover": "Pushover", "generic": "The web address", pushScheme: "The browser's push service",
}

func failure(address, kind, detail string) *Failure {
	who := spoken[schemeOf(address)]
	if who == "" {
		who = "The service"
	}
	return &Failure{kind, strings.Replace(sentences[kind], "%s", who, 1), redact(address, detail)}
}

// explain turns an error into a Failure. status is the last status that a web server answered with, or 0.
func explain(address string, err error, status int) *Failure {
	kind := "broken"
	var mail *textproto.Error
	switch {
	case errors.Is(err, errNotReplaced):
		kind = KindNotReplaced
	case errors.Is(err, errRedirect):
		kind = "redirect"
	case errors.Is(err, errNotAllowed):
		kind = "not-allowed"
	case errors.Is(err, errAtHome):
		kind = "at-home"
	case isTimeout(err):
		kind = "no-answer"
	case isUnknownName(err):
		kind = "unknown"
	case isCertificate(err):
		kind = "certificate"
	case strings.Contains(err.Error(), "does not support StartTLS"), strings.Contains(err.Error(), "unencrypted connection"):
		kind = "unencrypted"
	case status >= 300 && schemeOf(address) == pushScheme && slices.Contains(pushGone, status):
		kind = KindGone
	case status >= 300:
		kind = ofStatus(status)
	case errors.As(err, &mail):
		kind = ofMail(mail.Code)
	case isNetwork(err):
		kind = "unreachable"
	}
	return failure(address, kind, err.Error())
}

func isTimeout(err error) bool {
	var timed net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timed) && timed.Timeout()
}

func isUnknownName(err error) bool {
	var name *net.DNSError
	return errors.As(err, &name) && name.IsNotFound
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &record)
}

func isNetwork(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || strings.Contains(err.Error(), "EOF")
}

func ofStatus(status int) string {
	switch {
	case status < 400:
		return "redirect"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "refused"
	case status == http.StatusNotFound || status == http.StatusGone:
		return "not-there"
	case status == http.StatusTooManyRequests:
		return "too-many"
	case status >= 500:
		return "trouble"
	default:
		return "rejected"
	}
}

// ofMail goes by RFC 5321 and, for signing in, RFC 4954.
func ofMail(code int) string {
	switch code {
	case 530, 534, 535, 538:
		return "refused"
	case 550, 551, 553:
		return "recipient"
	case 421, 450, 451, 452, 454:
		return "trouble"
	default:
		return "rejected"
	}
}

// mostDetail is how much of what a service says is kept.
const mostDetail = 300

var secretKeys = regexp.MustCompile(`(?i)(access_token|token|key|apikey|password|pass|authorization)(=|:|%3D)\s*(bearer\s+)?[^\s&"',;]+`)

// redact removes everything from a text that is in an address and may be a secret, plain or escaped as in web addresses, and makes one short line of the
// rest.
func redact(address, text string) string {
	for _, secret := range secretsOf(address) {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = secretKeys.ReplaceAllString(text, "$1$2…")
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	return cut(line, mostDetail)
}

var (
	// hosted are the services whose addresses name a server; in others there may be a key in its place.
	hosted = []string{"smtp", "ntfy", "matrix", "generic"}
	// harmless are words that Build puts into addresses.
	harmless = []string{"json", "Ringfence", "http", "https", "ImplicitTLS", "shoutrrr", "telegram"}
)

// secretsOf lists the parts of an address that must not be seen, the longest first. Words of fewer than four characters, such as "yes" and "no", are not
// among them: they would not be much of a secret.
func secretsOf(address string) []string {
	parts := []string{address}
	if u, err := url.Parse(address); err == nil {
		password, _ := u.User.Password()
		parts = append(parts, u.User.Username(), password, u.User.Username()+":"+password, u.Path, u.RawQuery)
		if !slices.Contains(hosted, u.Scheme) {
			parts = append(parts, u.Host)
		}
		parts = append(parts, strings.Split(u.Path, "/")...)
		for _, all := range u.Query() {
			for _, value := range all {
				parts = append(append(parts, value), strings.Fields(value)...)
			}
		}
	}
	var secrets []string
	for _, p := range parts {
		for _, form := range []string{p, url.QueryEscape(p), url.PathEscape(p), strings.Trim(strconv.Quote(p), `"`)} {
			if len(form) >= 4 && !slices.Contains(harmless, form) {
				secrets = append(secrets, form)
			}
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return secrets
}
