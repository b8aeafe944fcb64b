package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"ringfence/asterisk"
	"ringfence/prompts"
	"ringfence/store"
)

type checkCmd struct {
	Only string `help:"Check one part alone: asterisk or application." enum:",asterisk,application" default:""`
}

func (checkCmd) Help() string {
	return "Looks at every part of an installation, one line each, and ends with 1 if one fails.\n\nExample: ringfence check"
}

// finding is what a check has found: the part, and what is wrong with it, or what it is like.
type finding struct {
	part string
	fine string
	err  error
}

func (c checkCmd) Run(ctx context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return p.report([]finding{{part: "settings", err: err}})
	}
	d := &doctor{settings: s, http: &http.Client{Timeout: 5 * time.Second}}
	switch c.Only {
	case "asterisk":
		return p.report([]finding{d.ari(ctx)})
	case "application":
		return p.report([]finding{d.ari(ctx), d.application(ctx)})
	}
	found := []finding{
		{part: "settings", fine: fmt.Sprintf("%s (%s)", p.Config, s.householdNames())},
		d.folder(), d.disk(), d.database(ctx), d.program(ctx), d.prompts(), d.ari(ctx), d.sip(ctx), d.application(ctx),
		d.pages(ctx),
	}
	found = append(found, d.doors()...)
	for _, t := range s.Trunks {
		found = append(found, d.line(ctx, t))
	}
	for _, h := range s.Households {
		for _, phone := range h.Phones {
			found = append(found, d.phone(ctx, h, phone))
		}
	}
	return p.report(found)
}

// report writes the findings, and fails where one does.
func (p *program) report(found []finding) error {
	failed := false
	for _, f := range found {
		if f.err != nil {
			failed = true
			fmt.Fprintf(p.out, "FAIL  %-22s %s\n", f.part, f.err)
			continue
		}
		fmt.Fprintf(p.out, "ok    %-22s %s\n", f.part, f.fine)
	}
	if failed {
		return errSaid
	}
	return nil
}

// doctor looks at the parts.
type doctor struct {
	settings settings
	http     *http.Client
}

func (d *doctor) folder() finding {
	f := finding{part: "data folder", fine: d.settings.Data}
	info, err := os.Stat(d.settings.Data)
	switch {
	case err != nil:
		f.err = fmt.Errorf("%w: `ringfence asterisk config` makes it", err)
	case info.Mode().Perm()&0o077 != 0:
		f.err = fmt.Errorf("others on this machine can look into %s: chmod 700 it", d.settings.Data)
	}
	return f
}

// spare is how much disk there should be: days of messages, and room for SQLite to work.
const spare = 200 << 20

func (d *doctor) disk() finding {
	f := finding{part: "disk"}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.settings.Data, &fs); err != nil {
		f.err = fmt.Errorf("cannot be looked at: %w", err)
		return f
	}
	free := fs.Bavail * uint64(fs.Bsize)
	f.fine = fmt.Sprintf("%d MB free", free>>20)
	if free < spare {
		f.err = fmt.Errorf("only %d MB are free: delete something, or calls can soon no longer be recorded", free>>20)
	}
	return f
}

func (d *doctor) database(ctx context.Context) finding {
	f := finding{part: "database"}
	db, err := d.settings.open(ctx)
	if err != nil {
		f.err = err
		return f
	}
	contacts, numbers := 0, 0
	for _, h := range d.settings.Households {
		people, err := db.Contacts(ctx, h.Name)
		lists, err2 := db.Lists(ctx, h.Name)
		f.err = errors.Join(f.err, err, err2)
		contacts += len(people)
		for _, l := range lists {
			numbers += l.Entries
		}
	}
	f.fine = fmt.Sprintf("%d contacts, %d numbers on lists, %s", contacts, numbers, newestBackup(d.settings.Data))
	if f.err == nil {
		f.err = db.Verify(ctx)
	}
	if f.err == nil {
		f.err = rescuedLately(d.settings.Data)
	}
	f.err = errors.Join(f.err, db.Close())
	return f
}

func newestBackup(data string) string {
	all, err := store.DailyBackups(data, time.Now())
	if err != nil || len(all) == 0 {
		return "no backup made by itself yet"
	}
	return "newest backup made by itself on " + all[0].Made.Local().Format("2 January at 15:04")
}

