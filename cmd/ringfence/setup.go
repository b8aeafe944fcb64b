package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ringfence/config"
	"ringfence/setup"
)

type setupCmd struct {
	Answers string `help:"Ask nothing: take the answers from this file, one a line, such as number = \"020 7946 0100\"." placeholder:"FILE"`
	NoCall  bool   `help:"Skip the checks and the test call."`
	// NoSearch is for tests, which send nothing into a network that is not theirs.
	NoSearch bool `help:"Don't look for a FRITZ!Box in the home network."`
}

func (setupCmd) Help() string {
	return help("Asks how the line reaches the house, for its number and its phones. It makes every password, writes the settings, checks "+
		"everything, and has you ring the line from a mobile.\n\n"+
		"You can run it again: it suggests what is set now, and keeps comments and your own changes. Ringfence and Asterisk follow by "+
		"themselves, and calls go on.",
		"sudo ringfence setup",
		"sudo ringfence setup --answers answers.toml")
}

func (c setupCmd) Run(ctx context.Context, p *program) (err error) {
	s, err := p.settings()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s can't be read by this user: run `sudo ringfence setup`", p.Config)
	case err != nil && !errors.Is(err, config.ErrNoHousehold):
		return err
	}
	if err := setup.CheckWritable(s.File); err != nil {
		return err
	}
	release, err := setup.Claim(s.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	m, err := setup.Look(s)
	if err != nil {
		return err
	}
	asker := &asker{program: p, lines: bufio.NewReader(p.in)}
	answers, readyLists := setup.Answers(nil), []string(nil)
	if c.Answers != "" {
		answers, readyLists, err = asker.fromFile(m, c.Answers)
	} else {
		if !c.NoSearch {
			asker.say("Looking for a FRITZ!Box in the home network…")
			m.Router = setup.FindRouter(ctx)
		}
		answers, err = asker.ask(ctx, m)
	}
	if err != nil {
		return err
	}
	if err := asker.makeRouterPhone(ctx, answers); err != nil {
		return err
	}
	written, err := m.Write(answers)
	if err != nil {
		return err
	}
	asker.say("The settings are in " + written.File + ".")
	done, err := setup.Logins(written, answers)
	if err != nil {
		return err
	}
	asker.tell(done)
	if c.Answers == "" {
		if err := asker.serveAdapter(ctx, done); err != nil {
			return err
		}
	}
	if err := asker.readyLists(ctx, written, readyLists); err != nil || c.NoCall {
		return err
	}
	return asker.tryOut(ctx, written, answers["wiring"], c.Answers == "")
}
