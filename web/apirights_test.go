package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/web/api"
	"ringfence/web/backend"
)

// Who may use which route of whose household, with which token: every route.
func TestEveryRouteOfTheInterfaceAsEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	contacts, err := s.db.Contacts(t.Context(), "mum")
	s.ok(err)
	may := map[backend.Permission][]string{
		backend.See: {"owner", "carer", "unhearing", "viewer", "both", "areacarer", "areaviewer"}, backend.Hear: {"owner", "carer", "viewer", "both", "areacarer"},
		backend.Change: {"owner", "carer", "unhearing", "both", "areacarer"}, backend.Tend: {"owner", "carer", "both", "areacarer"}, backend.Own: {"owner"}, backend.Take: {"owner"},
	}
	mux := http.NewServeMux()
	for _, rt := range s.api.Routes() {
		mux.Handle(rt.Pattern, http.NotFoundHandler())
	}
	for _, who := range []string{"owner", "carer", "unhearing", "viewer", "both", "areacarer", "areaviewer", "granowner"} {
		for _, scope := range []string{store.ScopeRead, store.ScopeChange} {
			p := s.program(who, scope, "")
			p.lax = true
			for _, rt := range s.api.Routes() {
				if !strings.Contains(rt.Pattern, "{household}") {
					continue
				}
				if rt.Needs < backend.See {
					t.Errorf("%s is of a household, and every token opens it", rt.Pattern)
				}
				method, path := s.apiSample(rt.Pattern, "mum", contacts[0].ID)
				s.leadsTo(mux, rt.Pattern, method, path)
				body := ""
				if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
					body = "[]" // which changes nothing
				}
				a := p.json(method, strings.TrimPrefix(path, "/api/v1/"), body)
				switch allowed := slices.Contains(may[rt.Needs], who) && (method == http.MethodGet || scope == store.ScopeChange); {
				case allowed && (a.status == 401 || a.status == 403 || a.status >= 500):
					t.Errorf("%s as %s (%s) answered %d: %s", rt.Pattern, who, scope, a.status, a.body)
				case !allowed && who == "granowner" && a.status != 404:
					t.Errorf("%s of mum's as %s answered %d, as if it were there", rt.Pattern, who, a.status)
				case !allowed && who != "granowner" && a.status != 403:
					t.Errorf("%s as %s (%s) answered %d, not that they may not", rt.Pattern, who, scope, a.status)
				case !allowed && strings.Contains(a.body, "+44"):
					t.Errorf("%s as %s (%s) shows a number", rt.Pattern, who, scope)
				}
				if strings.Contains(a.body, "Gran's secret") {
					t.Errorf("%s as %s shows what is gran's", rt.Pattern, who)
				}
				if method, path := s.apiSample(rt.Pattern, "gran", contacts[0].ID); who == "both" && (strings.Contains(rt.Pattern, "{call}") || strings.Contains(rt.Pattern, "{block}") || strings.Contains(rt.Pattern, "{group}") || strings.Contains(rt.Pattern, "{contact}")) {
					if a := p.json(method, strings.TrimPrefix(path, "/api/v1/"), body); a.status != 404 && a.status != 403 {
						t.Errorf("%s with what is mum's under gran's address answered %d", rt.Pattern, a.status)
					}
				}
			}
			s.api.Asked = accounts.NewLimits(api.AskEach, api.AskAtOnce)
		}
	}
}

// A token for one household opens no other one; one that was revoked, is too old or made up opens nothing; and a cookie nothing.
func TestTokensThatOpenNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	only := s.program("both", store.ScopeRead, "gran")
	only.wants(only.get("households"), 200, `"name":"gran"`)
	only.wants(only.get("me"), 200, `"household":"gran"`)
	if a := only.get("households"); strings.Contains(a.body, `"mum"`) {
		t.Error("the other household is shown")
	}
	only.wants(only.get("households/mum/calls"), 404)

	p := s.program("carer", store.ScopeRead, "")
	for name, token := range map[string]string{"none": "", "made up": "rf_nothing", "another's with a letter more": p.token + "x"} {
		q := &program{site: s, token: token, router: p.router}
		a := q.get("households")
		q.wants(a, 401, `"status":401`)
		if a.header.Get("WWW-Authenticate") == "" || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	if a := s.as("owner").get("/api/v1/households"); a.status != 401 {
		t.Errorf("a cookie is answered with %d", a.status)
	}
	if a := p.get("households"); len(a.cookies) > 0 {
		t.Error("a program gets a cookie")
	}
	tokens, err := s.db.Tokens(t.Context(), s.people["carer"].ID)
	s.ok(err)
	_, err = s.db.RevokeToken(t.Context(), s.people["carer"].ID, tokens[0].ID)
	s.ok(err)
	p.wants(p.get("households"), 401)
	old, err := s.db.AddToken(t.Context(), s.people["carer"].ID, store.Token{Name: "old", Scope: store.ScopeRead, Expires: siteNow.Add(-time.Second)}, siteNow.Add(-time.Hour))
	s.ok(err)
	p.token = old
	p.wants(p.get("households"), 401)
	if log := s.log.String(); strings.Contains(log, "rf_") {
		t.Error("a token is in the log")
	}
}

