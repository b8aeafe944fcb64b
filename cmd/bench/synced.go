package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// What somebody was told is saved waits for the disk (sqlite.Writer). To compare, the same program is built once more without this: -overlay gives
// the compiler another text of one file.
const (
	syncedFile = "store/sqlite/sqlite.go"
	synced     = `"_synchronous": {"FULL"}`
	unsynced   = `"_synchronous": {"NORMAL"}`
)

// warmCalls are made before a round by a program that has just been started.
const warmCalls = 300

// waitedForTheDisk compares blocked calls by the two builds, on one Asterisk and one database, in turn. Which of them is first changes from pair to
// pair.
func (b *bench) waitedForTheDisk(ctx context.Context) error {
	if b.synced == 0 {
		return nil
	}
	fmt.Printf("\n%d rounds of %d blocked calls each by two builds, which wait for the disk after what they acknowledge (FULL), and do not (NORMAL)\n\n", b.synced, b.calls)
	programs := map[string]string{}
	for _, text := range []string{synced, unsynced} {
		program, err := b.build(ctx, text)
		if err != nil {
			return err
		}
		programs[text] = program
	}
	printColumns()
	order := []string{synced, unsynced}
	var all comparison
	for range b.synced {
		results := map[string]result{}
		for _, text := range order {
			b.testbed.Stop()
			b.testbed.Program = programs[text]
			if err := b.testbed.Serve(ctx); err != nil {
				return err
			}
			if err := b.sipp(ctx, viaApp, warmCalls, b.rate); err != nil {
				return err
			}
			var err error
			if results[text], err = b.round(ctx, viaApp); err != nil {
				return err
			}
		}
		results[synced].print("FULL")
		results[unsynced].print("NORMAL")
		all.add(results[synced], results[unsynced])
		order[0], order[1] = order[1], order[0]
	}
	all.print("FULL / NORMAL", map[string]string{ofCPU: "aim: at most 1.05"})
	return nil
}

// build builds the program with another text in place of synced.
func (b *bench) build(ctx context.Context, text string) (program string, err error) {
	source, err := os.ReadFile(syncedFile)
	if err != nil {
		return "", err
	}
	if bytes.Count(source, []byte(synced)) != 1 {
		return "", fmt.Errorf("%s does not have %s once", syncedFile, synced)
	}
	original, err := filepath.Abs(syncedFile)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(b.dir, "build")
	if err != nil {
		return "", err
	}
	changed, overlay := filepath.Join(dir, "sqlite.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(
		os.WriteFile(changed, bytes.Replace(source, []byte(synced), []byte(text), 1), 0o600), os.WriteFile(overlay, replace, 0o600),
	); err != nil {
		return "", err
	}
	program = filepath.Join(dir, "ringfence")
	out, err := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", program, "./cmd/ringfence").CombinedOutput() //nolint:gosec // the folder is this program's own
	if err != nil {
		return "", fmt.Errorf("building with %s: %w: %s", text, err, out)
	}
	return program, nil
}
