package screening_test

import (
	"strings"
	"testing"
	"unicode"

	"ringfence/screening"
)

// What people put between digits is read as they mean it.
func TestWaysToWriteANumber(t *testing.T) {
	for region, numbers := range map[string]map[screening.Number][]string{
		"GB": {
			london: {"(020) 7946-0123", "020.7946.0123", "020 / 7946 0123", "020/79460123", "+44 (0)20 7946 0123", "+44-20-7946-0123", "0044 20 7946 0123",
				"020 7946 0123.", "020 7946 0123 -", "- 020 7946 0123", "020 7946 - 0123", "020–7946–0123", "020 7946 0123x5", "020 7946 0123 x 5", "020 7946 0123 ext. 123", "020 7946 0123 #5",
				"tel:+44-20-7946-0123;ext=12", "020 7946 0123,,12", "+442079460123@10.0.0.1", "020 7946 0123;cpc=ordinary", "020 7946 0123 ext 9999"},
			"+442079460999": {"020-7946-0999", "020 7946-0999"},
		},
		"DE": {
			"+49302345":    {"030 2345", "030/2345", "0 30 / 23 45", "(030) 2345", "+49 (0)30 2345", "030-2345"},
			"+493023450":   {"030 2345-0", "030/2345-0", "030 2345 - 0", "+49 30 2345-0", "030 2345 Durchwahl 0", "030 2345 (0)"},
			"+4930234599":  {"030 2345-99", "030 2345-99 ", "+49 (30) 2345-99", "030 2345 Durchwahl 99", "030 2345-0 Durchwahl 99", "030 2345-0, DW -99", "(030) 2345 DW: 99"},
			"+49302345012": {"030 23450-12", "030 2345 012"},
			"+49302345123": {"030 2345 123", "030/2345-123", "030 2345 123 ext. 7"},
			"+4933032345":  {"03303/2345", "03303 - 2345"},
			"+491712345678": {
				"0171/2345678", "0171-23-45-67-8", "0171 234 56 78", "+49 (0)171 / 234 5678", "0171-2345678", "0049-171-2345678",
			},
			"+4940123456": {"040 12 34-56", "040-12-34-56", "040 / 12 34 56", "040.12.34.56"},
		},
		"AT": {"+431234512": {"01 2345-12", "01 2345 DW 12", "01 2345-0 Kl. 12", "+43 1 2345-12", "01/2345-12"}},
		"CH": {"+41445201234": {"0041 44 520 12 34", "044 520 12 34", "044/520 12 34", "044.520.12.34", "044-520-12-34", "+41 (0)44 520 12 34"}},
		"US": {newJersey: {"(201) 555-0123", "201.555.0123", "201/555-0123", "1-201-555-0123", "(201) 555-0123x45", "(201)555-0123 #45", "201-555-0123 extension 12345"}},
		"FR": {"+33199001234": {"01 99 00 12 34", "01.99.00.12.34", "01-99-00-12-34", "01/99/00/12/34"}},
		"IT": {"+390612345678": {"06 1234 5678", "06/12345678", "06-1234-5678", "+39 06 1234 5678"}},
	} {
		for want, ways := range numbers {
			for _, way := range ways {
				if got, err := screening.ParseNumber(way, region); got != want {
					t.Errorf("%q in %s: %q, want %q: %v", way, region, got, want, err)
				}
			}
		}
	}
}

