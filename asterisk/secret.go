package asterisk

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"ringfence/internal/guesses"
)

// leastSecret is the least length of a password that is checked here. Twelve random characters are never too weak.
const leastSecret = 12

// enoughGuesses is zxcvbn's highest score. SIP proves a password with MD5 (RFC 3261, section 22.4): whoever has recorded one registration can
// try passwords on a computer of their own, where we cannot slow them down.
const enoughGuesses = 1e10

// howToMake ends every complaint about a password.
const howToMake = "make one with `head -c 12 /dev/urandom | base64`"

// weakness says what is wrong with a password that others may try to guess; "" if nothing is. An attacker knows user.
func weakness(password, user string) string {
	if utf8.RuneCountInString(password) < leastSecret {
		return fmt.Sprintf("has fewer than %d characters", leastSecret)
	}
	known := append(strings.Split(user, "-"), user, "ringfence", "asterisk", "telephone", "phone")
	if guesses.Needed(password, known...) < enoughGuesses {
		return "is easy to guess"
	}
	return ""
}

// Weakness is something in the settings through which a stranger could get in: a password that is easy to guess, ARI where others can reach
// it, or a trunk that anybody can ring in by.
type Weakness struct {
	Sentence   string   // what it is, and what to do
	Households []string // whom it concerns; nil: all of the machine

	file, lines string // where Asterisk's configuration has it, and how
}

// isVast says whether a network is larger than any that belongs to one provider: nothing larger than a /8, or a /16 of IPv6, is given out
// (IANA's address space registries).
func isVast(network string) bool {
	n, err := netip.ParsePrefix(network)
	if err != nil {
		return false
	}
	const mapped = 96 // bits before an IPv4 address as IPv6 writes it, such as ::ffff:192.0.2.7
	if n.Addr().Is4In6() || n.Contains(netip.AddrFrom16(netip.IPv4Unspecified().As16())) {
		return n.Bits() < mapped+8
	}
	return n.Bits() < 8 || n.Addr().Is6() && n.Bits() < 16
}

// Only is the site with some of its trunks and households, by name.
func (s Site) Only(trunks, households map[string]bool) Site {
	s.Trunks = slices.DeleteFunc(slices.Clone(s.Trunks), func(t Trunk) bool { return !trunks[t.Name] })
	s.Households = slices.DeleteFunc(slices.Clone(s.Households), func(h Household) bool { return !households[h.Name] })
	return s
}

// Judge finds the open doors of one site after another. It remembers which passwords it has judged, since each takes a millisecond.
type Judge struct {
	mu     sync.Mutex
	judged map[[2]string]string // what is wrong with a user's password
}

func (j *Judge) weakness(password, user string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	why, known := j.judged[[2]string{user, password}]
	if !known {
		if j.judged == nil {
			j.judged = map[[2]string]string{}
		}
		why = weakness(password, user)
		j.judged[[2]string{user, password}] = why
	}
	return why
}

// Weaknesses finds the open doors.
func (s Site) Weaknesses() []Weakness { return new(Judge).Weaknesses(s) }

// Weaknesses finds the open doors of a site. The password of a trunk that registers with a provider is none: the provider has chosen it.
func (j *Judge) Weaknesses(s Site) []Weakness {
	s = s.complete()
	var open []Weakness
	add := func(of, user, password, where string, households []string) {
		if why := j.weakness(password, user); why != "" {
			open = append(open, Weakness{
				Sentence:   fmt.Sprintf("the password of %s %s: %s, and set it in ringfence.toml%s", of, why, howToMake, where),
				Households: households, file: "pjsip.conf", lines: fmt.Sprintf("username = %s\npassword = %s\n", escape(user), escape(password)),
			})
		}
	}
	households := map[string][]string{}
	for _, h := range s.Households {
		households[h.Trunk] = append(households[h.Trunk], h.Name)
	}
	for _, t := range s.Trunks {
		on := households[t.Name]
		for _, network := range t.Accept {
			if isVast(network) {
				open = append(open, Weakness{
					Sentence: fmt.Sprintf("the trunk %s accepts calls from %s, so half the internet could pass for the provider: "+
						"list only the provider's own networks in accept", t.Name, network),
					Households: on, file: "pjsip.conf", lines: fmt.Sprintf("match = %s\n", network),
				})
			}
		}
		if t.Password == "" || t.Register {
			continue
		}
		add("the trunk "+t.Name, t.User, t.Password, " and at its other side", on)
	}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			if p.Password != "" {
				add("the phone "+p.Name+" of "+h.Name, h.Endpoint(p), p.Password, " and in the phone", []string{h.Name})
			}
		}
	}
	if why := j.weakness(s.ARIPassword, s.ARIUser); why != "" {
		open = append(open, Weakness{
			Sentence: fmt.Sprintf("asterisk.ari_password %s: leave it out of ringfence.toml, and a good one is made", why),
			file:     "ari.conf", lines: fmt.Sprintf("password = %s\n", escape(s.ARIPassword)),
		})
	}
	if ip := net.ParseIP(s.HTTPHost); ip == nil || !ip.IsLoopback() {
		open = append(open, Weakness{
			Sentence: fmt.Sprintf("asterisk.ari is %s, where others on the network could take over every call: set it to 127.0.0.1, with Asterisk and Ringfence on one machine", s.HTTPHost),
			file:     "http.conf", lines: fmt.Sprintf("bindaddr = %s\n", s.HTTPHost),
		})
	}
	return open
}

// StandsIn says whether the configuration that WriteConfig has written in dir already has the open door. Then it is from before such doors
// were refused and has to go on working: a telephone that does not ring is worse.
func (d Weakness) StandsIn(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, d.file))
	return err == nil && strings.Contains(string(text), d.lines)
}
