package export

import (
	"fmt"
	"io"
	"strings"

	"ringfence/screening"
)

const readmeText = `Everything that Ringfence keeps about %s, as of %s UTC: %s and %s.

Keep this file safe. Whoever has it can read who rang and hear what was said.

The files that end in .json can be opened with any text editor or browser, and read by programs. All times are in UTC.

%s
  %-22s What callers said: their names, and messages. calls.json
  %-22s says which recording belongs to which call.
  %-22s What callers hear in the household's own voice.

The recordings are sound files (WAV), which any computer can play. One deleted in the meantime is missing.
Those that could not be read are named in missing.txt.

What is not in here:

- Passwords, pass codes, keys, and the addresses that alerts go to.
- Other households, and what belongs to a person rather than to the household, such as how they sign in.
- Numbers that callers did not show.
- What others have published on shared lists. "ringfence list export" writes that.
- Settings of the machine (ringfence.toml). Backups are files of their own.
`

// writeReadme says what is in an export.
func writeReadme(w io.Writer, e *Export) error {
	var all strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&all, "  %-22s %s\n", p.name, strings.Join(wrapped(p.about, 70), fmt.Sprintf("\n  %-22s ", "")))
	}
	_, err := fmt.Fprintf(w, readmeText, e.title, e.made.Format("2 January 2006 at 15:04"), screening.Counted(e.Calls, "call", "calls"),
		screening.Counted(e.Recordings, "recording", "recordings"), all.String(), recordingsFolder, "", phrasesFolder)
	return err
}

// wrapped breaks a text into lines.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
