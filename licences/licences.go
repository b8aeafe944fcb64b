// Package licences has the licences of all that is in the binary besides Ringfence itself, which most of them want to be handed on with it.
// They are gathered from the modules' own files: after a change of go.mod, "go generate ./licences".
package licences

import _ "embed"

//go:generate go run ./internal/gather

// Text is all of them: what is in the binary first, then each licence once, with what it is for.
//
//go:embed third-party.txt
var Text string
