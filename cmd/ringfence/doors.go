package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"ringfence/asterisk"
)

// openDoors are the ways in that the settings leave open: passwords that are easily guessed, ARI where others reach it. At
// set-up they are refused. Settings from before go on working, because a telephone has to ring: check and Today warn.
func (s settings) openDoors() ([]asterisk.OpenDoor, error) {
	password, err := s.ariPassword(false)
	if err != nil {
		return nil, err
	}
	site, err := s.site(password)
	if err != nil {
		return nil, err
	}
	return site.OpenDoors(), nil
}

// refuseNewDoors refuses those that do not stand in the configuration in dir, and warns of the others.
func (p *program) refuseNewDoors(dir string, open []asterisk.OpenDoor) error {
	for _, d := range open {
		if !d.StandsIn(dir) {
			return fmt.Errorf("%s: %s", p.Config, d.Sentence)
		}
	}
	return p.warnOfDoors(dir, open)
}

// warnOfDoors refuses none: what rings the telephones has to run.
func (p *program) warnOfDoors(_ string, open []asterisk.OpenDoor) error {
	for _, d := range open {
		fmt.Fprintf(p.err, "ringfence: please mend this soon: %s\n", d.Sentence)
	}
	return nil
}

// refuseDoorsAtSetUp refuses them where the application has never run: there is no database yet.
func (p *program) refuseDoorsAtSetUp(s settings) error {
	open, err := s.openDoors()
	if err != nil || len(open) == 0 {
		return nil //nolint:nilerr // serve says itself what it cannot do without
	}
	if _, err := os.Stat(s.database()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %s", p.Config, open[0].Sentence)
	}
	return p.warnOfDoors("", open)
}

// doors are check's findings of them.
func (d *doctor) doors() []finding {
	open, err := d.settings.openDoors()
	if err != nil || len(open) == 0 {
		return []finding{{part: "passwords", fine: "none is easy to guess", err: err}}
	}
	var found []finding
	for _, door := range open {
		found = append(found, finding{part: "passwords", err: errors.New(door.Sentence)})
	}
	return found
}

// openDoorsOf are the sentences that concern a household.
func openDoorsOf(household string, open []asterisk.OpenDoor) []string {
	var sentences []string
	for _, d := range open {
		if d.Households == nil || slices.Contains(d.Households, household) {
			sentences = append(sentences, d.Sentence)
		}
	}
	return sentences
}
