package web

import (
	"net/http"
	"strings"
	"testing"
)

// An owner sees what is kept of a caller and what stays, says that they are sure, and nothing of it is found any more. Others do not see the way there.
func TestForgetACaller(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner, carer := s.as("owner"), s.as("carer")
	call := "/h/mum/calls/" + itoa(s.calls["message"])
	link := `href="/h/mum/forget?number=&#43;442079460666"`
	if body := owner.get(call).body; !strings.Contains(strings.ReplaceAll(body, "%2b", "&#43;"), link) {
		t.Errorf("an owner finds no way to forget the caller: %s", body)
	}
	if strings.Contains(carer.get(call).body, "/h/mum/forget") {
		t.Error("a carer is shown a way that is not theirs")
	}
	page := owner.get("/h/mum/forget?number=020+7946+0666").body
	for _, words := range []string{"020 7946 0666?</span></h1>", "1 call, with 1 recording of what was said. Nobody has marked 1 message as heard yet.", "Restoring one brings the caller back."} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q: %s", words, page)
		}
	}
	if a := owner.post("/h/mum/forget", "number", "+442079460666"); a.status != http.StatusUnprocessableEntity || owner.get(call).status != http.StatusOK {
		t.Errorf("somebody is forgotten although nobody was sure: %d", a.status)
	}
	if body := owner.follows("/h/mum/forget", "number", "+442079460666", "sure", "yes"); !strings.Contains(body, "A caller was forgotten: 1 call, 1 recording") || strings.Contains(body, "020 7946 0666") {
		t.Errorf("they are still there, or it is not said: %s", body)
	}
	if a := owner.get(call); a.status != http.StatusNotFound {
		t.Errorf("their call answers %d", a.status)
	}
	if body := owner.get("/h/mum/forget?number=02079460666").body; !strings.Contains(body, "Nothing is kept about calls from 020 7946 0666.") {
		t.Error(body)
	}
	if body := owner.get("/h/mum/forget?number=12").body; !strings.Contains(body, "too short") {
		t.Error(body)
	}
}
