package config

import (
	"reflect"
	"sync/atomic"
)

// Current is the settings that are in force. Lines, households and phones are added, changed and removed while Ringfence runs, so whoever needs them
// asks each time; what has begun goes on with what it was told then.
type Current struct {
	now     atomic.Pointer[inForce]
	version atomic.Int64
}

// inForce is settings with what is asked of them again and again.
type inForce struct {
	Settings
	names      []string
	households map[string]int // by name, their place in Settings.Households
	trunks     map[string]int
	endpoints  map[string][]string
	contacts   map[string]string
}

// NewCurrent begins with s.
func NewCurrent(s Settings) *Current {
	c := &Current{}
	c.Replace(s)
	return c
}

// Replace puts other settings in force.
func (c *Current) Replace(s Settings) {
	now := &inForce{Settings: s, names: s.HouseholdNames(), households: map[string]int{}, trunks: map[string]int{}, endpoints: s.Endpoints(), contacts: s.Contacts()}
	for i, h := range s.Households {
		now.households[h.Name] = i
	}
	for i, t := range s.Trunks {
		now.trunks[t.Name] = i
	}
	c.now.Store(now)
	c.version.Add(1)
}

// Version is another one after each Replace.
func (c *Current) Version() int64 { return c.version.Load() }

// Settings are those that are in force. They must not be changed.
func (c *Current) Settings() Settings { return c.now.Load().Settings }

// HouseholdNames are the names of all households.
func (c *Current) HouseholdNames() []string { return c.now.Load().names }

// Named returns a household by its name; the zero Household if there is none.
func (c *Current) Named(name string) Household {
	now := c.now.Load()
	if i, there := now.households[name]; there {
		return now.Households[i]
	}
	return Household{}
}

// Trunk returns a trunk by its name; the zero Trunk if there is none.
func (c *Current) Trunk(name string) Trunk {
	now := c.now.Load()
	if i, there := now.trunks[name]; there {
		return now.Trunks[i]
	}
	return Trunk{}
}

// Endpoints are the PJSIP endpoints of the phones, by household.
func (c *Current) Endpoints() map[string][]string { return c.now.Load().endpoints }

// Contacts are the SIP addresses at which trunks, and phones with a fixed address, are called, by PJSIP endpoint.
func (c *Current) Contacts() map[string]string { return c.now.Load().contacts }

// WithHouseholdsOf are the settings with the lines, households and phones of others.
func (s Settings) WithHouseholdsOf(other Settings) Settings {
	s.HouseholdsIn, s.Trunks, s.Households, s.lines = other.HouseholdsIn, other.Trunks, other.Households, other.lines
	return s
}

// SameMachine says that two settings differ in lines, households and phones at most: a running program can change from one to the other.
func (s Settings) SameMachine(other Settings) bool {
	return reflect.DeepEqual(s, other.WithHouseholdsOf(s))
}
