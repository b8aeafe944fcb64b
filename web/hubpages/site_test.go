package hubpages

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/web/browse"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browse.Close()
	os.Exit(code)
}

// The clock of a site.
var siteNow = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const (
	password = "kettle orbit walnut sofa"
	// hostile is what anybody may write anywhere.
	hostile = `"><script>document.title='taken'</script>`

	scammer  screening.Number = "+442079460123"
	disputed screening.Number = "+442079460124"
	surgery  screening.Number = "+441371872121"
)

var byCommand = accounts.By{Name: hub.ByCommand, At: siteNow}

// site is a group's hub with two moderators and twelve households.
type site struct {
	*Server
	t      *testing.T
	db     *hub.Hub
	web    *httptest.Server
	log    *lockedBuffer
	folder string
	key    minisign.PrivateKey
	invite string   // the first of three
	keys   []string // of households, which are settled, and independent of each other
	now    time.Time
	own    string // the group's protected file
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, log: &lockedBuffer{}, now: siteNow, own: "01371 872121 Angel Lane Surgery\n"}
	data := t.TempDir()
	s.folder = filepath.Join(data, "list")
	var err error
	s.db, err = hub.Open(t.Context(), filepath.Join(data, "hub.db"), hub.Group{
		Name: "Great Dunmow", Publisher: "The parish council of Great Dunmow", Purpose: "Numbers of callers who defraud people in the parish", Region: "GB",
		Licence: "CC0-1.0", Contact: "mailto:scams@example.org", Appeals: "https://hub.example/appeal",
		Reporters: 2, Confidence: 0.15, Valid: 30 * 24 * time.Hour, PerDay: 60,
	})
	s.ok(err)
	t.Cleanup(func() {
		if err := s.db.Close(); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(data, "list.key")
	public, err := list.WriteKeys(path, "")
	s.ok(err)
	s.key, err = list.ReadKey(path, "")
	s.ok(err)
	s.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Handler().ServeHTTP(w, r) }))
	t.Cleanup(s.web.Close)
	s.Server, err = New(Options{
		Hub: s.db, Publishing: s, Folder: s.folder, Key: public, ListLink: "https://hub.example/list/#key=" + url.QueryEscape(public.String()),
		Public: s.web.URL, PerHour: 30, Zone: time.UTC, Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: func() time.Time { return s.now },
	})
	s.ok(err)
	s.fill()
	return s
}

func (s *site) fill() {
	ctx := s.t.Context()
	for _, name := range []string{"Anna Taylor", "Ben Smith"} {
		m, err := s.db.AddModerator(ctx, name, strings.ToLower(strings.Fields(name)[0])+"@example.org", byCommand)
		s.ok(err)
		s.ok(s.accounts.Accounts.SetPassword(ctx, m, password, 0, byCommand))
	}
	var invites []string
	for _, note := range []string{"Leaflet in the library", "Church", "Market"} {
		secret, err := s.db.Invite(ctx, hub.Invitation{Note: note, Most: 100, By: "Anna Taylor", Made: siteNow.AddDate(0, 0, -60), Expires: siteNow.AddDate(0, 0, 30)})
		s.ok(err)
		invites = append(invites, secret)
	}
	s.invite = invites[0]
	for i := range 12 {
		s.joins(invites[i%3], siteNow.AddDate(0, 0, -30))
	}
	for i := range 6 {
		s.says(i, hub.For, scammer, "tech-support")
		s.says(i, hub.For, surgery, "")
	}
	for i := range 4 {
		s.says(i, hub.For, disputed, "sales")
		s.says(i+4, hub.Against, disputed, "")
	}
}

// joins is a household that joins from a network of its own; it returns which of the site's it is.
func (s *site) joins(invite string, at time.Time) int {
	s.t.Helper()
	key, err := s.db.Join(s.t.Context(), invite, network(len(s.keys)), at)
	s.ok(err)
	s.keys = append(s.keys, key)
	return len(s.keys) - 1
}

func network(household int) string { return fmt.Sprintf("2001:db8:%x::/48", household) }

// newcomersReport has five new households of one invitation report a number.
func (s *site) newcomersReport(n screening.Number) {
	s.t.Helper()
	for range 5 {
		s.says(s.joins(s.invite, siteNow), hub.For, n, "bank")
	}
}

func (s *site) says(household int, kind hub.Kind, n screening.Number, category string) {
	s.t.Helper()
	id, err := s.db.KeyOf(s.t.Context(), s.keys[household])
	s.ok(err)
	s.ok(s.db.Take(s.t.Context(), id, hub.Report{Number: n, Kind: kind, Category: category}, network(household), siteNow))
}

// Publish and Protected make the site what the command is to the pages.

func (s *site) Publish(ctx context.Context) (list.Published, error) {
	protected, err := s.Protected()
	if err != nil {
		return list.Published{}, err
	}
	return s.db.Publish(ctx, s.folder, s.key, protected, s.now)
}

func (s *site) Protected() (*list.Protected, error) {
	protected, err := list.ReadProtected(strings.NewReader(s.own), "GB")
	if err != nil {
		return nil, &hub.Refused{Sentence: "The file protected.txt cannot be read: " + err.Error() + "."}
	}
	return protected, nil
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// client is somebody with a browser that keeps cookies and follows redirects.
type client struct {
	site   *site
	client *http.Client
}

type answer struct {
	status int
	header http.Header
	body   string
	path   string // at which it ended
}

func (s *site) client() *client {
	jar := &jar{}
	return &client{s, &http.Client{Jar: jar, Transport: s.web.Client().Transport}}
}

// jar keeps the cookies of one site.
type jar struct{ cookies []*http.Cookie }

func (j *jar) SetCookies(_ *url.URL, cookies []*http.Cookie) { j.cookies = cookies }
func (j *jar) Cookies(*url.URL) []*http.Cookie               { return j.cookies }

func (s *site) moderator() *client {
	s.t.Helper()
	v := s.client()
	if a := v.post("/sign-in", "email", "anna@example.org", "password", password); a.path != "/moderate" || a.status != 200 {
		s.t.Fatalf("signing in ends at %s with %d", a.path, a.status)
	}
	return v
}

func (v *client) get(path string) answer {
	v.site.t.Helper()
	return v.send(http.MethodGet, path, "", nil)
}

func (v *client) post(path string, fields ...string) answer {
	v.site.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (v *client) send(method, path, kind string, body io.Reader, headers ...string) answer {
	v.site.t.Helper()
	r, err := http.NewRequestWithContext(v.site.t.Context(), method, v.site.web.URL+path, body)
	v.site.ok(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if method != http.MethodGet {
		r.Header.Set("Origin", v.site.web.URL) // as browsers do
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := v.client.Do(r)
	v.site.ok(err)
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	v.site.ok(err)
	return answer{got.StatusCode, got.Header, string(text), got.Request.URL.Path}
}

func (v *client) sees(a answer, status int, texts ...string) {
	v.site.t.Helper()
	if a.status != status {
		v.site.t.Errorf("%s answers %d, not %d:\n%.600s", a.path, a.status, status, a.body)
	}
	for _, text := range texts {
		shown := strings.Join(strings.Fields(a.body), " ")
		if !strings.Contains(shown, text) && !strings.Contains(html.UnescapeString(shown), text) {
			_, content, _ := strings.Cut(a.body, "<main")
			v.site.t.Errorf("%s does not show %q:\n%.3000s", a.path, text, content)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
