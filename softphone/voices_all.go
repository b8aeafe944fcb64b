//go:build !packed

package softphone

import "embed"

//go:embed voices/*.wav
var voices embed.FS
