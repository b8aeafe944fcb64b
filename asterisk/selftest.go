package asterisk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
)

// SelfTestUser is the user, and SelfTestNumber the extension, of a call with which this machine tests its own Asterisk.
const SelfTestUser, SelfTestNumber = "self_test", "self-test"

// SelfTestPassword is that user's. It follows from ARI's, so that whoever may test has it, and nobody has to keep another one.
func (s Site) SelfTestPassword() string {
	sum := hmac.New(sha256.New, []byte(s.ARIPassword))
	_, _ = sum.Write([]byte("a call to ourselves")) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// OwnAddresses are this machine's addresses beside loopback's, from which it may ring itself.
func (s Site) OwnAddresses() (own []string) {
	for _, host := range []string{s.SIPHost, s.mediaAddress()} {
		if at, err := netip.ParseAddr(host); err == nil && !at.IsUnspecified() && !at.IsLoopback() {
			own = append(own, netip.PrefixFrom(at.WithZone(""), at.BitLen()).String())
		}
	}
	return own
}
