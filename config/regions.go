package config

import (
	"errors"
	"fmt"
	"slices"

	"ringfence/screening"
)

// A household's region says how numbers are read and which are emergency numbers. It is in ringfence.toml, and people can choose
// another, which is kept in the database.

// validateNumbers reads a household's numbers in ringfence.toml as its region has them.
func (h Household) validateNumbers() error {
	for _, written := range h.Telecare {
		if _, err := screening.ParseNumber(written, h.Region); err != nil {
			return fmt.Errorf("the alarm centre of household %s: %w", h.Name, err)
		}
	}
	if h.Number != "" {
		n, err := screening.ParseNumber(h.Number, h.Region)
		if err != nil {
			return fmt.Errorf("the number of household %s: %w", h.Name, err)
		}
		if whose, never := screening.NeverBlocked(n, h.Region); never {
			return fmt.Errorf("the number of household %s is %s, which is that of %s: write the number that others ring to reach the household", h.Name, h.Number, whose)
		}
	}
	return nil
}

// Fits returns an error, a sentence for people, if a household's line cannot be in a region.
func (h Household) Fits(region string) error {
	if err := screening.ValidRegion(region); err != nil {
		return err
	}
	h.Region = region
	if err := h.validateNumbers(); err != nil {
		return fmt.Errorf("in %s ringfence.toml cannot be understood: %w: write its numbers there with + and the country code first", region, err)
	}
	return nil
}

// WithRegions are the settings with the regions that people have chosen, by household. One that does not fit is left out,
// and the error says so.
func (s Settings) WithRegions(chosen map[string]string) (Settings, error) {
	s.Households = slices.Clone(s.Households)
	var errs []error
	for i := range s.Households {
		h := &s.Households[i]
		region, isChosen := chosen[h.Name]
		if !isChosen {
			continue
		}
		if err := h.Fits(region); err != nil {
			errs = append(errs, fmt.Errorf("%w; until then %s is in %s", err, h.Name, h.Region))
			continue
		}
		h.Region = region
	}
	return s, errors.Join(errs...)
}

// WithoutRegions are the settings as they are in the file.
func (s Settings) WithoutRegions() Settings {
	s.Households = slices.Clone(s.Households)
	for i := range s.Households {
		s.Households[i].Region = s.Households[i].FileRegion
	}
	return s
}

// OtherRegions are the regions of households for which people have chosen another than the file's.
func (s Settings) OtherRegions() map[string]string {
	others := map[string]string{}
	for _, h := range s.Households {
		if h.Region != h.FileRegion {
			others[h.Name] = h.Region
		}
	}
	return others
}

// Regions are the households' regions.
func (s Settings) Regions() map[string]string {
	all := map[string]string{}
	for _, h := range s.Households {
		all[h.Name] = h.Region
	}
	return all
}
