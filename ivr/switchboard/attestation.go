package switchboard

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"ringfence/screening"
)

// What the network says of its check of the caller's number (STIR/SHAKEN) comes in several places, and a caller can write most of them, if the
// provider lets it pass. So what speaks against a caller is believed from anywhere: nobody lies about themselves to be screened. What speaks for
// them, the levels A and B, only counts from where `attestation` of the trunk says: the owner knows that this provider replaces it.

// Verstat, as attestation of a trunk, is the parameter verstat of P-Asserted-Identity and From (3GPP TS 24.229, section 7.2A.20).
const verstat = "verstat"

// verstats finds the parameter, in the address or behind it.
var verstats = regexp.MustCompile(`(?i);\s*verstat\s*=\s*"?([a-z-]+)`)

// quotedText and bareText are display names, in which a caller may write anything (RFC 3261, section 25.1).
var (
	quotedText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"?`)
	bareText   = regexp.MustCompile(`(^|,)[^<>,]*<`)
)

// attested is what the network says. believed is attestation of the trunk, and value the header of that name; with no other header, value is Identity.
func attested(asserted, from, believed, value string) screening.Attestation {
	stated := append(statesOf(asserted), statesOf(from)...)
	switch {
	case believed == verstat:
		return worst(stated)
	case believed != "":
		if level := levelOf(value); level != "" {
			return worst(append(against(stated), level))
		}
		return worst(append(against(stated), screening.AttestedNone)) // this provider says it of each call that was checked
	default:
		return worst(against(append(stated, claimed(value))))
	}
}

// statesOf is what a header's parameters say.
func statesOf(header string) (levels []screening.Attestation) {
	addresses := bareText.ReplaceAllString(quotedText.ReplaceAllString(header, ""), "$1<")
	for _, found := range verstats.FindAllStringSubmatch(addresses, -1) {
		levels = append(levels, levelOf(found[1]))
	}
	return levels
}

// levelOf reads what providers write: a letter (P-Attestation-Indicator, Attestation-Info), TN-Validation-Passed-B (Telnyx, X-Twilio-VerStat), or words
// (X-Plivo-Stir-Verification). "Passed" without a level is B here: some providers write that for all levels. "" is something else. Characters other than
// those of a token were taken out.
func levelOf(value string) screening.Attestation {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "a", "tn-validation-passed-a", "verified":
		return screening.AttestedA
	case "b", "tn-validation-passed-b", "tn-validation-passed":
		return screening.AttestedB
	case "c", "tn-validation-passed-c":
		return screening.AttestedC
	case "no-tn-validation", "notverified", "none":
		return screening.AttestedNone
	}
	return ""
}

// claimed is the level that the caller's own network claims in the header Identity, a PASSporT (RFC 8225, RFC 8588): a JWT, whose signature is not
// checked here.
func claimed(identity string) screening.Attestation {
	parts := strings.SplitN(identity, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var passport struct {
		Attest string `json:"attest"`
	}
	if json.Unmarshal(data, &passport) != nil {
		return ""
	}
	return levelOf(passport.Attest)
}

// against keeps what does not speak for a caller.
func against(levels []screening.Attestation) (kept []screening.Attestation) {
	for _, level := range levels {
		if level == screening.AttestedC || level == screening.AttestedNone {
			kept = append(kept, level)
		}
	}
	return kept
}

// worst is the level that says least for the caller.
func worst(levels []screening.Attestation) screening.Attestation {
	for _, level := range []screening.Attestation{screening.AttestedNone, screening.AttestedC, screening.AttestedB, screening.AttestedA} {
		if slices.Contains(levels, level) {
			return level
		}
	}
	return ""
}

// failed says whether a value, of a header that a trunk names, is that the check has failed.
func failed(value string) bool {
	return strings.HasPrefix(strings.ToLower(value), "tn-validation-failed")
}
