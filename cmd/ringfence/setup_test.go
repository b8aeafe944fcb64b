package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ringfence/app/doctor"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/setup"
	"ringfence/setup/adapter"
)

// notSetUp is a machine with no settings at all.
func notSetUp(t *testing.T) home {
	dir := t.TempDir()
	return home{T: t, config: filepath.Join(dir, "etc", "ringfence.toml"), data: filepath.Join(dir, "data")}
}

// Questions are asked one after another, a wrong answer once more, and the end says what adapter and phones have to be told.
func TestSetupInATerminal(t *testing.T) {
	beside(t)
	h := notSetUp(t)
	h.typed = strings.Join([]string{
		"pigeon", "1", // the wiring
		"", "12", "020 7946 0100", // country and number
		"eth77", "127.0.0.1", // the address
		"192.168.1.20", "", // the adapter
		"Hall, bedroom", "",
	}, "\n")
	code, out, errOut := h.run("setup", "--no-call", "--no-search")
	if code != 0 {
		t.Fatalf("exit %d: %s\n%s", code, errOut, out)
	}
	at := 0
	for _, words := range []string{
		"The wiring\n", "1  Through a socket in the wall", "│ LINE", "That won't do: type a number from 1 to 3.",
		"Your line\n", "[GB] > ", "What is the line's own number?", "That won't do: ", `"eth77" isn't a connection`, "The other end\n", "The phones\n", "[hall] > ",
		"The settings are in " + h.config, "filled in:", "FXS PORT (the phone)", "home-hall", "FXO PORT (the line)", "trunk-line", "The phone bedroom, for its own settings page", "home-bedroom",
	} {
		i := strings.Index(out[at:], words)
		if i < 0 {
			t.Fatalf("it never says %q after %q: %s", words, out[max(0, at-80):at], out)
		}
		at += i
	}
	s, err := config.Read(h.config, "")
	if err != nil || s.Households[0].Number != "020 7946 0100" || len(s.Households[0].Phones) != 2 || s.Trunks[0].Address != "192.168.1.20:5062" {
		t.Errorf("%+v %v", s, err)
	}
	if !strings.Contains(out, s.Trunks[0].Password) || !strings.Contains(out, s.Households[0].Phones[1].Password) {
		t.Error("it does not say the passwords that the adapter and the phone need")
	}
}

// Who stops half-way has changed nothing.
func TestSetupThatIsNotFinished(t *testing.T) {
	beside(t)
	h := notSetUp(t)
	h.typed = "1\n\n020 7946 0100\n"
	code, _, errOut := h.run("setup", "--no-call", "--no-search")
	if code != 1 || !strings.Contains(errOut, "there are no more answers, so nothing was changed") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	if _, err := os.Stat(h.config); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
	// Interrupted while a FRITZ!Box makes its phone.
	file := filepath.Join(t.TempDir(), "answers.toml")
	answers := "wiring = \"router\"\nnumber = \"020 7946 0100\"\naddress = \"127.0.0.1\"\nrouter = \"127.0.0.1\"\nrouter-password = \"of the box\"\n"
	if err := os.WriteFile(file, []byte(answers), 0o600); err != nil {
		t.Fatal(err)
	}
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	var said strings.Builder
	if code := run(interrupted, []string{"--config", h.config, "--data", h.data, "setup", "--answers", file}, strings.NewReader(""), &said, &said); code != 1 ||
		!strings.Contains(said.String(), "interrupted: the settings are as they were") {
		t.Errorf("exit %d: %s", code, &said)
	}
}

