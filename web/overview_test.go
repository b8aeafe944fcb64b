package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/people"
	"ringfence/store/sqlite"
	"ringfence/web/backend"
)

// town is a site with many more households, which "round" looks after as a carer, by the area Town; the first third of them is in the area North, too.
// A few of them need somebody.
func town(tb testing.TB, s *site, households int) {
	tb.Helper()
	ctx := tb.Context()
	ok := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	who, err := s.db.People.Add(ctx, "Round Taylor", "round@example.org")
	ok(err)
	s.people["round"] = who
	streets := strings.Fields("Acacia Beech Cedar Damson Elder Fir Gorse Hazel Ivy Juniper")
	london, err := time.LoadLocation("Europe/London")
	ok(err)
	var added []backend.Household
	var names []string
	ok(s.db.Together(ctx, func(ctx context.Context) error {
		for i := range households {
			name := fmt.Sprintf("house-%04d", i)
			if err := s.db.EnsureHousehold(ctx, name); err != nil {
				return err
			}
			if err := s.db.SetOption(ctx, name, "title", fmt.Sprintf("%d %s Road", i/len(streets)+1, streets[i%len(streets)])); err != nil {
				return err
			}
			names = append(names, name)
			added = append(added, backend.Household{Name: name, Line: screening.Line{Region: "GB", Language: "en-GB", Zone: london, Number: screening.Number(fmt.Sprintf("+44207946%04d", i))}})
		}
		return nil
	}))
	for _, area := range []struct {
		name  string
		homes []string
	}{{"Town", names}, {"North", names[:households/3]}} {
		made, err := s.db.AddArea(ctx, area.name, siteNow)
		ok(err)
		_, _, err = s.db.SetAreaHouseholds(ctx, made.ID, area.homes, true)
		ok(err)
		if area.name == "Town" {
			_, err = s.db.SetAreaRole(ctx, made.ID, who.ID, store.Standing{Role: store.RoleCarer, Hears: true})
			ok(err)
		}
	}
	before := s.Households
	s.Households = func() []backend.Household { return append(before(), added...) }
}

// trouble gives some of a town's households something to look at.
func (s *site) trouble() {
	s.t.Helper()
	ctx, ago := s.t.Context(), func(d time.Duration) time.Time { return siteNow.Add(-d) }
	unknown := screening.Caller{Number: "+442079460666", Presentation: screening.Allowed}
	screen := screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}}
	away := screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: []screening.Reason{{Code: screening.CodeList, Text: "A list knows this number."}}}
	for i, home := range []string{"house-0003", "house-0003", "house-0007"} {
		call := s.call(home, ago(time.Duration(i+2)*time.Hour), unknown, screen, "message-left", "message", "6s")
		s.ok(s.db.Keep(ctx, call, "message", tone(time.Second), time.Second))
	}
	s.call("house-0003", ago(time.Hour), unknown, away, "turned-away")
	s.call("house-0005", ago(time.Hour), unknown, away, "turned-away")
	s.call("house-0005", ago(30*time.Hour), unknown, away, "turned-away") // yesterday
	s.ok(s.db.EmergencyDialled(ctx, "house-0009", ago(3*time.Hour), "999"))
	s.ok(s.db.EmergencyDialled(ctx, "house-0008", ago(40*time.Hour), "999")) // too long ago
	way, err := s.db.Outbox.AddChannel(ctx, "house-0011", s.people["round"].ID, "E-mail", "email", secretAddress, outbox.Choices{Events: outbox.Events(), Digest: -1})
	s.ok(err)
	s.ok(s.db.Outbox.ChannelFailed(ctx, way, ago(2*time.Hour), siteNow, "The server isn't there."))
	s.board.of = map[string]backend.Line{}
	line := s.board.line
	line.Trunk.Up, line.Trunk.Address, line.Trunk.Since = false, "192.168.1.20", ago(4*time.Hour)
	s.board.of["house-0001"] = line
	line = s.board.line
	line.Phones = []backend.Part{{Name: "hall", Known: true, Up: true}, {Name: "bedroom", Known: true}}
	s.board.of["house-0002"] = line
}

// Whoever looks after many households sees what needs attention first, with its page, and finds one by what they know of it.
//
// Long: one story, each step of which rests on those before it.
func TestManyHouseholdsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	town(t, s, 60)
	s.trouble()
	b := s.browse("round", "/")
	b.sees("7 households need attention")
	b.sees("Everything is well in the other 53")
	b.shot("households")
	b.axe()
	b.fits()
	b.keyboard()
	text := b.text()
	at := 0
	for _, want := range []string{
		"1 Beech Road", "The line isn't working: the adapter at 192.168.1.20 doesn't answer.",
		"1 Juniper Road", "An emergency number was dialled today at 08:00.",
		"1 Cedar Road", "one of the two phones isn't connected.",
		"1 Hazel Road", "A new message, left today at 07:00.",
		"1 Damson Road", "2 new messages, the first left today at 08:00.", "1 scam call today, the last at 10:00.",
		"2 Beech Road", "Alerts don't reach Round Taylor, since today at 09:00.",
		"1 Fir Road", "1 scam call today, the last at 10:00.",
		"Everything is well",
	} {
		next := strings.Index(text[at:], want)
		if next < 0 {
			t.Fatalf("%q does not come next in %s", want, text)
		}
		at += next
	}
	b.press("2 new messages, the first left today at 08:00.")
	b.sees("Calls")
	if path := eval[string](b, "location.pathname + location.search"); path != "/h/house-0003/calls?kind=left-message" {
		t.Errorf("the message's page is %s", path)
	}

	// What somebody knows of a household leads to it: its name, its number in any form, who belongs to it.
	b.open("/")
	b.fill("Name, number or person", "4 cedar")
	b.press("Find")
	b.until("the household", `location.pathname === "/h/house-0032/"`)
	s.ok(s.db.SetMembership(t.Context(), "house-0044", s.people["viewer"].ID, store.RoleOwner, true))
	client := s.as("round")
	for find, path := range map[string]string{
		"4+cedar": "/h/house-0032/", "HOUSE-0012": "/h/house-0012/", "020+7946+0027": "/h/house-0027/", "%2B442079460027": "/h/house-0027/", "7946-0027": "/h/house-0027/",
		"viewer+tay": "/h/house-0044/",
	} {
		if got := client.get("/?find=" + find); got.status != http.StatusSeeOther || got.header.Get("Location") != path {
			t.Errorf("%s leads to %q (%d)", find, got.header.Get("Location"), got.status)
		}
	}
	b.open("/?find=cedar")
	b.sees("1 household needs attention")
	b.sees("Everything is well in the other 5")
	b.open("/?find=nothing+like+it")
	b.sees("No households found.")
	b.shot("households-none")
	b.axe()
	b.open("/?area=North")
	b.sees("Everything is well in the other 13")
	for _, hidden := range []string{"/?find=mum", "/?find=Gran", "/?find=owner+taylor"} {
		if a := client.get(hidden); a.status != http.StatusOK || !strings.Contains(a.body, "No households found.") {
			t.Errorf("%s finds what is somebody else's: %d", hidden, a.status)
		}
	}
}

