// Package doctor checks every part of an installation, and says how it is, or what is wrong and what to do.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"ringfence/app"
	"ringfence/app/watch"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/prompts"
	"ringfence/store/backups"
	"ringfence/store/rescue"
)

// Finding is what was found of one part: Err says what is wrong, or else Fine how it is.
type Finding struct {
	Part string
	Fine string
	Err  error
}

// Doctor looks at the parts of an installation.
type Doctor struct {
	settings config.Settings
	file     string // of the settings
	http     *http.Client
	names    asterisk.Resolver
}

// New is a doctor for the installation of the settings that were read from a file.
func New(s config.Settings, file string) *Doctor {
	return &Doctor{settings: s, file: file, http: &http.Client{Timeout: 5 * time.Second}, names: net.DefaultResolver}
}

// Everything looks at every part.
func (d *Doctor) Everything(ctx context.Context) []Finding {
	found := []Finding{
		{Part: "settings", Fine: fmt.Sprintf("%s (%s)", d.file, strings.Join(d.settings.HouseholdNames(), ", "))},
		d.folder(), d.disk(), d.database(ctx), d.program(ctx), d.prompts(), d.ARI(ctx), d.sip(ctx), d.Application(ctx),
		d.pages(ctx),
	}
	found = append(found, d.weaknesses()...)
	for _, t := range d.settings.Trunks {
		found = append(found, d.line(ctx, t))
		found = append(found, d.provider(ctx, t)...)
	}
	for _, h := range d.settings.Households {
		for _, phone := range h.Phones {
			found = append(found, d.phone(ctx, h, phone))
		}
	}
	return found
}

func (d *Doctor) folder() Finding {
	f := Finding{Part: "data folder", Fine: d.settings.Data}
	info, err := os.Stat(d.settings.Data)
	switch {
	case err != nil:
		f.Err = fmt.Errorf("%w: `ringfence asterisk config` makes it", err)
	case info.Mode().Perm()&0o077 != 0:
		f.Err = fmt.Errorf("others on this machine can look into %s: chmod 700 it", d.settings.Data)
	}
	return f
}

func (d *Doctor) disk() Finding {
	f := Finding{Part: "disk"}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.settings.Data, &fs); err != nil {
		f.Err = fmt.Errorf("can't be checked: %w", err)
		return f
	}
	free := fs.Bavail * uint64(fs.Bsize)
	f.Fine = fmt.Sprintf("%d MB free", free>>20)
	if free < watch.SpareDisk {
		f.Err = fmt.Errorf("only %d MB are free: delete something, or calls can soon no longer be recorded", free>>20)
	}
	return f
}

func (d *Doctor) database(ctx context.Context) Finding {
	f := Finding{Part: "database"}
	db, err := app.OpenStore(ctx, d.settings)
	if err != nil {
		f.Err = err
		return f
	}
	contacts, numbers := 0, 0
	for _, h := range d.settings.Households {
		people, err := db.Contacts(ctx, h.Name)
		lists, err2 := db.Lists.All(ctx, h.Name)
		f.Err = errors.Join(f.Err, err, err2)
		contacts += len(people)
		for _, l := range lists {
			numbers += l.Entries
		}
	}
	f.Fine = fmt.Sprintf("%d contacts, %d numbers on lists, %s", contacts, numbers, newestBackup(d.settings.Data))
	if f.Err == nil {
		f.Err = db.InWords(db.Verify(ctx))
	}
	if f.Err == nil {
		f.Err = rescuedLately(d.settings.Data)
	}
	f.Err = errors.Join(f.Err, db.Close())
	return f
}

func newestBackup(data string) string {
	all, err := backups.ListDaily(data, time.Now())
	if err != nil || len(all) == 0 {
		return "no backup made by itself yet"
	}
	return "newest backup made by itself on " + all[0].Made.Local().Format("2 January at 15:04")
}

// rescuedLately is an error until somebody has deleted the damaged database that was set aside.
func rescuedLately(data string) error {
	r, found, err := rescue.Last(data)
	if err != nil || !found {
		return err
	}
	return fmt.Errorf("%s (%s) What was damaged is in %s, with recordings that belong to calls which are lost: delete that folder once you need nothing of it", r.Sentence(), r.At.Local().Format("2 January at 15:04"), r.Folder)
}

func (d *Doctor) program(ctx context.Context) Finding {
	inst, err := asterisk.Find(ctx)
	return Finding{Part: "Asterisk", Fine: fmt.Sprintf("%s (%s)", inst.Version, inst.Origin), Err: err}
}

func (d *Doctor) prompts() Finding {
	return Finding{Part: "prompts", Fine: fmt.Sprintf("%d phrases in %s", len(prompts.All()), strings.Join(prompts.Languages(), ", "))}
}

