package web

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

const goodList = "number,confidence,category,note\n" +
	"020 7946 0666,0.9,tech-support,says Microsoft\n0161 496 0666,0.4,bank,\n0909 879*,1,,dear\n020 7946 0123,0.95,,a mistake\n999,1,,\nrubbish,1,,\n"

// A carer imports a list: sees what is in it before it counts, which lines are wrong, and that a contact on it rings all the
// same; takes it up; says how sure a list must be; and removes it.
//
// Long: one story, each step of which rests on those before it.
func TestListsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	b := s.browse("carer", "/h/mum/lists")
	b.sees("2 numbers, from today.")
	b.sees("Turned away: 1 call, the last yesterday at 08:00.")
	b.shot("lists")
	b.axe()
	b.fits()

	b.press("How sure must a list be? Usual: 50% sure")
	b.press("Strict: 30% sure Stops most scams, and now and then turns away somebody honest.")
	b.press("Save")
	b.sees("From now on a list turns callers away when it is at least 30% sure.")
	b.shot("lists-threshold")
	b.press("Undo")
	b.sees("From now on a list turns callers away when it is at least 50% sure.")

	b.press("Import a list")
	b.choose(`#f-file`, "parish.csv", goodList)
	b.press("Preview")
	b.sees("4 numbers; 2 lines are skipped.")
	b.sees("3 would be turned away: the list is at least 50% sure of them.")
	b.sees("1 entry stands for all numbers starting with the same digits.")
	b.sees("It has numbers of these contacts, who still get through: Anna Taylor.")
	b.sees("line 6: ")
	b.shot("list-import")
	b.axe()
	b.fits()
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 0 {
		t.Errorf("the list is in force before anybody said so: %+v %v", known.Entries, err)
	}
	b.press("Import")
	b.sees("The list parish is in use.")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 1 {
		t.Errorf("the list is not in force: %+v %v", known.Entries, err)
	}
	b.press("Import a list")
	b.choose(`#f-file`, "parish.csv", goodList[:len(goodList)-len("999,1,,\nrubbish,1,,\n")]+"0161 496 0777,1,,\n")
	b.press("Preview")
	b.sees("1 new")
	b.sees("4 unchanged")
	b.press("Cancel")
	b.sees("Nothing was changed.")
	b.press("Import a list")
	b.choose(`#f-file`, "parish.txt", "020 7946 0666\n0161 496 0777\n0161 496 0778\n")
	b.fill("What to call it", "parish")
	b.press("Preview")
	b.sees("The file parish.txt is a text with one number a line. Nothing has changed yet.")
	b.sees("2 new")
	b.sees("1 with new details")
	b.sees("3 removed")
	b.shot("list-import-changes")
	b.axe()
	b.fits()
	b.press("Cancel")
	b.press("parish")
	b.sees("says Microsoft")
	b.press("Download this list")
	b.shot("list")
	b.axe()
	b.fits()
	b.press("Remove this list")
	b.press("Remove the list parish")
	b.sees("The list parish is removed, with all its numbers.")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 0 {
		t.Errorf("%+v %v", known.Entries, err)
	}
}

// A list that takes long to read has a page that says how far it is, with and without script, and goes on by itself.
//
// Long: one story, each step of which rests on those before it.
func TestWaitingForAListInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	begin := func() (one *reading, path string) {
		one = &reading{name: "parish", all: 100, done: make(chan struct{})}
		one.read.Store(42)
		s.readers <- struct{}{}
		return one, "/h/mum/lists/reading/" + s.reading.put(s.visitor("carer"), one)
	}
	end := func(one *reading) {
		close(one.done)
		<-s.readers
	}
	finish := func(one *reading) {
		id, err := s.db.Lists.Prepare(t.Context(), "mum", "parish", "parish.csv", func(yield func(lists.Entry, error) bool) {
			yield(lists.Entry{Digits: "442079460666", Confidence: 1}, nil)
		})
		s.ok(err)
		one.preview = preview{ID: id, Name: "parish", Source: "parish.csv", Form: "a table (CSV)", Added: 1}
		end(one)
	}
	one, path := begin()
	b := s.browse("carer", path)
	b.sees("How much of parish has been read")
	b.until("the progress", `document.querySelector("progress").value === 42`)
	b.shot("list-reading")
	b.axe()
	b.fits()
	one.read.Store(77)
	b.until("more progress", `document.querySelector("progress").value === 77`)
	finish(one)
	b.sees("Import this list?")

	one, path = begin()
	b.withoutScript()
	b.open(path)
	b.hasText("How much of")
	finish(one)
	b.hasText("Import this list?")

	// It is its sender's own; what is wrong with the file is said; and not too many are read at once.
	one, path = begin()
	for who, path := range map[string]string{"owner": path, "both": strings.Replace(path, "mum", "gran", 1)} {
		if a := s.as(who).get(path); a.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", who, a.status)
		}
	}
	another, _ := begin()
	if a := s.as("carer").upload("", "x.csv", goodList); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "try it again in a minute") {
		t.Errorf("a third is answered %d", a.status)
	}
	one.err = backend.Refuse("This is not a list.")
	end(one)
	end(another)
	if a := s.as("carer").get(path); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This is not a list.") {
		t.Errorf("%d", a.status)
	}
	// A fault in reading ends no calls: it is told, and that is all.
	one, path = begin()
	one.file, _ = os.Open(os.DevNull)                                                             // without a file it fails as well
	broken := &Server{Options: Options{Backend: backend.Backend{Log: s.Log}}, readers: s.readers} // without a store
	listHandlers{broken}.readList(t.Context(), s.visitor("carer"), one)
	if a := s.as("carer").get(path); a.status != http.StatusInternalServerError || !errors.Is(one.err, errReading) {
		t.Errorf("%d %v", a.status, one.err)
	}
	for range 2 * shelfMost {
		one, _ := begin()
		end(one)
	}
	if len(s.reading.kept) > shelfMost {
		t.Errorf("%d are kept", len(s.reading.kept))
	}
}

