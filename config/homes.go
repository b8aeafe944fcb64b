package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"ringfence/asterisk"
)

// Where a machine's lines and households with their phones are (households in ringfence.toml).
const (
	InFile     = "file"     // in ringfence.toml: the usual, for one home or a few
	InDatabase = "database" // in the database, changed by `ringfence household`, page or program
)

// Homes are lines, and households with their phones, as [[trunk]] and [[household]] have them.
type Homes struct {
	Trunks     []Trunk     `toml:"trunk,omitempty"`
	Households []Household `toml:"household,omitempty"`
}

// homesFile is the copy of the lines and households of a database that Ringfence's programs read: none has to open the database to ring a phone.
const homesFile = "households.toml"

// InDatabase says that lines and households are in the database, and not in ringfence.toml.
func (s Settings) InDatabase() bool { return s.HouseholdsIn == InDatabase }

// HomesFile is where the copy of the database's lines and households is.
func (s Settings) HomesFile() string { return filepath.Join(s.Data, homesFile) }

// readHomes reads the copy. An Asterisk that runs as a user of its own, and can't look into the data folder, has one in its own folder.
func (s Settings) readHomes() ([]byte, error) {
	text, err := os.ReadFile(s.HomesFile())
	if own, apart := s.OwnAsteriskFolder(); apart && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)) {
		text, err = asterisk.ReadShared(own, homesFile)
	}
	return text, err
}

// ShareHomes gives the copy to an Asterisk that runs as a user of its own.
func (s Settings) ShareHomes(text []byte) error {
	own, apart := s.OwnAsteriskFolder()
	if !apart {
		return nil
	}
	if now, err := asterisk.ReadShared(own, homesFile); err == nil && bytes.Equal(now, text) {
		return nil
	}
	return asterisk.WriteShared(own, homesFile, text)
}

// errHomes says that the copy of the database's lines and households can't be used.
type errHomes struct{ error }

// IsHomesFault says that only the copy of the database's lines and households is at fault: it can be made again.
func IsHomesFault(err error) bool { return errors.As(err, new(errHomes)) }

// withDatabase adds the lines and households of the database, if they are there. read reads the copy.
func (s Settings) withDatabase(read func() ([]byte, error)) (Settings, error) {
	if !s.InDatabase() {
		return s, nil
	}
	text, err := read()
	none := fmt.Errorf("%w: the database has no household. Add one with `sudo ringfence household add`, or take them from a file with `sudo ringfence household import FILE`", ErrNoHousehold)
	if errors.Is(err, fs.ErrNotExist) {
		return s, none
	}
	if errors.Is(err, fs.ErrPermission) {
		return s, fmt.Errorf("%s can't be read by this user: type the command with sudo before it", s.HomesFile())
	}
	homes := Homes{}
	if err == nil {
		err = Decode(text, &homes)
	}
	with := s
	if err == nil {
		with, err = s.WithHomes(homes)
	}
	if err == nil && len(homes.Households) == 0 {
		return s, none
	}
	if err != nil {
		return s, errHomes{fmt.Errorf("%s, which is a copy of what the database has: %w", s.HomesFile(), err)}
	}
	return with, nil
}

// validatePlace refuses lines and households where they would not be read.
func (s Settings) validatePlace() error {
	switch {
	case s.HouseholdsIn != InFile && !s.InDatabase():
		return fmt.Errorf("households must be %q or %q, not %q", InFile, InDatabase, s.HouseholdsIn)
	case !s.InDatabase() || len(s.Trunks)+len(s.Households) == 0:
		return nil
	}
	line := 0
	for _, block := range slices.Concat(s.lines.trunks, s.lines.households) {
		if line == 0 || block[""] < line {
			line = block[""]
		}
	}
	return fmt.Errorf("line %d: lines and households are in the database, as households = %q says, so they can't be written here too. "+
		"Take them into the database with `sudo ringfence household import FILE`, and delete them here", line, InDatabase)
}

// WithHomes are the settings with other lines and households. The error is what is wrong with them, whoever has written them.
func (s Settings) WithHomes(homes Homes) (Settings, error) {
	s.Trunks, s.Households, s.lines = homes.Trunks, slices.Clone(homes.Households), lines{} // they are of ringfence.toml
	s.complete()
	var wrong []error
	for _, h := range s.Households {
		wrong = append(wrong, h.validate())
	}
	return s, errors.Join(wrong...)
}

// complete fills in what a household has if nothing is written.
func (s *Settings) complete() {
	for i := range s.Households {
		h := &s.Households[i]
		if h.Region == "" {
			h.Region = s.Region
		}
		h.FileRegion = h.Region
		if h.Language == "" {
			h.Language = "en-GB"
		}
	}
}

// Homes are the lines and households of the settings, as they can be written down: with the regions that are in the settings, not those that people
// have chosen since.
func (s Settings) Homes() Homes {
	homes := Homes{Trunks: s.Trunks, Households: slices.Clone(s.WithoutRegions().Households)}
	for i := range homes.Households {
		homes.Households[i].FileRegion = ""
	}
	return homes
}

// TOML are the blocks of ringfence.toml.
func (h Homes) TOML() ([]byte, error) { return toml.Marshal(h) }

// HomesIn are the lines and households of a ringfence.toml, or of a file that has nothing but them. What else is in it does not count.
func HomesIn(text []byte) (Homes, error) {
	s := Defaults()
	if err := Decode(text, &s); err != nil {
		return Homes{}, err
	}
	s.lines = linesOf(text)
	homes := Homes{s.Trunks, s.Households}
	for i := range homes.Households {
		if h := &homes.Households[i]; h.Region == "" {
			h.Region = s.Region // of that file
		}
	}
	return homes, nil
}

// names are those of the lines and households.
func (h Homes) names() (trunks, households map[string]bool) {
	trunks, households = map[string]bool{}, map[string]bool{}
	for _, t := range h.Trunks {
		trunks[t.Name] = true
	}
	for _, house := range h.Households {
		households[house.Name] = true
	}
	return trunks, households
}

// ProblemsOfChange are the Problems of settings whose lines and households were others before. Whether a password is easy to guess, which takes a moment
// each, is looked at for those that are new or different.
func (s Settings) ProblemsOfChange(before Homes) []Problem {
	return s.problems(s.Homes().Changed(before))
}

// Clone is a household that shares nothing with h.
func (h Household) Clone() Household {
	h.Phones, h.Telecare, h.Codes = slices.Clone(h.Phones), slices.Clone(h.Telecare), maps.Clone(h.Codes)
	return h
}

// Changed are those trunks and households that others have not got, or not like this.
func (h Homes) Changed(others Homes) (changed Homes) {
	for _, t := range h.Trunks {
		if !slices.ContainsFunc(others.Trunks, func(other Trunk) bool { return other.Name == t.Name && reflect.DeepEqual(other, t) }) {
			changed.Trunks = append(changed.Trunks, t)
		}
	}
	for _, house := range h.Households {
		if !slices.ContainsFunc(others.Households, func(other Household) bool { return other.Name == house.Name && reflect.DeepEqual(other, house) }) {
			changed.Households = append(changed.Households, house)
		}
	}
	return changed
}
