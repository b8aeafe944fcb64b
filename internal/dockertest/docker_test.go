// Package dockertest tries what docs/docker.md says: a Docker engine of Debian's, the images built as docker-compose.yml says, and calls to the
// containers. `make docker-test` runs it, as root; it takes a quarter of an hour and some gigabytes of the disk.
package dockertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"text/template"
	"time"

	"ringfence/demo"
	"ringfence/demo/testbed"
	"ringfence/internal/qemutest"
)

// user is the images' user, by number.
const user = 10100

func TestContainers(t *testing.T) {
	if os.Getenv("RINGFENCE_DOCKER") == "" {
		t.Skip("`make docker-test` runs this: it takes a Docker engine, and a quarter of an hour")
	}
	e := start(t)
	e.base(baseApplication, "bookworm", runtime.GOARCH)
	e.base(baseAsterisk, "forky", runtime.GOARCH)
	e.baseWithGo()
	i := e.checkout()
	i.settle()

	i.isBuiltOnce(i.compose("build"))
	i.compose("up", "--detach", "--no-build")
	i.find()
	i.isConfined(i.asterisk)
	i.isConfined(i.application)
	i.knowsAuthorities()
	i.checksItself()
	i.takesSecrets()
	i.plays()
	i.readsWords()

	// What was there is there again with a current Compose, whose projects have other names for containers.
	i.compose("down")
	current := i.currentCompose()
	i.e.run(current[0], append(append(current[1:], i.files()...), "up", "--detach", "--no-build")...)
	i.find()
	if said := i.exec(i.application, "ringfence", "contact", "list"); !strings.Contains(said, "Daughter") {
		t.Errorf("with a current Compose the contacts are %q", said)
	}
	i.e.run(current[0], append(append(current[1:], i.files()...), "down", "--volumes")...)

	i.runsOnARM()
}

// installation is a checkout with settings, as docs/docker.md says, and its containers.
type installation struct {
	*testing.T
	e                     *engine
	dir                   string // of the checkout
	shared                string // a folder that the application can read, too
	bed                   testbed.Elsewhere
	asterisk, application string // the containers
}

// checkout copies what git would give to somebody else, from what is here now.
func (e *engine) checkout() *installation {
	e.Helper()
	i := &installation{T: e.T, e: e, dir: filepath.Join(e.dir, "ringfence"), shared: filepath.Join(e.dir, "shared")}
	for _, dir := range []string{i.dir, i.shared} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			e.Fatal(err)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		e.Fatal(err)
	}
	e.run("bash", "-c", `set -o pipefail; cd "$0" && git ls-files -z --cached --others --exclude-standard --deduplicate |
		while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done | tar --create --null --files-from=- | tar --extract --directory="$1"`, root, i.dir)
	return i
}

var settings = template.Must(template.New("").Parse(`[asterisk]
sip = "{{.SIP}}"
ari = "{{.ARI}}"
rtp_first = 20000
rtp_last = 20999

[web]
listen = "{{.Web}}"

[[trunk]]
name = "line"
address = "{{.Provider}}"

[[household]]
name = "home"
trunk = "line"
number = "{{.Number}}"
timezone = "Europe/London"

[[household.phone]]
name = "hall"
password = "file:/run/secrets/hall-password"
`))

// settle writes ringfence.toml, a password, and what of Compose's files is this test's own.
func (i *installation) settle() {
	i.Helper()
	free := func(network, ip string) string {
		address, err := testbed.Free(network, ip)
		i.must(err)
		return address
	}
	const password = "walnut-sofa-kettle-orbit"
	i.bed = testbed.Elsewhere{
		SIP: free("udp", testbed.AsteriskIP), Provider: free("udp", testbed.TrunkIP), Settings: "/etc/ringfence/ringfence.toml",
		Passwords: map[string]string{"hall": password},
	}
	var text strings.Builder
	i.must(settings.Execute(&text, map[string]string{
		"SIP": i.bed.SIP, "Provider": i.bed.Provider, "ARI": free("tcp", testbed.AsteriskIP), "Web": free("tcp", testbed.AsteriskIP), "Number": testbed.Number,
	}))
	i.write("config/ringfence.toml", text.String())
	i.write("config/hall-password", password+"\n")
	for _, name := range []string{"config/ringfence.toml", "config/hall-password"} {
		i.must(os.Chown(filepath.Join(i.dir, name), user, user))
	}
	i.write("docker-compose.override.yml", i.documented())
	i.write("docker-compose.test.yml", fmt.Sprintf(`services:
  asterisk:
    build: {network: host}
  ringfence:
    build: {network: host}
    volumes: ["%[1]s:%[1]s:ro"]
`, i.shared))
}

// documented is what docs/docker.md says about secrets.
func (i *installation) documented() string {
	i.Helper()
	text, err := os.ReadFile(filepath.Join(i.dir, "docs/docker.md"))
	i.must(err)
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if found == nil {
		i.Fatal("docs/docker.md has no docker-compose.override.yml")
	}
	return string(found[1])
}

