// Package config is ringfence.toml: what a machine needs to screen calls, and what Asterisk's configuration needs of it. What people change
// in the browser, by phone or by command is in the database. A household's region is in both: people can choose another than the one in the file
// (Settings.WithRegions).
//
// Whether settings are right is said in one place, so that `ringfence check`, `ringfence setup` and `ringfence asterisk config` say the same
// sentence. Whoever has a text calls Check, whoever has settings calls Settings.Problems. Each Problem is a sentence with what to do; its Kind says
// whether Asterisk's configuration is written all the same:
//
//	s, problems := config.Check(text, file, data)
//	if err := config.Refused(problems, file); err != nil { … } // all that has to be mended first, a line each
package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	_ "time/tzdata" // a small machine or a container may have no time zones

	"github.com/pelletier/go-toml/v2"

	"ringfence/internal/homenet"
	"ringfence/prompts"
)

// Settings are what a machine needs: ringfence.toml. What people change is in the database.
type Settings struct {
	Data     string `toml:"data"`
	Region   string `toml:"region"`
	KeepDays int    `toml:"keep_days"`
	// HouseholdsIn says where lines and households are: InFile or InDatabase.
	HouseholdsIn string      `toml:"households"`
	Asterisk     Asterisk    `toml:"asterisk"`
	Web          Web         `toml:"web"`
	Metrics      Metrics     `toml:"metrics"`
	MQTT         MQTT        `toml:"mqtt"`
	Lists        Lists       `toml:"lists"`
	Speech       Speech      `toml:"speech"`
	Replica      Replica     `toml:"replica"`
	Trunks       []Trunk     `toml:"trunk"`
	Households   []Household `toml:"household"`

	File string `toml:"-"` // that they were read from; "" in some tests

	lines lines // of the file, where its settings are
}

// Asterisk is how Asterisk is reached, and what it listens at.
type Asterisk struct {
	SIP         string `toml:"sip"`
	SIP6        string `toml:"sip6"`
	TLSPort     int    `toml:"tls_port"`
	Media       string `toml:"media"`
	Public      string `toml:"public"`
	RTPFirst    int    `toml:"rtp_first"`
	RTPLast     int    `toml:"rtp_last"`
	ARI         string `toml:"ari"`
	ARIUser     string `toml:"ari_user"`
	ARIPassword string `toml:"ari_password"`
	App         string `toml:"app"`
}

// Trunk is a telephone line: a SIP provider, or an analogue adapter.
type Trunk struct {
	Name     string   `toml:"name"`
	Address  string   `toml:"address,omitempty"`
	Register bool     `toml:"register,omitempty"`
	User     string   `toml:"user,omitempty"`
	Password string   `toml:"password,omitempty"`
	TLS      bool     `toml:"tls,omitempty"`
	CA       string   `toml:"ca,omitempty"`
	SRTP     bool     `toml:"srtp,omitempty"`
	SRV      bool     `toml:"srv,omitempty"`
	IPv6     bool     `toml:"ipv6,omitempty"`
	Accept   []string `toml:"accept,omitempty"`
	Codecs   string   `toml:"codecs,omitempty"`
	Qualify  *bool    `toml:"qualify,omitempty"` // nil is the usual: see Asked
	Router   *bool    `toml:"router,omitempty"`  // nil is the usual: see IsRouter
	// Attestation is where the provider says how far it has checked the caller's number; "" is nowhere that callers can't write, too.
	Attestation string `toml:"attestation,omitempty"`
	Calls       int    `toml:"calls,omitempty"`
	FromOne     int    `toml:"calls_from_one_number,omitempty"`
}

// Household is a household whose calls are screened.
type Household struct {
	Name     string  `toml:"name"`
	Trunk    string  `toml:"trunk,omitempty"`
	Number   string  `toml:"number,omitempty"`
	Region   string  `toml:"region,omitempty"`
	Language string  `toml:"language,omitempty"`
	Timezone string  `toml:"timezone,omitempty"`
	Phones   []Phone `toml:"phone,omitempty"`
	// Telecare are the alarm centres that an alarm button rings: dialling one is a call for help.
	Telecare []string `toml:"telecare,omitempty"`
	// FileRegion is the region in the file; Region may be one that people have chosen.
	FileRegion string `toml:"-"`
	// Codes are the household's own keys for feature codes, by name; "" switches a code off.
	Codes map[string]string `toml:"codes,omitempty"`
}

