package hubpages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
)

// publicHandlers are the pages for everybody.
type publicHandlers struct{ *Server }

// listAddress is where the list is.
func (s *Server) listAddress() string { return s.Public + "/list/" }

// front is what anybody may know about the group's list.
type front struct {
	Published    bool
	Manifest     list.Manifest
	Fresh        bool // it is up to date
	Households   int
	Address, Key string
	Link         string
}

func (s publicHandlers) front(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f := front{Address: s.listAddress(), Key: s.Key.String(), Link: s.ListLink}
	m, err := list.OpenDir(s.Folder, s.Key, list.DefaultLimits())
	switch {
	case err == nil:
		f.Published, f.Manifest, f.Fresh = true, m, m.Fresh(v.Now) == nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if f.Households, err = s.Hub.Households(r.Context()); err != nil {
		return err
	}
	return s.show(w, r, v, "front", "front", s.Hub.Group().Name, f)
}

// joinPage is what somebody sees who opens an invitation in a browser. Its secret comes after the #, which browsers send to nobody.
func (s publicHandlers) joinPage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.show(w, r, v, "join", "", "Join "+s.Hub.Group().Name, nil)
}

// listPage is what somebody sees who opens the list's link in a browser.
func (s publicHandlers) listPage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return s.show(w, r, v, "subscribe", "front", "Subscribe to "+s.Hub.Group().Name, s.ListLink)
}

// listFiles are the names of a published list's files: nothing else of the folder is served.
var listFiles = regexp.MustCompile(`^(manifest\.json|manifest\.json\.minisig|full-[0-9]+\.ndjson\.gz|delta-[0-9]+-[0-9]+\.ndjson\.gz)$`)

// listFile serves a file of the list, as any web server would.
func (s publicHandlers) listFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if !listFiles.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	file, err := os.Open(filepath.Join(s.Folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		s.Log.Error("a file of the list could not be served", "file", name, "err", err)
		http.Error(w, "The list can’t be read at the moment.", http.StatusInternalServerError)
		return
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		s.Log.Error("a file of the list could not be served", "file", name, "err", err)
		http.Error(w, "The list can’t be read at the moment.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // it is for everybody
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if filepath.Ext(name) == ".gz" {
		// A part never changes under its name. It is a gzip file, and not text with a Content-Encoding: whoever gets it checks its hash.
		h.Set("Content-Type", "application/gzip")
		h.Set("Cache-Control", "public, max-age=86400, immutable")
		h.Set("ETag", `"`+name+`"`)
	} else {
		h.Set("Content-Type", map[string]string{".json": "application/json"}[filepath.Ext(name)])
		if filepath.Ext(name) != ".json" {
			h.Set("Content-Type", "text/plain; charset=utf-8")
		}
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag(info))
	}
	http.ServeContent(w, r, name, info.ModTime(), file)
}

// tag is the ETag of a small file; it also differs for two versions from the same second.
func tag(info fs.FileInfo) string {
	sum := sha256.Sum256([]byte(info.ModTime().UTC().Format(time.RFC3339Nano) + info.Name()))
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// subjectOf reads a subject from an address.
func subjectOf(r *http.Request, region string) (hub.Subject, error) {
	found := numberAddress.FindStringSubmatch(r.PathValue("number"))
	if found == nil {
		return hub.Subject{}, errNotFound
	}
	typed := "+" + found[1]
	if found[2] != "" {
		typed += "*"
	}
	x, err := hub.ParseSubject(typed, region)
	if number := screening.Number(typed); err != nil && found[2] == "" && len(found[1]) >= list.LeastDigits {
		// Scammers show numbers that cannot exist, and households report them, so they can be decided on like any other.
		if _, never := screening.NeverBlocked(number, region); !never {
			return hub.Subject{Digits: found[1]}, nil
		}
	}
	if err != nil || x.Digits != found[1] {
		return hub.Subject{}, errNotFound
	}
	return x, nil
}

var numberAddress = regexp.MustCompile(`^([1-9][0-9]{4,14})(-?)$`)
