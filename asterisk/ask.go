package asterisk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// mostAsked bounds how many are asked at a start: each takes a command at the console.
const mostAsked = 20

// askAll has Asterisk check at once whether phones and trunks at fixed addresses answer. By itself it checks each for the first time at some moment
// within the first qualify_frequency, so as not to ask all of them together, and takes them for away until then (res/res_pjsip/pjsip_options.c).
func askAll(ctx context.Context, console func(ctx context.Context, command string) (string, error), dir string) {
	text, err := os.ReadFile(filepath.Join(dir, "pjsip.conf"))
	if err != nil {
		return // Asterisk itself says that it has no configuration
	}
	asked := fixedAddresses(string(text))
	for _, endpoint := range asked[:min(len(asked), mostAsked)] {
		_, _ = console(ctx, "pjsip qualify "+endpoint) // Asterisk asks by itself within seconds
	}
}

// fixedAddresses are the endpoints in a pjsip.conf that have a fixed address and are checked.
func fixedAddresses(conf string) (endpoints []string) {
	for _, section := range strings.Split(conf, "\n[")[1:] {
		name, body, _ := strings.Cut(section+"\n", "]")
		if strings.Contains(body, "\ncontact = ") && !strings.Contains(body, "\nqualify_frequency = 0\n") {
			endpoints = append(endpoints, name)
		}
	}
	return endpoints
}
