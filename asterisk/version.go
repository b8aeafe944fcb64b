package asterisk

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version with everything that the dialplan uses (EXPORT() came with 20.1).
const oldest = 20

var versionLine = regexp.MustCompile(`Asterisk (?:certified[/-])?(\d+)(\.[\d.]*\d)?`)

// version asks a program for its version, and returns an error if that is too old.
func version(ctx context.Context, program []string) (string, error) {
	args := slices.Concat(program[1:], []string{"-V"})
	out, err := exec.CommandContext(ctx, program[0], args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s does not run: %w", program[len(program)-1], err)
	}
	return parseVersion(string(out))
}

func parseVersion(line string) (string, error) {
	found := versionLine.FindStringSubmatch(line)
	if found == nil {
		return "", fmt.Errorf("%q is not a version of Asterisk", strings.TrimSpace(line))
	}
	major, err := strconv.Atoi(found[1])
	if err != nil || major < oldest {
		return "", fmt.Errorf("Asterisk %s is too old: it takes %d or newer", found[1]+found[2], oldest)
	}
	return found[1] + found[2], nil
}
