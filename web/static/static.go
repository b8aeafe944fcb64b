// Package static is the fixed files of all pages: the style sheet, the mark, and the little script that they use. A file's address
// changes with its content, so that browsers keep it for as long as it is the same.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg *.png *.webmanifest
var files embed.FS

// Files are the fixed files, served below /static/.
type Files struct {
	by map[string]file
}

type file struct {
	content     []byte
	packed      func() []byte // the same with gzip, which every browser can read; made when it is first sent, because that takes a small computer a while
	contentType string
	version     string // of its content
}

// Read reads the files that the program carries with it.
func Read() (Files, error) {
	found := Files{map[string]file{}}
	entries, err := files.ReadDir(".")
	if err != nil {
		return found, err
	}
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			return found, err
		}
		sum := sha256.Sum256(content)
		packed := sync.OnceValue(func() []byte { return pack(content) })
		found.by[e.Name()] = file{content: content, packed: packed, contentType: contentTypes[path.Ext(e.Name())], version: hex.EncodeToString(sum[:6])}
	}
	return found, nil
}

func pack(content []byte) []byte {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // there is such a level
	_, _ = w.Write(content)                                    // memory takes everything
	_ = w.Close()
	return packed.Bytes()
}

// contentTypes do not depend on what a machine's own table says.
var contentTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".webmanifest": "application/manifest+json"}

// Address is the address of a file, for templates.
func (f Files) Address(name string) (string, error) {
	one, ok := f.by[name]
	if !ok {
		return "", fmt.Errorf("there is no file %q in static", name)
	}
	return "/static/" + name + "?v=" + one.version, nil
}

// Names are the names of all files, in their order.
func (f Files) Names() []string { return slices.Sorted(maps.Keys(f.by)) }

// ServeFile answers with one file at an address of its own, which stays the same when its content changes.
func (f Files) ServeFile(name string) http.HandlerFunc {
	one := f.by[name]
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", one.contentType)
		_, _ = w.Write(one.content)
	}
}

// Serve answers with the file that the request's path value "name" names; if there is none, it calls none.
func (f Files) Serve(w http.ResponseWriter, r *http.Request, none http.HandlerFunc) {
	one, ok := f.by[r.PathValue("name")]
	if !ok {
		none(w, r)
		return
	}
	if r.URL.Query().Get("v") == one.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", one.contentType)
	w.Header().Set("Vary", "Accept-Encoding")
	content := one.content
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		content = one.packed()
	}
	_, _ = w.Write(content) // the browser may have left: that is no fault of ours
}
