// Package api is the interface for programs, /api/v1: the same as the pages, as JSON. It calls the same functions of package household as they do. A
// program's token says whose it is. Cookies mean nothing here, so that no page of another site can make a browser use it. Names of fields are a
// contract: added, never renamed.
package api

import (
	_ "embed"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// Description is the interface in OpenAPI.
//
//go:embed openapi.yaml
var Description []byte

// root is where all addresses begin.
const root = "/api/v1/"

// How often a program may ask: some requests at once, as when it starts, and then at a steady rate. Each answer takes a small computer some
// milliseconds, which calls need more.
const (
	AskEach   = 5 // a second
	AskAtOnce = 100
)

// API answers programs.
type API struct {
	*backend.Backend
	Asked *accounts.Limits // how often programs have asked
}

// New makes the interface of a backend.
func New(b *backend.Backend) *API { return &API{b, accounts.NewLimits(AskEach, AskAtOnce)} }

// Route is an address and what it answers. What it needs is checked before answer is called.
type Route struct {
	Pattern string // as for http.ServeMux
	Needs   backend.Permission
	answer  func(*http.Request, *backend.Visitor) (any, error) // see API.write
}

// of is the address of a household.
const of = "/api/v1/households/{household}"

// Routes is every address of the interface. All but those with GET need a token that may change things.
func (a *API) Routes() []Route {
	return append([]Route{
		{"GET /api/v1/openapi.yaml", backend.Anybody, description},
		{"GET /api/v1/me", backend.SignedIn, me},
		{"GET /api/v1/households", backend.SignedIn, households},
		{"GET " + of, backend.See, ofHousehold},
		{"GET " + of + "/line", backend.See, a.line},
		{"GET " + of + "/lookup", backend.See, a.lookup},
		{"GET " + of + "/calls", backend.See, a.calls},
		{"GET " + of + "/calls/{call}", backend.See, a.call},
		{"POST " + of + "/calls/{call}/press", backend.Change, a.press},
		{"GET " + of + "/calls/{call}/recordings/{kind}", backend.Hear, a.recording},
		{"GET " + of + "/messages", backend.See, a.messages},
		{"POST " + of + "/messages/{call}/heard", backend.Tend, a.markHeard},
		{"DELETE " + of + "/messages/{call}", backend.Tend, a.deleteMessage},

		{"GET " + of + "/contacts", backend.See, a.contacts},
		{"POST " + of + "/contacts", backend.Change, a.addContact},
		{"GET " + of + "/contacts/{contact}", backend.See, a.contact},
		{"PUT " + of + "/contacts/{contact}", backend.Change, a.replaceContact},
		{"DELETE " + of + "/contacts/{contact}", backend.Change, a.removeContact},

		{"GET " + of + "/blocks", backend.See, a.blocks},
		{"POST " + of + "/blocks", backend.Change, a.addBlock},
		{"GET " + of + "/blocks/{block}", backend.See, a.block},
		{"PATCH " + of + "/blocks/{block}", backend.Change, a.editBlock},
		{"DELETE " + of + "/blocks/{block}", backend.Change, a.removeBlock},
		{"GET " + of + "/reports", backend.See, a.reports},
		{"PUT " + of + "/reports/{number}", backend.Change, a.report},
		{"DELETE " + of + "/reports/{number}", backend.Change, a.withdrawReport},
		{"DELETE " + of + "/callers/{number}", backend.Own, a.forgetCaller},
		{"POST " + of + "/export", backend.Take, a.export},

		// Joining a group and leaving it are not among these, because an owner has to read what leaves the house, and agree: that needs a page.
		{"GET " + of + "/groups", backend.See, a.groups},
		{"GET " + of + "/groups/{group}", backend.See, a.ofGroup(a.group)},
		{"PUT " + of + "/groups/{group}/pause", backend.Change, a.ofGroup(a.pauseGroup)},
		{"GET " + of + "/groups/{group}/sent", backend.See, a.ofGroup(a.sentToGroup)},

		{"GET " + of + "/mode", backend.See, a.mode},
		{"PUT " + of + "/mode", backend.Change, a.setMode},
		{"PUT " + of + "/expecting", backend.Change, a.expect},
		{"DELETE " + of + "/expecting", backend.Change, a.expectNobody},
		{"GET " + of + "/options", backend.See, a.options},
		{"PATCH " + of + "/options", backend.Change, a.setOptions},
		{"GET " + of + "/schedule", backend.See, a.schedule},
		{"PUT " + of + "/schedule", backend.Change, a.setSchedule},
		{"POST " + of + "/preview", backend.Change, a.preview},
		{"GET " + of + "/notices", backend.See, a.notices},
		{"GET " + of + "/changes", backend.See, a.changes},
	}, slices.Concat(manyAPI{a}.routes(), listsAPI{a}.routes(), contactSyncAPI{a}.routes(), alertsAPI{a}.routes(), machineAPI{a}.routes())...)
}

func (a listsAPI) routes() []Route {
	return []Route{
		{"GET " + of + "/lists", backend.See, a.lists},
		{"GET " + of + "/lists/{list}", backend.See, a.list},
		{"PUT " + of + "/lists/{list}", backend.Change, a.importList},
		{"DELETE " + of + "/lists/{list}", backend.Change, a.removeList},
		{"PUT " + of + "/lists/{list}/subscription", backend.Change, a.subscribe},
		{"PUT " + of + "/lists/{list}/phoneblock", backend.Own, a.phoneBlock},
		{"GET " + of + "/ready-lists", backend.See, a.readyLists},
		{"PUT " + of + "/ready-lists/{ready}", backend.Change, a.addReadyList},
		{"POST " + of + "/lists/{list}/update", backend.Change, a.updateList},
		{"GET " + of + "/lists/{list}/changes", backend.See, a.heldChanges},
		{"POST " + of + "/lists/{list}/changes", backend.Change, a.acceptChanges},
	}
}

// Handler is the interface as one handler.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range a.Routes() {
		mux.Handle(rt.Pattern, a.serve(rt))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		err := errNoAddress
		if allowed := allowedMethods(mux, r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			err = backend.RefuseAs(http.StatusMethodNotAllowed, "This address takes "+strings.Join(allowed, " and ")+".")
		}
		a.problem(w, r, err)
	})
}

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

