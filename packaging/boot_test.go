package packaging

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/notify"
	"ringfence/notify/notifytest"
	"ringfence/store"
	"ringfence/store/outbox"
)

// answers are what somebody answers whose line comes through an adapter.
const answers = `wiring = "adapter"
country = "GB"
number = "020 7946 0100"
address = "host0"
adapter = "` + adapterIP + `"
phones = "hall"
`

// next is the version that comes after every other, which "make package-test" makes of the same program.
const next = "99.0.0"

// step is one thing that happens to a computer with Ringfence on it. Each can be run by itself, on a computer that is kept (see keptIn):
// go test ./packaging -run 'TestNetworkOfDebian12/(late|unplugged)'.
type step struct {
	name, what string
	run        func(*computer)
}

// used happens to a computer that is used as it should be, and to its programs, in this order.
var used = []step{
	{"users", "each service has a user of its own, who reads and writes no more than it needs; Asterisk's weekly upgrade is on", (*computer).users},
	{"call", "a stranger rings, says who they are, is announced to the phone and put through", (*computer).call},
	{"speech", "the package of speech recognition is installed, and the service that runs begins to use it; then it is removed", (*computer).speech},
	{"killed", "Asterisk is killed ten times in ten seconds, and a stranger is put through after that", (*computer).killedTenTimes},
	{"upgraded", "the next version is installed during a call, which goes on; the services restart after it", (*computer).upgraded},
	{"rebooted", "the computer is rebooted, and a stranger is put through with nobody doing anything", (*computer).rebooted},
	{"back", "the version from before is put back, as docs/operating.md says", (*computer).goesBack},
}

// moves happens to the network of another computer, at the same time, as most of it is waiting.
var moves = []step{
	{"memory", "with nobody on the line, the services take little memory", (*computer).small},
	{"moved", "the router restarts and gives the computer another address, and the phone finds it there", (*computer).anotherAddress},
	{"late", "the computer is rebooted, and the router gives it an address only a minute later", (*computer).addressAfterTheStart},
	{"unplugged", "the adapter's plug is pulled: somebody in another town knows it within two minutes", (*computer).unplugged},
	{"removed", "the package is removed: nothing of it runs. It is purged: calls are kept, unless debconf says otherwise", (*computer).removed},
}

func TestPackageOnDebian12(t *testing.T) { testPackage(t, "bookworm", used) }

func TestPackageOnDebian13(t *testing.T) { testPackage(t, "trixie", used) }

func TestNetworkOfDebian12(t *testing.T) { testPackage(t, "bookworm", moves) }

func TestNetworkOfDebian13(t *testing.T) { testPackage(t, "trixie", moves) }

func testPackage(t *testing.T, suite string, steps []step) {
	t.Parallel() // most of the time it waits: for a call to go on, for a fault to last
	if !inANetworkOfItsOwn(t, suite) {
		return
	}
	c := boot(t, suite, machines)
	began := time.Now()
	c.installed()
	c.Logf("%s: installed, set up and working after %.0f s", suite, time.Since(began).Seconds())
	for _, s := range steps {
		if c.Failed() || !t.Run(s.name, func(t *testing.T) {
			outer := c.T
			c.T = t
			defer func() { c.T = outer }()
			t.Logf("%s: %s", suite, s.what)
			began := time.Now()
			s.run(c)
			t.Logf("%s: %s took %.0f s", suite, s.name, time.Since(began).Seconds())
		}) {
			return
		}
	}
}

// installed installs the package and answers the set-up's questions, as a person would, and waits until both services work.
func (c *computer) installed() {
	c.Helper()
	c.hasAddress(firstLease)
	if _, err := os.Stat(c.file("etc/ringfence/ringfence.toml")); err == nil {
		c.working() // on a computer that is kept
		return
	}
	if said := c.install(app.Release); !strings.Contains(said, "The next step") {
		c.Errorf("the installation says nothing of the next step: %s", said)
	}
	c.running() // they wait for the set-up
	c.must(os.WriteFile(c.file("root/answers.toml"), []byte(answers), 0o600))
	said, err := c.attempt("ringfence setup --answers /root/answers.toml")
	if !strings.Contains(said, "The settings are in /etc/ringfence/ringfence.toml.") {
		c.Fatalf("the set-up says (%v): %s", err, said)
	}
	if err == nil { // no phone is registered yet, and it must say so
		c.Errorf("the set-up finds nothing wrong where no phone is connected: %s", said)
	}
	c.working()
}

// packageOf is a package of a version, for this kind of machine.
func packageOf(name, version string) string { return packageFor(runtime.GOARCH, name, version) }

