package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// fillBlocks gives mum's house blocks with hits, lists and reports.
func (s *site) fillBlocks() {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.RestoreBlock(ctx, "mum", store.Block{Block: screening.Block{Digits: "442079460999", Note: hostileName}, Added: siteNow.AddDate(0, -1, 0), By: "Owner Taylor"}))
	s.ok(s.db.RestoreBlock(ctx, "mum", store.Block{Block: screening.Block{Digits: "44909879", Prefix: true, Farewell: screening.NotWanted}, Added: siteNow.AddDate(0, -2, 0)}))
	blocked := screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: []screening.Reason{{Code: screening.CodeBlock, Text: "The household has blocked this number."}}}
	s.call("mum", siteNow.Add(-30*time.Hour), screening.Caller{Number: "+442079460999", Presentation: screening.Allowed}, blocked, "turned-away")
	s.call("mum", siteNow.Add(-28*time.Hour), screening.Caller{Number: "+442079460999", Presentation: screening.Allowed}, blocked, "turned-away")
	listed := screening.Verdict{Action: screening.TurnAway, Would: screening.TurnAway, Reasons: []screening.Reason{{Code: screening.CodeList, Text: "A list.", List: "Trading Standards"}}}
	s.call("mum", siteNow.Add(-27*time.Hour), screening.Caller{Number: "+442079460333", Presentation: screening.Allowed}, listed, "turned-away")
	_, err := s.db.Lists.Replace(ctx, "mum", "Trading Standards", "uk.csv", func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: "442079460333", Confidence: 0.9, Category: "tech-support", Note: hostileName}, nil) &&
			yield(lists.Entry{Digits: "442079460334", Confidence: 0.35}, nil)
	})
	s.ok(err)
	_, err = s.db.Lists.Replace(ctx, "gran", "Gran's secret list", "", func(yield func(lists.Entry, error) bool) {
		yield(lists.Entry{Digits: "442079460333", Confidence: 1}, nil)
	})
	s.ok(err)
	s.ok(s.db.ReportNumber(ctx, "mum", "+442079460999", "tech-support", store.ByTelephone))
}

// unfold opens everything on the page that can be folded.
func (b *tab) unfold() {
	b.t.Helper()
	eval[chromedp.Void](b, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
}

// A carer blocks a number, and takes it back; blocks a beginning, is told how far that reaches, and does so all the same;
// and sees what each block has done.
//
// Long: one story, each step of which rests on those before it.
func TestBlocksInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	b := s.browse("carer", "/h/mum/blocks")
	b.sees("Turned away: 2 calls, the last yesterday at 07:00.")
	b.sees("“" + hostileName + "”")
	b.shot("blocks")
	b.axe()
	b.fits()
	b.press("Change the block of 020 7946 0999")
	b.sees("by Owner Taylor.")
	b.press("Change the block of 0909 879 xxxx")
	b.sees("This blocks all 10,000 premium-rate numbers that begin 0909 879 xxxx.")
	b.press("Reported numbers 1")
	b.sees("from the phone. Held until")
	b.shot("blocks-open")
	b.axe()
	b.fits()

	b.press("Block a number")
	b.fill("Phone number", "020 7946 0555")
	b.press("Note, and what the caller hears")
	b.fill("Note (optional)", "rang at night")
	b.press("Block")
	b.sees("020 7946 0555 is blocked: it won't ring any more.")
	b.shot("blocks-undo")
	b.press("Undo")
	b.sees("Undone: 020 7946 0555 isn't blocked any more.")

	b.press("Block a number")
	b.press("Every number starting with these digits")
	b.fill("Phone number", "020 7946")
	b.sees("This blocks all 10,000 numbers in London that begin 020 7946 xxxx.") // while typing
	b.shot("blocks-typing")
	b.press("Block")
	b.sees("Block many numbers?")
	b.sees("These contacts have such numbers, and still get through: Anna Taylor.")
	b.sees("Of the calls that are still kept, 8 came from such numbers")
	b.shot("block-many")
	b.axe()
	b.fits()
	b.press("Don’t block")
	b.press("Block a number")
	b.press("Every number starting with these digits")
	b.fill("Phone number", "0121")
	b.press("Block")
	b.sees("This would block every number in Birmingham: all 10,000,000 that begin 0121 xxx xxxx.")
	b.sees("That is a great many.")
	b.shot("block-city")
	b.axe()
	b.press("Block them all")
	b.sees("Every number starting 0121 xxx xxxx is blocked")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+441214960000"); err != nil || known.Block == nil {
		t.Errorf("not blocked: %v", err)
	}

	b.press("Change the block of 020 7946 0999")
	b.press("Remove the block of 020 7946 0999")
	b.sees("020 7946 0999 isn't blocked any more.")
	b.press("Undo")
	b.sees("Undone: 020 7946 0999 is blocked again.")
	b.press("Change the block of 020 7946 0999")
	b.sees("by Owner Taylor") // as it was
	b.sees("The last two calls aren’t answered.")
	b.press("The tones for a number that isn’t in service")
	b.press("Save the change")
	b.sees("The block of 020 7946 0999 is changed.")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460999"); err != nil || known.Block == nil || known.Block.Note != hostileName || known.Block.Farewell != screening.NotInService {
		t.Errorf("%+v %v", known.Block, err)
	}

	b.press("Reported numbers 1")
	b.press("Withdraw the report of 020 7946 0999")
	b.sees("The report of 020 7946 0999 is withdrawn.")
	b.sees("No numbers have been reported.")
	b.press("Undo")
	b.sees("Undone: 020 7946 0999 is reported as: “Your computer has a problem”.")

	// Kinds of callers stand in one place, and the page of blocks leads there.
	b.press("Kinds of callers")
	b.press("Callers who hide their number")
	b.fill("Callers who hide their number", "message")
	b.axe()
	b.fits()
	b.shot("settings-checks-open")
	b.press("Save")
	b.sees("Callers who hide their number: “Let them leave a message” from now on.")
	b.press("Undo")
	b.sees("Callers who hide their number: “Like other unknown callers” from now on.")
}

