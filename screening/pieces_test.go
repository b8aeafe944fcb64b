package screening

import (
	"slices"
	"testing"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		text, region string
		starts       []string
		inside       string
	}{
		{"020 79", "GB", []string{"442079"}, "02079"},
		{"(020) 79", "GB", []string{"442079"}, "02079"},
		{"+44 20-79", "GB", []string{"442079"}, "442079"},
		{"0044 2079", "GB", []string{"442079", "44" + "0442079"}, "00442079"},
		{"0123", "GB", []string{"44123"}, "0123"},
		{"0", "GB", nil, "0"},
		{"7946", "GB", nil, "7946"},
		{"91 123", "ES", nil, "91123"}, // no trunk prefix there
		{"1 201", "US", []string{"1201"}, "1201"},
		{"sip:+442079@example.org", "GB", []string{"442079"}, "442079"},
		{"Joan", "GB", nil, ""},
		{"Joan 2", "GB", nil, ""},
		{"", "GB", nil, ""},
		{"%", "GB", nil, ""},
	} {
		starts, inside := Pieces(c.text, c.region)
		if !slices.Equal(starts, c.starts) || inside != c.inside {
			t.Errorf("%q in %s: %q %q", c.text, c.region, starts, inside)
		}
	}
}
