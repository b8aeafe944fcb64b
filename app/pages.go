package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"ringfence/app/alerts"
	"ringfence/app/webserver"
	"ringfence/config"
	"ringfence/prompts"
	"ringfence/sharing/group"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/web"
	"ringfence/web/backend"
)

// pages serves the carers' pages beside the calls. Whatever happens to it, calls go on.
type pages struct {
	settings   config.Settings
	db         *store.Store
	line       *Telephony
	households households
	regions    *regions
	groups     group.Groups
	lists      *subscribe.Updater
	restart    restart
	log        *slog.Logger
	out        io.Writer // where the address of the first run is written
	limits     webserver.Limits
}

// serve serves the pages until ctx ends. While another program has the address it keeps trying.
func (p *pages) serve(ctx context.Context) {
	w := p.settings.Web
	if w.Listen == "" {
		p.log.Info("no pages are served: web.listen is empty")
		return
	}
	server, err := p.server(ctx)
	if err != nil {
		p.log.Error("the carers' pages cannot be served; calls go on", "err", err)
		return
	}
	for ctx.Err() == nil {
		if err := webserver.Listen(ctx, server, w, p.limits, p.log, func() { p.firstRun(ctx) }); err != nil && ctx.Err() == nil {
			p.log.Error("the carers' pages are not served; calls go on, and it is tried again", "err", err, "again", p.limits.Retry)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.limits.Retry):
		}
	}
}

// server is the pages with their limits and certificate.
func (p *pages) server(ctx context.Context) (*http.Server, error) {
	w := p.settings.Web
	messages, err := alerts.NewMessenger(p.db)
	if err != nil {
		return nil, err
	}
	made, err := web.New(web.Options{
		Backend: backend.Backend{
			Store: p.db, Households: p.all, Switchboard: p.line, Houses: p.households, Regions: p.regions, Groups: p.groups, Lists: p.lists,
			Languages: languages(), Rescued: p.rescued, Log: p.log, Now: time.Now, Proxies: w.Proxies,
		},
		Messenger: messages, Phrases: p.households, Backups: p.restart, TestCalls: p.line, Secure: w.Secure(), Public: w.PublicAddress(),
	})
	if err != nil {
		return nil, err
	}
	return webserver.New(ctx, w, filepath.Join(p.settings.Data, "certificates"), made.Handler(), p.limits, p.log)
}

// rescued is the last time that a damaged database was replaced, as long as the damaged one has not been deleted.
func (p *pages) rescued() (store.Rescue, bool) {
	r, found, err := store.LastRescue(p.settings.Data)
	if err != nil {
		p.log.Error("whether the database was damaged cannot be told", "err", err)
	}
	return r, found
}

var languageNames = map[string]string{"en-GB": "British English", "en-US": "American English", "fr-FR": "French"}

// languages are the ones with recordings.
func languages() []backend.Language {
	var all []backend.Language
	for _, code := range prompts.Languages() {
		all = append(all, backend.Language{Code: code, Name: languageNames[code]})
	}
	return all
}

// all are the households as the pages need to know them at this moment.
func (p *pages) all() []backend.Household {
	var all []backend.Household
	for _, h := range p.settings.Households {
		all = append(all, backend.Household{Name: h.Name, Line: p.households.lines.Of(h.Name)})
	}
	return all
}

// firstRun writes the address at which the first account is made, where nobody has one.
func (p *pages) firstRun(ctx context.Context) {
	token, err := p.db.MakeStartToken(ctx)
	if errors.Is(err, store.ErrPeople) {
		return
	}
	if err != nil {
		p.log.Error("the address of the first run could not be made", "err", err)
		return
	}
	// Not in the form of a log line, because people copy it.
	_, err = fmt.Fprintf(p.out, "\nNobody has an account yet. To make the first one, open this address, once:\n\n    %s/start/%s\n\n", p.settings.Web.Address(), token)
	if err != nil {
		p.log.Error("the address of the first run could not be written", "err", err)
	}
}
