package main

import (
	"context"
	"log/slog"
	"time"

	"ringfence/app"
)

type serveCmd struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info"`
	// HoldReports is for the demonstration and the tests, which cannot wait for an hour.
	HoldReports time.Duration `hidden:"" default:"1h"`
	// CPUProfile is for "make profile", which writes what the compiler optimises the program by.
	CPUProfile string `hidden:""`
}

func (serveCmd) Help() string {
	return "Connects to Asterisk and takes its calls until it is told to stop. While it is away, Asterisk rings the\n" +
		"household by itself.\n\nExample: ringfence serve --config /etc/ringfence/ringfence.toml"
}

func (c serveCmd) Run(ctx context.Context, p *program) error {
	p.boundHeap(serveHeap)
	s, err := p.settings()
	if err != nil {
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
	return app.Serve(ctx, app.Options{Settings: s, HoldReports: c.HoldReports, Out: p.out, Log: app.NewLog(p.err, c.LogLevel)}, p.settings)
}
