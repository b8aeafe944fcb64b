package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/store"
)

// The interface for programs, /api/v1: the same as the pages, as JSON. A program says by a token whose it is; cookies mean nothing
// here, so no page of another site can make a browser use it. Names of fields are a contract: added, never renamed.

//go:embed api/openapi.yaml
var openAPI []byte

// apiHandlers answer programs.
type apiHandlers struct{ *Server }

// apiRoot is where the interface begins.
const apiRoot = "/api/v1/"

// maxJSON is how large what a program sends may be, in bytes, where it is no list.
const maxJSON = 64 << 10

// A program may ask this often: some at once, as when it starts, and then steadily. Each answer takes a small computer some
// milliseconds, which calls need more.
const (
	askEach   = 5 // a second
	askAtOnce = 100
)

// apiRoutes is every address of the interface. One that is no GET needs a token that may change.
func (s apiHandlers) apiRoutes() []route {
	return slices.Concat(
		[]route{
			{"GET /api/v1/openapi.yaml", anybody, s.apiDescription},
			{"GET /api/v1/me", signedIn, s.apiMe},
		},
		s.apiHouseholdRoutes(),
		s.apiCallRoutes(),
		s.apiContactRoutes(),
		s.apiBlockRoutes(),
		s.apiListRoutes(),
		s.apiGroupRoutes(),
		s.apiChoiceRoutes(),
		s.apiLogRoutes(),
	)
}

// api is the interface as one handler.
func (s apiHandlers) api() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.apiRoutes() {
		mux.Handle(rt.pattern, s.apiServe(rt))
	}
	rest := http.NewServeMux() // another one, for where the first has nothing
	rest.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if allowed := allowedMethods(mux, r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.problem(w, r, fault{http.StatusMethodNotAllowed, "This address takes " + strings.Join(allowed, " and ") + "."})
			return
		}
		s.problem(w, r, errNoAddress)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			rest.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

var (
	errNoAddress = fault{http.StatusNotFound, "There is nothing at this address: /api/v1/openapi.yaml says what there is."}
	errNoToken   = fault{http.StatusUnauthorized, "Send a token in the header Authorization, as “Bearer rf_…”; people make tokens on their own page, /me."}
	errOnlyRead  = fault{http.StatusForbidden, "This token may only read: make one that may change, if you need to."}
	errTooOften  = fault{http.StatusTooManyRequests, "That is too many requests: wait a little."}
	errNotJSON   = fault{http.StatusUnsupportedMediaType, "Send JSON, with the header Content-Type: application/json."}
)

// allowedMethods are those for which there is something at an address.
func allowedMethods(mux *http.ServeMux, r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		asked := r.Clone(r.Context())
		asked.Method = method
		if _, pattern := mux.Handler(asked); strings.HasPrefix(pattern, method) {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// apiServe makes a handler of a route: whose the program is, whether it may, and what it is told if something fails.
func (s apiHandlers) apiServe(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Now: s.Now()}
		if err := s.apiVisit(r, v, rt); err != nil {
			s.problem(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxListFile)
		if err := rt.serve(w, r, v); err != nil {
			s.problem(w, r, err)
		}
	})
}

// apiVisit finds out whose program it is, and whether it may.
func (s apiHandlers) apiVisit(r *http.Request, v *visit, rt route) error {
	if rt.needs == anybody {
		return s.often("address "+s.address(r), v.Now)
	}
	sent, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		return errors.Join(s.often("address "+s.address(r), v.Now), errNoToken)
	}
	token, person, err := s.Store.TokenOf(r.Context(), strings.TrimSpace(sent), v.Now)
	if errors.Is(err, store.ErrNoToken) {
		return errors.Join(s.often("address "+s.address(r), v.Now), fault{http.StatusUnauthorized, sentence(err)})
	}
	if err != nil {
		return err
	}
	if err := s.often("token "+strconv.FormatInt(token.ID, 10), v.Now); err != nil {
		return err
	}
	v.Person, v.token = person, &token
	if err := errors.Join(s.Store.TouchToken(r.Context(), token, v.Now), s.places(r, v)); err != nil {
		return err
	}
	if token.Household != "" {
		v.Households = slices.DeleteFunc(v.Households, func(p place) bool { return p.Name != token.Household })
	}
	if name := r.PathValue("household"); name != "" {
		if err := v.enter(name); err != nil {
			return errNoAddress
		}
	}
	if err := v.may(rt.needs); err != nil {
		return err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && token.Scope != store.ScopeChange {
		return errOnlyRead
	}
	return nil
}

