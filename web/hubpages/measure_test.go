package hubpages

import (
	"strings"
	"testing"

	"ringfence/web/browse"
)

// How long every page of a hub is on a phone: `make pages`.
func TestMeasureEveryPageInABrowser(t *testing.T) {
	m := browse.Measuring(t, "hub")
	s := newSite(t)
	s.newcomersReport(pending)
	_, err := s.Publish(t.Context())
	s.ok(err)
	asked := s.client().post("/appeal", "number", "020 7946 0123", "text", "It is our office since 1998. Somebody shows our number.", "reach", "office@example.org")
	measure := func(b *browse.Tab, paths ...string) {
		t.Helper()
		for _, path := range paths {
			b.Open(path)
			m.Page(b, "/hub"+strings.ReplaceAll(path, asked.path, "/appeal/…"))
		}
	}
	measure(browse.Open(t, s.web.URL, "/"), "/", "/list/", "/join", "/appeal", "/appeal?number=020+7946+0123", "/appeal?number=020+7946+0999", asked.path, "/sign-in", "/nothing-here")
	moderator := s.moderator()
	moderator.post("/moderate/numbers/442079460124", "what", "dismiss", "why", "Rang back: it is the office of a charity.")
	moderator.post("/moderate/protected", "number", "01245 362*", "who", "Broomfield Hospital", "why", "Its switchboard")
	measure(s.as(moderator), "/moderate", "/moderate?show=disputed", "/moderate?show=most", "/moderate/numbers/442079460888", "/moderate/numbers/442079460124", "/moderate/appeals", "/moderate/appeals/1",
		"/moderate/protected", "/moderate/invitations", "/moderate/keys", "/moderate/log", "/moderate/account", "/moderate/account/code")
}
