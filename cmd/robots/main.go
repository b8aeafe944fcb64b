// Command robots rings a household with 100 recorded calls and 60 people, and counts for how many its phones would ring. They are real calls on a real
// Asterisk, several at a time; docs/speech-measured.md has what came of it. The words are in texts.toml. Their recordings are made by a program that is called as
// "PROGRAM FILE.toml FOLDER --voice NAME --speed NUMBER --rates 8000" and writes a file NAME.wav for each phrase of the file:
//
//	go run ./cmd/robots -speak PROGRAM -recordings FOLDER   make the recordings that are missing, and ring
//	go run ./cmd/robots -recordings FOLDER                  ring with those that are there
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
)

func main() {
	program := flag.String("program", "bin/ringfence", "the ringfence binary")
	folder := flag.String("recordings", "", "the folder of the recordings")
	speak := flag.String("speak", "", "the program that makes recordings; none are made without it")
	atOnce := flag.Int("at-once", 16, "calls at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *program, *folder, *speak, *atOnce)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "robots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, folder, speak string, atOnce int) error {
	if folder == "" {
		return errors.New("say where the recordings are: -recordings FOLDER")
	}
	if speak != "" {
		if err := record(ctx, speak, folder); err != nil {
			return err
		}
	}
	callers, err := everybody(folder)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ringfence-robots")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	inst, err := asterisk.Find(ctx)
	if err != nil {
		return err
	}
	house, err := testbed.Open(ctx, testbed.Options{
		Dir: dir, Program: program, Install: inst, Quiet: true, Phones: []testbed.Phone{{Name: "hall"}}, Calls: 2 * atOnce, RTPPorts: 2000,
	})
	if err != nil {
		return err
	}
	results, err := ringAll(ctx, house, callers, atOnce)
	if err := errors.Join(err, house.Close()); err != nil {
		return err
	}
	return report(results)
}
