package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/web/backend"
)

// lines looks at every line and every phone.
func (d *Doctor) lines(ctx context.Context) (found []Finding) {
	for _, t := range d.settings.Trunks {
		part, err := d.trunk(ctx, t)
		found = append(found, d.line(t, part, err))
		found = append(found, d.provider(ctx, t)...)
	}
	for _, h := range d.settings.Households {
		for _, p := range h.Phones {
			name := h.Endpoint(p)
			part, err := d.endpoint(ctx, p.Name, name)
			found = append(found, d.phone(p, name, part.At(p.Address, p.Address == "" || p.Asked()), err))
		}
	}
	return found
}

// endpoint is what Asterisk says of a phone or trunk.
func (d *Doctor) endpoint(ctx context.Context, name, endpoint string) (backend.Part, error) {
	var e struct {
		State string `json:"state"`
	}
	err := d.ask(ctx, "/endpoints/PJSIP/"+url.PathEscape(endpoint), &e)
	return backend.Part{Name: name, Up: e.State == "online", Known: e.State == "online" || e.State == "offline"}, err
}

// trunk is how a trunk is. Its registration is known by a variable of Asterisk's (asterisk.ReadRegistrations).
func (d *Doctor) trunk(ctx context.Context, t config.Trunk) (backend.Part, error) {
	part, err := d.endpoint(ctx, t.Name, asterisk.Trunk{Name: t.Name}.Endpoint())
	if err != nil || !t.Register {
		return part.At(t.Host(), t.Asked()), err
	}
	known, err := asterisk.ReadRegistrations(ctx, []string{t.Name}, d.now(), d.global)
	state, is := known[t.Name]
	return backend.Part{Name: t.Name, Up: state == asterisk.Registered, Known: is, Address: t.Host(), Registers: true}, err
}

// global asks ARI for a global variable; "" is one that is not set.
func (d *Doctor) global(ctx context.Context, name string) (string, error) {
	var variable struct {
		Value string `json:"value"`
	}
	err := d.ask(ctx, "/asterisk/variable?variable="+url.QueryEscape(name), &variable)
	if errors.Is(err, errNotThere) {
		return "", nil
	}
	return variable.Value, err
}

// stateOf is a finding's state for a level of the pages, for a part of which something is known.
var stateOf = map[string]State{"ok": OK, "warn": Failed, "stop": Failed}

// line puts a trunk into the words of the pages.
func (d *Doctor) line(t config.Trunk, part backend.Part, err error) Finding {
	f := Finding{Check: "line", Name: t.Name, Part: "line " + t.Name, State: OK}
	if err != nil {
		return d.endpointFails(f, err)
	}
	said := backend.Line{Trunk: part}.Parts()[1]
	f.State, f.Text = stateOf[said.Level], said.Words
	tls := d.settings.TLSAddress(t)
	stranger, taken := d.stranger("tcp", tls)
	switch {
	case taken && !part.Up:
		return f.fails(fmt.Sprintf("another program on this machine has TCP port %s, without which Asterisk has no TLS for this line: %s. Stop it, and the line works within seconds", tls, stranger.Name), stranger.Stop)
	case part.Unchecked:
		f.State = Skipped
	case !part.Known && t.Register:
		return f.skips("its registration isn't known yet: Asterisk says so within a few seconds of its start. Try again then")
	case !part.Known:
		return f.skips("it isn't known yet whether the other side answers: it is within a minute of Asterisk's start. Until then, try again")
	case !part.Up && d.settings.Asterisk.OnlyHere() && !config.IsHere(part.Address):
		return f.fails("the line can't work: Asterisk listens at "+d.settings.Asterisk.SIP+", where nothing outside this machine can reach it. "+screening.Capital(d.settings.ListenAdvice(part.Address)), editing(d.settings.File))
	case !part.Up && part.Registers:
		return f.fails(said.Words+". "+said.Next, d.log(asteriskService))
	case !part.Up:
		return f.fails(said.Words+". "+said.Next+" If calls work all the same, it doesn't answer when it is asked (OPTIONS): write qualify = false under its [[trunk]] in ringfence.toml", "ping -c 3 "+part.Address)
	case part.Registers:
		f.Text = "registered at " + part.Address
	default:
		f.Text = part.Address + " answers"
	}
	return f
}

// phone puts a phone into the words of the pages.
func (d *Doctor) phone(p config.Phone, name string, part backend.Part, err error) Finding {
	f := Finding{Check: "phone", Name: name, Part: "phone " + name, State: OK}
	if err != nil {
		return d.endpointFails(f, err)
	}
	said := backend.Line{Phones: []backend.Part{part}}.Parts()[2]
	f.State, f.Text = stateOf[said.Level], said.Words
	switch {
	case part.Unchecked:
		f.State = Skipped
	case !part.Known:
		return f.skips("it isn't known yet whether it is connected: it is within a minute of Asterisk's start. Until then, try again")
	case part.Up:
	case p.Address != "":
		host, _, _ := net.SplitHostPort(p.Address) // validated
		return f.fails(said.Words+": it doesn't answer at "+p.Address+". "+said.Next+" If it rings all the same, write qualify = false under its [[household.phone]] in ringfence.toml", "ping -c 3 "+host)
	case d.settings.Asterisk.OnlyHere():
		return f.fails(said.Words+": Asterisk listens at "+d.settings.Asterisk.SIP+", where nothing outside this machine can reach it. "+
			screening.Capital(d.settings.ListenAdvice(""))+". (A phone on this machine: check its user name, "+name+", and its password)", editing(d.settings.File))
	default:
		return f.fails(fmt.Sprintf("%s. %s Then check in its settings that its server is %s, its user name %s, and its password the one in ringfence.toml%s",
			said.Words, said.Next, d.settings.Asterisk.SIPServer(), name, d.refused(d.now())), editing(d.settings.File))
	}
	return f
}

// endpointFails is the finding where Asterisk does not know a phone or trunk, or cannot be asked.
func (d *Doctor) endpointFails(f Finding, err error) Finding {
	if errors.Is(err, errNotThere) {
		return f.fails("Asterisk doesn't know it: restart Asterisk, so that it reads the settings", d.restart(asteriskService))
	}
	return d.notAsked(f, err)
}

// refused says which addresses are refused for wrong passwords, because one of them may be the phone's that cannot register. Nobody can tell
// whose they are, so the latest few are named.
func (d *Doctor) refused(now time.Time) string {
	const few = 3
	all, err := asterisk.ReadGuesses(d.settings.AsteriskFolder())
	if err != nil {
		return "" // it is only a hint
	}
	var said []string
	for _, one := range all {
		if one.Until.After(now) && len(said) < few {
			said = append(said, fmt.Sprintf("%s until %s", one.Address, one.Until.Local().Format("15:04")))
		}
	}
	if len(said) == 0 {
		return ""
	}
	return ". Refused at the moment, for wrong names or passwords: " + strings.Join(said, ", ") + ". If the phone is yours, correct its password and wait until then (docs/security.md)"
}