func (i *installation) write(name, text string) {
	i.Helper()
	i.must(os.WriteFile(filepath.Join(i.dir, name), []byte(text), 0o600))
}

func (i *installation) must(err error) {
	i.Helper()
	if err != nil {
		i.Fatal(err)
	}
}

func (i *installation) files() []string {
	return []string{
		"--file", filepath.Join(i.dir, "docker-compose.yml"), "--file", filepath.Join(i.dir, "docker-compose.override.yml"), "--file", filepath.Join(i.dir, "docker-compose.test.yml"),
	}
}

// compose runs Debian's docker-compose, with the builder that does not know BuildKit.
func (i *installation) compose(args ...string) string {
	i.Helper()
	i.Logf("docker-compose %s", args[0])
	cmd := i.e.command("docker-compose", append(i.files(), args...)...)
	cmd.Env = append(cmd.Env, "DOCKER_BUILDKIT=0", "COMPOSE_DOCKER_CLI_BUILD=0")
	said, err := output(cmd)
	i.must(err)
	return said
}

// isBuiltOnce checks that the second image takes the program from the first one's build.
func (i *installation) isBuiltOnce(said string) {
	i.Helper()
	steps := regexp.MustCompile(`(?m)^Step .*go build.*\n(?: ---> \[Warning\].*\n)* ---> (\w+)`).FindAllStringSubmatch(said, -1)
	if len(steps) != 2 || steps[0][1] != "Running" || steps[1][1] != "Using" {
		i.Errorf("the program was not built once for both images: %v\n%s", steps, said)
	}
}

// find waits until both containers are healthy.
func (i *installation) find() {
	i.Helper()
	find := func(service string) string {
		name := strings.TrimSpace(i.e.run("docker", "ps", "--all", "--filter", "label=com.docker.compose.service="+service, "--format", "{{.Names}}"))
		i.e.isHealthy(name)
		return name
	}
	i.asterisk, i.application = find("asterisk"), find("ringfence")
}

// exec runs a command in a container.
func (i *installation) exec(container string, command ...string) string {
	i.Helper()
	return i.e.run("docker", append([]string{"exec", container}, command...)...)
}

// isConfined checks that a container's program is nobody on the host, and has nothing to write on but its data.
func (i *installation) isConfined(container string) {
	i.Helper()
	if id := strings.TrimSpace(i.exec(container, "id", "-u")); id != fmt.Sprint(user) {
		i.Errorf("%s runs as %s", container, id)
	}
	status := i.exec(container, "cat", "/proc/1/status")
	for _, line := range []string{"CapEff:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(status, line) {
			i.Errorf("%s is not without rights: there is no %q in\n%s", container, line, status)
		}
	}
	for _, folder := range []string{"/", "/etc/ringfence", "/usr/local/bin"} {
		if _, err := i.e.try("docker", "exec", container, "touch", folder+"/new"); err == nil {
			i.Errorf("%s can write into %s", container, folder)
		}
	}
	// The image has nothing of the settings, nor of what only the build needs.
	image := strings.TrimSpace(i.e.run("docker", "inspect", "--format", "{{.Config.Image}}", container))
	const there = "for p in /src /usr/local/go /usr/bin/gcc /etc/ringfence; do if [ -e $p ]; then echo $p; fi; done"
	if found := i.e.run("docker", "run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", there); found != "" {
		i.Errorf("the image of %s has %s", container, found)
	}
}

// knowsAuthorities checks that both can tell whom they talk to by https, or by TLS.
func (i *installation) knowsAuthorities() {
	i.Helper()
	for _, container := range []string{i.asterisk, i.application} {
		if n := strings.Count(i.exec(container, "cat", "/etc/ssl/certs/ca-certificates.crt"), "BEGIN CERTIFICATE"); n < 50 {
			i.Errorf("%s knows %d authorities", container, n)
		}
	}
}

// checksItself checks that the health checks see what is wrong, too: without Asterisk nothing is screened.
func (i *installation) checksItself() {
	i.Helper()
	if _, err := i.e.try("docker", "exec", i.application, "which", "asterisk"); err == nil {
		i.Error("the application's image has an Asterisk, so that this says nothing about one without")
	}
	for container, part := range map[string]string{i.asterisk: "asterisk", i.application: "application"} {
		if said := i.exec(container, "ringfence", "check", "--only", part); strings.Contains(said, "FAIL") {
			i.Errorf("%s says %s", container, said)
		}
	}
	i.e.run("docker", "pause", i.asterisk)
	said, err := i.e.try("docker", "exec", i.application, "ringfence", "check", "--only", "application")
	if err == nil || !strings.Contains(said, "FAIL") {
		i.Errorf("with a paused Asterisk the application says %s", said)
	}
	i.e.run("docker", "unpause", i.asterisk)
	i.find()
}

