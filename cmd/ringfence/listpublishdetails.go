package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/sharing/list"
)

// region is that of the household in the settings, for a command that may have none.
func (p *program) region() (string, error) {
	s, err := p.settings()
	if err != nil {
		return "", usagef("say for whose lines the list is, with --region GB, for instance: %s", err)
	}
	h, err := p.household(s)
	return h.Region, err
}

// before is the list that is in the folder already, if there is one.
func (c listPublishCmd) before(key minisign.PrivateKey) (list.Manifest, error) {
	public, _ := key.Public().(minisign.PublicKey)
	m, err := list.OpenDir(c.Dir, public, list.DefaultLimits())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, list.ErrSignature) {
		return list.Manifest{}, nil // Publish knows more of it
	}
	return m, err
}

// details are what the manifest says about the list: from the command, or from the last time.
func (c listPublishCmd) details(before list.Manifest, region func() (string, error)) (list.Manifest, error) {
	m := list.Manifest{Serial: c.Serial, Made: time.Now(), ValidUntil: time.Now().AddDate(0, 0, c.Days)}
	for _, fact := range []struct {
		option         string
		to             *string
		now, last, say string
	}{
		{"name", &m.Name, c.Name, before.Name, "what people call the list"},
		{"publisher", &m.Publisher, c.Publisher, before.Publisher, "who answers for the list"},
		{"purpose", &m.Purpose, c.Purpose, before.Purpose, "what the list is for"},
		{"licence", &m.Licence, c.Licence, before.Licence, "what may be done with the list"},
		{"contact", &m.Contact, c.Contact, before.Contact, "where you can be reached"},
		{"appeals", &m.Appeals, c.Appeals, before.Appeals, "where the owner of a wrongly listed number can have it taken off"},
	} {
		if *fact.to = fact.now; fact.now == "" {
			*fact.to = fact.last
		}
		if *fact.to == "" {
			return m, usagef("say %s, with --%s; this once", fact.say, fact.option)
		}
	}
	var err error
	if m.Region = c.Region; m.Region == "" {
		m.Region = before.Region
	}
	if m.Region == "" {
		if m.Region, err = region(); err != nil {
			return m, err
		}
	}
	return m, screening.ValidRegion(m.Region)
}

func said(done list.Published, before list.Manifest) string {
	m := done.Manifest
	text := fmt.Sprintf("The list %s is published with serial %d: %s, valid until %s.", m.Name, m.Serial, counted(m.Entries, "number", "numbers"),
		clock{time.Now()}.day(m.ValidUntil))
	if before.Serial != 0 {
		text += fmt.Sprintf(" It has %s since serial %d.", counted(done.Changed, "change", "changes"), before.Serial)
	}
	if done.Refused > 0 {
		text += fmt.Sprintf(" Left out, because they may be on no list: %s.", counted(done.Refused, "number", "numbers"))
	}
	return text
}

func (c listPublishCmd) fromFile(ctx context.Context, p *program, key minisign.PrivateKey, m, before list.Manifest) (string, error) {
	file := io.NopCloser(p.in)
	if c.From != "-" {
		opened, err := os.Open(c.From)
		if err != nil {
			return "", fmt.Errorf("the numbers cannot be read: %w", err)
		}
		file = opened
	}
	defer func() { _ = file.Close() }() // only read
	read := &forms.Import{Region: m.Region, Columns: c.Column, AllRows: c.AllRows, Certain: true}
	progress := newProgress(p.err, file)
	said, err := c.publish(ctx, p, key, m, before, read.Entries(io.TeeReader(file, progress)))
	progress.end()
	if err != nil {
		return "", sayWhich(c.From, err)
	}
	p.sayColumns(read.Choice)
	printRefusals(p, "", read.Refusals, read.Refused, "line", "lines")
	if read.Refused > 0 {
		said += " Of " + c.From + " " + counted(read.Refused, "line was", "lines were") + " refused."
	}
	return said, nil
}
