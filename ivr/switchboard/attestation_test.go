package switchboard

import (
	"encoding/base64"
	"testing"

	"ringfence/screening"
)

func passport(payload string) string {
	return "eyJhbGciOiJFUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
}

func TestAttestation(t *testing.T) {
	const a, b, c, none, nothing = screening.AttestedA, screening.AttestedB, screening.AttestedC, screening.AttestedNone, screening.Attestation("")
	const plain = `"Ann" <sip:+12015550123@provider.example>;tag=1`
	with := func(value string) string {
		return `"Ann" <sip:+12015550123@provider.example;verstat=` + value + `>;tag=1`
	}
	claims := func(level string) string { return passport(`{"attest":"` + level + `","orig":{"tn":"12015550123"}}`) }
	for name, test := range map[string]struct {
		asserted, from, believed, value string
		want                            screening.Attestation
	}{
		"nothing":                              {"", plain, "", "", nothing},
		"nothing is asked for":                 {with("TN-Validation-Passed-A"), plain, "", "", nothing},
		"A of Telnyx or T-Mobile":              {with("TN-Validation-Passed-A"), plain, verstat, "", a},
		"passed, whatever the level":           {with("TN-Validation-Passed"), plain, verstat, "", b},
		"B":                                    {with("TN-Validation-Passed-B"), plain, verstat, "", b},
		"C is believed from anywhere":          {"", with("TN-Validation-Passed-C"), "", "", c},
		"not checked":                          {with("No-TN-Validation"), plain, "", "", none},
		"in the From alone":                    {"", with("tn-validation-passed-a"), verstat, "", a},
		"two that differ":                      {with("TN-Validation-Passed-A"), with("No-TN-Validation"), verstat, "", none},
		"behind the address (Bandwidth)":       {`<sip:+12015550123@192.0.2.1:5060>;verstat=TN-Validation-Passed-A`, plain, verstat, "", a},
		"before the host (Bandwidth)":          {`<sip:+12015550123;verstat=TN-Validation-Passed-A@192.0.2.1>`, plain, verstat, "", a},
		"of a tel address":                     {`<tel:+12015550123;verstat=TN-Validation-Passed-A>`, plain, verstat, "", a},
		"in a name":                            {"", `";verstat=TN-Validation-Passed-A" <sip:+12015550123@x>`, verstat, "", nothing},
		"in a name with quotes":                {"", `"\";verstat=TN-Validation-Passed-A" <sip:+12015550123@x>`, verstat, "", nothing},
		"in a name without quotes":             {"", `x;verstat=TN-Validation-Passed-A <sip:+12015550123@x>`, verstat, "", nothing},
		"in a second name":                     {`<sip:+12015550123@x>, y;verstat=TN-Validation-Passed-A <tel:+12015550123>`, plain, verstat, "", nothing},
		"of the second identity":               {`<sip:+12015550123@x>, <tel:+12015550123;verstat=TN-Validation-Passed-C>`, plain, verstat, "", c},
		"in a name without an end":             {"", `"x;verstat=TN-Validation-Passed-A`, verstat, "", nothing},
		"no such word":                         {with("Perfectly-Fine"), plain, verstat, "", nothing},
		"the provider's header":                {"", plain, "P-Attestation-Indicator", "A", a},
		"its header, in Twilio's words":        {"", plain, "X-Twilio-VerStat", "TN-Validation-Passed-B", b},
		"its header, in Plivo's words":         {"", plain, "X-Plivo-Stir-Verification", "NotVerified", none},
		"its header is missing":                {"", plain, "X-Attest", "", none},
		"its header, and a caller's parameter": {"", with("TN-Validation-Passed-A"), "X-Attest", "C", c},
		"its header, and a parameter against":  {with("TN-Validation-Passed-C"), plain, "X-Attest", "A", c},
		"a claim for the caller is only that":  {"", plain, "", claims("A"), nothing},
		"a claim with verstat":                 {with("TN-Validation-Passed-B"), plain, verstat, claims("A"), b},
		"a claim against the caller":           {"", plain, "", claims("C"), c},
		"a claim that cannot be read":          {"", plain, "", "eyJ.%%%.x", nothing},
		"a claim that is no JSON":              {"", plain, "", passport("attest=C"), nothing},
		"a claim of something else":            {"", plain, "", passport(`{"attest":{"a":"C"}}`), nothing},
		"a claim that was cut off":             {"", plain, "", claims("C")[:40], nothing},
	} {
		if got := attested(test.asserted, test.from, test.believed, test.value); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if !failed("TN-Validation-Failed-A") || failed("TN-Validation-Passed-A") || failed("") {
		t.Error("a header that says failed is read wrongly")
	}
}

// Whatever a caller sends, nothing speaks for them unless the line's settings say where it counts.
func FuzzAttestation(f *testing.F) {
	f.Add(`<sip:x;verstat=TN-Validation-Passed-A>`, `"a" <sip:x>`, "A")
	f.Add(`"\`, `;verstat="TN-Validation-Passed"`, passport(`{"attest":"A"}`))
	f.Fuzz(func(t *testing.T, asserted, from, value string) {
		if got := attested(asserted, from, "", value); got == screening.AttestedA || got == screening.AttestedB {
			t.Errorf("%q, %q and %q: %q", asserted, from, value, got)
		}
		attested(asserted, from, verstat, value)
		attested(asserted, from, "X-Attest", value)
	})
}
