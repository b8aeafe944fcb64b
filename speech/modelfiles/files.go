// Package modelfiles is the files of the recogniser that runs on this machine: which they are, where they are found, and how they get there.
//
// They are not in the program: they take 80 MB, and not every household wants them. They come in two packages of Python's, whose versions and
// hashes are here, so that what runs is what was tested. Nothing in Python is run but pip, which downloads.
package modelfiles

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The files that the recogniser opens.
const (
	Encoder    = "encoder_model.ort"
	Decoder    = "decoder_model_merged.ort"
	Vocabulary = "tokenizer.bin"
	Runtime    = "libonnxruntime.so.1.32.0"
)

// checked is a file, and what shows that it is the right one.
type checked struct {
	name   string
	size   int64
	sha256 string
}

// wheel is a package of Python's, as pip downloads it.
type wheel struct {
	checked
	what        string             // for people
	requirement string             // for pip
	platform    string             // of the file, which need not be this machine's: the model is the same for all
	members     map[string]checked // what is taken from it, by its name in the package
}

var model = wheel{
	checked: checked{
		"moonshine_voice-0.0.62-py3-none-manylinux_2_34_x86_64.whl", 89538712,
		"bb272b92104f05c2a6a44493fce7d708af8e5f840145c58dbab4ff2f20c22fa5",
	},
	what: "the model", requirement: "moonshine-voice==0.0.62", platform: "manylinux_2_34_x86_64",
	members: map[string]checked{
		"moonshine_voice/assets/tiny-en/encoder_model.ort":        {Encoder, 13281600, "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"},
		"moonshine_voice/assets/tiny-en/decoder_model_merged.ort": {Decoder, 30412256, "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"},
		"moonshine_voice/assets/tiny-en/tokenizer.bin":            {Vocabulary, 249974, "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"},
		"moonshine_voice-0.0.62.dist-info/licenses/LICENSE":       {"LICENSE.moonshine", 1070, "5da20e09cad096fb153b6c80b26c270027f9601285c498e571fc74fee5ab7157"},
	},
}

// runtimes are ONNX Runtime for each kind of machine.
var runtimes = map[string]wheel{
	"amd64": onnxRuntime(
		checked{"onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_x86_64.whl", 27773237, "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d"},
		"manylinux_2_28_x86_64", checked{Runtime, 34824680, "6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f"}),
	"arm64": onnxRuntime(
		checked{"onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_aarch64.whl", 23195070, "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c"},
		"manylinux_2_28_aarch64", checked{Runtime, 27165936, "49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a"}),
}

func onnxRuntime(file checked, platform string, library checked) wheel {
	return wheel{
		checked: file, what: "the program that runs it", requirement: "onnxruntime==1.32.0", platform: platform,
		members: map[string]checked{
			"onnxruntime/capi/" + Runtime:       library,
			"onnxruntime/LICENSE":               {"LICENSE.onnxruntime", 1073, "2f07c72751aed99790b8a4869cf2311df85a860b22ded05fa22803587a48922c"},
			"onnxruntime/ThirdPartyNotices.txt": {"ThirdPartyNotices.onnxruntime.txt", 334795, "d8696258afcf9df7827a5e01d6b6d55ee9b461b4e82020f5f48242deb9cc2270"},
		},
	}
}

// Architectures are the kinds of machine that it runs on, by Go's names.
func Architectures() []string { return slices.Sorted(maps.Keys(runtimes)) }

// Part is one of the two packages of Python's that the files come from.
type Part struct {
	Name, Version string
	SHA256        string // of the package
	IsModel       bool
}

// Parts are those for a kind of machine, for a bill of materials.
func Parts(arch string) (parts []Part, err error) {
	needed, err := wheels(arch)
	for i, w := range needed {
		name, version, _ := strings.Cut(w.requirement, "==")
		parts = append(parts, Part{Name: name, Version: version, SHA256: w.sha256, IsModel: i == 0})
	}
	return parts, err
}

// wheels are what a kind of machine needs, the model first.
func wheels(arch string) ([]wheel, error) {
	library, known := runtimes[arch]
	if !known {
		return nil, fmt.Errorf("speech recognition does not run on this kind of computer (%s): use one in your home network instead (docs/speech.md)", arch)
	}
	return []wheel{model, library}, nil
}

// ErrMissing says that the files are not on this machine.
var ErrMissing = errors.New("speech recognition is not installed: type `sudo ringfence speech install`")

const (
	// folderVariable names another folder than those below.
	folderVariable = "RINGFENCE_SPEECH"
	// packagedFolder is where the package ringfence-speech and the image have them. Nothing else is written there.
	packagedFolder = "/usr/lib/ringfence/speech"
	// machineFolder is the machine's own, which Ringfence's package makes, and only root may write to.
	machineFolder = "/var/lib/ringfence-root"
	ownFolder     = "speech"
)

// target is the folder that they are installed in: the machine's, or the user's cache where Ringfence has no package. It has nothing else, because an
// installation replaces all of it.
func target() (string, error) {
	if folder := os.Getenv(folderVariable); folder != "" {
		if !filepath.IsAbs(folder) {
			return "", fmt.Errorf("%s is %q: write a whole path, such as /srv/speech", folderVariable, folder)
		}
		return filepath.Join(folder, "ringfence", ownFolder), nil
	}
	if info, err := os.Stat(machineFolder); err == nil && info.IsDir() {
		return filepath.Join(machineFolder, ownFolder), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for speech recognition: set HOME or XDG_CACHE_HOME: %w", err)
	}
	return filepath.Join(cache, "ringfence", ownFolder), nil
}

// Find returns the folder that has the files, or ErrMissing.
func Find() (string, error) {
	needed, err := wheels(runtime.GOARCH)
	if err != nil {
		return "", err
	}
	folder, found, err := place(needed)
	if err == nil && !found {
		err = ErrMissing
	}
	if err != nil {
		return "", err
	}
	return folder, nil
}

// place is the folder that has the files; where none has them, the one that they are installed in.
func place(needed []wheel) (folder string, found bool, err error) {
	if os.Getenv(folderVariable) == "" && complete(packagedFolder, needed) {
		return packagedFolder, true, nil
	}
	folder, err = target()
	return folder, err == nil && complete(folder, needed), err
}

// complete says whether all files are in a folder, by their sizes; their hashes were right when they were put there.
func complete(folder string, needed []wheel) bool {
	for _, w := range needed {
		for _, f := range w.members {
			info, err := os.Stat(filepath.Join(folder, f.name))
			if err != nil || info.Size() != f.size {
				return false
			}
		}
	}
	return true
}
