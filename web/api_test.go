package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"ringfence/store"
	"ringfence/web/api"
)

// described is the description of the interface, in which what is not described is not allowed either.
func described(t *testing.T) (*openapi3.T, routers.Router) {
	t.Helper()
	d := readDescription()
	if d.err != nil {
		t.Fatal(d.err)
	}
	return d.doc, d.router
}

type description struct {
	doc    *openapi3.T
	router routers.Router
	err    error
}

// readDescription reads it once for all tests.
var readDescription = sync.OnceValue(func() (d description) {
	if d.doc, d.err = openapi3.NewLoader().LoadFromData(api.Description); d.err != nil {
		return d
	}
	if d.err = d.doc.Validate(context.Background()); d.err != nil {
		return d
	}
	if d.router, d.err = legacy.NewRouter(d.doc); d.err != nil {
		return d
	}
	seen := map[*openapi3.Schema]bool{}
	var strict func(*openapi3.SchemaRef)
	strict = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		schema, no := ref.Value, false
		seen[schema] = true
		if len(schema.Properties) > 0 {
			schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
		for _, property := range schema.Properties {
			strict(property)
		}
		strict(schema.Items)
	}
	for _, schema := range d.doc.Components.Schemas {
		strict(schema)
	}
	for _, item := range d.doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					strict(media.Schema)
				}
			}
		}
	}
	return d
})

// program is a program with a token of somebody. Whatever it sends and is answered is held against the description.
type program struct {
	*site
	token  string
	router routers.Router
	// lax: what it sends may be wrong
	lax bool
	// match: what it means to change (If-Match)
	match string
}

func (s *site) program(who, scope, household string) *program {
	s.t.Helper()
	token, err := s.db.AddToken(s.t.Context(), s.people[who].ID, store.Token{Name: "a test", Scope: scope, Household: household}, siteNow)
	s.ok(err)
	_, router := described(s.t)
	return &program{site: s, token: token, router: router}
}

// send asks; body is JSON, or text where kind says so.
func (p *program) send(method, path, kind, body string) answer {
	p.t.Helper()
	request := func() *http.Request {
		var content io.Reader
		if body != "" {
			content = strings.NewReader(body)
		}
		r, err := http.NewRequestWithContext(p.t.Context(), method, p.web.URL+path, content)
		p.ok(err)
		if body != "" {
			r.Header.Set("Content-Type", kind)
		}
		if p.token != "" {
			r.Header.Set("Authorization", "Bearer "+p.token)
		}
		if p.match != "" {
			r.Header.Set("If-Match", p.match)
		}
		return r
	}
	a := (&client{site: p.site, http: &http.Client{Timeout: 2 * time.Minute}}).do(request())
	described := request()
	described.URL.Scheme, described.URL.Host = "", "" // as the server that is described
	found, values, err := p.router.FindRoute(described)
	if err != nil {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			p.t.Errorf("%s %s answered %d, and is not described: %v", method, path, a.status, err)
		}
		return a
	}
	input := &openapi3filter.RequestValidationInput{Request: described, PathParams: values, Route: found, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(p.t.Context(), input); err != nil && !p.lax {
		p.t.Errorf("%s %s: what is sent is not described: %v", method, path, err)
	}
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: a.status, Header: a.header}
	response.SetBodyBytes([]byte(a.body))
	if err := openapi3filter.ValidateResponse(p.t.Context(), response); err != nil {
		p.t.Errorf("%s %s answered %d, which is not described: %v\n%s", method, path, a.status, err, a.body)
	}
	return a
}

func init() {
	// What kin-openapi does not know how to read.
	for _, kind := range []string{"audio/wav", "application/yaml", "application/zip", "text/csv"} {
		openapi3filter.RegisterBodyDecoder(kind, func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
			text, err := io.ReadAll(body)
			return string(text), err
		})
	}
}

func (p *program) get(path string) answer { return p.send(http.MethodGet, "/api/v1/"+path, "", "") }

func (p *program) json(method, path, body string) answer {
	return p.send(method, "/api/v1/"+path, "application/json", body)
}

// matching sends something about a state.
func (p *program) matching(state, method, path, body string) answer {
	p.t.Helper()
	one := *p
	one.match = state
	return one.json(method, path, body)
}

// wants checks a status, and returns what is at a place in the answer.
func (p *program) wants(a answer, status int, words ...string) {
	p.t.Helper()
	if a.status != status {
		p.t.Errorf("answered %d, not %d: %s", a.status, status, a.body)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			p.t.Errorf("the answer lacks %s: %s", w, a.body)
		}
	}
}

// Every route is described, and everything that is described is there.
func TestEveryRouteOfTheInterfaceIsDescribed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc, _ := described(t)
	var there, written []string
	for _, rt := range s.api.Routes() {
		there = append(there, rt.Pattern)
	}
	there = append(there, "GET /health")
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			written = append(written, method+" "+path)
			if operation.Summary == "" || operation.OperationID == "" || operation.Responses.Default() == nil {
				t.Errorf("%s %s lacks words, a name or its errors", method, path)
			}
		}
	}
	slices.Sort(there)
	slices.Sort(written)
	if !slices.Equal(there, written) {
		t.Errorf("there:\n%s\ndescribed:\n%s", strings.Join(there, "\n"), strings.Join(written, "\n"))
	}
	p := s.program("viewer", store.ScopeRead, "")
	if a := p.get("openapi.yaml"); a.body != string(api.Description) {
		t.Error("another description is served")
	}
}

// apiSample is an address of a route, with something of mum's in each place.
func (s *site) apiSample(pattern, household string, contact int64) (method, path string) {
	return s.sample(strings.NewReplacer("{contact}", itoa(contact), "{list}", "parish").Replace(pattern), household)
}

