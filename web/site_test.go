package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	speech "ringfence/sound"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/store/people"
	"ringfence/store/storetest"
	"ringfence/web/backend"
)

// site is the pages of three households with people of every role, on a real database.
type site struct {
	*Server
	t         *testing.T
	db        *store.Store
	web       *httptest.Server
	board     *board
	messenger *messenger
	log       *lockedBuffer
	people    map[string]people.Person
	rest      *restOfRingfence
	// calls of mum's by what they are: "screened", "turned-away", "contact", "message", "withheld", "hostile", "live"
	calls map[string]int64
	// the owner's way of being told of mum's
	way int64
	// a block of each household's
	blocks map[string]int64
	// Of mum's, for the addresses of routes: a contact, an import that can be undone, and an address book that the owner has sent.
	contact, imported int64
	uploaded          string
	group             int64 // that mum's house is in
}

// The clock of a site: a Tuesday, in winter, by London's clocks.
var siteNow = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// hostileName is what a caller's telephone may say.
const hostileName = `"><script>document.title='taken'</script>`

// The people of a site, by what they may do. Each household has an owner of its own; "both" is a carer of mum's and gran's.
var sitePeople = []struct {
	key, household string
	role           store.Role
	hears          bool
}{
	{"owner", "mum", store.RoleOwner, true}, // owners first: a household keeps one
	{"granowner", "gran", store.RoleOwner, true},
	{"elseowner", "else", store.RoleOwner, true},
	{"carer", "mum", store.RoleCarer, true},
	{"unhearing", "mum", store.RoleCarer, false},
	{"viewer", "mum", store.RoleViewer, true},
	{"both", "mum", store.RoleCarer, true},
	{"both", "gran", store.RoleCarer, true},
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := emptySite(t)
	for _, p := range sitePeople {
		if _, there := s.people[p.key]; !there {
			person, err := s.db.People.Add(t.Context(), strings.ToUpper(p.key[:1])+p.key[1:]+" Taylor", p.key+"@example.org")
			s.ok(err)
			s.people[p.key] = person
		}
		s.ok(s.db.SetMembership(t.Context(), p.household, s.people[p.key].ID, p.role, p.hears))
	}
	s.fill()
	return s
}

