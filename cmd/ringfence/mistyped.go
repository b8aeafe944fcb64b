package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// mistyped says what is wrong with the arguments, and where to read how they should be.
func mistyped(parser *kong.Kong, args []string, err error) string {
	command, implied := typedCommand(err)
	if implied && !slices.Contains(args, command.Name) {
		// "messages delte" was read as "messages list delte". Without the command that is implied kong suggests "delete".
		command = command.Parent
		command.DefaultCmd = nil
		if _, plainer := parser.Parse(args); plainer != nil {
			err = plainer
		}
	}
	text := err.Error()
	if missing, is := strings.CutPrefix(text, "expected \"<"); is {
		text = "something is missing: <" + strings.TrimSuffix(missing, "\"")
	}
	if !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".") {
		text += "."
	}
	help := "ringfence"
	if command != nil && command.Type == kong.CommandNode {
		help += " " + strings.TrimPrefix(command.FullPath(), "ringfence ")
	}
	return text + " See `" + help + " --help`."
}

// typedCommand is the command as far as it was understood, and whether it may only be implied by the one before it. It is nil if no command was
// understood.
func typedCommand(err error) (command *kong.Node, implied bool) {
	var parsed *kong.ParseError
	if !errors.As(err, &parsed) {
		return nil, false
	}
	for _, step := range parsed.Context.Path {
		if step.Command != nil {
			command = step.Command
		}
	}
	return command, command != nil && command.Parent != nil && command.Parent.DefaultCmd == command
}
