package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// commandTree are all commands that people see, those with commands below them included. The program itself has no words.
func commandTree(t *testing.T) (all [][]string) {
	t.Helper()
	parser, err := kong.New(&program{}, layout()...)
	if err != nil {
		t.Fatal(err)
	}
	var below func(node *kong.Node, words []string)
	below = func(node *kong.Node, words []string) {
		all = append(all, words)
		for _, child := range node.Children {
			if !child.Hidden {
				below(child, append(words[:len(words):len(words)], child.Name))
			}
		}
	}
	below(parser.Model.Node, nil)
	if len(all) < 80 {
		t.Errorf("only %d commands were found", len(all))
	}
	return all
}

// helpLayout is that of every command's help: usage, summary, what it does, examples, arguments or commands, its own flags, those of every command.
var helpLayout = regexp.MustCompile(`^Usage: ringfence[^\n]*(?:\n  [^\n]+)*\n\n[A-Z][^\n]+\.\n(?:[^\n]+\.\n)*\n(?s:.*?)Examples?:\n\n((?:    [^\n]+\n)+)` +
	`(?:\nArguments:\n(?:  [^\n]+\n)+)?(?:\n[A-Z][\w, ]+:\n(?:\n?  [^\n]+\n)+)*\nFlags of every command:\n(?:  [^\n]+\n)+(?:\nRun "ringfence <command> --help"[^\n]+\n)?$`)

// Every command has help in the same layout, no wider than 80 columns, with an example that a shell and this program understand.
func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Setenv("COLUMNS", "200") // a wide terminal makes no long lines
	var examples []string
	for _, words := range commandTree(t) {
		var out, errOut bytes.Buffer
		name := strings.Join(append([]string{"ringfence"}, words...), " ")
		code := run(context.Background(), append(words[:len(words):len(words)], "--help"), strings.NewReader(""), &out, &errOut)
		shown := helpLayout.FindStringSubmatch(out.String())
		if code != exitDone || shown == nil {
			t.Errorf("%s: exit %d, and its help is laid out otherwise:\n%s%s", name, code, out.String(), errOut.String())
			continue
		}
		for line := range strings.Lines(out.String()) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > helpWidth {
				t.Errorf("%s: the help has a line that is too wide: %s", name, line)
			}
		}
		if !strings.Contains(shown[1], name) {
			t.Errorf("%s: no example has it:\n%s", name, shown[1])
		}
		examples = append(examples, shown[1])
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("recording.wav", nil, 0o600); err != nil { // examples read a file that has to exist
		t.Fatal(err)
	}
	typed := typedByAShell(t, strings.Join(examples, ""))
	if len(typed) < len(examples) {
		t.Errorf("a shell found %d commands in the examples of %d", len(typed), len(examples))
	}
	for _, args := range typed {
		parser, err := kong.New(&program{}, append(layout(), kong.Exit(func(int) {}))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Errorf("an example can't be typed: ringfence %q: %v", args, err)
		}
	}
}

// typedByAShell are the arguments that "ringfence" gets when a shell runs the lines.
func typedByAShell(t *testing.T, lines string) (commands [][]string) {
	t.Helper()
	typed := filepath.Join(t.TempDir(), "typed")
	shell := exec.CommandContext(t.Context(), "bash", "-euc", `
		ringfence() { printf '%s\0' "$@" >>"$TYPED"; printf '\n\0' >>"$TYPED"; }
		sudo() { "$@"; }
		ssh() { cat; }
		less() { cat; }
		asterisk() { false; }
		`+lines)
	shell.Env = append(os.Environ(), "TYPED="+typed)
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("a shell can't read the examples: %v: %s", err, out)
	}
	text, err := os.ReadFile(typed)
	if err != nil {
		t.Fatal(err)
	}
	for command := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n\x00"), "\n\x00") {
		commands = append(commands, strings.Split(strings.TrimSuffix(command, "\x00"), "\x00"))
	}
	return commands
}

// Whoever mistypes a command reads what is wrong in one sentence, and which command's help says more.
func TestMistyped(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"contact ad Daughter 1", "unexpected argument ad, did you mean \"add\"? See `ringfence contact --help`."},
		{"contact add Daughter", "something is missing: <numbers> ... See `ringfence contact add --help`."},
		{"lookup", "something is missing: <number> ... See `ringfence lookup --help`."},
		{"mode ask --fro 2h", "unknown flag --fro, did you mean \"--for\"? See `ringfence mode --help`."},
		{"messages delte 3", "unexpected argument delte, did you mean \"delete\"? See `ringfence messages --help`."},
		{"messages list --jsn", "unknown flag --jsn, did you mean \"--json\"? See `ringfence messages list --help`."},
		{"list imprt scams.csv", "unexpected argument imprt, did you mean \"import\"? See `ringfence list --help`."},
		{"hub moderator ad", "unexpected argument ad, did you mean \"add\"? See `ringfence hub moderator --help`."},
		{"contcat", "unexpected argument contcat, did you mean \"contact\"? See `ringfence --help`."},
	} {
		var out, errOut bytes.Buffer
		code := run(context.Background(), strings.Fields(c.typed), strings.NewReader(""), &out, &errOut)
		if code != exitUsage || errOut.String() != "ringfence: "+c.want+"\n" {
			t.Errorf("%s: exit %d: %s", c.typed, code, errOut.String())
		}
	}
}

// Help comes in the three ways that people try.
func TestWaysToAskForHelp(t *testing.T) {
	said := func(args ...string) string {
		var out, errOut bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &out, &errOut); code != exitDone || errOut.Len() > 0 {
			t.Errorf("%q: exit %d: %s", args, code, errOut.String())
		}
		return out.String()
	}
	if said() != said("--help") || said("help") != said("--help") || said("help", "block", "add") != said("block", "add", "--help") {
		t.Error("they differ")
	}
}

// What keeps a list shows it without being told to.
func TestListsWithoutAVerb(t *testing.T) {
	h := newHome(t, usualSettings)
	parser, err := kong.New(&program{}, layout()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range parser.Model.Children {
		for _, verb := range group.Children {
			if verb.Name != "list" || group.Hidden {
				continue
			}
			if short, whole := h.says(0, "", group.Name), h.says(0, "", group.Name, "list"); short != whole || short == "" {
				t.Errorf("ringfence %s: %q, but with list %q", group.Name, short, whole)
			}
		}
	}
}
