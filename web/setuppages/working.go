package setuppages

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/setup"
	"ringfence/setup/adapter"
)

const taskTime = 5 * time.Minute

// begin writes the settings. mu is held.
func (s *Server) begin(m setup.Machine) {
	s.task, s.done = task{running: true}, nil
	a := maps.Clone(s.answers)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), taskTime) // whoever began it may close the page
		defer cancel()
		done, err := s.write(ctx, m, a)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.task.running, s.task.says, s.task.err = false, "", err
		if err == nil {
			s.done = &done
		}
	}()
}

func (s *Server) write(ctx context.Context, m setup.Machine, a setup.Answers) (_ setup.Done, err error) {
	release, err := setup.Claim(m.Settings.File)
	if err != nil {
		return setup.Done{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if setup.MakesRouterPhone(a) {
		err := setup.MakeRouterPhone(ctx, a, func(sentence string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.task.says = sentence
		})
		if err != nil {
			return setup.Done{}, err
		}
	}
	written, err := m.Write(a)
	if err != nil {
		return setup.Done{}, err
	}
	s.Log.Info("the settings were written in a browser", "file", written.File)
	return setup.Logins(written, a)
}

func (s *Server) workingPage(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	t, done := s.task, s.done
	s.mu.Unlock()
	switch {
	case t.running:
		return s.show(w, "working", page{Title: "One moment", Again: true, Data: t.says})
	case t.err != nil:
		return s.show(w, "working", page{Title: "That didn’t work", Errors: []string{screening.Sentence(t.err)}, Data: ""})
	case done == nil:
		http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/setup/done", http.StatusSeeOther)
	return nil
}

// logins is what has to be typed into phones and adapter.
type logins struct {
	setup.Done
	Pages    []adapter.Page
	Steps    []string // for the adapter to fetch its settings; none: it cannot
	Fetching bool
	Fetched  bool
}

func (s *Server) donePage(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	done, fetch := s.done, s.task.adapter
	s.mu.Unlock()
	if done == nil {
		http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		return nil
	}
	p := page{Title: "What to do now", Again: fetch.running}
	d := logins{Done: *done, Fetching: fetch.running, Fetched: fetch.fetched}
	if done.Adapter != nil {
		d.Pages = done.Adapter.Pages()
		if done.MAC != "" {
			d.Steps = done.Fetching()
		}
	}
	if fetch.err != nil {
		p.Errors = []string{screening.Sentence(fetch.err)}
	}
	p.Data = d
	return s.show(w, "done", p)
}

// serveAdapter lets the adapter fetch its settings.
func (s *Server) serveAdapter(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil && s.done.MAC != "" && !s.task.adapter.running {
		s.task.adapter = adapterTask{running: true}
		go s.waitForAdapter(*s.done)
	}
	http.Redirect(w, r, "/setup/done", http.StatusSeeOther)
	return nil
}

func (s *Server) waitForAdapter(d setup.Done) {
	err := d.Serve(context.Background()) // whoever began it may close the page
	if errors.Is(err, adapter.ErrNotFetched) {
		err = errors.New("the adapter hasn’t fetched its settings. Try again, or type them into its pages")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.task.adapter = adapterTask{fetched: err == nil, err: err}
}

// account leads to the page for the first account, once the program is there.
func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	to, err := s.Account(r.Context())
	if err != nil {
		return err
	}
	if to == "" {
		return s.show(w, "working", page{Title: "One moment", Again: true, Data: ""})
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
