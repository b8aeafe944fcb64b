package setup

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// user and password are how Ringfence signs in at a provider, or as a telephone that somebody has made in a router.

func signsIn(wiring string) func(Answers) bool {
	return func(a Answers) bool {
		return a["wiring"] == wiring && (wiring == WithProvider || a["router-phone"] == havePhone)
	}
}

func user(wiring string) Question {
	return Question{
		Name: userName(wiring, "user"), Page: PageOther, Kind: Text, Asked: signsIn(wiring), Words: says("What user name does Ringfence sign in with?"),
		Help: func(_ Machine, a Answers) string {
			if p, known := presetOf(a["provider"]); known && wiring == WithProvider {
				return p.User
			}
			return "Providers call it SIP user, SIP-ID, account or authentication name."
		},
		Proposed: func(m Machine, _ Answers) string {
			if _, t := m.present(); wiringOf(t) == wiring {
				return t.User
			}
			return ""
		},
		Check: func(_ Machine, _ Answers, answer string) (string, error) { return visible(answer) },
	}
}

func password(wiring string) Question {
	mayKeep := func(m Machine) bool {
		_, t := m.present()
		return t.Password != "" && wiringOf(t) == wiring
	}
	return Question{
		Name: userName(wiring, "password"), Page: PageOther, Kind: Secret, Asked: signsIn(wiring), Words: says("And what password?"),
		Help: func(m Machine, _ Answers) string {
			if mayKeep(m) {
				return "Leave it empty to keep the one that is set. It isn't the one for the provider's website."
			}
			return "It isn't the one for the provider's website, but the one for SIP."
		},
		Check: func(m Machine, _ Answers, answer string) (string, error) {
			if answer == "" && mayKeep(m) {
				return "", nil // kept
			}
			return visible(answer)
		},
	}
}

// userName is what a question about signing in is called in a file of answers.
func userName(wiring, what string) string {
	if wiring == WithRouter {
		return "phone-" + what
	}
	return what
}

// visible refuses what does not fit into a line of Asterisk's configuration.
func visible(answer string) (string, error) {
	switch {
	case answer == "":
		return "", errors.New("must not be empty")
	case strings.ContainsFunc(answer, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("holds a character that can't be seen: type it again instead of pasting it")
	}
	return answer, nil
}

// phones are the household's telephones.
func phones() Question {
	return Question{
		Name: "phones", Page: PagePhones, Kind: Text, Words: says("Which phones are in the house?"),
		Help: func(_ Machine, a Answers) string {
			said := "A short name for each, with commas between them, such as: hall, bedroom. They all ring together, and each gets a password of its own."
			if a["wiring"] == WithAdapter {
				said += " The first is what is plugged into the adapter's PHONE port, however many phones that is."
			}
			return said
		},
		Proposed: func(m Machine, _ Answers) string {
			var names []string
			h, _ := m.present()
			for _, p := range h.Phones {
				names = append(names, p.Name)
			}
			if len(names) == 0 {
				return "hall"
			}
			return strings.Join(names, ", ")
		},
		Check: func(_ Machine, _ Answers, answer string) (string, error) {
			names, err := phoneNames(answer)
			return strings.Join(names, ", "), err
		},
	}
}

var phoneName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// mostPhones is more than any house has. Each one is rung for every call.
const mostPhones = 20

// phoneNames reads names, separated by commas, as Asterisk can have them.
func phoneNames(answer string) (names []string, err error) {
	for part := range strings.SplitSeq(answer, ",") {
		name := strings.ToLower(strings.Join(strings.Fields(part), "-"))
		name = strings.NewReplacer("’", "", "'", "").Replace(name)
		switch {
		case name == "":
			continue
		case !phoneName.MatchString(name):
			return nil, fmt.Errorf("%q can't be a phone's name: take letters, digits and hyphens, such as hall or bedroom-2", strings.TrimSpace(part))
		case slices.Contains(names, name):
			return nil, fmt.Errorf("two phones are called %s: give each its own name", name)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, errors.New("at least one phone has to be there, or nothing can ring")
	}
	if len(names) > mostPhones {
		return nil, fmt.Errorf("%d phones are more than the %d that can ring together", len(names), mostPhones)
	}
	return names, nil
}

// hostOf is an address without its port.
func hostOf(address string) (string, error) {
	if !strings.Contains(address, ":") {
		return address, nil
	}
	host, _, err := net.SplitHostPort(address)
	return host, err
}
