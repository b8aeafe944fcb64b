package packaging

import (
	"fmt"
	"testing"

	"ringfence/app"
	"ringfence/demo/testbed"
)

// settingsByHand are written by a person, in a file that anybody may read.
const settingsByHand = `region = "GB"
[asterisk]
sip = "host0:5060"
[[trunk]]
name = "line"
address = "` + adapterIP + ":" + adapterPort + `"
password = "Qn8-bxT4-hJd6-yVs1"
[[household]]
name = "home"
trunk = "line"
number = "` + testbed.Number + `"
[[household.phone]]
name = "hall"
password = "Zk3-vmQ7-wRt9-pLx2"
`

// unitByHand is what README said to make before there was a package, with the line by which people helped themselves: a service has no home.
const unitByHand = `[Unit]
Description=%s
StartLimitIntervalSec=0

[Service]
Environment=HOME=/root
ExecStart=/usr/local/bin/ringfence %s
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`

// What was made by hand, and ran as root with an Asterisk in root's cache, goes on as the package's: people, calls and settings are kept, and a stranger
// is screened. In the end all of it goes to another computer, as docs/operating.md says.
func TestPackageTakesOverWhatWasMadeByHand(t *testing.T) {
	t.Parallel()
	if !inANetworkOfItsOwn(t, "bookworm") {
		return
	}
	c := boot(t, "bookworm", rootsCache)
	c.byHand()
	c.hasAddress(firstLease)
	c.working()
	c.run("/usr/local/bin/ringfence contact add Daughter 07700900123")
	phone := c.hall(firstLease)
	c.screened(firstLease, phone).end()
	c.must(phone.Close())

	c.install(app.Release)
	c.working()
	c.users()
	c.has("command -v ringfence", "/usr/bin/ringfence")
	c.has("systemctl show -P FragmentPath ringfence.service ringfence-asterisk.service | grep -c ^/etc || true", "0")
	c.has("systemctl is-enabled ringfence.service ringfence-asterisk.service | grep -c enabled", "2")
	c.has("cat /proc/$(pgrep -P $(systemctl show -P MainPID ringfence-asterisk.service))/maps", "/"+machines+"/")
	c.has("ringfence contact list", "Daughter")
	c.has("ringfence calls", "020 7946 0009")
	c.has("ringfence check --only application", "ok")
	phone = c.hall(firstLease)
	c.screened(firstLease, phone).end()
	c.must(phone.Close())
	c.copied()
	c.removed()
	c.anotherComputer()
}

// byHand installs the program as README said before there was a package.
func (c *computer) byHand() {
	c.Helper()
	c.on("dpkg-deb", "--extract", packageOf("ringfence", app.Release), c.file("root/unpacked"))
	c.run("install -D /root/unpacked/usr/bin/ringfence /usr/local/bin/ringfence && rm -r /root/unpacked")
	for name, does := range map[string]string{"ringfence": "serve", "ringfence-asterisk": "asterisk run /var/lib/ringfence/asterisk"} {
		c.run("cat > /etc/systemd/system/" + name + ".service <<'END'\n" + fmt.Sprintf(unitByHand, name, does) + "END")
	}
	c.run("mkdir -p /etc/ringfence && cat > /etc/ringfence/ringfence.toml <<'END'\n" + settingsByHand + "END")
	c.run("systemctl daemon-reload && systemctl enable --quiet --now ringfence-asterisk ringfence")
}
