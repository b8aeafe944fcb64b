package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"aead.dev/minisign"
)

// ParseKey reads a public key: the one line that begins with "RW", as people pass it on, or the whole file in which the minisign
// command keeps it.
func ParseKey(text string) (minisign.PublicKey, error) {
	var key minisign.PublicKey
	const longest = 2000
	if text = strings.TrimSpace(text); len(text) > longest || key.UnmarshalText([]byte(text)) != nil {
		return key, errors.New("this is not a public key of minisign: it is one line of 56 letters and digits that begins with RW")
	}
	return key, nil
}

// ReadKey reads a publisher's secret key, as WriteKeys and `minisign -G` write it. The password is "" for a key without one.
func ReadKey(path, password string) (minisign.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return minisign.PrivateKey{}, fmt.Errorf("the secret key cannot be read: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return minisign.PrivateKey{}, fmt.Errorf("the secret key cannot be read: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return minisign.PrivateKey{}, fmt.Errorf("other users of this machine can read the secret key %s: `chmod 600 %s` mends that", path, path)
	}
	return parseSecret(text, path, password)
}

func parseSecret(text []byte, path, password string) (key minisign.PrivateKey, err error) {
	switch encrypted := minisign.IsEncrypted(text); {
	case encrypted && password == "":
		return key, fmt.Errorf("the secret key %s needs its password", path)
	case encrypted:
		if key, err = minisign.DecryptKey(password, text); err != nil {
			return key, fmt.Errorf("the secret key %s does not open with this password", path)
		}
	default:
		if err := key.UnmarshalText(text); err != nil {
			return key, fmt.Errorf("%s is not a secret key of minisign", path)
		}
	}
	return key, nil
}

// WriteKeys makes a key pair: the secret key at path, readable by its owner only, and the public key at path with ".pub". Files that exist are never
// overwritten but are an error, because a list whose key is lost is lost. With a password the secret key is encrypted, which takes a gigabyte of
// memory for a few seconds, now and whenever it is read.
func WriteKeys(path, password string) (minisign.PublicKey, error) {
	public, secret, err := minisign.GenerateKey(nil)
	if err != nil {
		return public, err
	}
	var text []byte
	if password == "" {
		text, err = secret.MarshalText()
	} else {
		text, err = minisign.EncryptKey(password, secret)
	}
	if err != nil {
		return public, err
	}
	published, err := public.MarshalText()
	if err != nil {
		return public, err
	}
	if err := writeNew(path, text, 0o600); err != nil {
		return public, err
	}
	if err := writeNew(path+".pub", published, 0o644); err != nil {
		return public, errors.Join(err, os.Remove(path))
	}
	return public, nil
}

func writeNew(path string, text []byte, mode os.FileMode) error {
	err := writeFile(path, append(text, '\n'), os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already, and a key is never overwritten: choose another name", path)
	}
	return err
}

// sign signs a manifest. The comment, which is signed too and which `minisign -V` shows, says what was signed; the rest is as the minisign command
// writes it.
func sign(key minisign.PrivateKey, m Manifest, text []byte) ([]byte, error) {
	message := minisign.NewReader(bytes.NewReader(text))
	if _, err := io.Copy(io.Discard, message); err != nil {
		return nil, err
	}
	trusted := fmt.Sprintf("timestamp:%d\tfile:%s\tserial:%d\tname:%s", m.Made.Unix(), ManifestFile, m.Serial, m.Name)
	return message.SignWithComments(key, trusted, "signature of a shared list of Ringfence"), nil
}
