package list_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ringfence/sharing/list"
)

// What Git, FTP and editors do to a manifest's line ends and beginning does not make another list of it; anything else does.
func TestLineEndsOfAManifest(t *testing.T) {
	public, secret := newKey(t)
	dir := t.TempDir()
	publish(t, dir, secret, list.Options{}, entry("442079460666", 0.9))
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	manifest, signature := read(list.ManifestFile), read(list.SignatureFile)
	crlf := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
	bom := func(text []byte) []byte { return append([]byte("\ufeff"), text...) }
	for name, one := range map[string]struct{ manifest, signature []byte }{
		"as it is": {manifest, signature}, "CRLF": {crlf(manifest), signature}, "BOM": {bom(manifest), signature}, "both": {bom(crlf(manifest)), signature},
		"the signature CRLF": {manifest, crlf(signature)}, "the signature BOM": {manifest, bom(signature)}, "all of it": {bom(crlf(manifest)), bom(crlf(signature))},
	} {
		if m, err := list.Open(one.manifest, one.signature, public, list.DefaultLimits()); err != nil || m.Serial != 1 {
			t.Errorf("%s: %+v %v", name, m, err)
		}
	}
	for name, wrong := range map[string][]byte{
		"a space more": append(bytes.Clone(manifest), ' '), "a line less": bytes.TrimSpace(manifest), "lone CRs": bytes.ReplaceAll(manifest, []byte("\n"), []byte("\r")),
		"another number": bytes.Replace(manifest, []byte(`"serial": 1`), []byte(`"serial": 2`), 1),
	} {
		if _, err := list.Open(wrong, signature, public, list.DefaultLimits()); !errors.Is(err, list.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
