package hubserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ringfence/accounts"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

// Settings are what a group has chosen: hub.toml in the folder of its hub.
type Settings struct {
	Name      string `toml:"name"`
	Publisher string `toml:"publisher"`
	Purpose   string `toml:"purpose"`
	Region    string `toml:"region"`
	Licence   string `toml:"licence"`
	Contact   string `toml:"contact"`
	Timezone  string `toml:"timezone"`

	Reporters  int      `toml:"reporters"`
	Confidence float64  `toml:"confidence"`
	Every      duration `toml:"publish_every"`
	ValidDays  int      `toml:"valid_days"`
	PerHour    int      `toml:"reports_per_hour"`
	PerDay     int      `toml:"reports_per_day"`

	Web config.Web `toml:"web"`

	Dir string `toml:"-"` // of the hub
}

// duration is written as people write it, such as "6h".
type duration time.Duration

// UnmarshalText reads a duration.
func (d *duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time: write it as 90m or 6h", text)
	}
	*d = duration(read)
	return nil
}

// The files in the folder of a hub.
const (
	File          = "hub.toml"
	KeyFile       = "list.key"
	ProtectedFile = "protected.txt"
	DatabaseFile  = "hub.db"
	ListFolder    = "list"
)

// Defaults are the values of a hub.toml that leaves them out.
func Defaults() Settings {
	return Settings{
		Region: "GB", Licence: "CC0-1.0", Timezone: "Europe/London",
		Reporters: 2, Confidence: 0.15, Every: duration(6 * time.Hour), ValidDays: 30, PerHour: 30, PerDay: 60,
		Web: config.Web{Listen: "127.0.0.1:8090"},
	}
}

// Read reads the settings of the hub in a folder.
func Read(dir string) (Settings, error) {
	path := filepath.Join(dir, File)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, fmt.Errorf("there is no hub in %s: `ringfence hub init %s --name NAME` makes one, and --dir says where yours is", dir, dir)
	}
	if err != nil {
		return Settings{}, fmt.Errorf("the settings of the hub cannot be read: %w", err)
	}
	s, err := Parse(text)
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	s.Dir = dir
	return s, nil
}

// Parse reads the text of a hub.toml.
func Parse(text []byte) (Settings, error) {
	s := Defaults()
	if err := config.Decode(text, &s); err != nil {
		return s, err
	}
	return s, s.validate()
}

func (s Settings) validate() error {
	for name, value := range map[string]string{"name": s.Name, "publisher": s.Publisher, "purpose": s.Purpose, "licence": s.Licence, "contact": s.Contact} {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("%s is empty: whoever sees the list has to know it", name)
		}
	}
	if err := screening.ValidRegion(s.Region); err != nil {
		return err
	}
	if _, err := time.LoadLocation(s.Timezone); err != nil {
		return fmt.Errorf("timezone is %q: write one such as Europe/London", s.Timezone)
	}
	switch {
	case s.Reporters < 1 || s.Reporters > 1000:
		return fmt.Errorf("reporters is %d: from 1 to 1000 households have to report a number", s.Reporters)
	case s.Confidence < 0 || s.Confidence > 1:
		return fmt.Errorf("confidence is %v: it is from 0 to 1", s.Confidence)
	case time.Duration(s.Every) < 10*time.Minute || time.Duration(s.Every) > 7*24*time.Hour:
		return fmt.Errorf("publish_every is %v: from 10m to 168h", time.Duration(s.Every))
	case list.CheckDays(s.ValidDays) != nil || time.Duration(s.ValidDays)*24*time.Hour < 2*time.Duration(s.Every):
		return fmt.Errorf("valid_days is %d: a list is valid for 1 to 366 days, and for twice as long as publish_every at least", s.ValidDays)
	case s.PerHour < 1 || s.PerDay < s.PerHour || s.PerDay > 10_000:
		return fmt.Errorf("reports_per_hour is %d and reports_per_day %d: at least 1, and a day has no fewer than an hour, and at most 10000", s.PerHour, s.PerDay)
	case s.Web.Listen == "":
		return errors.New("web.listen is empty: a hub has to be reached by somebody")
	}
	return s.Web.Validate()
}