// What makes no sense is refused with a sentence, and nothing of what was typed is lost.
func TestBlocksThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	c := s.as("carer")
	for name, test := range map[string]struct {
		fields []string
		want   string
	}{
		"a contact":             {[]string{"number", "020 7946 0123"}, "is the number of the contact Anna Taylor"},
		"an emergency number":   {[]string{"number", "999"}, "999 can&#39;t be blocked: it is the emergency services"},
		"Childline":             {[]string{"number", "0800 1111"}, "be blocked: it is Childline"},
		"nothing":               {[]string{"number", " "}, "There is no phone number here"},
		"the whole country":     {[]string{"number", "+44", "which", "prefix"}, "there can be no rule for that country"},
		"too many digits":       {[]string{"number", "020 7946 01234", "which", "prefix"}, "there are too many digits"},
		"rubbish that is shown": {[]string{"number", hostileName, "note", "kept"}, "use digits only"},
	} {
		a := c.post("/h/mum/blocks", test.fields...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, test.want) || strings.Contains(a.body, "<script>d") {
			t.Errorf("%s: %d, without %q", name, a.status, test.want)
		}
	}
	if a := c.post("/h/mum/blocks", "number", hostileName, "note", "kept"); !strings.Contains(a.body, `value="kept"`) {
		t.Error("what was typed is lost")
	}
	if blocks, err := s.db.Blocks(t.Context(), "mum"); err != nil || len(blocks) != 3 {
		t.Errorf("%+v %v", blocks, err)
	}
	for path, status := range map[string]int{
		"/h/mum/blocks/4711": http.StatusNotFound, "/h/mum/blocks/x": http.StatusNotFound, "/h/mum/blocks/4711/remove": http.StatusNotFound,
		"/h/mum/kinds/withheld": http.StatusNotFound, "/h/mum/reports/x/withdraw": http.StatusNotFound, "/h/mum/reports/02079460111/withdraw": http.StatusNotFound,
		"/h/mum/undo/4711": http.StatusNotFound, "/h/mum/undo/x": http.StatusNotFound, "/h/mum/reports/999": http.StatusConflict,
	} {
		if a := c.post(path); a.status != status {
			t.Errorf("%s answered %d, not %d", path, a.status, status)
		}
	}
	// Another household's block is not there.
	s.ok(s.db.AddBlock(t.Context(), "gran", screening.Block{Digits: "442079460111"}, ""))
	blocks, err := s.db.Blocks(t.Context(), "gran")
	s.ok(err)
	if a := c.post("/h/mum/blocks/" + itoa(blocks[0].ID) + "/remove"); a.status != http.StatusNotFound {
		t.Errorf("another household's block answered %d", a.status)
	}
}

// Whoever may only look sees everything, and no button.
func TestBlocksOfAViewer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	v := s.as("viewer")
	for _, path := range []string{"/h/mum/blocks", "/h/mum/lists", "/h/mum/why?number=02079460333", "/h/mum/list?name=Trading+Standards"} {
		a := v.get(path)
		body := a.body[strings.Index(a.body, "<main"):strings.Index(a.body, "</main>")]
		if a.status != http.StatusOK || strings.Contains(body, `method="post"`) || strings.Contains(a.body, "<script>d") {
			t.Errorf("%s: %d\n%s", path, a.status, body)
		}
	}
	if a := v.get("/h/mum/list?name=Gran%27s+secret+list"); a.status != http.StatusNotFound {
		t.Errorf("another household's list answered %d", a.status)
	}
}
