// Package doctor checks every part of an installation, and says how it is, or what is wrong and what to type. `ringfence check` prints what it
// finds; the pages show it, with the line and the phones as the switchboard sees them (backend.Line, whose words are used here as well).
package doctor

import (
	"context"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// State is how a part was found. The words are a contract: they stand in `ringfence check --json`.
type State string

// The states of a part.
const (
	OK      State = "ok"
	Warning State = "warning" // it works, and something should be done
	Failed  State = "failed"
	Skipped State = "skipped" // it was not checked, and the text says why
)

// Finding is the state of one part. The names of its fields and checks are a contract: they stand in `ringfence check --json`.
type Finding struct {
	Check string `json:"check"`          // which check it was, such as "line" (docs/check.md has all of them)
	Name  string `json:"name,omitempty"` // of the line or phone, where there are several
	Part  string `json:"part"`           // both, for people
	State State  `json:"state"`
	Text  string `json:"text"`           // how it is; or what is wrong, and what to do
	Type  string `json:"type,omitempty"` // a command that helps, as it can be typed
}

// fails is the finding with what is wrong.
func (f Finding) fails(text, command string) Finding {
	f.State, f.Text, f.Type = Failed, text, command
	return f
}

// warns is the finding with what should be done.
func (f Finding) warns(text, command string) Finding {
	f.State, f.Text, f.Type = Warning, text, command
	return f
}

// skips is the finding with why it was not checked.
func (f Finding) skips(text string) Finding {
	f.State, f.Text = Skipped, text
	return f
}

// Doctor looks at the parts of an installation.
type Doctor struct {
	settings config.Settings
	http     *http.Client
	names    asterisk.Resolver
	now      func() time.Time
	fetching func(context.Context) bool // whether Asterisk is still being fetched
	// container says that this runs in a container, where services are started by Docker and not by systemd.
	container bool
}

// New is a doctor for the installation of the settings.
func New(s config.Settings) *Doctor {
	return &Doctor{settings: s, http: &http.Client{Timeout: 5 * time.Second}, names: net.DefaultResolver, now: time.Now, fetching: asterisk.Fetching,
		container: inContainer()}
}

func inContainer() bool {
	return slices.ContainsFunc([]string{"/.dockerenv", "/run/.containerenv"}, func(mark string) bool {
		_, err := os.Stat(mark)
		return err == nil
	})
}

// Everything looks at every part.
func (d *Doctor) Everything(ctx context.Context) []Finding {
	found := d.Settings()
	found = append(found, d.folder(), d.program(ctx), d.prompts(), d.ARI(ctx), d.sip(ctx), d.Application(ctx), d.pages(ctx))
	found = append(found, d.lines(ctx)...)
	db, missing := d.open(ctx)
	found = append(found, d.database(ctx, db, missing))
	found = append(found, d.Machine(ctx, db)...)
	if db != nil {
		_ = db.Close() // nothing was written
	}
	return found
}

// FetchingAsterisk says whether this machine has no Asterisk yet, and one is being fetched: everything else waits for it.
func (d *Doctor) FetchingAsterisk(ctx context.Context) bool { return d.fetching(ctx) }

// Machine looks at what calls do not show, and goes wrong unnoticed: disk, clock, certificate, backups, lists, alerts. Without a database it leaves
// out what is in it.
func (d *Doctor) Machine(ctx context.Context, db *store.Store) []Finding {
	found := []Finding{d.disk(), d.clock()}
	if d.settings.Web.Encrypted() {
		found = append(found, d.certificate(ctx))
	}
	found = append(found, d.backup())
	if d.settings.Replica.Folder != "" {
		found = append(found, d.replica(ctx))
	}
	if d.settings.MQTT.Broker != "" {
		found = append(found, d.smartHome(ctx))
	}
	if db != nil {
		found = append(append(found, d.lists(ctx, db)), d.books(ctx, db)...)
		found = append(found, d.alerts(ctx, db))
	}
	return found
}

// Settings says what is wrong with ringfence.toml, and with the files that it names.
func (d *Doctor) Settings() []Finding {
	return append(SettingsFindings(d.settings, d.settings.Problems()), d.passwords())
}

// SettingsFindings are findings for problems with the settings; one that all is well where there are none. Ways in for strangers have a check of
// their own.
func SettingsFindings(s config.Settings, problems []config.Problem) (found []Finding) {
	settings := Finding{Check: "settings", Part: "settings"}
	for _, p := range problems {
		switch p.Kind {
		case config.Wrong:
			found = append(found, settings.fails(p.Sentence, editing(s.File)))
		case config.Doubtful:
			found = append(found, settings.warns(p.Sentence, editing(s.File)))
		case config.Unsafe: // see passwords
		}
	}
	if len(found) == 0 {
		settings.State, settings.Text = OK, s.File+" ("+strings.Join(s.HouseholdNames(), ", ")+")"
		found = append(found, settings)
	}
	return found
}

// passwords are the ways in for strangers that the settings leave open.
func (d *Doctor) passwords() Finding {
	f := Finding{Check: "passwords", Part: "passwords", State: OK, Text: "none is easy to guess"}
	weaknesses, err := d.settings.Weaknesses()
	switch {
	case config.NotSetUp(err):
		return f.skips("they can't be checked until Asterisk has started for the first time")
	case err != nil:
		return f.skips("they can't be checked until the settings are right")
	}
	var sentences []string
	for _, w := range weaknesses {
		sentences = append(sentences, w.Sentence)
	}
	if len(sentences) > 0 {
		return f.fails(strings.Join(sentences, ". Also, "), editing(d.settings.File))
	}
	return f
}

// Sound says whether nothing has failed.
func Sound(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return f.State == Failed })
}

// Summary says in a sentence what was found.
func Summary(found []Finding) string {
	count := map[State]int{}
	for _, f := range found {
		count[f.State]++
	}
	things := func(n int, one, more string) string {
		if n == 1 {
			return "One thing " + one
		}
		return screening.Capital(backend.Words(n)) + " things " + more
	}
	switch failed, warned := count[Failed], count[Warning]; {
	case failed > 0 && warned > 0:
		return things(failed, "needs", "need") + " mending, and " + strings.ToLower(things(warned, "needs", "need")) + " attention."
	case failed > 0:
		return things(failed, "needs", "need") + " mending."
	case warned > 0:
		return "Everything that was checked works. " + things(warned, "needs", "need") + " attention."
	case count[Skipped] > 0:
		return "Everything that was checked works."
	default:
		return "Everything works."
	}
}
