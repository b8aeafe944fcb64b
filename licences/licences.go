// Package licences has the licences of everything in the binary besides Ringfence itself. Most of them have to be passed on with it. They are
// gathered from the modules' own files: run "go generate ./licences" after a change to go.mod.
package licences

import (
	_ "embed"
	"strings"
)

//go:generate go run ./internal/gather

// Text is all of them: first what is in the binary, then each licence once, with what it covers.
//
//go:embed third-party.txt
var Text string

// Of is the SPDX identifier of a module's licence (https://spdx.org/licenses/), by the module's path; "" if it is not in the binary. "std" is Go's
// standard library.
func Of(module string) string {
	begins := "  " + module + " v"
	if module == "std" {
		begins = "  Go's standard library:"
	}
	for line := range strings.Lines(Text) {
		if strings.HasPrefix(line, begins) {
			_, id, _ := strings.Cut(line, ": ")
			return strings.TrimSpace(id)
		}
	}
	return ""
}
