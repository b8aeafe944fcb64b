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

	"ringfence/web/identity"
)

func hashed(ctx context.Context, password string) (string, error) {
	passwords, err := identity.NewPasswords()
	if err != nil {
		return "", err
	}
	return passwords.Hash(ctx, password)
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
	if err := identity.CheckPassword(password, name, email); err != nil {
		return "", errors.New(plainClause(err.Error()))
	}
	return password, nil
}

// plainClause makes a sentence for pages into what a command's error says.
func plainClause(sentence string) string {
	return strings.ToLower(sentence[:1]) + strings.TrimSuffix(sentence[1:], ".")
}

// unseen reads a line that is not shown. Interrupted, it leaves the terminal as it was.
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
