package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small machine, or an image, may have no zones of its own

	"github.com/pelletier/go-toml/v2"

	"ringfence/asterisk"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/store"
)

// settings are what a machine needs: ringfence.toml. What people change stands in the database.
type settings struct {
	Data       string              `toml:"data"`
	Region     string              `toml:"region"`
	KeepDays   int                 `toml:"keep_days"`
	Asterisk   asteriskSettings    `toml:"asterisk"`
	Web        webSettings         `toml:"web"`
	Metrics    metricsSettings     `toml:"metrics"`
	Lists      listsSettings       `toml:"lists"`
	Trunks     []trunkSettings     `toml:"trunk"`
	Households []householdSettings `toml:"household"`

	file string // that they were read from; "" in tests
	// reportHold is for how long a report can be taken back before it is sent, where it is not the usual time.
	reportHold time.Duration
}

type asteriskSettings struct {
	SIP         string `toml:"sip"`
	Media       string `toml:"media"`
	Public      string `toml:"public"`
	RTPFirst    int    `toml:"rtp_first"`
	RTPLast     int    `toml:"rtp_last"`
	ARI         string `toml:"ari"`
	ARIUser     string `toml:"ari_user"`
	ARIPassword string `toml:"ari_password"`
	App         string `toml:"app"`
}

type trunkSettings struct {
	Name     string   `toml:"name"`
	Address  string   `toml:"address"`
	Register bool     `toml:"register"`
	User     string   `toml:"user"`
	Password string   `toml:"password"`
	Accept   []string `toml:"accept"`
	Codecs   string   `toml:"codecs"`
	Qualify  bool     `toml:"qualify"`
	Calls    int      `toml:"calls"`
	FromOne  int      `toml:"calls_from_one_number"`
}

type householdSettings struct {
	Name     string          `toml:"name"`
	Trunk    string          `toml:"trunk"`
	Number   string          `toml:"number"`
	Region   string          `toml:"region"`
	Language string          `toml:"language"`
	Timezone string          `toml:"timezone"`
	Phones   []phoneSettings `toml:"phone"`
	// Telecare are the alarm centres that a pendant rings: dialling one is a call for help.
	Telecare []string `toml:"telecare"`
	inFile   string   // the region that stands there; Region may be one that people have chosen
	// Codes are the keys of feature codes by their names, where the household wants others than the usual; "" is none.
	Codes map[string]string `toml:"codes"`
}

type phoneSettings struct {
	Name     string `toml:"name"`
	Password string `toml:"password"`
	Address  string `toml:"address"`
}

// defaults are the values of ringfence.example.toml, which a test holds against this.
func defaults() settings {
	return settings{
		Data: "/var/lib/ringfence", Region: "GB", KeepDays: 90,
		Asterisk: asteriskSettings{
			SIP: "127.0.0.1:5060", RTPFirst: 10000, RTPLast: 10999, ARI: "127.0.0.1:8088", ARIUser: "ringfence", App: "ringfence",
		},
		Web: webSettings{Listen: "127.0.0.1:8080"},
	}
}

// settings reads ringfence.toml. A word in it that is not known is refused with its line: a misspelt setting that does
// nothing is worse than an error.
func (p *program) settings() (settings, error) {
	text, err := os.ReadFile(p.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return settings{}, fmt.Errorf("there is no %s: copy ringfence.example.toml there and fill it in, or name your file with --config", p.Config)
	}
	if err != nil {
		return settings{}, fmt.Errorf("the settings cannot be read: %w", err)
	}
	s, err := parseSettings(text)
	if err != nil {
		return settings{}, fmt.Errorf("%s: %w", p.Config, err)
	}
	if p.Data != "" {
		s.Data = p.Data
	}
	s.file = p.Config
	return s, nil
}

// again reads the same settings once more, as they are now.
func (s settings) again() (settings, error) {
	return (&program{Config: s.file, Data: s.Data}).settings()
}

// named is the household of a name; the zero one where the settings have none.
func (s settings) named(name string) householdSettings {
	if i := slices.IndexFunc(s.Households, func(h householdSettings) bool { return h.Name == name }); i >= 0 {
		return s.Households[i]
	}
	return householdSettings{}
}

func parseSettings(text []byte) (settings, error) {
	s := defaults()
	if err := decodeTOML(text, &s); err != nil {
		return s, err
	}
	for i := range s.Households {
		h := &s.Households[i]
		if h.Region == "" {
			h.Region = s.Region
		}
		h.inFile = h.Region
		if h.Language == "" {
			h.Language = "en-GB"
		}
	}
	return s, s.validate()
}

