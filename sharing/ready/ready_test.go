package ready_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/forms"
	"ringfence/sharing/list"
	"ringfence/sharing/ready"
)

// Every list says what it is, and every line of it is an entry that no guard of any country refuses.
func TestEveryReadyList(t *testing.T) {
	all, err := ready.All()
	if err != nil || len(all) < 9 {
		t.Fatalf("%d lists: %v", len(all), err)
	}
	day := regexp.MustCompile(`^20\d\d-\d\d-\d\d$`)
	for _, l := range all {
		source, err := url.Parse(l.Source)
		if err != nil || source.Scheme != "https" || source.Host == "" || l.Title == "" || l.Document == "" || l.Compared == "" || !day.MatchString(l.Checked) || !strings.HasSuffix(l.What, ".") || !strings.HasSuffix(l.Wrong, ".") {
			t.Errorf("%+v", l)
		}
		if err := screening.ValidRegion(l.Region); err != nil || !strings.HasPrefix(l.ID, strings.ToLower(l.Region)+"-") {
			t.Errorf("%s: %v", l.ID, err)
		}
		var houses []screening.Household
		for _, other := range all {
			houses = append(houses, screening.Household{Region: other.Region})
		}
		guard := list.NewGuard(nil, append(houses, screening.Household{Region: "US"}, screening.Household{Region: "IE"})...)
		read := &forms.Import{Region: l.Region}
		seen := map[string]bool{}
		for e, err := range read.Entries(l.Table()) {
			if err != nil {
				t.Fatalf("%s: %v", l.ID, err)
			}
			if why := guard.Refuse(list.Of(e)); why != nil || !e.Prefix || e.Confidence <= 0 || e.Confidence > 0.95 || seen[e.Digits] {
				t.Errorf("%s: %+v %v", l.ID, e, why)
			}
			seen[e.Digits] = true
		}
		if read.Refused != 0 || read.Added != l.Numbers || read.Form != forms.CSV {
			t.Errorf("%s: %d of %d lines refused: %v", l.ID, read.Refused, l.Numbers, read.Refusals)
		}
	}
}

// What the lists are for is on them, and what they must leave alone is not.
func TestWhatIsOnAReadyList(t *testing.T) {
	for id, want := range map[string]struct{ on, off []string }{
		"fr-telemarketing": {[]string{"33162001234", "33948123456", "33949123456", "33947512345"}, []string{"33161001234", "33947412345", "33612345678", "33937123456"}},
		"in-telemarketing": {[]string{"911401234567"}, []string{"911600123456", "911601123456", "919812345678"}},
		"br-telemarketing": {[]string{"553031234567"}, []string{"553041234567", "551130303030"}},
		"it-telemarketing": {[]string{"390844123456", "390843123456"}, []string{"390842123456", "393441234567"}},
		"gb-drama":         {[]string{"442079460123", "447700900123", "441632960222"}, []string{"442079470123", "447700901123", "441632961222"}},
		"gb-personal":      {[]string{"447012345678"}, []string{"447712345678", "442070123456"}},
		"de-never-calling": {[]string{"499001234567", "499000123456", "499008123456", "491371234567", "491379123456", "4911833"}, []string{"4930123456", "498001234567", "49116117", "491801234567", "499009123456"}},
		"at-premium-rate":  {[]string{"43900123456", "43901123456", "43930123456", "43931123456", "43939123456"}, []string{"43800123456", "43820123456", "4319012345", "436641234567"}},
		"es-telemarketing": {[]string{"34400123456"}, []string{"34401123456", "34900123456", "34612345678", "34914001234"}},
	} {
		l, err := ready.ByID(id)
		if err != nil {
			t.Error(err)
			continue
		}
		read := &forms.Import{Region: l.Region}
		var beginnings []string
		for e, err := range read.Entries(l.Table()) {
			if err != nil {
				t.Error(err)
			}
			beginnings = append(beginnings, e.Digits)
		}
		on := func(number string) bool {
			for _, b := range beginnings {
				if strings.HasPrefix(number, b) {
					return true
				}
			}
			return false
		}
		for _, number := range want.on {
			if !on(number) {
				t.Errorf("%s is not on %s", number, id)
			}
		}
		for _, number := range want.off {
			if on(number) {
				t.Errorf("%s is on %s", number, id)
			}
		}
	}
}

func TestReadyListsOfARegion(t *testing.T) {
	if here, err := ready.For("FR"); err != nil || len(here) != 1 || here[0].ID != "fr-telemarketing" {
		t.Errorf("%+v %v", here, err)
	}
	if none, err := ready.For("SE"); err != nil || len(none) != 0 {
		t.Errorf("%+v %v", none, err)
	}
	if _, err := ready.ByID("xx"); err == nil {
		t.Error("a list that is not there is found")
	}
}
