package forms

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// Lists of other programs say many numbers in one line. Each is read as what it says, or refused with its line, and never as somebody else's number.
func TestManyNumbersInALine(t *testing.T) {
	for region, lines := range map[string]map[string]string{
		"CH": {
			"+4121560####": "4121560*", "+4171520####": "4171520*", "+41215201###": "41215201*", "+412152012##": "412152012*", "+4121520123#": "4121520123*",
			"044 520 12 xx": "414452012*", "+4121520123##": "", "+4121520####": "4121520*", "+412152####": "", "0445201200 bis 0445201249": "4144520120* 4144520121* 4144520122* 4144520123* 4144520124*",
			"044 520 12 00 – 044 520 12 99": "414452012*", "044 520 12 34-36": "", "044 520 12 34 à 36": "41445201234 41445201235 41445201236", "044 520 0000 bis 9999": "",
			"044 520 1000 bis 1999": "41445201*", "_04452012XX": "414452012*", "_044520.": "4144520*", "044520%": "4144520*", "044520…": "4144520*", "044 52012??": "414452012*",
			"0445201234#Steve": "", "0445201234 #Steve": "41445201234", "0445201234\t# Steve": "41445201234", "04452#1234": "", "044 52x 12 34": "", "044 520 12 [0-9]4": "",
		},
		"DE": {
			"+49302345####": "49302345*", "030 2345##": "49302345*", "+4930234567#": "4930234567*", "030 2345..": "49302345*", "+49 30 2345...": "49302345*", "030 2345-...": "49302345*",
			"030 2345/0 - 99": "", "030 23450-99": "", "030 2345-0 bis 99": "49302345*", "030 2345-0 bis -99": "49302345*", "030 2345-10 bis 12": "4930234510 4930234511 4930234512", "030 2345-0": "493023450",
			"030 2345 0 bis 9":     "493023450 493023451 493023452 493023453 493023454 493023455 493023456 493023457 493023458 493023459",
			"030 2345-100 bis 399": "", "030 2345-12 bis 10": "", "030 2345-10 bis x": "", "030 2345-10 bis 599": "", "030 2345/46": "", "0302345/0302346": "", "030 2345 to 0302347": "49302345 49302346 49302347",
			"0302345 - 0302347": "49302345 49302346 49302347", "030 2345 ext. 12": "49302345", "030 2345 # 12": "49302345", "030 2345.": "", "030.2345": "49302345", "030 2345xx99": "", "110-112": "", "030##": "",
		},
		"GB": {
			"0207946####": "44207946*", "020 7946 0100 to 020 7946 0199": "4420794601*", "0207946": "", "0207946xxx": "44207946*", "020 7946*": "44207946*", "020####": "", "0800 111?": "", "999#": "", "#": "",
			"020 7946 0998 through 1001": "442079460998 442079460999 442079461000 442079461001", "02079460000-02079469999": "", "02079460000-02079460999": "442079460*", "02079460000-02079461000": "", "020 7946 0123/4": "", "*": "", "%": "", "…": "", "x": "",
			"020 7946 0123-25": "", "020 7946 0123-999": "", "0800 1110 to 1112": "", "020 7946 01..": "4420794601*",
		},
		"US": {"201555####": "1201555*", "201-555-01xx": "120155501*", "+1201555...": "1201555*", "2015550100 thru 2015550109": "1201555010*", "201-555-0123-45": "", "_1201555XXXX": "1201555*"},
	} {
		for line, want := range lines {
			good := "+442079460666"
			_, all, err := readAs(Plain, region, line+"\n"+good+"\n")
			got := strings.Split(inWords(all), "; ")
			if err != nil || got[len(got)-1] != strings.TrimPrefix(good, "+") {
				t.Errorf("%q in %s: %v %v", line, region, got, err)
				continue
			}
			if got := strings.Join(got[:len(got)-1], " "); got != want {
				t.Errorf("%q in %s: %s, want %q", line, region, got, want)
			}
			i, _, _ := readAs(CSV, region, "number,note\n\""+line+"\",x\n"+good+",\n")
			if i.Added+i.Refused < 2 || want == "" && (i.Refused != 1 || i.Refusals[0].Line != 2) && !strings.Contains(line, "#") {
				t.Errorf("%q in %s in a table: %d and %v", line, region, i.Added, i.Refusals)
			}
		}
	}
}

// NCID's ^ is the beginning of numbers, also where the digits are a short number of the region.
func TestNCIDsBeginningsAreNoShortNumbers(t *testing.T) {
	_, all, err := readAs(NCIDBlacklist, "US", "^407555\n^12015550\n^911\n^2015550123\n")
	if err != nil || inWords(all) != "1407555*; 12015550*; 12015550123" {
		t.Error(inWords(all), err)
	}
}

// A card of an address book can have wildcards too.
func TestCardsWithWildcards(t *testing.T) {
	_, all, err := readAs("", "DE", "BEGIN:VCARD\nFN:Spam\nTEL:+49302345####\nTEL:030 23450-99\nTEL:030 2345-0\nEND:VCARDBEGIN:VCARD\nFN:Ping\nTEL:0302346\nEND:VCARD\n")
	if err != nil || inWords(all) != "49302345* Spam; 493023450 Spam; 49302346 Ping" {
		t.Error(inWords(all), err)
	}
}

// FuzzManyNumbers: an entry has the digits of its line, or those with which they begin and says so.
func FuzzManyNumbers(f *testing.F) {
	for _, text := range []string{"030 2345-0", "030 23450-99", "+49302345####", "030 2345 bis 0302347", "0302345-0302349", "_030234X.", "030 2345/6", "(030) 2345..", "030 2345-0 bis 99"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\r\n,;:@") || strings.HasPrefix(strings.TrimSpace(text), "#") {
			return
		}
		i, all, err := readAs(Plain, "DE", text+"\n")
		if err != nil {
			return
		}
		var digits, rest strings.Builder
		written := withoutRemark(text)
		if unescaped, err := url.PathUnescape(written); err == nil {
			written = unescaped // as in a SIP address
		}
		if whole, _ := strings.CutSuffix(written, ".0"); len(whole) >= 7 && strings.Trim(whole, "+0123456789") == "" {
			written = whole // spreadsheets write this behind whole numbers
		}
		for _, r := range written {
			switch {
			case r >= '0' && r <= '9':
				digits.WriteRune(r)
			case unicode.IsLetter(r) || r >= 0x80:
				rest.WriteRune(r)
			}
		}
		for _, e := range all {
			area, ours := strings.CutPrefix(e.Digits, "49")
			if !ours {
				area = e.Digits[min(len(e.Digits), 3):] // a zero between it and another country's code isn't dialled
			}
			switch {
			case i.Added > 1 || rest.Len() > 0 || strings.Contains(text, "#"): // a range, an extension, or somebody's letters
			case e.Prefix && !strings.Contains(digits.String(), area), !e.Prefix && !strings.HasSuffix(digits.String(), area[min(len(area), 1):]):
				t.Errorf("%q is read as %+v", text, e)
			}
		}
	})
}
