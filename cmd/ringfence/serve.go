package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ringfence/app"
	"ringfence/config"
)

type serveCmd struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info"`
	// HoldReports is for the demonstration and the tests, which cannot wait for an hour.
	HoldReports time.Duration `hidden:"" default:"1h"`
	// Door is for tests, which open nothing to a network that is not theirs.
	Door string `hidden:"" default:":8443"`
	// CPUProfile is for "make profile", which writes what the compiler optimises the program by.
	CPUProfile string `hidden:""`
}

func (serveCmd) Help() string {
	return "Connects to Asterisk and takes its calls until it is told to stop. While it is away, Asterisk rings the\n" +
		"household by itself. Before anything is set up it says where to do that, and begins once it is done. When the settings\n" +
		"change it goes on with the new ones; settings that are wrong are refused, and the ones before hold.\n\nExample:\n\n    ringfence serve --config /etc/ringfence/ringfence.toml"
}

func (c serveCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(serveHeap)
	s, err := p.settings()
	if err != nil && !errors.Is(err, config.ErrNoHousehold) { // without one, it waits for the set-up
		return err
	}
	if err := app.RefuseWeaknesses(s, p.err); err != nil {
		return err
	}
	if c.CPUProfile != "" {
		stop, err := profile(c.CPUProfile)
		if err != nil {
			return err
		}
		defer stop()
	}
	return app.Serve(ctx, app.Options{Settings: s, HoldReports: c.HoldReports, Door: c.Door, Program: p.self, Out: p.out, Log: app.NewLog(p.err, c.LogLevel)}, p.settings)
}