// emptySite is one that nobody has set up yet.
func emptySite(t *testing.T) *site {
	t.Helper()
	ctx := t.Context()
	data := t.TempDir()
	path := filepath.Join(data, "ringfence.db")
	if err := storetest.Ready(ctx, path, store.Open); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{t: t, db: db, board: newBoard(), messenger: &messenger{db: db}, log: &lockedBuffer{}, people: map[string]people.Person{}, calls: map[string]int64{}, blocks: map[string]int64{}}
	s.rest = &restOfRingfence{db: db, data: data, regions: map[string]string{}, tests: map[string]TestCall{}, changed: s.board.changed}
	var households []backend.Household
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mum", "gran", "else"} {
		if err := db.EnsureHousehold(ctx, name); err != nil {
			t.Fatal(err)
		}
		households = append(households, backend.Household{Name: name, Line: screening.Line{Region: "GB", Language: "en-GB", Zone: london, Number: "+442079460100"}})
	}
	s.Server, err = New(Options{
		Backend: backend.Backend{
			Store: db, Households: func() []backend.Household { return s.rest.moved(households) }, Switchboard: s.board, Houses: s.rest, Regions: s.rest,
			Groups: s.groupsOf(db), Lists: s.listsOf(db, data), Books: s.booksOf(db),
			Languages: []backend.Language{{Code: "en-GB", Name: "British English"}, {Code: "en-US", Name: "American English"}, {Code: "fr-FR", Name: "French"}},
			Log:       slog.New(slog.NewTextHandler(s.log, nil)), Now: func() time.Time { return siteNow },
			TryTime: time.Hour, // on a slow machine
		},
		Messenger: s.messenger, Phrases: s.rest, Backups: s.rest, TestCalls: s.rest,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.web = httptest.NewServer(s.Handler())
	t.Cleanup(s.web.Close)
	return s
}

// fill gives mum's house a life.
func (s *site) fill() {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.SetOption(ctx, "mum", "title", "Mum’s house"))
	s.ok(s.db.SetOption(ctx, "gran", "title", "Gran’s flat"))
	s.ok(s.db.AddContact(ctx, "mum", "Anna Taylor", "+442079460123"))
	s.ok(s.db.AddContact(ctx, "gran", "Gran's secret friend", "+442079460777"))
	for _, household := range []string{"mum", "gran"} {
		s.ok(s.db.AddBlock(ctx, household, screening.Block{Digits: "449098790123", Note: hostileName}, "Owner Taylor"))
		blocks, err := s.db.Blocks(ctx, household)
		s.ok(err)
		s.blocks[household] = blocks[0].ID
	}
	s.fillContacts()
	s.fillGroups()
	var err error
	s.way, err = s.db.Outbox.AddChannel(ctx, "mum", s.people["owner"].ID, "E-mail to owner@example.org", "email", secretAddress, outbox.Choices{Events: outbox.Events(), Digest: -1})
	s.ok(err)
	reason := func(code screening.Code, text string) []screening.Reason {
		return []screening.Reason{{Code: code, Text: text}}
	}
	ago := func(d time.Duration) time.Time { return siteNow.Add(-d) }
	s.calls["contact"] = s.call("mum", ago(50*time.Hour), screening.Caller{Number: "+442079460123", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Ring, Would: screening.Ring, Reasons: reason(screening.CodeContact, "Anna Taylor is one of the household's contacts.")},
		"talked", "rang", "", "picked-up", "")
	s.calls["turned-away"] = s.call("mum", ago(26*time.Hour), screening.Caller{Number: "+442079460999", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: reason(screening.CodeList, "The list Trading Standards knows this number as a scam (tech-support).")},
		"turned-away")
	s.calls["screened"] = s.call("mum", ago(3*time.Hour), screening.Caller{Number: "+442079460555", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")},
		"sent-away", "asked", "ask-name", "said", "3s", "rang", "", "picked-up", "", "pressed", "3")
	s.ok(s.db.Keep(ctx, s.calls["screened"], "name", tone(3*time.Second), 3*time.Second))
	s.calls["message"] = s.call("mum", ago(2*time.Hour), screening.Caller{Number: "+442079460666", Name: "Surgery", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")},
		"message-left", "asked", "ask-name", "said", "2s", "rang", "", "no-answer", "nobody answered", "message", "6s")
	s.ok(s.db.Keep(ctx, s.calls["message"], "message", tone(6*time.Second), 6*time.Second))
	s.calls["withheld"] = s.call("mum", ago(90*time.Minute), screening.Caller{Presentation: screening.Withheld},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeWithheld, "The caller withholds their number.")}, "no-name", "asked", "ask-name")
	s.calls["hostile"] = s.call("mum", ago(time.Hour), screening.Caller{Number: "+442079460888", Name: hostileName, Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "The household does not know the caller.")}, "caller-gone", "asked", hostileName)
	s.calls["long"] = s.longHeaders("mum", ago(30*time.Minute))
	s.calls["gran"] = s.call("gran", ago(time.Hour), screening.Caller{Number: "+442079460777", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: reason(screening.CodeUnknown, "Gran's secret reason.")}, "accepted")
	s.ok(s.db.Keep(ctx, s.calls["gran"], "name", tone(2*time.Second), 2*time.Second))
}

// longHeaders is a call whose caller's telephone sends headers of 4,000 characters, as the network hands them over.
func (s *site) longHeaders(household string, at time.Time) int64 {
	s.t.Helper()
	id := screening.Identity{
		Number: strings.Repeat("9<b>", 1000), Name: strings.Repeat("\u202eM&", 1000), Presentation: strings.Repeat("x", 4000),
	}
	v := screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeImpossible, Text: "The caller shows a number that can't exist."}}}
	call, err := s.db.CallArrived(s.t.Context(), household, "long", at, id, screening.Identify(id, "GB"), v, "caller-gone")
	s.ok(err)
	return call
}

// call logs a call with pairs of steps and details; outcome "" is one in progress.
func (s *site) call(household string, at time.Time, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome, steps ...string) int64 {
	s.t.Helper()
	id := screening.Identity{Number: string(caller.Number), Name: caller.Name}
	call, err := s.db.CallArrived(s.t.Context(), household, at.Format(time.RFC3339Nano)+household, at, id, caller, v, "")
	s.ok(err)
	for i := 0; i+1 < len(steps); i += 2 {
		s.ok(s.db.CallStep(s.t.Context(), call, at.Add(time.Duration(i+1)*2*time.Second), calllog.Read(calllog.Kind(steps[i]), steps[i+1])))
	}
	if outcome != "" {
		s.ok(s.db.CallEnded(s.t.Context(), call, at.Add(time.Minute), outcome))
	}
	return call
}

