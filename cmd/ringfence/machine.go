package main

import (
	"fmt"
	"strings"

	"ringfence/config"
)

type (
	settings          = config.Settings
	householdSettings = config.Household
)

// settings are those of this machine.
func (p *program) settings() (config.Settings, error) { return config.Read(p.Config, p.Data) }

// household is the one that a command is about.
func (p *program) household(s config.Settings) (config.Household, error) {
	if p.Household == "" {
		if len(s.Households) > 1 {
			return config.Household{}, usagef("there are several households: say which with --household NAME (%s)", strings.Join(s.HouseholdNames(), ", "))
		}
		return s.Households[0], nil
	}
	for _, h := range s.Households {
		if h.Name == p.Household {
			return h, nil
		}
	}
	return config.Household{}, usagef("there is no household %q: the settings have %s", p.Household, strings.Join(s.HouseholdNames(), ", "))
}

// withRegions returns the settings with the regions that people have chosen. A region that does not fit is reported, and left as ringfence.toml has
// it.
func (p *program) withRegions(s config.Settings, chosen map[string]string) config.Settings {
	s, err := s.WithRegions(chosen)
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: %s\n", err)
	}
	return s
}
