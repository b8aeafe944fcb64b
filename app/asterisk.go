package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/internal/systemd"
	"ringfence/prompts"
	"ringfence/store"
	"ringfence/store/datafolder"
)

// AsteriskConfig is Asterisk's configuration, as it is written from the settings.
type AsteriskConfig struct {
	File, Data   string                // of the settings, as config.Read takes them: they may change while Asterisk runs
	Dir          string                // where it is written
	Installation asterisk.Installation // SetUp looks for one where there is none here
	Warnings     io.Writer             // a line for whatever is wrong and does not stop it
}

// SetUp writes it, unless the settings are wrong. A weakness is refused unless the configuration has it already: such a one has to go on working,
// because a phone has to ring.
func (c AsteriskConfig) SetUp(ctx context.Context) error {
	s, err := config.Read(c.File, c.Data)
	if err != nil {
		return err
	}
	problems := s.Problems()
	if err := config.Refused(problems, c.File); err != nil {
		return err
	}
	if c.Installation.Program == nil {
		if c.Installation, err = asterisk.Find(ctx); err != nil {
			return err
		}
	}
	if _, err = c.write(ctx, s, config.Settings.Site, func(w asterisk.Weakness) bool { return !w.StandsIn(c.Dir) }); err != nil {
		return err
	}
	for _, p := range problems {
		if p.Kind == config.Doubtful {
			fmt.Fprintf(c.Warnings, "ringfence: %s: %s\n", c.File, p.Sentence)
		}
	}
	return nil
}

// Keep runs Asterisk with it until ctx ends. It is written again at each start and whenever the settings change, so that it always fits them, and no
// weakness is refused: what rings the phones has to run. Before anything is set up, it waits for that.
func (c AsteriskConfig) Keep(ctx context.Context, out io.Writer, log *slog.Logger) error {
	notifier := &systemd.Notifier{Log: log}
	if c.waitForSetUp(ctx, notifier.Works, log); ctx.Err() != nil {
		return nil // stopped before anything had begun
	}
	k := &kept{AsteriskConfig: c, log: log}
	keeper := asterisk.Keeper{
		Installation: c.Installation, Dir: c.Dir, Works: notifier.Works, Out: out, Log: log, Write: k.write, Changed: k.changed,
		Moved: func(site asterisk.Site) bool { return k.now.Asterisk.Moved(site) },
	}
	return keeper.Run(ctx)
}

// writeOrKeep writes the configuration. If the disk does not take it, Asterisk starts with the present one, so that phones ring.
func (c AsteriskConfig) writeOrKeep(ctx context.Context, s config.Settings, log *slog.Logger) (asterisk.Site, error) {
	rings := func(s config.Settings, ariPassword string) (asterisk.Site, error) {
		return s.SiteThatRings(ariPassword, c.Warnings)
	}
	site, err := c.write(ctx, s, rings, func(asterisk.Weakness) bool { return false })
	var fault syscall.Errno // only what the system refuses: wrong settings are not the disk's fault
	_, absent := os.Stat(filepath.Join(c.Dir, "asterisk.conf"))
	if site.SIPHost != "" && errors.As(err, &fault) && absent == nil {
		log.Error("Asterisk's configuration can't be written, so it starts with the one before", "err", err)
		return site, nil
	}
	return site, err
}

// siteOf makes what Asterisk's configuration is written from, of the settings and the ARI password.
type siteOf func(s config.Settings, ariPassword string) (asterisk.Site, error)

// write writes the configuration, unless a weakness is refused, and returns what it was written from, also where only the writing failed.
func (c AsteriskConfig) write(ctx context.Context, s config.Settings, of siteOf, refused func(asterisk.Weakness) bool) (asterisk.Site, error) {
	// A folder that exists is left alone, because a read-only disk refuses even chmod.
	if _, absent := os.Stat(c.Dir); absent != nil {
		if err := datafolder.Make(s.Data); err != nil {
			return asterisk.Site{}, err
		}
	}
	s, err := ChosenRegions(ctx, s)
	if err != nil {
		fmt.Fprintf(c.Warnings, "ringfence: %s\n", err)
	}
	password, err := s.MakeARIPassword()
	if err != nil {
		return asterisk.Site{}, err
	}
	site, err := of(s, password)
	if err != nil {
		return asterisk.Site{}, fmt.Errorf("%s: %w", c.File, err)
	}
	if err := refuse(c.File, site.Weaknesses(), refused, c.Warnings); err != nil {
		return asterisk.Site{}, err
	}
	if err := asterisk.WriteConfig(c.Dir, site, c.Installation); err != nil {
		return site, err
	}
	return site, prompts.Write(filepath.Join(c.Dir, "sounds"))
}

// refuse fails with the first weakness that is refused, and warns of the others.
func refuse(file string, weaknesses []asterisk.Weakness, refused func(asterisk.Weakness) bool, warnings io.Writer) error {
	for _, w := range weaknesses {
		if refused(w) {
			return fmt.Errorf("%s: %s", file, w.Sentence)
		}
	}
	for _, w := range weaknesses {
		fmt.Fprintf(warnings, "ringfence: please mend this soon: %s\n", w.Sentence)
	}
	return nil
}

// RefuseWeaknesses refuses those of the settings where the application has never run, as there is no database yet. Where it has, it warns of them while it
// runs (Telephony.judgePasswords).
func RefuseWeaknesses(s config.Settings) error {
	if _, err := os.Stat(s.Database()); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	weaknesses, err := s.Weaknesses()
	if err != nil {
		return nil //nolint:nilerr // New says itself what it cannot do without
	}
	return refuse(s.File, weaknesses, func(asterisk.Weakness) bool { return true }, io.Discard)
}

// ChosenRegions are the settings with the regions that people have chosen, for what does not open the database. Asterisk has to start whatever the
// database is like: where it cannot be read, ringfence.toml's regions hold, and the error says so.
func ChosenRegions(ctx context.Context, s config.Settings) (config.Settings, error) {
	var chosen map[string]string
	var err error
	if own, apart := s.OwnAsteriskFolder(); apart { // its user cannot look into the data folder
		chosen, err = asterisk.ReadRegions(own)
	} else {
		chosen, err = store.RegionsIn(ctx, s.Database())
	}
	if err != nil {
		return s, fmt.Errorf("the chosen regions cannot be read, so those of ringfence.toml apply: %w", err)
	}
	return s.WithRegions(chosen)
}
