// Command pack makes the recordings smaller for "go build -tags packed", without losing a bit of those at 16 kHz: go run ./prompts/pack prompts/packed. The same
// recordings give the same files.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"

	"ringfence/prompts"
	"ringfence/sound"
	"ringfence/sound/lossless"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pack FOLDER")
		os.Exit(2)
	}
	if err := pack(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "pack: %s\n", err)
		os.Exit(1)
	}
}

// phrase is a recording at both rates.
type phrase struct {
	id         prompts.ID
	wide, half []int16
}

func pack(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	digest := sha256.New()
	for _, language := range prompts.Languages() {
		if err := os.MkdirAll(filepath.Join(folder, language), 0o755); err != nil {
			return err
		}
		phrases, err := read(language)
		if err != nil {
			return err
		}
		halver, err := fit(phrases)
		if err != nil {
			return err
		}
		weights, err := binary.Append(nil, binary.LittleEndian, []int32(halver))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, language+".halver"), weights, 0o644); err != nil {
			return err
		}
		var index strings.Builder
		for _, p := range phrases {
			fmt.Fprintf(&index, "%s %d\n", p.id, len(p.wide))
			packed := lossless.Encode(p.wide)
			fmt.Fprintf(digest, "%s/%s %d\n", language, p.id, len(packed))
			digest.Write(packed)
			if err := os.WriteFile(filepath.Join(folder, language, string(p.id)), packed, 0o644); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(folder, language+".index"), []byte(index.String()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "digest"), []byte(hex.EncodeToString(digest.Sum(nil))+"\n"), 0o644)
}

func read(language string) (phrases []phrase, err error) {
	for _, id := range prompts.All() {
		p := phrase{id: id}
		for rate, into := range map[prompts.Rate]*[]int16{prompts.Wide: &p.wide, prompts.Narrow: &p.half} {
			found, data, err := sound.Read(prompts.Recording(language, id, rate))
			if err != nil || found != int(rate) {
				return nil, fmt.Errorf("%s of %s at %d Hz is no recording (%w)", id, language, rate, err)
			}
			*into = make([]int16, len(data)/2)
			if _, err := binary.Decode(data, binary.LittleEndian, *into); err != nil {
				return nil, err
			}
		}
		phrases = append(phrases, p)
	}
	return phrases, nil
}

// taps are how many samples a halver looks at, and every is how many of the samples it is fitted to.
const taps, every = 129, 7

// fit finds the halver that makes the recordings at 8 kHz of those at 16 kHz, by least squares.
func fit(phrases []phrase) (lossless.Halver, error) {
	squares := make([]float64, taps*taps)
	products := make([]float64, taps)
	var around [taps]float64
	for _, p := range phrases {
		for i := 0; i < len(p.half); i += every {
			for j := range around {
				around[j] = 0
				if at := 2*i - taps/2 + j; at >= 0 && at < len(p.wide) {
					around[j] = float64(p.wide[at])
				}
			}
			for j, a := range around {
				products[j] += a * float64(p.half[i])
				for k := j; k < taps; k++ {
					squares[j*taps+k] += a * around[k]
				}
			}
		}
	}
	for j := range taps {
		squares[j*taps+j] *= 1 + 1e-9 // where two samples are always the same
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(mat.NewSymDense(taps, squares)) {
		return nil, fmt.Errorf("no halver fits these recordings")
	}
	var solved mat.VecDense
	if err := cholesky.SolveVecTo(&solved, mat.NewVecDense(taps, products)); err != nil {
		return nil, err
	}
	return lossless.NewHalver(solved.RawVector().Data), nil
}
