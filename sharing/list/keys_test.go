package list

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/scrypt"
)

// encrypted is a secret key as `minisign -G` writes it, but with a password that costs milliseconds instead of seconds and a
// gigabyte. The layout is that of minisign's page, "Secret key format".
func encrypted(t *testing.T, key minisign.PrivateKey, password string) string {
	t.Helper()
	open, err := key.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(open), "\n")
	raw, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		t.Fatal(err)
	}
	const salt, ops, mem, secret, sum = 6, 38, 46, 54, 126
	copy(raw[2:4], "Sc")
	copy(raw[salt:], "a salt of thirty-two bytes, no m")
	binary.LittleEndian.PutUint64(raw[ops:], 1<<15)
	binary.LittleEndian.PutUint64(raw[mem:], 1<<24)
	check := blake2b.Sum256(append([]byte("Ed"), raw[secret:sum]...))
	copy(raw[sum:], check[:])
	const n, r, p = 1 << 10, 8, 1 // what libsodium makes of ops and mem
	stream, err := scrypt.Key([]byte(password), raw[salt:ops], n, r, p, len(raw)-secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range stream {
		raw[secret+i] ^= b
	}
	return "untrusted comment: minisign encrypted secret key\n" + base64.StdEncoding.EncodeToString(raw) + "\n"
}

func TestSecretKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	public, err := WriteKeys(path, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ReadKey(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if own, ok := key.Public().(minisign.PublicKey); !ok || !own.Equal(public) {
		t.Errorf("the keys are no pair")
	}
	if _, err := WriteKeys(path, ""); err == nil || !strings.Contains(err.Error(), "never overwritten") {
		t.Errorf("written over another: %v", err)
	}
	if again, err := ReadKey(path, ""); err != nil || !again.Equal(key) {
		t.Errorf("it is another now: %v", err)
	}
	if err := os.WriteFile(path, []byte(encrypted(t, key, "correct horse")), 0o600); err != nil {
		t.Fatal(err)
	}
	if opened, err := ReadKey(path, "correct horse"); err != nil || !opened.Equal(key) {
		t.Errorf("with the right password: %v", err)
	}
	for password, why := range map[string]string{"": "needs its password", "wrong horse": "does not open with this password"} {
		if _, err := ReadKey(path, password); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", password, err)
		}
	}
	if err := os.WriteFile(path, []byte(public.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(path, ""); err == nil || !strings.Contains(err.Error(), "not a secret key") {
		t.Errorf("a public key: %v", err)
	}

	// Where the public key cannot be written, the secret one does not stay alone.
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other+".pub", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteKeys(other, ""); err == nil {
		t.Error("a public key was written over another")
	}
	if _, err := os.Stat(other); !os.IsNotExist(err) {
		t.Errorf("the secret key stays: %v", err)
	}
}

func FuzzSecretKey(f *testing.F) {
	_, key, err := minisign.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	text, err := key.MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		if minisign.IsEncrypted(text) {
			return // whose password costs what the file says, up to a gigabyte
		}
		if _, err := parseSecret(text, "key", ""); err != nil && !strings.HasSuffix(err.Error(), "is not a secret key of minisign") {
			t.Error(err)
		}
	})
}
