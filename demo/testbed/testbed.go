// Package testbed sets up a whole Ringfence on loopback: an Asterisk of its own, the application as a process of its own,
// a trunk and telephones. The demonstration plays on it and the end-to-end tests test on it; what runs is the real
// program with its real configuration, so that neither has a wiring of its own. Several testbeds stand side by side: each
// has its own ports and folders.
package testbed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	"ringfence/asterisk"
)

// Addresses on loopback. Asterisk tells the trunk by its address.
const (
	AsteriskIP = "127.0.0.1"
	TrunkIP    = "127.0.0.2" // the telephone network
	HomeIP     = "127.0.0.3" // the telephones
)

// Options say what a testbed is made of.
type Options struct {
	Dir       string                // an empty folder; everything is written below it
	Program   string                // the ringfence binary
	Commands  string                // another one for Command; "": the same
	Install   asterisk.Installation // from asterisk.Install
	Phones    []Phone
	Trunk     string    // lines for the [[trunk]] table, in place of the usual one at TrunkIP
	Calls     int       // how many calls at a time the trunk takes from anybody; 0: the usual
	RTPPorts  int       // how many ports for sound; 0: 1000
	Language  string    // of the household; "" is en-GB
	Household string    // more lines for the [[household]] table
	Extra     string    // more tables for ringfence.toml
	Log       io.Writer // what Asterisk and the application say; nil: nowhere
	Wire      bool      // a wire that Cut can cut between the application and Asterisk
	Quiet     bool      // the application logs as little as it does in a household, not every detail
	// SIPAddress is what asterisk.sip says, where it is not a free port of AsteriskIP.
	SIPAddress string
	// HoldReports is for how long a report can be taken back before a group is told of it; 0: as in a household.
	HoldReports time.Duration
	// Keep runs Asterisk by "ringfence asterisk run", which watches it, as in a household. Asterisk is nil then.
	Keep bool
	// CPUProfile is a file into which the application writes where it spends its time; "": nowhere.
	CPUProfile string
	// Launch, where it is set, wraps the command that starts Asterisk.
	Launch func(asterisk.Installation) asterisk.Installation
}

// Phone is a telephone of the household: with a password it registers, with an address it is found there.
type Phone struct {
	Name    string
	Address string // "" registers
}

// Testbed is a running Ringfence. Its methods are for one goroutine.
type Testbed struct {
	Options
	Asterisk  *asterisk.Server
	SIP       string            // Asterisk's SIP address
	ARI       string            // its ARI address
	Provider  string            // where calls that the household dials arrive
	Web       string            // where the pages are served
	Passwords map[string]string // of the phones that register, by name
	Settings  string            // ringfence.toml

	wire   *wire
	app    *process
	keeper *process
	log    *lines
}

// Number is the line's own number.
const Number = "+442079460100"

var settingsText = template.Must(template.New("").Parse(`data = "{{.Dir}}/data"
region = "GB"

[asterisk]
sip = "{{.SIP}}"
ari = "{{.ARI}}"
rtp_first = {{.RTP}}
rtp_last = {{.RTPLast}}

[web]
listen = "{{.Web}}"

[[trunk]]
name = "line"
{{if .Trunk}}{{.Trunk}}{{else}}address = "{{.Provider}}"{{end}}
{{with .Calls}}calls = {{.}}{{end}}

[[household]]
name = "home"
trunk = "line"
number = "` + Number + `"
{{with .Language}}language = "{{.}}"
{{end}}{{.Household}}
{{range .Phones}}
[[household.phone]]
name = "{{.Name}}"
{{if .Address}}address = "{{.Address}}"{{else}}password = "{{index $.Passwords .Name}}"{{end}}
{{end}}
{{.Extra}}
`))

