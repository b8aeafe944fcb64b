// Command bench measures calls through the application beside the same calls in pure dialplan, in one run, on one Asterisk, in turn. What counts are
// the ratios; the figures themselves are this machine's. It has four parts:
//
//   - a blocked call: INVITE to 200 OK, answer to first sound, and the processor time of Asterisk and of the application a call. Both ways end in
//     the same dialplan extension, which answers, plays and hangs up. The message is a short one, so that deciding is not lost in playing.
//     The application looks the number up among a million on a list in SQLite; AstDB holds those that ring alone. Callers take turns, so that
//     none rings again while they are turned away, which is refused.
//   - a screened call that is taken: from the key to the moment at which both hear each other, beside Dial() with a subroutine that asks for a key.
//   - a stranger's call: how long caller and household wait, beside the aims.
//   - load: blocked calls for minutes on end, after which nothing may have grown; and many callers at once who say their name.
//
// With -synced there is a fifth: what it costs a blocked call that everything which was acknowledged waits for the disk. Alone, in five minutes:
// go run ./cmd/bench -rounds 0 -talks 0 -strangers 0 -load 0 -screened 0 -synced 4
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"ringfence/asterisk"
	"ringfence/cmd/bench/load"
	"ringfence/demo/testbed"
)

func main() {
	program := flag.String("program", "bin/ringfence", "the ringfence binary")
	calls := flag.Int("calls", 1500, "calls a round")
	rate := flag.Int("rate", 50, "calls a second")
	rounds := flag.Int("rounds", 4, "rounds of each way")
	entries := flag.Int("entries", 1_000_000, "numbers on the list")
	talks := flag.Int("talks", 20, "calls each way that are taken with a key")
	strangers := flag.Int("strangers", 5, "calls of strangers, to measure how long people wait")
	reader := flag.String("reader", "none", "what reads strangers' words for the phone's display: built-in, if that is installed")
	load := flag.Duration("load", 10*time.Minute, "for how long blocked calls come without a pause")
	screened := flag.Int("screened", 100, "callers who say their name at the same time")
	households := flag.Int("households", 1, "how many households the machine serves; the calls are those of one")
	synced := flag.Int("synced", 0, "rounds by a build that waits for the disk after what it acknowledges, and by one that does not")
	profile := flag.String("profile", "", "file for where the application spends its time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	b := &bench{
		program: *program, calls: *calls, rate: *rate, rounds: *rounds, entries: *entries, talks: *talks, strangers: *strangers, load: *load,
		screened: *screened, profile: *profile, reader: *reader, synced: *synced, households: *households,
	}
	err := b.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	program                                                                      string
	calls, rate, rounds, entries, talks, strangers, screened, synced, households int
	load                                                                         time.Duration
	dir, profile, reader                                                         string
	metrics                                                                      string // the address of the application's own figures
	testbed                                                                      *testbed.Testbed
}

// scammers is how many numbers call in turn: while a number is being turned away, its next call is refused.
const scammers = 600

// scammer is one of the numbers, as they stand on the list. The first half of them are sipp's.
func scammer(i int) string { return fmt.Sprintf("020%08d", 30000000+7*(i%scammers)) }

const (
	viaApp  = testbed.TrunkIP
	viaPure = "127.0.0.4"
	// probeShare is which part of the calls measures the time to an answer.
	probeShare = 5
)

// pureDialplan is added to the dialplan: the same decision made with AstDB, and a call that is accepted with a key.
const pureDialplan = `
[pure]
exten => _[!-~]!,1,Set(CHANNEL(language)=en-GB)
 same => n,GotoIf($["${DB_EXISTS(blocked/${CALLERID(num)})}" = "1"]?turn-away,inspection,1)
 same => n,Dial(PJSIP/home-hall,60,rU(pure-key))
 same => n,Hangup()
[pure-key]
exten => s,1,Set(CHANNEL(language)=en-GB)
 same => n,Background(choices)
 same => n,WaitExten(20)
exten => 1,1,Playback(connecting)
 same => n,Return()
`

const purePJSIP = `
[pure](leg)
context = pure
allow = alaw,ulaw
identify_by = ip
trust_id_inbound = yes
[pure]
type = identify
endpoint = pure
match = ` + viaPure + "\n"

func (b *bench) run(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "ringfence-bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // a temporary folder
	if b.metrics, err = testbed.Free("tcp", testbed.AsteriskIP); err != nil {
		return err
	}
	inst, err := asterisk.Find(ctx)
	if err != nil {
		return err
	}
	if b.testbed, err = testbed.Open(ctx, testbed.Options{
		Dir: b.dir, Program: b.program, Install: inst, Quiet: true, CPUProfile: b.profile, Phones: []testbed.Phone{{Name: "hall"}},
		Calls: 400, RTPPorts: testbed.VillagePorts(b.households, 600),
		Extra: fmt.Sprintf("[metrics]\nlisten = %q\n[speech]\nreader = %q\n", b.metrics, b.reader) + testbed.VillageSettings(testbed.Village(b.households-1)),
	}); err != nil {
		return err
	}
	err = b.prepare(ctx)
	for _, part := range []func(context.Context) error{b.blocked, b.taken, b.waited, b.withoutPause, b.atOnce, b.waitedForTheDisk} {
		if err == nil {
			err = part(ctx)
		}
	}
	return errors.Join(err, b.testbed.Close())
}

