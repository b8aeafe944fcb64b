package web

import (
	"io/fs"
	"path"
	"strings"
	"testing"
)

// A page is read when it is first shown, so a fault in a template is to be seen here, whether another test shows the page or not.
func TestEveryTemplateCanBeRead(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || strings.HasPrefix(name, "part-") {
			continue
		}
		// No page has such a part: it is missed once the page has been read.
		if _, err := s.pages.Part(name, "no such part", nil); err == nil || !strings.Contains(err.Error(), "no such part") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
