package doctor

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

	"ringfence/app/smarthome"
	"ringfence/app/watch"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/rescue"
)

func (d *Doctor) folder() Finding {
	f := Finding{Check: "data-folder", Part: "data folder", State: OK, Text: d.settings.Data}
	info, err := os.Stat(d.settings.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.fails("there is no "+d.settings.Data+" yet: setting Asterisk up makes it", d.settings.ConfigCommand())
	case err != nil:
		return f.fails("it can't be checked: "+err.Error(), "sudo ls -ld "+config.ShellQuoted(d.settings.Data))
	case info.Mode().Perm()&0o077 != 0:
		return f.fails("others on this machine can look into "+d.settings.Data, "sudo chmod 700 "+config.ShellQuoted(d.settings.Data))
	}
	return f
}

func (d *Doctor) disk() Finding {
	f := Finding{Check: "disk", Part: "disk", State: OK}
	free, err := store.FreeDisk(d.settings.Data)
	if err != nil {
		return f.skips("it can't be checked without the data folder")
	}
	if store.IsReadOnly(d.settings.Data) {
		return f.fails("it is read-only, so Ringfence can't record or log calls. Linux does that to a failing card or disk: copy what you need, and replace it",
			"sudo dmesg --level err,warn")
	}
	f.Text = fmt.Sprintf("%d MB free", free>>20)
	if free < watch.SpareDisk {
		return f.fails(fmt.Sprintf("only %d MB are free: delete something, or soon no call can be recorded", free>>20), "df -h "+config.ShellQuoted(d.settings.Data))
	}
	return f
}

// open opens the households' database. missing says that there is none yet, which is for `ringfence serve` to make: whoever types
// `ringfence check` may be another user, whose files it could not open.
func (d *Doctor) open(ctx context.Context) (db *store.Store, missing error) {
	if _, err := os.Stat(d.settings.Database()); err != nil {
		return nil, err
	}
	return store.Open(ctx, d.settings.Database())
}

func (d *Doctor) database(ctx context.Context, db *store.Store, missing error) Finding {
	f := Finding{Check: "database", Part: "database", State: OK}
	switch {
	case errors.Is(missing, fs.ErrNotExist) && !datafolder.HadDatabase(d.settings.Data):
		return f.skips("not made yet: Ringfence makes it when it first starts")
	case missing != nil:
		return f.fails(missing.Error(), d.log(applicationService))
	}
	contacts, numbers := 0, 0
	var errs []error
	for _, h := range d.settings.Households {
		people, err := db.Contacts(ctx, h.Name)
		lists, err2 := db.Lists.All(ctx, h.Name)
		errs = append(errs, err, err2)
		contacts += len(people)
		for _, l := range lists {
			numbers += l.Entries
		}
	}
	if err := db.InWords(errors.Join(append(errs, db.Verify(ctx))...)); err != nil {
		return f.fails(err.Error(), d.log(applicationService))
	}
	if r, found, err := rescue.Last(d.settings.Data); err != nil {
		return f.fails(err.Error(), d.log(applicationService))
	} else if found {
		return f.fails(fmt.Sprintf("%s (%s) The damaged data is in %s, with the recordings of lost calls: delete that folder once you need nothing of it",
			r.Sentence(), r.At.Local().Format("2 January at 15:04"), r.Folder), "sudo ls "+config.ShellQuoted(r.Folder))
	}
	if file, found, err := store.Unreadable(d.settings.Data); err != nil {
		return f.fails(err.Error(), d.log(applicationService))
	} else if file != "" {
		return f.fails(fmt.Sprintf("%s (%s) The file is %s: delete it once you need nothing of it", store.UnreadableWords, found.Local().Format("2 January at 15:04"), file),
			"sudo ls -l "+config.ShellQuoted(file))
	}
	f.Text = screening.Counted(contacts, "contact", "contacts") + ", " + screening.Counted(numbers, "number", "numbers") + " on lists"
	return f
}

// backupLate is how old the newest backup may be: one is made each day, and a machine may have been off.
const backupLate = 3 * 24 * time.Hour

