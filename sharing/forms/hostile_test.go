package forms

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

// took are a list's digits and the lines that were refused.
func took(region, text string) string {
	i := &Import{Region: region}
	var all []string
	for e, err := range i.Entries(strings.NewReader(text)) {
		if err != nil {
			return strings.Join(append(all, "error: "+err.Error()), " ")
		}
		star := ""
		if e.Prefix {
			star = "*"
		}
		all = append(all, e.Digits+star)
	}
	for _, r := range i.Refusals {
		all = append(all, fmt.Sprint("-", r.Line))
	}
	return strings.Join(all, " ")
}

// A list has nobody else's numbers: wildcards behind a space are no remark, and digits without an area code are no number of another town.
func TestNobodyElsesNumbers(t *testing.T) {
	for _, test := range [][3]string{
		{"DE", "0049 (0)30 23125 ###\n", "493023125*"},
		{"DE", "030 23125 ## #\n", "493023125*"},
		{"IT", "02 0000 ####\n", "39020000*"},
		{"CH", "044 888 xx xx\n", "4144888*"},
		{"GB", "020 7946 0666 # scam\n020 7946 0667 #scam\n", "442079460666 442079460667"},
		{"GB", "020 7946 0666 ## scam\n020 7946 0667\n", "442079460667 -1"},
		{"GB", "020 7946 0666 #\n020 7946 0667\n", "442079460667 -1"},
		{"GB", "tel:+44-20-7946-0666\n0845/0870\n020 7946 0667\n020 7946 0668\n", "442079460666 442079460667 442079460668 -2"},
		{"DE", "030 23125666\n23125667\n", "493023125666 -2"},
		{"DE", "Nummer;Name\n030 23125666;a\n2346;b\n", "493023125666 -3"},
		{"DE", "Nummer;Name\n3023125666;a\n3023125667;b\n", "493023125666 493023125667"},
		{"DE", "493023125666\n4915123456789\n", "493023125666 -2"},
		{"DE", "030 23125666, 2346\n", "493023125666 -2"},
		{"GB", "2079460666\n02079460667\n442079460668\n", "442079460666 442079460667 442079460668"},
	} {
		if got := took(test[0], test[1]); got != test[2] {
			t.Errorf("%s %q: %s", test[0], test[1], got)
		}
	}
	for _, text := range []string{"whitelist\n02079460666\n02079460667\n", "# Allowed numbers\n02079460666\n", "Whitelist,Name\n02079460666,x\n"} {
		if got := took("GB", text); !strings.HasPrefix(got, "error: ") || !strings.Contains(got, "let through") {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// A compressed file that is cut is told as such, and not as a program's error.
func TestACutGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(strings.Repeat("02079460666\n", 5000)))
	_ = w.Close()
	if got := took("GB", b.String()[:b.Len()-12]); !strings.Contains(got, "ends too early or is damaged") {
		t.Error(got[max(0, len(got)-200):])
	}
}
