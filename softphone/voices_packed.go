//go:build packed

package softphone

import "embed"

// The package's program has the voices of the demonstration alone, whose first scene is also the test call before an upgrade of Asterisk. The others are for tests.
//
//go:embed voices/bank.wav voices/daughter.wav voices/hello.wav voices/microsoft.wav voices/neighbour.wav voices/neighbour-talks.wav
var voices embed.FS
