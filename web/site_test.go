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
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/household/cell"
	"ringfence/screening"
	speech "ringfence/sound"
	"ringfence/store"
	"ringfence/store/datafolder"
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
	settings          config.Settings
	area              int64 // that mum's house is in, by which "areaowner" owns it
}

// The clock of a site: a Tuesday, in winter, by London's clocks.
var siteNow = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// hostileName is what a caller's telephone may say.
const hostileName = `"><script>document.title='taken'</script>`

// openData opens the database in a folder, which is made if there is none, with the households of a site.
func openData(t *testing.T, data string) *store.Store {
	t.Helper()
	path := filepath.Join(data, datafolder.Database)
	if _, err := os.Stat(path); err != nil {
		if err := storetest.Ready(t.Context(), path, store.Open); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range siteHouseholds {
		if err := db.EnsureHousehold(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

var siteHouseholds = []string{"mum", "gran", "else"}

// emptySite is one that nobody has set up yet.
func emptySite(t *testing.T) *site {
	t.Helper()
	return siteIn(t, t.TempDir())
}

// siteIn is a site with the data in a folder.
func siteIn(t *testing.T, data string) *site {
	t.Helper()
	db := openData(t, data)
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
	for _, name := range siteHouseholds {
		households = append(households, backend.Household{Name: name, Line: screening.Line{Region: "GB", Language: "en-GB", Zone: london, Number: "+442079460100"}})
	}
	s.Server, err = New(Options{
		Backend: backend.Backend{
			Store: db, Households: func() []backend.Household { return s.rest.moved(households) }, Switchboard: s.board, Houses: s.rest, Regions: s.rest,
			Site: func() cell.Site { return cell.Look(s.settings) }, Cell: s.cell,
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
