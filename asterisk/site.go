package asterisk

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Site is everything that the templates need to know of an installation: where Asterisk listens, which lines come in, and which telephones
// each household has. Names (Trunk.Name, Household.Name, Phone.Name) are slugs of a-z, 0-9 and "-", because they become the names of
// sections, contexts and endpoints.
type Site struct {
	SIPHost       string // IP address for SIP and RTP, such as "127.0.0.1" or the machine's address on the home network
	SIPPort       int    // UDP
	SIP6Host      string // IPv6 address at which Asterisk listens as well; "" is none
	SIP6Port      int    // UDP
	TLSPort       int    // TCP; the first of the ports of trunks with TLS, which have one each
	MediaAddress  string // IP address that goes into SDP; "" is SIPHost. Needed where SIPHost is 0.0.0.0
	PublicAddress string // the router's address on the internet, for a provider that needs it; else ""
	RTPFirst      int    // the first and the last UDP port for sound
	RTPLast       int
	HTTPHost      string // IP address of ARI
	HTTPPort      int
	ARIUser       string
	ARIPassword   string
	App           string // the ARI application's name
	DecideSeconds int    // how long the application may keep a call before its first step; then the household rings
	PickupSeconds int    // the same for a telephone that was picked up; then it is connected with its caller
	Farewells     []string
	Trunks        []Trunk
	Households    []Household
	Kept          bool // Keeper starts Asterisk, and tells it where the phones are

	fewerCalls bool // see WithFewerCalls
}

// Trunk is a way in from the telephone network: a SIP provider or an analogue adapter's line port.
type Trunk struct {
	Name     string
	Host     string // the other side's name or IP address
	Port     int    // 0 with SRV: the provider's records name it
	TLS      bool   // signalling over TLS and never in the clear, with the other side's certificate checked
	CA       string // PEM file of the authorities that it is checked against; "" is the machine's
	SRTP     bool   // sound encrypted, or no call
	SRV      bool   // Host stands for several servers (RFC 3263)
	IPv6     bool   // Host's IPv6 addresses are used, not its IPv4 ones
	User     string
	Password string
	Register bool     // Asterisk registers there with User and Password; otherwise the other side authenticates with Password, if there is one, as the user trunk-NAME
	Accept   []string // addresses or networks (CIDR) whose calls belong to this trunk; Host always does, if it is an address
	Codecs   string   // such as "alaw,ulaw"; "" is that
	Qualify  bool     // check regularly whether the other side answers
	// Attestation is where this provider says how far it has checked the caller's number: "verstat", the name of a header, or "".
	Attestation string
	Calls       int // how many calls at a time a household on it takes from anybody; 0 is DefaultCalls
	FromOne     int // how many of them may show the same number; 0 is DefaultFromOne
}

// Household is a line with its telephones.
type Household struct {
	Name        string
	Trunk       string
	Region      string   // the region that Emergency and Dialled are for, such as "GB"
	FileRegion  string   // the region in ringfence.toml; Region may be one that people have chosen
	Number      string   // the line's own number, E.164, or ""
	Dialled     []string // the forms in which the network may write Number, for a trunk that several households share
	Language    string   // such as "en-GB"
	RingSeconds int      // for how long the dialplan rings the household
	Emergency   []string // the region's emergency numbers, as they are dialled here
	Telecare    []string // the alarm centre's numbers, in the forms in which they may be dialled
	Codes       []Code   // what a telephone can dial to reach the application
	Phones      []Phone
}

// Code is a feature code: its keys, such as "*31", and the application's name for it.
type Code struct{ Keys, Name string }

// Phone is a telephone in the home. It registers with Password, or has a fixed Address (IP:port).
type Phone struct {
	Name     string
	Password string
	Address  string
	IPv6     bool // it registers over IPv6
	Qualify  bool // check regularly whether it answers
}

// hostName is a name or an IP address: what may stand in pjsip.conf and in the argument of Dial().
var hostName = regexp.MustCompile(`^[A-Za-z0-9:._%-]+$`)

var slug = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// Dial is the argument for Dial() that rings all telephones of the household together. One at a fixed address is rung there even if Asterisk
// takes it for away, because it may answer calls and no OPTIONS: an endpoint alone would ring only where OPTIONS were answered
// (ast_sip_session_create_outgoing in res/res_pjsip_session.c filters contacts that are unreachable).
func (h Household) Dial() string {
	var legs []string
	for _, p := range h.Phones {
		leg := "PJSIP/" + h.Endpoint(p)
		if p.Address != "" {
			leg += "/" + p.Contact()
		}
		legs = append(legs, leg)
	}
	return strings.Join(legs, "&")
}

