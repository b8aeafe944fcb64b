package asterisk

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// registrar tells the application whether the trunks that register are registered. Only Asterisk's console knows, which an application that runs as
// another user, or in another container, cannot reach. ARI can be asked for a global variable by whoever has its password. So what the console says
// is put into one for each trunk, and the time at which it was looked at into RegistrationsAt.
type registrar struct {
	console func(ctx context.Context, command string) (string, error)
	log     io.Writer
	said    map[string]string // what the variables are, by trunk
}

// Registered is Asterisk's word for a trunk that is registered. Others are Unregistered, and Rejected, which it also calls one whose provider
// does not answer (sip_outbound_registration_status_str in res/res_pjsip_outbound_registration.c).
const Registered = "Registered"

var registrationStates = []string{Registered, "Unregistered", "Rejected", "Stopping", "Stopped"}

// RegistrationsAt is the global variable with the time, in seconds since 1970, for which those of the registrations hold.
const RegistrationsAt = "RF_REGISTRATIONS_AT"

// RegistrationVariable is the global variable in which Asterisk keeps the trunk's registration.
func (t Trunk) RegistrationVariable() string { return "RF_REGISTERED_" + t.Name }

const (
	registrationsEvery = 10 * time.Second
	// registrationsHold is for how long what was found counts. Then whoever looks at them hangs.
	registrationsHold = time.Minute
)

// run looks every few seconds until ctx ends.
func (r *registrar) run(ctx context.Context, dir string) {
	tick := time.NewTicker(registrationsEvery)
	defer tick.Stop()
	for failed := false; ; {
		err := r.lookWhereATrunkRegisters(ctx, dir)
		if err != nil && !failed && ctx.Err() == nil {
			_, _ = fmt.Fprintf(r.log, "ringfence: Asterisk doesn't say whether the line is registered: %s\n", err) // a log that is full must not stop the telephone
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lookWhereATrunkRegisters looks, unless no trunk registers, which may change while Asterisk runs.
func (r *registrar) lookWhereATrunkRegisters(ctx context.Context, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "pjsip.conf"))
	if err != nil || !strings.Contains(string(text), "\ntype = registration\n") {
		return nil //nolint:nilerr // Asterisk itself says that it has no configuration
	}
	return r.look(ctx)
}

// look asks the console, and tells what has changed, and when.
func (r *registrar) look(ctx context.Context) error {
	out, err := r.console(ctx, "pjsip show registrations")
	if err != nil {
		return err
	}
	for trunk, state := range registrationsIn(out) {
		if r.said[trunk] == state {
			continue
		}
		if err := r.set(ctx, Trunk{Name: trunk}.RegistrationVariable(), state); err != nil {
			return err
		}
		r.said[trunk] = state
	}
	return r.set(ctx, RegistrationsAt, strconv.FormatInt(time.Now().Unix(), 10))
}

func (r *registrar) set(ctx context.Context, name, value string) error {
	return setGlobal(ctx, r.console, name, value)
}

// setGlobal gives a global variable of the dialplan a value, until Asterisk ends.
func setGlobal(ctx context.Context, console func(context.Context, string) (string, error), name, value string) error {
	_, err := console(ctx, "dialplan set global "+name+" "+value)
	return err
}

// registrationsIn reads the console's list: "trunk-NAME/URI  AUTH  STATE  (exp. 284s)".
func registrationsIn(list string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		object, _, found := strings.Cut(words[0], "/")
		name, trunk := strings.CutPrefix(object, "trunk-")
		if !found || !trunk {
			continue
		}
		for _, word := range words[1:] {
			if slices.Contains(registrationStates, word) {
				all[name] = word
			}
		}
	}
	return all
}

// ReadRegistrations asks for trunks' registrations, by a function that asks ARI for a global variable. Those are missing about which nothing is known:
// Asterisk has not looked lately, or has no such trunk that registers.
func ReadRegistrations(ctx context.Context, trunks []string, now time.Time, global func(ctx context.Context, name string) (string, error)) (map[string]string, error) {
	at, err := global(ctx, RegistrationsAt)
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > registrationsHold {
		return nil, nil //nolint:nilerr // a variable that is not set yet is no fault
	}
	known := map[string]string{}
	for _, trunk := range trunks {
		state, err := global(ctx, Trunk{Name: trunk}.RegistrationVariable())
		if err != nil {
			return nil, err
		}
		if state != "" {
			known[trunk] = state
		}
	}
	return known, nil
}
