package setup

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"strings"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/setup/tomledit"
)

// heading begins a ringfence.toml that is made here.
const heading = `# The settings of this machine, made by "ringfence setup". You can change them by hand: Ringfence follows within seconds, and refuses wrong ones.
# Every setting is explained in ringfence.example.toml.
`

// Usual names of the first trunk and household.
const (
	trunkName     = "line"
	householdName = "home"
)

// edit returns the text of ringfence.toml with the answers in it. Whatever they say nothing of stays as it is.
func (m Machine) edit(text []byte, a Answers) ([]byte, error) {
	if len(text) == 0 {
		text = []byte(heading)
	}
	d, err := tomledit.Parse(text)
	if err != nil {
		return nil, err
	}
	h, t := m.present()
	if len(m.Settings.Households) > 1 {
		return nil, fmt.Errorf("there are %d households in the settings: change them there by hand", len(m.Settings.Households))
	}
	if a["country"] != cmp.Or(h.FileRegion, m.Settings.Region) {
		err = m.setRegion(d, h, a["country"])
	}
	if err == nil {
		err = m.setAddress(d, a["address"])
	}
	trunk := t.Name
	if err == nil {
		trunk, err = m.setTrunk(d, t, a)
	}
	if err == nil {
		err = m.setHousehold(d, h, trunk, a)
	}
	return d.Bytes(), err
}

// setRegion changes the region where it is set: the household's own, or the machine's.
func (m Machine) setRegion(d *tomledit.Document, h config.Household, region string) error {
	if h.Name != "" && h.FileRegion != m.Settings.Region {
		return d.Set(tomledit.Element{Name: "household"}, "region", region)
	}
	return d.Set(tomledit.Root, "region", region)
}

// setAddress keeps the port.
func (m Machine) setAddress(d *tomledit.Document, address string) error {
	host, port, err := net.SplitHostPort(m.Settings.Asterisk.SIP)
	if err != nil {
		host, port = m.Settings.Asterisk.SIP, "5060"
	}
	if host == address {
		return nil
	}
	return d.Set(tomledit.Table("asterisk"), "sip", net.JoinHostPort(address, port))
}

// setTrunk returns the trunk's name.
func (m Machine) setTrunk(d *tomledit.Document, t config.Trunk, a Answers) (string, error) {
	values, without := trunkValues(t, a)
	if t.Name == "" {
		name := trunkName
		for slices.ContainsFunc(m.Settings.Trunks, func(t config.Trunk) bool { return t.Name == name }) {
			name += "-2"
		}
		return name, d.AppendElement("trunk", slices.Insert(values, 0, tomledit.Value{Key: "name", Is: name})...)
	}
	in := tomledit.Element{Name: "trunk", Place: slices.IndexFunc(m.Settings.Trunks, func(one config.Trunk) bool { return one.Name == t.Name })}
	for _, v := range values {
		if err := d.Set(in, v.Key, v.Is); err != nil {
			return "", err
		}
	}
	for _, key := range without {
		if err := d.Delete(in, key); err != nil {
			return "", err
		}
	}
	return t.Name, nil
}

// ofTheOtherSide are keys that say how one provider or adapter is, and nothing of the next.
var ofTheOtherSide = []string{"tls", "ca", "srtp", "srv", "ipv6", "accept"}

// trunkValues are the values of the trunk, and the keys that it may not have.
func trunkValues(t config.Trunk, a Answers) (values []tomledit.Value, without []string) {
	now := map[string]string{WithAdapter: a["adapter"], WithProvider: a["server"], WithRouter: a["router"]}[a["wiring"]]
	if before, err := hostOf(t.Address); err != nil || before != now && t.Address != now {
		without = slices.Clone(ofTheOtherSide)
	}
	add := func(key string, is any) { values = append(values, tomledit.Value{Key: key, Is: is}) }
	switch a["wiring"] {
	case WithAdapter:
		address := net.JoinHostPort(a["adapter"], "5062")
		if host, err := hostOf(t.Address); err == nil && host == a["adapter"] {
			address = t.Address
		}
		add("address", address)
		if t.Register || t.Password == "" {
			add("password", newPassword())
		}
		return values, append(without, "register", "user", "router")
	default:
		add("address", now)
	}
	add("register", true)
	if a["wiring"] == WithRouter {
		add("router", true)
	} else {
		without = append(without, "router")
	}
	add("user", a[userName(a["wiring"], "user")])
	if p := a[userName(a["wiring"], "password")]; p != "" {
		add("password", p)
	}
	return values, without
}

func (m Machine) setHousehold(d *tomledit.Document, h config.Household, trunk string, a Answers) error {
	in := tomledit.Element{Name: "household"}
	if h.Name == "" {
		err := d.AppendElement("household", tomledit.Value{Key: "name", Is: householdName}, tomledit.Value{Key: "trunk", Is: trunk},
			tomledit.Value{Key: "number", Is: a["number"]})
		if err != nil {
			return err
		}
	} else if h.Number != a["number"] {
		if err := d.Set(in, "number", a["number"]); err != nil {
			return err
		}
	}
	names, err := phoneNames(a["phones"])
	if err != nil {
		return err
	}
	return setPhones(d, in, h, names)
}

// setPhones adds the new phones, with passwords of their own, and removes those that are gone.
func setPhones(d *tomledit.Document, in tomledit.Element, h config.Household, names []string) error {
	places := d.Within(in, "household.phone")
	for i := len(h.Phones) - 1; i >= 0; i-- {
		if slices.Contains(names, h.Phones[i].Name) || i >= len(places) {
			continue
		}
		if err := d.Remove(tomledit.Element{Name: "household.phone", Place: places[i]}); err != nil {
			return err
		}
	}
	for _, name := range names {
		if slices.ContainsFunc(h.Phones, func(p config.Phone) bool { return p.Name == name }) {
			continue
		}
		err := d.AppendWithin(in, "household.phone", tomledit.Value{Key: "name", Is: name}, tomledit.Value{Key: "password", Is: newPassword()})
		if err != nil {
			return err
		}
	}
	return nil
}

// passwordLength is as long as people can type into a phone without a mistake. It is 80 bits: somebody who has recorded a registration, and tries a
// hundred thousand million passwords a second, needs hundreds of thousands of years.
const passwordLength = 16

// newPassword is one that nobody guesses and every telephone takes: small letters and digits.
func newPassword() string { return strings.ToLower(rand.Text())[:passwordLength] }

// check reads a text as ringfence.toml, and refuses in the same sentences what `ringfence check` and `ringfence asterisk config` do.
func (m Machine) check(text []byte) (config.Settings, error) {
	s, problems := config.Check(text, m.Settings.File, m.Settings.Data)
	return s, config.Refused(problems, "")
}

// siteOf is what Asterisk's configuration is written from. Asterisk's own password is not needed to check the rest.
func siteOf(s config.Settings) (asterisk.Site, error) { return s.Site(newPassword()) }
