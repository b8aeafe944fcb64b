package web

import (
	"net/http"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/store"
	"ringfence/store/lists"
)

// An owner subscribes to PhoneBlock with a key; the list warns, and its key is never shown again.
func TestPhoneBlockInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Lists.AllowPlain = true // its server is at home
	s.runLists()
	p := phoneblocktest.New(t)
	p.Lists(41, "+442079460666 G_FRAUD 40", "+442079460667 C_PING 4")
	b := s.browse("owner", "/h/mum/lists")
	b.press("Subscribe to a list")
	b.press("Subscribe to PhoneBlock’s list")
	b.sees("It learns nothing about your callers.")
	b.fill("Your PhoneBlock key", "two words")
	b.press("Subscribe")
	b.sees("This is not a key of PhoneBlock's")
	b.shot("list-phoneblock-wrong")
	b.axe()
	b.fill("Your PhoneBlock key", phoneblocktest.Key)
	b.fill("The server’s address", p.URL)
	b.press("Subscribe")
	b.sees("The household is subscribed to the list PhoneBlock. It has 2 numbers.")
	b.sees("Nobody has signed it, so it turns nobody away and only warns.")
	b.sees("Valid until 24 December 2026.")
	if s.action("02079460666") != screening.Screen {
		t.Errorf("the list decides %s", s.action("02079460666"))
	}
	b.shot("list-phoneblock")
	b.axe()
	b.fits()
	b.press("Update now")
	b.sees("PhoneBlock is asked once a day at most")
	b.press("Give it another key")
	b.fill("Your PhoneBlock key", "pbt_another")
	b.press("Use this key")
	b.sees("The list PhoneBlock has a new key. PhoneBlock is asked once a day at most")
	b.sees("Off: PhoneBlock isn’t asked about anyone.")
	b.press("Ask PhoneBlock about strangers")
	b.sees("From now on Ringfence asks PhoneBlock about unknown callers, with a fingerprint of their number.")
	if !s.sub("PhoneBlock").Asks {
		t.Error("it is not switched on")
	}
	b.shot("list-phoneblock-asks")
	b.axe()
	b.fits()
	b.press("Stop asking PhoneBlock")
	b.sees("Ringfence doesn't ask PhoneBlock about callers any more.")
	if s.sub("PhoneBlock").Asks {
		t.Error("it is not switched off")
	}
	p.Wants("blocklist?")
	if key, err := s.db.Lists.BlocklistKey(t.Context(), s.sub("PhoneBlock").ID); key != "pbt_another" || err != nil {
		t.Error(key, err)
	}
}

func (s *site) sub(list string) lists.Subscription {
	sub, err := s.db.Lists.Subscription(s.t.Context(), "mum", list)
	s.ok(err)
	return sub
}

