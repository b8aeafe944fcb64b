package web

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"

	"ringfence/screening"
)

// busy gives mum's November many calls of all kinds.
func (s *site) busy() {
	s.t.Helper()
	for i := range 150 {
		at := time.Date(2026, 11, 1+(i*7)%24, 7+(i*5)%14, i%60, 0, 0, time.UTC)
		caller := screening.Caller{Number: screening.Number("+44207946" + "0" + string(rune('1'+i%9)) + "5" + string(rune('0'+i%7))), Presentation: screening.Allowed}
		switch i % 5 {
		case 0, 1:
			caller.Number = "+442079460123"
			s.call("mum", at, caller, screening.Verdict{Action: screening.Ring, Would: screening.Ring, Reasons: []screening.Reason{{Code: screening.CodeContact, Text: "A contact."}}}, "talked", "rang", "", "picked-up", "")
		case 2:
			s.call("mum", at, caller, screening.Verdict{Action: screening.Screen, Would: screening.Screen}, "accepted", "asked", "", "rang", "", "picked-up", "", "pressed", "1")
		case 3:
			s.call("mum", at, caller, screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: []screening.Reason{{Code: screening.CodeBlock, Text: "Blocked."}}}, "turned-away")
		default:
			s.call("mum", at, caller, screening.Verdict{Action: screening.Message, Would: screening.Message}, "no-message")
		}
	}
}

// A month is figures that lead to their calls, drawings with tables, and a way to the months beside it.
func TestAMonthInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.busy()
	s.call("mum", time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC), screening.Caller{Presentation: screening.Withheld}, screening.Verdict{Action: screening.Ring, Would: screening.Ring}, "talked")
	b := s.browse("viewer", "/h/mum/calls")
	b.press("This month")
	b.sees("November 2026")
	b.sees("32 Scam calls")
	b.shot("month")
	b.axe()
	b.fits()
	b.press("Calls by day in November 2026, in figures")
	b.press("When scam calls come")
	b.press("Scam calls by day of the week in November 2026, in figures")
	b.sees("Monday")
	b.shot("month-tables")
	b.axe()
	if got := eval[string](b, `document.querySelector("tbody a").getAttribute("href")`); got != "/h/mum/calls?from=2026-11-01&to=2026-11-01" {
		t.Errorf("the first day leads to %q", got)
	}
	// The table has the figures of the drawing: the parts of all bars together are as high as its sum says.
	if got := eval[int](b, `[...document.querySelectorAll("details[open] > .scroll tbody")].map((t) => [...t.querySelectorAll("td")].reduce((n, e) => n + Number(e.innerText), 0))[1]`); got != 32 {
		t.Errorf("the table of weekdays has %d scam calls", got)
	}
	b.press("← October 2026")
	b.sees("There were no scam calls this month.")
	b.press("November 2026 →")
	b.press("32 Scam calls")
	b.until("the scam calls of November", `document.querySelector("#f-kind").value === "scam" && document.querySelector("#f-from").value === "2026-11-01" && document.querySelector("#f-to").value === "2026-11-30"`)

	// Drawings take their colours from the page's style, in both schemes.
	b.open("/h/mum/month/2026-11")
	dark := func() string {
		return eval[string](b, `getComputedStyle(document.querySelector(".chart-text")).fill + getComputedStyle(document.querySelector(".chart-1")).fill`)
	}
	b.scheme("light")
	light := dark()
	b.scheme("dark")
	if dark() == light {
		t.Errorf("the drawing is %s in both schemes", light)
	}
	b.shot("month-dark")
	for _, wrong := range []string{"2026-13", "x", "2026-11-01", "11-2026"} {
		if a := s.as("viewer").get("/h/mum/month/" + wrong); a.status != http.StatusNotFound {
			t.Errorf("%s answered %d", wrong, a.status)
		}
	}
	if a := s.as("viewer").get("/h/mum/month/2020-02"); a.status != http.StatusOK || !strings.Contains(a.body, "No calls in February 2020.") {
		t.Errorf("an empty month answered %d", a.status)
	}
}

var pageOfPDF = regexp.MustCompile(`/Type /Page\b[^s]`)

// The report prints on two sheets of A4 at most, in black and white too, with who made it for when; numbers stay out where
// they are not wanted.
func TestTheReportInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.busy()
	s.ok(s.db.AddContact(t.Context(), "mum", "+442079460150", "+442079460150")) // a name that is a number
	b := s.browse("viewer", "/h/mum/month/2026-11")
	b.press("Report to print")
	b.sees("1 to 24 November 2026, the month so far, UK time. Made by Viewer Taylor on Tuesday 24 November 2026, 11:00")
	b.sees("020 7946 0123")
	b.shot("report")
	b.axe()
	b.fits()
	pdf := call(b, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69}).Data
	if pages := len(pageOfPDF.FindAll(pdf, -1)); pages < 1 || pages > 2 {
		t.Errorf("the report takes %d pages", pages)
	}
	if got := period(time.Date(2026, 2, 28, 23, 59, 0, 0, time.UTC), siteNow); got != "1 to 28 February 2026" {
		t.Errorf("February is %q", got)
	}
	writeShot(t, "report.pdf", pdf)
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if eval[bool](b, `document.querySelector(".no-print").checkVisibility() || document.querySelector("header").checkVisibility()`) {
		t.Error("what is for the screen would be printed")
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})

	b.press("Leave out phone numbers")
	b.press("Update")
	b.until("no numbers", `document.querySelector("#f-numbers").checked && !document.querySelector("main").innerText.match(/[0-9]{4} ?[0-9]{4}|7946/)`)
	b.sees("A caller without a name")
	b.sees("Anna Taylor")
	b.shot("report-without-numbers")
}

// writeShot keeps what is to be looked at, where somebody asked for pictures.
func writeShot(t *testing.T, name string, content []byte) {
	t.Helper()
	dir := os.Getenv("RINGFENCE_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