// What makes no sense is refused, with a sentence, and changes nothing.
func TestWhatTheInterfaceRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.program("carer", store.ScopeChange, "")
	p.lax = true
	for name, test := range map[string]struct {
		method, path, kind, body string
		status                   int
		words                    string
	}{
		"no address":          {"GET", "nothing", "", "", 404, "openapi.yaml"},
		"an address above":    {"GET", "", "", "", 404, "openapi.yaml"},
		"another method":      {"DELETE", "households/mum/calls", "", "", 405, "takes GET"},
		"no JSON":             {"PUT", "households/mum/mode", "text/plain", "off", 415, "application/json"},
		"broken JSON":         {"PUT", "households/mum/mode", "application/json", `{"mode":`, 400, "not the JSON"},
		"an unknown field":    {"PUT", "households/mum/mode", "application/json", `{"mode":"off","for":3}`, 400, "for"},
		"two values":          {"PUT", "households/mum/mode", "application/json", `{"mode":"off"}{}`, 400, "follows"},
		"too large":           {"PUT", "households/mum/mode", "application/json", `{"mode":"` + strings.Repeat("x", 64<<10) + `"}`, 413, "too large"},
		"no mode":             {"PUT", "households/mum/mode", "application/json", `{"mode":"loud"}`, 422, "loud"},
		"a time that is over": {"PUT", "households/mum/mode", "application/json", `{"mode":"off","until":"2020-01-01T00:00:00Z"}`, 422, "over already"},
		"too long":            {"PUT", "households/mum/expecting", "application/json", `{"until":"2027-01-01T00:00:00Z"}`, 422, "within a day"},
		"a threshold of 0":    {"PATCH", "households/mum/options", "application/json", `{"threshold":0}`, 422, "above 0"},
		"an option's no name": {"PATCH", "households/mum/options", "application/json", `{"":"x"}`, 400, "unknown field"},
		"an unknown action":   {"PATCH", "households/mum/options", "application/json", `{"withheld":"shout"}`, 422, "shout"},
		"no schedule":         {"PUT", "households/mum/schedule", "application/json", `{"spans":["sometimes"]}`, 422, "sometimes"},
		"no time":             {"PUT", "households/mum/schedule", "application/json", `{"spans":["daily 25:00-07:00 quiet"]}`, 422, "25:00"},
		"no number":           {"POST", "households/mum/contacts", "application/json", `{"name":"X","numbers":["y"]}`, 422, "digits only"},
		"no name":             {"POST", "households/mum/contacts", "application/json", `{"numbers":["02079460444"]}`, 422, "needs a name"},
		"a long note":         {"POST", "households/mum/blocks", "application/json", `{"number":"02079460444","note":"` + strings.Repeat("n", 201) + `"}`, 422, "too long"},
		"no farewell":         {"POST", "households/mum/blocks", "application/json", `{"number":"02079460444","farewell":"shout"}`, 422, "shout"},
		"999":                 {"POST", "households/mum/blocks", "application/json", `{"number":"999"}`, 422, "emergency"},
		"no farewell at all":  {"PATCH", "households/mum/blocks/" + itoa(s.blocks["mum"]), "application/json", `{"farewell":null}`, 422, "null"},
		"a report of 999":     {"PUT", "households/mum/reports/999", "application/json", `{"category":"bank"}`, 409, "emergency"},
		"no category":         {"PUT", "households/mum/reports/02079460444", "application/json", `{"category":"rude"}`, 422, "rude"},
		"no key":              {"POST", "households/mum/calls/" + itoa(s.calls["screened"]) + "/press", "application/json", `{"key":"hash"}`, 422, "hash"},
		"no kind":             {"GET", "households/mum/calls?kind=nice", "", "", 400, "kind"},
		"no limit":            {"GET", "households/mum/calls?limit=0", "", "", 400, "1 to 100"},
		"no limit of changes": {"GET", "households/mum/changes?limit=x", "", "", 400, "1 to 500"},
		"no change":           {"GET", "households/mum/changes?before=x", "", "", 400, "ID"},
		"a long list name":    {"PUT", "households/mum/lists/" + strings.Repeat("n", 41), "text/csv", goodList, 422, "40 characters"},
	} {
		a := p.send(test.method, "/api/v1/"+test.path, test.kind, test.body)
		if a.status != test.status || !strings.Contains(a.body, test.words) || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	changes, err := s.db.AuditLog(t.Context(), "mum", 0, 10)
	if err != nil || len(changes) != 0 {
		t.Errorf("something was changed: %+v %v", changes, err)
	}
}

// A program that asks too often has to wait, and others do not wait for it.
func TestAProgramThatAsksTooOften(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.program("carer", store.ScopeRead, "")
	for i := range api.AskAtOnce {
		if a := p.get("me"); a.status != 200 {
			t.Fatalf("request %d answered %d", i, a.status)
		}
	}
	a := p.get("me")
	p.wants(a, 429, "wait a little")
	if a.header.Get("Retry-After") == "" {
		t.Error("it is not said how long")
	}
	other := s.program("carer", store.ScopeRead, "")
	other.wants(other.get("me"), 200)
}
