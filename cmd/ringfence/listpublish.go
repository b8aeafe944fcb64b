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
	Dir          string `arg:"" help:"The folder for the web server; created if it doesn't exist."`
	Key          string `help:"The secret key: \"ringfence list key\" makes one." required:"" placeholder:"FILE"`
	PasswordFile string `help:"A file with the password of the secret key, if it has one." placeholder:"FILE"`
	From         string `help:"A file with the numbers, as \"list import\" reads them; - is standard input." placeholder:"FILE" xor:"source" required:""`
	List         string `help:"A list of this household, instead of a file." placeholder:"NAME" xor:"source" required:""`
	tableArgs
	Protected string `help:"A file with numbers that never go out, one a line, and whose they are." placeholder:"FILE"`

	Name      string `help:"What people call the list."`
	Publisher string `help:"Who answers for it."`
	Purpose   string `help:"What it is for, and which numbers it has."`
	Licence   string `help:"Its licence, such as CC0-1.0."`
	Contact   string `help:"The publisher's web or e-mail address."`
	Appeals   string `help:"Where people can have a wrongly listed number taken off: a web or e-mail address."`
	Region    string `help:"The country of the lines it is for, such as GB; without it, this household's."`

	Days   int   `help:"For how many days it is valid. After that it only warns." default:"30"`
	Serial int64 `help:"Its serial, if it can't be the next one, because a folder was lost, for instance." placeholder:"N"`
}

func (listPublishCmd) Help() string {
	return help("Writes a list, and its changes, as signed files that any web server can serve (sharing/FORMAT.md). You describe the list once, "+
		"with --name to --region: the next time the description comes from the folder. Numbers that no list may have are named and left "+
		"out. Publish again before its days are over, and whenever the numbers change.",
		"ringfence list publish /var/www/list --key parish.key --from scams.csv \\\n"+
			"  --name \"Great Dunmow\" --publisher \"The parish council\" \\\n"+
			"  --purpose \"Scam callers\" --licence CC0-1.0 \\\n"+
			"  --contact https://parish.example/scams --appeals appeals@parish.example",
		"ringfence list publish /var/www/list --key parish.key --from scams.csv")
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
			if err := p.admin(s, h, db).MayPublish(ctx, c.List); err != nil {
				return asTyped(err)
			}
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
	printRefusals(p, "left out: ", nationally(done.Refusals, m.Region), done.Refused, "number", "numbers")
	return said(done, before), nil
}
