package config

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"ringfence/asterisk"
	"ringfence/screening"
)

// Site is what Asterisk's configuration is written from. The error has all that is wrong with it (see Problems), a line each.
func (s Settings) Site(ariPassword string) (asterisk.Site, error) {
	site, err := s.wholeSite(ariPassword)
	if err == nil {
		err = site.CheckAuthorities()
	}
	return site, s.withLine(err)
}

// TLSAddress is the TCP address where Asterisk listens for a trunk with TLS; "" for one without.
func (s Settings) TLSAddress(t Trunk) string {
	site, _ := s.draft("") // what is wrong with the settings is found elsewhere
	trunk, err := t.Site()
	if err != nil || !t.TLS {
		return ""
	}
	return site.TLSAddress(trunk)
}

// wholeSite is the site without a look at what certificates are checked against.
func (s Settings) wholeSite(ariPassword string) (asterisk.Site, error) {
	site, err := s.draft(ariPassword)
	if err == nil {
		err = site.Validate()
	}
	return site, err
}

// draft is the site before it is validated. The error has what cannot even be written into it.
func (s Settings) draft(ariPassword string) (asterisk.Site, error) {
	var wrong []error
	site := asterisk.Site{
		TLSPort: s.Asterisk.TLSPort, MediaAddress: s.Asterisk.Media, PublicAddress: s.Asterisk.Public, RTPFirst: s.Asterisk.RTPFirst, RTPLast: s.Asterisk.RTPLast,
		ARIUser: s.Asterisk.ARIUser, ARIPassword: ariPassword, App: s.Asterisk.App,
		DecideSeconds: 5, PickupSeconds: 5,
		Farewells: []string{string(screening.Inspection), string(screening.NotWanted)},
	}
	var err error
	site.SIPHost, site.SIPPort, err = s.Asterisk.sip()
	wrong = append(wrong, err)
	site.SIPHost = addressNow(site.SIPHost, "")
	if s.Asterisk.SIP6 != "" {
		site.SIP6Host, site.SIP6Port, err = hostPort("asterisk.sip6", s.Asterisk.SIP6, 5060)
		wrong = append(wrong, err)
	}
	if site.MediaAddress != "" {
		site.MediaAddress = addressNow(site.MediaAddress, "")
	}
	site.HTTPHost, site.HTTPPort, err = hostPort("asterisk.ari", s.Asterisk.ARI, 8088)
	wrong = append(wrong, err)
	for _, t := range s.Trunks {
		trunk, err := t.Site()
		wrong = append(wrong, err)
		site.Trunks = append(site.Trunks, trunk)
	}
	for _, h := range s.Households {
		house, err := h.site()
		wrong = append(wrong, err)
		site.Households = append(site.Households, house)
	}
	return site, errors.Join(wrong...)
}

// Site is the trunk as Asterisk's configuration has it.
func (t Trunk) Site() (asterisk.Trunk, error) {
	trunk := asterisk.Trunk{
		Name: t.Name, User: t.User, Register: t.Register, TLS: t.TLS, CA: t.CA, SRTP: t.SRTP, SRV: t.SRV, IPv6: t.IPv6,
		Accept: t.Accept, Codecs: t.Codecs, Qualify: t.Asked(), Attestation: t.Attestation, Calls: t.Calls, FromOne: t.FromOne,
	}
	usual := 5060
	switch {
	case t.SRV:
		usual = 0
	case t.TLS:
		usual = 5061
	}
	var err error
	if trunk.Host, trunk.Port, err = hostPort("the address of trunk "+t.Name, t.Address, usual); err != nil {
		return trunk, err
	}
	if at, err := netip.ParseAddr(trunk.Host); err == nil {
		trunk.Host = at.String() // an IPv6 address can be written in many ways
	}
	trunk.Password, err = secret(t.owned(), t.Password)
	return trunk, err
}

// SiteThatRings is site for an Asterisk that has to run, whatever is wrong with one line: with too few ports it takes fewer calls, and a trunk
// whose certificate cannot be checked is not connected. said gets a line about it. asterisk.Keeper starts that Asterisk.
func (s Settings) SiteThatRings(ariPassword string, said io.Writer) (asterisk.Site, error) {
	site, err := s.wholeSite(ariPassword)
	site.Kept = true
	if errors.Is(err, asterisk.ErrFewPorts) {
		site = site.WithFewerCalls()
		if _, err := fmt.Fprintf(said, "Fewer calls are taken at a time than the settings say: %v.\n", err); err != nil {
			return site, err
		}
		err = site.Validate()
	}
	if err != nil {
		return site, s.withLine(err)
	}
	if err := site.CheckAuthorities(); err != nil {
		if _, err := fmt.Fprintf(said, "A line does not work: %v.\n", s.withLine(err)); err != nil {
			return site, err
		}
	}
	return site, nil
}

func (h Household) site() (asterisk.Household, error) {
	house := asterisk.Household{
		Name: h.Name, Trunk: h.Trunk, Region: h.Region, FileRegion: h.FileRegion, Language: h.Language, RingSeconds: 60, Emergency: screening.EmergencyNumbers(h.Region),
	}
	if h.Number != "" {
		number, err := screening.ParseNumber(h.Number, h.Region)
		if err != nil {
			return house, err
		}
		house.Number = string(number)
		house.Dialled = writtenForms(number, h.Region)
	}
	for _, written := range h.Telecare {
		number, err := screening.ParseNumber(written, h.Region)
		if err != nil {
			return house, err
		}
		house.Telecare = append(house.Telecare, writtenForms(number, h.Region)...)
	}
	house.Codes = h.FeatureCodes()
	var wrong []error
	for _, p := range h.Phones {
		password, err := secret(p.owned(h), p.Password)
		wrong = append(wrong, err)
		house.Phones = append(house.Phones, asterisk.Phone{Name: p.Name, Password: password, Address: p.Address, IPv6: p.IPv6, Qualify: p.Asked()})
	}
	return house, errors.Join(wrong...)
}

// writtenForms are the ways in which a network, or somebody who dials, may write a number.
func writtenForms(n screening.Number, region string) []string {
	national := n.Dialled(region)
	bare, international := strings.CutPrefix(string(n), "+")
	if !international {
		return []string{bare}
	}
	if national == string(n) { // of another country
		return []string{string(n), bare, "00" + bare}
	}
	return []string{string(n), bare, national, "00" + bare}
}

// Weaknesses are how strangers could get in with these settings: passwords that are easily guessed, ARI where others reach it. At set-up they are
// refused. Settings from before go on working, because a phone has to ring; `ringfence check` and the page Today warn of them.
func (s Settings) Weaknesses() ([]asterisk.Weakness, error) {
	return s.WeaknessesBy(new(asterisk.Judge))
}

// WeaknessesBy are the Weaknesses, by a judge of earlier settings.
func (s Settings) WeaknessesBy(judge *asterisk.Judge) ([]asterisk.Weakness, error) {
	password, err := s.ARIPassword()
	if err != nil {
		return nil, err
	}
	site, err := s.Site(password)
	if err != nil {
		return nil, err
	}
	return judge.Weaknesses(site), nil
}
