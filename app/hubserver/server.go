// Package hubserver is a group's hub as a running program: its settings and files, its list published at its times, its pages, its backup.
package hubserver

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

	"ringfence/app/webserver"
	"ringfence/internal/repeat"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/web/hubpages"
)

// Publisher publishes a hub's list, for the timer, the pages and the command.
type Publisher struct {
	settings Settings
	db       *hub.Hub
	key      minisign.PrivateKey
	public   minisign.PublicKey

	mu sync.Mutex // one at a time
}

// ReadPublicKey reads the key by which the list of a hub is known.
func ReadPublicKey(s Settings) (minisign.PublicKey, error) {
	text, err := os.ReadFile(s.Path(KeyFile + ".pub"))
	if err != nil {
		return minisign.PublicKey{}, fmt.Errorf("the public key of the list cannot be read: %w", err)
	}
	return list.ParseKey(string(text))
}

// NewPublisher fails if keys are missing, or do not belong together.
func NewPublisher(s Settings, db *hub.Hub) (*Publisher, error) {
	key, err := list.ReadKey(s.Path(KeyFile), "")
	if err != nil {
		return nil, err
	}
	public, err := ReadPublicKey(s)
	if err != nil {
		return nil, err
	}
	if own, ok := key.Public().(minisign.PublicKey); !ok || !own.Equal(public) {
		return nil, fmt.Errorf("%s and %s.pub do not belong together: put both back from your copy", s.Path(KeyFile), KeyFile)
	}
	return &Publisher{settings: s, db: db, key: key, public: public}, nil
}

// Protected reads the group's own protected numbers, as they are now.
func (p *Publisher) Protected() (*list.Protected, error) {
	file, err := os.Open(p.settings.Path(ProtectedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return list.NewProtected(), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	protected, err := list.ReadProtected(file, p.settings.Region)
	if err != nil {
		return nil, &hub.Refused{Sentence: fmt.Sprintf("Ringfence can't read the file %s, so it publishes nothing: %s.", ProtectedFile, err)}
	}
	return protected, nil
}

// publishWait is how long to wait for another process that is publishing, which takes a fraction of a second for a usual group.
const publishWait = 10 * time.Second

// Publish publishes the list as it is now.
func (p *Publisher) Publish(ctx context.Context) (list.Published, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	protected, err := p.Protected()
	if err != nil {
		return list.Published{}, err
	}
	var done list.Published
	err = retry.Do(ctx, retry.WithMaxDuration(publishWait, retry.NewConstant(100*time.Millisecond)), func(ctx context.Context) error {
		var err error
		done, err = p.db.Publish(ctx, p.settings.Path(ListFolder), p.key, protected, time.Now())
		if errors.Is(err, list.ErrBusy) {
			return retry.RetryableError(err)
		}
		return err
	})
	if errors.Is(err, list.ErrBusy) {
		return done, &hub.Refused{Sentence: "The list is being published at the moment: try again in a minute."}
	}
	return done, err
}

// next is when the list is to be published again.
func (p *Publisher) next(now time.Time) time.Time {
	m, err := list.OpenDir(p.settings.Path(ListFolder), p.public, list.DefaultLimits())
	if err != nil { // there is no list yet, or Publish says what is wrong with it
		return now
	}
	if m.Made.After(now) { // by a clock that was ahead: no household accepts such a list, so it is replaced at once
		return now
	}
	return m.Made.Add(time.Duration(p.settings.Every))
}

// Serve serves a hub until ctx ends.
func Serve(ctx context.Context, s Settings, db *hub.Hub, log *slog.Logger) error {
	if kept := db.KeptBeforeUpgrade(); kept != "" {
		log.Info("the database of an earlier Ringfence was brought up to date; docs/groups.md says how to go back", "backup", kept)
	}
	pub, err := NewPublisher(s, db)
	if err != nil {
		return err
	}
	pages, err := hubpages.New(hubpages.Options{
		Hub: db, Publishing: pub, Folder: s.Path(ListFolder), Key: pub.public, ListLink: s.List(pub.public.String()).Link(),
		Public: s.Web.Address(), Secure: s.Web.Secure(), Proxies: s.Web.Proxies, PerHour: s.PerHour, Zone: s.zone(), Log: log, Now: time.Now,
	})
	if err != nil {
		return err
	}
	server, err := webserver.New(ctx, webserver.Options{
		What: "pages", Web: s.Web, Folder: s.Path("certificates"), Handler: pages.Handler(), Limits: webserver.UsualLimits, Log: log,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var beside sync.WaitGroup
	beside.Go(func() { pub.keepPublishing(ctx, log) })
	beside.Go(func() {
		repeat.Daily(ctx, log, "what is too old could not be deleted", func(ctx context.Context) error { return db.Forget(ctx, time.Now()) })
	})
	err = server.Serve(ctx)
	told := ctx.Err() != nil
	cancel()
	beside.Wait()
	if told {
		return nil
	}
	return err
}

// publishAgain is how long to wait before retrying after a failure.
const publishAgain = 5 * time.Minute

// keepPublishing publishes the list at its times until ctx ends.
func (p *Publisher) keepPublishing(ctx context.Context, log *slog.Logger) {
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
		// Look again in between: somebody may have published it meanwhile, or set the clock.
		case <-time.After(min(wait, publishAgain)):
		}
	}
}
