package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
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
	doc, err := openapi3.NewLoader().LoadFromData(api.Description)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
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
	for _, schema := range doc.Components.Schemas {
		strict(schema)
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					strict(media.Schema)
				}
			}
		}
	}
	return doc, router
}

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
	a := (&client{site: p.site, http: &http.Client{Timeout: 20 * time.Second}}).do(request())
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
	for _, kind := range []string{"audio/wav", "application/yaml", "text/csv"} {
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

// A program does what a carer does.
func TestTheInterface(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	p := s.program("carer", store.ScopeChange, "")
	p.wants(p.get("me"), 200, `"name":"Carer Taylor"`, `"scope":"change"`)
	p.wants(p.get("households"), 200, `"name":"mum"`, `"timezone":"Europe/London"`)
	p.wants(p.get("households/mum"), 200, `"role":"carer"`)
	p.wants(p.get("households/mum/line"), 200, `"level":"ok"`, `"name":"hall","up":true`)

	p.wants(p.get("households/mum/lookup?number=020+7946+0333"), 200, `"number":"+442079460333"`, `"action":"turn-away"`, `"list":"Trading Standards"`, `"confidence":0.9`)
	p.wants(p.get("households/mum/lookup?number=withheld"), 200, `"number":""`, `"action":"screen"`)
	p.wants(p.get("households/mum/lookup"), 200, `"code":"unavailable"`)

	p.wants(p.get("households/mum/calls"), 200, `"calls":[{"at":"`, `"kind":"message","seconds":6,"href":"/api/v1/households/mum/calls/`)
	var page struct {
		Calls []struct{ ID int64 }
		Next  string
	}
	var ids []int64
	for path := "households/mum/calls?limit=3"; ; path = "households/mum/calls?limit=3&after=" + page.Next {
		page.Next = ""
		a := p.get(path)
		p.wants(a, 200)
		s.ok(json.Unmarshal([]byte(a.body), &page))
		for _, c := range page.Calls {
			if slices.Contains(ids, c.ID) {
				t.Errorf("the call %d comes twice", c.ID)
			}
			ids = append(ids, c.ID)
		}
		if page.Next == "" {
			break
		}
	}
	if len(ids) != 10 {
		t.Errorf("%d calls were found page by page", len(ids))
	}
	p.wants(p.get("households/mum/calls?kind=message&who=nobody&from=2026-11-01&to=2026-11-30"), 200, `{"calls":[]}`)
	p.wants(p.get("households/mum/calls/"+itoa(s.calls["screened"])), 200, `"outcome":"sent-away"`, `"step":"pressed","detail":"3"`)
	p.wants(p.get("households/mum/calls/"+itoa(s.calls["screened"])+"/recordings/name"), 200, "WAVE")
	live := s.ringing()
	p.wants(p.json("POST", "households/mum/calls/"+itoa(live)+"/press", `{"key":"let-through"}`), 204)
	if got := s.board.log(); got != "mum let-through Carer Taylor" {
		t.Errorf("pressed: %q", got)
	}
	p.wants(p.get("households/mum/messages"), 200, `"heard":false`)
	p.wants(p.send("POST", "/api/v1/households/mum/messages/"+itoa(s.calls["message"])+"/heard", "", ""), 204)
	p.wants(p.get("households/mum/messages"), 200, `"heard":true`)
	p.wants(p.send("DELETE", "/api/v1/households/mum/messages/"+itoa(s.calls["message"]), "", ""), 204)
	p.wants(p.get("households/mum/messages"), 200, "[]")

	a := p.json("POST", "households/mum/contacts", `{"name":"Dr Patel","numbers":["0116 496 0123"],"notes":"the surgery"}`)
	p.wants(a, 201, `"numbers":["+441164960123"]`)
	var made struct{ ID int64 }
	s.ok(json.Unmarshal([]byte(a.body), &made))
	contact := "households/mum/contacts/" + itoa(made.ID)
	p.wants(p.json("POST", "households/mum/contacts", `{"name":"Dr Patel","numbers":["0116 496 0124"]}`), 409, "even_so")
	p.wants(p.json("PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0123","0116 496 0124"]}`), 200, `"notes":""`)
	old := a.header.Get("ETag")
	now := p.get(contact)
	p.wants(now, 200, "Dr A. Patel")
	p.wants(p.matching(old, "PUT", contact, `{"name":"Dr Singh","numbers":["0116 496 0123"]}`), 412, "changed meanwhile")
	p.wants(p.matching(old, "DELETE", contact, ""), 412, "changed meanwhile")
	p.wants(p.matching(old+", "+now.header.Get("ETag"), "PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0123"],"notes":"kind"}`), 200, `"notes":"kind"`)
	p.wants(p.matching("*", "PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0124"]}`), 200, `"notes":""`)
	p.wants(p.get("households/mum/contacts"), 200, "Anna Taylor", "Dr A. Patel")
	p.wants(p.send("DELETE", "/api/v1/"+contact, "", ""), 204)
	p.wants(p.get(contact), 404)

	p.wants(p.get("households/mum/blocks"), 200, `"hits":{"count":2,"last":"`, `"reach":"This blocks all 10,000 premium-rate numbers`)
	a = p.json("POST", "households/mum/blocks", `{"number":"020 7946 0444","note":"rude","farewell":"not-wanted"}`)
	p.wants(a, 201, `"number":"+442079460444"`, `"by":"Carer Taylor"`)
	s.ok(json.Unmarshal([]byte(a.body), &made))
	block := "households/mum/blocks/" + itoa(made.ID)
	if got := a.header.Get("Location"); got != "/api/v1/"+block {
		t.Errorf("it is at %q", got)
	}
	p.wants(p.json("PATCH", block, `{"note":"very rude"}`), 200, `"note":"very rude","farewell":"not-wanted"`)
	p.wants(p.get(block), 200, "very rude")
	p.wants(p.send("DELETE", "/api/v1/"+block, "", ""), 204)
	p.wants(p.get(block), 404)
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"0121","prefix":true}`), 409, "every number in Birmingham")
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"0121","prefix":true,"sure":true}`), 201, `"number":"+44121"`)
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"020 7946 0123"}`), 422, "Anna Taylor")

	p.wants(p.get("households/mum/reports"), 200, `"by":"telephone"`)
	p.wants(p.json("PUT", "households/mum/reports/02079460333", `{"category":"bank"}`), 204)
	p.wants(p.get("households/mum/reports"), 200, `"number":"+442079460333","category":"bank"`)
	p.wants(p.send("DELETE", "/api/v1/households/mum/reports/+442079460333", "", ""), 204)
	p.wants(p.send("DELETE", "/api/v1/households/mum/reports/+442079460333", "", ""), 404)

	p.wants(p.get("households/mum/lists"), 200, `"turned_away":{"count":1,"last":"`)
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/The%20parish", "text/csv", goodList), 200, `{"entries":4,"refused":2,"refusals":[{"line":6,"why":"`)
	p.wants(p.get("households/mum/lists/The%20parish"), 200, `"entries":4`, `"source":"a test"`)
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/The%20parish", "text/csv", "<html>\n"), 422, "More lines are wrong")
	p.wants(p.send("DELETE", "/api/v1/households/mum/lists/The%20parish", "", ""), 204)
	p.wants(p.get("households/mum/lists/The%20parish"), 404)

	s.runLists()
	served := s.published()
	p.wants(p.json("PUT", "households/mum/lists/Dunmow/subscription", `{"address":"`+served.source.URL+`","key":"`+served.source.Key+`"}`), 200, `"publisher":"The parish council`)
	p.wants(p.json("POST", "households/mum/lists/Dunmow/update", `{}`), 200, `"entries":1`)
	p.wants(p.get("households/mum/lists"), 200, `"name":"Dunmow"`, `"subscription":{"kind":"list","url":"`+served.source.URL, `"serial":1`)
	p.wants(p.json("PUT", "households/mum/lists/Dunmow/subscription", `{"address":"`+served.source.Link()+`"}`), 409, "subscribed to already")
	p.wants(p.json("PUT", "households/mum/lists/Other/subscription", `{"address":"`+served.source.URL+`","may_turn_away":true}`), 403, "Only an owner")
	p.wants(p.json("PUT", "households/mum/lists/Other/subscription", `{"address":"x y"}`), 422, "no address of a list")
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/Dunmow", "text/csv", goodList), 422, "is subscribed to")
	p.wants(p.send("DELETE", "/api/v1/households/mum/lists/Dunmow", "", ""), 204)
	p.wants(p.json("POST", "households/mum/lists/Dunmow/update", `{}`), 404)

	p.wants(p.get("households/mum/mode"), 200, `"now":"ask"`, `"quiet":false`)
	p.wants(p.json("PUT", "households/mum/mode", `{"mode":"known-only","until":"2026-11-24T18:00:00Z"}`), 200, `"now":"known-only","mode":"ask"`, `"temporary_until":"2026-11-24T18:00:00Z"`)
	p.wants(p.json("PUT", "households/mum/mode", `{"mode":"block-only"}`), 200, `"now":"block-only","mode":"block-only"`)
	p.wants(p.json("PUT", "households/mum/expecting", `{}`), 200, `"expecting_until":"2026-11-24T13:00:00Z"`)
	a = p.send("DELETE", "/api/v1/households/mum/expecting", "", "")
	p.wants(a, 200)
	if strings.Contains(a.body, "expecting") {
		t.Error("a call is still expected")
	}
	p.wants(p.get("households/mum/options"), 200, `"threshold":0.5,"emergency_hours":24,`, `"human_check":"off"`, `"quiet_contacts":"ring"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"withheld":"message","ring_dialled":true}`), 200, `"withheld":"message"`, `"ring_dialled":true`, `"threshold":0.5`)
	if house, err := s.db.Household(t.Context(), "mum"); err != nil || house.Threshold != 0 || house.Emergency != 0 {
		t.Errorf("what was not sent is chosen now: %+v %v", house, err)
	}
	p.wants(p.json("PATCH", "households/mum/options", `{"threshold":0.8,"emergency_hours":48}`), 200, `"threshold":0.8,"emergency_hours":48`, `"withheld":"message"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_when":"no-answer"}`), 422, "without a number")
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_number":"07700 900123","carer_when":"no-answer"}`), 200, `"carer_number":"+447700900123","carer_when":"no-answer"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_number":"","carer_when":"off"}`), 200, `"carer_number":"","carer_when":"off"`)
	p.wants(p.json("PUT", "households/mum/schedule", `{"spans":["daily 22:00-07:00 quiet","sat,sun 09:00-18:00 known-only"]}`), 200)
	p.wants(p.get("households/mum/schedule"), 200, `{"spans":["daily 22:00-07:00 quiet","sat,sun 09:00-18:00 known-only"]}`)
	p.wants(p.get("households/mum/mode"), 200, `"next_change":"2026-11-24T22:00:00Z"`)

	s.ok(s.db.AddNotice(t.Context(), "mum", siteNow, store.NoticeMessageLeft, "A caller left a message.", s.calls["message"]))
	p.wants(p.get("households/mum/notices"), 200, `"kind":"message-left"`)
	p.wants(p.get("households/mum/changes?limit=5"), 200, `"by":"Carer Taylor, by the program “a test”"`, `"what":"schedule-changed"`)
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
	if strings.Contains(a.body, "mum") || bytes.Contains([]byte(a.body), []byte("+44")) {
		t.Error("it tells who lives there")
	}
}
