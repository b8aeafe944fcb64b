package main_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/demo/testbed"
)

// reader is somebody who does what docs/groups.md says, word for word, but for the addresses and folders, which are this machine's.
type reader struct {
	*testing.T
	dir   string
	words *strings.Replacer
	env   []string
}

// does runs a line or more of a shell, and returns what they say.
func (r *reader) does(block string) string {
	r.Helper()
	cmd := exec.CommandContext(r.Context(), "sh", "-euc", r.words.Replace(block))
	cmd.Dir, cmd.Env, cmd.Stdin = r.dir, r.env, strings.NewReader("yes\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.Fatalf("%s\n%v: %s", block, err, out)
	}
	return string(out)
}

// starts starts what the document lets systemd start, and waits until the list is published.
func (r *reader) starts(line string) {
	r.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+r.words.Replace(line))
	said, to := io.Pipe()
	cmd.Dir, cmd.Env, cmd.Stderr = r.dir, r.env, to
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ends says its log
		_ = to.Close() // never fails
	}()
	r.Cleanup(func() {
		stop()
		<-ended
	})
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.Contains(lines.Text(), "the list was published") {
			go func() { _, _ = io.Copy(io.Discard, said) }() // what it says from now on
			return
		}
	}
	r.Fatalf("%s has ended without publishing", line)
}

// blocks are the parts of a document that are indented as code, without their indentation.
func blocks(text string) (all []string) {
	var block []string
	for line := range strings.Lines(text + "\nend\n") {
		if code, indented := strings.CutPrefix(line, "    "); indented {
			block = append(block, strings.TrimPrefix(code, "   "))
		} else if strings.TrimSpace(line) != "" && len(block) > 0 {
			all, block = append(all, strings.Join(block, "")), nil
		}
	}
	return all
}

// What docs/groups.md says goes as it is written: a list on any web server, and a hub.
//
// Long: one story, each step of which rests on those before it.
func TestGroupsDocumentAsWritten(t *testing.T) {
	text, err := os.ReadFile("../../docs/groups.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	public := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(dir, "public"))))
	defer public.Close()
	hub, err := testbed.Free("tcp", testbed.AsteriskIP)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("home.toml", "data = \""+dir+"/data\"\n[lists]\nallow_private = true\n[[trunk]]\nname = \"line\"\naddress = \"127.0.0.2\"\n"+
		"[[household]]\nname = \"home\"\ntrunk = \"line\"\nnumber = \"020 7946 0100\"\n[[household.phone]]\nname = \"hall\"\npassword = \"secret\"\n")
	places := []string{
		"https://parish.example/list/", public.URL + "/", "/var/lib/ringfence-hub", filepath.Join(dir, "hub"), "/media/stick/", dir + "/", "/usr/local/bin/ringfence", plain,
		"--public https://scams.parish.example --proxies 1", "--public http://" + hub + " --listen " + hub,
	}
	r := &reader{t, dir, strings.NewReplacer(places...), append(os.Environ(), "RINGFENCE_CONFIG="+filepath.Join(dir, "home.toml"),
		"PATH="+filepath.Dir(plain)+":"+os.Getenv("PATH"))}
	var said []string
	for _, block := range blocks(string(text)) {
		switch {
		case strings.HasPrefix(block, "number,"):
			write("scams.csv", block)
		case strings.Contains(block, "Angel Lane"):
			write("ours.txt", block)
		case strings.HasPrefix(block, "[Unit]"):
			_, line, _ := strings.Cut(block, "ExecStart=")
			line, _, _ = strings.Cut(line, "\n")
			r.starts(line)
		case strings.HasPrefix(block, "ringfence "):
			said = append(said, r.does(block))
		}
		if key, err := os.ReadFile(filepath.Join(dir, "parish.key.pub")); err == nil {
			lines := strings.Fields(string(key))
			r.words = strings.NewReplacer(append(places, "RWS…", lines[len(lines)-1])...)
		}
	}
	if len(said) != 8 {
		t.Fatalf("%d parts were done: %q", len(said), said)
	}
	for i, words := range []string{"This is the public key", "is in order, and signed", "which has 2 numbers", "can choose a password", "http://" + hub + "/join?key=RW", "It has the secret key of the list in it", "Ben Smith can choose a password",
		"Anna Taylor can choose a password"} {
		if !strings.Contains(said[i], words) {
			t.Errorf("%q is not in %q", words, said[i])
		}
	}
	for line, words := range map[string]string{
		"ringfence group join '" + strings.TrimSpace(said[4]) + "'":      "sends it its reports",
		"ringfence lookup 02079460123":                                   "would be turned away",
		"cd public && minisign -V -m manifest.json -P RWS…":              "Signature and comment signature verified",
		"cd hub/list && minisign -V -m manifest.json -p ../list.key.pub": "serial:1",
	} {
		if got := r.does(line); !strings.Contains(got, words) {
			t.Errorf("%s: %q is not in %q", line, words, got)
		}
	}
}
