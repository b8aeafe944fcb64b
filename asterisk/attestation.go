package asterisk

import (
	"regexp"
	"strings"
)

// headerName is a name of a header that the dialplan can be given (RFC 3261's token is wider).
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// AttestationHeader is the header that the dialplan hands over: the provider's own, or else the caller's network's Identity (RFC 8224).
func (t Trunk) AttestationHeader() string {
	if t.Attestation == "" || t.Attestation == "verstat" {
		return "Identity"
	}
	return t.Attestation
}

// validateAttestation refuses places in which callers can always write.
func (t Trunk) validateAttestation() error {
	switch strings.ToLower(t.Attestation) {
	case "":
		return nil
	case "identity":
		return t.fault("attestation", "has attestation = %q: any caller can send that header, and Ringfence does not check its signature. "+
			"Name the header in which your provider says what it has checked, or leave attestation out", t.Attestation)
	case "from", "p-asserted-identity":
		return t.fault("attestation", "has attestation = %q: write verstat, which is what providers add to it", t.Attestation)
	}
	if !headerName.MatchString(t.Attestation) {
		return t.fault("attestation", "has attestation = %q, which is not the name of a header: write verstat, or a name such as P-Attestation-Indicator", t.Attestation)
	}
	return nil
}
