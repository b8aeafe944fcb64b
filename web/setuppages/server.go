// Package setuppages has the first pages in a browser: the questions of package setup, what has to be typed into phones and adapter, and the way on to
// the first account. To open them, people type the six-word code from the machine's console.
//
// They are there only in a program that was started with nothing set up. For its first hour all of the pages can then be reached in the home network,
// by https and behind the same code (Server.Door); otherwise only as the settings say (Server.Before).
package setuppages

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ringfence/accounts"
	"ringfence/setup"
	"ringfence/web/field"
	"ringfence/web/render"
	"ringfence/web/static"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Options are what the pages are made of. All fields are needed.
type Options struct {
	Code string // six words
	// Look says what there is to propose from, at this moment.
	Look func(ctx context.Context) (setup.Machine, error)
	// FindRouter looks for a FRITZ!Box in the home network, for seconds; "": there is none.
	FindRouter func(ctx context.Context) string
	// Account is the path of the page that makes the first account; "" as long as the program is not there yet, "/" where somebody has one.
	Account func(ctx context.Context) (string, error)
	// Open says whether a household can still be set up here. Afterwards the pages are gone, and their code opens nothing.
	Open func(ctx context.Context) bool
	Log  *slog.Logger
}

// Server is the pages.
type Server struct {
	Options
	static static.Files
	pages  *render.Pages
	tries  *accounts.Limits // of codes, by where they come from

	mu      sync.Mutex
	inside  map[string]bool // cookies of those who typed the right one
	answers setup.Answers
	done    *setup.Done // what was written; nil: nothing yet
	task    task
}

// task is what goes on without the browser: writing the settings, before that making a telephone in a FRITZ!Box, and after that waiting for the
// adapter to fetch its settings.
type task struct {
	running bool
	says    string // what somebody has to do meanwhile; "" for nothing
	err     error
	adapter adapterTask
}

type adapterTask struct {
	running, fetched bool
	err              error
}

// How often a code may be typed from one network address. It has 48 bits: a guesser who has a thousand addresses, and a month, still has a chance of
// one in three hundred thousand. Each IPv4 address and each IPv6 network is counted by itself, so that nobody else in the home network can keep the right code out.
const (
	tryEvery    = 3 * time.Second
	triesAtOnce = 5
)

// New makes them.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, tries: accounts.NewLimits(rate.Every(tryEvery), triesAtOnce), inside: map[string]bool{}, answers: setup.Answers{}}
	var err error
	if s.static, err = static.Read(); err != nil {
		return nil, err
	}
	s.pages, err = render.Read(templateFiles, template.FuncMap{"asset": s.static.Address, "field": field.New})
	return s, err
}

// page is what a template gets.
type page struct {
	Title  string
	Step   int // from 1 on; 0: none
	Errors []string
	Again  bool // it loads itself again: something is under way
	Data   any
}

// step is one of the steps at the head of a page.
type step struct {
	Name          setup.Page
	Done, Current bool
}

// Steps are all of them, for the template.
func (p page) Steps() (all []step) {
	for i, name := range setup.Pages() {
		all = append(all, step{name, i+1 < p.Step, i+1 == p.Step})
	}
	return all
}

func (s *Server) show(w http.ResponseWriter, name string, p page) error {
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.pages.Write(w, status, name, p)
}
