package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// helpWidth is that of the help on any terminal: longer lines are hard to read.
const helpWidth = 80

// help is what stands below a command's summary: what it does, and examples that can be copied.
func help(text string, examples ...string) string {
	head := "Example:"
	if len(examples) > 1 {
		head = "Examples:"
	}
	if text != "" {
		head = text + "\n\n" + head
	}
	return head + "\n\n    " + strings.ReplaceAll(strings.Join(examples, "\n"), "\n", "\n    ")
}

// Help is what stands below the summary of the whole program.
func (*program) Help() string {
	return help("",
		"sudo ringfence setup     # set up a household",
		"sudo ringfence check     # if something isn't right",
		"ringfence demo --exit    # see it work")
}

// The group of the flags that every command has.
const (
	everywhere      = "everywhere"
	everywhereTitle = "Flags of every command:"
)

// layout is the same for the help of every command: usage, what it does, examples, arguments, its own flags, and those of every command.
func layout() []kong.Option {
	return []kong.Option{
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, FlagsLast: true, WrapUpperBound: helpWidth}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "start", Title: "Setting up:"},
			{Key: "calls", Title: "Calls:"},
			{Key: "people", Title: "Who gets through, and when:"},
			{Key: "shared", Title: "Lists and groups:"},
			{Key: "care", Title: "Looking after it:"},
			{Key: everywhere, Title: everywhereTitle},
		}),
		kong.PostBuild(func(k *kong.Kong) error {
			k.Model.HelpFlag.Help = "Show this help."
			k.Model.HelpFlag.Group = &kong.Group{Key: everywhere, Title: everywhereTitle}
			for _, command := range k.Model.Children { // the groups are for the whole program's help
				below(command, &kong.Group{Key: "commands", Title: "Commands:"})
			}
			return nil
		}),
	}
}

// below puts all commands below one into a group.
func below(command *kong.Node, group *kong.Group) {
	for _, c := range command.Children {
		c.Group = group
		below(c, group)
	}
}

// asked turns "ringfence help contact" into "ringfence contact --help", and nothing at all into a request for help.
func asked(args []string) []string {
	if len(args) == 0 {
		return []string{"--help"}
	}
	if args[0] == "help" {
		return append(slices.Clone(args[1:]), "--help")
	}
	return args
}
