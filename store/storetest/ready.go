// Package storetest is for tests that need a database of their own.
package storetest

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// made is an empty database after all migrations. Making one takes a fifth of a second with the race detector, and the tests of store and web need
// hundreds.
var made struct {
	once  sync.Once
	bytes []byte
	err   error
}

// Ready puts an empty database at a path; the first time it is made by open, which is store.Open. (The tests of store import this package, which
// therefore cannot import store.)
func Ready[Store io.Closer](ctx context.Context, path string, open func(context.Context, string) (Store, error)) error {
	made.once.Do(func() { made.bytes, made.err = first(ctx, open) })
	if made.err != nil {
		return made.err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, made.bytes, 0o600)
}

func first[Store io.Closer](ctx context.Context, open func(context.Context, string) (Store, error)) (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "ringfence-store")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "data", "ringfence.db")
	db, err := open(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
