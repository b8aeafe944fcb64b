package asterisk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A guard slows down whoever guesses passwords. Asterisk reports every wrong one at its console. After too many from one address,
// Asterisk itself refuses every request from there for a while, before it looks at a password (pjsip.conf, type=acl).
//
// The sender of a UDP packet can be forged. So an address of a trunk, or one at which a telephone has signed in or from which a call with a
// registered trunk's token has come within a day, is never refused: otherwise a stranger could silence the household by guessing in their
// name. Of IPv6 a whole /64 counts as one address (see senderOf). A request that no endpoint matches, and that tries no password, is not counted: a provider's call with the token from before a
// restart is one.
type guard struct {
	dir     string
	console func(ctx context.Context, command string) (string, error)
	names   Resolver
	log     io.Writer
	now     func() time.Time
	mark    string        // see markLines
	wake    chan struct{} // gets a value when somebody has tried too often

	// Only run uses these.
	resolved map[string][]netip.Prefix // the addresses of trunks that have a name
	refused  []netip.Prefix            // as Asterisk was last told

	mu      sync.Mutex
	guesses map[netip.Prefix]*Guesses
	proved  map[netip.Addr]time.Time // when a telephone or trunk last signed in from there
	changed bool                     // guesses have come since they were last written to the file
	kept    time.Time                // when proved was last written to its file
	unkept  bool                     // it is to be written
}

// Guesses counts the wrong passwords from one address, or from one network of IPv6.
type Guesses struct {
	Address netip.Addr `json:"address"` // the last one
	Tries   int        `json:"tries"`
	Last    time.Time  `json:"last"`
	Until   time.Time  `json:"until,omitzero"` // refused until then

	from   netip.Prefix
	began  time.Time // start of the window that is being counted
	within int       // tries in that window
	logged time.Time
}

const (
	guardEvery   = 2 * time.Second
	guessWindow  = time.Minute
	mostGuesses  = 10               // per window; a telephone with a wrong password tries a few times a minute
	refusedFor   = 10 * time.Minute // after the last of too many
	provedFor    = 24 * time.Hour
	keepEach     = time.Hour // telephones sign in every few minutes, which an SD card is to be spared
	mostWatched  = 2000      // addresses remembered: forged ones cost an attacker nothing
	mostRefused  = 500
	mostLogged   = 10 // lines per look
	forgottenIn  = 24 * time.Hour
	resolveLimit = 2 * time.Second
)

const guessesFile, refusedFile, provedFile = "guesses.json", "refused.conf", "proved.json"

func newGuard(dir string, console func(context.Context, string) (string, error), log io.Writer) *guard {
	return &guard{
		dir: dir, console: console, log: log, now: time.Now, wake: make(chan struct{}, 1), names: net.DefaultResolver,
		guesses: map[netip.Prefix]*Guesses{}, proved: map[netip.Addr]time.Time{}, resolved: map[string][]netip.Prefix{},
	}
}

// senderOf is who sends from an address: of IPv6 everybody who has at least a /64 (RFC 6177), of which each packet may come from another address.
func senderOf(at netip.Addr) netip.Prefix {
	at = at.WithZone("")
	if at.Is4() {
		return netip.PrefixFrom(at, at.BitLen())
	}
	return netip.PrefixFrom(at, 64).Masked()
}

func (g *guard) noteProved(at netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, before := g.proved[at]
	if before || len(g.proved) < mostWatched {
		g.proved[at] = g.now()
		g.unkept = g.unkept || !before || g.now().Sub(g.kept) > keepEach
	}
}

func (g *guard) noteFailed(at netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	from := senderOf(at)
	one := g.guesses[from]
	if one == nil {
		if len(g.guesses) >= mostWatched {
			g.forgetOne()
		}
		one = &Guesses{from: from}
		g.guesses[from] = one
	}
	one.Address = at
	if now.Sub(one.began) >= guessWindow {
		one.began, one.within = now, 0
	}
	if one.Until.After(now) {
		return // on its way before the refusal, or the refusal itself
	}
	one.Tries, one.within, one.Last, g.changed = one.Tries+1, one.within+1, now, true
	if one.within == mostGuesses {
		select {
		case g.wake <- struct{}{}:
		default: // run has been woken already
		}
	}
}

