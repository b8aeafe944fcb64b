package asterisk

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// village is a site with so many households, each with a trunk, a number and a phone; the wide one also with an alarm centre and a code of its own.
func village(households int, wide bool) Site {
	site := usual()
	site.RTPFirst, site.RTPLast = 1025, 65535
	site.Trunks, site.Households = nil, nil
	codes := []Code{
		{"*30", "messages"}, {"*31", "why"}, {"*32", "test"}, {"*33", "block-last"}, {"*34", "allow-last"}, {"*35", "mode-ask"}, {"*36", "mode-known-only"},
		{"*37", "mode-block-only"}, {"*38", "expect"}, {"*39", "greeting"},
	}
	for i := range households {
		name := fmt.Sprintf("household-%d", i)
		number := fmt.Sprintf("%08d", 20000000+i)
		site.Trunks = append(site.Trunks, Trunk{Name: name, Host: fmt.Sprintf("127.%d.%d.%d", 1+i/60000, i/250%240, 1+i%250), Port: 5060, Password: "wet herons on 7 walls"})
		h := Household{
			Name: name, Trunk: name, Region: "GB", Number: "+4420" + number, Dialled: []string{"+4420" + number, "020" + number}, Language: "en-GB", RingSeconds: 60,
			Emergency: []string{"999", "112"}, Codes: slices.Clone(codes), Phones: []Phone{{Name: "hall", Password: "wet herons on 7 walls", Qualify: true}},
		}
		if wide {
			centre := fmt.Sprintf("%06d", i)
			h.Telecare = []string{"+441632" + centre, "441632" + centre, "01632" + centre, "00441632" + centre}
			h.Codes[0].Keys = fmt.Sprintf("*%d", 100+i%900)
		}
		site.Households = append(site.Households, h)
	}
	return site.WithFewerCalls()
}

// size is how long the dialplan and pjsip.conf of a site are.
func size(t *testing.T, site Site) (long int) {
	t.Helper()
	if err := site.Validate(); err != nil {
		t.Fatal(err)
	}
	all, err := renderTemplates("/x", "/x", site, Installation{}, "extensions.conf", "pjsip.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range all {
		long += len(text)
	}
	return long
}

// What households have in common is written once.
func TestAThousandHouseholdsAreSmall(t *testing.T) {
	for _, wide := range []bool{false, true} {
		none, half, thousand := size(t, village(0, wide)), size(t, village(500, wide)), size(t, village(1000, wide))
		each := (thousand - half) / 500
		t.Logf("wide %v: %d bytes for a thousand households, %d for each", wide, thousand-none, each)
		if thousand-none > 2_000_000 || each > 2000 {
			t.Errorf("wide %v: a thousand households take %d bytes, and each of them %d", wide, thousand-none, each)
		}
	}
}

// Ten times as many households take about ten times as long to write, and not a hundred times.
func TestTenThousandHouseholdsAreWrittenInTime(t *testing.T) {
	began := time.Now()
	size(t, village(1000, true))
	thousand := time.Since(began)
	began = time.Now()
	size(t, village(10000, true))
	if took := time.Since(began); took > 40*thousand {
		t.Errorf("a thousand took %v, and ten thousand %v", thousand, took)
	}
}

// A household that has changed one code shares the others, and each region's emergency numbers are there once.
func TestWhatIsTheSameStandsOnce(t *testing.T) {
	site := village(3, false)
	site.Households[1].Codes[2].Keys = "*99"
	site.Households[2].Emergency, site.Households[2].Codes = []string{"911"}, nil
	l := site.complete().layout()
	if len(l.EmergencySets) != 2 || len(l.CodeSets) != 2 {
		t.Errorf("%+v %+v", l.EmergencySets, l.CodeSets)
	}
	contexts := contextsOf(t, site)
	for house, lines := range map[string][]string{
		"house-household-0": {"include => emergency-numbers-1", "include => codes-1", "include => house"},
		"house-household-1": {"exten => *99,1,Gosub(code,s,1(${CONTEXT:6},test))", "include => emergency-numbers-1", "include => codes-2", "include => house"},
		"house-household-2": {"include => emergency-numbers-2", "include => house"},
	} {
		if !slices.Equal(contexts[house], lines) {
			t.Errorf("[%s] is %q", house, contexts[house])
		}
	}
	if all := strings.Join(contexts["codes-2"], "\n"); strings.Contains(all, ",test)") || !strings.Contains(all, "*30") {
		t.Errorf("the codes of the second household are %s", all)
	}
	if home := strings.Join(contexts["home-household-2"], "\n"); strings.Contains(home, "RF_CODES") {
		t.Errorf("a household without codes has some: %s", home)
	}
}

