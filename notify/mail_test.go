package notify

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// aMailServer speaks as much SMTP as is needed. refuse maps a command to the answer to it.
type aMailServer struct {
	l      net.Listener
	mu     sync.Mutex
	refuse map[string]string
	mails  []string
}

func newMailServer(t *testing.T) *aMailServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &aMailServer{l: l, refuse: map[string]string{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return s
}

func (s *aMailServer) refuses(command, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[command] = answer
}

func (s *aMailServer) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 test")
	in := bufio.NewScanner(c)
	for in.Scan() {
		command, _, _ := strings.Cut(in.Text(), " ")
		s.mu.Lock()
		refused := s.refuse[command]
		s.mu.Unlock()
		switch {
		case refused != "":
			say(refused)
		case command == "EHLO":
			say("250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME")
		case command == "AUTH":
			say("235 welcome")
		case command == "DATA":
			say("354 go on")
			s.data(in)
			say("250 taken")
		case command == "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func (s *aMailServer) data(in *bufio.Scanner) {
	var mail strings.Builder
	for in.Scan() && in.Text() != "." {
		mail.WriteString(in.Text() + "\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail.String())
}

func (s *aMailServer) address(t *testing.T, f filled) string {
	f["server"], f["port"], f["to"] = "127.0.0.1", portOf(s.l), "anna@example.org"
	return build(t, "email", f).URL
}

func TestSendMail(t *testing.T) {
	s := newMailServer(t)
	m := Message{Title: "Ringfence: Grand-mère", Text: "first\n. second"}
	if err := process(0).Send(t.Context(), atHome(s.address(t, filled{"from": "ringfence@example.org"})), m); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) != 1 {
		t.Fatal(s.mails)
	}
	for _, line := range []string{"Subject: =?utf-8?q?Ringfence:_Grand-m=C3=A8re?=\n", "To: anna@example.org\n", "From: Ringfence <ringfence@example.org>\n", "\n\nfirst\n.. second\n"} {
		if !strings.Contains(s.mails[0], line) {
			t.Errorf("%q is not in %q", line, s.mails[0])
		}
	}
}

func TestMailFailures(t *testing.T) {
	for _, c := range []struct{ command, answer, kind string }{
		{"AUTH", "535 5.7.8 bad password topsecret", "refused"},
		{"MAIL", "553 not your address", "recipient"},
		{"RCPT", "550 no such user anna@example.org", "recipient"},
		{"RCPT", "451 greylisted", "trouble"},
		{"DATA", "554 spam", "rejected"},
		{"EHLO", "421 too busy", "trouble"},
	} {
		s := newMailServer(t)
		s.refuses(c.command, c.answer)
		if c.command == "EHLO" {
			s.refuses("HELO", c.answer)
		}
		f := filled{}
		if c.command == "AUTH" {
			// Without encryption no password is sent at all; an address of the other kind may allow it.
			err := process(0).Send(t.Context(), atHome(s.address(t, filled{"user": "anna@example.org", "password": "topsecret"})), Message{Text: "x"})
			var fault *Failure
			if !errors.As(err, &fault) || fault.Kind != "unencrypted" {
				t.Errorf("%v", err)
			}
		}
		address := s.address(t, f)
		if c.command == "AUTH" {
			u, _ := url.Parse(address)
			u.User = url.UserPassword("anna@example.org", "topsecret")
			address = u.String()
		}
		err := process(0).Send(t.Context(), atHome(address), Message{Text: "x"})
		var fault *Failure
		if !errors.As(err, &fault) || fault.Kind != c.kind || strings.Contains(fault.Detail+fault.Sentence, "topsecret") || strings.Contains(fault.Detail, "anna@") {
			t.Errorf("%v: %v %+v", c, err, fault)
		}
	}
}
