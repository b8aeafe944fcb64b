package testbed

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// Home is one of many households on a testbed, beside the first one: with a trunk, a number and a phone of its own.
type Home struct {
	Name     string
	Number   string
	Address  string // from which its trunk's calls come
	Password string // of its phone
}

// homeAreas are areas in which Ofcom keeps a thousand numbers each for drama.
var homeAreas = []string{"114496", "115496", "116496", "117496", "118496", "121496", "131496", "141496", "151496", "161496", "191498"}

// MostHomes is how many a Village can have.
const MostHomes = 11_000

// Village are so many households. VillageSettings goes into Options.Extra.
func Village(homes int) []Home {
	all := make([]Home, homes)
	for i := range all {
		all[i] = Home{
			Name: fmt.Sprintf("home%05d", i+1), Number: fmt.Sprintf("+44%s%04d", homeAreas[i/1000], i%1000),
			Address: fmt.Sprintf("127.1.%d.%d", i/250, 1+i%250), Password: rand.Text(),
		}
	}
	return all
}

// Phone is the name with which the home's phone registers.
func (h Home) Phone() string { return h.Name + "-hall" }

// VillageSettings are the tables of the homes in ringfence.toml.
func VillageSettings(homes []Home) string {
	var text strings.Builder
	for _, h := range homes {
		fmt.Fprintf(&text, `
[[trunk]]
name = "%[1]s"
address = "%[2]s:5060"
qualify = false

[[household]]
name = "%[1]s"
trunk = "%[1]s"
number = "%[3]s"

[[household.phone]]
name = "hall"
password = "%[4]s"
`, h.Name, h.Address, h.Number, h.Password)
	}
	return text.String()
}

// VillagePorts are the ports for sound with which no call of a village lacks one: its phones have two legs each kept for them (asterisk/limits.go).
func VillagePorts(homes, calls int) int { return 4*homes + 6*calls + 200 }
