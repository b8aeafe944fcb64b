// Package adapter has the settings with which the LINE port of a Grandstream HT813 is Ringfence's line, and its PHONE port one of the household's
// phones: as pages to fill in by hand, and as the file that it fetches by itself.
//
// No adapter was at hand. The settings come from what others have published: the fields and their values from people's notes on running one
// (github.com/Futur-Tech/Grandstream-HT813, github.com/ATHEO-INFORMATIQUE/freepbx-ht813-freebox-voip), the numbers of the settings from a template for
// its predecessor, the HT503, whose pages have the same fields (github.com/fusionpbx/fusionpbx, resources/templates/provision/grandstream/ht503).
package adapter

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Login is how a port of the adapter signs in.
type Login struct{ User, Password string }

// Values are what is particular to a household.
type Values struct {
	Server, Port string // Asterisk's SIP address
	Country      string // two letters
	Line, Phone  Login
}

// setting is one of the adapter's settings.
type setting struct {
	page, field string // on its pages
	number      string // in its file, such as "P747"; "" where it is only on the page
	value       string // in the file
	words       string // on the page, where that is not value
}

// Pages of the adapter's own.
const (
	basic    = "BASIC SETTINGS"
	advanced = "ADVANCED SETTINGS"
	fxs      = "FXS PORT (the phone)"
	fxo      = "FXO PORT (the line)"
)

// country is how a country's lines are.
type country struct {
	name          string // as the adapter's page has it
	impedance     string // P864
	callerID      string // P863
	callerIDWords string
	tone          string // P841: what the network plays when the caller has hung up
}

// countries are those whose values were found. British Telecom's SIN 350 has the tone that is played after a call, SIN 227 the caller's number.
var countries = map[string]country{
	"GB": {"UK", "12", "9", "SIN 227 - BT", "f1=400@-30,f2=400@-30,c=375/375;"},
	"FR": {"FRANCE", "4", "1", "ETSI-FSK during ringing", "f1=440@-30,f2=440@-30,c=500/500;"},
	"DE": {"GERMANY", "5", "1", "ETSI-FSK during ringing", "f1=425@-30,f2=425@-30,c=480/480;"},
}

func (v Values) settings() []setting {
	server := v.Server
	if v.Port != "5060" {
		server += ":" + v.Port
	}
	all := []setting{
		{basic, "Unconditional Call Forward to VOIP: User ID", "P3305", v.Line.User, ""},
		{basic, "Unconditional Call Forward to VOIP: Sip Server", "P3306", v.Server, ""},
		{basic, "Unconditional Call Forward to VOIP: Sip Destination Port", "P3307", v.Port, ""},
		{advanced, "Config Server Path", "P237", "", "(empty)"},
		{advanced, "Automatic Upgrade", "P194", "0", "No"},
		{advanced, "Life Line Mode", "P891", "0", "Auto"},
		{fxs, "Account Active", "P271", "1", "Yes"},
		{fxs, "Primary SIP Server", "P47", server, ""},
		{fxs, "SIP User ID", "P35", v.Phone.User, ""},
		{fxs, "Authenticate ID", "P36", v.Phone.User, ""},
		{fxs, "Authenticate Password", "P34", v.Phone.Password, ""},
		{fxs, "SIP Registration", "P31", "1", "Yes"},
		{fxs, "Register Expiration", "P32", "2", "2 (minutes)"},
		{fxs, "Preferred DTMF method, Priority 1", "P850", "101", "RFC2833"},
		{fxo, "Account Active", "P401", "1", "Yes"},
		{fxo, "Primary SIP Server", "P747", server, ""},
		{fxo, "SIP User ID", "P735", v.Line.User, ""},
		{fxo, "Authenticate ID", "P736", v.Line.User, ""},
		{fxo, "Authenticate Password", "P734", v.Line.Password, ""},
		{fxo, "SIP Registration", "P731", "1", "Yes"},
		{fxo, "Register Expiration", "P732", "2", "2 (minutes)"},
		{fxo, "Local SIP port", "P740", "5062", ""},
		{fxo, "Preferred DTMF method, Priority 1", "P860", "101", "RFC2833"},
		{fxo, "Preferred Vocoder, choice 1", "P757", "8", "PCMA"},
		{fxo, "Caller ID Transport Type", "P839", "1", "Relay via SIP P-Asserted-Identity"},
		// With 1 the caller's number was lost on a line in France, with 2 it was not (Futur-Tech's notes).
		{fxo, "Number of Rings", "P798", "2", ""},
		{fxo, "PSTN Ring Thru FXS", "P842", "0", "No"},
		{fxo, "Wait for Dial-Tone", "P3303", "0", "No"},
		{fxo, "Stage Method (1/2)", "P3304", "1", ""},
	}
	c, known := countries[v.Country]
	if !known {
		return append(all, setting{fxo, "AC Termination Model, Caller ID Scheme and PSTN Disconnect Tone", "", "", "those of your country"})
	}
	return append(all, []setting{
		{fxo, "Caller ID Scheme", "P863", c.callerID, c.callerIDWords},
		{fxo, "Enable PSTN Disconnect Tone Detection", "P712", "1", "Yes"},
		{fxo, "PSTN Disconnect Tone", "P841", c.tone, ""},
		{fxo, "AC Termination Model", "P899", "0", "Country-based"},
		{fxo, "Country-based", "P864", c.impedance, c.name},
	}...)
}

// Page is one of the adapter's own pages, with what to fill in.
type Page struct {
	Name   string
	Fields [][2]string // name and value
}

// Pages are the adapter's pages as somebody fills them in.
func (v Values) Pages() []Page {
	var all []Page
	for _, s := range v.settings() {
		if len(all) == 0 || all[len(all)-1].Name != s.page {
			all = append(all, Page{Name: s.page})
		}
		value := s.words
		if value == "" {
			value = s.value
		}
		p := &all[len(all)-1]
		p.Fields = append(p.Fields, [2]string{s.field, value})
	}
	return all
}

// File is what an adapter fetches: cfg<mac>.xml, as Grandstream's template has it.
func (v Values) File(mac string) ([]byte, error) {
	var b strings.Builder
	b.WriteString(xml.Header + "<gs_provision version=\"1\">\n<mac>" + mac + "</mac>\n<config version=\"1\">\n")
	for _, s := range v.settings() {
		if s.number == "" {
			continue
		}
		fmt.Fprintf(&b, "<%s>", s.number)
		if err := xml.EscapeText(&b, []byte(s.value)); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "</%s>\n", s.number)
	}
	b.WriteString("</config>\n</gs_provision>\n")
	return []byte(b.String()), nil
}

// FileName is what an adapter asks for.
func FileName(mac string) string { return "cfg" + strings.ToLower(mac) + ".xml" }
