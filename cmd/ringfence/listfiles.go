package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"aead.dev/minisign"

	"ringfence/app"
	"ringfence/config"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
)

// files gets the files of the list, each of so many bytes at most.
func (c listVerifyCmd) files(ctx context.Context) (get func(file string, most int64) (io.ReadCloser, error), done func()) {
	if !strings.HasPrefix(c.From, "http://") && !strings.HasPrefix(c.From, "https://") {
		return func(file string, _ int64) (io.ReadCloser, error) { return os.Open(filepath.Join(c.From, file)) }, func() {}
	}
	client := app.NewFetcher(config.Lists{AllowPrivate: c.Private})
	return func(file string, most int64) (io.ReadCloser, error) { return download(ctx, client, c.From, file, most) }, client.Close
}

// download gets a file of a list into one that is gone when it is closed.
func download(ctx context.Context, client *fetch.Client, from, file string, most int64) (io.ReadCloser, error) {
	address, err := url.JoinPath(from, file)
	if err != nil {
		return nil, fmt.Errorf("%s is no address of a list: %w", from, err)
	}
	to, err := os.CreateTemp("", "ringfence-list-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(to.Name()); err != nil { // it lives as long as it is open
		return nil, errors.Join(err, to.Close())
	}
	if _, err := client.Get(ctx, fetch.Request{URL: address, Most: most, Time: list.DefaultLimits().Time}, to); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", file, err), to.Close())
	}
	if _, err := to.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, to.Close())
	}
	return to, nil
}

func manifestOf(get func(string, int64) (io.ReadCloser, error), key minisign.PublicKey) (list.Manifest, error) {
	read := func(file string, most int64) ([]byte, error) {
		f, err := get(file, most)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // only read
		return io.ReadAll(io.LimitReader(f, most+1))
	}
	manifest, err := read(list.ManifestFile, list.MaxManifest)
	if err != nil {
		return list.Manifest{}, err
	}
	signature, err := read(list.SignatureFile, list.MaxSignature)
	if err != nil {
		return list.Manifest{}, err
	}
	return list.Open(manifest, signature, key, list.DefaultLimits())
}

// publicKey is a key that is given itself, or in a file.
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
