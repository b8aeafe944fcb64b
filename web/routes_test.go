package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ringfence/store"
	"ringfence/web/backend"
)

// sample is an address of a route, with something of mum's in each place that is to be filled in. A route with a place that
// is not known here has to be added.
func (s *site) sample(pattern, household string) (method, path string) {
	s.t.Helper()
	method, path, _ = strings.Cut(pattern, " ")
	for place, value := range map[string]string{
		"{household}":  household,
		"{call}":       itoa(s.calls["screened"]),
		"{$}":          "",
		"{person}":     itoa(s.people["granowner"].ID), // who does not belong to mum's
		"{invitation}": "999",
		"{token}":      "999",
		"{phrase}":     store.PhraseAskName,
		"{ready}":      "gb-drama",
		"{passkey}":    "999",
		"{login}":      "999",
		"{kind}":       "name",
		"{month}":      "2026-11",
		"{block}":      itoa(s.blocks["mum"]),
		"{callers}":    "withheld",
		"{number}":     "+442079460999",
		"{import}":     "999",
		"{met}":        "999",
		"{offer}":      "999",
		"{reading}":    "999",
		"{contact}":    itoa(s.contact),
		"{book}":       itoa(s.imported),
		"{upload}":     s.uploaded,
		"{service}":    "email",
		"{alert}":      itoa(s.way),
		"{group}":      itoa(s.group),
		"{line}":       "1",
		"{home}":       "mum",
		"{phone}":      "hall",
		"{trunk}":      "line",
		"{area}":       itoa(s.area),
		"{change}":     "mode",
	} {
		path = strings.ReplaceAll(path, place, value)
	}
	if strings.Contains(path, "{") {
		s.t.Fatalf("%s has a place that sample does not know", pattern)
	}
	return method, path
}

// Who may use which route of whose household: every route, as every role, of every household. What somebody may not see is
// answered as if it were not there, and nothing of another household is ever shown.
func TestEveryRouteAsEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	allowed := map[backend.Permission][]string{
		backend.See:    {"owner", "carer", "unhearing", "viewer", "both", "areaowner", "areacarer", "areaviewer"},
		backend.Hear:   {"owner", "carer", "viewer", "both", "areaowner", "areacarer"},
		backend.Change: {"owner", "carer", "unhearing", "both", "areaowner", "areacarer"},
		backend.Tend:   {"owner", "carer", "both", "areaowner", "areacarer"},
		backend.Own:    {"owner", "areaowner"},
		backend.Take:   {"owner", "areaowner"},
	}
	everybody := []string{"", "owner", "carer", "unhearing", "viewer", "both", "areaowner", "areacarer", "areaviewer", "granowner", "elseowner"}
	mux := s.pagesMux()
	for _, who := range everybody {
		c := s.as(who)
		for _, rt := range s.allRoutes() {
			if !strings.Contains(rt.pattern, "{household}") {
				continue
			}
			if rt.needs < backend.See {
				t.Errorf("%s is of a household, and whoever signs in may use it", rt.pattern)
			}
			method, path := s.sample(rt.pattern, "mum")
			s.leadsTo(mux, rt.pattern, method, path)
			got := s.knock(c, method, path)
			may := slices.Contains(allowed[rt.needs], who)
			switch {
			case who == "" && got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized:
				t.Errorf("%s without signing in answered %d", rt.pattern, got.status)
			case who == "":
				if strings.HasPrefix(rt.pattern, "GET") && !strings.HasPrefix(got.header.Get("Location"), "/sign-in") {
					t.Errorf("%s without signing in leads to %q", rt.pattern, got.header.Get("Location"))
				}
			case may && (got.status == http.StatusForbidden || got.status >= 500):
				t.Errorf("%s as %s answered %d", rt.pattern, who, got.status)
			case !may && (who == "granowner" || who == "elseowner") && got.status != http.StatusNotFound:
				t.Errorf("%s of mum as %s answered %d, as if it were there", rt.pattern, who, got.status)
			case !may && who != "granowner" && who != "elseowner" && got.status != http.StatusForbidden:
				t.Errorf("%s as %s answered %d, not that they may not", rt.pattern, who, got.status)
			}
			if !may && strings.Contains(got.body, "020 7946") {
				t.Errorf("%s as %s shows a number", rt.pattern, who)
			}
			// What is mum's is not there under another household's address, whoever asks.
			if method, path := s.sample(rt.pattern, "gran"); who == "both" && ofOne(rt) {
				want := http.StatusNotFound
				if !slices.Contains(allowed[rt.needs], who) {
					want = http.StatusForbidden
				}
				if got := s.knock(c, method, path); got.status != want {
					t.Errorf("%s with a call of mum's under gran's address answered %d, not %d", rt.pattern, got.status, want)
				}
			}
			if strings.Contains(got.body, "Gran's secret") && who != "granowner" && who != "both" {
				t.Errorf("%s as %s shows what is gran's", rt.pattern, who)
			}
		}
	}
}

