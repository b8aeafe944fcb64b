package card

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/prompts"
	"ringfence/web/browse"
)

// In a real browser each language's card prints as a front and a back, on every size of paper that it is meant for; and the keys on the front, which
// somebody of 82 reads from across the room, are never smaller than 24 points.
func TestCardPrintsOnTwoSides(t *testing.T) {
	t.Parallel()
	browser := browse.Shell()
	if browser == "" {
		t.Skip("there is no Chromium on this machine: `make test` installs it where the distribution has it")
	}
	dir := t.TempDir()
	for _, language := range prompts.Languages() {
		page, err := Page(config.Household{Name: "home", Region: "GB", Number: "020 7946 0100", Language: language})
		if err != nil {
			t.Fatal(err)
		}
		for _, paper := range []string{"A5", "A4", "letter"} {
			file := filepath.Join(dir, language+paper)
			sized := strings.Replace(page, "</head>", "<style>@page { size: "+paper+" }</style></head>", 1)
			if err := os.WriteFile(file+".html", []byte(sized), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"), "--no-pdf-header-footer",
				"--print-to-pdf="+file+".pdf", "file://"+file+".html").CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			pdf, err := os.ReadFile(file + ".pdf")
			if err != nil {
				t.Fatal(err)
			}
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
