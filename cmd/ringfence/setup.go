package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"ringfence/config"
	"ringfence/setup"
)

type setupCmd struct {
	Answers string `help:"Ask nothing: take the answers from this file, one a line, such as number = \"020 7946 0100\"." placeholder:"FILE"`
	NoCall  bool   `help:"Skip the checks and the test call."`
	// NoSearch is for tests, which send nothing into a network that is not theirs.
	NoSearch bool `help:"Don't look for a FRITZ!Box in the home network."`
}

func (setupCmd) Help() string {
	return help("Asks how the line reaches the house, for its number and its phones. It makes every password, writes the settings, checks "+
		"everything, and has you ring the line from a mobile.\n\n"+
		"You can run it again: it suggests what is set now, and keeps comments and your own changes. Ringfence and Asterisk follow by "+
		"themselves, and calls go on.",
		"sudo ringfence setup",
		"sudo ringfence setup --answers answers.toml")
}

func (c setupCmd) Run(ctx context.Context, p *program) (err error) {
	s, err := p.settings()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s can't be read by this user: run `sudo ringfence setup`", p.Config)
	case err != nil && !errors.Is(err, config.ErrNoHousehold):
		return err
	}
	if err := setup.CheckWritable(s.File); err != nil {
		return err
	}
	release, err := setup.Claim(s.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	m, err := setup.Look(s)
	if err != nil {
		return err
	}
	asker := &asker{program: p, lines: bufio.NewReader(p.in)}
	answers, readyLists := setup.Answers(nil), []string(nil)
	if c.Answers != "" {
		answers, readyLists, err = asker.fromFile(m, c.Answers)
	} else {
		if !c.NoSearch {
			asker.say("Looking for a FRITZ!Box in the home network…")
			m.Router = setup.FindRouter(ctx)
		}
		answers, err = asker.ask(ctx, m)
	}
	if err != nil {
		return err
	}
	if setup.MakesRouterPhone(answers) {
		if err := setup.MakeRouterPhone(ctx, answers, asker.say); err != nil {
			return err
		}
		asker.say("The FRITZ!Box has a phone called Ringfence now.")
	}
	written, err := m.Write(answers)
	if err != nil {
		return err
	}
	asker.say("The settings are in " + written.File + ".")
	done, err := setup.Logins(written, answers)
	if err != nil {
		return err
	}
	asker.tell(done)
	if c.Answers == "" {
		if err := asker.serveAdapter(ctx, done); err != nil {
			return err
		}
	}
	if err := asker.readyLists(ctx, written, readyLists); err != nil || c.NoCall {
		return err
	}
	return asker.tryOut(ctx, written, answers["wiring"], c.Answers == "")
}

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
		return nil, nil, fmt.Errorf("%s: %w", file, err)
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
