package subscribe

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"ringfence/screening"
	"ringfence/sharing/columns"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

// web is a web server with one answer for everything.
type web struct {
	*httptest.Server
	mu    sync.Mutex
	body  string
	fault fault
	asked int
}

func newWeb(t testing.TB, body string) *web {
	t.Helper()
	w := &web{body: body}
	w.Server = httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		body, instead := w.body, w.fault
		w.asked++
		w.mu.Unlock()
		if instead != nil && instead(to, r) {
			return
		}
		tag := fmt.Sprintf("%q", fmt.Sprintf("%x", crc([]byte(body))))
		to.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			to.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = to.Write([]byte(body))
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *web) has(body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.body, w.fault = body, nil
}

func (w *web) faulty(f fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// askedTimes is how often it was asked for something.
func (w *web) askedTimes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// numbers is a file with so many numbers, from one on.
func numbers(from, count int) string {
	text := strings.Builder{}
	for i := range count {
		fmt.Fprintf(&text, "020 7946 0%03d\n", from+i)
	}
	return text.String()
}

func (h *home) follow(address string, c Choices) lists.Subscription {
	h.t.Helper()
	s, err := ParseSource(address, "")
	h.ok(err)
	return h.subscribe(s, c)
}

func (h *home) updateOf(name string) (Outcome, error) { return h.u.Update(h.t.Context(), "home", name) }

func (h *home) sub(name string) lists.Subscription {
	h.t.Helper()
	sub, err := h.db.Lists.Subscription(h.t.Context(), "home", name)
	h.ok(err)
	return sub
}

// followed is a household that follows a plain file of a hundred numbers.
func followed(t *testing.T) (*web, *home) {
	t.Helper()
	w, h := newWeb(t, numbers(100, 100)), newHome(t)
	h.follow(w.URL+"/scams.csv", Choices{})
	if done, err := h.updateOf("scams"); err != nil || done.Added != 100 {
		t.Fatalf("%+v %v", done, err)
	}
	return w, h
}

func TestPlainFile(t *testing.T) {
	w, h := newWeb(t, numbers(100, 100)+"999\n01632 960222\nnonsense\n"), newHome(t)
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	found, err := h.u.Look(t.Context(), "home", source, "")
	if err != nil || found.File == nil || found.File.Numbers != 101 || found.File.Refused != 2 || len(found.File.First) != shownNumbers {
		t.Fatalf("%+v %v", found.File, err)
	}
	sub := h.follow(w.URL+"/scams.csv", Choices{By: "Susan"})
	if sub.Kind != lists.File || sub.List != "scams" || !sub.OnlyWarns || sub.Signed() || sub.Period != UsualPeriod || sub.Publisher != strings.TrimPrefix(w.URL, "http://") {
		t.Errorf("%+v", sub)
	}
	done, err := h.updateOf("scams")
	h.ok(err)
	// Neither 999, nor what is no number. Others who share the list may want to know the alarm centre's; it rings here all the same.
	if done.Entries != 101 || done.Refused != 2 || done.Held || done.Unchanged {
		t.Errorf("%+v", done)
	}
	if h.verdict("+442079460150") != screening.Screen {
		t.Error("it does more than warn")
	}
	h.now = h.now.Add(time.Hour)
	if done, err = h.updateOf("scams"); err != nil || !done.Unchanged {
		t.Errorf("%+v %v", done, err)
	}
	if sub = h.sub("scams"); !sub.Checked.Equal(h.now) || !sub.ValidUntil.Equal(h.now.Add(freshFor)) || sub.ETag == "" {
		t.Errorf("%+v", sub)
	}
	// Without a tag of the server's the same bytes are the same file.
	w.faulty(func(to http.ResponseWriter, _ *http.Request) bool {
		_, _ = to.Write([]byte(numbers(100, 100) + "999\n01632 960222\nnonsense\n"))
		return true
	})
	if done, err = h.updateOf("scams"); err != nil || !done.Unchanged {
		t.Errorf("%+v %v", done, err)
	}
	w.has(numbers(102, 100))
	if done, err = h.updateOf("scams"); err != nil || done.Added != 2 || done.Removed != 3 || done.Held || h.sub("scams").Serial != 2 {
		t.Errorf("%+v %v", done, err)
	}
	h.ok(h.db.Lists.AllowUnsigned(t.Context(), "home", "scams", true))
	if h.verdict("+442079460150") != screening.TurnAway {
		t.Error("an owner cannot let it turn away")
	}
}

// A jump waits until somebody has looked, whatever else comes meanwhile.
//
// Long: one story, each step of which rests on those before it.
func TestJumpOfAPlainFile(t *testing.T) {
	w, h := followed(t)
	ctx := t.Context()
	w.has(numbers(100, 89)) // eleven are gone
	done, err := h.updateOf("scams")
	if err != nil || !done.Held || done.Removed != 11 {
		t.Fatalf("%+v %v", done, err)
	}
	sub := h.sub("scams")
	if sub.Held.Version == 0 || !sub.Held.At.Equal(h.now) || sub.Entries != 100 || sub.Serial != 2 || sub.Error != "" {
		t.Errorf("%+v", sub)
	}
	notices, err := h.db.Notices(ctx, "home", 10)
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0].Text, "0 numbers would come, 11 numbers would go") {
		t.Errorf("%+v %v", notices, err)
	}
	changes, err := h.db.Lists.HeldDifferences(ctx, sub, 3)
	if err != nil || changes.Removed != 11 || len(changes.Off) != 3 {
		t.Errorf("%+v %v", changes, err)
	}
	// It waits for days, and is not deleted as an import is that nobody accepts. What is in force grows old meanwhile.
	until := sub.ValidUntil
	h.now = h.now.Add(48 * time.Hour)
	if done, err = h.updateOf("scams"); err != nil || !done.Held || !done.Unchanged {
		t.Errorf("%+v %v", done, err)
	}
	h.ok(h.db.Lists.Clean(ctx))
	if sub = h.sub("scams"); sub.Held.Version == 0 || !sub.ValidUntil.Equal(until) || !sub.Checked.Equal(h.now) {
		t.Errorf("%+v", sub)
	}
	// Other changes take the place of those that wait; nobody is alerted twice.
	w.has(numbers(300, 100))
	if done, err = h.updateOf("scams"); err != nil || !done.Held || done.Added != 100 || done.Removed != 100 {
		t.Errorf("%+v %v", done, err)
	}
	if err := h.db.Lists.AcceptHeld(ctx, "home", "scams", sub.Held.Version); !errors.Is(err, lists.ErrNotHeld) {
		t.Errorf("what nobody has seen is accepted: %v", err)
	}
	if notices, err = h.db.Notices(ctx, "home", 10); err != nil || len(notices) != 1 {
		t.Errorf("%+v %v", notices, err)
	}
	sub = h.sub("scams")
	h.ok(h.db.Lists.AcceptHeld(ctx, "home", "scams", sub.Held.Version))
	if h.verdict("+442079460350") != screening.Screen || h.sub("scams").Held.Version != 0 || !h.sub("scams").ValidUntil.Equal(h.now.Add(freshFor)) {
		t.Errorf("%+v", h.sub("scams"))
	}
	if done, err = h.updateOf("scams"); err != nil || !done.Unchanged || done.Held {
		t.Errorf("%+v %v", done, err)
	}
	// If the file has again what is in force, nothing waits.
	w.has(numbers(500, 100))
	_, err = h.updateOf("scams")
	h.ok(err)
	w.has(numbers(300, 100))
	if done, err = h.updateOf("scams"); err != nil || done.Counts != (lists.Counts{Entries: 100}) || done.Held || h.sub("scams").Held.Version != 0 {
		t.Errorf("%+v %v", done, err)
	}
	h.ok(h.db.Lists.Clean(ctx))
	if left := h.count("SELECT count(*) FROM list_versions"); left != 1 {
		t.Errorf("%d versions are left", left)
	}
}

