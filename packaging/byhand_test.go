package packaging

import (
	"fmt"
	"path/filepath"
	"testing"
)

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
// is screened.
func TestPackageTakesOverWhatWasMadeByHand(t *testing.T) {
	if !inANetworkOfItsOwn(t, "bookworm") {
		return
	}
	c := boot(t, "bookworm", rootsCache)
	c.byHand()
	c.until("ip -4 address show host0 | grep -q " + firstLease)
	c.working()
	c.run("/usr/local/bin/ringfence contact add Daughter 07700900123")
	phone := c.hall(firstLease)
	c.screened(firstLease, phone).end()
	c.must(phone.Close())

	c.install("[0-8]*")
	c.working()
	c.users()
	c.has("command -v ringfence", "/usr/bin/ringfence")
	c.has("systemctl show -P FragmentPath ringfence.service ringfence-asterisk.service | grep -c ^/etc || true", "0")
	c.has("systemctl is-enabled ringfence.service ringfence-asterisk.service | grep -c enabled", "2")
	c.has("cat /proc/$(pgrep -P $(systemctl show -P MainPID ringfence-asterisk.service))/maps", "/"+machines+"/")
	c.has("ringfence contact list", "Daughter")
	c.has("ringfence calls", "020 7946 0009")
	c.has("ringfence check --only application", "ok")
	c.screened(firstLease, c.hall(firstLease)).end()
	c.removed()
}

// byHand installs the program as README said before there was a package.
func (c *computer) byHand() {
	c.Helper()
	found, err := filepath.Glob(c.packageOf("[0-8]*"))
	if err != nil || len(found) != 1 {
		c.Fatalf("the package: %v (%v)", found, err)
	}
	out := filepath.Join(c.root, "root/unpacked")
	c.on("dpkg-deb", "--extract", found[0], out)
	c.run("install -D /root/unpacked/usr/bin/ringfence /usr/local/bin/ringfence && rm -r /root/unpacked")
	for name, does := range map[string]string{"ringfence": "serve", "ringfence-asterisk": "asterisk run /var/lib/ringfence/asterisk"} {
		c.run("cat > /etc/systemd/system/" + name + ".service <<'END'\n" + fmt.Sprintf(unitByHand, name, does) + "END")
	}
	c.run("mkdir -p /etc/ringfence && cat > /etc/ringfence/ringfence.toml <<'END'\n" + settings + "END")
	c.run("systemctl daemon-reload && systemctl enable --quiet --now ringfence-asterisk ringfence")
}
