// Command pictures takes the pictures of README.md and docs/ (`make pictures`): of the pages of the real program, in a real Chromium, while a
// simulated stranger is being screened on a real Asterisk.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"ringfence/asterisk"
	"ringfence/demo"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

func main() {
	program := flag.String("program", "bin/ringfence", "the ringfence binary")
	dir := flag.String("dir", "docs/pictures", "the folder for the pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	err := run(ctx, *program, *dir)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, dir string) (err error) {
	program, err = filepath.Abs(program)
	if err != nil {
		return err
	}
	inst, err := asterisk.Install(ctx, os.Stderr)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "ringfence-pictures")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
	home, err := testbed.Open(ctx, testbed.Options{
		Dir: folder, Program: program, Install: inst, Phones: []testbed.Phone{{Name: "hall"}}, Quiet: true, Answers: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	fmt.Println("Three calls, so that the log has some …")
	if err := demo.FirstScenes(ctx, home, io.Discard); err != nil {
		return err
	}
	page, err := openAsDaughter(ctx, home)
	if err != nil {
		return err
	}
	defer page.close()
	fmt.Println("A stranger rings …")
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute) // several times what a busy machine needs
	defer cancel()
	return screened(ctx, home, func() error { return page.shoot(dir) })
}

// screened lets a stranger say who he is, and calls shoot while the phone in the hall rings with his call.
func screened(ctx context.Context, home *testbed.Testbed, shoot func() error) error {
	hall, err := home.Telephone(ctx, "hall", nil)
	if err != nil {
		return err
	}
	defer func() { _ = hall.Close() }()
	stranger, err := home.Caller("stranger", nil)
	if err != nil {
		return err
	}
	defer func() { _ = stranger.Close() }()
	call, err := home.Dial(ctx, stranger, softphone.CallerID{Number: "02079460999"}) // Ofcom's numbers for drama: nobody real has them
	if err != nil {
		return err
	}
	voice, err := softphone.Voice("microsoft")
	if err != nil {
		return err
	}
	if _, err := call.HearsOut(ctx, "ask-name", "beep"); err != nil {
		return err
	}
	if err := call.Say(ctx, voice); err != nil {
		return err
	}
	if _, err := hall.Rings(ctx); err != nil {
		return err
	}
	return errors.Join(shoot(), call.Hangup(ctx))
}
