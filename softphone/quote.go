package softphone

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// sip.UDPMTUSize is the size beyond which sipgo refuses to send a message over UDP. Loopback has no such limit, and callers may send long names.
func init() { sip.UDPMTUSize = 1 << 16 }

// quoteName makes any name fit between the quotation marks of a display name (RFC 3261, section 25.1).
func quoteName(name string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ").Replace(name)
}

func unquoteName(name string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(name)
}

// escapeUser makes any number fit into the user part of a SIP address (RFC 3261, section 25.1).
func escapeUser(number string) string {
	var user strings.Builder
	for _, b := range []byte(number) {
		plain := b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte("-_.!~*'()&=+$,;?/", b) >= 0
		if plain {
			user.WriteByte(b)
		} else {
			fmt.Fprintf(&user, "%%%02X", b)
		}
	}
	return user.String()
}

func unescapeUser(user string) string {
	if number, err := url.PathUnescape(user); err == nil {
		return number
	}
	return user
}