// A list can be had in each form; what blocks outright has no contacts, and nothing of which the list is not sure.
func TestListsAreExported(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.db.Lists.Replace(t.Context(), "mum", "a/b .. list", "", func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: "442079460666", Confidence: 0.9, Note: "=1+1"}, nil) && yield(lists.Entry{Digits: "442079460123", Confidence: 1}, nil) &&
			yield(lists.Entry{Digits: "441614960666", Confidence: 0.1}, nil)
	})
	s.ok(err)
	for form, want := range map[string]struct {
		numbers    int
		mime, file string
	}{"csv": {3, "text/csv; charset=utf-8", "a-b -- list.csv"}, "vcard": {1, "text/vcard; charset=utf-8", "a-b -- list.vcf"}, "astdb": {1, "text/plain; charset=utf-8", "a-b -- list.txt"}} {
		a := s.as("viewer").get("/h/mum/list/export?form=" + form + "&name=" + url.QueryEscape("a/b .. list"))
		if a.status != http.StatusOK || a.header.Get("Content-Type") != want.mime || a.header.Get("Content-Disposition") != `attachment; filename="`+want.file+`"` {
			t.Errorf("%s: %d %v", form, a.status, a.header)
		}
		read := &forms.Import{Region: "GB"}
		for _, err := range read.Entries(strings.NewReader(a.body)) {
			s.ok(err)
		}
		if read.Added != want.numbers || read.Refused != 0 || strings.Contains(a.body, ",=1") {
			t.Errorf("%s: %d numbers, %v:\n%s", form, read.Added, read.Refusals, a.body)
		}
	}
	for path, want := range map[string]int{"form=csv&name=gone": http.StatusNotFound, "form=exe&name=x": http.StatusUnprocessableEntity} {
		if a := s.as("viewer").get("/h/mum/list/export?" + path); a.status != want {
			t.Errorf("%s is answered %d", path, a.status)
		}
	}
}

// choose puts a file into a form, as a script would: a node that the protocol has found may be gone a moment later.
func (b *tab) choose(selector, name, content string) {
	b.t.Helper()
	b.until("the file's field", `document.readyState === "complete" && !!document.querySelector(`+quoted(selector)+`)`)
	eval[chromedp.Void](b, `(() => { const files = new DataTransfer();
		files.items.add(new File([`+quoted(content)+`], `+quoted(name)+`));
		document.querySelector(`+quoted(selector)+`).files = files.files; })()`)
}

// upload sends a list as a browser does.
func (c *client) upload(name, file, content string) answer {
	c.site.t.Helper()
	return c.read(c.sendFile("/h/mum/lists/import", "file", file, []byte(content), "name", name))
}

// read is where it goes on after a list has been read. On a slow machine that is not at once, and a page shows how far it is.
func (c *client) read(a answer) answer {
	c.site.t.Helper()
	if where := a.header.Get("Location"); strings.Contains(where, "/lists/reading/") {
		for a = c.get(where); a.status == http.StatusOK; a = c.get(where) {
			runtime.Gosched()
		}
	}
	return a
}

