// Package adapter has the settings with which the LINE port of a Grandstream HT813 is Ringfence's line, and its PHONE port one of the household's
// phones: as pages to fill in by hand, and as the file that it fetches by itself.
//
// No adapter was at hand. The settings come from what others have published. What the fields mean: Grandstream's guides
// (documentation.grandstream.com/knowledge-base/, ht813-administration-guide and connecting-ucm6xxxx-with-ht813). Their values: people's notes on
// running one (github.com/Futur-Tech/Grandstream-HT813, github.com/ATHEO-INFORMATIQUE/freepbx-ht813-freebox-voip, github.com/glmck13/HomePBX). The
// numbers in the file: a template for the HT813 (github.com/fusionpbx/fusionpbx, resources/templates/provision/grandstream/ht813), and for the line
// port, of which that has only the account, the one for its predecessor, the HT503, whose pages have the same fields (ht503 beside it).
package adapter

import (
	"encoding/xml"
	"fmt"
	"slices"
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

// countries are those whose values were found. British Telecom's SIN 227 has how a caller's number is sent, SIN 350 the engaged tone. The tone after a
// call differs between networks and routers. Others in Britain give c=0/0, the unbroken tone; a voice or music at that pitch could end a call then, so
// it is not the first choice here (docs/adapter.md).
var countries = map[string]country{
	"GB": {"UK", "12", "9", "SIN 227 - BT", "f1=400@-30,f2=400@-30,c=375/375;"},
	"FR": {"FRANCE", "4", "1", "ETSI-FSK during ringing", "f1=440@-30,f2=440@-30,c=500/500;"},
	"DE": {"GERMANY", "5", "1", "ETSI-FSK during ringing", "f1=425@-30,f2=425@-30,c=480/480;"},
}

func (v Values) settings() []setting {
	return slices.Concat(v.device(), v.phonePort(), v.linePort())
}

// server is Asterisk as a port's page wants it.
func (v Values) server() string {
	if v.Port != "5060" {
		return v.Server + ":" + v.Port
	}
	return v.Server
}

func (v Values) device() []setting {
	return []setting{
		{basic, "Unconditional Call Forward to VOIP: User ID", "P3305", v.Line.User, ""},
		{basic, "Unconditional Call Forward to VOIP: Sip Server", "P3306", v.Server, ""},
		{basic, "Unconditional Call Forward to VOIP: Sip Destination Port", "P3307", v.Port, ""},
		{advanced, "Config Server Path", "P237", "", "(empty)"},
		{advanced, "Automatic Upgrade", "P194", "0", "No"},
		// Yes unless it is changed, and it overwrote what had been set (ATHEO's notes).
		{advanced, "3CX Auto Provision", "P1414", "0", "No"},
		{advanced, "Life Line Mode", "P891", "0", "Auto"},
	}
}

func (v Values) phonePort() []setting {
	all := []setting{
		{fxs, "Account Active", "P271", "1", "Yes"},
		{fxs, "Primary SIP Server", "P47", v.server(), ""},
		{fxs, "SIP User ID", "P35", v.Phone.User, ""},
		{fxs, "Authenticate ID", "P36", v.Phone.User, ""},
		{fxs, "Authenticate Password", "P34", v.Phone.Password, ""},
		{fxs, "SIP Registration", "P31", "1", "Yes"},
		{fxs, "Register Expiration", "P32", "2", "2 (minutes)"},
		{fxs, "Preferred DTMF method, Priority 1", "P850", "101", "RFC2833"},
		// With Yes, which it is unless it is changed, the adapter keeps star codes for functions of its own (Enable Call Features in the HT503 User
		// Manual), and Ringfence's, such as *30, might never leave it.
		{fxs, "Enable Call Features", "P191", "0", "No"},
	}
	if c, known := countries[v.Country]; known { // a phone's display understands what the country's lines send
		all = append(all, setting{fxs, "Caller ID Scheme", "P853", c.callerID, c.callerIDWords})
	}
	return all
}

func (v Values) linePort() []setting {
	all := []setting{
		{fxo, "Account Active", "P401", "1", "Yes"},
		{fxo, "Primary SIP Server", "P747", v.server(), ""},
		{fxo, "SIP User ID", "P735", v.Line.User, ""},
		{fxo, "Authenticate ID", "P736", v.Line.User, ""},
		{fxo, "Authenticate Password", "P734", v.Line.Password, ""},
		// Asterisk knows the port by the address in the settings, and answers a REGISTER with 403: a trunk's AOR takes no contacts (pjsip.conf in
		// asterisk/templates). The adapter tries again only 1200 s after a 403, and places no calls meanwhile. Grandstream's guide for its own exchange
		// has such a line too, as a "SIP peer trunk".
		{fxo, "SIP Registration", "P731", "0", "No"},
		{fxo, "Unregister On Reboot", "P752", "0", "No"},
		// "Enables the ability to place outgoing calls even if the account is not registered", and No unless it is changed (HT812/HT814 Administration
		// Guide 1.0.9.3, page 41). Outgoing is what the port sends here: the line's callers.
		{fxo, "Outgoing Call without Registration", "P813", "1", "Yes"},
		// Calls out are sent to this port, by the address in the settings.
		{fxo, "Local SIP Port", "P740", "5062", ""},
		{fxo, "Use Random SIP Port", "P778", "0", "No"},
		{fxo, "Preferred DTMF method, Priority 1", "P860", "101", "RFC2833"},
		{fxo, "Preferred Vocoder, choice 1", "P757", "8", "PCMA"},
		// With "From", the port would show the caller's number where Asterisk looks for its user name.
		{fxo, "Caller ID Transport Type", "P839", "1", "Relay via SIP P-Asserted-Identity"},
		// With 1 the caller's number was lost on a line in France, with 2 it was not (Futur-Tech's notes).
		{fxo, "Number of Rings", "P798", "2", ""},
		// Yes would ring the phone past Ringfence.
		{fxo, "PSTN Ring Thru FXS", "P842", "0", "No"},
		// One stage dials the number that Ringfence sends; with two, the household would hear a dialling tone and have to dial again. The tone that the
		// port would wait for is the American one unless it is changed.
		{fxo, "Wait for Dial-Tone", "P3303", "0", "No"},
		{fxo, "Stage Method (1/2)", "P3304", "1", ""},
		// How the network says that the caller has hung up: a break in the line's current, a tone, or both.
		{fxo, "Enable Current Disconnect", "P893", "1", "Yes"},
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
