// Package testbed sets up a whole Ringfence on loopback: an Asterisk of its own, the application as a process of its own,
// a trunk and telephones. The demonstration plays on it and the end-to-end tests test on it; what runs is the real
// program with its real configuration, so that neither has a wiring of its own. Several testbeds stand side by side: each
// has its own ports and folders.
package testbed

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ringfence/asterisk"
	"ringfence/softphone"
)

// Addresses on loopback. Asterisk tells the trunk by its address.
const (
	AsteriskIP = "127.0.0.1"
	TrunkIP    = "127.0.0.2" // the telephone network
	HomeIP     = "127.0.0.3" // the telephones
)

// Options say how a testbed is set up.
type Options struct {
	Dir       string                // an empty folder; everything is written below it
	Program   string                // the ringfence binary
	Commands  string                // another one for Command; "": the same
	Install   asterisk.Installation // from asterisk.Install
	Phones    []Phone
	Asterisks string    // more lines for the [asterisk] table
	Trunk     string    // lines for the [[trunk]] table, in place of the usual one at TrunkIP
	Answers   bool      // the network answers Asterisk, which asks whether it is there; Network cannot be had then
	Router    bool      // the trunk is a router with phones of its own
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
	// HoldReports is for how long a report can be taken back before it is sent to a group; 0: as in a household.
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
	IPv6    bool   // it registers over IPv6, at Server
	Server  string // where it registers; "" is SIP
	Contact string // the user part of the address that it registers; "" is its name there
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

	network *softphone.Provider // answers Asterisk; nil: nobody does
}

// Open sets the testbed up: configuration, Asterisk, and the application, connected. If it returns no error, close it.
func Open(ctx context.Context, o Options) (*Testbed, error) {
	s := &Testbed{Options: o, Passwords: map[string]string{}, log: &lines{to: o.Log}}
	if err := s.write(); err != nil {
		return nil, err
	}
	if _, err := s.Command(ctx, "asterisk", "config", s.asteriskDir()); err != nil {
		return nil, err
	}
	if err := asterisk.PointAt(s.asteriskDir(), s.Install); err != nil { // which may be another than the machine's
		return nil, err
	}
	if s.Answers { // from Asterisk's start on, or it would take the line for dead at first
		var err error
		if s.network, err = s.Network(nil); err != nil {
			return nil, err
		}
	}
	if err := s.StartAsterisk(ctx); err != nil {
		return nil, errors.Join(err, s.closeNetwork())
	}
	if err := s.Serve(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Elsewhere is a Ringfence that runs already, in containers for example.
type Elsewhere struct {
	SIP       string            // Asterisk's SIP address
	Provider  string            // where calls that the household dials arrive
	Passwords map[string]string // of the phones that register, by name
	Settings  string            // ringfence.toml, as Options.Commands finds it
}

// Attach is a testbed of a Ringfence that is neither started nor stopped by it: people ring it, and commands go to it. Dir is a folder that the
// commands can read.
func Attach(o Options, to Elsewhere) *Testbed {
	return &Testbed{Options: o, SIP: to.SIP, Provider: to.Provider, Passwords: to.Passwords, Settings: to.Settings, log: &lines{to: o.Log}}
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

// Stop ends the application as a restart of the machine would.
func (s *Testbed) Stop() { s.end(syscall.SIGTERM) }

func (s *Testbed) end(with syscall.Signal) {
	if s.app != nil {
		s.app.end(with)
		s.app = nil
	}
}

// closeNetwork ends the network that answers Asterisk.
func (s *Testbed) closeNetwork() error {
	if s.network == nil {
		return nil
	}
	return s.network.Close()
}

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
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := errors.Join(s.StopAsterisk(ctx), s.closeNetwork())
	_ = os.RemoveAll(asterisk.MemoryFolder(s.asteriskDir())) // a test may have put something there that cannot be removed
	return err
}
