package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Process sends each message in a process of its own, for the reasons in the package comment. Its methods may be called from any goroutine.
type Process struct {
	Command []string      // a program that calls Child, with its arguments
	Limit   time.Duration // how long a message may take before the process is killed; 0 is UsualLimit
}

// UsualLimit is long for a service that works. Mail servers that distrust a sender make them wait for up to 30 seconds.
const UsualLimit = 45 * time.Second

// order is what the process reads on its standard input, where no list of processes shows it.
type order struct {
	To      Target
	Message Message
	Limit   time.Duration
}

// answer is what it writes to its standard output.
type answer struct {
	Sent    bool
	Receipt string
	Failure *Failure
}

// passed are the environment variables that sending may need: proxies, certificates, the zone. The others may hold passwords from the settings.
var passed = []string{"PATH", "HOME", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// Send sends a message, and returns when the service has accepted it. An error is a *Failure, or the end of ctx.
func (p Process) Send(ctx context.Context, to Target, m Message) error {
	_, err := p.Deliver(ctx, to, m)
	return err
}

// Deliver is Send for a message of a thread. The receipt is needed to replace the message; it is "" where the service can't do that.
func (p Process) Deliver(ctx context.Context, to Target, m Message) (receipt string, err error) {
	limit := p.Limit
	if limit == 0 {
		limit = UsualLimit
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	input, err := json.Marshal(order{To: to, Message: m, Limit: limit + 5*time.Second})
	if err != nil {
		return "", err
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(within, p.Command[0], p.Command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &out, &errs
	c.Env = environment()
	c.WaitDelay = time.Second
	err = c.Run()
	var a answer
	switch said := json.Unmarshal(out.Bytes(), &a); {
	case said == nil && a.Sent:
		return a.Receipt, nil
	case said == nil && a.Failure != nil:
		return "", a.Failure
	case ctx.Err() != nil:
		return "", ctx.Err()
	case within.Err() != nil:
		return "", failure(to.URL, "no-answer", fmt.Sprintf("no answer within %v", limit))
	default:
		return "", failure(to.URL, "broken", fmt.Sprintf("the sending process ended: %v: %s", err, errs.String()))
	}
}

func environment() (all []string) {
	for _, line := range os.Environ() {
		name, _, _ := strings.Cut(line, "=")
		if slices.Contains(passed, name) {
			all = append(all, line)
		}
	}
	return all
}

// Child is what the process does that sends one message: it reads an order and writes its answer. The process has to end right after it. If sending takes longer
// than the order allows, it calls end, so that nothing stays behind when its parent is gone. public returns nil for an address on the public internet: only
// those are connected to, unless the order allows addresses in a home network.
func Child(in io.Reader, out io.Writer, public func(netip.AddrPort) error, end func()) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return errors.New("this command is for Ringfence itself, which sends messages with it")
	}
	time.AfterFunc(o.Limit, end)
	if o.To.AtHome && schemeOf(o.To.URL) != pushScheme { // a browser's push service is never at home
		public = func(netip.AddrPort) error { return nil }
	}
	receipt, f := send(o.To, o.Message, public)
	return json.NewEncoder(out).Encode(answer{Sent: f == nil, Receipt: receipt, Failure: f})
}
