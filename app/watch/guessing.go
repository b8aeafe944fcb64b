package watch

import (
	"context"
	"fmt"
	"time"

	"ringfence/asterisk"
	"ringfence/store"
)

const (
	guessingEvery = 30 * time.Second
	// guessingFrom is how many wrong passwords from one address give an alert. A phone with the wrong password gets there within minutes, which is
	// worth knowing too.
	guessingFrom = 10
	// guessingOnce is how long the alert is not repeated: an address on the internet is tried all the time.
	guessingOnce = 7 * 24 * time.Hour
)

// guessing tells carers that somebody guesses the passwords of telephones.
type guessing struct {
	Options
	read func() ([]asterisk.Guesses, error)
}

// Guessing watches the wrong passwords that Asterisk has met until ctx ends.
func Guessing(ctx context.Context, options Options, read func() ([]asterisk.Guesses, error)) {
	g := guessing{options, read}
	g.every(ctx, guessingEvery, g.look, "whether somebody guesses passwords of phones cannot be told; trying again")
}

func (g guessing) look(ctx context.Context) error {
	all, err := g.read()
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Tries < guessingFrom || g.Now().Sub(one.Last) > guessingOnce {
			continue
		}
		text := fmt.Sprintf("Somebody at %s has tried %d wrong passwords for the phones. Calls go on as usual. "+
			"If you have just set up a phone there, check its name and password. If not, ask whoever looks after Ringfence to keep strangers off its network.",
			one.Address, one.Tries)
		_, err := g.tell(ctx, store.NoticePasswordGuessing, guessingOnce, text) // every household: nobody can say whose phone was meant
		return err
	}
	return nil
}
