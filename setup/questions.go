package setup

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
)

// Questions are all questions in their order.
func Questions() []Question {
	return []Question{
		wiring(), country(), number(), address(),
		adapterAddress(), adapterMAC(),
		provider(), server(), user(WithProvider), password(WithProvider),
		routerAddress(), routerPhone(), routerUser(), routerPassword(), user(WithRouter), password(WithRouter),
		phones(),
	}
}

func says(words string) func(Answers) string { return func(Answers) string { return words } }

func helps(words string) func(Machine, Answers) string {
	return func(Machine, Answers) string { return words }
}

func with(wiring string) func(Answers) bool {
	return func(a Answers) bool { return a["wiring"] == wiring }
}

func wiring() Question {
	return Question{
		Name: "wiring", Page: PageWiring, Kind: Choice, Words: says("How does the phone line reach the house?"),
		Options: func(Machine, Answers) []Option {
			return []Option{
				{WithAdapter, "Through a socket in the wall or on the router, and an adapter such as the Grandstream HT813", adapterPicture},
				{WithProvider, "Through an internet phone provider (SIP), such as sipgate or Voipfone", providerPicture},
				{WithRouter, "Through a router that has phones of its own, such as a FRITZ!Box", routerPicture},
			}
		},
		Proposed: func(m Machine, _ Answers) string {
			_, t := m.present()
			if t.Name == "" && m.Router != "" {
				return WithRouter
			}
			return wiringOf(t)
		},
	}
}

func country() Question {
	return Question{
		Name: "country", Page: PageLine, Kind: Text, Words: says("Which country is the line in?"),
		Help: helps("Two letters, such as GB. It says how phone numbers are read, and which are emergency numbers."),
		Proposed: func(m Machine, _ Answers) string {
			h, _ := m.present()
			return cmp.Or(h.FileRegion, m.Settings.Region, "GB")
		},
		Check: func(_ Machine, _ Answers, answer string) (string, error) {
			answer = strings.ToUpper(answer)
			if answer == "UK" {
				answer = "GB"
			}
			return answer, screening.ValidRegion(answer)
		},
	}
}

func number() Question {
	return Question{
		Name: "number", Page: PageLine, Kind: Text, Words: says("What is the line's own number?"),
		Help: helps("The number that people ring to reach this house, such as 020 7946 0100."),
		Proposed: func(m Machine, _ Answers) string {
			h, _ := m.present()
			return h.Number
		},
		Check: func(_ Machine, a Answers, answer string) (string, error) {
			n, err := screening.ParseNumber(answer, a["country"])
			if err != nil {
				return "", err
			}
			if whose, never := screening.NeverBlocked(n, a["country"]); never {
				return "", fmt.Errorf("%s is the number of %s: write the number that others ring to reach this house", answer, whose)
			}
			return n.National(a["country"]), nil
		},
	}
}

func address() Question {
	return Question{
		Name: "address", Page: PageLine, Kind: Text, Words: says("At what address can phones reach this machine?"),
		Help: func(m Machine, _ Answers) string {
			said := "The name of a network connection, such as eth0, or an address. With a name, Ringfence follows when the router gives this machine another address."
			for _, i := range m.Interfaces {
				said += " This machine has " + i.String() + "."
			}
			return said
		},
		Proposed: func(m Machine, _ Answers) string {
			if host, _, err := net.SplitHostPort(m.Settings.Asterisk.SIP); err == nil && host != "127.0.0.1" {
				return host
			}
			if len(m.Interfaces) > 0 {
				return m.Interfaces[0].Name
			}
			return ""
		},
		Check: checkAddress,
	}
}

func checkAddress(m Machine, _ Answers, answer string) (string, error) {
	if answer == "" {
		return "", fmt.Errorf("this machine has no address in a home network yet: connect it to the router, then continue")
	}
	for _, i := range m.Interfaces {
		if i.Name == answer || i.Address == answer {
			return answer, nil
		}
	}
	if ip := net.ParseIP(answer); ip != nil && ip.IsLoopback() { // a trial on one machine
		return answer, nil
	}
	var have []string
	for _, i := range m.Interfaces {
		have = append(have, i.String())
	}
	return "", fmt.Errorf("%q isn't a connection or an address of this machine. It has %s", answer, cmp.Or(strings.Join(have, ", "), "none"))
}

// ---- wiring 1

func adapterAddress() Question {
	return Question{
		Name: "adapter", Page: PageOther, Kind: Text, Asked: with(WithAdapter), Words: says("What is the adapter's address on the home network?"),
		Help: helps("Such as 192.168.1.20. Pick up the phone on the adapter's PHONE port, dial ***, then 02: a voice says it. Or look in the router's list of devices. Ask the router always to give it this address."),
		Proposed: func(m Machine, _ Answers) string {
			if _, t := m.present(); wiringOf(t) == WithAdapter {
				host, _ := hostOf(t.Address)
				return host
			}
			return ""
		},
		Check: func(m Machine, _ Answers, answer string) (string, error) {
			ip := net.ParseIP(answer)
			if ip == nil || ip.IsUnspecified() || ip.IsMulticast() || ip.Equal(net.IPv4bcast) {
				return "", fmt.Errorf("must be an address of four numbers such as 192.168.1.20, not %q", answer)
			}
			if slices.ContainsFunc(m.Interfaces, func(i Interface) bool { return i.Address == ip.String() }) {
				return "", fmt.Errorf("%s is this machine's own address: write the adapter's", ip)
			}
			return ip.String(), nil // ::ffff:192.168.1.20 is 192.168.1.20
		},
	}
}

