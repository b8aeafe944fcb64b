package packaging

import (
	"os"
	"slices"
	"strings"
	"testing"

	"ringfence/app"
)

// operating is the document whose commands are run here as they stand there.
const operating = "../docs/operating.md"

// documented are the commands of a part of docs/operating.md, from its heading to the next: its lines that are code, with this test's own files in
// the place of those that the document names.
func documented(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(operating)
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "\n"+heading+"\n")
	part, _, _ = strings.Cut(part, "\n#")
	var commands []string
	for line := range strings.Lines(part) {
		if command, is := strings.CutPrefix(strings.TrimSpace(line), "sudo "); is && strings.HasPrefix(line, "    ") {
			command, _, _ = strings.Cut(command, "   ") // what it does stands behind it
			commands = append(commands, asTested.Replace(command))
		}
	}
	if !found || len(commands) == 0 {
		t.Fatalf("%s has no commands below %q", operating, heading)
	}
	return commands
}

// A person says yes to apt, and has the stick and the package somewhere else.
var asTested = strings.NewReplacer(
	"apt install", "apt-get install --yes", "apt remove", "apt-get remove --yes", "apt purge", "apt-get purge --yes",
	"./ringfence_1.2.2_arm64.deb", itsPackage, "./ringfence_1.2.3_arm64.deb", itsPackage, "/media/stick", "/root/stick",
)

// itsPackage is where the computer has the package that is to be installed.
const itsPackage = "/root/ringfence.deb"

// The commands that the steps rely on are there, in this order.
func TestCommandsOfTheDocument(t *testing.T) {
	t.Parallel()
	for heading, words := range map[string][]string{
		"## Upgrade": {"apt-get install"},
		"## Remove":  {"apt-get remove", "apt-get purge"},
		"## Go back": {"systemctl stop", "restore --before-upgrade", "apt-get install", "systemctl start"},
		toAnother:    {"backup", "cp -r", "disable --now", "cp -r", "chgrp", "systemctl stop", "restore", "systemctl start"},
	} {
		got := documented(t, heading)
		if !slices.EqualFunc(got, words, strings.Contains) {
			t.Errorf("below %q are %q, not %q", heading, got, words)
		}
	}
}

// does runs documented commands, one after the other, and returns what they say.
func (c *computer) does(commands []string) (said string) {
	c.Helper()
	for _, command := range commands {
		said += c.run("export DEBIAN_FRONTEND=noninteractive; " + command + " </dev/null 2>&1")
	}
	return said
}

// goesBack goes back to the version from before.
func (c *computer) goesBack() {
	c.on("cp", packageOf("ringfence", app.Release), c.file(itsPackage))
	commands := documented(c.T, "## Go back")
	c.does(commands[:1])
	// The next version that this test has is made of the same program, so that it has left the database as it was.
	if said, err := c.attempt(commands[1]); err == nil || !strings.Contains(said, "nothing has to be put back") {
		c.Errorf("%s says (%v): %s", commands[1], err, said)
	}
	c.does(commands[2:])
	c.restarted()
	c.has("dpkg-query --show ringfence", app.Release)
	c.has("ringfence contact list", "Daughter")
	c.screened(firstLease, c.hall(firstLease)).end()
}

// copied makes a backup for another computer, and stops this one. Then this one is used again.
func (c *computer) copied() {
	c.run("mkdir /root/stick")
	c.does(documented(c.T, toAnother)[:3])
	c.has("systemctl is-active ringfence.service ringfence-asterisk.service | sort -u", "inactive")
	c.run("systemctl enable --now ringfence ringfence-asterisk")
	c.working()
}

const toAnother = "## Move to another machine"

// anotherComputer has nothing of Ringfence but what was copied, as everything else was removed and purged.
func (c *computer) anotherComputer() {
	c.hasAsterisk(machines)
	c.install(app.Release)
	c.does(documented(c.T, toAnother)[3:])
	c.working()
	c.has("find /var/lib/ringfence ! -user ringfence | wc -l", "0")
	c.has("ringfence contact list", "Daughter")
	c.has("ringfence calls", "020 7946 0009")
	c.screened(firstLease, c.hall(firstLease)).end()
}
