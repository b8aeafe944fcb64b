// Package licences has the licences of everything in the binary besides Ringfence itself. Most of them have to be passed on with it. They are
// gathered from the modules' own files: run "go generate ./licences" after a change to go.mod.
package licences

import _ "embed"

//go:generate go run ./internal/gather

// Text is all of them: first what is in the binary, then each licence once, with what it covers.
//
//go:embed third-party.txt
var Text string
