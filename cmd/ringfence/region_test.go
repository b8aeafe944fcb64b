package main

import (
	"strings"
	"testing"
)

func TestRegionOption(t *testing.T) {
	beside(t)
	h := newHome(t, strings.Replace(usualSettings, "020 7946 0100", "+44 20 7946 0100", 1))
	h.says(0, "region is now US.\nAsterisk follows when its configuration is written", "option", "region", "US")
	h.says(0, "US\n", "option", "region")
	h.says(0, "screen", "lookup", "--json", "212 555 0123")
	h.says(0, "Anyone can fake that number", "lookup", "911")
	h.says(2, "not a region", "option", "region", "usa")
	h.says(0, "US\n", "option", "region")
	if out := h.says(0, "", "card"); !strings.Contains(out, "&#43;44 20 7946 0100") || !strings.Contains(out, "Dial 911, as always") {
		t.Errorf("the card shows another number: %s", out)
	}
	h.says(0, "region is now GB.", "option", "region", "toml")
	h.says(2, "for 1 to 3650 days", "option", "keep-days", "0")
	h.says(2, "1 to 3650 days", "option", "keep-days", "99999")
	h.says(0, "keep-days is now 90.", "option", "keep-days", "toml")
	h.says(0, "title is now home.", "option", "title", "toml")
	h.says(2, "longer than 60 letters", "option", "title", strings.Repeat("long ", 20))
}
