package subscribe

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ringfence/sharing/fetch"
)

// What a server sends in place of a list is named, and never replaces what was good.
func TestWhatIsNoList(t *testing.T) {
	w, h := followed(t)
	for body, want := range map[string]string{
		"<!DOCTYPE html><html><body>Hello</body></html>":                            "this is a web page. Open the address",
		"\ufeff\n<!-- x -->\n<HTML lang=en>":                                        "this is a web page",
		"<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html>":             "this is a web page",
		"<html><form action=/login><input type=\"password\" name=p></form>":         "may want somebody to sign in",
		"<html><head><title>Guest WiFi captive portal</title>":                      "may want somebody to sign in",
		"<script>location='http://10.0.0.1/hotspot?to=login'</script>":              "sign in",
		"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n": "only a pointer to a file (Git LFS). Use the address",
		"/annex/objects/SHA256E-s31390--f50d.csv\n":                                 "pointer of git-annex",
		"404: Not Found":      "error message (“404: Not Found”)",
		"Too Many Requests\n": "error message (“Too Many Requests”)",
		"error code: 1020":    "error message (“error code: 1020”)",
		`{"message":"Not Found","documentation_url":"https://docs.example"}`:                      "error message (“Not Found”)",
		`{"error":{"code":403,"message":"quota exceeded"}}`:                                       "error message (“quota exceeded”)",
		`{"errors":["no such sheet"],"data":null}`:                                                "error message (“no such sheet”)",
		"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message>": "error message (“AccessDenied”)",
		"":                                     "the file is empty",
		"\ufeff \n":                            "the file is empty",
		"# all gone\n":                         "there is no number in it",
		"name,number\n":                        "there is no number in it",
		"PK\x03\x04xxxxxxxx":                   "ZIP",
		"%PDF-1.7":                             "PDF",
		"one\ntwo\nthree\nfour\n020 7946 0100": "more lines are wrong than right",
	} {
		w.has(body)
		if _, err := h.updateOf("scams"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", body, err)
		} else if sub := h.sub("scams"); sub.Error == "" || sub.Entries != 100 || sub.Held.Version != 0 {
			t.Errorf("%q: %+v", body, sub)
		}
	}
	w.has(numbers(100, 100))
	if _, err := h.updateOf("scams"); err != nil || h.sub("scams").Error != "" {
		t.Error(err)
	}
}

// A few numbers are a list, though they begin as an error message may.
func TestNumbersBelowAWordOfAnError(t *testing.T) {
	w, h := newWeb(t, "Gone, or never there:\n020 7946 0100\n020 7946 0101\n"), newHome(t)
	h.follow(w.URL+"/scams.txt", Choices{})
	if done, err := h.updateOf("scams"); err != nil || done.Added != 2 {
		t.Errorf("%+v %v", done, err)
	}
}

// A page that GitHub has around a file, and a page of another server, are told too.
func TestWebPageInPlaceOfAFile(t *testing.T) {
	h := newHome(t)
	portal := newWeb(t, "<html><body>Please sign in</body></html>")
	w := newWeb(t, "")
	w.faulty(func(to http.ResponseWriter, r *http.Request) bool {
		http.Redirect(to, r, strings.Replace(portal.URL, "127.0.0.1", "localhost", 1)+"/login", http.StatusFound)
		return true
	})
	for address, want := range map[string]string{
		portal.URL + "/somebody/lists/blob/main/scams.txt": "“Raw”",
		portal.URL + "/scams.txt":                          "this is a web page, which may want",
		w.URL + "/scams.txt":                               "this is a web page of localhost, which may want",
		portal.URL + "/lists":                              "this is a web page",
	} {
		source, err := ParseSource(address, "")
		h.ok(err)
		if _, err := h.u.Prepare(t.Context(), "home", source, Choices{}); !errors.Is(err, ErrNotList) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// raw answers with bytes as they are, and hangs up.
func raw(answer string) fault {
	return func(to http.ResponseWriter, _ *http.Request) bool {
		conn, _, err := to.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = conn.Write([]byte(answer))
		_ = conn.Close()
		return true
	}
}

func TestServersThatMisbehave(t *testing.T) {
	w, h := followed(t)
	half := numbers(100, 99) + "020 7946 01"
	for name, one := range map[string]struct {
		answer string
		want   error
	}{
		"cut off":              {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + half, fetch.ErrCutOff},
		"cut off in a chunk":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + half, fetch.ErrCutOff},
		"of no known length":   {"HTTP/1.0 200 OK\r\n\r\n" + half, fetch.ErrCutOff},
		"unmeasured":           {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half, fetch.ErrCutOff},
		"nothing":              {"HTTP/1.1 204 No Content\r\n\r\n", fetch.ErrAnswer},
		"a part":               {"HTTP/1.1 206 Partial Content\r\nContent-Length: 14\r\n\r\n020 7946 0100\n", fetch.ErrAnswer},
		"an error":             {"HTTP/1.1 500 x\r\nContent-Length: 14\r\n\r\n020 7946 0100\n", fetch.ErrAnswer},
		"nothing at all":       {"", fetch.ErrCutOff},
		"too large":            {"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n0", fetch.ErrTooLarge},
		"packed unasked":       {"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n00", fetch.ErrAnswer},
		"a redirect in a ring": {"HTTP/1.1 302 x\r\nLocation: /scams.csv\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", fetch.ErrRedirects},
	} {
		w.faulty(raw(one.answer))
		if _, err := h.updateOf("scams"); !errors.Is(err, one.want) {
			t.Errorf("%s: %v", name, err)
		}
		if sub := h.sub("scams"); sub.Entries != 100 || sub.Error == "" || sub.Next.Sub(h.now) > sub.Period*5/4 {
			t.Errorf("%s: %+v", name, sub)
		}
	}
	w.faulty(raw("HTTP/1.1 304 Not Modified\r\n\r\n"))
	if done, err := h.updateOf("scams"); err != nil || !done.Unchanged || h.sub("scams").Failures != 0 {
		t.Errorf("%+v %v", done, err)
	}
	// A server may send less than it has, and say so; what is whole to its last line is a list.
	w.faulty(raw("HTTP/1.0 200 OK\r\n\r\n" + numbers(100, 99)))
	if done, err := h.updateOf("scams"); err != nil || done.Removed != 1 {
		t.Errorf("%+v %v", done, err)
	}
}

// An answer of "not changed" that nobody asked for says nothing.
func TestUnaskedNotModified(t *testing.T) {
	w, h := newWeb(t, ""), newHome(t)
	w.faulty(raw("HTTP/1.1 304 Not Modified\r\n\r\n"))
	source, err := ParseSource(w.URL+"/scams.csv", "")
	h.ok(err)
	if _, err := h.u.Prepare(t.Context(), "home", source, Choices{}); !errors.Is(err, fetch.ErrAnswer) {
		t.Error(err)
	}
}

func FuzzNoList(f *testing.F) {
	for _, text := range []string{"<html>", "{\"error\":1}", "404", "020 7946 0100\n", "<Error><Code>x", "version https://git-lfs.github.com/"} {
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, whole bool) {
		for _, err := range []error{noList(text, whole, "https://a.example/blob/x", "b.example"), noManifest(text, "https://a.example/", "")} {
			if err != nil && !errors.Is(err, ErrNotList) {
				t.Error(err)
			}
		}
	})
}
