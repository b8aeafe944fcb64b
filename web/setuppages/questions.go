package setuppages

import (
	"net/http"
	"slices"

	"ringfence/screening"
	"ringfence/setup"
	"ringfence/web/field"
)

// slugs are the pages of questions, in their order.
var slugs = []string{"wiring", "line", "other-end", "phones"}

// asked is a page with questions.
type asked struct {
	Questions []question
	Last      bool
}

// question is one as the page shows it: a field, or options to choose from.
type question struct {
	Name, Words, Help, Wrong string
	Options                  []option
	Field                    field.Field
}

type option struct {
	setup.Option
	Chosen bool
}

// goOn leads to the first page that is not answered yet.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := "done"
	if s.task.running {
		to = "working"
	} else if s.done == nil {
		to = slugs[s.next()]
	}
	http.Redirect(w, r, "/setup/"+to, http.StatusSeeOther)
	return nil
}

// next is the first page with a question that is not answered yet, or the last. mu is held.
func (s *Server) next() int {
	for _, q := range setup.Questions() {
		if _, answered := s.answers[q.Name]; !answered && q.IsAsked(s.answers) {
			return slices.Index(setup.Pages(), q.Page)
		}
	}
	return len(slugs) - 1
}

func (s *Server) questionPage(w http.ResponseWriter, r *http.Request) error {
	i := slices.Index(slugs, r.PathValue("page"))
	m, err := s.Look(r.Context())
	if err != nil {
		return err
	}
	if s.asksForRouter(i) {
		m.Router = s.FindRouter(r.Context())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i < 0 || i > s.next() {
		http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		return nil
	}
	return s.ask(w, m, i, nil, nil)
}

// asksForRouter says whether a page asks for a router's address. Looking for one takes seconds, so nothing is locked meanwhile.
func (s *Server) asksForRouter(page int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return page >= 0 && page <= s.next() && setup.Pages()[page] == setup.PageOther && s.answers["wiring"] == setup.WithRouter
}

// ask shows a page of questions, with what was typed and what is wrong with it. mu is held.
func (s *Server) ask(w http.ResponseWriter, m setup.Machine, i int, typed map[string]string, wrong map[string]string) error {
	p := page{Title: string(setup.Pages()[i]), Step: i + 1}
	shown := asked{Last: i == len(slugs)-1}
	for _, q := range setup.Questions() {
		if q.Page != setup.Pages()[i] || !q.IsAsked(s.answers) {
			continue
		}
		value, has := typed[q.Name]
		if !has {
			if value, has = s.answers[q.Name]; !has {
				value = q.Proposal(m, s.answers)
			}
		}
		shown.Questions = append(shown.Questions, s.shown(m, q, value, wrong[q.Name]))
		if wrong[q.Name] != "" {
			p.Errors = []string{"Please check what’s marked below."}
		}
	}
	p.Data = shown
	return s.show(w, "questions", p)
}

func (s *Server) shown(m setup.Machine, q setup.Question, value, wrong string) question {
	one := question{Name: q.Name, Words: q.Words(s.answers), Help: q.HelpText(m, s.answers), Wrong: wrong}
	for _, o := range q.Choices(m, s.answers) {
		one.Options = append(one.Options, option{o, o.Value == value})
	}
	if one.Options != nil {
		return one
	}
	f := field.New(q.Name, one.Words, value).Hint(one.Help).Error(wrong).Fill("off")
	if q.Kind == setup.Secret {
		f = f.As("password")
		f.Value = "" // a password is never sent to a browser
	}
	if q.Check != nil {
		if _, err := q.Check(m, s.answers, ""); err != nil {
			f = f.Required()
		}
	}
	one.Field = f
	return one
}

// questionsAnswered takes the answers of a page. An answer to an earlier question may change which ones are asked, so it goes on at the first that
// is not answered.
func (s *Server) questionsAnswered(w http.ResponseWriter, r *http.Request) error {
	i := slices.Index(slugs, r.PathValue("page"))
	m, err := s.Look(r.Context())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i < 0 || i > s.next() || s.task.running {
		http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		return nil
	}
	typed, wrong := map[string]string{}, map[string]string{}
	unasked := false
	for _, q := range setup.Questions() {
		if q.Page != setup.Pages()[i] || !q.IsAsked(s.answers) {
			continue
		}
		if _, sent := r.PostForm[q.Name]; !sent {
			delete(s.answers, q.Name) // asked because of another answer on this page
			unasked = true
			continue
		}
		typed[q.Name] = r.PostFormValue(q.Name)
		if q.Kind == setup.Secret && typed[q.Name] == "" && s.answers[q.Name] != "" {
			continue // it was typed before
		}
		if err := m.Take(s.answers, q, typed[q.Name]); err != nil {
			delete(s.answers, q.Name)
			wrong[q.Name] = screening.Sentence(err)
		}
	}
	if len(wrong) > 0 {
		return s.ask(w, m, i, typed, wrong)
	}
	if unasked || i < len(slugs)-1 {
		to := slugs[i]
		if !unasked {
			to = slugs[i+1]
		}
		http.Redirect(w, r, "/setup/"+to, http.StatusSeeOther)
		return nil
	}
	s.begin(m)
	http.Redirect(w, r, "/setup/working", http.StatusSeeOther)
	return nil
}
