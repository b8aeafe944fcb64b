package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"ringfence/asterisk"
)

// refuseNewWeaknesses refuses those that do not stand in the configuration in dir, and warns of the others.
func (p *program) refuseNewWeaknesses(dir string, weaknesses []asterisk.Weakness) error {
	for _, w := range weaknesses {
		if !w.StandsIn(dir) {
			return fmt.Errorf("%s: %s", p.Config, w.Sentence)
		}
	}
	return p.warnOfWeaknesses(dir, weaknesses)
}

// warnOfWeaknesses refuses none: what rings the telephones has to run.
func (p *program) warnOfWeaknesses(_ string, weaknesses []asterisk.Weakness) error {
	for _, w := range weaknesses {
		fmt.Fprintf(p.err, "ringfence: please mend this soon: %s\n", w.Sentence)
	}
	return nil
}

// refuseWeaknessesAtSetUp refuses them where the application has never run: there is no database yet.
func (p *program) refuseWeaknessesAtSetUp(s settings) error {
	weaknesses, err := s.Weaknesses()
	if err != nil || len(weaknesses) == 0 {
		return nil //nolint:nilerr // serve says itself what it cannot do without
	}
	if _, err := os.Stat(s.Database()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %s", p.Config, weaknesses[0].Sentence)
	}
	return p.warnOfWeaknesses("", weaknesses)
}