// ask asks ARI for something and reads its answer.
func (d *Doctor) ask(ctx context.Context, path string, into any) error {
	password, err := d.settings.ARIPassword()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.settings.Asterisk.ARI+"/ari"+path, nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth(d.settings.Asterisk.ARIUser, password)
	answer, err := d.http.Do(request)
	if err != nil {
		return fmt.Errorf("Asterisk does not answer at %s: start it (systemctl start ringfence-asterisk)", d.settings.Asterisk.ARI)
	}
	defer func() { _ = answer.Body.Close() }() // read below, as far as it matters
	switch answer.StatusCode {
	case http.StatusOK:
		return json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(into)
	case http.StatusUnauthorized:
		return errors.New("Asterisk refuses the password: restart it, so that it reads its configuration anew")
	case http.StatusNotFound:
		return errNotThere
	default:
		return fmt.Errorf("Asterisk answers %s", answer.Status)
	}
}

var errNotThere = errors.New("Asterisk does not know it")

// ARI looks whether Asterisk is running.
func (d *Doctor) ARI(ctx context.Context) Finding {
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
		Status struct {
			Startup string `json:"startup_time"`
		} `json:"status"`
	}
	err := d.ask(ctx, "/asterisk/info", &info)
	return Finding{Part: "Asterisk is running", Fine: "since " + info.Status.Startup, Err: err}
}

// sip tries the socket that phones and line talk to: Asterisk keeps running without it.
func (d *Doctor) sip(ctx context.Context) Finding {
	return Finding{Part: "calls can arrive", Fine: "at " + d.settings.Asterisk.SIP, Err: d.settings.Asterisk.CheckSIP(ctx)}
}

// Application looks whether the application is connected.
func (d *Doctor) Application(ctx context.Context) Finding {
	f := Finding{Part: "calls are screened", Fine: "the application is connected"}
	var app struct{}
	f.Err = d.ask(ctx, "/applications/"+d.settings.Asterisk.App, &app)
	if errors.Is(f.Err, errNotThere) {
		f.Err = errors.New("the application is not connected, so every call rings: start it (systemctl start ringfence)")
	}
	return f
}

// endpoint is what Asterisk says of a telephone or trunk.
func (d *Doctor) endpoint(ctx context.Context, name string) (state string, err error) {
	var e struct {
		State string `json:"state"`
	}
	err = d.ask(ctx, "/endpoints/PJSIP/"+name, &e)
	if errors.Is(err, errNotThere) {
		err = errors.New("Asterisk does not know it: restart Asterisk, so that it reads the settings anew")
	}
	return e.State, err
}

func (d *Doctor) line(ctx context.Context, t config.Trunk) Finding {
	f := Finding{Part: "line " + t.Name}
	state, err := d.endpoint(ctx, "trunk-"+t.Name)
	f.Fine, f.Err = "described, "+state, err
	if err != nil {
		return f
	}
	if t.Qualify && state == "offline" {
		f.Err = fmt.Errorf("%s does not answer: look whether it is switched on, and at its address", t.Address)
	}
	if t.Register {
		f.Fine, f.Err = d.registration(ctx, t)
	}
	return f
}

// registration asks Asterisk's console, because ARI does not know about registrations.
func (d *Doctor) registration(ctx context.Context, t config.Trunk) (string, error) {
	inst, err := asterisk.Find(ctx)
	if err != nil {
		return "", err
	}
	all, err := asterisk.Registrations(ctx, inst, d.settings.AsteriskFolder())
	if err != nil {
		return "", err
	}
	registered, known := all[t.Name]
	switch {
	case !known:
		return "", fmt.Errorf("Asterisk does not register at %s: restart it, so that it reads the settings anew", t.Address)
	case !registered:
		return "", fmt.Errorf("not registered at %s: look at user and password, and whether the internet is there", t.Address)
	default:
		return "registered at " + t.Address, nil
	}
}

func (d *Doctor) phone(ctx context.Context, h config.Household, p config.Phone) Finding {
	name := asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name})
	f := Finding{Part: "telephone " + name}
	state, err := d.endpoint(ctx, name)
	f.Fine, f.Err = state, err
	if err == nil && state == "offline" {
		f.Err = fmt.Errorf("it is not registered: look at its user name (%s), its password, and whether it is switched on%s", name, d.refused(time.Now()))
	}
	return f
}

// refused says which addresses are refused for wrong passwords, because one of them may be the phone's that cannot register. Nobody can tell
// whose they are, so the latest few are named.
func (d *Doctor) refused(now time.Time) string {
	const few = 3
	all, err := asterisk.ReadGuesses(d.settings.AsteriskFolder())
	if err != nil {
		return "" // it is only a hint
	}
	var said []string
	for _, one := range all {
		if one.Until.After(now) && len(said) < few {
			said = append(said, fmt.Sprintf("%s until %s", one.Address, one.Until.Local().Format("15:04")))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return ". Refused at the moment, for wrong names or passwords: " + strings.Join(said, ", ") + ". If the phone is there, correct its password and wait until then (docs/security.md)"
}

func (d *Doctor) weaknesses() []Finding {
	weaknesses, err := d.settings.Weaknesses()
	if err != nil || len(weaknesses) == 0 {
		return []Finding{{Part: "passwords", Fine: "none is easy to guess", Err: err}}
	}
	var found []Finding
	for _, w := range weaknesses {
		found = append(found, Finding{Part: "passwords", Err: errors.New(w.Sentence)})
	}
	return found
}
