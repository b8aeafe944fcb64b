package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"ringfence/config"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// listPhoneBlockCmd is about PhoneBlock, whose list is subscribed to with a key.
type listPhoneBlockCmd struct {
	Subscribe phoneBlockSubscribeCmd `cmd:"" help:"Subscribe to PhoneBlock's list."`
	Key       phoneBlockKeyCmd       `cmd:"" help:"Give the subscription another key."`
	Ask       phoneBlockAskCmd       `cmd:"" help:"Ask PhoneBlock about unknown callers, or stop."`
}

func (listPhoneBlockCmd) Help() string {
	return help("", "ringfence list phoneblock subscribe --key-file phoneblock.key")
}

// keyArg is a key that comes from a file or the standard input, because everybody who can list processes can read a command line.
type keyArg struct {
	KeyFile string `help:"A file with the key; without it, or with -, standard input." placeholder:"FILE" default:"-"`
}

// read reads the key without checking it.
func (a keyArg) read(ctx context.Context, p *program) (string, error) {
	return a.asked(ctx, p, "key", "The key that PhoneBlock has given you: ")
}

// asked reads what a terminal asks for with a question.
func (a keyArg) asked(ctx context.Context, p *program, what, question string) (string, error) {
	const most = 4096
	if terminal, isFile := p.in.(*os.File); a.KeyFile == "-" && isFile && term.IsTerminal(int(terminal.Fd())) {
		return p.unseen(ctx, terminal, question)
	}
	from := p.in
	if a.KeyFile != "-" {
		file, err := os.Open(a.KeyFile)
		if err != nil {
			return "", fmt.Errorf("the %s cannot be read: %w", what, err)
		}
		defer func() { _ = file.Close() }() // only read
		from = file
	}
	key, err := io.ReadAll(io.LimitReader(from, most))
	if err != nil {
		return "", fmt.Errorf("the %s cannot be read: %w", what, err)
	}
	return string(key), nil
}

type phoneBlockSubscribeCmd struct {
	keyArg
	Name        string `help:"What to call the list." default:"PhoneBlock"`
	Server      string `help:"The server's address, if it isn't PhoneBlock's own." placeholder:"URL"`
	MayTurnAway bool   `help:"Let it turn callers away. Nobody has signed it: whoever can change it can shut out anyone but your contacts."`
}

func (phoneBlockSubscribeCmd) Help() string {
	return help("PhoneBlock (phoneblock.net) collects what people in Germany and elsewhere say about unwanted callers. Register there and "+
		"create a token of the type API under Settings: that is the key. It is kept in the household's database, and never shown "+
		"again.\n\n"+
		"PhoneBlock learns the key, this house's internet address, and that it runs Ringfence. It learns nothing about callers. As "+
		"PhoneBlock asks, the whole list is downloaded once a month, and its changes once a day. Nobody has signed it, so it only "+
		"warns: its callers say who they are first, and whoever picks up hears of the reports.",
		"ringfence list phoneblock subscribe --key-file phoneblock.key")
}

func (c phoneBlockSubscribeCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		key, err := c.read(ctx, p)
		if err != nil {
			return err
		}
		updater := p.updater(s, db)
		from := subscribe.BlocklistSource{Server: c.Server, Key: key}
		sub, _, err := p.admin(s, h, db).SubscribeToPhoneBlock(ctx, updater, from, subscribe.Choices{Name: c.Name, MayTurnAway: c.MayTurnAway})
		if errors.Is(err, lists.ErrSubscribedTwice) {
			return fmt.Errorf("%w `ringfence list phoneblock key` gives it another key", err)
		}
		if err != nil {
			return err
		}
		return p.subscribedTo(ctx, updater, sub, h.Region)
	})
}

type phoneBlockKeyCmd struct {
	keyArg
	Name string `help:"What the list is called." default:"PhoneBlock"`
}

func (phoneBlockKeyCmd) Help() string {
	return help("For when PhoneBlock no longer takes the old key. The list stays as it is.",
		"ringfence list phoneblock key --key-file phoneblock.key")
}

func (c phoneBlockKeyCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		key, err := c.read(ctx, p)
		if err != nil {
			return err
		}
		done, err := p.admin(s, h, db).SetListKey(ctx, p.updater(s, db), c.Name, key)
		return p.tell(done, hint(err, "`ringfence list`"))
	})
}
