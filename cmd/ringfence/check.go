package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"ringfence/app/doctor"
	"ringfence/config"
)

type checkCmd struct {
	Only string `help:"Check one part alone: asterisk, application or settings." enum:",asterisk,application,settings" default:"" placeholder:"PART"`
	JSON bool   `name:"json" help:"Print one JSON object, for programs (docs/check.md)."`
	Call bool   `help:"Also ring this machine's own Asterisk, and listen both ways. No phone rings."`
}

func (checkCmd) Help() string {
	return help("Checks every part, one line each, and says what to type where something is wrong. The exit code is 1 if something is. As root "+
		"(sudo) it sees everything. Speech recognition and a language model have to read something, if they are set up.\n\n"+
		"With --call it also rings Asterisk from this machine. That takes about five seconds, and shows that calls are answered, "+
		"recordings play, and sound gets through both ways. No phone rings, nothing goes out on the line, and the call isn't "+
		"logged.",
		"sudo ringfence check --call")
}

func (c checkCmd) Run(ctx context.Context, p *program) error {
	found := c.look(ctx, p)
	if c.JSON {
		return p.reportJSON(found)
	}
	return p.report(found)
}

func (c checkCmd) look(ctx context.Context, p *program) []doctor.Finding {
	s, err := p.settings()
	if err != nil {
		text, unreadable := os.ReadFile(p.Config)
		if unreadable != nil {
			help := "sudo ls -l " + config.ShellQuoted(p.Config)
			switch {
			case errors.Is(unreadable, fs.ErrNotExist):
				help = "sudo ringfence setup"
			case errors.Is(unreadable, fs.ErrPermission) && os.Geteuid() != 0:
				help = "sudo ringfence check"
			}
			return []doctor.Finding{{Check: "settings", Part: "settings", State: doctor.Failed, Text: err.Error(), Type: help}}
		}
		return doctor.SettingsFindings(config.Check(text, p.Config, p.Data))
	}
	d := doctor.New(s)
	switch c.Only {
	case "asterisk":
		return []doctor.Finding{d.ARI(ctx)}
	case "application":
		return []doctor.Finding{d.ARI(ctx), d.Application(ctx)}
	case "settings":
		return d.Settings()
	}
	found := append(append(d.Everything(ctx), p.checkSpeech(ctx, s)), p.checkOpinion(ctx, s.Speech)...)
	if c.Call {
		found = append(found, callOurselves(ctx, s, d.AsteriskLog()))
	}
	return found
}

// signs are how a line begins.
var signs = map[doctor.State]string{doctor.OK: "ok", doctor.Warning: "warn", doctor.Failed: "FAIL", doctor.Skipped: "--"}

// report writes the findings, and fails where one does.
func (p *program) report(found []doctor.Finding) error {
	for _, f := range found {
		line := fmt.Sprintf("%-5s %-22s %s", signs[f.State], f.Part, f.Text)
		fmt.Fprintln(p.out, wrap(line, p.width(), 29))
		if f.Type != "" {
			fmt.Fprintf(p.out, "%-28s type: %s\n", "", f.Type)
		}
	}
	fmt.Fprintf(p.out, "\n%s\n", doctor.Summary(found))
	if !doctor.Sound(found) {
		return errSaid
	}
	return nil
}

// checkJSON is what --json prints (docs/check.md).
type checkJSON struct {
	OK      bool             `json:"ok"`
	Summary string           `json:"summary"`
	Checks  []doctor.Finding `json:"checks"`
}

// reportJSON writes them for programs.
func (p *program) reportJSON(found []doctor.Finding) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(checkJSON{OK: doctor.Sound(found), Summary: doctor.Summary(found), Checks: found})
	if err == nil && !doctor.Sound(found) {
		return errSaid
	}
	return err
}
