package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"ringfence/app/door"
	"ringfence/app/webserver"
	"ringfence/config"
	"ringfence/setup"
	"ringfence/web/setuppages"
)

// firstSetUp serves the pages of the set-up in a program that was started with nothing set up.
type firstSetUp struct {
	pages *setuppages.Server
	code  string

	mu      sync.Mutex
	until   time.Time    // the end of the first hour
	next    http.Handler // the program's own pages; nil: they are not there yet
	people  func(ctx context.Context) (bool, error)
	account string // where the first account is made; "": not there yet
}

func newFirstSetUp(o Options) (*firstSetUp, error) {
	code, err := setuppages.NewCode()
	if err != nil {
		return nil, err
	}
	f := &firstSetUp{code: code}
	f.pages, err = setuppages.New(setuppages.Options{
		Code: code, Log: o.Log,
		Look: func(context.Context) (setup.Machine, error) {
			s, err := config.Read(o.Settings.File, o.Settings.Data)
			if err != nil && !errors.Is(err, config.ErrNoHousehold) {
				return setup.Machine{}, err
			}
			return setup.Look(s)
		},
		Account: func(context.Context) (string, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.account, nil
		},
		FindRouter: setup.FindRouter, Open: func(ctx context.Context) bool { return f.open(ctx, o.Log) },
	})
	return f, err
}

// open says whether a household can still be set up in the browser: in the first hour, and until somebody has an account.
func (f *firstSetUp) open(ctx context.Context, log *slog.Logger) bool {
	f.mu.Lock()
	until, people := f.until, f.people
	f.mu.Unlock()
	if people == nil || time.Now().Before(until) {
		return true
	}
	some, err := people(ctx)
	if err != nil {
		log.Error("whether somebody has an account can't be told, so the set-up stays shut", "err", err)
	}
	return err == nil && !some
}

// own are the program's own pages; nil: they are not there yet.
func (f *firstSetUp) own() http.Handler {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next
}

// have notes the program's own pages, and who can tell whether somebody has an account, and returns the pages with those of the set-up before them.
func (f *firstSetUp) have(own http.Handler, people func(ctx context.Context) (bool, error)) http.Handler {
	if f == nil {
		return own
	}
	f.mu.Lock()
	f.next, f.people = own, people
	f.mu.Unlock()
	return f.pages.Before(f.own)
}

// haveAccount notes where the first account is made.
func (f *firstSetUp) haveAccount(path string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	f.account = path
	f.mu.Unlock()
}

// begin opens the door to the home network for what is left of the first hour, and says where to go. The door stays open until that is over, also
// once a household is set up: the first account is made through it.
func (f *firstSetUp) begin(ctx context.Context, o Options) {
	until, err := door.Until(o.Settings.Data, time.Now())
	if err != nil {
		o.Log.Error("the set-up can't be opened to the home network", "err", err)
	}
	f.mu.Lock()
	f.until = until
	f.mu.Unlock()
	at := ""
	if opened, err := door.Open(ctx, o.Door, until, f.pages.Door(f.own), o.Log); err != nil {
		o.Log.Error("the set-up can't be opened to the home network", "err", err)
	} else if opened {
		at = doorAddress(o.Door)
	}
	text := "\nRingfence isn't set up yet. Type on this machine:\n\n    sudo ringfence setup\n\n"
	const code = "and type this code:\n\n    %s\n\n"
	if w := o.Settings.Web; at != "" {
		text += fmt.Sprintf("Or open this address in a browser in the home network, until %s. The browser warns of its certificate, which this machine has made itself:\n\n    %s\n\n"+code,
			until.Local().Format("15:04"), at, f.code)
	} else if w.Listen != "" {
		text += fmt.Sprintf("Or open this address in a browser on this machine:\n\n    %s/setup/\n\n"+code, w.Address(), f.code)
	}
	if _, err := fmt.Fprint(o.Out, text); err != nil { // not in the form of a log line, because people copy it
		o.Log.Error("where to go can't be written", "err", err)
	}
}

// doorAddress is an address at which others in the home network reach the door.
func doorAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if host == "" {
		host = "127.0.0.1"
		if found, err := setup.Interfaces(); err == nil && len(found) > 0 {
			host = found[0].Address
		}
	}
	return "https://" + net.JoinHostPort(host, port) + "/"
}

// servePages serves the pages of the set-up where the settings say, until ctx ends.
func (f *firstSetUp) servePages(ctx context.Context, o Options) {
	if o.Settings.Web.Listen == "" {
		return
	}
	server, err := webserver.New(ctx, webserver.Options{
		What: "pages of the set-up", Web: o.Settings.Web, Folder: filepath.Join(o.Settings.Data, "certificates"),
		Handler: f.pages.Before(f.own), Limits: webserver.UsualLimits, Log: o.Log,
	})
	if err != nil {
		o.Log.Error("the set-up can't be opened in a browser", "err", err)
		return
	}
	server.Keep(ctx)
}