func packageFor(arch, name, version string) string {
	return filepath.Join(os.Getenv(packagesIn), name+"_"+version+"_"+arch+".deb")
}

// install installs the package of a version, as a person would.
func (c *computer) install(version string) string {
	c.Helper()
	c.on("cp", packageOf("ringfence", version), c.file(itsPackage))
	return c.does(documented(c.T, "## Upgrade")[:1])
}

// running waits until systemd says that both services run.
func (c *computer) running() {
	c.Helper()
	c.until("systemctl is-active --quiet ringfence.service && systemctl is-active --quiet ringfence-asterisk.service")
}

// working waits until both services have said that they work.
func (c *computer) working() {
	c.Helper()
	c.running()
	c.until("ringfence check --only application")
}

// settings are what the set-up has written.
func (c *computer) settings() config.Settings {
	c.Helper()
	s, err := config.Read(c.file("etc/ringfence/ringfence.toml"), "")
	c.must(err)
	return s
}

// speech installs what reads callers' words. Nothing is restarted for it.
func (c *computer) speech() {
	c.on("cp", packageOf("ringfence-speech", app.Release), c.file("root/ringfence-speech.deb"))
	c.run("dpkg -i /root/ringfence-speech.deb </dev/null 2>&1")
	c.until("pgrep -u ringfence -f 'ringfence speech process'")
	c.has("ringfence check || true", "ok    speech recognition")
	c.run("dpkg -P ringfence-speech </dev/null 2>&1")
	c.has("ls -d /usr/lib/ringfence 2>&1 || true", "No such file")
	c.has("ringfence check || true", "speech recognition     it is not installed")
}

// users checks who may read what.
func (c *computer) users() {
	c.has("ps -o user:30= -p $(pgrep -P $(systemctl show -P MainPID ringfence-asterisk.service))", "ringfence-asterisk")
	c.has("ps -o user:30= -p $(systemctl show -P MainPID ringfence.service)", "ringfence")
	c.has("systemctl is-enabled ringfence-asterisk-upgrade.timer", "enabled")
	c.run("systemctl is-active ringfence-asterisk-upgrade.timer")
	c.run("ringfence contact add Daughter 07700900123")
	c.has("find /var/lib/ringfence ! -user ringfence | wc -l", "0")
	c.has("find /var/lib/ringfence-asterisk -user root | wc -l", "0")
	for who, what := range map[string]string{
		"ringfence-asterisk": "ls /var/lib/ringfence", "nobody": "ls /etc/ringfence || ls /var/lib/ringfence || ls /var/lib/ringfence-asterisk",
		"ringfence": "touch /var/lib/ringfence-asterisk/modules.conf",
	} {
		if out, err := c.attempt("setpriv --reuid " + who + " --regid $(id -g " + who + ") --init-groups sh -c '" + what + "'"); err == nil {
			c.Errorf("%s may do what nobody else should (%s): %s", who, what, out)
		}
	}
	c.has("setpriv --reuid ringfence-asterisk --regid $(id -g ringfence-asterisk) --init-groups cat /etc/ringfence/ringfence.toml", c.settings().Trunks[0].Password)
}

// call is a stranger's call, on a computer that somebody has just set up.
func (c *computer) call() {
	c.screened(firstLease, c.hall(firstLease)).end()
	c.run("ringfence check") // a phone is registered and the adapter answers: now all is well
}

// killedTenTimes kills Asterisk ten times in ten seconds: it comes back each time.
func (c *computer) killedTenTimes() {
	for range 10 {
		c.run("systemctl kill --signal=KILL ringfence-asterisk.service")
		time.Sleep(time.Second) // that is the fault
	}
	c.working()
	c.screened(firstLease, c.hall(firstLease)).end()
}

// upgraded upgrades during a call, which goes on; afterwards the new version runs, and there is a backup of before.
func (c *computer) upgraded() {
	pids := "systemctl show -P MainPID ringfence.service ringfence-asterisk.service"
	before := c.run(pids)
	call := c.screened(firstLease, c.hall(firstLease))
	c.install(next)
	call.goOn()
	if now := c.run(pids); now != before {
		c.Errorf("the upgrade has restarted the services during a call: %q, were %q", now, before)
	}
	call.end()
	c.restarted()
	if now := c.run(pids); now == before {
		c.Error("nothing was restarted after the call")
	}
	c.has("ls /var/lib/ringfence/before-upgrade", "ringfence-0")
	c.screened(firstLease, c.hall(firstLease)).end()
}

