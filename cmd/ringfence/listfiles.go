package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"aead.dev/minisign"

	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
)

// download gets a file of a list into a folder.
func download(ctx context.Context, client *fetch.Client, from, dir, file string, most int64) error {
	address, err := url.JoinPath(from, file)
	if err != nil {
		return fmt.Errorf("%s is not an address of a list: %w", from, err)
	}
	to, err := os.Create(filepath.Join(dir, file)) //nolint:gosec // what a manifest calls its parts has been checked (list.Open)
	if err != nil {
		return err
	}
	_, err = client.Get(ctx, fetch.Request{URL: address, Most: most, Time: list.DefaultLimits().Time}, to)
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return errors.Join(err, to.Close())
}

// publicKey reads a key from the argument itself, or from the file that it names.
func publicKey(given string) (minisign.PublicKey, error) {
	if text, err := os.ReadFile(given); err == nil {
		key, err := list.ParseKey(string(text))
		if err != nil {
			err = fmt.Errorf("%s: %w", given, err)
		}
		return key, err
	}
	return list.ParseKey(given)
}
