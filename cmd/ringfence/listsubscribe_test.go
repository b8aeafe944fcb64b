package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// servedList is a folder with a list that a web server on this machine serves.
type servedList struct {
	home
	dir, key, numbers string
	url               string
}

func newServedList(h home) servedList {
	dir := h.TempDir()
	p := servedList{home: h, dir: filepath.Join(dir, "list"), key: filepath.Join(dir, "key"), numbers: filepath.Join(dir, "numbers.txt")}
	h.says(0, "", "list", "key", p.key)
	server := httptest.NewServer(http.FileServer(http.Dir(p.dir)))
	h.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p servedList) publish(numbers string) {
	p.Helper()
	if err := os.WriteFile(p.numbers, []byte(numbers), 0o600); err != nil {
		p.Fatal(err)
	}
	p.says(0, "", append([]string{"list", "publish", p.dir, "--key", p.key, "--from", p.numbers}, parishDetails...)...)
}

const atHome = "\n[lists]\nallow_private = true\n"

func TestSubscribingToAList(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+atHome)
	p := newServedList(h)
	p.publish("020 7946 0666\n")
	h.says(0, "The household is subscribed to the list Great Dunmow, which has 1 number.", "list", "subscribe", p.url, "--key", p.key+".pub")
	h.says(0, "would be turned away", "lookup", "02079460666")
	h.says(0, "has not changed: 1 number", "list", "update")
	p.publish("020 7946 0777\n0161 496 0666\n")
	h.says(0, "The list Great Dunmow is up to date: 2 added, 0 changed, 1 removed; it has 2 numbers.", "list", "update", "Great Dunmow")
	h.says(0, "would be asked", "lookup", "02079460666")
	h.says(0, "would be turned away", "lookup", "02079460777")
	h.says(0, "Great Dunmow: 2 numbers, subscribed to at "+p.url+"/. Checked today ", "list", "show")
	_, out, _ := h.run("list", "show", "Great Dunmow")
	for _, words := range []string{"publisher  The parish council", "appeals    appeals@parish.example", "signed     yes, with the key RW", "serial     2, made today ", "state      Checked today ",
		"link       " + p.url + "/#key=RW", "020 7946 0777"} {
		if !strings.Contains(out, words) {
			t.Errorf("%q is not in\n%s", words, out)
		}
	}
	_, link, _ := strings.Cut(out, "link       ")
	link, _, _ = strings.Cut(link, "\n")
	h.says(1, "subscribed to already: it is called Great Dunmow here", "list", "subscribe", link)
	if err := os.RemoveAll(p.dir); err != nil {
		t.Fatal(err)
	}
	h.says(1, "stays as it was: the server does not give the file: there is nothing at this address (404)", "list", "update")
	h.says(0, "The last update failed: The server does not give", "list", "show")
	h.says(0, "would be turned away", "lookup", "02079460777")
	h.says(1, "The next update of this list would delete your import", "list", "import", p.numbers, "--name", "Great Dunmow")
	h.says(0, "the list Great Dunmow has ended, and its numbers are gone", "list", "unsubscribe", "Great Dunmow")
	h.says(0, "would be asked", "lookup", "02079460777")
	h.says(1, "There is no subscription to a list called Great Dunmow. `ringfence list` shows what there is.", "list", "unsubscribe", "Great Dunmow")
	h.says(1, "there is no subscription", "list", "update", "Great Dunmow")
	h.says(0, "There are no subscriptions yet", "list", "update")
	// A new list at the same address.
	p.publish("020 7946 0888\n")
	h.says(0, "subscribed to the list again", "list", "subscribe", link, "--name", "again")
	h.says(0, "would be turned away", "lookup", "02079460888")
}

func TestWhatCannotBeSubscribedTo(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+atHome)
	p := newServedList(h)
	p.publish("020 7946 0666\n")
	other := newServedList(h)
	h.says(1, "is not signed with the key that it should be", "list", "subscribe", p.url, "--key", other.key+".pub")
	h.says(1, "there is nothing at this address (404)", "list", "subscribe", p.url+"/elsewhere", "--key", p.key+".pub")
	h.says(1, "begins with https://", "list", "subscribe", "ftp://parish.example", "--key", p.key+".pub")
	h.says(1, "his is not a public key", "list", "subscribe", p.url, "--key", "RWx")
	h.says(1, "not whole", "list", "subscribe", "ringfence:list?key=x")
	h.says(2, "for lists that are not signed", "list", "subscribe", p.url, "--key", p.key+".pub", "--may-turn-away")
	h.says(1, "s asked for every 15m0s at most", "list", "subscribe", p.url, "--key", p.key+".pub", "--every", "1s")
	h.says(0, "There are no lists yet", "list", "show")
	closed := newHome(t, usualSettings)
	closed.says(1, "set allow_private = true under [lists]", "list", "subscribe", p.url, "--key", p.key+".pub")
}

// A list that is not signed warns, and turns away only by the owner's word.
func TestSubscribingToAnUnsignedList(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+atHome)
	p := newServedList(h)
	p.publish("020 7946 0666\n")
	h.says(0, "it turns nobody away and only warns", "list", "subscribe", p.url)
	h.says(0, "Nobody has signed it, so it turns nobody away and only warns.", "list", "show")
	h.says(0, "would be asked", "lookup", "02079460666")
	h.says(0, "nobody has signed the list", "lookup", "02079460666")
	h.says(0, "The subscription to the list Great Dunmow has ended", "list", "remove", "Great Dunmow")
	h.says(0, "may turn callers away all the same", "list", "subscribe", p.url, "--may-turn-away")
	h.says(0, "would be turned away", "lookup", "02079460666")
}
