package asterisk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

const (
	// DefaultCalls is how many calls at a time a household takes from anybody. Nobody has as many unless under attack: most lines carry two,
	// and a caller who is turned away is on the line for ten seconds.
	DefaultCalls = 20
	// DefaultFromOne is how many of them may show the same number. A surgery's or a hospital's switchboard shows one number for all its calls.
	DefaultFromOne = 3
	// mostKnown is how many calls more than that there may be from contacts and others whom the application knows. Callers about whom the
	// application is being asked count among them meanwhile.
	mostKnown = 20
	// spareLegs are for test calls, and for calls that are being refused, which have a port before the dialplan sees them.
	spareLegs = 20
)

func (t Trunk) calls() int { return cmp.Or(t.Calls, DefaultCalls) }

// legs is how many legs there are RTP ports for. Asterisk gives each leg an even port for RTP and the next one for RTCP.
func (s Site) legs() int { return (s.RTPLast+1)/2 - (s.RTPFirst+1)/2 }

// legsOfCall is how many legs a call can have: its own, one to each telephone of its household, and one to a carer's telephone.
func (s Site) legsOfCall() int {
	phones := 0
	for _, h := range s.Households {
		phones = max(phones, len(h.Phones))
	}
	return 1 + phones + 1
}

// reservedLegs are kept from incoming calls, so that each telephone can dial out, which takes its own leg and one through the trunk.
func (s Site) reservedLegs() int {
	legs := spareLegs
	for _, h := range s.Households {
		legs += 2 * len(h.Phones)
	}
	return legs
}

// allCalls is how many incoming calls there are ports for, but at least two, so that the telephone can ring.
func (s Site) allCalls() int { return max((s.legs()-s.reservedLegs())/s.legsOfCall(), 2) }

// forKnown is how many of them are kept for known callers.
func (s Site) forKnown() int { return min(mostKnown, (s.allCalls()+1)/2) }

// MostCalls is how many calls at a time all households together take from anybody.
func (s Site) MostCalls() int { return s.allCalls() - s.forKnown() }

// WithKnown adds to a number of calls those that are kept for known callers.
func (s Site) WithKnown(calls int) int { return calls + s.forKnown() }

// MaxCalls is Asterisk's own limit on calls of every kind. The dialplan's limits must be reached before it.
func (s Site) MaxCalls() int { return s.legs() + 100 }

// TrunkOf is a household's trunk.
func (s Site) TrunkOf(h Household) Trunk {
	for _, t := range s.Trunks {
		if t.Name == h.Trunk {
			return t
		}
	}
	return Trunk{}
}

// ErrFewPorts is Validate's error for a range so small that a household's calls could take the ports that contacts, and telephones dialling
// out, need. A site from WithFewerCalls does not give it.
var ErrFewPorts = errors.New("too few RTP ports")

func (s Site) validatePorts() error {
	if s.legs() < 8 {
		return fmt.Errorf("the RTP ports %d to %d are too few: give at least 16, so that four people can talk", s.RTPFirst, s.RTPLast)
	}
	if s.fewerCalls {
		return nil
	}
	reserved, each := s.reservedLegs(), s.legsOfCall()
	for _, t := range s.Trunks {
		needed := reserved + each*(t.calls()+min(mostKnown, t.calls()))
		if needed > s.legs() {
			return fewPorts(fmt.Sprintf("the RTP ports %d to %d are too few for %d calls at a time on the trunk %s: set rtp_last = %d, or lower calls",
				s.RTPFirst, s.RTPLast, t.calls(), t.Name, s.RTPFirst+s.RTPFirst%2+2*needed-1))
		}
	}
	return nil
}

type fewPorts string

func (f fewPorts) Error() string        { return string(f) }
func (f fewPorts) Is(target error) bool { return target == ErrFewPorts }

// WithFewerCalls is the site with its trunks' calls limited to the ports there are. Settings from before there was a limit must not keep the
// telephone from ringing.
func (s Site) WithFewerCalls() Site {
	s.fewerCalls = true
	s.Trunks = slices.Clone(s.Trunks)
	most := s.MostCalls()
	for i, t := range s.Trunks {
		s.Trunks[i].Calls = min(t.calls(), most)
	}
	return s
}
