package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"ringfence/asterisk"
)

// Kind is how bad a problem is.
type Kind int

const (
	// Wrong is what Asterisk's configuration cannot be written with.
	Wrong Kind = iota
	// Unsafe is a way in for strangers. It is refused in new settings; where Asterisk runs with it already it is only said, because a phone has to ring.
	Unsafe
	// Doubtful works, but probably not as intended.
	Doubtful
)

// Problem is something in the settings that should be mended.
type Problem struct {
	Kind     Kind
	Sentence string // what it is, and what to do
	// Weakness is that of an Unsafe problem.
	Weakness asterisk.Weakness
}

// Check reads a text that is, or is to be, the file's, and says all that is wrong with it. A text that cannot be read has one Wrong problem. data
// replaces the data folder in the text, unless it is "".
func Check(text []byte, file, data string) (Settings, []Problem) {
	s, err := Parse(text)
	if data != "" {
		s.Data = data
	}
	s.File = file
	if err == nil {
		s, err = s.withDatabase(s.readHomes)
	}
	if err != nil {
		return s, problemsOf(Wrong, err)
	}
	return s, s.Problems()
}

// Refused is an error with all problems that keep Asterisk's configuration from being written, a line each; nil if there is none. file is named
// in each line, unless it is "".
func Refused(problems []Problem, file string) error {
	var errs []error
	for _, p := range problems {
		switch {
		case p.Kind != Wrong:
		case file == "":
			errs = append(errs, errors.New(p.Sentence))
		default:
			errs = append(errs, fmt.Errorf("%s: %s", file, p.Sentence))
		}
	}
	return errors.Join(errs...)
}

// Problems says all that is wrong with the settings, and with the files that they name.
func (s Settings) Problems() []Problem { return s.problems(Homes{s.Trunks, s.Households}) }

// problems are the Problems; ways in for strangers are looked for at some of the lines and households.
func (s Settings) problems(judged Homes) []Problem {
	password, err := s.ARIPassword()
	var problems []Problem
	switch {
	case NotSetUp(err):
		password = rand.Text() // it will be made like this
	case err != nil:
		problems = problemsOf(Wrong, err)
		password = rand.Text() // to look at the rest
	}
	site, err := s.Site(password)
	problems = append(problems, problemsOf(Wrong, err)...)
	for _, err := range slices.Concat(s.hiddenFromAsterisk(), s.clashes()) {
		problems = append(problems, problemsOf(Wrong, err)...)
	}
	if err == nil {
		for _, w := range site.Only(judged.names()).Weaknesses() {
			problems = append(problems, Problem{Kind: Unsafe, Sentence: w.Sentence, Weakness: w})
		}
	}
	if Refused(problems, "") == nil { // else they may only follow from what is wrong
		for _, err := range s.doubts() {
			problems = append(problems, problemsOf(Doubtful, err)...)
		}
	}
	return problems
}

// problemsOf are those in an error, which may be several joined together.
func problemsOf(kind Kind, err error) []Problem {
	if err == nil {
		return nil
	}
	joined, several := err.(interface{ Unwrap() []error }) //nolint:errorlint // each of those that are joined has a sentence
	if !several {
		return []Problem{{Kind: kind, Sentence: err.Error()}}
	}
	var all []Problem
	for _, one := range joined.Unwrap() {
		all = append(all, problemsOf(kind, one)...)
	}
	return all
}

// clashes are settings each of which is good by itself, but not together. Asterisk would take them, and calls would fail.
func (s Settings) clashes() (errs []error) {
	_, sip, err := s.Asterisk.sip()
	if err == nil && s.Asterisk.RTPFirst <= sip && sip <= s.Asterisk.RTPLast {
		errs = append(errs, fmt.Errorf("asterisk.sip has port %d, which is one of the ports for sound (%d to %d): take others, such as rtp_first = 10000 and rtp_last = 10999", sip, s.Asterisk.RTPFirst, s.Asterisk.RTPLast))
	}
	taken := map[string]string{}
	for _, at := range []struct{ name, address string }{{"asterisk.ari", s.Asterisk.ARI}, {"web.listen", s.Web.Listen}, {"metrics.listen", s.Metrics.Listen}} {
		if at.address == "" {
			continue
		}
		if other, twice := taken[at.address]; twice {
			errs = append(errs, fmt.Errorf("%s and %s are both %s: give one of them another port", other, at.name, at.address))
		}
		taken[at.address] = at.name
	}
	return append(errs, s.twins()...)
}

// twins are phones that Asterisk could not tell apart, or not from a trunk: "a-b" of household "home" and "b" of household "home-a".
func (s Settings) twins() (errs []error) {
	whose := map[string]string{}
	for _, t := range s.Trunks {
		whose[asterisk.Trunk{Name: t.Name}.Endpoint()] = "the trunk " + t.Name
	}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			endpoint := h.Endpoint(p)
			who := fmt.Sprintf("the phone %s of %s", p.Name, h.Name)
			if other, twice := whose[endpoint]; twice && other != who { // two of the same name are refused already
				errs = append(errs, fmt.Errorf("%s and %s would both have the user name %s: give one of them another name", other, who, endpoint))
			}
			whose[endpoint] = who
		}
	}
	return errs
}

// doubts are settings that work, but probably not as intended.
func (s Settings) doubts() (errs []error) {
	if err := s.elsewhere(); err != nil {
		errs = append(errs, err)
	}
	if named, _, err := s.Asterisk.sip(); err == nil && net.ParseIP(named) == nil && interfaceName.MatchString(named) {
		if there := interfaces(); !slices.Contains(there, named) {
			errs = append(errs, fmt.Errorf("asterisk.sip names the network interface %s, and this machine has no such interface, only %s", named, strings.Join(there, ", ")))
		}
	}
	used := map[string]bool{}
	for _, h := range s.Households {
		used[h.Trunk] = true
	}
	for _, t := range s.Trunks {
		if !used[t.Name] {
			errs = append(errs, fmt.Errorf("no household has the trunk %s, so its calls are refused: give it to one with trunk = %q, or delete it", t.Name, t.Name))
		}
	}
	return errs
}

// interfaces are the names of the machine's network interfaces.
func interfaces() (names []string) {
	all, _ := net.Interfaces() // the sentence is about a name, which then is not among them
	for _, i := range all {
		names = append(names, i.Name)
	}
	return names
}
