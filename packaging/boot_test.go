package packaging

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

const (
	password = "Zk3-vmQ7-wRt9-pLx2"
	stranger = "02079460009"
)

const settings = `region = "GB"
[asterisk]
sip = "host0:5060"
[[trunk]]
name = "line"
address = "` + adapter + `"
[[household]]
name = "home"
trunk = "line"
number = "` + testbed.Number + `"
[[household.phone]]
name = "hall"
password = "` + password + `"
`

// packageOf is the pattern of the name of a version's package.
func (c *computer) packageOf(version string) string {
	return filepath.Join(os.Getenv(packagesIn), "ringfence_"+version+"_"+runtime.GOARCH+".deb")
}

// install installs the package of a version, as a person would.
func (c *computer) install(version string) string {
	c.Helper()
	found, err := filepath.Glob(c.packageOf(version))
	if err != nil || len(found) != 1 {
		c.Fatalf("the package of version %s: %v (%v)", version, found, err)
	}
	c.on("cp", found[0], filepath.Join(c.root, "root/ringfence.deb"))
	return c.run("dpkg -i /root/ringfence.deb </dev/null 2>&1")
}

// working waits until both services have said that they work.
func (c *computer) working() {
	c.Helper()
	c.until("systemctl is-active --quiet ringfence.service && systemctl is-active --quiet ringfence-asterisk.service")
	c.until("ringfence check --only application")
}

// hall is the telephone in the home, registered at the computer's address.
func (c *computer) hall(at string) *softphone.Phone {
	c.Helper()
	library, err := testbed.Library("en-GB")
	if err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	for {
		phone, err := softphone.NewPhone(softphone.PhoneConfig{
			Config: softphone.Config{Name: "hall", Address: telephone + ":0", Outside: true, Library: library},
			Server: at + ":5060", User: "home-hall", Password: password,
		})
		if err != nil {
			c.Fatal(err)
		}
		try, stop := context.WithTimeout(ctx, 2*time.Second)
		err = phone.Register(try)
		stop()
		if err == nil {
			c.Cleanup(func() { _ = phone.Close() })
			return phone
		}
		_ = phone.Close() // it could not register
		if ctx.Err() != nil {
			c.Fatalf("the telephone cannot register at %s: %v", at, err)
		}
	}
}

// talk is a stranger's call that was screened, announced and taken; both can talk.
type talk struct {
	c             *computer
	caller, house *softphone.Call
}

// screened has a stranger ring, say who they are, be announced in their own voice, and be put through by key 1.
func (c *computer) screened(at string, phone *softphone.Phone) *talk {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	library, err := testbed.Library("en-GB")
	c.must(err)
	who, err := softphone.NewCaller(softphone.Config{Name: "stranger", Address: adapter + ":0", Outside: true, Library: library})
	c.must(err)
	c.Cleanup(func() { _ = who.Close() })
	caller, err := who.Dial(ctx, softphone.Dial{Number: testbed.Number, At: at + ":5060", From: softphone.CallerID{Number: stranger}})
	c.must(err)
	t := &talk{c: c, caller: caller}
	hears := func(call *softphone.Call, names ...string) {
		c.Helper()
		for _, name := range names {
			_, err := call.HearsOut(ctx, name)
			c.must(err)
		}
	}
	hears(caller, "ask-name", "beep")
	t.says(ctx, caller, "neighbour")
	hears(caller, "please-hold")
	t.house, err = phone.Rings(ctx)
	c.must(err)
	c.must(t.house.Answer(ctx))
	hears(t.house, "call-from", "neighbour", "choices")
	c.must(t.house.Press(ctx, "1"))
	hears(t.house, "connecting")
	t.goOn()
	return t
}

func (t *talk) says(ctx context.Context, call *softphone.Call, voice string) {
	t.c.Helper()
	recording, err := softphone.Voice(voice)
	t.c.must(err)
	t.c.must(call.Say(ctx, recording))
}

// goOn has each hear the other.
func (t *talk) goOn() {
	t.c.Helper()
	ctx, cancel := context.WithTimeout(t.c.ctx, time.Minute)
	defer cancel()
	t.says(ctx, t.caller, "neighbour-talks")
	_, err := t.house.HearsOut(ctx, "neighbour-talks")
	t.c.must(err)
	t.says(ctx, t.house, "hello")
	_, err = t.caller.HearsOut(ctx, "hello")
	t.c.must(err)
}

func (t *talk) end() {
	t.c.Helper()
	ctx, cancel := context.WithTimeout(t.c.ctx, time.Minute)
	defer cancel()
	t.c.must(t.caller.Hangup(ctx))
	_, err := t.house.Ended(ctx)
	t.c.must(err)
}

