package lists_test

import (
	"strings"
	"testing"

	"ringfence/store/lists"
)

func TestNamesOfLists(t *testing.T) {
	for name, good := range map[string]bool{
		"parish": true, "Écoles de l'Aude": true, strings.Repeat("é", 40): true, strings.Repeat("x", 41): false,
		"": false, "a\nb": false, " parish": false, "par\u202eish": false, "bad \xff": false,
	} {
		if err := lists.CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}
