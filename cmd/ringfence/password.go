package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"ringfence/accounts"
	"ringfence/store/people"
)

// newPasswordFlags are how "user password" and "hub moderator password" help somebody who cannot sign in.
type newPasswordFlags struct {
	Email     string `arg:"" help:"Their e-mail address."`
	Link      bool   `help:"Print a link to choose a password with. It works once, within a day."`
	ForgetApp bool   `help:"Also stop asking for codes, if they have lost their authenticator app."`
}

// run does what the flags say; web is the address at which people reach the pages.
func (f newPasswordFlags) run(ctx context.Context, p *program, of *accounts.Accounts, who people.Person, by accounts.By, web string) error {
	if f.ForgetApp {
		said, err := of.ForgetApp(ctx, who, by)
		if err != nil {
			return err
		}
		if err := p.say("%s", said); err != nil {
			return err
		}
	}
	if f.Link {
		return p.passwordLink(ctx, of, who, by, web)
	}
	password, err := p.newPassword(ctx, who.Name, who.Email)
	if err != nil {
		return err
	}
	if err := of.SetPassword(ctx, who, password, 0, by); err != nil {
		return err
	}
	return p.say("%s has a new password, and is signed out everywhere.", who.Name)
}

// passwordLink prints a link with which somebody chooses a password.
func (p *program) passwordLink(ctx context.Context, of *accounts.Accounts, who people.Person, by accounts.By, web string) error {
	token, _, err := of.MakePasswordLink(ctx, who, by)
	if err != nil {
		return err
	}
	return p.say("Within a day, %s can choose a password at this address, once:\n%s/password/%s", who.Name, web, token)
}

// newPassword asks for a password, twice and unseen where somebody types it.
func (p *program) newPassword(ctx context.Context, name, email string) (string, error) {
	terminal, isFile := p.in.(*os.File)
	if !isFile || !term.IsTerminal(int(terminal.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(p.in, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("the password cannot be read: %w", err)
		}
		return goodPassword(strings.TrimRight(line, "\r\n"), name, email)
	}
	first, err := p.unseen(ctx, terminal, fmt.Sprintf("New password of %s: ", name))
	if err != nil {
		return "", err
	}
	if first, err = goodPassword(first, name, email); err != nil {
		return "", err
	}
	again, err := p.unseen(ctx, terminal, "The same again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", errors.New("the two are not the same: nothing was changed")
	}
	return first, nil
}

// goodPassword refuses a bad one, in the one plain sentence of a command's error.
func goodPassword(password, name, email string) (string, error) {
	if err := accounts.CheckPassword(password, name, email); err != nil {
		return "", errors.New(plainClause(err.Error()))
	}
	return password, nil
}

// plainClause turns a sentence written for pages into a command's error.
func plainClause(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToLower(first)) + strings.TrimSuffix(sentence[size:], ".")
}

// unseen reads a line without echoing it. If it is interrupted, it restores the terminal.
func (p *program) unseen(ctx context.Context, terminal *os.File, question string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(p.err, question)
	type answer struct {
		line []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		read <- answer{line, err}
	}()
	defer fmt.Fprintln(p.err)
	select {
	case a := <-read:
		return string(a.line), a.err
	case <-ctx.Done():
		return "", errors.Join(errors.New("interrupted: nothing was changed"), term.Restore(fd, before))
	}
}
