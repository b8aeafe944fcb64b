package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parishDetails are what a publisher says of a list the first time.
var parishDetails = []string{"--name", "Great Dunmow", "--publisher", "The parish council", "--purpose", "Callers who defraud people in the parish",
	"--licence", "CC0-1.0", "--contact", "https://parish.example/scams", "--appeals", "appeals@parish.example"}

// Long: one story, each step of which rests on those before it.
func TestPublishingAList(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	publish := func(more ...string) []string {
		return append([]string{"list", "publish", in("list"), "--key", in("key"), "--from", in("scams.csv"), "--protected", in("ours.txt")}, more...)
	}

	out := h.says(0, "keep a copy of it", "list", "key", in("key"))
	public := out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]
	for name, mode := range map[string]os.FileMode{"key": 0o600, "key.pub": 0o644} {
		if info, err := os.Stat(in(name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	h.says(1, "a key is never overwritten", "list", "key", in("key"))

	write("scams.csv", "number,category,confidence,note\n020 7946 0123,bank,0.8,=HYPERLINK()\n0121 496 0999,tech-support,60 %,\n01371 872121,other,1,\n0909 879*,prize,1,\n")
	write("ours.txt", "01371 872121\n")
	h.says(1, "line 1: say behind 01371 872121 whose number it is", publish(parishDetails...)...)
	write("ours.txt", "01371 872121 Angel Lane Surgery\n")
	h.says(2, "say what people call the list, with --name", publish()...)
	h.says(2, "say where the owner of a wrongly listed number", publish(parishDetails[:10]...)...)
	h.says(2, "1 to 366 days", publish("--days", "400")...)
	h.says(2, "", publish("--list", "parish")...)
	if _, err := os.Stat(in("list")); !os.IsNotExist(err) {
		t.Errorf("something was published: %v", err)
	}

	code, out, errOut := h.run(publish(parishDetails...)...)
	if code != 0 || !strings.Contains(out, "Great Dunmow is published with serial 1: 3 numbers, valid until") ||
		!strings.Contains(errOut, "left out: 01371 872121 must never be turned away: Angel Lane Surgery") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	write("scams.csv", "number,confidence\n020 7946 0123,0.8\nrubbish,1\n0121 496 0998,0.6\n")
	code, out, errOut = h.run(publish()...) // what the list is stands in the folder
	if code != 0 || !strings.Contains(out, "serial 2: 2 numbers") || !strings.Contains(out, "It has 4 changes since serial 1.") || !strings.Contains(errOut, "line 3: ") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}

	out = h.says(0, "in order, and signed with this key", "list", "verify", in("list"), "--key", in("key.pub"))
	for _, words := range []string{"name       Great Dunmow", "serial     2, made today", "numbers    2", "delta-1-2.ndjson.gz"} {
		if !strings.Contains(out, words) {
			t.Errorf("%q is not in %q", words, out)
		}
	}
	h.says(0, "in order", "list", "verify", in("list"), "--key", strings.TrimSpace(public))
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	h.says(0, "in order", "list", "verify", server.URL+"/list", "--key", in("key.pub"), "--private")
	h.says(1, "private network", "list", "verify", server.URL+"/list", "--key", in("key.pub"))
	h.says(1, "manifest.json: the server does not give the file", "list", "verify", server.URL+"/gone/", "--key", in("key.pub"), "--private")
	h.says(1, "there is no list in", "list", "verify", dir, "--key", in("key.pub"))
	h.says(1, "not a public key", "list", "verify", in("list"), "--key", in("scams.csv"))
	h.says(1, "not a public key", "list", "verify", in("list"), "--key", "RWnonsense")
	h.says(0, "", "list", "key", in("other"))
	h.says(1, "not signed with the key", "list", "verify", in("list"), "--key", in("other.pub"))
	h.says(1, "signed with another key than yours", "list", "publish", in("list"), "--key", in("other"), "--from", in("scams.csv"), "--name", "a", "--publisher", "b",
		"--purpose", "c", "--licence", "d", "--contact", "e", "--appeals", "f")
	h.says(1, "is not a secret key", "list", "publish", in("list"), "--key", in("scams.csv"), "--from", in("scams.csv"))

	write("scams.csv", "<html>404</html>\n")
	h.says(1, "this is a web page (HTML)", publish()...)
	h.says(0, "serial     2,", "list", "verify", in("list"), "--key", in("key.pub"))
	if err := os.WriteFile(filepath.Join(in("list"), "full-2.ndjson.gz"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(1, "full-2.ndjson.gz: ", "list", "verify", in("list"), "--key", in("key.pub"))
	if err := os.Chmod(in("key"), 0o644); err != nil {
		t.Fatal(err)
	}
	h.says(1, "other users of this machine can read", publish()...)
}

// A household's own list goes out, and so does one of standard input; a group's machine needs no settings of a household.
func TestPublishingFromElsewhere(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	dir := t.TempDir()
	key, numbers := filepath.Join(dir, "key"), filepath.Join(dir, "parish.csv")
	h.says(0, "", "list", "key", key)
	if err := os.WriteFile(numbers, []byte("0121 496 0999\n020 7946 0123\n1571\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "parish now has 3 numbers", "list", "import", numbers)
	code, out, errOut := h.run(append([]string{"list", "publish", filepath.Join(dir, "one"), "--key", key, "--list", "parish"}, parishDetails...)...)
	if code != 0 || !strings.Contains(out, "serial 1: 2 numbers") || !strings.Contains(errOut, "left out: 1571 is not a number for a list") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	h.says(1, "there is no list called", "list", "publish", filepath.Join(dir, "one"), "--key", key, "--list", "gone")
	if err := os.WriteFile(numbers, []byte("Numer,Od\n0121 496 0999,x\n020 7946 0123,y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "parish now has 2 numbers", "list", "import", numbers)
	h.says(2, "can't be published: its numbers are from the column “Numer”", "list", "publish", filepath.Join(dir, "one"), "--key", key, "--list", "parish")
	h.says(0, "parish now has 2 numbers", "list", "import", numbers, "--column", "numer")
	h.says(0, "serial 2: 2 numbers", "list", "publish", filepath.Join(dir, "one"), "--key", key, "--list", "parish")

	group := home{T: t, config: filepath.Join(dir, "no-such.toml"), data: dir, typed: "0121 496 0999\n"}
	args := append([]string{"list", "publish", filepath.Join(dir, "two"), "--key", key, "--from", "-"}, parishDetails...)
	group.says(2, "with --region GB", args...)
	group.says(1, "is not a region", append(args, "--region", "England")...)
	group.says(0, "serial 1: 1 number,", append(args, "--region", "GB")...)
	group.says(0, "It has no changes since serial 1.", args...)
}

// However many numbers are left out, the first are named and all are counted.
func TestPublishingCountsAllThatIsLeftOut(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	dir := t.TempDir()
	key, numbers, ours := filepath.Join(dir, "key"), filepath.Join(dir, "scams.csv"), filepath.Join(dir, "ours.txt")
	h.says(0, "", "list", "key", key)
	var listed, protected strings.Builder
	for i := range 1100 {
		fmt.Fprintf(&listed, "+44113496%04d\n", i)
		fmt.Fprintf(&protected, "+44113496%04d Angel Lane Surgery\n", i)
	}
	if err := errors.Join(os.WriteFile(numbers, []byte(listed.String()), 0o600), os.WriteFile(ours, []byte(protected.String()), 0o600)); err != nil {
		t.Fatal(err)
	}
	code, _, errOut := h.run(append([]string{"list", "publish", filepath.Join(dir, "list"), "--key", key, "--from", numbers, "--protected", ours}, parishDetails...)...)
	if code != 0 || strings.Count(errOut, "left out: ") != shownRefusals || !strings.HasSuffix(errOut, "\nand 1,080 more numbers\n") {
		t.Errorf("exit %d, %q", code, errOut)
	}
}