func adapterMAC() Question {
	return Question{
		Name: "mac", Page: PageOther, Kind: Text, Asked: with(WithAdapter), Words: says("What is the adapter's MAC address?"),
		Help: helps("Twelve digits and letters on the label below it, such as 00:0B:82:12:34:56. Then Ringfence can send the adapter its settings. Without it you type them into the adapter's page yourself."),
		Check: func(_ Machine, _ Answers, answer string) (string, error) {
			if answer == "" {
				return "", nil
			}
			digits := strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(answer))
			if len(digits) != 12 || strings.Trim(digits, "0123456789abcdef") != "" {
				return "", fmt.Errorf("must be twelve digits and letters from A to F, such as 00:0B:82:12:34:56, not %q", answer)
			}
			return digits, nil
		},
	}
}

// ---- wiring 2

func provider() Question {
	return Question{
		Name: "provider", Page: PageOther, Kind: Choice, Asked: with(WithProvider), Words: says("Which provider?"),
		Options: func(Machine, Answers) []Option {
			var all []Option
			for _, p := range Presets() {
				all = append(all, Option{Value: p.Name, Words: p.Words})
			}
			return append(all, Option{Value: otherProvider, Words: "Another one"})
		},
		Proposed: func(m Machine, _ Answers) string {
			_, t := m.present()
			for _, p := range Presets() {
				if p.Server != "" && t.Address == p.Server {
					return p.Name
				}
			}
			return otherProvider
		},
	}
}

func server() Question {
	return Question{
		Name: "server", Page: PageOther, Kind: Text, Asked: with(WithProvider), Words: says("What is the provider's SIP server called?"),
		Help: func(_ Machine, a Answers) string {
			if p, known := presetOf(a["provider"]); known {
				return p.Note
			}
			return "The provider calls it SIP server, registrar or proxy, such as sip.provider.example."
		},
		Proposed: func(m Machine, a Answers) string {
			if p, known := presetOf(a["provider"]); known && p.Server != "" {
				return p.Server
			}
			if _, t := m.present(); wiringOf(t) == WithProvider {
				return t.Address
			}
			return ""
		},
		Check: checkHost,
	}
}

func checkHost(_ Machine, _ Answers, answer string) (string, error) {
	answer = strings.TrimPrefix(answer, "sip:")
	host, err := hostOf(answer)
	if err != nil || host == "" || strings.ContainsAny(answer, " ;@<>\"/?") {
		return "", fmt.Errorf("must be a name such as sip.provider.example, not %q", answer)
	}
	if _, port, err := net.SplitHostPort(answer); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", fmt.Errorf("must have a port from 1 to 65535 or none, not %q", answer)
		}
	}
	return answer, nil
}

// ---- wiring 3

const (
	makePhone = "make"
	havePhone = "have"
)

func routerAddress() Question {
	return Question{
		Name: "router", Page: PageOther, Kind: Text, Asked: with(WithRouter), Words: says("What is the router's address?"),
		Help: func(m Machine, _ Answers) string {
			if m.Router != "" {
				return "A FRITZ!Box was found at " + m.Router + "."
			}
			return "A FRITZ!Box is usually at 192.168.178.1."
		},
		Proposed: func(m Machine, _ Answers) string {
			if _, t := m.present(); wiringOf(t) == WithRouter {
				return t.Address
			}
			return cmp.Or(m.Router, "192.168.178.1")
		},
		Check: checkHost,
	}
}

func routerPhone() Question {
	return Question{
		Name: "router-phone", Page: PageOther, Kind: Choice, Asked: with(WithRouter), Words: says("Does the router have a phone entry for Ringfence yet?"),
		Options: func(Machine, Answers) []Option {
			return []Option{
				{Value: makePhone, Words: "No, make one in the FRITZ!Box for me"},
				{Value: havePhone, Words: "Yes, I have made one in the router, with a user name and a password"},
			}
		},
		Help: helps("To make one yourself: in the FRITZ!Box, Telephony, Telephony Devices, Configure New Device, Telephone, LAN/WLAN (IP telephone). " +
			"Choose the house's number for calls in and out. Other routers call it an IP or SIP phone."),
		Proposed: func(m Machine, _ Answers) string {
			if _, t := m.present(); wiringOf(t) == WithRouter {
				return havePhone
			}
			return makePhone
		},
	}
}

func makes(a Answers) bool { return a["wiring"] == WithRouter && a["router-phone"] == makePhone }

func routerUser() Question {
	return Question{
		Name: "router-user", Page: PageOther, Kind: Text, Asked: makes, Words: says("What user name do you sign in to the FRITZ!Box with?"),
		Help: helps("Leave it empty if the FRITZ!Box only asks for a password. It is used once and not kept."),
	}
}

func routerPassword() Question {
	return Question{
		Name: "router-password", Page: PageOther, Kind: Secret, Asked: makes, Words: says("And what password?"),
		Help: helps("Often printed below the FRITZ!Box. It is used once and not kept."),
		Check: func(_ Machine, _ Answers, answer string) (string, error) {
			if answer == "" {
				return "", fmt.Errorf("the FRITZ!Box needs it to make a phone for Ringfence")
			}
			return answer, nil
		},
	}
}
