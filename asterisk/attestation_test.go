package asterisk

import (
	"strings"
	"testing"
)

// What callers can always write themselves is refused with the reason, and so is what is no header.
func TestAttestationOfATrunk(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "verstat": "", "P-Attestation-Indicator": "", "X-Twilio-VerStat": "", "Attestation-Info": "",
		"Identity": "any caller can send", "identity": "any caller can send", "From": "write verstat", "P-Asserted-Identity": "write verstat",
		"X-A)},${SHELL(x)}": "not the name of a header", "X A": "not the name", "-": "not the name", strings.Repeat("x", 65): "not the name",
	} {
		err := Trunk{Name: "line", Attestation: value}.validateAttestation()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("attestation %q: %v, want %q", value, err, want)
		}
	}
	if (Trunk{Attestation: "verstat"}).AttestationHeader() != "Identity" || (Trunk{Attestation: "X-A"}).AttestationHeader() != "X-A" {
		t.Error("another header is handed over")
	}
}