// Open sets the testbed up: configuration, Asterisk, and the application, connected. Close it in any case where it returns
// no error.
func Open(ctx context.Context, o Options) (*Testbed, error) {
	s := &Testbed{Options: o, Passwords: map[string]string{}, log: &lines{to: o.Log}}
	if err := s.write(); err != nil {
		return nil, err
	}
	if _, err := s.Command(ctx, "asterisk", "config", s.asteriskDir()); err != nil {
		return nil, err
	}
	if err := s.StartAsterisk(ctx); err != nil {
		return nil, err
	}
	if err := s.Serve(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Testbed) language() string {
	if s.Language == "" {
		return "en-GB"
	}
	return s.Language
}

func (s *Testbed) asteriskDir() string { return filepath.Join(s.Dir, "data", "asterisk") }

// write makes up ports and passwords, and writes ringfence.toml.
func (s *Testbed) write() error {
	sip := s.SIPAddress
	if sip == "" {
		var err error
		if sip, err = free("udp", AsteriskIP); err != nil {
			return err
		}
	}
	ari, err := free("tcp", AsteriskIP)
	if err != nil {
		return err
	}
	provider, err := free("udp", TrunkIP)
	if err != nil {
		return err
	}
	if s.Web, err = free("tcp", AsteriskIP); err != nil {
		return err
	}
	s.SIP, s.ARI, s.Provider = sip, ari, provider
	for _, p := range s.Phones {
		if p.Address == "" {
			s.Passwords[p.Name] = secret()
		}
	}
	// Asterisk tries the next port of the range where one is taken, so ranges of several testbeds may overlap.
	first := 20000 + 2*int(randomByte())*40
	var text bytes.Buffer
	err = settingsText.Execute(&text, struct {
		*Testbed
		RTP, RTPLast int
	}{s, first, first + cmp.Or(s.RTPPorts, 1000) - 1})
	if err != nil {
		return err
	}
	s.Settings = filepath.Join(s.Dir, "ringfence.toml")
	return os.WriteFile(s.Settings, text.Bytes(), 0o600)
}

// StartAsterisk starts Asterisk; Open has done so once.
func (s *Testbed) StartAsterisk(ctx context.Context) error {
	inst := s.Install
	if s.Launch != nil {
		inst = s.Launch(inst)
	}
	var err error
	if s.Keep {
		run := inst.Program[:len(inst.Program)-len(s.Install.Program)] // what Launch has put before it
		args := append(slices.Clone(run), s.Program, "--config", s.Settings, "asterisk", "run", s.asteriskDir())
		s.keeper, err = start(ctx, args[0], s.log, []string{"Asterisk is running"}, args[1:]...)
		return err
	}
	s.Asterisk, err = asterisk.Start(ctx, inst, s.asteriskDir(), s.log)
	return err
}

// StopAsterisk stops it, as a restart of the machine would.
func (s *Testbed) StopAsterisk(ctx context.Context) error {
	if s.keeper == nil {
		return s.Asterisk.Stop(ctx)
	}
	s.keeper.end(syscall.SIGTERM)
	s.keeper = nil
	return nil
}

// Serve starts the application and waits until it is connected.
func (s *Testbed) Serve(ctx context.Context) error {
	level := "debug"
	if s.Quiet {
		level = "info"
	}
	config, err := s.wired()
	if err != nil {
		return err
	}
	args := []string{"--config", config, "serve", "--log-level", level}
	if s.HoldReports > 0 {
		args = append(args, "--hold-reports", s.HoldReports.String())
	}
	if s.CPUProfile != "" {
		args = append(args, "--cpu-profile", s.CPUProfile)
	}
	s.app, err = start(ctx, s.Program, s.log, []string{"connected to Asterisk"}, args...)
	return err
}

// wired are the application's settings: with a wire it finds Asterisk at the wire's near end.
func (s *Testbed) wired() (string, error) {
	if !s.Wire {
		return s.Settings, nil
	}
	if s.wire == nil {
		var err error
		if s.wire, err = newWire(s.ARI); err != nil {
			return "", err
		}
	}
	text, err := os.ReadFile(s.Settings)
	if err != nil {
		return "", err
	}
	file := filepath.Join(s.Dir, "wired.toml")
	return file, os.WriteFile(file, bytes.ReplaceAll(text, []byte(`"`+s.ARI+`"`), []byte(`"`+s.wire.address()+`"`)), 0o600)
}

// Cut cuts the connections between the application and Asterisk.
func (s *Testbed) Cut() { s.wire.cut() }

// BlackHole lets nothing pass between the application and Asterisk, while every connection stays; Carry lets pass what has been sent meanwhile, too.
func (s *Testbed) BlackHole() { s.wire.hold() }

// Carry ends a black hole.
func (s *Testbed) Carry() { s.wire.carry() }

// FreezeAsterisk stops Asterisk in its tracks; ThawAsterisk lets it go on.
func (s *Testbed) FreezeAsterisk() error { return s.signalAsterisk(syscall.SIGSTOP) }

// ThawAsterisk lets a frozen Asterisk go on.
func (s *Testbed) ThawAsterisk() error { return s.signalAsterisk(syscall.SIGCONT) }

// CrashAsterisk ends Asterisk as a fault would, and waits until it is started again: by "ringfence asterisk run" where that runs it, or in place of
// systemd, which starts that one again.
func (s *Testbed) CrashAsterisk(ctx context.Context) error {
	back := s.log.expect("Asterisk is running")
	if err := s.signalAsterisk(syscall.SIGKILL); err != nil {
		return err
	}
	if s.keeper == nil {
		<-s.Asterisk.Done()
		return s.StartAsterisk(ctx)
	}
	select {
	case <-back:
		return nil
	case <-s.keeper.done:
		return s.StartAsterisk(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// signalAsterisk sends a signal to all of Asterisk's processes: Asterisk leads a group of its own.
func (s *Testbed) signalAsterisk(signal syscall.Signal) error {
	if s.keeper == nil {
		return syscall.Kill(-s.Asterisk.PID(), signal)
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.keeper.Pid))
	if err != nil {
		return err
	}
	for _, thread := range threads {
		children, err := os.ReadFile(thread)
		if err != nil {
			continue // that thread has ended just now
		}
		for _, child := range strings.Fields(string(children)) {
			pid, err := strconv.Atoi(child)
			if err != nil {
				return err
			}
			command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if err == nil && bytes.Contains(command, []byte("\x00-f\x00-C\x00")) { // its consoles have no -f
				return syscall.Kill(-pid, signal)
			}
		}
	}
	return errors.New("there is no Asterisk to send a signal to")
}

// Kill ends the application as a fault would, and waits until it is gone.
func (s *Testbed) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the application as a restart of the machine would.
func (s *Testbed) Stop() { s.end(syscall.SIGTERM) }

func (s *Testbed) end(with syscall.Signal) {
	if s.app != nil {
		s.app.end(with)
		s.app = nil
	}
}

// Freeze stops the application in its tracks; Thaw lets it go on.
func (s *Testbed) Freeze() error { return s.app.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen application go on.
func (s *Testbed) Thaw() error { return s.app.Signal(syscall.SIGCONT) }

// PID is the application's process.
func (s *Testbed) PID() int { return s.app.Pid }

// Logged waits for a line of the application's or Asterisk's log that holds the words and comes after this call.
func (s *Testbed) Logged(words string) <-chan struct{} { return s.log.expect(words) }

// Command runs a ringfence command to its end and returns what it wrote to stdout.
func (s *Testbed) Command(ctx context.Context, args ...string) (string, error) {
	return command(ctx, cmp.Or(s.Commands, s.Program), []string{"--config", s.Settings}, args...)
}

// Query asks ARI for something, such as "/channels".
func (s *Testbed) Query(ctx context.Context, path string) (string, error) {
	password, err := os.ReadFile(filepath.Join(s.Dir, "data", "ari-password"))
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.ARI+"/ari"+path, nil)
	if err != nil {
		return "", err
	}
	request.SetBasicAuth("ringfence", strings.TrimSpace(string(password)))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return string(text), err
}

// Close ends the application and Asterisk, and removes what they have in memory. What they have on the disk is the caller's.
func (s *Testbed) Close() error {
	if s.app != nil {
		_ = s.Thaw() // a frozen process does not end
	}
	s.Stop()
	if s.wire != nil {
		s.wire.close()
	}
	ctx, done := context.WithTimeout(context.Background(), 20*time.Second)
	defer done()
	err := s.StopAsterisk(ctx)
	_ = os.RemoveAll(asterisk.MemoryFolder(s.asteriskDir())) // a test may have put something there that cannot be removed
	return err
}

// free finds a port that nobody uses just now.
func free(network, ip string) (string, error) {
	if network == "udp" {
		c, err := net.ListenPacket("udp4", ip+":0")
		if err != nil {
			return "", fmt.Errorf("no free port on %s: %w", ip, err)
		}
		return c.LocalAddr().String(), c.Close()
	}
	l, err := net.Listen("tcp4", ip+":0")
	if err != nil {
		return "", fmt.Errorf("no free port on %s: %w", ip, err)
	}
	return l.Addr().String(), l.Close()
}

func secret() string {
	bits := [12]byte{}
	_, _ = rand.Read(bits[:]) // crypto/rand never fails: it ends the program instead
	return hex.EncodeToString(bits[:])
}

func randomByte() byte {
	bits := [1]byte{}
	_, _ = rand.Read(bits[:])
	return bits[0]
}