// ringing is a call in progress at mum's: an unknown caller who has said who they are.
func (s *site) ringing() int64 {
	s.t.Helper()
	call := s.call("mum", siteNow.Add(-20*time.Second), screening.Caller{Number: "+442079460444", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}},
		"", "asked", "ask-name", "said", "3s", "rang", "")
	s.ok(s.db.Keep(s.t.Context(), call, "name", tone(3*time.Second), 3*time.Second))
	s.board.changed()
	return call
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// cookie is a session of somebody who has signed in; "" is nobody.
func (s *site) cookie(who string) *http.Cookie {
	s.t.Helper()
	ctx, err := s.sessions.Load(s.t.Context(), "")
	s.ok(err)
	login, err := s.db.People.AddLogin(ctx, s.people[who].ID, "a test", "127.0.0.1", siteNow)
	s.ok(err)
	s.sessions.Put(ctx, "login", login)
	token, _, err := s.sessions.Commit(ctx)
	s.ok(err)
	return &http.Cookie{Name: s.sessions.Cookie.Name, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// as is a browser without pictures and script, of somebody who has signed in; "" is nobody. It follows no redirects.
func (s *site) as(who string) *client {
	s.t.Helper()
	c := &client{site: s, http: &http.Client{Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if who != "" {
		c.cookie = s.cookie(who)
	}
	return c
}

type client struct {
	site   *site
	http   *http.Client
	cookie *http.Cookie
	last   string // the page that a form has led to
}

// answer is what came back.
type answer struct {
	status  int
	header  http.Header
	cookies []*http.Cookie
	body    string
}

// begin asks for a stream, and hears only how it begins.
func (c *client) begin(r *http.Request) answer {
	c.site.t.Helper()
	ctx, enough := context.WithCancel(r.Context())
	defer enough()
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	response, err := c.http.Do(r.WithContext(ctx))
	c.site.ok(err)
	defer func() { c.site.ok(response.Body.Close()) }()
	if response.Header.Get("Content-Type") == "text/event-stream" {
		return answer{status: response.StatusCode, header: response.Header}
	}
	body, err := io.ReadAll(response.Body)
	c.site.ok(err)
	return answer{response.StatusCode, response.Header, response.Cookies(), string(body)}
}

func (c *client) do(r *http.Request) answer {
	c.site.t.Helper()
	if r.Method != http.MethodGet && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Values("Origin") == nil {
		r.Header.Set("Origin", c.site.web.URL) // as browsers do
	}
	if c.cookie != nil {
		r.AddCookie(c.cookie)
	}
	response, err := c.http.Do(r)
	c.site.ok(err)
	defer func() { c.site.ok(response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	c.site.ok(err)
	for _, set := range response.Cookies() {
		if set.Name == c.site.sessions.Cookie.Name {
			c.cookie = set
		}
	}
	return answer{response.StatusCode, response.Header, response.Cookies(), string(body)}
}

func (c *client) get(path string) answer {
	c.site.t.Helper()
	r, err := http.NewRequestWithContext(c.site.t.Context(), http.MethodGet, c.site.web.URL+path, nil)
	c.site.ok(err)
	return c.do(r)
}

// post sends a form: pairs of names and values.
func (c *client) post(path string, fields ...string) answer {
	c.site.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(c.site.t.Context(), http.MethodPost, c.site.web.URL+path, strings.NewReader(form.Encode()))
	c.site.ok(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r)
}

// sendFile sends a form with a file as the last field; there is no file if content is nil.
func (c *client) sendFile(path, field, name string, content []byte, fields ...string) answer {
	c.site.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		c.site.ok(form.WriteField(fields[i], fields[i+1]))
	}
	if content != nil {
		part, err := form.CreateFormFile(field, name)
		c.site.ok(err)
		_, err = part.Write(content)
		c.site.ok(err)
	}
	c.site.ok(form.Close())
	r, err := http.NewRequestWithContext(c.site.t.Context(), http.MethodPost, c.site.web.URL+path, &body)
	c.site.ok(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(r)
}

// tone is a WAV file, 8 kHz, 16 bit, mono.
func tone(length time.Duration) []byte {
	samples := make([]int16, int(length.Seconds()*8000))
	for i := range samples {
		samples[i] = int16(9000 * math.Sin(2*math.Pi*440*float64(i)/8000))
	}
	data, _ := binary.Append(nil, binary.LittleEndian, samples) // it takes all numbers
	return speech.WAV(speech.Rate, data)
}

// lockedBuffer is a log that a test reads while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
