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
	return help("Connects to Asterisk and handles its calls until you stop it. While it isn't running, Asterisk rings the phones by itself.\n\n"+
		"Before the first setup it says where to do that, and starts afterwards. It follows when the settings change; if they "+
		"are wrong, it keeps the ones before.",
		"ringfence serve --config /etc/ringfence/ringfence.toml")
}

func (c serveCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(serveHeap)
	log := app.NewLog(p.err, c.LogLevel)
	s, err := app.ReadSettings(ctx, p.Config, p.Data, log)
	if err != nil && !errors.Is(err, config.ErrNoHousehold) { // without one, it waits for the set-up
		return err
	}
	if err := app.RefuseWeaknesses(s); err != nil {
		return err
	}
	if c.CPUProfile != "" {
		stop, err := profile(c.CPUProfile)
		if err != nil {
			return err
		}
		defer stop()
	}
	return app.Serve(ctx, app.Options{Settings: s, HoldReports: c.HoldReports, Door: c.Door, Program: p.self, Out: p.out, Log: log}, p.settings)
}
