package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sharing/phoneblock/phoneblocktest"
)

func TestSubscribingToPhoneBlock(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+atHome)
	p := phoneblocktest.New(t)
	p.Lists(41, "+442079460666 G_FRAUD 40", "+448001111 G_FRAUD 4")
	h.says(1, "This is not a key of PhoneBlock's", "list", "phoneblock", "subscribe", "--server", p.URL)
	h.typed = "a wrong one"
	h.says(1, "This is not a key of PhoneBlock's", "list", "phoneblock", "subscribe", "--server", p.URL)
	h.typed = "wrong"
	_, out, errOut := h.run("list", "phoneblock", "subscribe", "--server", p.URL)
	if !strings.Contains(errOut, "PhoneBlock does not take the key") || strings.Contains(out+errOut, "wrong") {
		t.Errorf("%q %q", out, errOut)
	}
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(phoneblocktest.Key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(1, "`ringfence list phoneblock key` gives it another key", "list", "phoneblock", "subscribe", "--server", p.URL, "--key-file", key)
	h.says(0, "has a new key", "list", "phoneblock", "key", "--key-file", key)
	p.Wants("blocklist?")
	h.says(0, "The list PhoneBlock is up to date: 1 added", "list", "update")
	h.says(0, "The list PhoneBlock stays as it is. PhoneBlock is asked once a day at most", "list", "update")
	p.Wants("blocklist?")
	h.says(0, "PhoneBlock: 1 number, subscribed to at "+p.URL+"/. Nobody has signed it, so it turns nobody away and only warns. Checked today ", "list", "show")
	h.says(0, "would be asked", "lookup", "02079460666")
	h.says(0, "reports this number as a scam. It is 91% sure, but nobody has signed", "lookup", "02079460666")
	h.says(0, "0800 1111", "lookup", "08001111")
	_, out, _ = h.run("list", "show", "PhoneBlock")
	if !strings.Contains(out, "publisher  PhoneBlock (127.0.0.1:") || !strings.Contains(out, "serial     41") || strings.Contains(out, "link ") {
		t.Errorf("%s", out)
	}
	if strings.Contains(out, phoneblocktest.Key) {
		t.Error("the key is shown")
	}
	h.says(1, "There is no subscription to a list of that name any more. Somebody may have ended it. `ringfence list` shows what there is.", "list", "phoneblock", "key", "--key-file", key, "--name", "other")
	h.says(1, "the key cannot be read", "list", "phoneblock", "key", "--key-file", key+"x")
	h.says(0, "be guessed back", "list", "phoneblock", "ask", "--help")
	h.says(0, "with a fingerprint of their number", "list", "phoneblock", "ask", "on")
	h.says(0, "asked      about callers nobody knows", "list", "show", "PhoneBlock")
	h.says(0, "Ringfence doesn't ask PhoneBlock about callers any more", "list", "phoneblock", "ask", "off")
	h.says(1, "There is no subscription to a list of that name any more. Somebody may have ended it. `ringfence list` shows what there is.", "list", "phoneblock", "ask", "on", "--name", "other")
	h.says(2, "", "list", "phoneblock", "ask", "perhaps")
	// It has been got for this month.
	h.says(0, "has ended, and its numbers are gone", "list", "unsubscribe", "PhoneBlock")
	h.typed = phoneblocktest.Key
	h.says(0, "subscribed to the list Again. PhoneBlock gives its whole list once a month at most", "list", "phoneblock", "subscribe", "--server", p.URL, "--name", "Again")
	h.says(0, "Again: no numbers, subscribed to at "+p.URL+"/. Nobody has signed it, so it turns nobody away and only warns. It isn't here yet.", "list", "show")
	p.Wants()
	// The owner may say that it turns callers away.
	other := newHome(t, usualSettings+atHome)
	other.typed = phoneblocktest.Key
	other.says(0, "has 1 number", "list", "phoneblock", "subscribe", "--server", p.URL, "--may-turn-away")
	other.says(0, "would be turned away", "lookup", "02079460666")
	p.Asked()
	closed := newHome(t, usualSettings)
	closed.typed = phoneblocktest.Key
	closed.says(1, "must not go out without encryption", "list", "phoneblock", "subscribe", "--server", p.URL)
	p.Wants()
}
