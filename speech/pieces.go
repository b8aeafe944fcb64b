package speech

import (
	"encoding/binary"
	"time"
)

// How a long recording is cut into pieces.
const (
	// longestPiece is as long as a caller's statement at most: a call whose words are wanted meanwhile waits until the piece has been read.
	longestPiece  = 10 * time.Second
	shortestPiece = 3 * time.Second        // of less, a recogniser makes less sense
	gap           = 500 * time.Millisecond // between two sentences people pause for about as long
	framesPerGap  = int(gap / framePeriod)
	framePeriod   = 20 * time.Millisecond
)

// pieces cuts sound of 16 bit into pieces that a recogniser can take, each time where it is quietest: at a pause, if there is one.
func pieces(data []byte, rate int) (all [][]byte) {
	size := rate * int(framePeriod/time.Millisecond) / 1000 * 2 // bytes of a frame
	if size <= 0 {
		return [][]byte{data} // its rate is none, as whoever reads it says; below 0 it is where an int has 32 bits
	}
	energies := make([]float64, len(data)/size)
	for f := range energies {
		energies[f] = energy(data[f*size : (f+1)*size])
	}
	const shortest, longest = int(shortestPiece / framePeriod), int(longestPiece / framePeriod)
	begin := 0
	for len(energies)-begin > longest {
		end := quietest(energies, begin+shortest, min(begin+longest, len(energies)-shortest))
		all = append(all, data[begin*size:end*size])
		begin = end
	}
	return append(all, data[begin*size:])
}

// quietest is the frame, of those from first to last, that has the quietest gap around it: the last such one.
func quietest(energies []float64, first, last int) (best int) {
	least := 0.0
	for f := first; f <= last; f++ {
		sum := 0.0
		for _, e := range energies[f-framesPerGap/2 : f+framesPerGap/2] {
			sum += e
		}
		if f == first || sum <= least {
			best, least = f, sum
		}
	}
	return best
}

// energy is that of 16-bit samples.
func energy(data []byte) (sum float64) {
	for at := 0; at+1 < len(data); at += 2 {
		x := float64(int16(binary.LittleEndian.Uint16(data[at:])))
		sum += x * x
	}
	return sum
}
