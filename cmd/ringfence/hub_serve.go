package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"aead.dev/minisign"
	"github.com/sethvargo/go-retry"

	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/web/hubpages"
)

// publisher makes the list of a hub, whoever asks for it.
type publisher struct {
	settings hubSettings
	db       *hub.Hub
	key      minisign.PrivateKey
	public   minisign.PublicKey

	mu sync.Mutex // one at a time
}

func readPublicKey(s hubSettings) (minisign.PublicKey, error) {
	text, err := os.ReadFile(s.path(hubKeyFile + ".pub"))
	if err != nil {
		return minisign.PublicKey{}, fmt.Errorf("the public key of the list cannot be read: %w", err)
	}
	return list.ParseKey(string(text))
}

func newPublisher(s hubSettings, db *hub.Hub) (*publisher, error) {
	key, err := list.ReadKey(s.path(hubKeyFile), "")
	if err != nil {
		return nil, err
	}
	public, err := readPublicKey(s)
	if err != nil {
		return nil, err
	}
	if own, ok := key.Public().(minisign.PublicKey); !ok || !own.Equal(public) {
		return nil, fmt.Errorf("%s and %s.pub do not belong together: put both back from your copy", s.path(hubKeyFile), hubKeyFile)
	}
	return &publisher{settings: s, db: db, key: key, public: public}, nil
}

// Protected reads the group's own protected numbers, as they are now.
func (p *publisher) Protected() (*list.Protected, error) {
	file, err := os.Open(p.settings.path(hubProtected))
	if errors.Is(err, fs.ErrNotExist) {
		return list.NewProtected(), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	protected, err := list.ReadProtected(file, p.settings.Region)
	if err != nil {
		return nil, &hub.Refused{Sentence: fmt.Sprintf("The file %s cannot be read, so nothing is published: %s.", hubProtected, err)}
	}
	return protected, nil
}

// publishWait is for how long another process that publishes is waited for: the list of a usual group takes it part of a second.
const publishWait = 10 * time.Second

// Publish makes the list of this moment.
func (p *publisher) Publish(ctx context.Context) (list.Published, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	protected, err := p.Protected()
	if err != nil {
		return list.Published{}, err
	}
	var done list.Published
	err = retry.Do(ctx, retry.WithMaxDuration(publishWait, retry.NewConstant(100*time.Millisecond)), func(ctx context.Context) error {
		var err error
		done, err = p.db.Publish(ctx, p.settings.path(hubListFolder), p.key, protected, time.Now())
		if errors.Is(err, list.ErrBusy) {
			return retry.RetryableError(err)
		}
		return err
	})
	if errors.Is(err, list.ErrBusy) {
		return done, &hub.Refused{Sentence: "The list is being published just now: try again in a moment."}
	}
	return done, err
}

// next is when the list is to be published again.
func (p *publisher) next(now time.Time) time.Time {
	m, err := list.OpenDir(p.settings.path(hubListFolder), p.public, list.DefaultLimits())
	if err != nil { // there is none, or Publish says what is wrong with it
		return now
	}
	if m.Made.After(now) { // by a clock that was ahead: no household takes such a list, so it is not waited for that time to come
		return now
	}
	return m.Made.Add(time.Duration(p.settings.Every))
}

type hubServeCmd struct {
	LogLevel slog.Level `help:"How much to log: debug, info, warn or error." default:"info"`
}

func (hubServeCmd) Help() string {
	return "Serves until it is told to stop. It listens on this machine alone, unless hub.toml says otherwise.\n\n" +
		"Example: ringfence hub serve --dir /var/lib/ringfence-hub"
}

func (c hubServeCmd) Run(ctx context.Context, p *program, h *hubCmd) error {
	log := slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: c.LogLevel}))
	s, db, err := h.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(serveHub(ctx, s, db, log), db.Close())
}

// serveHub serves a hub until ctx ends.
func serveHub(ctx context.Context, s hubSettings, db *hub.Hub, log *slog.Logger) error {
	pub, err := newPublisher(s, db)
	if err != nil {
		return err
	}
	pages, err := hubpages.New(hubpages.Options{
		Hub: db, Publishing: pub, Folder: s.path(hubListFolder), Key: pub.public, ListLink: s.list(pub.public.String()).Link(),
		Public: s.Web.address(), Secure: s.Web.secure(), Proxies: s.Web.Proxies, PerHour: s.PerHour, Zone: s.zone(), Log: log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	server, err := secured(ctx, s.Web, s.path("certificates"), pages.Handler(), usualLimits, log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var beside sync.WaitGroup
	beside.Go(func() { pub.keepPublishing(ctx, log) })
	beside.Go(func() { keepForgetting(ctx, db, log) })
	err = listen(ctx, server, s.Web, usualLimits, log, func() {})
	told := ctx.Err() != nil
	stop()
	beside.Wait()
	if told {
		return nil
	}
	return err
}

// publishAgain is after how long publishing is tried again that has failed.
const publishAgain = 5 * time.Minute

// keepPublishing publishes the list at its times until ctx ends.
func (p *publisher) keepPublishing(ctx context.Context, log *slog.Logger) {
	for {
		wait := time.Until(p.next(time.Now()))
		if wait <= 0 {
			began := time.Now()
			done, err := p.Publish(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				log.Error("the list could not be published; the last one stays, and it is tried again", "err", err, "again", publishAgain)
				wait = publishAgain
			default:
				log.Info("the list was published", "serial", done.Manifest.Serial, "entries", done.Manifest.Entries, "changed", done.Changed,
					"left_out", done.Refused, "took", time.Since(began).Round(time.Millisecond))
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		// Not for the whole of it: somebody may have published it meanwhile, or have put the clock right.
		case <-time.After(min(wait, publishAgain)):
		}
	}
}

// keepForgetting deletes what need not be kept.
func keepForgetting(ctx context.Context, db *hub.Hub, log *slog.Logger) {
	daily(ctx, func() {
		if err := db.Forget(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("what is too old could not be deleted", "err", err)
		}
	})
}
