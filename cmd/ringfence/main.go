// Command ringfence is the whole product in one binary: the application that screens calls, the commands that set it up
// and look after it, and the demonstration. This package only wires; each part's work is done in a package of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// program is the command line. Everything that a command needs from outside comes through it, so that tests run the
// same program.
type program struct {
	in       io.Reader
	out, err io.Writer
	alone    bool   // nothing else runs in this process, as its tests do
	self     string // this program's file; "" is unknown, as in its tests

	Config    string `help:"Settings of this machine." placeholder:"FILE" default:"/etc/ringfence/ringfence.toml" env:"RINGFENCE_CONFIG"`
	Data      string `help:"Data folder; overrides the one in the settings." placeholder:"DIR" env:"RINGFENCE_DATA"`
	Household string `help:"Which household, if there is more than one." placeholder:"NAME" env:"RINGFENCE_HOUSEHOLD"`

	Setup    setupCmd    `cmd:"" help:"Set a household up: the line, its number, its phones."`
	Serve    serveCmd    `cmd:"" help:"Screen calls: run the application beside Asterisk."`
	Demo     demoCmd     `cmd:"" help:"Play a day in a household's life with real calls on this machine."`
	Check    checkCmd    `cmd:"" help:"Check every part of an installation, and say what to mend."`
	Lookup   lookupCmd   `cmd:"" help:"Say what would be done with a call from a number, and why."`
	Calls    callsCmd    `cmd:"" help:"Show the calls, newest first."`
	Contact  contactCmd  `cmd:"" help:"People who always ring."`
	Block    blockCmd    `cmd:"" help:"Numbers that this household turns away."`
	Passcode passcodeCmd `cmd:"" help:"Codes with which people get through from any telephone."`
	Messages messagesCmd `cmd:"" help:"What callers have left for the household."`
	Notices  noticesCmd  `cmd:"" help:"Show what carers should know, newest first."`
	Tell     tellCmd     `cmd:"" help:"Show who gets alerts, how, and whether they work."`
	Dialled  dialledCmd  `cmd:"" help:"Numbers that the household itself has rung."`
	Export   exportCmd   `cmd:"" help:"Write everything that is kept of one household to a file, to read or to take elsewhere."`
	Forget   forgetCmd   `cmd:"" help:"Erase all that is kept about one caller."`
	List     listCmd     `cmd:"" help:"Shared lists of scam numbers."`
	Group    groupCmd    `cmd:"" help:"Groups that share a list, and take this household's reports."`
	Mode     modeCmd     `cmd:"" help:"Show or change how strict the household is with callers it does not know."`
	Expect   expectCmd   `cmd:"" help:"Let the next unknown caller ring."`
	Schedule scheduleCmd `cmd:"" help:"Modes and quiet hours by the days of the week."`
	Option   optionCmd   `cmd:"" help:"Show or change what else a household can choose."`
	User     userCmd     `cmd:"" help:"Who may use the carers' pages."`
	Backup   backupCmd   `cmd:"" help:"Write everything that Ringfence keeps to one file."`
	Restore  restoreCmd  `cmd:"" help:"Restore a backup."`
	Speech   speechCmd   `cmd:"" help:"Turn what callers say into text, and spot scams."`
	Asterisk asteriskCmd `cmd:"" help:"Get Asterisk, write its configuration, run it."`
	Card     cardCmd     `cmd:"" help:"Write a card for the household, to print: its codes, and what the keys do."`
	Hub      hubCmd      `cmd:"" help:"A group's side of shared lists: take reports, moderate, publish."`
	Version  versionCmd  `cmd:"" help:"Show the version."`
	Licences licencesCmd `cmd:"" help:"Show the licences of all that is in this program."`

	SendMessage sendCmd `cmd:"" hidden:""`
}

// Exit codes, a contract.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// errSaid is returned by a command that has already said on stdout what is wrong.
var errSaid = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	self, _ := os.Executable() // without it everything works but the speech recognition that is built in
	code := (&program{in: os.Stdin, out: os.Stdout, err: os.Stderr, alone: true, self: self}).run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is the program: its arguments in, its exit code out.
func (p *program) run(ctx context.Context, args []string) int {
	exited, code := false, exitDone
	parser, err := kong.New(p,
		kong.Name("ringfence"),
		kong.Description("A call screener for a household's landline.\n\n    sudo ringfence setup     set a household up\n    sudo ringfence check     if something isn't right\n    ringfence demo --exit    see it work"),
		kong.Writers(p.out, p.err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)
	if err != nil {
		panic(err) // the declarations above do not fit together
	}
	parser.Model.HelpFlag.Help = "Show this help."
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: %s\n", mistyped(err))
		return exitUsage
	}
	switch err := errors.Join(parsed.Run(), p.giveToServices()); {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitFailed
	default:
		fmt.Fprintf(p.err, "ringfence: %s\n", err)
		var usage usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailed
	}
}

// mistyped says what is wrong with the arguments, and where to read how they should be.
func mistyped(err error) string {
	help := "ringfence"
	var parsed *kong.ParseError
	if errors.As(err, &parsed) {
		for _, step := range parsed.Context.Path {
			if step.Command != nil {
				help += " " + step.Command.Name
			}
		}
	}
	text := err.Error()
	if missing, is := strings.CutPrefix(text, "expected \"<"); is {
		text = "something is missing: <" + strings.TrimSuffix(missing, "\"")
	}
	if !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text + " See `" + help + " --help`."
}

// usageError is a fault in what was typed.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
