package screening

import "slices"

// Checked adds to what a log has of a caller what the network said of its own check of the number. Logs have that only in a call's reasons.
func (id Identity) Checked(reasons []Reason) Identity {
	noted := func(code Code) bool {
		return slices.ContainsFunc(reasons, func(r Reason) bool { return r.Code == code })
	}
	id.Forged = noted(CodeForged)
	for code, attestation := range map[Code]Attestation{
		CodeAttestedA: AttestedA, CodeAttestedB: AttestedB, CodeAttestedC: AttestedC, CodeAttestedNone: AttestedNone,
	} {
		if noted(code) {
			id.Attestation = attestation
		}
	}
	return id
}
