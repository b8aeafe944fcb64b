package asterisk

import (
	"slices"
	"strings"
	"testing"
)

// values is what the dialplan sets its variables to.
func values(contexts map[string][]string) map[string][]string {
	all := map[string][]string{}
	for _, lines := range contexts {
		for _, line := range lines {
			for _, set := range strings.Split(line, "Set(")[1:] {
				name, value, _ := strings.Cut(set, "=")
				all[name] = append(all[name], value)
			}
		}
	}
	return all
}

// references are what stands in ${…} in a text, without those inside others.
func references(text string) (all []string) {
	for {
		_, rest, found := strings.Cut(text, "${")
		if !found {
			return all
		}
		depth, end := 1, 0
		for ; end < len(rest) && depth > 0; end++ {
			depth += strings.Count(rest[end:end+1], "{") - strings.Count(rest[end:end+1], "}")
		}
		all, text = append(all, rest[:end-1]), rest[end:]
	}
}

// unfiltered is what in a text comes from callers or telephones and has not gone through FILTER(): each reference to something that is neither
// Asterisk's own nor made of such things. Of values, each variable is looked into once.
func unfiltered(text string, values map[string][]string) (all []string) {
	for _, reference := range references(text) {
		function, arguments, _ := strings.Cut(reference, "(")
		signs, _, _ := strings.Cut(arguments, ",")
		variable, _, _ := strings.Cut(reference, ":")
		sets, isOurs := values[variable]
		switch {
		case slices.Contains([]string{"UNIQUEID", "EPOCH", "DIALSTATUS", "ANSWEREDTIME", "CALLERID(num-pres)"}, reference):
		case reference == "ARG1" || reference == "ARG2": // TestNothingThatIsSentNamesTheHousehold looks at these
		case function == "FILTER" && !strings.ContainsAny(signs, `^()${}[]"\`):
		case function == "IF":
			all = append(all, unfiltered(arguments, values)...)
		case isOurs:
			values[variable] = nil
			for _, value := range sets {
				all = append(all, unfiltered(value, values)...)
			}
		default:
			all = append(all, reference)
		}
	}
	return all
}

// In the variables that Originate gives another channel, "^" begins the next one, a bracket ends them, and a comma begins another argument.
func TestWhatCallersSendIsFilteredForOriginate(t *testing.T) {
	contexts, found := dialplan(t), 0
	for context, lines := range contexts {
		for _, line := range lines {
			_, arguments, is := strings.Cut(line, "Originate(")
			if !is {
				continue
			}
			if strings.Contains(arguments, "v(") {
				found++
			}
			for _, reference := range unfiltered(arguments, values(contexts)) {
				t.Errorf("[%s] hands over ${%s} as it comes: %s", context, reference, line)
			}
		}
	}
	if found == 0 {
		t.Error("no Originate with variables was found: the test looks wrongly")
	}
}
