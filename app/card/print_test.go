package card

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/prompts"
)

// In a real browser each language's card prints as one page, on every size of paper that it is meant for.
func TestCardPrintsOnOnePage(t *testing.T) {
	t.Parallel()
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
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
			if pages := len(pageOfPDF.FindAll(pdf, -1)); pages != 1 {
				t.Errorf("the card in %s takes %d pages of %s", language, pages, paper)
			}
		}
	}
}

var pageOfPDF = regexp.MustCompile(`/Type /Page\b[^s]`)
