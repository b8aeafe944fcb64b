package setuppages

import (
	"net/url"
	"testing"

	"ringfence/web/browse"
)

// How long every page of the set-up is on a phone: `make pages`.
func TestMeasureEveryPageInABrowser(t *testing.T) {
	m := browse.Measuring(t, "setup")
	s := newSite(t)
	b := browse.Open(t, s.web.URL, "/setup/code")
	m.Page(b, "/setup/code")
	b.Fill("The six words", code)
	b.Press("Continue")
	b.Sees("step 1 of 4")
	measure := func(paths ...string) {
		t.Helper()
		for _, path := range paths {
			b.Open(path)
			m.Page(b, path)
		}
	}
	c := visitor(t)
	answer := func(page string, form url.Values) { s.post(c, s.web.URL+page, form) }
	answer("/setup/code", url.Values{"code": {code}})
	measure("/setup/wiring")
	answer("/setup/wiring", url.Values{"wiring": {"router"}})
	measure("/setup/line")
	answer("/setup/line", url.Values{"country": {"GB"}, "number": {"020 7946 0100"}, "address": {"eth0"}})
	measure("/setup/other-end?router")
	answer("/setup/wiring", url.Values{"wiring": {"provider"}})
	measure("/setup/other-end?provider")
	answer("/setup/wiring", url.Values{"wiring": {"adapter"}})
	measure("/setup/other-end?adapter")
	answer("/setup/other-end", url.Values{"adapter": {"192.168.1.20"}, "mac": {"00:0B:82:12:34:56"}})
	measure("/setup/phones")
	answer("/setup/phones", url.Values{"phones": {"hall, bedroom"}})
	b.Open("/setup/working")
	b.Sees("The settings are saved.")
	m.Page(b, "/setup/done")
}