func (c *computer) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// installed is a computer with the package and settings, whose services work.
func installed(t *testing.T, suite string) *computer {
	c := boot(t, suite, machines)
	said := c.install("[0-8]*")
	if !strings.Contains(said, "The next step") {
		c.Errorf("the installation says nothing of the next step: %s", said)
	}
	c.until("systemctl is-active --quiet ringfence.service && systemctl is-active --quiet ringfence-asterisk.service") // they wait for the set-up
	c.until("ip -4 address show host0 | grep -q " + firstLease)
	// As sudoedit leaves it, and what set-up makes: for the folder's group.
	c.run("cat > /etc/ringfence/ringfence.toml <<'END'\n" + settings + "END\nchmod 640 /etc/ringfence/ringfence.toml")
	c.working()
	return c
}

func TestPackageOnDebian12(t *testing.T) {
	if !inANetworkOfItsOwn(t, "bookworm") {
		return
	}
	c := installed(t, "bookworm")
	phone := c.hall(firstLease)
	c.users()
	c.small()
	c.screened(firstLease, phone).end()
	c.killedTenTimes(phone)
	c.upgraded(phone)
	c.anotherAddress()
	c.addressAfterTheStart()
	c.removed()
}

func TestPackageOnDebian13(t *testing.T) {
	if !inANetworkOfItsOwn(t, "trixie") {
		return
	}
	c := installed(t, "trixie")
	c.screened(firstLease, c.hall(firstLease)).end()
	c.removed()
}

// users checks who may read what.
func (c *computer) users() {
	c.has("ps -o user:30= -p $(pgrep -P $(systemctl show -P MainPID ringfence-asterisk.service))", "ringfence-asterisk")
	c.has("ps -o user:30= -p $(systemctl show -P MainPID ringfence.service)", "ringfence")
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
	c.has("setpriv --reuid ringfence-asterisk --regid $(id -g ringfence-asterisk) --init-groups cat /etc/ringfence/ringfence.toml", password)
}

// killedTenTimes kills Asterisk ten times in ten seconds: it comes back each time.
func (c *computer) killedTenTimes(phone *softphone.Phone) {
	for range 10 {
		c.run("systemctl kill --signal=KILL ringfence-asterisk.service")
		time.Sleep(time.Second) // that is the fault
	}
	c.working()
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute)
	defer cancel()
	c.must(phone.Register(ctx))
	c.screened(firstLease, phone).end()
}

// upgraded upgrades during a call, which goes on; afterwards the new version runs, and there is a backup of before.
func (c *computer) upgraded(phone *softphone.Phone) {
	pids := "systemctl show -P MainPID ringfence.service ringfence-asterisk.service"
	before := c.run(pids)
	call := c.screened(firstLease, phone)
	c.install("99.0.0")
	call.goOn()
	if now := c.run(pids); now != before {
		c.Errorf("the upgrade has restarted the services during a call: %q, were %q", now, before)
	}
	call.end()
	c.until("systemctl is-active ringfence-restart.service | grep -qx inactive && [ \"$(" + pids + ")\" != '" + before + "' ]")
	c.working()
	c.has("ls /var/lib/ringfence/before-upgrade", "ringfence-0")
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute)
	defer cancel()
	c.must(phone.Register(ctx))
	c.screened(firstLease, phone).end()
}

// anotherAddress is the router's giving the computer another one.
func (c *computer) anotherAddress() {
	c.leases(otherLease)
	c.run("networkctl renew host0 || networkctl reconfigure host0")
	c.until("ip -4 address show host0 | grep -q " + otherLease)
	phone := c.hall(otherLease)
	c.screened(otherLease, phone).end()
	c.must(phone.Close())
}

// addressAfterTheStart is a reboot, after which the router gives an address only a minute later.
func (c *computer) addressAfterTheStart() {
	c.stopLeases()
	was, err := c.init()
	c.must(err)
	_, _ = c.attempt("systemctl reboot")
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	for now := was; now == was || now == ""; now, _ = c.init() {
		select {
		case <-ctx.Done():
			c.Fatal("it does not boot again")
		case <-time.After(100 * time.Millisecond): // nobody tells
		}
	}
	c.working()
	time.Sleep(time.Minute) // that is the fault
	c.has("systemctl is-active ringfence-asterisk.service", "active")
	c.leases(firstLease)
	c.screened(firstLease, c.hall(firstLease)).end()
}

// removed removes the package: nothing of it runs; purged, recordings are kept, unless debconf says otherwise.
func (c *computer) removed() {
	c.run("dpkg -r ringfence </dev/null 2>&1")
	c.has("pgrep -u ringfence,ringfence-asterisk | wc -l", "0")
	c.has("systemctl list-units --all --no-legend 'ringfence*' | grep -c ' active ' || true", "0")
	c.has("ls /etc/ringfence", "ringfence.toml")
	c.run("dpkg -P ringfence </dev/null 2>&1")
	c.has("ls -d /etc/ringfence /var/lib/ringfence-asterisk 2>&1 | grep -c 'No such file'", "2")
	c.has("ls /var/lib/ringfence", "ringfence.db")
	c.install("99.0.0")
	c.run("echo 'ringfence ringfence/purge-data boolean true' | debconf-set-selections")
	c.run("dpkg -P ringfence </dev/null 2>&1")
	c.has("ls -d /var/lib/ringfence 2>&1", "No such file")
}
