package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/forms"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

type listKeyCmd struct {
	File         string `arg:"" help:"Where to write the secret key; the public one goes beside it, with .pub."`
	PasswordFile string `help:"Encrypt the secret key with the password in this file. Whoever publishes by a timer leaves it out." placeholder:"FILE"`
}

func (listKeyCmd) Help() string {
	return "A list is signed, so that those who subscribe to it know that nobody else has changed it. The keys are those of the minisign\n" +
		"command, which can make and use them too. Keep a copy of the secret key: without it the list cannot go on.\n\n" +
		"Example: ringfence list key /etc/ringfence/parish.key"
}

func (c listKeyCmd) Run(p *program) error {
	password, err := passwordIn(c.PasswordFile)
	if err != nil {
		return err
	}
	public, err := list.WriteKeys(c.File, password)
	if err != nil {
		return fmt.Errorf("the keys cannot be written: %w", err)
	}
	return p.say("The secret key is in %s: keep a copy of it in a safe place, and show it to nobody.\n"+
		"This is the public key, for those who subscribe; it is in %s.pub too:\n%s", c.File, c.File, public)
}

// passwordIn reads the password of a key; "" for no file.
func passwordIn(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the password cannot be read: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", fmt.Errorf("there is no password in %s", file)
	}
	return password, nil
}

type listPublishCmd struct {
	Dir          string `arg:"" help:"The folder that a web server serves; it is made where it is not there."`
	Key          string `help:"The secret key: \"ringfence list key\" makes one." required:"" placeholder:"FILE"`
	PasswordFile string `help:"A file with the password of the secret key, if it has one." placeholder:"FILE"`
	From         string `help:"A file with the numbers, in any form that \"list import\" knows; - is standard input." placeholder:"FILE" xor:"source" required:""`
	List         string `help:"A list of this household, instead of a file." placeholder:"NAME" xor:"source" required:""`
	Protected    string `help:"A file with numbers that never go out, one a line, and whose they are." placeholder:"FILE"`

	Name      string `help:"What people call the list."`
	Publisher string `help:"Who answers for it."`
	Purpose   string `help:"What it is for, and what comes onto it."`
	Licence   string `help:"What may be done with it, such as CC0-1.0."`
	Contact   string `help:"A web or an e-mail address of the publisher."`
	Appeals   string `help:"Where the owner of a wrongly listed number can have it taken off: a web or an e-mail address."`
	Region    string `help:"For whose lines it is, such as GB; without it, that of this machine's household."`

	Days   int   `help:"For how many days it is valid: from then on it only warns." default:"30"`
	Serial int64 `help:"Its serial, where it has to be another than the next one: after a folder was lost, for instance." placeholder:"N"`
}

func (listPublishCmd) Help() string {
	return "Writes the list as signed files that any web server can serve (sharing/FORMAT.md), and what has changed since the last times. What is\n" +
		"said of the list (--name to --region) is said once: the next time it is taken from what is in the folder. Numbers that may be on no list\n" +
		"are named and left out. Publish again before its days are over, and whenever the numbers change.\n\n" +
		"Example: ringfence list publish /var/www/list --key parish.key --from scams.csv --protected ours.txt --name \"Great Dunmow\" \\\n" +
		"           --publisher \"The parish council\" --purpose \"Callers who defraud people in the parish\" --licence CC0-1.0 \\\n" +
		"           --contact https://parish.example/scams --appeals appeals@parish.example\n" +
		"         ringfence list publish /var/www/list --key parish.key --from scams.csv --protected ours.txt"
}

