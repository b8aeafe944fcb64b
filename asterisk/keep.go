package asterisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"ringfence/internal/residence"
)

// Keeper runs Asterisk and watches over it: it makes sure that Asterisk has its SIP socket when the machine's addresses change, and repairs
// what a jump of the clock does to it.
type Keeper struct {
	Installation Installation
	Dir          string
	// Write writes the configuration for the machine's present addresses, and returns the site that it was written from.
	Write func(ctx context.Context) (Site, error)
	// Moved looks the site's addresses up again, and says whether they have changed.
	Moved func(Site) bool
	// Changed looks whether the settings have changed since it was last called; nil: they have not. An error says what is wrong with them.
	Changed func(ctx context.Context) (*Change, error)
	// Works is called whenever Asterisk was seen to work: it has answered. It may be nil.
	Works func()
	Out   io.Writer // gets what Asterisk prints
	Log   *slog.Logger

	pending  *Change // what Asterisk does not have yet
	waits    bool    // for nobody to be on the line
	contacts *contacts
	tries    int               // how often the phones may still be told to Asterisk, until it has taken them
	sockets  map[string]string // what was last found wrong with each socket
}

const (
	watchEvery    = 2 * time.Second
	contactsEvery = 5 // looks
	lastLook      = 2 * time.Second
	restoreTries  = 3
	stopTime      = 20 * time.Second
	// leastLife: an Asterisk that ends sooner than this has a fault that restarting does not mend.
	leastLife = 30 * time.Second
)

// errRestart says that Asterisk has to be restarted.
var errRestart = errors.New("Asterisk has to be restarted")

// errSettings says that it has to be restarted with new settings, and that nobody is on the line.
var errSettings = fmt.Errorf("%w: it has new settings", errRestart)

// Run runs Asterisk until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		err := k.once(ctx)
		if !errors.Is(err, errRestart) || ctx.Err() != nil {
			return err
		}
		k.Log.Warn("restarting Asterisk", "why", err)
	}
}

// once runs Asterisk once, until it ends or has to be restarted.
func (k *Keeper) once(ctx context.Context) error {
	k.pending = nil
	site, err := k.Write(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	server, err := Start(ctx, k.Installation, k.Dir, k.Out)
	if err != nil {
		return err
	}
	k.Log.Info("Asterisk is running", "sip", addressOf(site.SIPHost, site.SIPPort))
	watching, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if why := k.watch(watching, server, site, began); why != nil {
			cancel(why)
		}
	}()
	select {
	case <-server.Done():
		cancel(nil)
		<-watched
		ended := errors.Join(errors.New("Asterisk has ended by itself: its last lines above say why"), server.Err())
		if time.Since(began) > leastLife {
			return fmt.Errorf("%w: %w", errRestart, ended)
		}
		return ended
	case <-watching.Done():
		<-watched
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err := server.Stop(stop)
		if ctx.Err() != nil {
			return err
		}
		return errors.Join(context.Cause(watching), err)
	}
}

// watch watches over an Asterisk that began then, until ctx ends, or until it has to be restarted; the error is the reason for that.
func (k *Keeper) watch(ctx context.Context, server *Server, site Site, began time.Time) error {
	a := newARI(site)
	if k.contacts == nil {
		k.contacts = newContacts(k.Dir, nil, a)
	}
	k.contacts.console, k.contacts.ari = server.Console, a
	times := &clock{ari: a, began: began}
	legs := &vanished{ari: a}
	k.tries = restoreTries
	told := false
	shrink := residence.AtStartsEnd(k.Log) // to write the configuration takes several times what watching takes
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		if err := k.checkSockets(ctx, site, a); err != nil {
			return err
		}
		now, jump, err := times.look(ctx)
		if err == nil {
			if k.Works != nil {
				k.Works()
			}
			if site, err = k.followSettings(ctx, server, a, site); errors.Is(err, errRestart) {
				return err
			}
		}
		if err == nil && (jump != 0 || k.tries > 0) {
			err = k.repair(ctx, server, a, now, jump)
		} else if err == nil && looks%contactsEvery == 1 {
			err = errors.Join(k.remember(ctx, server, a, times), k.clear(ctx, legs))
		}
		if k.tries == 0 && !told {
			fault := setGlobal(ctx, server.Console, "RF_PHONES_KNOWN", "1")
			told, err = fault == nil, errors.Join(err, fault)
			shrink()
		}
		if err != nil && ctx.Err() == nil {
			k.Log.Warn("Asterisk can't be watched at the moment; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			// This is for the next start. An Asterisk that is ending already cannot be asked.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
			defer cancel()
			if found, err := k.contacts.look(last); err == nil && len(found) > 0 {
				k.contacts.replace(found)
			}
			return nil
		case <-tick.C:
		}
	}
}

