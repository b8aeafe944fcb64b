package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/web/backend"
)

// tried are the addresses below a household's whose requests can be tried. They change nothing but what is in the database.
var tried = []string{"contacts", "blocks", "reports", "mode", "options", "schedule", "countries"}

// errNotTried is for requests that do something else than deciding about calls.
var errNotTried = backend.Refuse("This can't be tried. What can: changes of contacts, blocks, reports, the mode, options and the schedule, and lists that are imported or removed.")

// previewed is a request to this interface that is to be tried.
type previewed struct {
	Method string          `json:"method"`
	Path   string          `json:"path"` // below the household's, such as "blocks"
	Body   json.RawMessage `json:"body"` // a string is a list as text
}

// preview says what another request would have done to past calls, and changes nothing. The request itself is answered, by a copy of the household.
func (a *API) preview(r *http.Request, v *backend.Visitor) (any, error) {
	var sent previewed
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	to, err := url.Parse(root + "households/" + url.PathEscape(v.Household.Name) + "/" + strings.TrimPrefix(sent.Path, "/"))
	if err != nil {
		return nil, errNotTried
	}
	kind, body := "application/json", []byte(sent.Body)
	if text := ""; json.Unmarshal(sent.Body, &text) == nil && len(sent.Body) > 0 {
		kind, body = "text/plain", []byte(text)
	}
	admin := a.Admin(v)
	result, err := replay.Within(r.Context(), a.TryFor(), admin, func(ctx context.Context, trial household.Admin) error {
		inner, err := http.NewRequestWithContext(ctx, sent.Method, to.String(), bytes.NewReader(body))
		if err != nil {
			return errNotTried
		}
		inner.Header.Set("Content-Type", kind)
		b := *a.Backend
		b.Store = trial.Store
		return (&API{&b, a.Asked}).answerOnce(inner, v)
	})
	if err != nil {
		return nil, err
	}
	return result.JSON(admin, v.Hears), nil
}

// answerOnce answers a request that is to be tried.
func (a *API) answerOnce(r *http.Request, v *backend.Visitor) error {
	err := errNotTried
	mux := http.NewServeMux()
	for _, rt := range a.Routes() {
		method, pattern, _ := strings.Cut(rt.Pattern, " ")
		_, below, of := strings.Cut(pattern, "/households/{household}/")
		first, _, _ := strings.Cut(below, "/")
		if method == http.MethodGet || !of || !slices.Contains(tried, first) && below != "lists/{list}" {
			continue
		}
		mux.HandleFunc(rt.Pattern, func(_ http.ResponseWriter, r *http.Request) {
			if err = v.May(rt.Needs); err == nil {
				_, err = rt.answer(r, v)
			}
		})
	}
	mux.ServeHTTP(discarded{}, r)
	return err
}

// discarded is where the answer of a mux goes that finds nothing.
type discarded struct{}

func (discarded) Header() http.Header         { return http.Header{} }
func (discarded) Write(b []byte) (int, error) { return len(b), nil }
func (discarded) WriteHeader(int)             {}