// takesSecrets checks that a password of root's alone is refused in words, and taken once it belongs to the images' user.
func (i *installation) takesSecrets() {
	i.Helper()
	file := filepath.Join(i.dir, "config/hall-password")
	i.must(os.Chown(file, 0, 0))
	said, err := i.e.try("docker", "exec", i.asterisk, "ringfence", "asterisk", "config", "/tmp/config")
	if err == nil || !strings.Contains(said, "/run/secrets/hall-password") {
		i.Errorf("of a password that only root can read it says %s", said)
	}
	i.must(os.Chown(file, user, user))
	i.exec(i.asterisk, "ringfence", "asterisk", "config", "/tmp/config")
}

// plays plays the demonstration's first scenes: real calls from outside the containers, with telephones that tell what they hear.
func (i *installation) plays() {
	i.Helper()
	// What commands are to read is made by us, and belongs to the images' user before they do.
	script := fmt.Sprintf("#!/bin/sh\nchown -R %d:%d %s\nexec /usr/bin/docker --host %s exec %s ringfence \"$@\"\n", user, user, i.shared, i.e.socket, i.application)
	program := filepath.Join(i.e.dir, "ringfence-in-container")
	i.must(os.WriteFile(program, []byte(script), 0o700))
	ctx, cancel := context.WithTimeout(i.Context(), 15*time.Minute)
	defer cancel()
	var told strings.Builder
	bed := testbed.Attach(testbed.Options{Dir: i.shared, Commands: program, Phones: []testbed.Phone{{Name: "hall"}}}, i.bed)
	if err := demo.FirstScenes(ctx, bed, &told); err != nil {
		i.Fatalf("%v\n%s\n%s\n%s", err, told.String(), i.e.run("docker", "logs", i.asterisk), i.e.run("docker", "logs", i.application))
	}
	i.Logf("played on the containers:\n%s", told.String())
}

// readsWords checks that the application's image has what reads callers' words, and that it works with no more rights than the container has.
func (i *installation) readsWords() {
	i.Helper()
	const name = "microsoft.wav"
	recording, err := os.ReadFile(filepath.Join(i.dir, "softphone/voices", name))
	i.must(err)
	file := filepath.Join(i.shared, name)
	i.must(os.WriteFile(file, recording, 0o600))
	i.must(os.Chown(file, user, user))
	if said := i.exec(i.application, "ringfence", "speech", "read", file); !strings.Contains(said, "my name is Steve from Microsoft Windows") {
		i.Errorf("the application's image reads %q", said)
	}
}

// runsOnARM builds the application's image for arm64, and runs it under QEMU. An engine before 23 does not note of what kind an imported image is, so
// this is the builder that doesn't ask, and is told what the program is for.
func (i *installation) runsOnARM() {
	i.Helper()
	qemutest.EmulateARM64(i.T)
	i.e.base(baseApplication, "bookworm", "arm64")
	cmd := i.e.command("docker", "build", "--network", "host", "--build-arg", "TARGETARCH=arm64", "--target", "application", "--tag", "ringfence-application:arm64", i.dir)
	cmd.Env = append(cmd.Env, "DOCKER_BUILDKIT=0")
	_, err := output(cmd)
	i.must(err)
	said := i.e.run("docker", "run", "--rm", "--network", "none", "--entrypoint", "ringfence", "ringfence-application:arm64", "version")
	if !strings.Contains(said, "linux/arm64") {
		i.Errorf("the image for arm64 says %s", said)
	}
	i.Logf("under QEMU: %s", said)
}

// currentCompose is the command of a current Compose, from Debian's next release: Debian 12 has an old one.
func (i *installation) currentCompose() []string {
	i.Helper()
	root := filepath.Join(i.e.dir, "compose")
	args := []string{"--mount", "mmdebstrap", "--variant=extract", "--include=docker-compose,libc6", `--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`, "forky", root}
	i.e.run("unshare", append(args, i.e.mirror()...)...)
	found, err := filepath.Glob(filepath.Join(root, "usr/libexec/docker/cli-plugins/docker-compose"))
	if err != nil || len(found) == 0 {
		i.Fatalf("Debian's docker-compose has no program: %v", err)
	}
	// Through the loader of its own release, as its libraries are newer.
	loader, err := filepath.Glob(filepath.Join(root, "usr/lib*/ld-linux-*"))
	if err != nil || len(loader) == 0 {
		i.Fatalf("there is no loader in %s: %v", root, err)
	}
	libraries, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
	if err != nil || len(libraries) == 0 {
		i.Fatalf("there are no libraries in %s: %v", root, err)
	}
	command := []string{loader[0], "--library-path", libraries[0], found[0]}
	i.Logf("Compose from Debian forky: %s", i.e.run(command[0], append(command[1:], "version")...))
	return command
}
