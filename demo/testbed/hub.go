package testbed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/group"
	"ringfence/sharing/hub"
	"ringfence/store"
	"ringfence/store/outbox"
)

// Hub is a running hub of a group. Households on a testbed join it where their settings have AtHome among their Extra.
type Hub struct {
	HubOptions
	Address string // where it listens
	process *process
}

// HubOptions say which hub.
type HubOptions struct {
	Dir     string // an empty folder; everything is written below it
	Program string // the ringfence binary
	Name    string // of the group
	// Public is by which address people reach it, through a proxy; "" is where it listens.
	Public string
	Log    io.Writer // what it says; nil: nowhere
}

// AtHome are settings of a household whose group is on loopback.
const AtHome = "[lists]\nallow_private = true\n"

// moderator is the e-mail address that the hub's moderator signs in with.
const moderator = "anna@parish.example"

// HubIP is where hubs listen.
const HubIP = "127.0.0.4"

// OpenHub makes a hub, starts it, and waits until it has published its first list. If it returns no error, close it.
func OpenHub(ctx context.Context, o HubOptions) (*Hub, error) {
	address, err := Free("tcp", HubIP)
	if err != nil {
		return nil, err
	}
	h := &Hub{HubOptions: o, Address: address}
	args := []string{"init", h.folder(), "--name", o.Name, "--contact", "mailto:scams@parish.example", "--listen", address, "--moderator", moderator, "--called", "Anna Taylor"}
	if o.Public != "" {
		args = append(args, "--public", o.Public, "--proxies", "1")
	}
	if _, err := command(ctx, o.Program, []string{"hub"}, args...); err != nil {
		return nil, err
	}
	h.process, err = start(ctx, o.Program, &lines{to: o.Log}, []string{"pages are served", "the list was published"}, "hub", "serve", "--dir", h.folder())
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *Hub) folder() string { return filepath.Join(h.Dir, "hub") }

// Command runs a command of the hub to its end and returns what it wrote to stdout.
func (h *Hub) Command(ctx context.Context, args ...string) (string, error) {
	out, err := command(ctx, h.Program, []string{"hub", "--dir", h.folder()}, args...)
	return strings.TrimSpace(out), err
}

// Confirm has the group's moderator confirm a number that is waiting, on the page of waiting numbers.
func (h *Hub) Confirm(ctx context.Context, number screening.Number) error {
	said, err := h.Command(ctx, "moderator", "password", moderator, "--link")
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar}
	// Using the link signs her in, and leads to the numbers that wait.
	link := "/password/" + said[strings.LastIndexByte(said, '/')+1:]
	page, err := h.post(ctx, browser, link, url.Values{"new": {"walnut sofa kettle orbit"}})
	if err != nil {
		return err
	}
	at := "/moderate/numbers/" + number.Digits()
	if !strings.Contains(page, "Until you decide") || !strings.Contains(page, `action="`+at+`"`) {
		return fmt.Errorf("%s does not wait for a moderator:\n%s", number, page)
	}
	page, err = h.post(ctx, browser, at, url.Values{"what": {hub.Confirm}, "category": {store.CategoryOther}, "from": {"waiting"}, "why": {"Trading Standards know this caller."}})
	if err == nil && !strings.Contains(page, "Confirmed as a scammer’s") {
		err = fmt.Errorf("the hub did not confirm %s:\n%s", number, page)
	}
	return err
}

// post sends a form as a browser does, and returns the page to which it leads.
func (h *Hub) post(ctx context.Context, browser *http.Client, path string, form url.Values) (page string, err error) {
	site := "http://" + h.Address
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, site+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", site)
	answer, err := browser.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the hub answers %s to %s:\n%s", answer.Status, r.URL.Path, text)
	}
	return string(text), err
}

// Close ends it.
func (h *Hub) Close() {
	if h.process != nil {
		h.process.end(syscall.SIGTERM)
		h.process = nil
	}
}

// Neighbour has a household without a telephone on the testbed join a group by a link and report a number. It has a store like every household, and
// the same code sends its reports. dir is an empty folder for it.
func Neighbour(ctx context.Context, dir, link string, number screening.Number) (err error) {
	db, err := store.Open(ctx, filepath.Join(dir, "ringfence.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const household = "home"
	if err := db.EnsureHousehold(ctx, household); err != nil {
		return err
	}
	groups := group.Groups{
		Store: db, Now: time.Now,
		Client: group.Client{HTTP: fetch.New(fetch.Options{AllowPrivate: true}).Messages(), OwnNetwork: true},
		House: func(context.Context, string) (screening.Household, error) {
			return screening.Household{Region: "GB"}, nil
		},
	}
	offer, err := groups.Meet(ctx, link)
	if err != nil {
		return err
	}
	joined, err := groups.Accept(ctx, household, offer)
	if err != nil {
		return err
	}
	if joined.ID, err = db.Outbox.JoinGroup(ctx, joined.Group, joined.Key); err != nil {
		return err
	}
	if err := db.ReportNumber(ctx, household, number, store.CategoryOther, store.ByCommand); err != nil {
		return err
	}
	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	sender := group.Sender{Groups: groups, Log: slog.New(slog.DiscardHandler), Random: func() float64 { return 0 }, OnSent: cancel}
	sender.Run(sending, nil)
	return taken(ctx, groups, joined.Group)
}

// taken checks that a group has a household's reports.
func taken(ctx context.Context, groups group.Groups, joined outbox.Group) error {
	joined, err := groups.Store.Outbox.Group(ctx, joined.Household, joined.ID)
	if err != nil {
		return err
	}
	all, err := groups.Standings(ctx, joined)
	for _, one := range all {
		if one.Stage != group.Sent {
			err = errors.Join(err, fmt.Errorf("a report of %s was not sent: %s %s %s", one.Number, one.Stage, one.Why, joined.Error))
		}
	}
	return err
}
