package softphone

// Caller is somebody out in the telephone network: the other end of a trunk, who dials with any caller ID.
type Caller struct{ *Station }

// NewCaller makes a caller, reachable at its address.
func NewCaller(config Config) (*Caller, error) {
	s, err := open(config, "caller")
	if err != nil {
		return nil, err
	}
	return &Caller{s}, s.serve()
}