// Phone is a telephone in the home.
type Phone struct {
	Name     string `toml:"name"`
	Password string `toml:"password,omitempty"`
	Address  string `toml:"address,omitempty"`
	IPv6     bool   `toml:"ipv6,omitempty"`
	Qualify  *bool  `toml:"qualify,omitempty"` // nil is the usual: see Asked
}

// Asked says whether Asterisk checks regularly that the other side answers (OPTIONS, RFC 3261 section 11). A registration shows that by itself,
// and some providers answer nobody's OPTIONS.
func (t Trunk) Asked() bool {
	if t.Qualify != nil {
		return *t.Qualify
	}
	return !t.Register
}

// Asked says whether Asterisk checks regularly that the phone answers.
func (p Phone) Asked() bool { return p.Qualify == nil || *p.Qualify }

// IsRouter says whether the line comes from a router that is an exchange itself, such as a FRITZ!Box: then its own phones and door bell can call.
// It is one if the settings say so, or if Ringfence registers with it in the home network, as it did before they could.
func (t Trunk) IsRouter() bool {
	if t.Router != nil {
		return *t.Router
	}
	return t.Register && (homenet.HasHost(t.Host()) || strings.HasSuffix(t.Host(), "fritz.box"))
}

// Host is the address without the port.
func (t Trunk) Host() string {
	host, _, err := hostPort("", t.Address, 5060)
	if err != nil {
		return t.Address
	}
	return host
}

// DefaultFile is where the settings are, unless somebody chooses otherwise.
const DefaultFile = "/etc/ringfence/ringfence.toml"

// Defaults are the values of ringfence.example.toml, which a test holds against this.
func Defaults() Settings {
	return Settings{
		Data: "/var/lib/ringfence", Region: "GB", KeepDays: 90, HouseholdsIn: InFile,
		Asterisk: Asterisk{
			SIP: "127.0.0.1:5060", TLSPort: 5061, RTPFirst: 10000, RTPLast: 10999, ARI: "127.0.0.1:8088", ARIUser: "ringfence", App: "ringfence",
		},
		Web:     Web{Listen: "127.0.0.1:8080"},
		Metrics: Metrics{Households: 20},
		Speech:  Speech{Reader: SpeechBuiltIn, OpenAIModel: "whisper-1"},
		MQTT:    MQTT{Topic: "ringfence", Discovery: "homeassistant"},
	}
}

// ErrNoHousehold says that there are no settings yet, or no household in them. What Read returns beside it is what there is: the defaults at least.
var ErrNoHousehold = errors.New("Ringfence isn't set up yet")

// Read reads ringfence.toml. data replaces the data folder in the file, unless it is "". A setting that does not exist is refused with its line:
// a misspelt setting that does nothing is worse than an error.
func Read(file, data string) (Settings, error) { return read(file, "", data) }

// ReadKept reads a ringfence.toml that was kept, with the copy of the database's lines and households that was kept with it.
func ReadKept(file, homes, data string) (Settings, error) { return read(file, homes, data) }