// forgetOne makes room: of a few addresses, that with the fewest tries goes. Forged addresses, each of which tries little, must not keep out
// one that guesses in earnest.
func (g *guard) forgetOne() {
	const few = 16 // a map is gone through from a random place on
	var least *Guesses
	looked := 0
	for _, one := range g.guesses {
		if least == nil || one.Tries < least.Tries {
			least = one
		}
		if looked++; looked == few {
			break
		}
	}
	delete(g.guesses, least.from)
}

// run looks every few seconds, and when woken, until ctx ends.
func (g *guard) run(ctx context.Context) {
	g.startWith(ctx)
	tick := time.NewTicker(guardEvery)
	defer tick.Stop()
	wake := g.wake
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			wake = g.wake
		case <-wake:
			wake = nil // until the next tick: forged addresses must not keep Asterisk reloading
		}
		err := g.look(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			g.say("those who guess passwords cannot be refused: %s", err)
		}
		failed = err != nil
	}
}

// startWith trusts the telephones that were registered before Asterisk started (see contacts.go), and whoever has signed in within a day.
func (g *guard) startWith(ctx context.Context) {
	if err := g.liftOld(ctx); err != nil {
		g.say("the refusals from before cannot be lifted: %s", err)
	}
	_, _ = g.trunks(ctx) // remembers their addresses, for when there is no name server
	if err := g.readProved(); err != nil {
		g.say("who has signed in before the start cannot be read: %s", err)
	}
	kept, err := os.ReadFile(filepath.Join(g.dir, contactsFile))
	if err != nil {
		return // they sign in again within minutes
	}
	noteAddresses(contactAt, kept, g.noteProved)
}

// liftOld ends the refusals from before the start: nobody knows any more when they end.
func (g *guard) liftOld(ctx context.Context) error {
	if old, err := os.ReadFile(filepath.Join(g.dir, refusedFile)); err != nil || !strings.Contains(string(old), "deny = ") {
		return nil
	}
	if err := write(g.dir, refusedFile, refusedConf(nil)); err != nil {
		return err
	}
	_, err := g.console(ctx, "module reload res_pjsip.so")
	return err
}

// look logs what is new, and tells Asterisk whom to refuse.
func (g *guard) look(ctx context.Context) error {
	known := func(netip.Prefix) bool { return true }
	var err error
	if g.suspects() {
		if now, failed := g.trunks(ctx); failed != nil {
			err = failed // known stays true for all, so nobody is refused
		} else {
			known = now
		}
	}
	lines, refused, all := g.judge(known)
	err = errors.Join(err, g.refuse(ctx, refused)) // before it is said
	if more := len(lines) - mostLogged; more > 0 {
		lines = append(lines[:mostLogged], fmt.Sprintf("so did %d more addresses", more))
	}
	for _, line := range lines {
		g.say("%s", line)
	}
	return errors.Join(err, g.keep(all), g.keepProved())
}

// suspects says whether anybody has tried too often and is not refused yet.
func (g *guard) suspects() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget()
	for _, one := range g.guesses {
		if one.within >= mostGuesses && !one.Until.After(g.now()) {
			return true
		}
	}
	return false
}

