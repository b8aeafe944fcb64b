// Command before makes the data folder and ringfence.toml beside it, as the Ringfence of 29 November 2026 (0.1.0, commit 03ef063) has made them:
// with real calls on a real Asterisk. TestAFolderFromBeforeTheUpgrade opens them with the Ringfence of today, so they are only ever added to: what
// a later version has to open is made by that version, in a folder of its own.
//
//	git worktree add /tmp/before 03ef063 && mkdir /tmp/before/cmd/ringfence/testdata
//	cp -r cmd/ringfence/testdata/before /tmp/before/cmd/ringfence/testdata/
//	cd /tmp/before && go run ./cmd/ringfence/testdata/before cmd/ringfence/testdata/before
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// Everybody in it. The numbers are Ofcom's for drama.
const (
	daughter  = "02079460001"
	neighbour = "02079460009"
	listed    = "01614960666"
	scammer   = "02079460999"
	carer     = "anna@example.org"
	password  = "walnut sofa kettle orbit"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // nothing is left to be cancelled
	}
}

func run(ctx context.Context, into string) (err error) {
	work, err := os.MkdirTemp("", "ringfence-before")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	program := filepath.Join(work, "ringfence")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/ringfence").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	install, err := asterisk.Find(ctx)
	if err != nil {
		return err
	}
	home := filepath.Join(work, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	b, err := testbed.Open(ctx, testbed.Options{Dir: home, Program: program, Install: install, Phones: []testbed.Phone{{Name: "hall"}}, Log: os.Stderr})
	if err != nil {
		return err
	}
	m := maker{ctx, b, work}
	if err := errors.Join(all(m.choose, m.calls), b.Close()); err != nil {
		return err
	}
	return errors.Join(m.settings(filepath.Join(into, "ringfence.toml")), pack(filepath.Join(into, "data.tar.gz"), filepath.Join(home, "data")))
}

type maker struct {
	ctx context.Context //nolint:containedctx // of this run
	*testbed.Testbed
	work string
}

// choose is what a family has set up.
func (m maker) choose() error {
	list := filepath.Join(m.work, "parish.csv")
	if err := os.WriteFile(list, []byte("number,note\n"+listed+",says that the computer has a virus\n"), 0o600); err != nil {
		return err
	}
	for _, command := range []string{
		"contact add Daughter " + daughter + " 07700900123", "contact add Surgery 01164960123", "block add 0909879 --prefix", "block add 02079460777 --note rude",
		"list import " + list + " --name parish", "schedule add mon-fri 22:00-07:00 quiet", "option ring-dialled on", "passcode add Ward 4071",
		"user add " + carer + " --name Anna --role owner", "user add ben@example.org --name Ben --role viewer",
	} {
		if _, err := m.Command(m.ctx, strings.Fields(command)...); err != nil {
			return err
		}
	}
	said, err := m.Command(m.ctx, "user", "password", carer, "--link")
	if err != nil {
		return err
	}
	link := said[strings.Index(said, "http://"):]
	link, _, _ = strings.Cut(link, "\n")
	r, err := http.NewRequestWithContext(m.ctx, http.MethodPost, strings.TrimSpace(link), strings.NewReader(url.Values{"new": {password}}.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://"+m.Web)
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("choosing a password: %s", answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

// calls are a contact, a stranger who leaves a message, a number on a list, and a scammer whom the household sends away and who is blocked then.
func (m maker) calls() error {
	hall, err := m.Telephone(m.ctx, "hall", nil)
	if err != nil {
		return err
	}
	defer func() { _ = hall.Close() }() // its calls are over
	for _, from := range []string{daughter, neighbour, listed, scammer} {
		if err := m.call(hall, from); err != nil {
			return fmt.Errorf("the call from %s: %w", from, err)
		}
	}
	for ended := 0; ended < 4; time.Sleep(100 * time.Millisecond) { // by another process
		log, err := m.Command(m.ctx, "calls", "--json")
		if err != nil {
			return err
		}
		ended = strings.Count(log, `"ended":"`)
	}
	return nil
}

func (m maker) call(hall *softphone.Phone, from string) error {
	caller, err := m.Caller("caller", nil)
	if err != nil {
		return err
	}
	defer func() { _ = caller.Close() }() // the same
	out, err := m.Dial(m.ctx, caller, softphone.CallerID{Number: from})
	if err != nil {
		return err
	}
	asked := []string{"hears ask-name", "hears beep"}
	switch from {
	case daughter:
		in, err := m.picksUp(hall)
		if err != nil {
			return err
		}
		return all(m.does(in, "says hello"), m.does(out, "hears hello", "hangs up"), m.does(in, "ends"))
	case neighbour:
		return all(m.does(out, append(asked, "says neighbour")...), m.announced(hall, "2"),
			m.does(out, "hears not-now", "hears leave-message", "hears beep", "says leaves-message", "presses #", "hears message-kept", "ends"))
	case scammer:
		return all(m.does(out, append(asked, "says microsoft")...), m.announced(hall, "3"), m.does(out, "hears inspection", "ends"))
	default:
		return all(m.does(out, "hears inspection", "ends"))
	}
}

// all does one thing after another, up to the first that fails.
func all(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (m maker) picksUp(hall *softphone.Phone) (*softphone.Call, error) {
	in, err := hall.Rings(m.ctx)
	if err != nil {
		return nil, err
	}
	return in, in.Answer(m.ctx)
}

// announced is a call that the household hears of, and for which it presses a key.
func (m maker) announced(hall *softphone.Phone, key string) func() error {
	return func() error {
		in, err := m.picksUp(hall)
		if err != nil {
			return err
		}
		return m.does(in, "hears call-from", "hears choices", "presses "+key, "ends")()
	}
}

// does is one thing after another that somebody on the phone does.
func (m maker) does(call *softphone.Call, what ...string) func() error {
	return func() error {
		for _, one := range what {
			if err := m.doesOne(call, one); err != nil {
				return fmt.Errorf("%s: %w", one, err)
			}
		}
		return nil
	}
}

func (m maker) doesOne(call *softphone.Call, what string) (err error) {
	switch verb, of, _ := strings.Cut(what, " "); verb {
	case "hears":
		_, err = call.HearsOut(m.ctx, of)
	case "says":
		voice, unknown := softphone.Voice(of)
		if unknown != nil {
			return unknown
		}
		err = call.Say(m.ctx, voice)
	case "presses":
		// A key may end the call before it is let go.
		if err = call.Press(m.ctx, of); err != nil && strings.Contains(err.Error(), "the call is over") {
			err = nil
		}
	case "hangs":
		err = call.Hangup(m.ctx)
	case "ends":
		_, err = call.Ended(m.ctx)
	}
	return err
}

// settings writes ringfence.toml as a household on the usual ports has it. Its calls are never too old to be kept.
func (m maker) settings(to string) error {
	text, err := os.ReadFile(m.Settings)
	if err != nil {
		return err
	}
	usual := strings.NewReplacer(m.Dir+"/data", "/var/lib/ringfence", m.SIP, "127.0.0.1:5060", m.ARI, "127.0.0.1:8088", m.Web, "127.0.0.1:8080", m.Provider, "192.0.2.10:5060")
	return os.WriteFile(to, []byte("keep_days = 36500\n"+usual.Replace(string(text))), 0o644) //nolint:gosec // it is for the repository
}

// pack writes a data folder, without Asterisk's configuration and sounds, which are written again at each start.
func pack(to, data string) (err error) {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	zipped := gzip.NewWriter(f)
	all := tar.NewWriter(zipped)
	defer func() { err = errors.Join(err, all.Close(), zipped.Close(), f.Close()) }()
	return filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		switch {
		case name == "asterisk":
			return fs.SkipDir
		case d.IsDir():
			return all.WriteHeader(&tar.Header{Name: name + "/", Typeflag: tar.TypeDir, Mode: 0o700})
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		err = all.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))})
		if err == nil {
			_, err = all.Write(content)
		}
		return err
	})
}
