package cell

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"strings"
	"time"

	"ringfence/app/doctor"
	"ringfence/screening"
	"ringfence/web/static"
)

//go:embed templates/page.html
var pageFile embed.FS

// pages are the operator's page, and the same for programs. They name households, so they are for whoever looks after the machine: they are served where the metrics
// are (docs/metrics.md). What everybody may ask is /health of the carers' pages.
type pages struct {
	*Cell
	static static.Files
	page   *template.Template
}

// Handler answers with the page at /, and for programs at /health.
func (c *Cell) Handler() (http.Handler, error) {
	files, err := static.Read()
	if err != nil {
		return nil, err
	}
	p := pages{Cell: c, static: files}
	p.page, err = template.New("page.html").Funcs(template.FuncMap{"asset": files.Address, "capital": screening.Capital, "level": func(s doctor.State) string { return levels[s] }}).
		ParseFS(pageFile, "templates/page.html")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.forPeople)
	mux.HandleFunc("GET /health", p.forPrograms)
	mux.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) { files.Serve(w, r, http.NotFound) })
	return ownNames(mux), nil
}

// ownNames refuses requests for a name of the internet. Else a page there could have its name lead here, and read in the operator's browser what is on this
// machine (DNS rebinding). An address, "localhost" and a name without a dot are nobody's on the internet.
func ownNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if net.ParseIP(strings.Trim(host, "[]")) == nil && strings.Contains(host, ".") {
			http.Error(w, "Open this page by the machine's address, such as http://127.0.0.1:9464/.", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (p pages) forPeople(w http.ResponseWriter, r *http.Request) {
	found := p.Findings(p.Look(r.Context()))
	level, sentence := summary(found)
	var page bytes.Buffer
	err := p.page.Execute(&page, struct {
		Level, Sentence, At string
		Found               []doctor.Finding
	}{level, sentence, p.Now().Local().Format("2 January 2006, 15:04:05"), found})
	if err != nil {
		p.Failed("the page of the machine can't be made", err)
		http.Error(w, "This page can't be shown. Calls are not affected.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes()) // the browser may have left
}

// report is what programs read. Its fields are a contract (docs/metrics.md); the first three are those of `ringfence check --json`.
type report struct {
	OK         bool             `json:"ok"`
	Summary    string           `json:"summary"`
	Checks     []doctor.Finding `json:"checks"`
	At         time.Time        `json:"at"`
	Version    string           `json:"version"`
	Started    time.Time        `json:"started"`
	Households int              `json:"households"`
	Trunks     Tally            `json:"trunks"`
	Phones     Tally            `json:"phones"`
	NoPhone    int              `json:"households_without_phone"`
	Refused    int64            `json:"calls_refused"`
	Calls      *use             `json:"calls,omitempty"`
}

type use struct {
	Use
	Known   int `json:"known"`
	Fullest Use `json:"fullest_household"`
}

func (p pages) forPrograms(w http.ResponseWriter, r *http.Request) {
	s := p.Look(r.Context())
	found := p.Findings(s)
	answer := report{
		OK: doctor.Sound(found), Summary: doctor.Summary(found), Checks: found, At: p.Now(), Version: p.Release, Started: p.Started,
		Households: len(s.Households), Trunks: s.Trunks, Phones: s.Phones, NoPhone: len(s.NoPhone), Refused: p.Refused(),
	}
	if s.Calls != nil {
		answer.Calls = &use{s.Cell(), s.Limits.Known, s.Fullest()}
	}
	text, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		p.Failed("how the machine is can't be told to a program", err)
		http.Error(w, "This can't be answered. Calls are not affected.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(text, '\n'))
}
