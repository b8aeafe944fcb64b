package main

import (
	"context"
	"errors"
	"log/slog"

	"ringfence/app/hubserver"
)

type hubServeCmd struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info"`
}

func (hubServeCmd) Help() string {
	return help("Runs until you stop it. It listens on this machine alone, unless hub.toml says otherwise.",
		"ringfence hub serve --dir /var/lib/ringfence-hub")
}

func (c hubServeCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	s, db, err := hubserver.Open(ctx, h.Dir)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: c.LogLevel}))
	return errors.Join(hubserver.Serve(ctx, s, db, log), db.Close())
}