// Emergency numbers are found before codes, and codes before everything else, in whatever order Asterisk would sort them.
func TestTheOrderInWhichAPhonesNumbersAreFound(t *testing.T) {
	site := village(1, true)
	var order []string
	for _, line := range contextsOf(t, site)["house-household-0"] {
		if context, is := strings.CutPrefix(line, "include => "); is {
			order = append(order, context)
		} else if len(order) > 0 {
			t.Errorf("after includes there is %s", line)
		}
	}
	if !slices.Equal(order, []string{"emergency-numbers-1", "codes-1", "house"}) {
		t.Errorf("it includes %v", order)
	}
}

// naming are the places in which a line of the dialplan names a household: what RF_HOUSE is set to, and where data of a household is fetched.
var naming = regexp.MustCompile(`RF_HOUSE=([^,^)\n]*)|Gosub\(home-([^,]*),|Goto\(home-([^,]*),|[(?](?:emergency|code),[^,]*,1\(([^,)]*)`)

// Nothing that a caller or a phone sends names the household: it is written here, or is the end of the name of the context that pjsip.conf gives a
// phone, or was one of these before. Nor does another channel inherit it.
func TestNothingThatIsSentNamesTheHousehold(t *testing.T) {
	site := village(2, true)
	site.Trunks = append(site.Trunks, Trunk{Name: "shared", Host: "127.0.0.9", Port: 5060})
	site.Households[0].Trunk, site.Households[1].Trunk = "shared", "shared"
	contexts := contextsOf(t, site)
	ofPhones := map[string]bool{}
	for context, lines := range contexts {
		if strings.HasPrefix(context, "house-") {
			for _, line := range lines {
				if to, is := strings.CutPrefix(line, "include => "); is {
					ofPhones[to] = true
				}
			}
		}
	}
	found := map[string]int{}
	for context, lines := range contexts {
		for _, line := range lines {
			if to, is := strings.CutPrefix(line, "include => "); is && ofPhones[to] && !strings.HasPrefix(context, "house-") {
				t.Errorf("[%s] includes what only phones may reach: %s", context, line)
			}
			if strings.Contains(line, "Set(_") || strings.Contains(line, ",_RF") || strings.Contains(line, "SHARED(") || strings.Contains(line, "${HASH(") {
				t.Errorf("[%s] lets other channels have %s", context, line)
			}
			for _, match := range naming.FindAllStringSubmatch(line, -1) {
				value := strings.Join(match[1:], "")
				found[value]++
				if why := mayName(contexts, ofPhones, context, value); why != "" {
					t.Errorf("[%s] names the household by %q, %s: %s", context, value, why, line)
				}
			}
		}
	}
	for _, value := range []string{"household-0", "household-1", "${CONTEXT:6}", "${ARG1}", "${RF_HOUSE}"} {
		if found[value] == 0 {
			t.Errorf("none is named by %s: the test looks wrongly, at %v", value, slices.Sorted(maps.Keys(found)))
		}
	}
}

// mayName says why a context may not name a household so; "" if it may.
func mayName(contexts map[string][]string, ofPhones map[string]bool, context, value string) string {
	_, written := contexts["home-"+value]
	switch {
	case value == "${RF_HOUSE}":
		return "" // which was set like this
	case value == "${CONTEXT:6}" && !ofPhones[context] && !strings.HasPrefix(context, "house-"):
		return "where the context is not one of a phone"
	case value == "${CONTEXT:6}":
		return ""
	case value == "${ARG1}" && context != "emergency" && context != "code":
		return "which nobody has given it"
	case value == "${ARG1}", written && (context == "home-"+value || strings.HasPrefix(context, "trunk-")):
		return ""
	}
	return "which is not a household's name there"
}