// What may stand for other numbers than the one that its digits make is refused, by every reader, rather than read as that one.
func TestWildcardsAndRangesAreNoNumber(t *testing.T) {
	for region, texts := range map[string][]string{
		"DE": {
			"+49302345####", "030 2345##", "+4930234567#", "030 2345..", "+49 30 2345...", "030 2345…", "030 2345-...", "030 2345/0 - 99", "030 2345-10 bis 99", "030 23450-99",
			"030 2345.", "030 2345-", "030 2345/", "030 2345 . .", "030 2345 x", "030 2345xx", "030 2345x12", "030 2345 #12", "030 2345#12", "030 2345 12#", "030 2345,46", "030 2345?", "030 2345%",
			"030 2345*", "030 23*45", "030 2345 0-99", "030 2345-0-99", "030 2345 (0-99)", "030 2345 - 0 - 49", "030 2345/6", "030 2345/46/47", "0302345/0302346", "0302345 0302346",
			"0302345 - 0302346", "030 2345-10-19", "030 2345 10-19", "030 2345-11-14", "030 2345–10–19", "030 2345 00–49", "030 2345 to 47", "030 2345 bis 47", "030 2345@67", "030 2345;67", "030 2345;x67",
			"030..2345", "+49302345/+49302346", "030 2345 [0-9]", "030 2345_", "^0302345", "_0302345X", "030 2345 Nebenstelle 12", "030 2345 u. 46", "030 2345-99...", "030 234500-999", "030 2340-9",
		},
		"CH": {"+4121560####", "+4171520####", "+41215201###", "+412152012##", "+4121520123#", "044 520 12 3x", "044 520 12 .."},
		"GB": {"020 7946 0###", "0207946xxxx", "020 7946 0123/4", "020 7946 0123-25", "020 7946 012x3", "02079460*", "020 7946 0...", "^0207946", "0207946%", "01632 96096-", "01632 96096.",
			"02079460123 to 02079460199", "020 7946 0100 - 0199", "01632 960960/1"},
		"AT": {"01 2345..", "01 23450-99", "01 2345-0-9", "01 2345 DW", "01 2345 0 DW 0-99", "01 2345/0"},
		"IT": {"06 123456..", "06 123456/7", "06 123450-99", "06 12345#"},
		"US": {"201555####", "201-555-01xx", "201-555-0123/4", "201-555-0123-45", "201555...", "^201555", "201-555-012x"},
	} {
		numbers, err := screening.NewNumberReader(region)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if got, err := screening.ParseNumber(text, region); err == nil {
				t.Errorf("%q in %s is read as %s", text, region, got)
			} else {
				isPlainSentence(t, err.Error())
				hasNoJargon(t, err.Error())
			}
			if got, err := numbers.Parse(text); err == nil {
				t.Errorf("%q in %s is read as %s from a list", text, region, got)
			}
			if caller := screening.Identify(shown(text), region); caller.Number != "" {
				t.Errorf("%q in %s is a caller with the number %s", text, region, caller.Number)
			}
		}
	}
}

// The beginning of numbers is not read wider than it is written, nor as another one.
func TestWildcardsInBeginnings(t *testing.T) {
	for text, want := range map[string]string{
		"030 2345*": "49302345", "030 2345...": "49302345", "030 2345-…": "49302345", "030 2345-*": "49302345", "030/2345": "49302345", "030 2345-1*": "493023451",
		"030 23#45": "", "030 2345#1": "", "030 23..45": "", "030 23450-99": "", "030 2345/0 - 99*": "", "030 2345 x12": "", "030 2345,46": "", "030 2*345*": "", "0302345 0302346": "",
	} {
		if got, err := screening.ParsePrefix(text, "DE"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, want %q: %v", text, got, want, err)
		}
	}
}

// FuzzWritten: whatever is written, a number that is read of it has all of its digits, except those of an extension or of an address, which come after a
// mark for them.
func FuzzWritten(f *testing.F) {
	for _, seed := range append([]string{"030 2345-0", "030 23450-99", "030 2345##", "030 2345 bis 47", "030 2345/6", "030 2345-10-19", "030 2345,,12", "0302345 0302346", "030 2345 DW 12"}, seeds...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, region := range []string{"DE", "GB", "US", "IT"} {
			number, err := screening.ParseNumber(text, region)
			if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 || unicode.IsLetter(r) || strings.ContainsRune("#,;:@%~", r) }) {
				continue
			}
			digits := strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, text)
			read := number.Digits()
			tail := read[min(len(read), 3):] // a country code is no longer
			if !strings.HasSuffix(digits, tail) || len(digits) > len("01144")+len(read) {
				t.Errorf("%q in %s is read as %s", text, region, number)
			}
			if strings.Contains(text, "..") || strings.Contains(text, "*") || strings.Contains(text, "?") {
				t.Errorf("%q in %s has a wildcard, and is read as %s", text, region, number)
			}
		}
	})
}
