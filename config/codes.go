package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ringfence/asterisk"
	"ringfence/ivr"
)

// FeatureCodes are the feature codes as this household dials them.
func (h Household) FeatureCodes() (codes []asterisk.Code) {
	for _, c := range ivr.Codes() {
		keys, chosen := h.Codes[c.Name]
		if !chosen {
			keys = c.Keys
		}
		if keys != "" {
			codes = append(codes, asterisk.Code{Keys: keys, Name: c.Name})
		}
	}
	return codes
}

// featureKeys is what a feature code may look like: nothing that could be somebody's number.
var featureKeys = regexp.MustCompile(`^[*#][0-9*#]{1,5}$`)

func (h Household) validateCodes() error {
	names := map[string]bool{}
	for _, c := range ivr.Codes() {
		names[c.Name] = true
	}
	for name, keys := range h.Codes {
		if !names[name] {
			return fmt.Errorf("household %s: there is no feature code called %q: they are %s", h.Name, name, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
		}
		if keys != "" && !featureKeys.MatchString(keys) {
			return fmt.Errorf("household %s: the feature code %s is %q: it begins with * or # and has 2 to 6 keys, such as \"*31\"", h.Name, name, keys)
		}
	}
	taken := map[string]string{}
	for _, c := range h.FeatureCodes() {
		if other, twice := taken[c.Keys]; twice {
			return fmt.Errorf("household %s: the feature codes %s and %s are both %s: choose another for one of them", h.Name, other, c.Name, c.Keys)
		}
		taken[c.Keys] = c.Name
	}
	return nil
}
