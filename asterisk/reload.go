package asterisk

import (
	"context"
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
// transport or a timer of pjsip.conf, needs a restart (docs.asterisk.org, "PJSIP Transport Selection": transports are not reloaded; nor is the system
// section, whose timers depend on whether a trunk has several servers).
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

// differences are the files of the configuration in dir that are not as a site would have them, and whether one of them needs a restart.
func differences(dir string, site Site, inst Installation) (names []string, restart bool, err error) {
	if dir, err = filepath.Abs(dir); err != nil { // as WriteConfig does
		return nil, false, err
	}
	wanted, err := renderTemplates(dir, ownMemory(dir), site, inst)
	if err != nil {
		return nil, false, err
	}
	for name, text := range wanted {
		now, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, false, err
		}
		if name == loggerFile || string(now) == text {
			continue
		}
		names = append(names, name)
		_, reloadable := reloads[name]
		restart = restart || !reloadable || transports(string(now)) != transports(text)
	}
	modules, err := modulesConf(inst.Modules, site)
	if err != nil {
		return nil, false, err
	}
	if now, err := os.ReadFile(filepath.Join(dir, modulesFile)); err != nil || string(now) != modules {
		names, restart = append(names, modulesFile), true
	}
	slices.Sort(names)
	return names, restart, nil
}

// transports are the sections of a pjsip.conf that are not reloaded.
func transports(conf string) string {
	var found []string
	for section := range strings.SplitSeq(conf, "\n[") {
		if strings.Contains(section, "type = transport") || strings.Contains(section, "type = system") {
			var lines []string
			for line := range strings.SplitSeq(section, "\n") {
				if line = strings.TrimSpace(line); line != "" && line[0] != ';' && line[0] != '#' {
					lines = append(lines, line)
				}
			}
			found = append(found, strings.Join(lines, "\n"))
		}
	}
	return strings.Join(found, "\n")
}

// apply gives a running Asterisk what has changed. Where that needs a restart and somebody is on the line it waits: applied is false, and it is to
// be tried again. The error errRestart says that it is time for one.
func (k *Keeper) apply(ctx context.Context, server *Server, a *ari, c *Change) (applied bool, err error) {
	names, restart, err := differences(k.Dir, c.Site, k.Installation)
	switch {
	case err != nil:
		return false, err
	case len(names) == 0:
		return true, nil
	case restart:
		idle, err := a.idle(ctx)
		if err != nil || !idle {
			return false, err
		}
		return false, errSettings
	}
	dir, err := filepath.Abs(k.Dir)
	if err == nil {
		err = writeTemplates(dir, ownMemory(dir), c.Site, k.Installation, names...)
	}
	if err != nil {
		return false, err
	}
	for _, name := range names {
		for _, command := range reloads[name] {
			if _, err := server.Console(ctx, command); err != nil {
				return false, err
			}
		}
	}
	k.Log.Info("Asterisk has the new settings; calls went on", "files", names)
	return true, nil
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
