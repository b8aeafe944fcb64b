// Package ready has lists that come with Ringfence: ranges of numbers that regulators keep for sales calls, or from which nobody calls honestly. The numbers are
// facts that they have published; the words are ours. Each list names its source, and what it can do wrong. Nobody has a list unasked: a household adds it, and
// chooses whether it may turn callers away.
//
// Numbers that networks should not carry at all because they only take calls ("Do Not Originate") are in no list: Ofcom and the American carriers give those to
// networks only. Nor is there a list for the United States: the FCC has its telephone companies stop numbers that can't be valid, and publishes none.
package ready

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed lists/*.csv
var files embed.FS

// List is one of them.
type List struct {
	ID       string
	Title    string // in the words of its country
	Region   string // for lines in which country it is
	Source   string // an address
	Document string // what the regulator calls it
	Checked  string // when somebody last compared it, as 2026-11-30
	Compared string // with what: mostly not the regulator's own text, but what could be read that quotes it
	What     string // which numbers these are: sentences
	Wrong    string // what it can do wrong: sentences
	Numbers  int    // how many entries it has

	text string
}

// All are the lists, by their regions and IDs. Each is a table as `ringfence list import` reads it, whose first lines say what it is.
func All() ([]List, error) {
	names, err := fs.Glob(files, "lists/*.csv")
	if err != nil {
		return nil, err
	}
	var all []List
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		one, err := parse(strings.TrimSuffix(path.Base(name), ".csv"), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b List) int { return strings.Compare(a.Region+a.ID, b.Region+b.ID) })
	return all, nil
}

// For are those for lines in a region; for "" all of them.
func For(region string) ([]List, error) {
	all, err := All()
	return slices.DeleteFunc(all, func(l List) bool { return region != "" && l.Region != region }), err
}

// ByID finds a list.
func ByID(id string) (List, error) {
	all, err := All()
	if err != nil {
		return List{}, err
	}
	for _, one := range all {
		if one.ID == id {
			return one, nil
		}
	}
	return List{}, fmt.Errorf("Ringfence has no ready list called %s: `ringfence list ready --all` names them", id)
}

func parse(id, text string) (List, error) {
	l := List{ID: id, text: text}
	facts := map[string]*string{"title": &l.Title, "region": &l.Region, "source": &l.Source, "document": &l.Document, "checked": &l.Checked, "compared": &l.Compared, "what": &l.What, "wrong": &l.Wrong}
	for line := range strings.Lines(text) {
		fact, isFact := strings.CutPrefix(strings.TrimSpace(line), "# ")
		if !isFact {
			l.Numbers++
			continue
		}
		name, value, _ := strings.Cut(fact, ": ")
		into := facts[name]
		if into == nil {
			return l, fmt.Errorf("the ready list %s says what nobody knows: %s", id, name)
		}
		*into = value
	}
	l.Numbers-- // the headings
	return l, nil
}

// Table is the list as a file.
func (l List) Table() io.Reader { return strings.NewReader(l.text) }

// Hash is another one whenever the list has changed.
func (l List) Hash() string {
	sum := sha256.Sum256([]byte(l.text))
	return hex.EncodeToString(sum[:])
}
