package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"ringfence/config"
	"ringfence/setup"
)

// asker asks in a terminal.
type asker struct {
	*program
	lines *bufio.Reader
}

// say writes a line. What it is continued with in a terminal begins as far to the right.
func (k *asker) say(line string) {
	fmt.Fprintln(k.out, wrap(line, k.width(), len(line)-len(strings.TrimLeft(line, " "))))
}

// fromFile reads a file of answers.
func (k *asker) fromFile(m setup.Machine, file string) (a setup.Answers, readyLists []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("the answers can't be read: %w", err)
	}
	var given map[string]string
	if err := config.Decode(text, &given); err != nil {
		return nil, nil, fmt.Errorf("%s: %w. Each answer is a line with quotes, such as number = \"020 7946 0100\"", file, err)
	}
	chosen := given[readyAnswer]
	delete(given, readyAnswer)
	a, err = m.TakeAll(given)
	if err == nil {
		readyLists, err = chosenReady(chosen, a["country"])
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s", file, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return a, readyLists, nil
}

// ask asks every question, each until its answer is right.
func (k *asker) ask(ctx context.Context, m setup.Machine) (setup.Answers, error) {
	a, page := setup.Answers{}, setup.Page("")
	k.say("Press Enter for the answer in [brackets]. Ctrl-C ends; nothing is changed before the last answer.")
	for _, q := range setup.Questions() {
		if !q.IsAsked(a) {
			continue
		}
		if q.Page != page {
			page = q.Page
			k.say("\n" + string(page) + "\n" + strings.Repeat("-", len(page)))
		}
		k.pose(m, a, q)
		for {
			answer, err := k.answer(ctx, m, a, q)
			if err != nil {
				return nil, err
			}
			err = m.Take(a, q, answer)
			if err == nil {
				break
			}
			if options := q.Choices(m, a); len(options) > 0 {
				err = fmt.Errorf("type a number from 1 to %d", len(options))
			}
			k.say("  That won't do: " + err.Error() + ".")
		}
	}
	return a, nil
}

// pose shows a question with its help and what there is to choose.
func (k *asker) pose(m setup.Machine, a setup.Answers, q setup.Question) {
	k.say("\n" + q.Words(a))
	if help := q.HelpText(m, a); help != "" {
		k.say("  " + help)
	}
	for i, o := range q.Choices(m, a) {
		k.say(fmt.Sprintf("\n  %d  %s", i+1, o.Words))
		if o.Picture != "" {
			k.say("\n       " + strings.ReplaceAll(o.Picture, "\n", "\n       "))
		}
	}
}

// answer reads one. A choice is made by its number.
func (k *asker) answer(ctx context.Context, m setup.Machine, a setup.Answers, q setup.Question) (string, error) {
	proposed, options := q.Proposal(m, a), q.Choices(m, a)
	for i, o := range options {
		if o.Value == proposed {
			proposed = fmt.Sprint(i + 1)
		}
	}
	prompt := "> "
	if proposed != "" {
		prompt = "[" + proposed + "] > "
	}
	line, err := k.line(ctx, prompt, q.Kind == setup.Secret)
	if err != nil {
		return "", err
	}
	for i, o := range options {
		if line == fmt.Sprint(i+1) {
			return o.Value, nil
		}
	}
	return line, nil
}

// errNoMore says that there is nobody to answer.
var errNoMore = errors.New("there are no more answers, so nothing was changed: run it in a terminal, or use --answers FILE")

// line reads a line. A secret is not shown.
func (k *asker) line(ctx context.Context, prompt string, secret bool) (string, error) {
	if terminal, is := k.in.(*os.File); secret && is && term.IsTerminal(int(terminal.Fd())) {
		return k.unseen(ctx, terminal, prompt)
	}
	if _, err := fmt.Fprint(k.out, prompt); err != nil {
		return "", err
	}
	read := make(chan error, 1)
	var line string
	go func() {
		var err error
		line, err = k.lines.ReadString('\n')
		read <- err
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("interrupted: nothing was changed")
	case err := <-read:
		if errors.Is(err, io.EOF) && line == "" {
			return "", errNoMore
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimSpace(line), nil
	}
}