// A program sees how far reports have come to groups, word for word what was sent, and can pause that.
func TestGroupsForPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.ReportNumber(t.Context(), "mum", "+441614960888", "bank", "Carer Taylor"))
	p := s.program("carer", store.ScopeChange, "")
	one := "households/mum/groups/" + itoa(s.group)
	p.wants(p.get("households/mum/groups"), 200, `[{"id":`+itoa(s.group)+`,`, `"held":1,"waiting":0,"sent":0,"refused":0`, `"paused":false`)
	p.wants(p.get("households/mum/reports"), 200, `"number":"+441614960888"`, `"stage":"held","until":"`)
	p.wants(p.json(http.MethodPut, one+"/pause", `{"paused":true}`), 204)
	p.wants(p.get(one), 200, `"paused":true`)
	p.wants(p.json(http.MethodPut, one+"/pause", `{"paused":false}`), 204)
	p.wants(p.get(one), 200, `"paused":false`)
	p.wants(p.get(one+"/sent"), 200, `"number":"+442079460777","kind":"for","category":"bank","body":"{\"number\":\"+442079460777\"`)
	if a := p.get(one); strings.Contains(a.body, hubKey) {
		t.Error("the household's key is shown")
	}
	p.lax = true
	p.wants(p.json(http.MethodPut, one+"/pause", `{}`), 422, "true or false")
	p.wants(p.get("households/mum/groups/99"), 404)
	s.ok(s.db.Outbox.LeaveGroup(t.Context(), "mum", s.group, siteNow))
	p.wants(p.get("households/mum/groups"), 200, `"left":"`)
	p.wants(p.json(http.MethodPut, one+"/pause", `{"paused":true}`), 409)
}

// A program reads and changes what its person's alerts are about and when they come, and nobody else's; where they go it isn't told.
func TestAlertsForPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	own, other := s.program("owner", store.ScopeChange, ""), s.program("carer", store.ScopeChange, "")
	one := "households/mum/alerts/" + itoa(s.way)
	all := own.get("households/mum/alerts")
	own.wants(all, 200, `[{"id":`+itoa(s.way)+`,"name":"E-mail to owner@example.org","service":"email","events":["`, `"daily":"","quiet_from":"","quiet_to":""`, `"paused":false`)
	if strings.Contains(all.body, "topsecret") {
		t.Error("the address is shown")
	}
	own.wants(own.json(http.MethodPatch, one, `{"events":["line","stranger","line"],"quiet_from":"22:00","quiet_to":"7:00","zone":"Europe/Paris"}`), 200,
		`"events":["stranger","line"],"words":false,"daily":"","quiet_from":"22:00","quiet_to":"07:00"`, `"zone":"Europe/Paris"`)
	own.wants(own.json(http.MethodPatch, one, `{"daily":"18:00","words":true}`), 200, `"events":["stranger","line"],"words":true,"daily":"18:00","quiet_from":"22:00"`)
	own.wants(own.json(http.MethodPatch, one, `{"daily":"","quiet_from":"","quiet_to":""}`), 200, `"daily":"","quiet_from":"","quiet_to":""`)
	own.wants(own.json(http.MethodPut, one+"/pause", `{"paused":true}`), 204)
	own.wants(own.get(one), 200, `"paused":true`)
	own.lax = true
	for body, words := range map[string]string{
		`{"events":[]}`:          "at least one thing",
		`{"events":["pigeon"]}`:  "There is no alert about “pigeon”. An alert can be about stranger, emergency-dialled,",
		`{"quiet_from":"22:00"}`: "both a beginning and an end",
		`{"daily":"noon"}`:       "The daily message needs a time of day",
		`{"zone":"Mars/North"}`:  "There is no time zone",
		`{"daily":"23:00","quiet_from":"22:00","quiet_to":"07:00"}`: "The daily message would be in the quiet hours",
	} {
		own.wants(own.json(http.MethodPatch, one, body), 422, words)
	}
	own.wants(own.json(http.MethodPatch, one, `{"address":"x"}`), 400)
	own.lax = false
	other.wants(other.get("households/mum/alerts"), 200, "[]")
	for _, a := range []answer{other.get(one), other.json(http.MethodPatch, one, `{"events":["line"]}`), other.json(http.MethodPut, one+"/pause", `{"paused":false}`), other.json(http.MethodDelete, one, "")} {
		other.wants(a, 404)
	}
	reads := s.program("owner", store.ScopeRead, "")
	reads.wants(reads.json(http.MethodDelete, one, ""), 403, "only read")
	own.wants(own.json(http.MethodDelete, one, ""), 204)
	own.wants(own.get(one), 404)
}

// A monitor sees whether all is well, and nothing about anybody.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.program("carer", store.ScopeRead, "")
	p.token = ""
	a := p.send("GET", "/health", "", "")
	p.wants(a, 200, `{"status":"ok","parts":[{"name":"database","up":true},{"name":"asterisk","up":true},{"name":"lines","up":true}]}`)
	line := s.board.Line("")
	line.Trunk.Up = false
	s.board.set(line)
	p.wants(p.send("GET", "/health", "", ""), 503, `"status":"failing"`, `{"name":"lines","up":false}`)
	line.Trunk.Up, line.SIP = true, "nothing listens"
	s.board.set(line)
	p.wants(p.send("GET", "/health", "", ""), 503, `"status":"failing"`, `{"name":"asterisk","up":false},{"name":"lines","up":true}`)
	if strings.Contains(a.body, "mum") || bytes.Contains([]byte(a.body), []byte("+44")) {
		t.Error("it tells who lives there")
	}
}
