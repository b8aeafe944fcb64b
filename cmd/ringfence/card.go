package main

import (
	"context"
	"fmt"
	"os"

	"ringfence/app"
	"ringfence/app/card"
)

type cardCmd struct {
	File string `arg:"" optional:"" help:"The file to write; without it, standard output."`
}

func (cardCmd) Help() string {
	return help("Writes a card in large type for the wall by the phone. The front has the four keys for an announced call. The back has "+
		"everything else you can press or dial. Open it in a browser, and print it on A5 or A4.",
		"ringfence card card.html")
}

func (c cardCmd) Run(ctx context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	s, err = app.ChosenRegions(ctx, s)
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: %s\n", err)
	}
	h, err := p.household(s)
	if err != nil {
		return err
	}
	page, err := card.Page(h)
	if err != nil {
		return err
	}
	if c.File == "" {
		_, err := fmt.Fprint(p.out, page)
		return err
	}
	if err := os.WriteFile(c.File, []byte(page), 0o644); err != nil {
		return fmt.Errorf("the card cannot be written: %w", err)
	}
	return p.say("The card is in %s: open it in a browser and print it.", c.File)
}
