// Command gather writes licences/third-party.txt from the modules that the binary is built of.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

func main() {
	text, err := gather(context.Background())
	if err == nil {
		err = os.WriteFile("third-party.txt", text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gather:", err)
		os.Exit(1)
	}
}

// module is one that is in the binary.
type module struct{ name, dir string }

const heading = `What is in Ringfence besides its own code, and under which licences. Ringfence itself is under the Apache License 2.0.

`

// voices is what no module's file says of the recordings (prompts/README.md).
const voices = `The recordings were made with the voices of Kokoro-82M, which are under the Apache License 2.0.
`

func gather(ctx context.Context) ([]byte, error) {
	modules, err := inBinary(ctx)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	text.WriteString(heading)
	users := map[string][]string{} // names of modules by the text of their licence
	var licences []string
	for _, m := range modules {
		said, err := licence(m)
		if err != nil {
			return nil, err
		}
		id, err := identify(said)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(&text, "  %s: %s\n", m.name, id)
		if users[said] == nil {
			licences = append(licences, said)
		}
		users[said] = append(users[said], m.name)
	}
	text.WriteString("\n" + voices)
	for _, said := range licences {
		fmt.Fprintf(&text, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(users[said], "\n"), said)
	}
	return text.Bytes(), nil
}

// inBinary lists Go itself and the modules of others of which a package is in the binary, by name. One that is
// replaced by a folder is this repository's.
func inBinary(ctx context.Context) ([]module, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if and .Version (or (not .Replace) .Replace.Version)}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "ringfence/cmd/ringfence").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	modules := []module{{"Go's standard library", strings.TrimSpace(string(root))}}
	for _, line := range slices.Compact(lines) {
		name, dir, _ := strings.Cut(line, "\t")
		modules = append(modules, module{name, dir})
	}
	return modules, nil
}

// mostlyLicence is the share of a module's files that has to be a known licence. The rest is who holds the copyright, and a notice.
const mostlyLicence = 90 // per cent; of today's modules the least has 95

// identify is the SPDX identifier of a licence (https://spdx.org/licenses/). A text that is not quite a licence that everybody knows has to be read by a
// person before the module comes in.
func identify(text string) (string, error) {
	found := licensecheck.Scan([]byte(text))
	if found.Percent < mostlyLicence || len(found.Match) != 1 {
		return "", fmt.Errorf("%.0f%% of its licence is known, as %+v, and not as one licence", found.Percent, found.Match)
	}
	return found.Match[0].ID, nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)(\.txt|\.md)?$`)

// chosen are the files with the licence that Ringfence takes of a module that comes under two: the Eclipse Distribution License is a BSD licence.
var chosen = map[string]string{"github.com/eclipse/paho.golang": "edl-v10"}

// licence is the text of a module's licence, and of the notice that goes with it.
func licence(m module) (string, error) {
	path, _, _ := strings.Cut(m.name, " ")
	if file := chosen[path]; file != "" {
		said, err := os.ReadFile(filepath.Join(m.dir, file))
		return strings.Trim(string(said), "\n"), err
	}
	files, err := os.ReadDir(m.dir)
	if err != nil {
		return "", err
	}
	var all []string
	for _, f := range files {
		if f.IsDir() || !licenceFile.MatchString(f.Name()) {
			continue
		}
		said, err := os.ReadFile(filepath.Join(m.dir, f.Name()))
		if err != nil {
			return "", err
		}
		said = bytes.ReplaceAll(said, []byte("\r\n"), []byte("\n"))
		all = append(all, strings.Trim(string(said), "\n"))
	}
	if len(all) == 0 {
		return "", fmt.Errorf("%s has no licence", m.name)
	}
	return strings.Join(all, "\n\n"), nil
}
