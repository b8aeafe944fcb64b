package identity

import (
	"crypto/subtle"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"rsc.io/qr"
)

// step is how long a code of an app holds (RFC 6238, 5.2); skew is how many steps its clock may be off, each way.
const (
	step = 30
	skew = 1
)

// NewTOTP makes a secret for an app that shows codes: base32, 160 bits (RFC 4226, 4).
func NewTOTP() (secret string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Ringfence", AccountName: "new", SecretSize: 20})
	if err != nil {
		return "", err
	}
	return key.Secret(), nil
}

// TOTPAddress is what an app reads: the secret, and under which names it keeps it, of what it opens and of whom. What it opens has no colon,
// which divides the two (the key URI format of Google Authenticator), and its spaces are %20, for apps that show a plus sign as one.
func TOTPAddress(secret, opens, email string) string {
	opens = strings.TrimSpace(strings.ReplaceAll(opens, ":", " "))
	query := url.Values{"secret": {secret}, "issuer": {opens}}
	return "otpauth://totp/" + url.PathEscape(opens+":"+email) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// Spaced is a secret as somebody can type it: groups of four.
func Spaced(secret string) string {
	var groups []string
	for ; len(secret) > 4; secret = secret[4:] {
		groups = append(groups, secret[:4])
	}
	return strings.Join(append(groups, secret), " ")
}

// CheckTOTP finds the time step of which a code is. A step must be taken as used then, once.
func CheckTOTP(code, secret string, now time.Time) (at int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	middle := now.Unix() / step
	for s := middle - skew; s <= middle+skew; s++ {
		// Of an app's secret, which has been made here, a code can always be made.
		want, err := hotp.GenerateCode(secret, uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			at, ok = s, true
		}
	}
	return at, ok
}

// quiet is how many squares stay white around it (ISO/IEC 18004, 9.1).
const quiet = 4

// QR is a QR code as SVG, black on white whatever the page's colours are, for the cameras' sake.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	side := code.Size + 2*quiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`,
		side, side, side*6, side*6, side, side)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}