func (d *Doctor) backup() Finding {
	f := Finding{Check: "backup", Part: "backup", State: OK}
	all, err := backups.ListDaily(d.settings.Data, d.now())
	since := datafolder.DatabaseSince(d.settings.Data)
	command := "sudo ringfence backup ringfence-backup.tar.gz"
	switch {
	case err != nil:
		return f.fails("the daily backups can't be listed: "+err.Error(), command)
	case len(all) == 0 && (since.IsZero() || d.now().Sub(since) < backupLate):
		return f.skips("no daily backup yet: the first comes within a day")
	case len(all) == 0:
		return f.warns("no daily backup so far, though Ringfence makes one each day: the log says why not", d.log(applicationService))
	}
	f.Text = "the newest was made by itself on " + all[0].Made.Local().Format("2 January at 15:04")
	if d.now().Sub(all[0].Made) > backupLate {
		return f.warns(f.Text+", and one should be made each day: the log says why not", d.log(applicationService))
	}
	return f
}

// timeError is what adjtimex(2) returns where the clock is not synchronised (TIME_ERROR in linux/timex.h).
const timeError = 5

// earliest is a time at which this program was not written yet.
var earliest = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// clock looks whether something keeps the machine's clock right. By it go schedules, the times that carers read, and certificates.
func (d *Doctor) clock() Finding {
	f := Finding{Check: "clock", Part: "clock", State: OK, Text: "set by a time server"}
	command := "sudo timedatectl set-ntp true"
	if d.container {
		command = "timedatectl" // on the machine itself
	}
	if now := d.now(); now.Before(earliest) {
		return f.fails("it says "+now.Local().Format("2 January 2006")+", which is wrong: schedules, and the times of calls, go by it", command)
	}
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t) // with no bits set in Modes it only reads
	if err != nil {
		return f.skips("nobody can tell here whether a time server sets it")
	}
	if state == timeError {
		return f.warns("no time server sets it, so schedules and the times of calls may become wrong", command)
	}
	return f
}

// program looks for Asterisk's program. In the application's container there is none, and none is needed as long as Asterisk answers.
func (d *Doctor) program(ctx context.Context) Finding {
	f := Finding{Check: "asterisk-program", Part: "Asterisk", State: OK}
	inst, err := asterisk.Find(ctx)
	if err == nil {
		f.Text = fmt.Sprintf("%s (%s)", inst.Version, inst.Origin)
		return f
	}
	if version, _, err := d.info(ctx); err == nil {
		f.Text = version + " (in another container or of another user)"
		return f
	}
	if d.fetching(ctx) {
		return f.fails("it is still being fetched, which takes a few minutes. Everything then starts by itself", "sudo ringfence asterisk install")
	}
	return f.fails(err.Error(), "sudo ringfence asterisk install")
}

// prompts looks whether Asterisk has the recordings. Without one it plays nothing, and goes on.
func (d *Doctor) prompts() Finding {
	f := Finding{Check: "prompts", Part: "prompts", State: OK}
	folder := filepath.Join(d.settings.AsteriskFolder(), "sounds")
	lacking, err := prompts.Lacking(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.skips("Asterisk has no " + folder + " yet: it makes the recordings when it starts for the first time")
	case err != nil:
		return f.skips("this user can't read them")
	case lacking > 0:
		return f.fails(screening.Counted(lacking, "recording is", "recordings are")+" missing or damaged in "+folder+", and nothing is heard in their place: restart Asterisk, which makes them again",
			d.restart(asteriskService))
	}
	f.Text = fmt.Sprintf("%d phrases in %s", len(prompts.All()), strings.Join(prompts.Languages(), ", "))
	return f
}

// listLate is for how long a list may not have been reached before that is said.
const listLate = 3 * 24 * time.Hour