// decodeTOML reads settings. What is wrong is told with its line.
func decodeTOML(text []byte, into any) error {
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

func (s settings) validate() error {
	if s.KeepDays < 1 {
		return fmt.Errorf("keep_days is %d: calls and recordings are kept at least one day", s.KeepDays)
	}
	if len(s.Households) == 0 {
		return errors.New("no household is described: add a [[household]] with its trunk and phones")
	}
	if err := errors.Join(s.Web.validate(), s.Metrics.validate()); err != nil {
		return err
	}
	for _, h := range s.Households {
		if !regionCode.MatchString(h.Region) {
			return fmt.Errorf("the region %q is not a country's two letters such as GB", h.Region)
		}
		if !slices.Contains(prompts.Languages(), h.Language) {
			return fmt.Errorf("the household %s speaks %q; there are recordings in %s", h.Name, h.Language, strings.Join(prompts.Languages(), ", "))
		}
		if _, err := h.zone(); err != nil {
			return err
		}
		if err := h.validateCodes(); err != nil {
			return err
		}
		if err := h.validateNumbers(); err != nil {
			return err
		}
	}
	return nil
}

// dataFolder makes the data folder.
func (s settings) dataFolder() error {
	return store.DataFolder(s.Data)
}

// asteriskDir is where Asterisk's configuration stands unless somebody says otherwise.
func (s settings) asteriskDir() string { return filepath.Join(s.Data, "asterisk") }

func (s settings) database() string { return filepath.Join(s.Data, "ringfence.db") }

// secret is a value as written, or from the environment ("env:NAME") or a file ("file:/path").
func secret(value string) (string, error) {
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		found, set := os.LookupEnv(name)
		if !set || found == "" {
			return "", fmt.Errorf("the settings take a password from the environment variable %s, which is not set", name)
		}
		return found, nil
	}
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("the settings take a password from a file that cannot be read: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	return value, nil
}

// ariPassword is the one in the settings, or the one made at set-up and kept in the data folder. With make it is made
// where it is not there yet.
func (s settings) ariPassword(make bool) (string, error) {
	if s.Asterisk.ARIPassword != "" {
		return secret(s.Asterisk.ARIPassword)
	}
	path := filepath.Join(s.Data, "ari-password")
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the ARI password cannot be read: %w", err)
	}
	if !make {
		return "", fmt.Errorf("Asterisk has not been set up for this data folder yet: run `ringfence asterisk config` first")
	}
	bits := [24]byte{}
	if _, err := rand.Read(bits[:]); err != nil {
		return "", err
	}
	made := base64.RawURLEncoding.EncodeToString(bits[:])
	// O_EXCL: of two that begin at the same time, one makes it and the other reads it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return s.ariPassword(false)
	}
	if err != nil {
		return "", fmt.Errorf("the ARI password cannot be kept: %w", err)
	}
	_, err = f.WriteString(made + "\n")
	return made, errors.Join(err, f.Sync(), f.Close())
}

// lines is what the scripts need to know of the households.
func (s settings) lines() map[string]ivr.Line {
	lines := map[string]ivr.Line{}
	for _, h := range s.Households {
		number, _ := screening.ParseNumber(h.Number, h.Region) // validated; "" where there is none
		zone, _ := h.zone()                                    // likewise
		line := ivr.Line{Region: h.Region, Number: number, Language: h.Language, Zone: zone}
		for _, written := range h.Telecare {
			centre, _ := screening.ParseNumber(written, h.Region) // likewise
			line.Telecare = append(line.Telecare, centre)
		}
		lines[h.Name] = line
	}
	return lines
}

// zone is that of the household's clocks: the machine's own where the settings have none.
func (h householdSettings) zone() (*time.Location, error) {
	if h.Timezone == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(h.Timezone)
	if err != nil {
		return nil, fmt.Errorf("the household %s has the timezone %q, which is not known: write it like Europe/London", h.Name, h.Timezone)
	}
	return zone, nil
}

// telephones are the PJSIP endpoints by household.
func (s settings) telephones() map[string][]string {
	all := map[string][]string{}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			all[h.Name] = append(all[h.Name], asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name}))
		}
	}
	return all
}

// household is the one that a command is about.
func (p *program) household(s settings) (householdSettings, error) {
	if p.Household == "" {
		if len(s.Households) > 1 {
			return householdSettings{}, usagef("there are several households: say which with --household NAME (%s)", s.householdNames())
		}
		return s.Households[0], nil
	}
	for _, h := range s.Households {
		if h.Name == p.Household {
			return h, nil
		}
	}
	return householdSettings{}, usagef("there is no household %q: the settings have %s", p.Household, s.householdNames())
}

func (s settings) householdNames() string {
	var names []string
	for _, h := range s.Households {
		names = append(names, h.Name)
	}
	return strings.Join(names, ", ")
}

// hostPort splits an address; the port may be missing where there is a usual one.
func hostPort(what, address string, usual int) (string, int, error) {
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		if address == "" || strings.Contains(address, ":") {
			return "", 0, fmt.Errorf("%s is %q: write it as ADDRESS:PORT", what, address)
		}
		return address, usual, nil
	}
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%s is %q: the port is a number from 1 to 65535", what, address)
	}
	return host, port, nil
}
