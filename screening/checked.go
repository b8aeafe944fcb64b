package screening

// Checked adds to what a log has of a caller what the network said of its own check of the number. Logs have that only in a call's reasons.
func (id Identity) Checked(reasons []Reason) Identity {
	id.Forged = false
	for _, r := range reasons {
		if r.Code == CodeForged {
			id.Forged = true
		}
		if level := levelOf(r.Code); level != "" {
			id.Attestation = level
		}
	}
	return id
}