// What is about the whole machine is there for whoever owns all of its households, be it by an area, and for nobody else.
func TestRoutesOfTheMachineAsEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	machine := 0
	for _, who := range []string{"", "owner", "both", "areaowner", "areacarer", "granowner"} {
		machine = 0
		for _, rt := range s.allRoutes() {
			if rt.needs != backend.Machine {
				continue
			}
			machine++
			method, path := s.sample(rt.pattern, "mum")
			switch a := s.knock(s.as(who), method, path); {
			case who == "" && a.status != http.StatusSeeOther:
				t.Errorf("%s without signing in answered %d", rt.pattern, a.status)
			case who != "" && a.status != http.StatusNotFound:
				t.Errorf("%s as %s answered %d, as if it were there", rt.pattern, who, a.status)
			}
		}
	}
	if machine < 9 {
		t.Errorf("there are %d routes", machine)
	}
	for _, home := range []string{"gran", "else"} {
		_, _, err := s.db.SetAreaHouseholds(t.Context(), s.area, []string{home}, true)
		s.ok(err)
	}
	c := s.as("areaowner")
	for _, path := range []string{"/areas", "/areas/" + itoa(s.area), "/changes"} {
		if a := c.get(path); a.status != http.StatusOK {
			t.Errorf("%s of who owns all answered %d", path, a.status)
		}
	}
}

func (s *site) pagesMux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range s.allRoutes() {
		mux.Handle(rt.pattern, http.NotFoundHandler())
	}
	return mux
}

// leadsTo checks that a request gets to its route: what is not there is answered like what somebody may not see.
func (s *site) leadsTo(mux *http.ServeMux, pattern, method, path string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, path, nil)
	s.ok(err)
	if _, got := mux.Handler(r); got != pattern {
		s.t.Errorf("%s %s gets to %q, not %q", method, path, got, pattern)
	}
}

// ofOne tells whether a route is about one thing of a household.
func ofOne(rt route) bool {
	for _, thing := range []string{"{call}", "{block}", "{contact}", "{book}", "{upload}", "{group}", "{line}"} {
		if strings.Contains(rt.pattern, thing) {
			return true
		}
	}
	return false
}

// knock asks for a route; of a stream only that it begins.
func (s *site) knock(c *client, method, path string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.web.URL+path, nil)
	s.ok(err)
	if strings.HasSuffix(path, "/live") {
		return c.begin(r)
	}
	return c.do(r)
}

// Every answer says how it may be used, and forms of other sites are refused.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.as("carer").get("/h/mum/")
	csp := a.header.Get("Content-Security-Policy")
	for _, must := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
		if !strings.Contains(csp, must) {
			t.Errorf("the policy %q lacks %s", csp, must)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy %q allows script or style in the page", csp)
	}
	if got := a.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control is %q", got)
	}
	if strings.Contains(a.body, "<script>") || strings.Contains(a.body, " style=") || strings.Contains(a.body, " onclick") {
		t.Error("the page has script or style in it")
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.web.URL+"/h/mum/calls/"+itoa(s.calls["screened"])+"/block", nil)
	s.ok(err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://elsewhere.example")
	if got := s.as("carer").do(r); got.status != http.StatusForbidden {
		t.Errorf("another site's form answered %d", got.status)
	}
	cookies := s.as("carer").post("/h/mum/calls/" + itoa(s.calls["screened"]) + "/block").cookies
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookies are %v", cookies)
	}
}
