package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringfence/asterisk"
	"ringfence/store"
)

const (
	guessingEvery = 30 * time.Second
	// guessingFrom is how many wrong passwords from one address carers are told of. A telephone that was set up wrongly gets there in
	// minutes, and that is worth to know as well.
	guessingFrom = 10
	// guessingOnce is for how long they are told no more of it: an address on the internet is tried without end.
	guessingOnce = 7 * 24 * time.Hour
)

// guessing tells carers that somebody guesses the passwords of telephones.
type guessing struct {
	households []string
	read       func() ([]asterisk.Guesses, error)
	notices    interface {
		AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error
		LastNotice(ctx context.Context, household string, kinds ...string) (store.Notice, bool, error)
	}
	now func() time.Time
	log *slog.Logger
}

// watch looks at every tick until ctx ends.
func (g *guessing) watch(ctx context.Context, tick <-chan time.Time) {
	for {
		if err := g.look(ctx); err != nil && ctx.Err() == nil {
			g.log.Error("whether somebody guesses passwords of telephones cannot be told; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

func (g *guessing) look(ctx context.Context) error {
	all, err := g.read()
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Tries < guessingFrom || g.now().Sub(one.Last) > guessingOnce {
			continue
		}
		return g.tell(ctx, one)
	}
	return nil
}

// tell tells every household's carers, once: nobody can say whose telephone was meant.
func (g *guessing) tell(ctx context.Context, one asterisk.Guesses) error {
	for _, household := range g.households {
		last, told, err := g.notices.LastNotice(ctx, household, store.NoticePasswordGuessing)
		if err != nil {
			return err
		}
		if told && g.now().Sub(last.At) < guessingOnce {
			continue
		}
		text := fmt.Sprintf("Somebody at %s has tried %d wrong passwords for the telephones. Calls go on as usual. "+
			"If a telephone there was set up lately, check its name and password. If not, ask whoever looks after Ringfence to keep strangers away from its network.",
			one.Address, one.Tries)
		if err := g.notices.AddNotice(ctx, household, g.now(), store.NoticePasswordGuessing, text, 0); err != nil {
			return err
		}
	}
	return nil
}

// watchGuessing is guessing for as long as the application runs.
func (s *service) watchGuessing(ctx context.Context) {
	tick := time.NewTicker(guessingEvery)
	defer tick.Stop()
	g := guessing{
		read:    func() ([]asterisk.Guesses, error) { return asterisk.ReadGuesses(s.settings.asteriskDir()) },
		notices: s.db, now: time.Now, log: s.log,
	}
	for _, h := range s.settings.Households {
		g.households = append(g.households, h.Name)
	}
	g.watch(ctx, tick.C)
}