// A file that is not a list changes nothing, and it is said why.
func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	c := s.as("carer")
	for name, test := range map[string]struct{ list, file, content, want string }{
		"a web page":        {"", "x.html", "<html>404</html>\n", "web page"},
		"nothing":           {"", "x.csv", "", "there is no number in it"},
		"no file":           {"x", "", "", "Choose the file with the list."},
		"a picture":         {"", "x.png", "\x89PNG\r\n\x1a\n\x00\x00", "picture"},
		"a workbook":        {"", "x.xlsx", "PK\x03\x04", "ZIP file"},
		"UTF-16":            {"", "x.csv", "\xff\xfe0\x001\x00", "More lines are wrong than right"},
		"one endless line":  {"", "x.csv", strings.Repeat("1", 100_000), "is longer than 64 kB"},
		"a name too long":   {strings.Repeat("n", 41), "x.csv", goodList, "1 to 40 characters"},
		"a name with lines": {"a\nb", "x.csv", goodList, "1 to 40 characters"},
		"too large":         {"", "x.csv", strings.Repeat("#"+strings.Repeat(" ", 9998)+"\n", backend.MaxListFile/10000+10), "larger than 32 MB"},
	} {
		a := c.upload(test.list, test.file, test.content)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, test.want) {
			t.Errorf("%s: %d, without %q", name, a.status, test.want)
		}
	}
	if a := c.post("/h/mum/lists/import", "name", "x"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file answered %d", a.status)
	}
	lists, err := s.db.Lists.All(t.Context(), "mum")
	if err != nil || len(lists) != 1 || lists[0].Entries != 2 {
		t.Errorf("%+v %v", lists, err)
	}
	// A preview is its maker's own, and of one household.
	a := c.upload(hostileName[:39], `C:\lists\scams.csv`, goodList)
	preview := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(preview, "/h/mum/lists/import/") {
		t.Fatalf("%d %q", a.status, preview)
	}
	if a := c.get(preview); a.status != http.StatusOK || strings.Contains(a.body, "<script>d") {
		t.Errorf("the preview answered %d", a.status)
	}
	for who, path := range map[string]string{"owner": preview, "both": preview} {
		if a := s.as(who).get(path); a.status != http.StatusNotFound {
			t.Errorf("another's preview answered %d", a.status)
		}
	}
	if a := c.post(preview + "/drop"); a.status != http.StatusSeeOther {
		t.Errorf("leaving it answered %d", a.status)
	}
	for _, path := range []string{preview, preview + "/drop"} {
		if a := c.post(path); a.status != http.StatusNotFound {
			t.Errorf("what was left answered %d", a.status)
		}
	}
	for _, path := range []string{"/h/mum/lists/threshold", "/h/mum/list/remove"} {
		if a := c.post(path, "threshold", "2", "name", "Gran's secret list"); a.status < 400 || a.status >= 500 {
			t.Errorf("%s answered %d", path, a.status)
		}
	}
	if lists, err := s.db.Lists.All(t.Context(), "gran"); err != nil || len(lists) != 1 {
		t.Errorf("another household's list is gone: %v", err)
	}
}

func TestHowOldAListIs(t *testing.T) {
	v := &backend.Visitor{Now: siteNow, Household: backend.Household{Line: screening.Line{Zone: time.UTC}}}
	for days, want := range map[int]string{-1: "from today", 0: "from today", 1: "from yesterday", 9: "9 days old", 15: "2 weeks old", 59: "8 weeks old", 61: "2 months old", 800: "2 years old"} {
		if got := ageOf(v, siteNow.AddDate(0, 0, -days)); got != want {
			t.Errorf("after %d days: %q, not %q", days, got, want)
		}
	}
}

// A threshold that somebody has chosen otherwise is shown as it is.
func TestThresholdOfTheCommandLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.SetOption(t.Context(), "mum", "threshold", 0.65))
	if a := s.as("carer").get("/h/mum/lists"); !strings.Contains(a.body, "65% sure, as it is now") {
		t.Error("65% is not shown")
	}
}

// Whoever looks at two lists in two tabs imports each of them, whichever was sent last, and subscribes to the one that the tab shows.
func TestPreviewsInTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runLists()
	s.Lists.AllowPlain = true // its server is at home
	c, p := s.as("carer"), s.published()
	var previews []string
	for _, name := range []string{"first", "second"} {
		a := c.upload(name, "x.csv", goodList)
		if a.status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.status, a.body)
		}
		previews = append(previews, a.header.Get("Location"))
	}
	unsigned := actionOf(t, c.follows("/h/mum/lists/subscribe", "address", p.source.URL), "/h/mum/lists/subscribe/")
	signed := actionOf(t, c.follows("/h/mum/lists/subscribe", "address", p.source.URL, "key", p.source.Key), "/h/mum/lists/subscribe/")
	for i, name := range []string{"first", "second"} {
		if page := c.get(previews[i]); !strings.Contains(page.body, "<h2>"+name+"</h2>") {
			t.Errorf("the preview of the %s is answered %d", name, page.status)
		}
		c.follows(previews[i])
	}
	c.follows(unsigned, "name", "Parish")
	sub, err := s.db.Lists.Subscription(t.Context(), "mum", "Parish")
	if err != nil || sub.Signed() {
		t.Errorf("%+v %v", sub, err)
	}
	if a := s.as("owner").get(signed); a.status != http.StatusNotFound || strings.Contains(a.body, p.source.URL) {
		t.Errorf("what somebody else has looked at is answered %d", a.status)
	}
	if a := c.post(unsigned, "name", "Parish"); a.status != http.StatusNotFound {
		t.Errorf("the same once more is answered %d", a.status)
	}
	all, err := s.db.Lists.All(t.Context(), "mum")
	if err != nil || len(all) != 3 {
		t.Errorf("%+v %v", all, err)
	}
}

// actionOf is where a form of the page goes: its address is longer than begins.
func actionOf(t *testing.T, page, begins string) string {
	t.Helper()
	found := regexp.MustCompile(`action="(` + regexp.QuoteMeta(begins) + `[^"]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no form for %s: %s", begins, faultIn(page))
	}
	return found[1]
}