// The key is on no page, in no answer and in no log, and only an owner can give another.
func TestTheKeyOfPhoneBlockIsShownToNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Lists.AllowPlain = true
	s.runLists()
	p := phoneblocktest.New(t)
	p.Fails(phoneblocktest.Status(http.StatusInternalServerError))
	c := s.as("owner")
	page := c.follows("/h/mum/lists/phoneblock", "key", phoneblocktest.Key, "server", p.URL, "name", "PhoneBlock", "unsigned", "yes")
	if !strings.Contains(page, "The download failed: The server does not give the file: its answer was 500.") {
		t.Error(page)
	}
	if sub := s.sub("PhoneBlock"); sub.OnlyWarns || sub.By != "Owner Taylor" {
		t.Errorf("%+v", sub)
	}
	page += c.follows("/h/mum/list/key", "name", "PhoneBlock", "key", phoneblocktest.Key)
	again := c.post("/h/mum/lists/phoneblock", "key", phoneblocktest.Key, "server", p.URL, "name", "Again")
	if again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "This list is subscribed to already: it is called PhoneBlock here.") {
		t.Errorf("%d %s", again.status, again.body)
	}
	page += again.body
	for _, path := range []string{"/h/mum/lists", "/h/mum/list?name=PhoneBlock", "/h/mum/changes", "/h/mum/lists/phoneblock"} {
		page += c.get(path).body
	}
	program := s.program("owner", store.ScopeChange, "")
	a := program.json("PUT", "households/mum/lists/PhoneBlock/phoneblock", `{"key":"`+phoneblocktest.Key+`"}`)
	program.wants(a, 200, `"kind":"phoneblock"`, `"key":""`, `"only_warns":false`)
	page += a.body + program.get("households/mum/lists").body
	if strings.Contains(page, phoneblocktest.Key) || strings.Contains(s.log.String(), phoneblocktest.Key) {
		t.Errorf("the key is shown: %s", s.log.String())
	}
	for path, status := range map[string]int{
		"/h/mum/list/link.svg?name=PhoneBlock": http.StatusNotFound, "/h/mum/list?name=PhoneBlock": http.StatusOK,
	} {
		if a := c.get(path); a.status != status {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if strings.Contains(s.as("carer").get("/h/mum/list?name=PhoneBlock").body, "another key") {
		t.Error("a carer is offered to change the key")
	}
	if a := c.post("/h/mum/list/ask", "name", "no such", "ask", "yes"); a.status != http.StatusNotFound {
		t.Errorf("%d", a.status)
	}
	if a := c.post("/h/mum/list/key", "name", "no such", "key", phoneblocktest.Key); a.status != http.StatusNotFound {
		t.Errorf("%d", a.status)
	}
}

func TestPhoneBlockForPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Lists.AllowPlain = true
	s.runLists()
	p := phoneblocktest.New(t)
	p.Lists(41, "+442079460666 G_FRAUD 40")
	owner, carer := s.program("owner", store.ScopeChange, ""), s.program("carer", store.ScopeChange, "")
	body := `{"key":"` + phoneblocktest.Key + `","server":"` + p.URL + `"}`
	carer.wants(carer.json("PUT", "households/mum/lists/PB/phoneblock", body), 403)
	owner.wants(owner.json("PUT", "households/mum/lists/PB/phoneblock", `{"key":"a b"}`), 422, "This is not a key")
	owner.wants(owner.json("PUT", "households/mum/lists/PB/phoneblock", body), 200, `"kind":"phoneblock"`, `"only_warns":true`) // and may have been got already
	owner.wants(owner.json("PUT", "households/mum/lists/Other/phoneblock", body), 409, "it is called PB here")
	// It may be under way already.
	if a := carer.json("POST", "households/mum/lists/PB/update", `{}`); a.status == 200 {
		carer.wants(carer.json("POST", "households/mum/lists/PB/update", `{}`), 429, "once a day at most")
	} else {
		carer.wants(a, 429, "once a day at most")
	}
	carer.wants(carer.get("households/mum/lists/PB"), 200, `"entries":1`, `"publisher":"PhoneBlock (127.0.0.1:`)
	p.Wants("blocklist?")
	carer.wants(carer.json("PUT", "households/mum/lists/PB/phoneblock", `{"asks":true}`), 403)
	owner.wants(owner.json("PUT", "households/mum/lists/PB/phoneblock", `{"asks":true}`), 200, `"asks":true`)
	owner.wants(owner.json("PUT", "households/mum/lists/PB/phoneblock", `{"asks":false}`), 200, `"asks":false`)
	owner.wants(owner.json("PUT", "households/mum/lists/PB/phoneblock", `{}`), 422, "This is not a key")
	owner.wants(owner.json("PUT", "households/mum/lists/Third/phoneblock", `{"asks":true}`), 422, "This is not a key")
	if key, err := s.db.Lists.BlocklistKey(t.Context(), s.sub("PB").ID); key != phoneblocktest.Key || err != nil {
		t.Error(key, err)
	}
}