// lists looks whether the shared lists are still updated.
func (d *Doctor) lists(ctx context.Context, db *store.Store) Finding {
	f := Finding{Check: "lists", Part: "lists", State: OK}
	all, err := db.Lists.AllSubscriptions(ctx)
	if err != nil {
		return f.fails(db.InWords(err).Error(), d.log(applicationService))
	}
	var late []string
	for _, l := range all {
		last := l.Checked
		if last.IsZero() {
			last = l.Begun
		}
		if l.Failures > 0 && d.now().Sub(last) > listLate {
			late = append(late, fmt.Sprintf("%s of %s has not been updated since %s: %s", l.List, l.Household, last.Local().Format("2 January"), strings.TrimSuffix(l.Error, ".")))
		}
	}
	switch {
	case len(late) > 0:
		return f.warns(strings.Join(late, ". Also, "), "sudo ringfence list update")
	case len(all) == 0:
		f.Text = "none is subscribed to"
	case len(all) == 1:
		f.Text = "1 is kept up to date"
	default:
		f.Text = fmt.Sprintf("%d are kept up to date", len(all))
	}
	return f
}

// books looks whether the address books are still read that contacts are kept in step with.
func (d *Doctor) books(ctx context.Context, db *store.Store) []Finding {
	f := Finding{Check: "contacts", Part: "contacts", State: OK}
	all, err := db.ContactSyncs(ctx)
	if err != nil {
		return []Finding{f.fails(db.InWords(err).Error(), d.log(applicationService))}
	}
	var wrong []string
	for _, sync := range all {
		of := "the address book " + sync.Title + " of " + sync.Household
		switch {
		case sync.Error != "":
			wrong = append(wrong, fmt.Sprintf("%s can't be read, and contacts stay as they were: %s", of, strings.TrimSuffix(sync.Error, ".")))
		case !sync.Held.IsZero():
			wrong = append(wrong, of+" has changes that wait for an owner")
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case len(wrong) > 0:
		return []Finding{f.warns(strings.Join(wrong, ". Also, "), "sudo ringfence contact sync")}
	}
	f.Text = "kept in step with an address book"
	return []Finding{f}
}

// brokerLimit is how long the smart home's broker may take to answer.
const brokerLimit = 5 * time.Second

// smartHome looks whether the smart home's broker takes Ringfence's password.
func (d *Doctor) smartHome(ctx context.Context) Finding {
	f := Finding{Check: "smart-home", Part: "the smart home", State: OK, Text: d.settings.MQTT.Broker + " answers"}
	ctx, cancel := context.WithTimeout(ctx, brokerLimit)
	defer cancel()
	if err := smarthome.Try(ctx, d.settings.MQTT); err != nil {
		return f.warns(fmt.Sprintf("its MQTT broker, %s, can't be used: %v. Calls don't depend on it", d.settings.MQTT.Broker, err), editing(d.settings.File))
	}
	return f
}

// alerts looks whether alerts reach those who have asked for them.
func (d *Doctor) alerts(ctx context.Context, db *store.Store) Finding {
	f := Finding{Check: "alerts", Part: "alerts", State: OK}
	var failing []string
	ways, ours := 0, map[string]bool{}
	for _, h := range d.settings.Households {
		ours[h.Name] = true
	}
	channels, err := db.Outbox.AllChannels(ctx)
	if err != nil {
		return f.fails(db.InWords(err).Error(), d.log(applicationService))
	}
	for _, c := range channels {
		if c.Paused || !ours[c.Household] {
			continue
		}
		ways++
		if !c.Failing.IsZero() {
			failing = append(failing, fmt.Sprintf("%s has failed since %s: %s", c.Name, c.Failing.Local().Format("2 January at 15:04"), strings.TrimSuffix(c.LastError, ".")))
		}
	}
	switch {
	case len(failing) > 0:
		return f.warns(strings.Join(failing, ". Also, "), "sudo ringfence alert")
	case ways == 0:
		return f.skips("nobody has set any up, so nobody is alerted when the line stops working")
	case ways == 1:
		f.Text = "one way, and it works"
	default:
		f.Text = fmt.Sprintf("%d ways, and all of them work", ways)
	}
	return f
}