// blocked compares calls that are turned away.
func (b *bench) blocked(ctx context.Context) error {
	if b.rounds == 0 {
		return nil
	}
	fmt.Printf("%d rounds of %d blocked calls each way, %d a second, in turn; %d numbers on the list\n\n", b.rounds, b.calls, b.rate, b.entries)
	printColumns()
	if _, err := b.round(ctx, viaPure); err != nil { // warm
		return err
	}
	if _, err := b.round(ctx, viaApp); err != nil {
		return err
	}
	var all comparison
	for range b.rounds {
		pure, err := b.round(ctx, viaPure)
		if err != nil {
			return err
		}
		app, err := b.round(ctx, viaApp)
		if err != nil {
			return err
		}
		pure.print("pure dialplan")
		app.print("application")
		all.add(app, pure)
	}
	all.print("application / pure dialplan", map[string]string{ofCPU: "aim: at most 1.15", ofP99: "aim: at most 1.5"})
	return nil
}

// prepare fills both stores and gives both ways the same short message.
func (b *bench) prepare(ctx context.Context) error {
	sounds := filepath.Join(b.dir, "data", "asterisk", "sounds", "en-GB")
	for _, ending := range []string{".wav", ".wav16"} {
		short, err := os.ReadFile(filepath.Join(sounds, "goodbye"+ending))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(sounds, "inspection"+ending), short, 0o644); err != nil {
			return err
		}
	}
	for file, text := range map[string]string{"extensions.conf": pureDialplan, "pjsip.conf": purePJSIP} {
		if err := appendTo(filepath.Join(b.dir, "data", "asterisk", file), text); err != nil {
			return err
		}
	}
	commands := []string{"dialplan reload", "module reload res_pjsip.so", "module reload res_pjsip_endpoint_identifier_ip.so"}
	for i := range scammers {
		commands = append(commands, "database put blocked "+scammer(i)+" 1")
	}
	for _, command := range commands {
		if _, err := b.testbed.Asterisk.Console(ctx, command); err != nil {
			return err
		}
	}
	list := filepath.Join(b.dir, "list.txt")
	f, err := os.Create(list)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range b.entries {
		fmt.Fprintf(w, "+4420%08d\n", 30000000+7*i)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return err
	}
	began := time.Now()
	out, err := b.testbed.Command(ctx, "list", "import", list, "--name", "bench", "--household", "home")
	fmt.Printf("%s(%.1f s)\n", out, time.Since(began).Seconds())
	return err
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// result is one round: milliseconds.
type result struct{ p50, p99, sound50, sound99, asterisk, app float64 }

func (r result) together() float64 { return r.asterisk + r.app }

func printColumns() {
	fmt.Printf("%-14s %22s %24s %14s %16s %9s\n", "", "INVITE→200 p50    p99", "200→first sound p50   p99", "Asterisk/call", "application/call", "together")
}

func (r result) print(way string) {
	fmt.Printf("%-14s %12.2f %6.2f ms %14.1f %7.1f ms %11.2f ms %13.2f ms %6.2f ms\n", way, r.p50, r.p99, r.sound50, r.sound99, r.asterisk, r.app, r.together())
}

// comparison has the ratios of pairs of rounds.
type comparison [4][]float64

const (
	ofCPU = "CPU of both together"
	ofP50 = "INVITE to 200, p50"
	ofP99 = "INVITE to 200, p99"
)

func (c *comparison) add(a, b result) {
	for i, ratio := range []float64{a.together() / b.together(), a.p50 / b.p50, a.p99 / b.p99, a.sound50 / b.sound50} {
		c[i] = append(c[i], ratio)
	}
}

func (c *comparison) print(what string, aims map[string]string) {
	fmt.Printf("\n%s, median of %d pairs (smallest to largest):\n", what, len(c[0]))
	for i, figure := range []string{ofCPU, ofP50, ofP99, "200 to first sound, p50"} {
		slices.Sort(c[i])
		fmt.Printf("  %-24s %.2f (%.2f to %.2f)  %s\n", figure, median(c[i]), c[i][0], c[i][len(c[i])-1], aims[figure])
	}
}

// round makes the calls of one round from an address, which decides the way.
func (b *bench) round(ctx context.Context, from string) (result, error) {
	asteriskBefore, appBefore, err := b.worked()
	if err != nil {
		return result{}, err
	}
	loaded := make(chan error, 1)
	go func() { loaded <- b.sipp(ctx, from, b.calls-b.calls/probeShare, b.rate-b.rate/probeShare) }()
	times, sounds, err := b.probes(ctx, from, b.calls/probeShare, b.rate/probeShare)
	if err := errors.Join(err, <-loaded); err != nil {
		return result{}, err
	}
	asteriskAfter, appAfter, err := b.worked()
	if err != nil {
		return result{}, err
	}
	slices.Sort(times)
	slices.Sort(sounds)
	perCall := func(seconds float64) float64 { return seconds * 1000 / float64(b.calls) }
	return result{
		p50: times[len(times)/2], p99: times[len(times)*99/100], sound50: sounds[len(sounds)/2], sound99: sounds[len(sounds)*99/100],
		asterisk: perCall(asteriskAfter - asteriskBefore), app: perCall(appAfter - appBefore),
	}, nil
}

// sipp makes calls, so many a second, from an address, which decides the way.
func (b *bench) sipp(ctx context.Context, from string, calls, rate int) error {
	all := load.Calls{Dir: b.dir, SIP: b.testbed.SIP, Course: load.Blocked, Number: calls, Every: time.Second / time.Duration(rate)}
	for i := range scammers / 2 {
		all.Callers = append(all.Callers, load.Caller{Number: scammer(i), Address: from, Dials: "02079460100"})
	}
	return all.Make(ctx)
}

// worked is the processor time of Asterisk and of the application, in seconds.
func (b *bench) worked() (ofAsterisk, ofApp float64, err error) {
	if ofAsterisk, err = load.CPU(b.testbed.Asterisk.PID()); err != nil {
		return 0, 0, err
	}
	ofApp, err = load.CPU(b.testbed.PID())
	return ofAsterisk, ofApp, err
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