// often says whether somebody asks too often.
func (s *Server) often(who string, now time.Time) error {
	if s.asked.Allow(who, now) {
		return nil
	}
	return errTooOften
}

// problem is what went wrong, for programs (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// problem tells a program what went wrong. What is not its own fault goes into the log.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, err error) {
	var f fault
	var tooLarge *http.MaxBytesError
	switch err = asFault(err); {
	case errors.Is(err, errTooOften):
		f = errTooOften
		w.Header().Set("Retry-After", "10")
	case errors.Is(err, errNotThere):
		f = errNoAddress
	case errors.As(err, &tooLarge):
		f = fault{http.StatusRequestEntityTooLarge, "That is too large to be taken."}
	case errors.As(err, &f):
	default:
		if r.Context().Err() == nil {
			s.Log.Error("a program could not be answered", "route", r.Pattern, "err", err)
		}
		f = fault{http.StatusInternalServerError, "Something went wrong here; it has been written down for whoever looks after this Ringfence. The telephone is not affected."}
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Ringfence"`)
	}
	s.send(w, f.status, "application/problem+json", problem{"about:blank", http.StatusText(f.status), f.status, f.sentence})
}

// give answers with JSON.
func (s apiHandlers) give(w http.ResponseWriter, status int, what any) error {
	s.send(w, status, "application/json", what)
	return nil
}

func (s *Server) send(w http.ResponseWriter, status int, kind string, what any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // nosniff is set, and the type is not HTML
	if err := encoder.Encode(what); err != nil {
		s.Log.Error("an answer could not be written as JSON", "err", err)
		status, kind = http.StatusInternalServerError, "application/problem+json"
		text.Reset()
		text.WriteString(`{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Something went wrong here."}`)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the program may have gone
}

// take reads the JSON that a program has sent, into what; the error is the answer. A field that is not known is refused: it might
// have been meant for something that this version does not do.
func take(r *http.Request, what any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errNotJSON
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxJSON+1))
	if err != nil {
		return err
	}
	if len(text) > maxJSON {
		return fault{http.StatusRequestEntityTooLarge, "That is too large to be taken."}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(what); err != nil {
		return notThatJSON(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return notThatJSON("something follows behind it")
	}
	return nil
}

func notThatJSON(why string) error {
	return fault{http.StatusBadRequest, "This is not the JSON that is needed here: " + why + "."}
}

func (s apiHandlers) apiDescription(w http.ResponseWriter, _ *http.Request, _ *visit) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openAPI) // the program may have gone
	return nil
}

// apiMe tells a program what its token is for.
func (s apiHandlers) apiMe(w http.ResponseWriter, _ *http.Request, v *visit) error {
	return s.give(w, http.StatusOK, struct {
		Name      string     `json:"name"`
		Token     string     `json:"token"`
		Scope     string     `json:"scope"`
		Household string     `json:"household,omitempty"`
		Expires   *time.Time `json:"expires,omitempty"`
	}{v.Person.Name, v.token.Name, v.token.Scope, v.token.Household, moment(v.token.Expires)})
}

// moment is a time for JSON; the zero time is left out.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// list is a list for JSON: none is [], not null.
func list[T any](items []T) []T { return append([]T{}, items...) }
