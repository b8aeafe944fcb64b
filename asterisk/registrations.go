package asterisk

import (
	"context"
	"slices"
	"strings"
)

// Registrations tells of each trunk that registers, by its name, whether it is registered.
func Registrations(ctx context.Context, inst Installation, dir string) (map[string]bool, error) {
	out, err := Console(ctx, inst, dir, "pjsip show registrations")
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, line := range strings.Split(out, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		endpoint, _, found := strings.Cut(words[0], "/")
		if name, trunk := strings.CutPrefix(endpoint, "trunk-"); found && trunk {
			all[name] = slices.Contains(words, "Registered")
		}
	}
	return all, nil
}