func (c listPublishCmd) Run(ctx context.Context, p *program) error {
	password, err := passwordIn(c.PasswordFile)
	if err != nil {
		return err
	}
	key, err := list.ReadKey(c.Key, password)
	if err != nil {
		return err
	}
	if c.Days < 1 || c.Days > 366 {
		return usagef("--days is %d: a list is valid for 1 to 366 days", c.Days)
	}
	before, err := c.before(key)
	if err != nil {
		return err
	}
	if c.List != "" {
		return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
			m, err := c.facts(before, func() (string, error) { return h.Region, nil })
			if err != nil {
				return err
			}
			entries, err := db.Lists.Entries(ctx, h.Name, c.List, int(list.DefaultLimits().Entries))
			if err != nil {
				return err
			}
			said, err := c.publish(ctx, p, key, m, before, func(yield func(lists.Entry, error) bool) {
				for _, e := range entries {
					if !yield(e, nil) {
						return
					}
				}
			})
			if err != nil {
				return err
			}
			return p.did(ctx, db, h.Name, "list-published", "%s", said)
		})
	}
	m, err := c.facts(before, p.region)
	if err != nil {
		return err
	}
	said, err := c.fromFile(ctx, p, key, m, before)
	if err != nil {
		return err
	}
	return p.say("%s", said)
}

// region is that of the household in the settings, for a command that may have none.
func (p *program) region() (string, error) {
	s, err := p.settings()
	if err != nil {
		return "", usagef("say for whose lines the list is, with --region GB, for instance: %s", err)
	}
	h, err := p.household(s)
	return h.Region, err
}

// before is the list that is in the folder already.
func (c listPublishCmd) before(key minisign.PrivateKey) (list.Manifest, error) {
	public, _ := key.Public().(minisign.PublicKey)
	m, err := list.OpenDir(c.Dir, public, list.DefaultLimits())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, list.ErrSignature) {
		return list.Manifest{}, nil // Publish knows more of it
	}
	return m, err
}

// facts are what is said of the list: now, or the last time.
func (c listPublishCmd) facts(before list.Manifest, region func() (string, error)) (list.Manifest, error) {
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
	read := &forms.Import{Region: m.Region}
	progress := newProgress(p.err, file)
	said, err := c.publish(ctx, p, key, m, before, read.Entries(io.TeeReader(file, progress)))
	progress.end()
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.From, err)
	}
	p.name(read.Refusals, read.Refused, "lines")
	if read.Refused > 0 {
		said += fmt.Sprintf(" %d lines of %s were refused.", read.Refused, c.From)
	}
	return said, nil
}

// name names what was refused, as far as it is not too much to read.
func (p *program) name(refusals []sharing.Refusal, all int, what string) {
	for _, r := range refusals[:min(len(refusals), shownRefusals)] {
		fmt.Fprintf(p.err, "%s\n", r)
	}
	if more := all - shownRefusals; more > 0 {
		fmt.Fprintf(p.err, "and %d more %s\n", more, what)
	}
}

// publish publishes, and says what it has done.
func (c listPublishCmd) publish(ctx context.Context, p *program, key minisign.PrivateKey, m, before list.Manifest, from iter.Seq2[lists.Entry, error]) (string, error) {
	o := list.Options{}
	if c.Protected != "" {
		file, err := os.Open(c.Protected)
		if err != nil {
			return "", fmt.Errorf("the protected numbers cannot be read: %w", err)
		}
		defer func() { _ = file.Close() }() // only read
		if o.Protected, err = list.ReadProtected(file, m.Region); err != nil {
			return "", fmt.Errorf("%s: %w", c.Protected, err)
		}
	}
	var entries []list.Entry
	for e, err := range from {
		if err != nil {
			return "", err
		}
		entries = append(entries, list.Of(e))
	}
	entries = list.Sort(entries)
	done, err := list.Publish(ctx, c.Dir, key, m, func(yield func(list.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}, o)
	if err != nil {
		return "", err
	}
	for _, r := range done.Refusals[:min(len(done.Refusals), shownRefusals)] {
		fmt.Fprintf(p.err, "left out: %s\n", r)
	}
	return said(done, before), nil
}

func said(done list.Published, before list.Manifest) string {
	m := done.Manifest
	text := fmt.Sprintf("The list %s is published with serial %d: %s, valid until %s.", m.Name, m.Serial, screening.Counted(m.Entries, "number", "numbers"),
		m.ValidUntil.Format("2 January 2006"))
	if before.Serial != 0 {
		text += fmt.Sprintf(" It has %s since serial %d.", screening.Counted(done.Changed, "change", "changes"), before.Serial)
	}
	if done.Refused > 0 {
		text += fmt.Sprintf(" Left out, because they may be on no list: %s.", screening.Counted(done.Refused, "number", "numbers"))
	}
	return text
}