// read is Read; homes replaces the copy of the database's lines and households, unless it is "".
func read(file, homes, data string) (Settings, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		s := Defaults()
		s.File, s.Data = file, cmp.Or(data, s.Data)
		return s, fmt.Errorf("%w: there is no %s. Run `sudo ringfence setup`, or name your file with --config", ErrNoHousehold, file)
	}
	if errors.Is(err, fs.ErrPermission) {
		return Settings{}, fmt.Errorf("%s can't be read by this user: type the command with sudo before it", file)
	}
	if err != nil {
		return Settings{}, fmt.Errorf("the settings cannot be read: %w", err)
	}
	s, err := Parse(text)
	s.File, s.Data = file, cmp.Or(data, s.Data)
	if err == nil {
		s, err = s.withDatabase(func() ([]byte, error) {
			if homes != "" {
				return os.ReadFile(homes)
			}
			return s.readHomes()
		})
	}
	switch {
	case errors.Is(err, ErrNoHousehold), IsHomesFault(err):
		return s, fmt.Errorf("%s: %w", file, err)
	case err != nil:
		return Settings{}, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// Reread reads the same settings once more, as they are now.
func (s Settings) Reread() (Settings, error) { return Read(s.File, s.Data) }

// Named returns a household by its name; the zero Household if there is none.
func (s Settings) Named(name string) Household {
	if i := slices.IndexFunc(s.Households, func(h Household) bool { return h.Name == name }); i >= 0 {
		return s.Households[i]
	}
	return Household{}
}

// Parse reads the text of a ringfence.toml. Lines and households that are in the database are not looked for.
func Parse(text []byte) (Settings, error) {
	s := Defaults()
	if err := Decode(text, &s); err != nil {
		return s, err
	}
	s.lines = linesOf(text)
	s.complete()
	return s, s.validate()
}

// Decode reads TOML into settings. An error names the line.
func Decode(text []byte, into any) error {
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err := decoder.Decode(into)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		row, _ := unknown.Errors[0].Position()
		return fmt.Errorf("line %d: there is no setting called %q", row, strings.Join(unknown.Errors[0].Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		row, _ := wrong.Position()
		return fmt.Errorf("line %d: %s", row, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return err
}

var regionCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (s Settings) validate() error {
	wrong := []error{s.Web.Validate(), s.Metrics.validate(), s.MQTT.validate(), s.Speech.validate(), s.Replica.validate(s.Data)}
	if s.KeepDays < 1 {
		wrong = append(wrong, fmt.Errorf("keep_days is %d: calls and recordings are kept at least one day", s.KeepDays))
	}
	wrong = append(wrong, s.validatePlace())
	if len(s.Households) == 0 && !s.InDatabase() && errors.Join(wrong...) == nil {
		return fmt.Errorf("%w: no household is described. Run `sudo ringfence setup`, or add a [[household]] with its trunk and phones", ErrNoHousehold)
	}
	for _, h := range s.Households {
		wrong = append(wrong, h.validate())
	}
	return errors.Join(wrong...)
}

func (h Household) validate() error {
	if !regionCode.MatchString(h.Region) {
		return fmt.Errorf("the region %q is not a country's two letters such as GB", h.Region)
	}
	if !slices.Contains(prompts.Languages(), h.Language) {
		return fmt.Errorf("the household %s speaks %q; there are recordings in %s", h.Name, h.Language, strings.Join(prompts.Languages(), ", "))
	}
	_, err := h.Zone()
	return errors.Join(err, h.validateCodes(), h.validateNumbers())
}

// AsteriskFolder is where Asterisk's configuration is, unless somebody chooses otherwise: in the data folder, or beside it where Asterisk runs as
// another user (OwnAsteriskFolder).
func (s Settings) AsteriskFolder() string {
	if own, apart := s.OwnAsteriskFolder(); apart {
		return own
	}
	return filepath.Join(s.Data, "asterisk")
}

// OwnAsteriskFolder is the folder of an Asterisk that runs as a user of its own and cannot look into the data folder. The Debian package makes it;
// where it is not there, application and Asterisk are one user.
func (s Settings) OwnAsteriskFolder() (folder string, apart bool) {
	folder = filepath.Clean(s.Data) + "-asterisk"
	info, err := os.Stat(folder)
	return folder, err == nil && info.IsDir()
}

// Database is the file of the households' database.
func (s Settings) Database() string { return filepath.Join(s.Data, "ringfence.db") }

// HouseholdNames are the names of all households.
func (s Settings) HouseholdNames() []string {
	var names []string
	for _, h := range s.Households {
		names = append(names, h.Name)
	}
	return names
}
