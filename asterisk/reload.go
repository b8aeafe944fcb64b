package asterisk

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Change is settings that a running Asterisk does not have yet.
type Change struct {
	Site  Site
	Adopt func() // is called when Asterisk has all of it without a restart
}

// reloads are the files that a running Asterisk can be told to read again, and how. Calls go on meanwhile. Whatever is in another file, and a
// transport or a timer of pjsip.conf that it has already, needs a restart (docs.asterisk.org, "PJSIP Transport Selection": transports are not reloaded;
// nor is the system section, whose timers depend on whether a trunk has several servers). It takes a transport that is new to it.
var reloads = map[string][]string{
	"pjsip.conf": {
		"module reload res_pjsip.so", "module reload res_pjsip_endpoint_identifier_ip.so", "module reload res_pjsip_outbound_registration.so",
	},
	dialplanFile:    {"dialplan reload"},
	"features.conf": {"module reload features"},
	"rtp.conf":      {"module reload res_rtp_asterisk.so"},
}

// loggerFile also has a secret, which each start replaces (markLines).
const loggerFile = "logger.conf"

// differences are what of the configuration in a folder is not as a site would have it.
type differences struct {
	files map[string]string // that a running Asterisk can be given at once, by name; with all, those for which it has to be restarted too
	all   bool              // it has to be restarted before any of it holds
	later bool              // the rest holds at once, and a restart is needed for a transport or a timer
}

// names are those of the files.
func (d differences) names() []string { return slices.Sorted(maps.Keys(d.files)) }

func findDifferences(dir string, site Site, inst Installation) (found differences, err error) {
	found.files = map[string]string{}
	if dir, err = filepath.Abs(dir); err != nil { // as WriteConfig does
		return found, err
	}
	wanted, err := renderTemplates(dir, ownMemory(dir), site, inst)
	if err != nil {
		return found, err
	}
	for name, text := range wanted {
		now, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return found, err
		}
		if name == pjsipFile {
			found.later = tlsAndTimers(string(now)).differ(tlsAndTimers(text))
			text = withTransports(string(now), text)
		}
		if name == loggerFile || string(now) == text {
			continue
		}
		found.files[name] = text
		_, reloadable := reloads[name]
		found.all = found.all || !reloadable || !maps.Equal(listening(string(now)), listening(text))
	}
	modules, err := modulesConf(inst.Modules, site)
	if err != nil {
		return found, err
	}
	if now, err := os.ReadFile(filepath.Join(dir, modulesFile)); err != nil || string(now) != modules {
		found.files[modulesFile], found.all = modules, true
	}
	return found, nil
}

const pjsipFile = "pjsip.conf"

// sections are parts of a pjsip.conf, by name, as they are written.
type sections map[string]string

// fixed are the sections of a pjsip.conf that a running Asterisk does not read again, if it has one of the name.
func fixed(conf string, which func(name string) bool) sections {
	found := sections{}
	for section := range strings.SplitSeq(conf, "\n[") {
		name, _, _ := strings.Cut(section, "]")
		if (strings.Contains(section, "type = transport") || strings.Contains(section, "type = system")) && which(name) {
			found[name] = section
		}
	}
	return found
}

// listening are the transports at which Asterisk listens for phones and lines: without them there are no calls.
func listening(conf string) map[string]string {
	found := fixed(conf, func(name string) bool { return name != "system" && !strings.HasPrefix(name, tlsTransport) })
	for name, section := range found {
		found[name] = settingsIn(section)
	}
	return found
}

// tlsTransport begins the names of the transports of lines with TLS.
const tlsTransport = "tls-"

// tlsAndTimers are the transports of lines with TLS, and the timers: a running Asterisk does well with those that it has, and takes new ones.
func tlsAndTimers(conf string) sections {
	return fixed(conf, func(name string) bool { return name == "system" || strings.HasPrefix(name, tlsTransport) })
}

// differ says whether a section that both have is another one.
func (s sections) differ(others sections) bool {
	for name, section := range s {
		if other, both := others[name]; both && settingsIn(section) != settingsIn(other) {
			return true
		}
	}
	return false
}

// settingsIn are the lines of a section that are no comments.
func settingsIn(section string) string {
	var lines []string
	for line := range strings.SplitSeq(section, "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != ';' && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// withTransports is a wanted pjsip.conf with what a running Asterisk keeps of the present one until its next start: timers, and transports of lines with
// TLS, also of lines that are gone.
func withTransports(now, wanted string) string {
	kept := tlsAndTimers(now)
	parts := strings.Split(wanted, "\n[")
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "]")
		section, there := kept[name]
		if !there || tlsAndTimers("\n[" + part)[name] == "" {
			continue
		}
		if delete(kept, name); settingsIn(section) != settingsIn(part) {
			parts[i] = settingsIn(section) + "\n"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		parts = append(parts, settingsIn(kept[name])+"\n")
	}
	return strings.Join(parts, "\n[")
}

// apply gives a running Asterisk what has changed. Where that needs a restart and somebody is on the line it waits: applied is false, and it is to
// be tried again. The error errRestart says that it is time for one.
func (k *Keeper) apply(ctx context.Context, server *Server, a *ari, c *Change) (applied bool, err error) {
	if k.waits { // it has all that it can be given
		if idle, err := a.idle(ctx); err != nil || !idle {
			return false, err
		}
	}
	found, err := findDifferences(k.Dir, c.Site, k.Installation)
	if err == nil && !found.all && len(found.files) > 0 {
		err = k.give(ctx, server, found)
	}
	if err != nil || !found.all && !found.later {
		return err == nil, err
	}
	idle, err := a.idle(ctx)
	if err != nil || !idle {
		return false, err
	}
	return false, errSettings
}

// give writes files, and has a running Asterisk read them.
func (k *Keeper) give(ctx context.Context, server *Server, found differences) error {
	dir, err := filepath.Abs(k.Dir)
	if err != nil {
		return err
	}
	for _, name := range found.names() {
		if err := write(dir, name, found.files[name]); err != nil {
			return err
		}
	}
	for _, name := range found.names() {
		for _, command := range reloads[name] {
			if _, err := server.Console(ctx, command); err != nil {
				return err
			}
		}
	}
	k.Log.Info("Asterisk has the new settings; calls went on", "files", found.names())
	return nil
}

// idle says whether nobody is on the line.
func (a *ari) idle(ctx context.Context) (bool, error) {
	var channels []struct{ ID string }
	err := a.do(ctx, http.MethodGet, "/channels", nil, nil, &channels)
	return err == nil && len(channels) == 0, err
}

// followSettings looks whether the settings have changed, and applies what has. It returns the site that Asterisk runs with.
func (k *Keeper) followSettings(ctx context.Context, server *Server, a *ari, site Site) (Site, error) {
	if k.Changed != nil {
		if c, err := k.Changed(ctx); err != nil {
			k.Log.Error("the settings are wrong, so Asterisk goes on with the ones before", "err", err)
		} else if c != nil {
			k.pending, k.waits = c, false
		}
	}
	if k.pending == nil {
		return site, nil
	}
	applied, err := k.apply(ctx, server, a, k.pending)
	switch {
	case err != nil:
		return site, err
	case !applied:
		if !k.waits {
			k.waits = true
			k.Log.Info("the new settings need a restart of Asterisk, which waits until nobody is on the line")
		}
		return site, nil
	}
	site = k.pending.Site
	k.pending.Adopt()
	k.pending = nil
	return site, nil
}
