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

// owned says whose password is read.
type owned struct {
	name    string // such as "the password of the phone hall of home"
	foreign bool   // somebody else has chosen it, as a provider does: a new one would not be taken
}

// secret is a value as written, or from the environment ("env:NAME") or a file ("file:/path").
func secret(of owned, value string) (string, error) {
	if name, ok := strings.CutPrefix(value, fromEnvironment); ok {
		found, set := os.LookupEnv(name)
		if !set || found == "" {
			return "", fmt.Errorf("%s is to come from the environment variable %s, which is not set: set it for Ringfence's service, or write \"file:/etc/ringfence/NAME\" and put it there", of.name, name)
		}
		return found, nil
	}
	if path, ok := strings.CutPrefix(value, fromFile); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fileFault(of, path, err)
		}
		password := strings.TrimSpace(string(text))
		if password == "" {
			return "", unusableFile{of: of, path: path, what: "which is empty"}
		}
		return password, nil
	}
	return value, nil
}

// What a password begins with that is kept elsewhere.
const fromEnvironment, fromFile = "env:", "file:"

// ARIPassword is ARI's password: the one in the settings, or the one made at set-up and kept in the data folder, or in Asterisk's own.
func (s Settings) ARIPassword() (string, error) {
	if s.Asterisk.ARIPassword != "" {
		return secret(owned{name: "the ARI password"}, s.Asterisk.ARIPassword)
	}
	text, err := os.ReadFile(s.ariPasswordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", notSetUp{s}
	}
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("only its owner may look into the data folder %s: type the command with sudo before it", s.Data)
	}
	if err != nil {
		return "", fmt.Errorf("the ARI password cannot be read: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// notSetUp says that there is no ARI password yet.
type notSetUp struct{ s Settings }

func (e notSetUp) Error() string {
	return fmt.Sprintf("Asterisk has not been set up for the data folder %s yet: type `%s`", e.s.Data, e.s.ConfigCommand())
}

// NotSetUp says whether err only means that Asterisk has never started with these settings.
func NotSetUp(err error) bool { return errors.As(err, new(notSetUp)) }

// ConfigCommand is the command that writes Asterisk's configuration from these settings.
func (s Settings) ConfigCommand() string {
	words := []string{"sudo", "ringfence"}
	if s.File != "" && s.File != DefaultFile {
		words = append(words, "--config", ShellQuoted(s.File))
	}
	return strings.Join(append(words, "asterisk", "config", ShellQuoted(s.AsteriskFolder())), " ")
}

// ariPasswordFile is where both Asterisk and the application can read it, and Asterisk can make it.
func (s Settings) ariPasswordFile() string {
	if own, apart := s.OwnAsteriskFolder(); apart {
		return filepath.Join(own, "ari-password")
	}
	return filepath.Join(s.Data, "ari-password")
}

// MakeARIPassword is ARIPassword at set-up: a password is made if there is none yet.
func (s Settings) MakeARIPassword() (string, error) {
	password, err := s.ARIPassword()
	if !errors.As(err, new(notSetUp)) {
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
