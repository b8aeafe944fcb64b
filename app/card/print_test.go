package card

import (
	"bytes"
	"compress/zlib"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"

	"ringfence/config"
	"ringfence/prompts"
	"ringfence/web/browse"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browse.Close()
	os.Exit(code)
}

// In a real browser each language's card prints as a front and a back, on every size of paper that it is meant for; and the keys on the front, which
// somebody of 82 reads from across the room, are never smaller than 24 points.
func TestCardPrintsOnTwoSidesInABrowser(t *testing.T) {
	t.Parallel()
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{language}/{paper}", func(w http.ResponseWriter, r *http.Request) {
		page, err := Page(config.Household{Name: "home", Region: "GB", Number: "020 7946 0100", Language: r.PathValue("language")})
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, strings.Replace(page, "</head>", "<style>@page { size: "+r.PathValue("paper")+" }</style></head>", 1)) // the browser takes it
	})
	site := httptest.NewServer(pages)
	t.Cleanup(site.Close)
	tab := browse.Open(t, site.URL, "/en-GB/A5")
	yes := true
	for _, language := range prompts.Languages() {
		for _, paper := range []string{"A5", "A4", "letter"} {
			tab.Open("/" + language + "/" + paper)
			pdf := browse.Call(tab, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes}).Data
			if pages := len(pageOfPDF.FindAll(pdf, -1)); pages != 2 {
				t.Errorf("the card in %s takes %d pages of %s", language, pages, paper)
			}
			if large := largeTexts(t, pdf); large < 8 { // four keys, and what each does
				t.Errorf("on %s the front of the card in %s has %d texts of 24 points or more", paper, language, large)
			}
		}
	}
}

var pageOfPDF = regexp.MustCompile(`/Type /Page\b[^s]`)

var (
	streamOfPDF = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	sizeOfPDF   = regexp.MustCompile(`/\w+ ([0-9.]+) Tf`)
)

// largeTexts counts the texts of 24 points or more on the first page.
func largeTexts(t *testing.T, pdf []byte) (n int) {
	t.Helper()
	for _, stream := range streamOfPDF.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(text, []byte(" Tf")) {
			continue
		}
		for _, size := range sizeOfPDF.FindAllSubmatch(text, -1) { // in pixels of CSS, which are three quarters of a point
			if pixels, err := strconv.ParseFloat(string(size[1]), 64); err == nil && pixels >= 32 {
				n++
			}
		}
		return n
	}
	t.Fatal("the first page has no text")
	return 0
}