// What is wrong for all of them alike is said once.
func TestTheMachineFailsForAllHouseholds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	town(t, s, 8)
	line := s.board.line
	line.Asterisk.Up = false
	s.board.set(line)
	a := s.as("round").get("/")
	if n := strings.Count(a.body, "Ringfence can&#39;t screen calls at the moment."); n != 1 || !strings.Contains(a.body, "Everything is well in 8 households") {
		t.Errorf("it is said %d times: %s", n, a.body)
	}
}

// The page of a thousand households takes no more statements than that of ten. How long it takes is measured: BenchmarkHouseholds.
func TestStatementsOfManyHouseholds(t *testing.T) {
	t.Parallel()
	counted := map[int]int64{}
	for _, households := range []int{10, 200} {
		s := newSite(t)
		town(t, s, households)
		var n atomic.Int64
		for _, path := range []string{"/", "/?find=road", "/?area=North", "/many/mode"} {
			r := httptest.NewRequestWithContext(sqlite.Counting(t.Context(), &n), http.MethodGet, path, nil)
			r.AddCookie(s.cookie("round"))
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Fatalf("%s answered %d", path, w.Code)
			}
		}
		counted[households] = n.Load()
	}
	t.Logf("statements by households: %v", counted)
	if counted[10] != counted[200] || counted[10] < 8 {
		t.Errorf("statements by households: %v", counted)
	}
}

// How long the page of a thousand households takes, each with people, a list, alerts and a month's calls: go test ./web -run '^$' -bench Households
func BenchmarkHouseholds(b *testing.B) {
	s := thousand(b)
	b.ResetTimer()
	for b.Loop() {
		ctx, err := s.sessions.Load(b.Context(), "")
		if err != nil {
			b.Fatal(err)
		}
		r, w := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), httptest.NewRecorder()
		v := &backend.Visitor{Person: s.people["round"], Now: siteNow}
		if err := s.EnterHouseholds(ctx, v); err != nil {
			b.Fatal(err)
		}
		if err := (overviewHandlers{s.Server}).home(w, r, v); err != nil {
			b.Fatal(err)
		}
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "100 Juniper Road") {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
		b.ReportMetric(float64(w.Body.Len())/1000, "kB")
	}
}

// thousand are the pages of a town of a thousand households, in a hundred of which somebody has left a message.
func thousand(b *testing.B) *site {
	b.Helper()
	ok := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx := b.Context()
	db, err := store.Open(ctx, filepath.Join(b.TempDir(), datafolder.Database))
	ok(err)
	b.Cleanup(func() { ok(db.Close()) })
	s := &site{db: db, board: newBoard(), people: map[string]people.Person{}}
	s.Server, err = New(Options{Backend: backend.Backend{
		Store: db, Households: func() []backend.Household { return nil }, Switchboard: s.board, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return siteNow },
	}})
	ok(err)
	town(b, s, 1000)
	daughter, err := db.People.Add(ctx, "Daughter Taylor", "daughter@example.org")
	ok(err)
	verdict := screening.Verdict{Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "The household does not know the caller."}}}
	for i := range 1000 {
		home := fmt.Sprintf("house-%04d", i)
		ok(db.SetMembership(ctx, home, daughter.ID, store.RoleOwner, true))
		_, err := db.Outbox.AddChannel(ctx, home, daughter.ID, "E-mail", "email", secretAddress, outbox.Choices{Events: outbox.Events(), Digest: -1})
		ok(err)
		ok(db.Lists.Subscribe(ctx, lists.Subscription{
			Household: home, Region: "GB", List: "parish", URL: "https://lists.example.org/parish/", Key: "RWx", Period: time.Hour, Begun: siteNow, Next: siteNow,
		}))
		for n := range 30 {
			at := siteNow.Add(-time.Duration(n) * 20 * time.Hour)
			call, err := db.CallArrived(ctx, home, fmt.Sprint(home, n), at, screening.Identity{}, screening.Caller{Number: "+442079460666", Presentation: screening.Allowed}, verdict, "")
			ok(err)
			ok(db.CallEnded(ctx, call, at.Add(time.Minute), "caller-gone"))
			if n == 3 && i%10 == 0 {
				ok(db.Keep(ctx, call, "message", tone(time.Second), time.Second))
			}
		}
	}
	return s
}
