package main

import (
	"context"
	"errors"
	"io"
	"os"

	"ringfence/asterisk"
	"ringfence/demo"
	"ringfence/speech/modelfiles"
)

type demoCmd struct {
	Exit    bool `help:"End after the last scene; the exit code says whether every scene went as narrated."`
	Verbose bool `help:"Show what Asterisk and the application say, too."`
}

func (demoCmd) Help() string {
	return "Sets up a whole Ringfence on this machine's loopback, with an Asterisk of its own, and plays a day in a household's\n" +
		"life with real SIP calls. Nothing leaves the machine. Without --exit everything stays up afterwards, and it says how to\n" +
		"ring it with a softphone of your own.\n\nExample:\n\n    ringfence demo --exit"
}

func (c demoCmd) Run(ctx context.Context, p *program) error {
	inst, err := asterisk.Install(ctx, p.err)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ringfence-demo")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var log io.Writer
	if c.Verbose {
		log = p.err
	}
	return demo.Play(ctx, demo.Options{Program: self, Install: inst, Dir: dir, Out: p.out, Log: log, Stay: !c.Exit, NoWords: noWords()})
}

// noWords says why callers' words are not read on this machine, and what to do about it; "" means that they are.
func noWords() string {
	switch _, err := modelfiles.Find(); {
	case errors.Is(err, modelfiles.ErrMissing):
		return "to see his words as text, and a warning of them, install speech recognition before the demonstration: `ringfence speech install`"
	case err != nil:
		return err.Error()
	}
	return ""
}
