package accounts

import (
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// step is how long an authenticator code is valid (RFC 6238, 5.2); skew is how many steps its clock may be off, each way.
const (
	step = 30
	skew = 1
)

// NewTOTP makes a secret for an authenticator app: base32, 160 bits (RFC 4226, 4).
func NewTOTP() (secret string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Ringfence", AccountName: "new", SecretSize: 20})
	if err != nil {
		return "", err
	}
	return key.Secret(), nil
}

// TOTPAddress is the URI that an authenticator app reads: the secret, what it opens, and whose account it is. A colon separates the last two (the key
// URI format of Google Authenticator), so colons are taken out of the former. Spaces are %20, because some apps show a plus sign as one.
func TOTPAddress(secret, opens, email string) string {
	opens = strings.TrimSpace(strings.ReplaceAll(opens, ":", " "))
	query := url.Values{"secret": {secret}, "issuer": {opens}}
	return "otpauth://totp/" + url.PathEscape(opens+":"+email) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// Spaced is a secret in groups of four, which are easier to type.
func Spaced(secret string) string {
	var groups []string
	for ; len(secret) > 4; secret = secret[4:] {
		groups = append(groups, secret[:4])
	}
	return strings.Join(append(groups, secret), " ")
}

// checkTOTP finds the time step that a code belongs to. The caller has to mark the step as used, so that its code opens only once.
func checkTOTP(code, secret string, now time.Time) (at int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	middle := now.Unix() / step
	for s := middle - skew; s <= middle+skew; s++ {
		// There is no error for a secret that NewTOTP has made.
		want, err := hotp.GenerateCode(secret, uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			at, ok = s, true
		}
	}
	return at, ok
}