// Contact is the address of a phone that has a fixed one.
func (p Phone) Contact() string { return "sip:" + p.Name + "@" + p.Address }

// Contact is where the other side is called. Calls out name it, so that 999 can be dialled through a device that answers no OPTIONS (see Dial).
func (t Trunk) Contact() string {
	if t.TLS {
		return t.URI("") + ";transport=tls"
	}
	return t.URI("")
}

// Endpoint is the trunk's name in Asterisk.
func (t Trunk) Endpoint() string { return "trunk-" + t.Name }

// NotInService is the recording of the tones for a number that is not in service: North America's are its own.
func (h Household) NotInService() string {
	if slices.Contains([]string{"US", "CA", "PR", "VI", "GU", "AS", "MP"}, h.Region) {
		return "not-in-service-america"
	}
	return "not-in-service"
}

// Endpoint is the phone's name in Asterisk, which is also the user name that it registers with.
func (h Household) Endpoint(p Phone) string { return h.Name + "-" + p.Name }

// Validate refuses what Asterisk would misread. Its error has a plain sentence for whoever wrote ringfence.toml for each thing that is wrong.
func (s Site) Validate() error {
	wrong := []error{s.validateAddresses(), s.validateARI()}
	if s.mediaAddress() == "0.0.0.0" || s.mediaAddress() == "::" {
		wrong = append(wrong, fmt.Errorf("the SIP address %s does not tell phones where to send sound: name the machine's own address", s.SIPHost))
	}
	if s.PublicAddress != "" {
		wrong = append(wrong, address("the public address", s.PublicAddress))
	}
	wrong = append(wrong, s.validateLines()...)
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	if err := s.validateFamilies(); err != nil {
		return err
	}
	return s.validatePorts()
}

func (s Site) validateAddresses() error {
	return errors.Join(
		address("the SIP address", s.SIPHost), port("the SIP port", s.SIPPort),
		address("the ARI address", s.HTTPHost), port("the ARI port", s.HTTPPort),
		port("the first RTP port", s.RTPFirst), port("the last RTP port", s.RTPLast),
	)
}

func (s Site) validateARI() error {
	if err := errors.Join(plain("the ARI user", s.ARIUser), plain("the ARI password", s.ARIPassword), plain("the ARI application", s.App)); err != nil {
		return err
	}
	if s.ARIPassword == "" || s.ARIUser == "" || s.App == "" {
		return errors.New("ARI needs a user, a password and an application name")
	}
	if !ariUser.MatchString(s.ARIUser) {
		return fmt.Errorf("asterisk.ari_user is %q, which Asterisk can't use as a name: take letters, digits, dots, hyphens and underscores, at most 32", s.ARIUser)
	}
	return nil
}

func (s Site) validateLines() (wrong []error) {
	trunks := map[string]bool{}
	byAddress := map[string]string{} // who is identified by an address alone
	var known []string
	misnamed := false
	for _, t := range s.Trunks {
		if trunks[t.Name] {
			wrong = append(wrong, fmt.Errorf("two trunks are called %q: give each its own name", t.Name))
			continue
		}
		trunks[t.Name], known = true, append(known, t.Name)
		misnamed = misnamed || !slug.MatchString(t.Name) // whoever names it is not to blame
		wrong = append(wrong, t.validate())
		if t.Password == "" {
			byAddress[t.Host] = "the trunk " + t.Name
		}
	}
	names := map[string]bool{}
	for _, h := range s.Households {
		if names[h.Name] {
			wrong = append(wrong, fmt.Errorf("two households are called %q: give each its own name", h.Name))
			continue
		}
		names[h.Name] = true
		switch {
		case trunks[h.Trunk], misnamed:
		case len(known) == 0:
			wrong = append(wrong, fmt.Errorf("the household %s names the trunk %q, which is not described: add a [[trunk]] with that name", h.Name, h.Trunk))
		default:
			wrong = append(wrong, fmt.Errorf("the household %s names the trunk %q, which is not described: add a [[trunk]] with that name, or write trunk = %q", h.Name, h.Trunk, nearest(h.Trunk, known)))
		}
		wrong = append(wrong, h.validate(byAddress))
	}
	return wrong
}

// nearest is the name that most resembles a misspelt one: with the longest beginning and end that both have.
func nearest(misspelt string, names []string) string {
	best, most := names[0], -1
	for _, name := range names {
		shared, end := 0, 0
		for shared < min(len(misspelt), len(name)) && misspelt[shared] == name[shared] {
			shared++
		}
		for end < min(len(misspelt), len(name))-shared && misspelt[len(misspelt)-1-end] == name[len(name)-1-end] {
			end++
		}
		if shared+end > most {
			best, most = name, shared+end
		}
	}
	return best
}

