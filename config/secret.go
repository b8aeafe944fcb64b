package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret is a value as written, or from the environment ("env:NAME") or a file ("file:/path").
func secret(value string) (string, error) {
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		found, set := os.LookupEnv(name)
		if !set || found == "" {
			return "", fmt.Errorf("the settings take a password from the environment variable %s, which is not set", name)
		}
		return found, nil
	}
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("the settings take a password from a file that cannot be read: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	return value, nil
}

// ARIPassword is the one in the settings, or the one made at set-up and kept in the data folder, or in Asterisk's own.
func (s Settings) ARIPassword() (string, error) {
	if s.Asterisk.ARIPassword != "" {
		return secret(s.Asterisk.ARIPassword)
	}
	text, err := os.ReadFile(s.ariPasswordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNotSetUp
	}
	if err != nil {
		return "", fmt.Errorf("the ARI password cannot be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

var errNotSetUp = errors.New("Asterisk has not been set up for this data folder yet: run `ringfence asterisk config` first")

// ariPasswordFile is where both Asterisk and the application can read it, and Asterisk can make it.
func (s Settings) ariPasswordFile() string {
	if own, apart := s.OwnAsteriskFolder(); apart {
		return filepath.Join(own, "ari-password")
	}
	return filepath.Join(s.Data, "ari-password")
}

// MakeARIPassword is ARIPassword at set-up: a password is made where there is none yet.
func (s Settings) MakeARIPassword() (string, error) {
	password, err := s.ARIPassword()
	if !errors.Is(err, errNotSetUp) {
		return password, err
	}
	bits := [24]byte{}
	if _, err := rand.Read(bits[:]); err != nil {
		return "", err
	}
	made := base64.RawURLEncoding.EncodeToString(bits[:])
	// O_EXCL: of two that start at the same time, one makes it and the other reads it.
	f, err := os.OpenFile(s.ariPasswordFile(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return s.ARIPassword()
	}
	if err != nil {
		return "", fmt.Errorf("the ARI password cannot be kept: %w", err)
	}
	_, err = f.WriteString(made + "\n")
	if _, apart := s.OwnAsteriskFolder(); apart {
		err = errors.Join(err, f.Chmod(0o640)) // the folder's group is the application's
	}
	return made, errors.Join(err, f.Sync(), f.Close())
}
