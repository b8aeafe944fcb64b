// Package demo plays a day in a household's life with real calls, on a testbed (package testbed below), and tells what its softphones hear.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
)

// Options say where the demonstration plays.
type Options struct {
	Program string                // the ringfence binary
	Install asterisk.Installation // the Asterisk that is run
	Dir     string                // an empty folder; everything is written below it
	Out     io.Writer             // where it is told
	Log     io.Writer             // what Asterisk and the application say; nil: nowhere
	Stay    bool                  // everything stays up after the last scene, until ctx ends
	NoWords string                // why callers' words are not read on this machine, and what to do about it; "": they are
}

// Play plays a day in a household's life. An error means that a scene did not go as told, or that the demonstration was interrupted.
func Play(ctx context.Context, o Options) error {
	if _, err := fmt.Fprintf(o.Out, "Starting Asterisk %s and Ringfence on this machine's loopback, for two households, and a group's hub …\n", o.Install.Version); err != nil {
		return err
	}
	d := &demo{
		house: &house{out: o.Out, called: "the household", noWords: o.NoWords}, other: &house{out: o.Out, called: "the other household", where: "the other household: "}, dir: o.Dir,
	}
	phones := []testbed.Phone{{Name: "hall"}}
	if o.Stay {
		phones = append(phones, testbed.Phone{Name: "yours"}) // for whoever watches to register
	}
	err := d.open(ctx, phones, testbed.Options{Program: o.Program, Install: o.Install, Quiet: true, Log: o.Log, HoldReports: holdReports, Answers: true})
	if err == nil {
		err = d.play(ctx)
	}
	if err == nil && o.Stay {
		err = d.stayUp(ctx)
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted; everything has been stopped")
	}
	return errors.Join(err, d.close())
}

// demo is two households, and the hub of the group that they are in.
type demo struct {
	*house // in which nearly all of it takes place
	other  *house
	hub    *testbed.Hub
	dir    string
}

// open sets everything up. Call close even if it fails.
func (d *demo) open(ctx context.Context, phones []testbed.Phone, o testbed.Options) (err error) {
	houses := []struct {
		*house
		name   string
		phones []testbed.Phone
	}{{d.house, "home", phones}, {d.other, "other", []testbed.Phone{{Name: "hall"}}}}
	for _, h := range houses {
		o.Dir, o.Phones, o.Extra = filepath.Join(d.dir, h.name), h.phones, testbed.AtHome
		if h.house == d.house && d.noWords == "" {
			o.Extra += "[speech]\nreader = \"built-in\"\n"
		}
		if err := os.Mkdir(o.Dir, 0o700); err != nil {
			return err
		}
		if h.testbed, err = testbed.Open(ctx, o); err != nil {
			return err
		}
	}
	d.hub, err = testbed.OpenHub(ctx, testbed.HubOptions{Dir: d.dir, Program: o.Program, Name: "Great Dunmow", Log: o.Log})
	d.began = time.Now()
	d.other.began = d.began
	return err
}

// play plays the scenes one after another, up to the first that does not go as told.
func (d *demo) play(ctx context.Context) error {
	if err := d.prepare(ctx); err != nil {
		return err
	}
	if err := d.pages(ctx); err != nil {
		return err
	}
	scenes := append(d.firstScenes(),
		scene{"An unknown caller says that he is from Microsoft: the household presses 3", d.microsoft},
		scene{"He rings again, and never gets past the door", d.microsoftAgain},
		scene{"A robot with a withheld number doesn't answer the question, and is let go", d.robot},
		scene{"Ringfence itself is killed: the daughter's call still rings", d.killed},
		scene{"A community protects another household", d.community},
	)
	if err := d.playAll(ctx, scenes); err != nil {
		return err
	}
	return d.log(ctx)
}

// pages says how to follow the day in a browser, as the daughter does.
func (d *demo) pages(ctx context.Context) error {
	const daughter = "anna@example.org"
	if _, err := d.testbed.Command(ctx, "user", "add", daughter, "--name", "Anna Taylor", "--role", "owner"); err != nil {
		return err
	}
	said, err := d.testbed.Command(ctx, "user", "password", daughter, "--link")
	if err != nil {
		return err
	}
	_, link, _ := strings.Cut(said, "\n")
	_, err = fmt.Fprintf(d.out, "To watch it in a browser as the daughter would, open this address, once, choose a password, and sign in as %s:\n    %s\n", daughter, strings.TrimSpace(link))
	return err
}

// log shows the day as the household's carers will see it, once the last call is in it.
func (d *demo) log(ctx context.Context) error {
	if _, err := d.allLogged(ctx, 8); err != nil {
		return err
	}
	table, err := d.testbed.Command(ctx, "calls")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "\nThe day in the household's log (ringfence calls), the latest call first:\n\n%s\nEvery scene went as told.\n", table)
	return err
}

// stayUp leaves everything running until it is interrupted.
func (d *demo) stayUp(ctx context.Context) error {
	_, err := fmt.Fprintf(d.out, `
Everything stays up until Ctrl-C, the daughter's pages at http://%s, too. To be the household, register a softphone on this machine:
    server %s (UDP)   user home-yours   password %s
To ring the household, call from a softphone that doesn't register, at address %s, for instance with
    sipp -sn uac -i %s -s 02079460100 %s
or let your softphone's own number be that of a contact, and look at it with
    ringfence --config %s calls
The group's page is at http://%s
`, d.testbed.Web, d.testbed.SIP, d.testbed.Passwords["yours"], testbed.TrunkIP, testbed.TrunkIP, d.testbed.SIP, d.testbed.Settings, d.hub.Address)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// close ends what runs, by the ids with which it was started.
func (d *demo) close() error {
	if d.hub != nil {
		d.hub.Close()
	}
	return errors.Join(d.other.close(), d.house.close())
}

func (h *house) close() error {
	h.leave()
	if h.testbed == nil {
		return nil
	}
	return h.testbed.Close()
}
