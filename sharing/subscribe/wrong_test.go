package subscribe

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
)

// Nothing that a server sends, or that comes to be on the way, changes what is in force unless all of it is right; what is wrong is
// said, and when all is right again the list goes on.
//
// Long: one table.
func TestWhatIsWrongChangesNothing(t *testing.T) {
	old := func(p *parish) map[string][]byte {
		files := map[string][]byte{}
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			files[name], _ = os.ReadFile(filepath.Join(p.dir, name))
		}
		return files
	}
	replay := func(p *parish, files map[string][]byte) {
		p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
			text, ours := files[filepath.Base(r.URL.Path)]
			if ours {
				_, _ = w.Write(text)
			}
			return ours
		})
	}
	instead := func(part string, answer func(http.ResponseWriter)) func(*testing.T, *parish, *home) {
		return func(_ *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
				if it := strings.Contains(r.URL.Path, part); !it {
					return false
				}
				answer(w)
				return true
			})
		}
	}
	for what, test := range map[string]struct {
		spoil func(t *testing.T, p *parish, h *home)
		want  error
	}{
		"another's key": {func(_ *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			_, p.secret, _ = minisign.GenerateKey(nil)
			_ = os.Remove(filepath.Join(p.dir, list.ManifestFile))
			p.publish("442079460001")
		}, list.ErrSignature},
		"no signature": {func(t *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			if err := os.Remove(filepath.Join(p.dir, list.SignatureFile)); err != nil {
				t.Fatal(err)
			}
		}, ErrNoSignature},
		"a changed manifest": {func(t *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			file := filepath.Join(p.dir, list.ManifestFile)
			text, _ := os.ReadFile(file)
			if err := os.WriteFile(file, bytes.Replace(text, []byte(`"serial": 2`), []byte(`"serial": 3`), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}, list.ErrSignature},
		"an old list once more": {func(_ *testing.T, p *parish, h *home) {
			before := old(p)
			p.publish("442079460666", "442079460002")
			if _, err := h.update(); err != nil {
				panic(err)
			}
			replay(p, before)
		}, list.ErrOlder},
		"out of date": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001")
			h.now = monday.AddDate(0, 0, 30)
		}, list.ErrOutdated},
		"from the future": {func(_ *testing.T, p *parish, _ *home) {
			p.made = monday.AddDate(0, 1, 0)
			p.publish("442079460001")
		}, list.ErrFuture},
		"too large": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001", "442079460002")
			h.u.Limits.Entries = 1
		}, list.ErrTooLarge},
		"a manifest without end": {instead(list.ManifestFile, func(w http.ResponseWriter) {
			_, _ = w.Write(make([]byte, list.MaxManifest+1))
		}), fetch.ErrTooLarge},
		"nothing there": {instead("/", func(w http.ResponseWriter) { w.WriteHeader(404) }), fetch.ErrAnswer},
		"parts gone":    {instead(".gz", func(w http.ResponseWriter) { w.WriteHeader(404) }), fetch.ErrAnswer},
		"another part":  {instead(".gz", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") }), list.ErrPart},
		"a part without end": {instead(".gz", func(w http.ResponseWriter) {
			_, _ = w.Write(make([]byte, 1<<20))
		}), fetch.ErrTooLarge},
		"cut off": {instead(".gz", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "x")
			panic(http.ErrAbortHandler)
		}), fetch.ErrCutOff},
		"a full disk": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001")
			h.u.Folder = filepath.Join(h.u.Folder, "not there")
		}, os.ErrNotExist},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, h := subscribed(t)
			good, folder, limits := p.secret, h.u.Folder, h.u.Limits
			test.spoil(t, p, h)
			before, now := h.state(), h.now
			done, err := h.update()
			if !errors.Is(err, test.want) {
				t.Errorf("%+v %v, want %v", done, err, test.want)
			}
			after := h.state()
			if after.Failures != 1 || after.Error == "" || !after.Next.Equal(now.Add(firstAgain)) {
				t.Errorf("%+v", after)
			}
			after.Failures, after.Error, after.Next = before.Failures, before.Error, before.Next
			if after != before {
				t.Errorf("%+v\nwas\n%+v", after, before)
			}
			h.now = monday.Add(2 * time.Hour)
			if h.verdict(steve) != screening.TurnAway || h.verdict(joan) != screening.Screen {
				t.Error("the last good list is not in force")
			}
			// All is well again.
			p.faulty(nil)
			p.secret, h.u.Folder, h.u.Limits = good, folder, limits
			p.made = monday.Add(2 * time.Hour)
			_ = os.Remove(filepath.Join(p.dir, list.ManifestFile))
			_ = os.Remove(filepath.Join(p.dir, list.SignatureFile))
			p.publishAs(10, "442079460001")
			if done, err := h.update(); err != nil || h.verdict(joan) != screening.TurnAway || h.verdict(steve) != screening.Screen {
				t.Errorf("%+v %v", done, err)
			}
			if after := h.state(); after.Failures != 0 || after.Error != "" {
				t.Errorf("%+v", after)
			}
		})
	}
}

// A delta that cannot be had is no reason to stay behind.
func TestTheFullListInsteadOfABrokenDelta(t *testing.T) {
	for what, answer := range map[string]func(http.ResponseWriter){
		"gone":   func(w http.ResponseWriter) { w.WriteHeader(404) },
		"broken": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") },
	} {
		p, h := subscribed(t)
		p.publish("442079460001")
		p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
			it := strings.Contains(r.URL.Path, "delta")
			if it {
				answer(w)
			}
			return it
		})
		if done, err := h.update(); err != nil || !done.Full || h.verdict(joan) != screening.TurnAway || h.verdict(steve) != screening.Screen {
			t.Errorf("%s: %+v %v", what, done, err)
		}
	}
}

// A publication under way: for a moment the signature is the new manifest's and the manifest the old one.
func TestAPublicationUnderWay(t *testing.T) {
	p, h := subscribed(t)
	before, err := os.ReadFile(filepath.Join(p.dir, list.ManifestFile))
	h.ok(err)
	p.publish("442079460001")
	times := 0
	p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
		if filepath.Base(r.URL.Path) != list.ManifestFile {
			return false
		}
		times++
		if times > 1 {
			return false
		}
		_, _ = w.Write(before)
		return true
	})
	if done, err := h.update(); err != nil || done.Serial != 2 || times != 2 {
		t.Errorf("%+v %v", done, err)
	}
}

// A list that finds a fault in us does not end the program, which has calls to handle.
func TestAFaultOfOurs(t *testing.T) {
	_, h := subscribed(t)
	h.u.Fetch = fetcher(func() { panic("a fault") })
	if _, err := h.update(); !errors.Is(err, errBroken) || !strings.Contains(h.log.String(), "a fault") || h.verdict(steve) != screening.TurnAway {
		t.Errorf("%v\n%s", err, h.log)
	}
}
