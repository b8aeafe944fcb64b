package asterisk

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates/*.conf
var templates embed.FS

// Files that Asterisk and its modules complain about when they are absent, although nothing in them is needed.
var empty = []string{
	"acl.conf", "ccss.conf", "cdr.conf", "cel.conf", "pjproject.conf", "pjsip_notify.conf", "udptl.conf",
	"websocket_client.conf",
}

// Folders that Asterisk does not make by itself, on disk and in memory. Without spool/recording, ARI answers every recording with 500.
var (
	folders         = []string{"lib", "log", "sounds"}
	foldersInMemory = []string{"run", "spool/recording"}
)

// WriteConfig writes Asterisk's configuration for the site into dir, and makes dir if it is absent, with mode 0700 because the files
// hold passwords. A folder that is there and open to its group is shared with the application, which runs as another user (shared.go). The caller puts the sounds into dir/sounds. Files are replaced whole; what Asterisk itself keeps in dir/lib stays. The
// error for a site that cannot work is one plain sentence.
func WriteConfig(dir string, site Site, inst Installation) error {
	if err := site.Validate(); err != nil {
		return err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if strings.ContainsAny(dir, ";\n") {
		return fmt.Errorf("the folder %q has a semicolon or a line break in its name, which Asterisk cannot read: choose another", dir)
	}
	if err := makeFolders(dir, folders); err != nil {
		return err
	}
	memory := ownMemory(dir)
	if err := makeFolders(memory, foldersInMemory); err != nil {
		return err
	}
	if err := linkDocumentation(dir, inst.Documentation); err != nil {
		return err
	}
	for _, name := range empty {
		if err := write(dir, name, "; nothing is needed here\n"); err != nil {
			return err
		}
	}
	if err := write(dir, refusedFile, refusedConf(nil)); err != nil {
		return err
	}
	if err := linkDialplan(dir); err != nil {
		return err
	}
	modules, err := modulesConf(inst.Modules, site)
	if err != nil {
		return err
	}
	if err := write(dir, modulesFile, modules); err != nil {
		return err
	}
	return writeTemplates(dir, memory, site, inst)
}

func makeFolders(dir string, names []string) error {
	for _, sub := range names {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("cannot make the folder for Asterisk: %w", err)
		}
	}
	return nil
}

// dialplanFile is the file that says what is done with a call.
const dialplanFile = "extensions.conf"

// ErrNoConfig says that a folder has no configuration written by WriteConfig.
var ErrNoConfig = errors.New("Asterisk has no configuration there")

// WriteDialplan rewrites the dialplan of a configuration that WriteConfig has written, for an Asterisk that is running and has to be told to
// reload it. The site may only have telephones and trunks that this Asterisk already knows.
func WriteDialplan(dir string, site Site) error {
	if err := site.Validate(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, dialplanFile)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNoConfig, dir)
	}
	return writeTemplates(dir, "", site, Installation{}, dialplanFile)
}

// writeTemplates writes the templates named, or all of them if none is named.
func writeTemplates(dir, memory string, site Site, inst Installation, names ...string) error {
	all, err := renderTemplates(dir, memory, site, inst, names...)
	if err != nil {
		return err
	}
	for name, text := range all {
		if err := write(dir, name, text); err != nil {
			return err
		}
	}
	return nil
}

// renderTemplates are the texts of the templates named, or of all of them if none is named, by their files' names.
func renderTemplates(dir, memory string, site Site, inst Installation, names ...string) (map[string]string, error) {
	all, err := template.New("").Funcs(template.FuncMap{"conf": escape, "host": hostOf, "address": addressOf}).ParseFS(templates, "templates/*.conf")
	if err != nil {
		return nil, err
	}
	of := site.complete().layout()
	rendered := map[string]string{}
	for _, t := range all.Templates() {
		if filepath.Ext(t.Name()) != ".conf" || len(names) > 0 && !slices.Contains(names, t.Name()) {
			continue
		}
		var text strings.Builder
		err := t.Execute(&text, struct {
			layout
			Dir, Memory, Modules string
		}{of, dir, memory, inst.Modules})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name(), err)
		}
		rendered[t.Name()] = text.String()
	}
	return rendered, nil
}

// complete fills in what follows from the rest.
func (s Site) complete() Site {
	s.MediaAddress = s.mediaAddress()
	trunks := make([]Trunk, len(s.Trunks))
	for i, t := range s.Trunks {
		if t.Codecs == "" {
			t.Codecs = "alaw,ulaw"
		}
		t.Calls, t.FromOne = t.calls(), cmp.Or(t.FromOne, DefaultFromOne)
		if !t.Register {
			t.User = "trunk-" + t.Name // Asterisk finds an endpoint by the user name that proves itself
		}
		if _, err := netip.ParseAddr(t.Host); err == nil && (t.Password == "" || t.Register) {
			t.Accept = append([]string{t.Host}, t.Accept...)
		}
		trunks[i] = t
	}
	s.Trunks = trunks
	return s
}

// linkDocumentation makes dir/documentation a link to the XML without which Asterisk 22 does not start. Asterisk looks for it below
// astdatadir, which is dir.
func linkDocumentation(dir, documentation string) error {
	link := filepath.Join(dir, "documentation")
	if now, err := os.Readlink(link); err == nil && now == documentation {
		return nil
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(documentation, link)
}

var modulesLine = regexp.MustCompile(`(?m)^astmoddir => .*$`)

// PointAt has a configuration, which was written for the Asterisk that Find finds, run another one with its own modules and documentation.
func PointAt(dir string, inst Installation) error {
	const name = "asterisk.conf"
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	text = modulesLine.ReplaceAllLiteral(text, []byte("astmoddir => "+inst.Modules))
	return errors.Join(write(dir, name, string(text)), linkDocumentation(dir, inst.Documentation))
}

// write replaces a file atomically: an Asterisk that reloads never sees half of it.
func write(dir, name, text string) error {
	if name == dialplanFile {
		dir = dialplanFolder(dir)
	}
	f, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return fmt.Errorf("cannot write Asterisk's configuration: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	_, err = f.WriteString(text)
	if isShared(dir) {
		err = errors.Join(err, f.Chmod(0o640))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write Asterisk's configuration: %w", err)
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}

// escape writes a value so that a semicolon in it does not begin a comment.
func escape(value string) string { return strings.ReplaceAll(value, ";", `\;`) }

// addressOf is a host and port, the host of IPv6 in brackets.
func addressOf(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func hostOf(address string) (string, error) {
	host, _, err := net.SplitHostPort(address)
	return host, err
}