// rescuedLately is an error for as long as somebody has not looked at what was set aside.
func rescuedLately(data string) error {
	r, found, err := store.LastRescue(data)
	if err != nil || !found {
		return err
	}
	return fmt.Errorf("%s (%s) What was damaged is in %s: delete that folder once all is well", r.Sentence(), r.At.Local().Format("2 January at 15:04"), r.Folder)
}

func (d *doctor) program(ctx context.Context) finding {
	inst, err := asterisk.Find(ctx)
	return finding{part: "Asterisk", fine: fmt.Sprintf("%s (%s)", inst.Version, inst.Origin), err: err}
}

func (d *doctor) prompts() finding {
	return finding{part: "prompts", fine: fmt.Sprintf("%d phrases in %s", len(prompts.All), strings.Join(prompts.Languages(), ", "))}
}

// ask asks ARI for something and reads its answer.
func (d *doctor) ask(ctx context.Context, path string, into any) error {
	password, err := d.settings.ariPassword(false)
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

func (d *doctor) ari(ctx context.Context) finding {
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
		Status struct {
			Startup string `json:"startup_time"`
		} `json:"status"`
	}
	err := d.ask(ctx, "/asterisk/info", &info)
	return finding{part: "Asterisk is running", fine: "since " + info.Status.Startup, err: err}
}

// sip asks for the socket that telephones and line talk to: Asterisk runs on without one.
func (d *doctor) sip(ctx context.Context) finding {
	return finding{part: "calls can arrive", fine: "at " + d.settings.Asterisk.SIP, err: d.settings.Asterisk.checkSIP(ctx)}
}

func (d *doctor) application(ctx context.Context) finding {
	f := finding{part: "calls are screened", fine: "the application is connected"}
	var app struct{}
	f.err = d.ask(ctx, "/applications/"+d.settings.Asterisk.App, &app)
	if errors.Is(f.err, errNotThere) {
		f.err = errors.New("the application is not connected, so every call rings: start it (systemctl start ringfence)")
	}
	return f
}

// endpoint is what Asterisk says of a telephone or trunk.
func (d *doctor) endpoint(ctx context.Context, name string) (state string, err error) {
	var e struct {
		State string `json:"state"`
	}
	err = d.ask(ctx, "/endpoints/PJSIP/"+name, &e)
	if errors.Is(err, errNotThere) {
		err = errors.New("Asterisk does not know it: restart Asterisk, so that it reads the settings anew")
	}
	return e.State, err
}

func (d *doctor) line(ctx context.Context, t trunkSettings) finding {
	f := finding{part: "line " + t.Name}
	state, err := d.endpoint(ctx, "trunk-"+t.Name)
	f.fine, f.err = "described, "+state, err
	if err != nil {
		return f
	}
	if t.Qualify && state == "offline" {
		f.err = fmt.Errorf("%s does not answer: look whether it is switched on, and at its address", t.Address)
	}
	if t.Register {
		f.fine, f.err = d.registration(ctx, t)
	}
	return f
}

// registration asks Asterisk's console, because ARI does not tell of registrations.
func (d *doctor) registration(ctx context.Context, t trunkSettings) (string, error) {
	inst, err := asterisk.Find(ctx)
	if err != nil {
		return "", err
	}
	all, err := registrations(ctx, inst, d.settings.asteriskDir())
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

// registrations tells of each trunk that registers, by its name, whether it is registered.
func registrations(ctx context.Context, inst asterisk.Installation, dir string) (map[string]bool, error) {
	out, err := asterisk.Console(ctx, inst, dir, "pjsip show registrations")
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, line := range strings.Split(out, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		endpoint, _, found := strings.Cut(words[0], "/")
		if name, trunk := strings.CutPrefix(endpoint, "trunk-"); found && trunk {
			all[name] = slices.Contains(words, "Registered")
		}
	}
	return all, nil
}

func (d *doctor) phone(ctx context.Context, h householdSettings, p phoneSettings) finding {
	name := asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name})
	f := finding{part: "telephone " + name}
	state, err := d.endpoint(ctx, name)
	f.fine, f.err = state, err
	if err == nil && state == "offline" {
		f.err = fmt.Errorf("it is not registered: look at its user name (%s), its password, and whether it is switched on", name)
	}
	return f
}
