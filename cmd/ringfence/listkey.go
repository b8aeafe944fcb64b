package main

import (
	"fmt"
	"os"
	"strings"

	"ringfence/sharing/list"
)

type listKeyCmd struct {
	File         string `arg:"" help:"The file for the secret key; the public one goes beside it, with .pub."`
	PasswordFile string `help:"Encrypt the secret key with the password in this file. Leave it out to publish by a timer." placeholder:"FILE"`
}

func (listKeyCmd) Help() string {
	return help("A list is signed so that subscribers can tell that nobody else has changed it. The keys are those of the minisign command, "+
		"which can make and use them too. Keep a copy of the secret key: without it you can't go on with the list.",
		"ringfence list key /etc/ringfence/parish.key")
}

func (c listKeyCmd) Run(p *program) error {
	password, err := passwordIn(c.PasswordFile)
	if err != nil {
		return err
	}
	public, err := list.WriteKeys(c.File, password)
	if err != nil {
		return fmt.Errorf("the keys cannot be written: %w", err)
	}
	return p.say("The secret key is in %s: keep a copy of it in a safe place, and show it to nobody.\n"+
		"This is the public key, for those who subscribe; it is in %s.pub too:\n%s", c.File, c.File, public)
}

// passwordIn reads the password of a key; "" for no file.
func passwordIn(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the password cannot be read: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", fmt.Errorf("there is no password in %s", file)
	}
	return password, nil
}