// restarted waits until the services have been restarted after an upgrade, and work.
func (c *computer) restarted() {
	c.Helper()
	c.until("systemctl is-active ringfence-restart.service | grep -qx inactive")
	c.working()
}

func (c *computer) rebooted() {
	c.reboot()
	c.working()
	c.screened(firstLease, c.hall(firstLease)).end()
}

// anotherAddress is a router that restarts, and then gives the computer another address.
func (c *computer) anotherAddress() {
	c.on("ip", "link", "set", itsPort, "down")
	c.leases(otherLease)
	c.routerUp(otherLease)
	c.takesCalls(otherLease)
}

// addressAfterTheStart is a power cut: the router is back a minute later than the computer.
func (c *computer) addressAfterTheStart() {
	c.stopLeases()
	c.reboot()
	c.on("ip", "link", "set", itsPort, "down")
	c.running()
	time.Sleep(time.Minute) // that is the fault
	c.has("systemctl is-active ringfence-asterisk.service", "active")
	if said, err := c.attempt("ringfence check"); err == nil || !strings.Contains(said, "no address on host0") {
		c.Errorf("without an address in the home network check says (%v): %s", err, said)
	}
	c.leases(firstLease)
	c.routerUp(firstLease)
	c.takesCalls(firstLease)
}

// routerUp is the router's end of the cable coming up. It waits until the computer has an address.
func (c *computer) routerUp(address string) {
	c.Helper()
	c.on("ip", "link", "set", itsPort, "up")
	c.hasAddress(address)
}

// takesCalls waits until the phone has registered at a new address and calls are screened, and has a stranger ring.
func (c *computer) takesCalls(at string) {
	c.Helper()
	began := time.Now()
	phone := c.hall(at)
	c.working()
	c.Logf("the phone rings again %.0f s after the address came", time.Since(began).Seconds())
	c.screened(at, phone).end()
}

// unplugged takes the adapter away, and has a carer with an alert know it.
func (c *computer) unplugged() {
	phone := c.hall(firstLease) // so that only the adapter is gone
	said := notifytest.NewWebhookAt(c.T, router+":0")
	c.alerts(said)
	c.until("ringfence check | grep -q '" + adapterIP + ".* answers'")
	began := time.Now()
	c.pull()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	c.receives(ctx, said, "The line isn't working: the adapter at "+adapterIP+" doesn't answer.")
	c.Logf("told after %.0f s", time.Since(began).Seconds())
	if out, err := c.attempt("ringfence check"); err == nil || !strings.Contains(out, "Check its power and cable.") {
		c.Errorf("check says (%v): %s", err, out)
	}
	c.plug()
	c.receives(c.ctx, said, "The line is up again.")
	c.screened(firstLease, phone).end()
}

// alerts has somebody with an account get an alert at once.
func (c *computer) alerts(to *notifytest.Webhook) {
	c.Helper()
	c.run("ringfence user list | grep -q anna@example.org || ringfence user add anna@example.org --name Anna --role owner")
	db, err := store.Open(c.ctx, c.file("var/lib/ringfence/ringfence.db"))
	c.must(err)
	defer func() { c.must(db.Close()) }()
	anna, _, err := db.People.ByEmail(c.ctx, "anna@example.org")
	c.must(err)
	home := c.settings().Households[0].Name
	c.must(db.SetAlertsAtHome(c.ctx, home, true)) // where the service of this test is
	_, err = db.Outbox.AddChannel(c.ctx, home, anna.ID, "Web address", "webhook", to.Address(c.T), outbox.Choices{Events: []outbox.Event{outbox.EventLine}, Digest: notify.AtOnce})
	c.must(err)
}

// removed removes the package: nothing of it runs; purged, recordings are kept, unless debconf says otherwise.
func (c *computer) removed() {
	commands := documented(c.T, "## Remove")
	remove, purge := commands[:1], commands[1:]
	c.does(remove)
	c.has("pgrep -u ringfence,ringfence-asterisk | wc -l", "0")
	c.has("systemctl list-units --all --no-legend 'ringfence*' | grep -c ' active ' || true", "0")
	c.has("ls /etc/ringfence", "ringfence.toml")
	c.does(purge)
	c.has("ls -d /etc/ringfence /var/lib/ringfence-asterisk 2>&1 | grep -c 'No such file'", "2")
	c.has("ls /var/lib/ringfence", "ringfence.db")
	c.install(next)
	c.run("echo 'ringfence ringfence/purge-data boolean true' | debconf-set-selections")
	c.does(purge)
	c.has("ls -d /var/lib/ringfence 2>&1", "No such file")
}
