// Command release completes a folder of packages and programs: the licences of all that is in them, a bill of materials (CycloneDX 1.5), checksums,
// and their signature by a secret key of minisign's. The same commit and key give the same bytes.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aead.dev/minisign"

	"ringfence/app"
	"ringfence/licences"
	"ringfence/sharing/list"
)

// Files that are made in the folder.
const (
	licencesFile = "LICENCES.txt"
	sumsFile     = "SHA256SUMS"
	programs     = "ringfence-linux-*"
	billEnding   = ".cdx.json"
)

func main() {
	key := flag.String("key", "", "the secret key of minisign's that signs the checksums")
	flag.Parse()
	if flag.NArg() != 1 || *key == "" {
		fmt.Fprintln(os.Stderr, "usage: release --key FILE FOLDER")
		os.Exit(2)
	}
	if err := complete(flag.Arg(0), *key); err != nil {
		fmt.Fprintf(os.Stderr, "release: %s\n", err)
		os.Exit(1)
	}
}

func complete(folder, keyFile string) error {
	key, err := list.ReadKey(keyFile, "")
	if err != nil {
		return err
	}
	own, err := os.ReadFile("LICENSE")
	if err != nil {
		return fmt.Errorf("run this in the checkout: %w", err)
	}
	speech, err := licencesOfSpeech(folder)
	if err != nil {
		return err
	}
	text := slices.Concat(own, []byte("\n\n"), []byte(licences.Text), speech)
	if err := os.WriteFile(filepath.Join(folder, licencesFile), text, 0o644); err != nil {
		return err
	}
	if err := writeBills(folder); err != nil {
		return err
	}
	sums, err := checksums(folder)
	if err != nil {
		return err
	}
	signature := minisign.SignWithComments(key, sums, "ringfence "+app.Release, "signature of "+sumsFile)
	return errors.Join(
		os.WriteFile(filepath.Join(folder, sumsFile), sums, 0o644),
		os.WriteFile(filepath.Join(folder, sumsFile+".minisig"), signature, 0o644),
	)
}

// checksums are those of all files, as sha256sum writes and checks them.
func checksums(folder string) ([]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var sums strings.Builder
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), sumsFile) || !e.Type().IsRegular() {
			continue
		}
		sum, err := sha256Of(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, e.Name())
	}
	return []byte(sums.String()), nil
}

func sha256Of(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// write writes the bill into a file.
func (b bill) write(file string) error {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// writeBills writes what each program was built from, as it says itself, and what is in the packages of speech recognition.
func writeBills(folder string) error {
	found, err := fs.Glob(os.DirFS(folder), programs)
	found = slices.DeleteFunc(found, func(name string) bool { return filepath.Ext(name) != "" }) // an earlier bill
	if err != nil || len(found) == 0 {
		return errors.Join(err, fmt.Errorf("there is no %s in %s", programs, folder))
	}
	for _, name := range found {
		made, err := billOf(filepath.Join(folder, name))
		if err == nil {
			err = made.write(filepath.Join(folder, name+billEnding))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	packages, err := fs.Glob(os.DirFS(folder), speechPackages)
	if err != nil {
		return err
	}
	for _, name := range packages {
		whole := strings.TrimSuffix(name, ".deb")
		made, err := billOfSpeech(whole[strings.LastIndexByte(whole, '_')+1:])
		if err == nil {
			err = made.write(filepath.Join(folder, whole+billEnding))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