// remember notes where the telephones are. If the clock was set meanwhile, the list may lack those whose registration ran out.
func (k *Keeper) remember(ctx context.Context, server *Server, a *ari, times *clock) error {
	found, err := k.contacts.look(ctx)
	if err != nil {
		return err
	}
	now, jump, err := times.look(ctx)
	if err == nil && jump != 0 {
		return k.repair(ctx, server, a, now, jump)
	}
	if err == nil {
		k.contacts.replace(found)
	}
	return err
}

// clear hangs up legs that have vanished without a BYE.
func (k *Keeper) clear(ctx context.Context, legs *vanished) error {
	gone, err := legs.hangUp(ctx)
	for _, name := range gone {
		k.Log.Warn("a leg that has sent no sound for minutes was hung up", "channel", name)
	}
	return err
}

// repair repairs what a start of Asterisk, or a jump of its clock, has done.
func (k *Keeper) repair(ctx context.Context, server *Server, a *ari, now time.Time, jump time.Duration) error {
	var errs []error
	if jump != 0 {
		k.Log.Warn("the clock was set; telephones and deadlines are put right", "by", jump.Round(time.Second))
	}
	if jump < 0 {
		errs = append(errs, keepDeadlines(ctx, a, server.Console, -jump))
	}
	// A busy Asterisk may refuse. What it lists next would then lack the phones, and they would be forgotten until they register again.
	if jump != 0 {
		k.tries = restoreTries
	}
	k.tries--
	if err := k.contacts.restore(ctx, now); err != nil {
		return errors.Join(append(errs, err)...)
	}
	k.tries = 0
	return errors.Join(errs...)
}

// checkSockets checks that Asterisk has its SIP sockets. If one's address is free, Asterisk has to be restarted: it binds its sockets only when
// it starts, and without the first one there are no calls. For the others, of IPv6 and TLS, it is restarted once nobody is on the line: for TLS only
// if somebody had the address before, because Asterisk may have no TLS for another reason, such as a file of certificates that is gone.
func (k *Keeper) checkSockets(ctx context.Context, site Site, a *ari) error {
	if k.Moved(site) {
		return fmt.Errorf("%w: the machine's address has changed", errRestart)
	}
	found := map[string]string{}
	for i, s := range site.sockets() {
		address := s.address
		err := bindable(ctx, s)
		restart := err == nil && i == 0
		if was := k.sockets[address]; err == nil && i > 0 && (s.network == "udp" || was != "") {
			if restart, err = a.idle(ctx); err != nil {
				return nil // Asterisk cannot be asked at the moment
			}
			found[address] = was
		}
		if restart {
			delete(k.sockets, address)
			return fmt.Errorf("%w: it has no SIP socket, and %s is free now", errRestart, address)
		}
		if errors.As(err, new(NoAddress)) && s.network == "udp" && k.sockets[address] != err.Error() {
			k.Log.Error("no calls until the machine has its address", "err", err)
		}
		if err != nil {
			found[address] = err.Error()
		}
	}
	k.sockets = found
	return nil
}
