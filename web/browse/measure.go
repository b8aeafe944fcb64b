package browse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Measures collects how long pages are on a phone, and their pictures, in the folder that RINGFENCE_PAGES names: `make pages` sets it.
type Measures struct {
	folder string
	rows   []string
}

// Measuring begins to collect, or skips the test if nobody has asked for it.
func Measuring(t *testing.T, name string) *Measures {
	t.Helper()
	m := &Measures{folder: os.Getenv("RINGFENCE_PAGES")}
	if m.folder == "" {
		t.Skip("`make pages` measures the pages")
	}
	t.Cleanup(func() {
		table := "| page | words | height at 390 px |\n| --- | ---: | ---: |\n" + strings.Join(m.rows, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(m.folder, name+".md"), []byte(table), 0o600); err != nil {
			t.Error(err)
		}
	})
	return m
}

// Page measures the page that is open, and takes its picture as it is seen first on a phone and on a computer; and of all of it, if RINGFENCE_SHOTS asks for that.
func (m *Measures) Page(b *Tab, name string) {
	b.t.Helper()
	words, height := b.Words(), Eval[int](b, "document.documentElement.scrollHeight")
	m.rows = append(m.rows, fmt.Sprintf("| %s | %d | %d |", name, words, height))
	file := strings.Trim(strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(name), "_")
	for _, window := range [][2]int64{{1280, 900}, {390, 844}} {
		b.Do(chromedp.EmulateViewport(window[0], window[1]))
		b.Screen(filepath.Join(m.folder, fmt.Sprintf("%s-%dx%d.png", file, window[0], window[1])))
	}
	b.Shot("page_" + file)
}

// Screen writes a picture of what the window shows without scrolling.
func (b *Tab) Screen(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, picture, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Words counts the words that a page shows before anything is opened. The choices of a list that drops down are not among them.
func (b *Tab) Words() int {
	b.t.Helper()
	return Eval[int](b, `(() => {
		let words = 0;
		const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (all.nextNode()) {
			const at = all.currentNode.parentElement;
			if (at.closest(".hidden-text, .skip, option, script, style, noscript") || !at.checkVisibility()) continue;
			words += all.currentNode.data.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
		}
		return words;
	})()`)
}