func (h *home) count(query string) (n int) {
	h.t.Helper()
	own, err := sql.Open("sqlite3", h.at)
	h.ok(err)
	defer func() { _ = own.Close() }()
	h.ok(own.QueryRowContext(h.t.Context(), query).Scan(&n))
	return n
}

func TestRemovingAPlainFileThatWaits(t *testing.T) {
	w, h := followed(t)
	w.has(numbers(300, 100))
	_, err := h.updateOf("scams")
	h.ok(err)
	if removed, err := h.db.Lists.Remove(t.Context(), "home", "scams"); err != nil || !removed {
		t.Fatal(removed, err)
	}
	h.ok(h.db.Lists.Clean(t.Context()))
	if left := h.count("SELECT (SELECT count(*) FROM list_versions) + (SELECT count(*) FROM list_entries) + (SELECT count(*) FROM lists)"); left != 0 {
		t.Errorf("%d rows are left", left)
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPackedPlainFile(t *testing.T) {
	w, h := newWeb(t, packed(t, numbers(100, 100))), newHome(t)
	h.follow(w.URL+"/scams.csv.gz", Choices{})
	if done, err := h.updateOf("scams"); err != nil || done.Added != 100 {
		t.Fatalf("%+v %v", done, err)
	}
	whole := packed(t, numbers(100, 101))
	for name, body := range map[string]string{"cut off": whole[:len(whole)-9], "damaged": whole[:20] + "xx" + whole[22:], "a bomb": packed(t, strings.Repeat("0", 20<<20)), "only its beginning": whole[:5]} {
		w.has(body)
		if _, err := h.updateOf("scams"); !errors.Is(err, errCutShort) && !errors.Is(err, list.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h.verdict("+442079460150") != screening.Screen || h.sub("scams").Failures != 4 {
		t.Errorf("%+v", h.sub("scams"))
	}
}

// An address without an ending is that of a published list, or of a file if there is none.
func TestAddressWithoutEnding(t *testing.T) {
	h := newHome(t)
	w := newWeb(t, "")
	w.faulty(func(to http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/export" && r.URL.RawQuery == "format=csv" {
			_, _ = to.Write([]byte(numbers(100, 3)))
		} else {
			http.NotFound(to, r)
		}
		return true
	})
	sub := h.follow(w.URL+"/export?format=csv", Choices{})
	if sub.Kind != lists.File || sub.URL != w.URL+"/export?format=csv" || sub.List != "export" {
		t.Errorf("%+v", sub)
	}
	source, err := ParseSource(w.URL+"/nothing", "")
	h.ok(err)
	if _, err := h.u.Prepare(t.Context(), "home", source, Choices{}); !errors.Is(err, fetch.ErrAnswer) {
		t.Error(err)
	}
	if _, err := ParseSource(w.URL+"/scams.csv", aKey(t)); !errors.Is(err, errFileKey) {
		t.Error(err)
	}
}

// Which column has the numbers is asked before anything is subscribed to. What somebody has said is remembered by the heading, wherever the column moves.
func TestColumnOfAPlainFile(t *testing.T) {
	const table = "X,Y\n020 7946 0100,0121 496 0100\n020 7946 0105,0121 496 0101\n020 7946 0107,0121 496 0102\n"
	w, h := newWeb(t, table), newHome(t)
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	var question *columns.Question
	if _, err := h.u.Prepare(t.Context(), "home", source, Choices{}); !errors.As(err, &question) || len(question.Candidates) != 2 {
		t.Fatalf("%v", err)
	}
	if _, err := h.u.Prepare(t.Context(), "home", source, Choices{Column: "Z"}); !errors.As(err, &question) {
		t.Errorf("a column that is not there: %v", err)
	}
	if sub := h.subscribe(source, Choices{Column: "2"}); sub.Column != "Y" {
		t.Errorf("%+v", sub)
	}
	moved := "Note,Y,X\nx,0121 496 0100,020 7946 0100\ny,0121 496 0101,020 7946 0105\nz,0121 496 0102,020 7946 0107\n"
	for _, text := range []string{table, table + "\n", moved} {
		w.has(text)
		if done, err := h.updateOf("scams"); err != nil || done.Entries != 3 || done.Held {
			t.Fatalf("%q: %+v %v", text, done, err)
		}
		if h.onAList("+442079460100") || !h.onAList("+441214960100") {
			t.Errorf("%q: another column was taken", text)
		}
	}
	for text, says := range map[string]string{
		strings.Replace(table, "X,Y", "X,Z", 1):                  "the file has no column “Y” any more. So the list stays as it was",
		strings.Replace(table, "X,Y", "Y,y", 1):                  "the file has more than one column “Y” now",
		"020 7946 0100\n020 7946 0105\n020 7946 0107\n":          "leave out the column",
		"BEGIN:VCARD\nFN:x\nTEL:020 7946 0100\nEND:VCARD\n":      "no columns to choose from",
		strings.ReplaceAll(table, "0121 496", "not a number at"): "more lines are wrong than right",
	} {
		w.has(text)
		if _, err := h.updateOf("scams"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
		if sub := h.sub("scams"); sub.Entries != 3 || !strings.Contains(sub.Error, says) || h.onAList("+442079460100") || !h.onAList("+441214960100") {
			t.Errorf("%q: %+v", text, sub)
		}
	}
	w.has(table)
	if done, err := h.updateOf("scams"); err != nil || h.sub("scams").Error != "" || done.Entries != 3 {
		t.Errorf("it does not come right again: %+v %v", done, err)
	}
}

// A column without a heading is remembered by its place, and one that was certain is judged at every update.
func TestColumnWithoutAHeading(t *testing.T) {
	w, h := newWeb(t, "020 7946 0100,0121 496 0100\n020 7946 0105,0121 496 0101\n"), newHome(t)
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	if sub := h.subscribe(source, Choices{Column: "2"}); sub.Column != "2" {
		t.Errorf("%+v", sub)
	}
	if done, err := h.updateOf("scams"); err != nil || done.Entries != 2 || !h.onAList("+441214960101") {
		t.Errorf("%+v %v", done, err)
	}
	if doubt, known, err := h.db.Lists.Doubt(t.Context(), "home", "scams"); err != nil || !known || doubt != "" {
		t.Errorf("a column that was named: %q, %t, %v", doubt, known, err)
	}
	w, h = newWeb(t, "Numer,Od\n020 7946 0100,x\n020 7946 0105,y\n"), newHome(t)
	if sub := h.follow(w.URL+"/scams.csv", Choices{}); sub.Column != "" {
		t.Errorf("%+v", sub)
	}
	if done, err := h.updateOf("scams"); err != nil || done.Entries != 2 {
		t.Errorf("%+v %v", done, err)
	}
	if doubt, known, err := h.db.Lists.Doubt(t.Context(), "home", "scams"); err != nil || !known || !strings.Contains(doubt, "“Numer”") {
		t.Errorf("%q, %t, %v", doubt, known, err)
	}
	w.has("Numer,Od\n020 7946 0100,0121 496 0100\n020 7946 0105,0121 496 0101\n")
	if _, err := h.updateOf("scams"); err == nil || !strings.Contains(err.Error(), "columns have changed") || h.sub("scams").Entries != 2 {
		t.Errorf("it is not certain any more: %v", err)
	}
	p := newParish(t)
	p.publish("442079460666")
	if _, err := h.u.Prepare(t.Context(), "home", p.source, Choices{Column: "2"}); err == nil || !strings.Contains(err.Error(), "no columns to choose from") {
		t.Errorf("a published list has a column: %v", err)
	}
}

// onAList says whether a number is on one of the lists.
func (h *home) onAList(number string) bool {
	h.t.Helper()
	known, err := h.db.Lookup(h.t.Context(), "home", screening.Line{Region: "GB"}, number, h.now)
	h.ok(err)
	return len(known.Known.Entries) > 0
}