// serve turns a route into a handler: it finds out whose program it is, whether it may do this, and what to answer if something fails.
func (a *API) serve(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &backend.Visitor{Now: a.Now()}
		err := a.recognise(r, v, rt.Needs)
		var answer any
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, backend.MaxListFile)
			answer, err = rt.answer(r, v)
		}
		if err == nil {
			err = a.write(w, answer)
		}
		if err != nil {
			a.problem(w, r, err)
		}
	})
}

// recognise finds out whose program it is, and whether it may.
func (a *API) recognise(r *http.Request, v *backend.Visitor, needs backend.Permission) error {
	if needs == backend.Anybody {
		return a.limit("address "+a.Address(r), v.Now)
	}
	sent, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		return errors.Join(a.limit("address "+a.Address(r), v.Now), errNoToken)
	}
	token, person, err := a.Store.TokenOf(r.Context(), strings.TrimSpace(sent), v.Now)
	if errors.Is(err, store.ErrNoToken) {
		return errors.Join(a.limit("address "+a.Address(r), v.Now), backend.RefuseAs(http.StatusUnauthorized, screening.Sentence(err)))
	}
	if err != nil {
		return err
	}
	if err := a.limit("token "+strconv.FormatInt(token.ID, 10), v.Now); err != nil {
		return err
	}
	v.Person, v.Token = person, &token
	if err := errors.Join(a.Store.TouchToken(r.Context(), token, v.Now), a.EnterHouseholds(r.Context(), v)); err != nil {
		return err
	}
	if token.Household != "" {
		v.Households = slices.DeleteFunc(v.Households, func(p backend.Place) bool { return p.Name != token.Household })
	}
	if name := r.PathValue("household"); name != "" {
		if err := v.Enter(name); err != nil {
			return errNoAddress
		}
	}
	if err := a.Allow(r.Context(), v, needs); err != nil {
		return err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && token.Scope != store.ScopeChange {
		return errOnlyRead
	}
	return nil
}

// limit refuses whoever asks too often.
func (a *API) limit(who string, now time.Time) error {
	if a.Asked.Allow(who, now) {
		return nil
	}
	return errTooOften
}

func description(*http.Request, *backend.Visitor) (any, error) {
	return written(func(w http.ResponseWriter) error {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(Description) // the program may have gone
		return nil
	}), nil
}

// me says what the program's token is for.
func me(_ *http.Request, v *backend.Visitor) (any, error) {
	return struct {
		Name      string     `json:"name"`
		Token     string     `json:"token"`
		Scope     string     `json:"scope"`
		Household string     `json:"household,omitempty"`
		Expires   *time.Time `json:"expires,omitempty"`
	}{v.Person.Name, v.Token.Name, v.Token.Scope, v.Token.Household, moment(v.Token.Expires)}, nil
}
