package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// speechPackages have files that are not ours, under licences that are in the package. They are the same for each kind of machine.
const speechPackages = "ringfence-speech_*.deb"

// speechLicences are the files with them, in the order in which they are handed on.
var speechLicences = []string{"./usr/share/doc/ringfence-speech/copyright", "./usr/lib/ringfence/speech/ThirdPartyNotices.onnxruntime.txt"}

// licencesOfSpeech are the licences of what is in the package of speech recognition; nil if the folder has none.
func licencesOfSpeech(folder string) ([]byte, error) {
	found, err := fs.Glob(os.DirFS(folder), speechPackages)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	unpack := exec.Command("dpkg-deb", "--fsys-tarfile", filepath.Join(folder, found[0])) //nolint:gosec,noctx // a package that was just made
	packed, err := unpack.Output()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be unpacked: %w", found[0], err)
	}
	texts := map[string][]byte{}
	files := tar.NewReader(bytes.NewReader(packed))
	for {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			texts[file.Name], err = io.ReadAll(files)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", found[0], err)
		}
	}
	all := []byte("\n\nIn the package ringfence-speech:\n")
	for _, name := range speechLicences {
		if len(texts[name]) == 0 {
			return nil, fmt.Errorf("%s lacks %s", found[0], name)
		}
		all = append(append(all, "\n"...), texts[name]...)
	}
	return all, nil
}
