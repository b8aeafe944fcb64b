package main

import (
	"context"
	"fmt"
	"iter"
	"os"

	"aead.dev/minisign"

	"ringfence/config"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

type listPublishCmd struct {
	Dir          string `arg:"" help:"The folder that a web server serves; created if it does not exist."`
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
	Serial int64 `help:"Its serial, if it must not be the next one: after a folder was lost, for instance." placeholder:"N"`
}

func (listPublishCmd) Help() string {
	return "Writes the list as signed files that any web server can serve (sharing/FORMAT.md), and what has changed since the last times. What is\n" +
		"said about the list (--name to --region) is said once: the next time it is taken from what is in the folder. Numbers that may be on no list\n" +
		"are named and left out. Publish again before its days are over, and whenever the numbers change.\n\n" +
		"Example:\n\n    ringfence list publish /var/www/list --key parish.key --from scams.csv --protected ours.txt --name \"Great Dunmow\" \\\n" +
		"      --publisher \"The parish council\" --purpose \"Callers who defraud people in the parish\" --licence CC0-1.0 \\\n" +
		"      --contact https://parish.example/scams --appeals appeals@parish.example\n" +
		"    ringfence list publish /var/www/list --key parish.key --from scams.csv --protected ours.txt"
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
	if err := list.CheckDays(c.Days); err != nil {
		return usageError{err}
	}
	before, err := c.before(key)
	if err != nil {
		return err
	}
	if c.List != "" {
		return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
			m, err := c.details(before, func() (string, error) { return h.Region, nil })
			if err != nil {
				return err
			}
			said, err := c.publish(ctx, p, key, m, before, db.Lists.AllEntries(ctx, h.Name, c.List))
			if err != nil {
				return err
			}
			return p.tell(p.admin(s, h, db).OnListPublished(ctx, said))
		})
	}
	m, err := c.details(before, p.region)
	if err != nil {
		return err
	}
	said, err := c.fromFile(ctx, p, key, m, before)
	if err != nil {
		return err
	}
	return p.say("%s", said)
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
	printRefusals(p, "left out: ", done.Refusals, done.Refused, "number", "numbers")
	return said(done, before), nil
}