func (t Trunk) validate() error {
	if !slug.MatchString(t.Name) {
		return fmt.Errorf("the trunk's name %q cannot be used: take small letters, digits and hyphens, at most 32", t.Name)
	}
	if !hostName.MatchString(t.Host) {
		return fmt.Errorf("the trunk %s needs the address of its other side, a name or an IP address", t.Name)
	}
	if err := port("the port of trunk "+t.Name, t.Port); err != nil && !t.SRV {
		return err
	}
	if err := errors.Join(t.validateProvider(), t.validateAttestation()); err != nil {
		return err
	}
	if t.Register && (t.User == "" || t.Password == "") {
		return fmt.Errorf("the trunk %s is to register but has no user and password: add what the provider gave you", t.Name)
	}
	if !t.Register && t.User != "" && t.User != "trunk-"+t.Name {
		return fmt.Errorf("the trunk %s proves itself as %q: its user name here is always trunk-%s, so set that in the adapter and leave user out", t.Name, t.User, t.Name)
	}
	if t.Password == "" && len(t.Accept) == 0 {
		if _, err := netip.ParseAddr(t.Host); err != nil {
			return fmt.Errorf("the trunk %s is known by its address, and %q is a name: give an IP address, or list the provider's addresses in accept", t.Name, t.Host)
		}
	}
	for _, a := range t.Accept {
		_, errAddr := netip.ParseAddr(a)
		_, errNet := netip.ParsePrefix(a)
		if errAddr != nil && errNet != nil {
			return fmt.Errorf("the trunk %s accepts calls from %q, which is not an IP address or network such as 192.0.2.0/24", t.Name, a)
		}
	}
	if t.Calls < 0 || t.FromOne < 0 {
		return fmt.Errorf("the trunk %s takes fewer calls than none: give calls and calls_from_one_number at least 1, or leave them out", t.Name)
	}
	if err := plain("the user of trunk "+t.Name, t.User); err != nil {
		return err
	}
	return plain("the password of trunk "+t.Name, t.Password)
}

func (h Household) validate(byAddress map[string]string) error {
	if !slug.MatchString(h.Name) {
		return fmt.Errorf("the household's name %q cannot be used: take small letters, digits and hyphens, at most 32", h.Name)
	}
	if len(h.Phones) == 0 {
		return fmt.Errorf("the household %s has no phone: add a [[household.phone]]", h.Name)
	}
	names := map[string]bool{}
	for _, p := range h.Phones {
		who := fmt.Sprintf("the phone %s of %s", p.Name, h.Name)
		switch {
		case !slug.MatchString(p.Name):
			return fmt.Errorf("the phone's name %q cannot be used: take small letters, digits and hyphens, at most 32", p.Name)
		case names[p.Name]:
			return fmt.Errorf("two phones of %s are called %q: give each its own name", h.Name, p.Name)
		case p.Password == "" && p.Address == "":
			return fmt.Errorf("%s has neither a password nor a fixed address: give it one of them", who)
		case p.Password != "" && p.Address != "":
			return fmt.Errorf("%s has a password and a fixed address: give it one of them", who)
		}
		names[p.Name] = true
		if err := plain("the password of "+who, p.Password); err != nil {
			return err
		}
		if p.Address == "" {
			continue
		}
		at, err := netip.ParseAddrPort(p.Address)
		if err != nil {
			return fmt.Errorf("%s stands at %q, which is not an address and port such as 192.168.1.20:5060", who, p.Address)
		}
		if other, taken := byAddress[at.Addr().String()]; taken {
			return fmt.Errorf("%s has the same address as %s, so their calls cannot be told apart: give one of them a password", who, other)
		}
		byAddress[at.Addr().String()] = who
	}
	return nil
}

func (s Site) mediaAddress() string {
	if s.MediaAddress != "" {
		return s.MediaAddress
	}
	return s.SIPHost
}

// ariUser is what a user of ARI may be called: the name is the head of a section of ari.conf, and goes before a colon in HTTP (RFC 7617).
var ariUser = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

func address(what, value string) error {
	if net.ParseIP(value) == nil {
		return fmt.Errorf("%s %q is not an IP address such as 127.0.0.1", what, value)
	}
	return nil
}

func port(what string, value int) error {
	if value < 1 || value > 65535 {
		return fmt.Errorf("%s %d is not a port from 1 to 65535", what, value)
	}
	return nil
}

// plain refuses what does not fit into a line of Asterisk's configuration.
func plain(what, value string) error {
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.TrimSpace(value) != value {
		return fmt.Errorf("%s holds a line break, a control character or a space at an end: take visible characters only", what)
	}
	return nil
}
