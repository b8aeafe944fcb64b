package config

import "ringfence/asterisk"

// CallLimits are how many calls at a time are taken from anybody. Callers above that hear the engaged tone, except for those that the household knows.
type CallLimits struct {
	All        int            // of all households together
	Known      int            // how many more there may be from callers whom a household knows
	Households map[string]int // of each
}

// CallLimits are those that are in force: fewer than the settings say where there are too few ports for them (asterisk.Site.WithFewerCalls).
func (s Settings) CallLimits() CallLimits {
	site := asterisk.Site{RTPFirst: s.Asterisk.RTPFirst, RTPLast: s.Asterisk.RTPLast}
	for _, t := range s.Trunks {
		site.Trunks = append(site.Trunks, asterisk.Trunk{Name: t.Name, Calls: t.Calls})
	}
	for _, h := range s.Households {
		site.Households = append(site.Households, asterisk.Household{Name: h.Name, Trunk: h.Trunk, Phones: make([]asterisk.Phone, len(h.Phones))})
	}
	site = site.WithFewerCalls()
	limits := CallLimits{All: site.MostCalls(), Known: site.WithKnown(0), Households: map[string]int{}}
	of := map[string]int{}
	for _, t := range site.Trunks {
		of[t.Name] = t.Calls
	}
	for _, h := range site.Households {
		limits.Households[h.Name] = of[h.Trunk]
	}
	return limits
}
