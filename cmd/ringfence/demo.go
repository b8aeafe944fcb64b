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
	Exit    bool `help:"Stop after the last scene. The exit code says whether every scene worked."`
	Verbose bool `help:"Also show the logs of Asterisk and Ringfence."`
}

func (demoCmd) Help() string {
	return help("Sets up Ringfence on this machine's loopback, with an Asterisk of its own, and plays a day in a household's life with real "+
		"SIP calls. Nothing leaves the machine. Without --exit everything stays up afterwards, and it says how to ring it with your "+
		"own softphone.",
		"ringfence demo --exit")
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