// Once the settings are written, nobody is told that nothing was changed: who is not there any more, or interrupts while the adapter may fetch its own.
func TestSetupThatEndsAfterTheSettingsAreWritten(t *testing.T) {
	beside(t)
	h := notSetUp(t)
	h.typed = "1\n\n020 7946 0100\n127.0.0.78\n127.0.0.79\n00:0B:82:12:34:56\n\n"
	if code, out, errOut := h.run("setup", "--no-call", "--no-search"); code != 0 || errOut != "" || !strings.Contains(out, "Wait for it now?") {
		t.Errorf("with no more answers it exits with %d: %s\n%s", code, errOut, out)
	}
	s, err := config.Read(h.config, "")
	if err != nil {
		t.Fatal(err)
	}
	done, err := setup.Logins(s, setup.Answers{"wiring": setup.WithAdapter, "adapter": "127.0.0.79", "mac": "000b82123456"})
	if err != nil {
		t.Fatal(err)
	}
	serves := func(ctx context.Context, typed string) (*servetest.Text, error) {
		out := servetest.NewText()
		return out, (&asker{program: &program{out: out}, lines: bufio.NewReader(strings.NewReader(typed))}).serveAdapter(ctx, done)
	}
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := serves(interrupted, ""); !errors.Is(err, errUnchecked) {
		t.Errorf("interrupted: %v", err)
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.78:%d", adapter.Port))
	if err != nil {
		t.Fatal(err)
	}
	out, err := serves(t.Context(), "\n")
	if err != nil {
		t.Errorf("where it can't be fetched, set-up ends: %v", err)
	}
	out.Has(t, "another program has port 8813, such as this set-up in a browser. Type them into its pages, as above.")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSetupFromAFileOfAnswers(t *testing.T) {
	beside(t)
	h := notSetUp(t)
	file := filepath.Join(t.TempDir(), "answers.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, unquoted := range []string{"adapter", "2079460100", "[\"hall\"]", "“hall”"} {
		write("country = \"GB\"\nwiring = " + unquoted + "\n")
		h.says(1, "Each answer is a line with quotes, such as number = \"020 7946 0100\"", "setup", "--no-call", "--answers", file)
	}
	write("wiring = \"provider\"\nprovider = \"sipgate\"\nnumber = \"020 7946 0100\"\naddress = \"127.0.0.1\"\nuser = \"1234567e0\"\ncolour = \"red\"\n")
	if code, out, errOut := h.run("setup", "--no-call", "--answers", file); code != 1 || out != "" || strings.Count(errOut, "\n") != 1 ||
		!strings.Contains(errOut, "colour: there is no such question; password: must not be empty") {
		t.Errorf("exit %d: %q %q", code, out, errOut)
	}
	write("wiring = \"provider\"\nprovider = \"sipgate\"\nnumber = \"020 7946 0100\"\naddress = \"127.0.0.1\"\nuser = \"1234567e0\"\npassword = \"of sipgate's\"\n")
	release, err := setup.Claim(h.config)
	if err != nil {
		t.Fatal(err)
	}
	h.says(1, "somebody is running the set-up of this machine at the moment: wait until they are done", "setup", "--no-call", "--answers", file)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	answers, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(string(answers) + "ready-lists = \"gb-drama, fr-telemarketing\"\n")
	h.says(1, `ready-lists: there is no list "fr-telemarketing" for GB: it has gb-drama, gb-personal, all`, "setup", "--no-call", "--answers", file)
	write(string(answers))
	h.says(0, "gb-personal: Personal numbers", "setup", "--no-call", "--answers", file)
	h.says(0, "There are no lists yet", "list", "show")
	write(string(answers) + "ready-lists = \"gb-personal\"\n")
	h.says(0, "The ready list gb-personal is added. It only warns. Numbers that look like mobiles", "setup", "--no-call", "--answers", file)
	write(string(answers) + "ready-lists = \"all\"\n")
	h.says(0, "The ready list gb-drama is added.", "setup", "--no-call", "--answers", file)
	if _, out, _ := h.run("setup", "--no-call", "--answers", file); strings.Contains(out, "ready list") || !strings.Contains(out, "home-hall") {
		t.Errorf("once more, it adds or offers what is there already: %s", out)
	}
	h.says(0, "gb-personal: 100 numbers", "list", "show")
	s, err := config.Read(h.config, "")
	if err != nil || s.Trunks[0].Address != "sipgate.co.uk" || s.Trunks[0].User != "1234567e0" || !s.Trunks[0].Register || s.Trunks[0].Password != "of sipgate's" {
		t.Errorf("%+v %v", s, err)
	}
}

// The package fetches Asterisk in the background. Whoever answers faster than that waits, and reads why.
func TestSetupWaitsWhileAsteriskIsFetched(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("PATH", t.TempDir())
	if _, err := asterisk.Find(t.Context()); err == nil {
		t.Skip("this machine has an Asterisk of its own, beside the one in a cache")
	}
	folder := filepath.Join(cache, "ringfence")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	held, err := os.Create(filepath.Join(folder, asterisk.RootName+".lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	out := servetest.NewText()
	ended := make(chan bool, 1)
	go func() {
		ended <- (&asker{program: &program{out: out}}).comes(ctx, doctor.New(configtest.Read(t, configtest.Usual)))
	}()
	out.Has(t, "Asterisk is still being fetched")
	stop()
	if <-ended {
		t.Error("it says that all has come, and nothing has")
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
}

// The settings cannot be written where Docker has made them read-only: that is said before anything is asked, with what to do.
func TestSetupOfReadOnlySettings(t *testing.T) {
	beside(t)
	h := notSetUp(t)
	folder := filepath.Dir(h.config)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "--bind", folder, folder).CombinedOutput(); err != nil {
		t.Skipf("only root can mount: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	if out, err := exec.Command("mount", "-o", "remount,ro,bind", folder).CombinedOutput(); err != nil {
		t.Skipf("this folder can't be made read-only: %v\n%s", err, out)
	}
	code, out, errOut := h.run("setup", "--no-call", "--no-search")
	if code != 1 || !strings.Contains(errOut, "can only be read here: with Docker, edit config/ringfence.toml") || out != "" {
		t.Errorf("exit %d: %s\n%s", code, errOut, out)
	}
}

// In containers there is no journal: whoever's call to itself fails is told what the doctor knows of this machine.
func TestAFailedCallToItselfNamesTheLog(t *testing.T) {
	beside(t)
	if f := callOurselves(t.Context(), settings{}, "docker compose logs --tail 30 asterisk"); f.State != doctor.Failed || f.Type != "docker compose logs --tail 30 asterisk" {
		t.Errorf("%+v", f)
	}
}
