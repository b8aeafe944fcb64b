package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
)

const goodList = "number,confidence,category,note\n" +
	"020 7946 0666,0.9,tech-support,says Microsoft\n0161 496 0666,0.4,bank,\n0909 879*,1,,dear\n020 7946 0123,0.95,,a mistake\n999,1,,\nrubbish,1,,\n"

// A carer imports a list: sees what is in it before it counts, which lines are wrong, and that a contact on it rings all the
// same; takes it up; says how sure a list must be; and removes it.
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

	b.press("Strict: 30 % sure Most scams are stopped, and now and then somebody honest is turned away.")
	b.press("Keep")
	b.sees("From now on a list turns callers away when it is at least 30 % sure.")
	b.shot("lists-threshold")
	b.press("Undo")
	b.sees("From now on a list turns callers away when it is at least 50 % sure.")

	b.choose(`#f-file`, "parish.csv", goodList)
	b.press("Look at it")
	b.sees("4 numbers, and 2 lines that were refused.")
	b.sees("3 of them would be turned away: the list is at least 50 % sure.")
	b.sees("1 stands for every number that begins so.")
	b.sees("It has numbers of these contacts, who ring all the same: Anna Taylor.")
	b.sees("line 6: ")
	b.shot("list-import")
	b.axe()
	b.fits()
	if known, err := s.db.Know(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 0 {
		t.Errorf("the list is in force before anybody said so: %+v %v", known.Entries, err)
	}
	b.press("Take it up")
	b.sees("The list parish is in use.")
	if known, err := s.db.Know(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 1 {
		t.Errorf("the list is not in force: %+v %v", known.Entries, err)
	}
	b.press("parish")
	b.sees("says Microsoft")
	b.shot("list")
	b.axe()
	b.fits()
	b.press("Remove this list")
	b.press("Remove the list parish")
	b.sees("The list parish is removed, with all its numbers.")
	if known, err := s.db.Know(t.Context(), "mum", "+442079460666"); err != nil || len(known.Entries) != 0 {
		t.Errorf("%+v %v", known.Entries, err)
	}
}

// choose puts a file into a form.
func (b *tab) choose(selector, name, content string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.until("the whole page", `document.readyState === "complete"`) // before, what is found of it may be gone a moment later
	root := call(b, dom.GetDocument, dom.GetDocumentParams{}).Root.NodeID
	input := call(b, dom.QuerySelector, dom.QuerySelectorParams{NodeID: root, Selector: selector}).NodeID
	call(b, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, NodeID: input})
}

// upload sends a list as a browser does.
func (c *client) upload(path, name, file, content string) answer {
	c.site.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	c.site.ok(form.WriteField("name", name))
	part, err := form.CreateFormFile("file", file)
	c.site.ok(err)
	_, err = part.Write([]byte(content))
	c.site.ok(err)
	c.site.ok(form.Close())
	r, err := http.NewRequestWithContext(c.site.t.Context(), http.MethodPost, c.site.web.URL+path, &body)
	c.site.ok(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(r)
}

// A file that is no list changes nothing, and it is said why.
func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	c := s.as("carer")
	for name, test := range map[string]struct{ list, file, content, want string }{
		"a web page":        {"", "x.html", "<html>404</html>\n", "More lines are wrong than right"},
		"nothing":           {"", "x.csv", "", "there is no number in it"},
		"no file":           {"x", "", "", "Choose the file with the list."},
		"a picture":         {"", "x.png", "\x89PNG\r\n\x1a\n\x00\x00", "zero byte"},
		"UTF-16":            {"", "x.csv", "\xff\xfe0\x001\x00", "save the list as plain text (UTF-8)"},
		"one endless line":  {"", "x.csv", strings.Repeat("1", 100_000), "is longer than 64 kB"},
		"a name too long":   {strings.Repeat("n", 41), "x.csv", goodList, "at most 40 characters"},
		"a name with lines": {"a\nb", "x.csv", goodList, "at most 40 characters"},
		"too large":         {"", "x.csv", strings.Repeat("#"+strings.Repeat(" ", 9998)+"\n", maxListFile/10000+10), "larger than 8 MB"},
	} {
		a := c.upload("/h/mum/lists/import", test.list, test.file, test.content)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, test.want) {
			t.Errorf("%s: %d, without %q", name, a.status, test.want)
		}
	}
	if a := c.post("/h/mum/lists/import", "name", "x"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file answered %d", a.status)
	}
	lists, err := s.db.Lists(t.Context(), "mum")
	if err != nil || len(lists) != 1 || lists[0].Entries != 2 {
		t.Errorf("%+v %v", lists, err)
	}
	// A preview is its maker's own, and of one household.
	a := c.upload("/h/mum/lists/import", hostileName[:39], `C:\lists\scams.csv`, goodList)
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
	if lists, err := s.db.Lists(t.Context(), "gran"); err != nil || len(lists) != 1 {
		t.Errorf("another household's list is gone: %v", err)
	}
}

func TestHowOldAListIs(t *testing.T) {
	v := &visit{Now: siteNow, Household: Household{Zone: time.UTC}}
	for days, want := range map[int]string{-1: "from today", 0: "from today", 1: "from yesterday", 9: "9 days old", 15: "2 weeks old", 59: "8 weeks old", 61: "2 months old", 800: "2 years old"} {
		if got := v.fresh(siteNow.AddDate(0, 0, -days)); got != want {
			t.Errorf("after %d days: %q, not %q", days, got, want)
		}
	}
}

// A threshold that somebody has chosen otherwise is shown as it is.
func TestThresholdOfTheCommandLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.db.SetThreshold(t.Context(), "mum", 0.65)
	s.ok(err)
	if a := s.as("carer").get("/h/mum/lists"); !strings.Contains(a.body, "As it is now: 65 % sure") {
		t.Error("65 % is not shown")
	}
}
