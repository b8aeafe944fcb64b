package asterisk

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
)

// RegionsVariable is the global variable in which Asterisk keeps RegionsDigest. It shows which dialplan Asterisk has loaded. One from before all
// households shared a dialplan does not set it.
const RegionsVariable = "RF_REGIONS"

// RegionsDigest stands for the regions, by household, that people have chosen in place of those in ringfence.toml: one question to Asterisk, however
// many there are.
func RegionsDigest(regions map[string]string) string {
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(regions)) {
		fmt.Fprintf(all, "%s=%s\n", name, regions[name]) // neither has a line break
	}
	return fmt.Sprintf("%x", all.Sum(nil)[:8])
}

// RegionsDigest is that of the site's households.
func (s Site) RegionsDigest() string {
	chosen := map[string]string{}
	for _, h := range s.Households {
		if h.Region != h.FileRegion {
			chosen[h.Name] = h.Region
		}
	}
	return RegionsDigest(chosen)
}

// layout is the site as the dialplan's template needs it: what several households have in common is in it once.
type layout struct {
	Site
	Lines         []line
	Homes         []home
	EmergencySets []set[string]
	CodeSets      []set[Code]
}

// line is a trunk with its households.
type line struct {
	Trunk
	Known int // how many calls at a time a household on it takes, known callers' among them
	Homes []home
}

// home is a household with the names of the contexts that it shares with others.
type home struct {
	Household
	EmergencySet string
	CodeSet      string // "" if it has none in common with others
	OwnCodes     []Code // those that are not in the set
}

// set is a context that households include.
type set[T comparable] struct {
	Name string
	Has  []T
}

// sets finds the contexts that are the same for several households.
type sets[T comparable] struct {
	kind string
	all  []set[T]
	seen map[string]string // the names by what they have
}

// name is the name of the context with these, which is made where there is none yet.
func (s *sets[T]) name(has []T) string {
	if len(has) == 0 {
		return ""
	}
	key := fmt.Sprint(has)
	if s.seen[key] == "" {
		s.all = append(s.all, set[T]{Name: fmt.Sprintf("%s-%d", s.kind, len(s.all)+1), Has: has})
		s.seen[key] = s.all[len(s.all)-1].Name
	}
	return s.seen[key]
}

// layout takes each household and trunk once, because there may be thousands.
func (s Site) layout() layout {
	emergency := sets[string]{kind: "emergency-numbers", seen: map[string]string{}}
	codes := sets[Code]{kind: "codes", seen: map[string]string{}}
	l := layout{Site: s}
	on, usual := map[string][]home{}, s.usualCodes()
	for _, h := range s.Households {
		one := home{Household: h, EmergencySet: emergency.name(h.Emergency)}
		var shared []Code
		for _, c := range h.Codes {
			if slices.Contains(usual, c) {
				shared = append(shared, c)
			} else {
				one.OwnCodes = append(one.OwnCodes, c)
			}
		}
		one.CodeSet = codes.name(shared)
		l.Homes = append(l.Homes, one)
		on[h.Trunk] = append(on[h.Trunk], one)
	}
	known := s.WithKnown(0)
	for _, t := range s.Trunks {
		l.Lines = append(l.Lines, line{Trunk: t, Known: t.Calls + known, Homes: on[t.Name]})
	}
	l.EmergencySets, l.CodeSets = emergency.all, codes.all
	return l
}

// usualCodes are the codes that most households have. One that has changed a code of its own shares the others.
func (s Site) usualCodes() (usual []Code) {
	count, most := map[string]int{}, 0
	for _, h := range s.Households {
		key := fmt.Sprint(h.Codes)
		if count[key]++; count[key] > most {
			usual, most = h.Codes, count[key]
		}
	}
	return usual
}

// Registers says whether a trunk does.
func (s Site) Registers() bool {
	return slices.ContainsFunc(s.Trunks, func(t Trunk) bool { return t.Register })
}

// First is the household that takes calls for numbers that no household has.
func (l line) First() string { return l.Homes[0].Name }

// Numbers are those that are told apart: none where all of the trunk's calls are for one household anyway.
func (l line) Numbers() map[string]string {
	if len(l.Homes) < 2 {
		return nil
	}
	numbers := map[string]string{}
	for _, h := range l.Homes {
		for _, number := range h.Dialled {
			if numbers[number] == "" {
				numbers[number] = h.Name
			}
		}
	}
	return numbers
}
