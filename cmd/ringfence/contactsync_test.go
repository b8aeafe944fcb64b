package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	bookUser     = "anna@example.org"
	bookPassword = "not to be shown 4711"
)

// radicale is a real CardDAV server on loopback.
type radicale struct {
	t   *testing.T
	url string
}

// startRadicale starts one, which make test has installed.
func startRadicale(t *testing.T) radicale {
	t.Helper()
	program := os.Getenv("RINGFENCE_RADICALE")
	if program == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		program = filepath.Join(cache, "ringfence", "radicale-3.5.4")
	}
	if _, err := os.Stat(filepath.Join(program, "radicale")); err != nil {
		t.Fatalf("%v: make radicale installs it, as make test does", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	users, settings := filepath.Join(folder, "users"), filepath.Join(folder, "config")
	text := fmt.Sprintf("[server]\nhosts = %s\n[auth]\ntype = htpasswd\nhtpasswd_filename = %s\nhtpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = %s\n", address, users, filepath.Join(folder, "data"))
	for path, text := range map[string]string{users: bookUser + ":" + bookPassword + "\n", settings: text} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := exec.CommandContext(context.WithoutCancel(t.Context()), "python3", "-m", "radicale", "--config", settings)
	server.Env = append(os.Environ(), "PYTHONPATH="+program)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	r := radicale{t, "http://" + address}
	for !r.answers() {
		time.Sleep(50 * time.Millisecond)
		if t.Context().Err() != nil {
			t.Fatal("Radicale does not begin")
		}
	}
	return r
}

func (r radicale) answers() bool {
	response, err := http.Get(r.url + "/.web/") //nolint:noctx // of a test's own server
	if err != nil {
		return false
	}
	_ = response.Body.Close() // only read
	return true
}

func (r radicale) do(method, path, body string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+"/"+bookUser+"/"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.SetBasicAuth(bookUser, bookPassword)
	if method == http.MethodPut {
		request.Header.Set("Content-Type", "text/vcard; charset=utf-8")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = response.Body.Close() // only read
	if response.StatusCode >= http.StatusMultipleChoices {
		r.t.Fatalf("%s %s answered %s", method, path, response.Status)
	}
}

func (r radicale) book(path, name string) {
	r.t.Helper()
	r.do("MKCOL", path+"/", `<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/><C:addressbook/></resourcetype><displayname>`+
		name+`</displayname></prop></set></mkcol>`)
}

func (r radicale) put(path, name string, numbers ...string) {
	r.t.Helper()
	text := "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + path + "\r\nFN:" + name + "\r\n"
	for _, n := range numbers {
		text += "TEL;TYPE=HOME:" + n + "\r\n"
	}
	r.do(http.MethodPut, path+".vcf", text+"END:VCARD\r\n")
}

// A household's contacts are kept in step with an address book on a real Radicale, by the real program.
//
// Long: one story, whose steps rest on one another.
func TestContactsFollowAnAddressBookOnRadicale(t *testing.T) {
	beside(t)
	r := startRadicale(t)
	r.book("family", "Family")
	r.put("family/anna", "Anna Taylor", "020 7946 0101")
	r.put("family/ben", "Ben Müller", "+44 20 7946 0102", "07700 900102")
	r.put("family/home", "Mum", "020 7946 0009")
	r.put("family/police", "Police", "999")
	for i := range 10 {
		r.put(fmt.Sprintf("family/%d", i), fmt.Sprintf("Cousin %d", i), fmt.Sprintf("0121 496 01%02d", i))
	}
	r.book("work", "Work")
	h := newHome(t, usualSettings)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(bookPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "", "contact", "add", "Mother", "020 7946 0009")

	begin := []string{"contact", "sync", "begin", r.url, "--user", bookUser, "--password-file", password}
	h.says(1, "Only a server in your own network may do without. Then add --at-home", begin...)
	h.says(1, "there are several address books: Family, Work", append(begin, "--at-home")...)
	out := h.says(0, "Of 14 people in the address book: 12 new, 0 changed, 0 removed.", append(begin, "--at-home", "--book", "family")...)
	for _, words := range []string{"Anna Taylor: 020 7946 0101  would be new", "Ben Müller: 020 7946 0102, 07700 900102  would be new", "Mum is there already, as Mother"} {
		if !strings.Contains(out, words) {
			t.Errorf("no %q in:\n%s", words, out)
		}
	}
	if out := h.says(0, "Mother", "contact", "list"); strings.Contains(out, "Anna") {
		t.Error("a preview has changed something")
	}
	h.says(0, "12 new, 0 changed, 0 removed", "contact", "sync", "accept")
	h.says(0, "Anna Taylor: 020 7946 0101, from the address book\nBen Müller: 020 7946 0102, 07700 900102, from the address book", "contact", "list")
	h.says(0, "would ring", "lookup", "020 7946 0101")
	h.says(0, "are as the address book has them.", "contact", "sync", "update")

	// What changes there changes here; what was changed here stays.
	h.says(0, "", "contact", "add", "Ben Müller", "020 7946 0109")
	r.put("family/anna", "Anna Taylor-Jones", "020 7946 0101")
	r.put("family/ben", "Ben Müller", "020 7946 0104")
	r.do(http.MethodDelete, "family/0.vcf", "")
	h.says(0, "0 new, 1 changed, 1 removed", "contact", "sync", "update")
	out = h.says(0, "Ben Müller: 020 7946 0102, 020 7946 0109, 07700 900102, from the address book and changed here", "contact", "list")
	if strings.Contains(out, "Cousin 0") || strings.Contains(out, "020 7946 0104") {
		t.Error(out)
	}

	// More than a tenth waits.
	for i := 1; i < 5; i++ {
		r.do(http.MethodDelete, fmt.Sprintf("family/%d.vcf", i), "")
	}
	h.says(0, "Cousin 1: 0121 496 0101  would be removed", "contact", "sync", "update")
	h.says(0, "More than a tenth of its contacts would go.", "contact", "sync")
	h.says(0, "Cousin 1: 0121 496 0101, from the address book", "contact", "list")
	h.says(0, "0 new, 0 changed, 4 removed", "contact", "sync", "accept")

	// A wrong password changes nothing, and is said.
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.says(0, "has a new password", "contact", "sync", "password", "--password-file", wrong)
	h.says(1, "the contacts stay as they were: The server doesn't take this user name and password.", "contact", "sync", "update")
	_, out, _ = h.run("check", "--json")
	if !strings.Contains(out, "can't be read, and contacts stay as they were") {
		t.Error(out)
	}
	h.says(0, "has a new password", "contact", "sync", "password", "--password-file", password)
	h.says(0, "are as the address book has them", "contact", "sync", "update")

	h.says(0, "Removed: 6 contacts that came from there.", "contact", "sync", "stop", "--contacts", "go")
	out = h.says(0, "Ben Müller", "contact", "list")
	if strings.Contains(out, "Cousin") || !strings.Contains(out, "Mother") {
		t.Error(out)
	}
	h.says(0, "The contacts aren't kept in step with an address book", "contact", "sync")
}
