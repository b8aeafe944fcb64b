package asterisk

import (
	"cmp"
	"fmt"
)

const (
	// DefaultCalls is how many calls at a time a household takes from anybody. Nobody who is not attacked ever has as many: most
	// lines carry two, and one who is turned away is on the line for ten seconds.
	DefaultCalls = 20
	// DefaultFromOne is how many of them may show the same number: a surgery's or a hospital's switchboard has one for all.
	DefaultFromOne = 3
	// forKnown is how many calls there may be above that, of contacts and others whom the application knows. Those who are asked about
	// are among them, for as long as that takes.
	forKnown = 20
	// spareLegs are for calls that are just being refused, which have a port before the dialplan sees them, and for test calls.
	spareLegs = 20
)

func (t Trunk) calls() int { return cmp.Or(t.Calls, DefaultCalls) }

// legs is how many legs the RTP ports are for. Asterisk gives each an even one, and the next for RTCP.
func (s Site) legs() int { return (s.RTPLast+1)/2 - (s.RTPFirst+1)/2 }

// legsOfCall is how many legs a call has at most: its own, one to each telephone of its household, and one to a carer's.
func (s Site) legsOfCall() int {
	phones := 0
	for _, h := range s.Households {
		phones = max(phones, len(h.Phones))
	}
	return 1 + phones + 1
}

// reservedLegs are never given to calls that come in: each telephone can dial out, which takes its own leg and one through the trunk.
func (s Site) reservedLegs() int {
	legs := spareLegs
	for _, h := range s.Households {
		legs += 2 * len(h.Phones)
	}
	return legs
}

// MostCalls is how many calls at a time all households together take from anybody: as many as there are ports for, after what is kept
// for known callers and for telephones that dial out.
func (s Site) MostCalls() int { return (s.legs()-s.reservedLegs())/s.legsOfCall() - forKnown }

// WithKnown adds to a number of calls those of known callers.
func (s Site) WithKnown(calls int) int { return calls + forKnown }

// MaxCalls is Asterisk's own limit on calls of every kind, which must not be met before those of the dialplan are.
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

// validatePorts refuses a range in which one household's calls could take the ports of contacts and of telephones that dial out.
func (s Site) validatePorts() error {
	for _, t := range s.Trunks {
		if s.MostCalls() >= t.calls() {
			continue
		}
		needed := 2 * (s.reservedLegs() + s.legsOfCall()*(t.calls()+forKnown))
		return fmt.Errorf("the RTP ports %d to %d are too few for %d calls at a time on the trunk %s: give at least %d ports (rtp_last = %d), or lower the trunk's calls",
			s.RTPFirst, s.RTPLast, t.calls(), t.Name, needed, s.RTPFirst+s.RTPFirst%2+needed-1)
	}
	return nil
}
