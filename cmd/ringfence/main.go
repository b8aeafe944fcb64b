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
	"syscall"

	"github.com/alecthomas/kong"

	"ringfence/app"
)

// program is the command line. Everything that a command needs from outside comes through it, so that tests run the
// same program.
type program struct {
	in       io.Reader
	out, err io.Writer
	alone    bool   // nothing else runs in this process, as its tests do
	self     string // this program's file; "" is unknown, as in its tests

	Config    string           `help:"Settings of this machine." placeholder:"FILE" default:"/etc/ringfence/ringfence.toml" env:"RINGFENCE_CONFIG" group:"everywhere"`
	Data      string           `help:"Data folder, if it isn't the one in the settings." placeholder:"DIR" env:"RINGFENCE_DATA" group:"everywhere"`
	Household string           `help:"Which household, if there is more than one." placeholder:"NAME" env:"RINGFENCE_HOUSEHOLD" group:"everywhere"`
	Release   kong.VersionFlag `name:"version" help:"Show the version." group:"everywhere"`

	Setup setupCmd     `cmd:"" group:"start" help:"Set up a household: the line, its number, its phones."`
	Check checkCmd     `cmd:"" group:"start" help:"Check every part, and say what to mend."`
	Demo  demoCmd      `cmd:"" group:"start" help:"Play a day in a household's life with real calls on this machine."`
	Card  cardCmd      `cmd:"" group:"start" help:"Write a card to print: what the keys do, and the codes."`
	Homes householdCmd `cmd:"" name:"household" group:"start" help:"The households of this machine, with their lines and phones."`

	Calls    callsCmd    `cmd:"" group:"calls" help:"Show the calls, newest first."`
	Messages messagesCmd `cmd:"" group:"calls" help:"Messages that callers have left."`
	Lookup   lookupCmd   `cmd:"" group:"calls" help:"Say what would happen to a call from a number, and why."`
	Replay   replayCmd   `cmd:"" group:"calls" help:"Say what a change would have done to past calls."`
	Dialled  dialledCmd  `cmd:"" group:"calls" help:"Numbers that the household has rung."`
	Notices  noticesCmd  `cmd:"" group:"calls" help:"Show what carers should know, newest first."`

	Contact  contactCmd  `cmd:"" group:"people" help:"People who always get through."`
	Block    blockCmd    `cmd:"" group:"people" help:"Numbers that this household turns away."`
	Country  countryCmd  `cmd:"" group:"people" help:"Countries whose callers are turned away, asked or let through."`
	Passcode passcodeCmd `cmd:"" group:"people" help:"Codes that let people through from any phone."`
	Mode     modeCmd     `cmd:"" group:"people" help:"Show or change how strict the household is with unknown callers."`
	Schedule scheduleCmd `cmd:"" group:"people" help:"Modes and quiet hours by the day of the week."`
	Expect   expectCmd   `cmd:"" group:"people" help:"Let the next unknown caller through."`
	Option   optionCmd   `cmd:"" group:"people" help:"Show or change the household's other choices."`

	List  listCmd  `cmd:"" group:"shared" help:"Shared lists of scam numbers."`
	Group groupCmd `cmd:"" group:"shared" help:"Groups that share a list, and take this household's reports."`
	Hub   hubCmd   `cmd:"" group:"shared" help:"A group's own side: take reports, moderate, publish."`

	User     userCmd     `cmd:"" group:"care" help:"People who can use the family's pages."`
	Area     areaCmd     `cmd:"" group:"care" help:"Groups of households that somebody looks after together."`
	Alert    alertCmd    `cmd:"" group:"care" help:"Who gets alerts, how, and whether they work."`
	Backup   backupCmd   `cmd:"" group:"care" help:"Write everything that Ringfence keeps to one file."`
	Restore  restoreCmd  `cmd:"" group:"care" help:"Restore a backup."`
	Replica  replicaCmd  `cmd:"" group:"care" help:"Put a lost machine's data on this one."`
	Export   exportCmd   `cmd:"" group:"care" help:"Write a copy of one household's data, to read or to move."`
	Forget   forgetCmd   `cmd:"" group:"care" help:"Erase what is kept about one caller."`
	Speech   speechCmd   `cmd:"" group:"care" help:"Turn what callers say into text, and spot scams."`
	Asterisk asteriskCmd `cmd:"" group:"care" help:"Install, configure, run or upgrade Asterisk."`
	Serve    serveCmd    `cmd:"" group:"care" help:"Screen calls: run Ringfence beside Asterisk."`
	Version  versionCmd  `cmd:"" group:"care" help:"Show the version, and what it was built with."`
	Licences licencesCmd `cmd:"" group:"care" help:"Show the licences of everything in this program."`

	Tell        alertCmd `cmd:"" group:"care" hidden:""` // as alert was called before
	SendMessage sendCmd  `cmd:"" group:"care" hidden:""`
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
	parser, err := kong.New(p, append(layout(),
		kong.Name("ringfence"),
		kong.Description("A call screener for a household's landline."),
		kong.Vars{"version": "ringfence " + app.Release},
		kong.Writers(p.out, p.err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)...)
	if err != nil {
		panic(err) // the declarations above do not fit together
	}
	args = asked(args)
	parsed, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(p.err, "ringfence: %s\n", mistyped(parser, args, err))
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

// usageError is a fault in what was typed.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
