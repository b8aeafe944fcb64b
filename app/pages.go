package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"ringfence/app/alerts"
	"ringfence/app/webserver"
	"ringfence/household/cell"
	"ringfence/prompts"
	"ringfence/store"
	"ringfence/store/rescue"
	"ringfence/web"
	"ringfence/web/backend"
)

// servePages serves the carers' pages beside calls until ctx ends.
func (s *Service) servePages(ctx context.Context) {
	if s.Settings.Web.Listen == "" {
		s.log.Info("no pages are served: web.listen is empty")
		return
	}
	server, err := s.pageServer(ctx)
	if err != nil {
		s.log.Error("the carers' pages cannot be served; calls go on", "err", err)
		return
	}
	server.Keep(ctx)
}

// pageServer is the pages with their limits and certificate.
func (s *Service) pageServer(ctx context.Context) (*webserver.Server, error) {
	w := s.Settings.Web
	messages, err := alerts.NewMessenger(s.db, alerts.Contact(w.Address()))
	if err != nil {
		return nil, err
	}
	made, err := web.New(web.Options{
		Backend: backend.Backend{
			Store: s.db, Households: s.webHouseholds, Switchboard: s.Telephony, Houses: s.households, Regions: s.regions, Groups: s.groups, Lists: s.lists, Books: s.books,
			Site: func() cell.Site { return cell.Look(s.current.Settings()) }, Cell: s.cell,
			Languages: languages(), Rescued: s.rescued, Log: s.log, Now: time.Now, Proxies: w.Proxies,
		},
		Messenger: messages, Phrases: s.households, Backups: s.restart, TestCalls: s.Telephony, Secure: w.Secure(), Public: w.PublicAddress(),
	})
	if err != nil {
		return nil, err
	}
	return webserver.New(ctx, webserver.Options{
		What: "pages", Web: w, Folder: filepath.Join(s.Settings.Data, "certificates"), Handler: s.setUp.have(made.Handler(), s.db.People.Any), Limits: s.limits, Log: s.log,
		Ready: func() { s.firstRun(ctx) },
	})
}

// rescued is the last time that a damaged database was replaced, as long as the damaged one has not been deleted.
func (s *Service) rescued() (rescue.Report, bool) {
	r, found, err := rescue.Last(s.Settings.Data)
	if err != nil {
		s.log.Error("whether the database was damaged cannot be told", "err", err)
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

// webHouseholds are the households as the pages need to know them at this moment.
func (s *Service) webHouseholds() []backend.Household {
	var all []backend.Household
	for _, h := range s.current.Settings().Households {
		all = append(all, backend.Household{Name: h.Name, Line: s.households.lines.Of(h.Name)})
	}
	return all
}

// firstRun prints the address at which the first account is made, if nobody has one.
func (s *Service) firstRun(ctx context.Context) {
	token, err := s.db.MakeStartToken(ctx)
	if errors.Is(err, store.ErrPeople) {
		s.setUp.haveAccount("/")
		return
	}
	if err != nil {
		s.log.Error("the address of the first run could not be made", "err", err)
		return
	}
	s.setUp.haveAccount("/start/" + token)
	// Not in the form of a log line, because people copy it.
	_, err = fmt.Fprintf(s.Out, "\nNobody has an account yet. To make the first one, open this address, once:\n\n    %s/start/%s\n\n%s",
		s.Settings.Web.Address(), token, s.fromAnotherComputer())
	if err != nil {
		s.log.Error("the address of the first run could not be written", "err", err)
	}
}

// fromAnotherComputer says how a browser elsewhere reaches pages that only this machine can open; "" where they are served to others.
func (s *Service) fromAnotherComputer() string {
	web := s.Settings.Web
	host, port, err := net.SplitHostPort(web.Listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || web.PublicAddress() != "" {
		return ""
	}
	machine, _, err := net.SplitHostPort(s.Settings.Asterisk.SIPServer())
	if ip := net.ParseIP(machine); err != nil || ip == nil || ip.IsLoopback() || ip.IsUnspecified() {
		return ""
	}
	return fmt.Sprintf("It opens on this machine alone. On another computer, type this first, with your name on this machine in place of \"you\":\n\n"+
		"    ssh -L %s:%s you@%s\n\n", port, web.Listen, machine)
}