// judge decides who is refused from now on: of too many, those who have tried most. all is nil unless guesses have changed.
func (g *guard) judge(known func(netip.Prefix) bool) (lines []string, refused []netip.Prefix, all []Guesses) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	most := slices.SortedFunc(maps.Values(g.guesses), func(a, b *Guesses) int {
		return cmp.Or(cmp.Compare(b.Tries, a.Tries), a.from.Compare(b.from))
	})
	for _, one := range most {
		already := one.Until.After(now)
		// Whoever has shown since that it belongs here, as a phone whose password was mended at another address, is let in at once.
		exempt := g.hasProved(one.from)
		switch due := one.within >= mostGuesses; {
		case already && (exempt || len(refused) >= mostRefused):
			one.Until, g.changed, already = time.Time{}, true, false
		case already:
		case due && !exempt && len(refused) < mostRefused && !known(one.from):
			one.Until, one.logged, g.changed, already = one.Last.Add(refusedFor), now, true, true
			lines = append(lines, fmt.Sprintf("%s gave a wrong name or password %d times. It is refused for %d minutes.", one.sender(), one.Tries, refusedFor/time.Minute))
		case one.Last.After(one.logged) && now.Sub(one.logged) >= guessWindow:
			one.logged = now
			lines = append(lines, fmt.Sprintf("%s gave a wrong name or password, %d times so far", one.sender(), one.Tries))
		}
		if already && one.Until.After(now) {
			refused = append(refused, one.from)
		}
	}
	if g.changed {
		for _, one := range most {
			all = append(all, *one)
		}
		g.changed = false
	}
	return lines, refused, all
}

// hasProved says whether anybody there has shown that it belongs here.
func (g *guard) hasProved(from netip.Prefix) bool {
	if from.IsSingleIP() {
		return !g.proved[from.Addr()].IsZero()
	}
	for at := range g.proved {
		if from.Contains(at) {
			return true
		}
	}
	return false
}

// sender is the address, or the network of IPv6.
func (one *Guesses) sender() string {
	if one.from.IsSingleIP() {
		return one.Address.String()
	}
	return one.from.String()
}

// forget drops what is old.
func (g *guard) forget() {
	now := g.now()
	maps.DeleteFunc(g.proved, func(_ netip.Addr, at time.Time) bool { return now.Sub(at) > provedFor })
	old := forgottenIn
	if len(g.guesses) >= mostWatched/2 { // made-up addresses come only once
		old = guessWindow
	}
	maps.DeleteFunc(g.guesses, func(_ netip.Prefix, one *Guesses) bool {
		return now.Sub(one.Last) > old && !one.Until.After(now)
	})
}

// refuse tells Asterisk whom to refuse, if that has changed. Reloading pjsip.conf disturbs no call.
func (g *guard) refuse(ctx context.Context, refused []netip.Prefix) error {
	slices.SortFunc(refused, netip.Prefix.Compare)
	if slices.Equal(refused, g.refused) {
		return nil
	}
	if err := write(g.dir, refusedFile, refusedConf(refused)); err != nil {
		return err
	}
	if _, err := g.console(ctx, "module reload res_pjsip.so"); err != nil {
		return err
	}
	g.refused = refused
	return nil
}

func refusedConf(refused []netip.Prefix) string {
	var text strings.Builder
	text.WriteString("; Who guesses passwords, for a few minutes; written by \"ringfence asterisk run\".\n")
	if len(refused) > 0 {
		text.WriteString("[refused]\ntype = acl\n")
	}
	for _, from := range refused {
		fmt.Fprintf(&text, "deny = %s\n", from)
	}
	return text.String()
}

// mostKept bounds what is written down for the application.
const mostKept = 100

// keep writes the latest guesses down for the application.
func (g *guard) keep(all []Guesses) error {
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b Guesses) int { return b.Last.Compare(a.Last) })
	text, err := json.Marshal(all[:min(len(all), mostKept)])
	if err != nil {
		return err
	}
	return write(g.dir, guessesFile, string(text))
}

func (g *guard) say(format string, args ...any) {
	if g.log != nil {
		_, _ = fmt.Fprintf(g.log, "ringfence: SIP: "+format+"\n", args...) // a log that is full must not stop the telephone
	}
}

// ReadGuesses reads what the guard of the Asterisk with the configuration in dir has written down last.
func ReadGuesses(dir string) ([]Guesses, error) {
	text, err := os.ReadFile(filepath.Join(dir, guessesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []Guesses
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	return all, err
}