// zone is the group's time zone; validate has made sure that it exists.
func (s Settings) zone() *time.Location {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Path is the path of one of the hub's files.
func (s Settings) Path(name string) string { return filepath.Join(s.Dir, name) }

// Group is the group as its hub needs to know it.
func (s Settings) Group() hub.Group {
	return hub.Group{
		Name: s.Name, Publisher: s.Publisher, Purpose: s.Purpose, Region: s.Region, Licence: s.Licence, Contact: s.Contact,
		Appeals:   s.Web.Address() + "/appeal",
		Reporters: s.Reporters, Confidence: s.Confidence, Valid: time.Duration(s.ValidDays) * 24 * time.Hour, PerDay: s.PerDay,
	}
}

// List is the group's list as a source that can be subscribed to.
func (s Settings) List(key string) subscribe.Source {
	return subscribe.Source{URL: s.Web.Address() + "/list/", Key: key}
}

// settingsTemplate is a hub.toml with everything that can be set; the words are those of hub init.
const settingsTemplate = `# Settings of a group's hub. docs/groups.md tells how to run one. After a change: restart "ringfence hub serve".

# What the group says of itself, in every list that it publishes.
name = %q
publisher = %q
purpose = %q
# For whose phone lines the list is made: a country's two letters.
region = %q
# What may be done with the list: an SPDX identifier, or a sentence.
licence = %q
# Where to reach the group: an address that begins with https:// or mailto:, or words.
contact = %q
timezone = %q

# How many households have to report a number before it is on the list. One household is one opinion; and a number that only one
# household has reported may tell somebody who that was. It only warns until enough settled households of several invitations agree, or
# a moderator confirms it (docs/groups.md, "What waits for you").
reporters = 2
# A number leaves the list when the reports make less sure than this (sharing/evidence has examples).
confidence = 0.15
# How often the list is published, and for how many days households turn callers away by it when no new one comes.
publish_every = "6h"
valid_days = 30
# How many reports are taken of a household; in its first week, a sixth of these in a day.
reports_per_hour = 30
reports_per_day = 60

[web]
# Where the hub listens. Anything but this machine itself wants a certificate, or a proxy that has one (docs/outside.md).
listen = %q
# The address by which everybody reaches the hub: it is in every link, and in the list.
public = %q
# How many proxies of your own stand before the hub. Where a household is, the hub takes from what they add to X-Forwarded-For; with 0
# it believes no such header. With a proxy that is not counted, all households seem to be in one network. Then few can join, and their
# reports wait for a moderator.
proxies = %d
# A certificate in files that somebody else renews:
#cert = "/etc/ssl/hub.pem"
#key = "/etc/ssl/hub.key"
# or one that the hub gets by itself, from Let's Encrypt; then listen has to be reached as port 443:
#acme_host = "hub.example.org"
#acme_email = "somebody@example.org"
`

// Text is hub.toml.
func (s Settings) Text() string {
	return fmt.Sprintf(settingsTemplate, s.Name, s.Publisher, s.Purpose, s.Region, s.Licence, s.Contact, s.Timezone, s.Web.Listen, s.Web.Public, s.Web.Proxies)
}

// protectedTemplate is the first version of the file with the group's own protected numbers.
const protectedTemplate = `# Numbers that never come onto the list: hospitals, surgeries, schools, the council. One number a line as you write it, and behind it
# whose it is. A * at the end of a number means all numbers starting with these digits. The hub reads the file each time that it publishes the list.
#
# 01371 872121   Angel Lane Surgery
# 01245 362*     Broomfield Hospital
`

// ByCommand is the actor of commands in the hub's journal.
func ByCommand() accounts.By {
	return accounts.By{Name: hub.ByCommand, Way: store.WayCommand, At: time.Now()}
}

// Open opens the hub of a folder.
func Open(ctx context.Context, dir string) (Settings, *hub.Hub, error) {
	s, err := Read(dir)
	if err != nil {
		return s, nil, err
	}
	db, err := hub.Open(ctx, s.Path(DatabaseFile), s.Group())
	return s, db, err
}

// Make makes the files of a hub. Where there is one already, nothing is changed.
func Make(s Settings) error {
	text := s.Text()
	if _, err := Parse([]byte(text)); err != nil {
		return err
	}
	if _, err := os.Stat(s.Path(File)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is a hub in %s already: change its %s, or choose another folder", s.Dir, File)
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	if err := os.Chmod(s.Dir, 0o700); err != nil {
		return fmt.Errorf("the folder %s belongs to somebody else: run as its owner, or choose another", s.Dir)
	}
	if _, err := list.WriteKeys(s.Path(KeyFile), ""); err != nil {
		return err
	}
	for name, content := range map[string]string{File: text, ProtectedFile: protectedTemplate} {
		if err := os.WriteFile(s.Path(name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// BecomeOwner switches a command that was run as root to the user who owns the folder: a hub that runs as that user could not replace files that root
// has written, and would stop publishing.
func BecomeOwner(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil // Read says what is wrong with it
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	group := int(owner.Gid)
	if err := errors.Join(syscall.Setgroups([]int{group}), syscall.Setgid(group), syscall.Setuid(int(owner.Uid))); err != nil {
		return fmt.Errorf("the folder %s belongs to another user, and this command cannot be run as that one: %w", dir, err)
	}
	return nil
}
