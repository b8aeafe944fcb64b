package moonshine

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ringfence/sound"
)

// answer is a line of JSON, for each recording and one before them. Recordings come with their length before them, in four bytes. A length of 0 is no
// recording: it says that nobody waits for the answer any more, which then is an error, and comes at once.
type answer struct {
	Number int    `json:"number"` // of the recording, from 1; 0 says that the model is loaded
	Text   string `json:"text,omitempty"`
	Unsure bool   `json:"unsure,omitempty"`
	Error  string `json:"error,omitempty"`
}

const (
	// mostBytes of a recording: three minutes at 16 kHz are 6 MB.
	mostBytes = 8 << 20
	// longestPiece is how long a recording may be, in seconds. The model was made for short ones, and its memory grows with their length.
	longestPiece = 30
	// memoryBeyond is how much more memory the process may take than it has once the model is loaded. Recordings of 30 s take 90 MB.
	memoryBeyond = 256 << 20
	// unsureDoubt is the doubt from which on words are marked.
	unsureDoubt = 0.35
)

// Process is the process that has the model: it answers recordings from in until that ends, as it does when the program that started it has ended,
// however that happened. It ends at once then, whatever it is doing. Signals that stop a service reach all of its processes at the same time, but the
// program that stops may still have a call: it ends this process itself.
func Process(in io.Reader, out io.Writer, folder string) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	recordings, loaded := make(chan []byte), make(chan *model, 1)
	go receive(in, loaded, recordings)
	answers := json.NewEncoder(out)
	m, err := load(folder)
	if err != nil {
		return errors.Join(err, answers.Encode(answer{Error: err.Error()}))
	}
	loaded <- m
	if err := modest(); err != nil {
		return err
	}
	if err := answers.Encode(answer{}); err != nil {
		return err
	}
	var earlier drafts
	for number := 1; ; number++ {
		var recording []byte
		recording, earlier = earlier.await(recordings)
		found, err := m.hear(recording, earlier.of(recording))
		earlier = earlier.keep(recording, found.tokens) // also if nobody waits for it any more: the whole comes next
		a := answer{Number: number, Text: found.text, Unsure: found.doubt > unsureDoubt}
		if err != nil {
			a = answer{Number: number, Error: err.Error()}
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// receive passes recordings on, and ends the reading of one that nobody waits for.
func receive(in io.Reader, loaded <-chan *model, recordings chan<- []byte) {
	var m *model
	for in := bufio.NewReader(in); ; {
		recording, err := readRecording(in)
		if err != nil {
			os.Exit(0) // in the middle of a reading, too: nobody waits for it any more
		}
		if m == nil {
			m = <-loaded
		}
		if len(recording) == 0 {
			_ = m.run.Terminate() // it always succeeds
			continue
		}
		_ = m.run.UnsetTerminate() // before the recording is begun, which may be dropped at once
		recordings <- recording
	}
}

func readRecording(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	if length > mostBytes {
		return nil, errors.New("a recording is too large")
	}
	recording := make([]byte, length)
	_, err := io.ReadFull(in, recording)
	return recording, err
}

// hear reads a recording, beginning with the tokens of a draft.
func (m *model) hear(recording []byte, draft []int64) (decoded, error) {
	samples, err := sound.Samples(recording, modelRate)
	if err != nil {
		return decoded{}, err
	}
	if len(samples) > longestPiece*modelRate {
		return decoded{}, fmt.Errorf("a recording of more than %d seconds cannot be read in one piece", longestPiece)
	}
	single := make([]float32, len(samples), len(samples)+silentEnd)
	for i, x := range samples {
		single[i] = float32(x)
	}
	return m.read(single, draft)
}

// modest makes this the process that the system ends first if memory runs out, and limits its memory.
func modest() error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // a system may forbid it
	used, err := dataSize()
	if err != nil {
		return err
	}
	limit := used + memoryBeyond
	return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit})
}

// dataSize is what RLIMIT_DATA counts (proc(5), VmData).
func dataSize() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmData:"); found {
			kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the system does not say how much memory this process has")
}
