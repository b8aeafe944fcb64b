package softphone

import (
	_ "embed"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed voices/voices.toml
var voicesText []byte

// Words is what a voice says, in writing; "" for a name that is not one of Voices.
func Words(name string) string {
	var tables map[string]map[string]string
	if err := toml.Unmarshal(voicesText, &tables); err != nil {
		return ""
	}
	for _, table := range tables {
		// The first two words of a value are the machine's voice and its speed.
		if parts := strings.SplitN(table[name], " ", 3); len(parts) == 3 {
			return parts[2]
		}
	}
	return ""
}
