// Command speech measures the built-in speech recognition, in the process that calls use, with sentences that twelve synthetic voices speak, British
// and American. They were recorded with Kokoro-82M. It has five parts:
//
//   - how many words are wrong: in the recordings as they are (G.711), after GSM, with packets lost, and in noise;
//   - how many words are invented for recordings in which nobody speaks;
//   - how long it takes until the words are there, and how much processor time, with what was said read along (see grows) and without;
//   - the same in a process that has a fifth of the time: it is stopped for four fifths of each 100 ms;
//   - how much memory the process had at most.
//
// It fails if words or memory miss their aims. Times depend on the machine, and what else it does.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
	"github.com/zaf/g711"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/modelfiles"
	"ringfence/speech/moonshine"
	"ringfence/speech/speechtest"
)

// recordings are raw µ-law, 8 kHz: VOICE-SENTENCE.ulaw. What they say is in sentences.txt, a line each.
//
//go:embed recordings sentences.txt
var recordings embed.FS

func main() {
	program := flag.String("program", "bin/ringfence", "the ringfence binary")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := (&bench{program: *program}).run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	program    string
	process    *exec.Cmd
	recogniser *moonshine.Recogniser
	all        []recording
	missed     []error // the aims that were
}

// recording is a sentence in a voice.
type recording struct {
	voice, says string
	samples     []float64
}

func (b *bench) run(ctx context.Context) error {
	if _, err := modelfiles.Find(); err != nil {
		fmt.Println("The speech recognition is not measured:", err)
		return nil
	}
	var err error
	if b.all, err = read(); err != nil {
		return err
	}
	b.recogniser = moonshine.New(func(ctx context.Context) *exec.Cmd {
		b.process = exec.CommandContext(ctx, b.program, "speech", "process")
		return b.process
	}, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.recogniser.Run(running)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	if _, _, err := b.words(ctx, b.all[0].samples, false); err != nil { // it starts, and warms up
		return err
	}
	for _, part := range []func(context.Context) error{b.wrong, b.invented, b.speed, b.memory} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return errors.Join(b.missed...)
}

// misses notes that an aim was missed.
func (b *bench) misses(format string, args ...any) {
	b.missed = append(b.missed, fmt.Errorf(format, args...))
}

// read reads the recordings.
func read() ([]recording, error) {
	text, err := recordings.ReadFile("sentences.txt")
	if err != nil {
		return nil, err
	}
	sentences := strings.Split(strings.TrimSpace(string(text)), "\n")
	files, err := fs.Glob(recordings, "recordings/*.ulaw")
	if err != nil {
		return nil, err
	}
	var all []recording
	for _, file := range files {
		voice, number, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".ulaw"), "-")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(sentences) {
			return nil, fmt.Errorf("%s: there is no such sentence", file)
		}
		packed, err := recordings.ReadFile(file)
		if err != nil {
			return nil, err
		}
		samples, err := sound.Samples(sound.WAV(sound.Rate, g711.DecodeUlaw(packed)), sound.Rate)
		if err != nil {
			return nil, err
		}
		all = append(all, recording{voice, sentences[n-1], samples})
	}
	return all, nil
}

// words has a recording read, and says how long that took, once it was read along.
func (b *bench) words(ctx context.Context, samples []float64, along bool) (string, time.Duration, error) {
	if along {
		b.grows(ctx, speech.NewReader(b.recogniser), samples)
	}
	wav := sound.WAV(sound.Rate, sound.Bytes(samples))
	began := time.Now()
	words, err := b.recogniser.Read(ctx, wav)
	return words.Text, time.Since(began), err
}

// wrong counts wrong words, by what the line does to the sound.
func (b *bench) wrong(ctx context.Context) error {
	fmt.Printf("%d recordings in %d voices. Words that are wrong, missing or too many:\n\n", len(b.all), len(b.voices()))
	for _, line := range lines {
		wrong, said := map[string]int{}, map[string]int{}
		for i, r := range b.all {
			samples, err := line.carry(ctx, r.samples, uint64(i))
			if err != nil {
				return err
			}
			text, _, err := b.words(ctx, samples, line.along)
			if err != nil {
				return err
			}
			w, n := wrongWords(r.says, text)
			for _, key := range []string{"", r.voice} {
				wrong[key] += w
				said[key] += n
			}
		}
		share := 100 * float64(wrong[""]) / float64(said[""])
		fmt.Printf("  %-24s %5.1f%%  (%d of %d; aim: at most %d%%)  ", line.name, share, wrong[""], said[""], line.aim)
		for _, v := range b.voices() {
			fmt.Printf(" %s %.0f", v, 100*float64(wrong[v])/float64(said[v]))
		}
		fmt.Println()
		if share > float64(line.aim) {
			b.misses("%s: %.1f%% of words are wrong, more than %d%%", line.name, share, line.aim)
		}
	}
	return nil
}

// invented has recordings read in which nobody speaks, as calls do.
func (b *bench) invented(ctx context.Context) error {
	reader, found := speech.NewReader(b.recogniser), 0
	recordings := speechtest.NonSpeech()
	for _, name := range slices.Sorted(maps.Keys(recordings)) {
		words, err := reader.Read(ctx, recordings[name])
		if err != nil {
			return err
		}
		if words.Text != "" {
			found++
			b.misses("%s: %q was invented", name, words.Text)
		}
	}
	fmt.Printf("\n%d recordings in which nobody speaks: words in %d (aim: none)\n", len(recordings), found)
	return nil
}

func (b *bench) voices() (names []string) {
	for _, r := range b.all {
		if !slices.Contains(names, r.voice) {
			names = append(names, r.voice)
		}
	}
	return names
}

// longest is how long a caller's statement is at most.
const longest = 10 * sound.Rate

// speed measures recordings of ten seconds, made of several sentences of one voice, at full speed and with a fifth of it.
func (b *bench) speed(ctx context.Context) error {
	statements := b.statements()
	fmt.Printf("\n%d statements of 10 s, until their words are there\n\n", len(statements))
	for _, part := range []struct {
		name        string
		slow, along bool
		aim         string
	}{
		{"read at once", false, false, "as where nothing is read along"}, {"read along", false, true, "aim: at most 1.0 s"},
		{"read along, with a fifth of the time", true, true, "aim: at most 3 s"},
	} {
		before, err := b.used()
		if err != nil {
			return err
		}
		quick := func() {}
		if part.slow {
			quick = b.slowDown(ctx)
		}
		times, err := b.times(ctx, statements, part.along)
		quick()
		if err != nil {
			return err
		}
		after, err := b.used()
		if err != nil {
			return err
		}
		slices.Sort(times)
		fmt.Printf("  %-36s median %.2f s, longest %.2f s  (%s); %.2f s of the processor each\n", part.name, times[len(times)/2], times[len(times)-1], part.aim, (after-before)/float64(len(times)))
	}
	return nil
}

// times are how long the words of each statement took, in seconds.
func (b *bench) times(ctx context.Context, statements [][]float64, along bool) (times []float64, err error) {
	for _, s := range statements {
		_, took, err := b.words(ctx, s, along)
		if err != nil {
			return nil, err
		}
		times = append(times, took.Seconds())
	}
	return times, nil
}

// block is how many samples Asterisk writes at a time (ivr/switchboard/growing.go).
const block = 32 << 10 / 2

// grows has a statement read as calls do while somebody speaks: each time that Asterisk has written another block, if the one before has been read by
// then. Nobody waits for the blocks here: only the reading takes its time.
func (b *bench) grows(ctx context.Context, reader *speech.Reader, samples []float64) {
	const blockTime = block * time.Second / sound.Rate
	for now, end := blockTime, block; end < len(samples); {
		began := time.Now()
		_, _ = reader.Interim(ctx, sound.WAV(sound.Rate, sound.Bytes(samples[:end]))) // one that takes too long is dropped
		now += max(time.Since(began), blockTime)
		end = int(now/blockTime) * block
	}
}

// statements are ten seconds each of what a voice says.
func (b *bench) statements() (all [][]float64) {
	for _, v := range b.voices() {
		var samples []float64
		for len(samples) < longest {
			for _, r := range b.all {
				if r.voice == v {
					samples = append(samples, r.samples...)
				}
			}
		}
		all = append(all, samples[:longest])
	}
	return all
}

// used is the processor time of the process, in seconds.
func (b *bench) used() (float64, error) {
	p, err := procfs.NewProc(b.process.Process.Pid)
	if err != nil {
		return 0, err
	}
	stat, err := p.Stat()
	return stat.CPUTime(), err
}

// slowDown stops the process for four fifths of each 100 ms, until quick is called.
func (b *bench) slowDown(ctx context.Context) (quick func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = b.process.Process.Signal(syscall.SIGCONT) }() // else it would be stopped for ever
		for ctx.Err() == nil {
			_ = b.process.Process.Signal(syscall.SIGSTOP) // it may have ended, which whoever reads is told
			time.Sleep(80 * time.Millisecond)
			_ = b.process.Process.Signal(syscall.SIGCONT)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// mostMemory is the aim, in MB.
const mostMemory = 220

func (b *bench) memory(context.Context) error {
	p, err := procfs.NewProc(b.process.Process.Pid)
	if err != nil {
		return err
	}
	status, err := p.NewStatus()
	if err != nil {
		return err
	}
	most := status.VmHWM / 1000000
	fmt.Printf("\nThe process had %d MB at most (aim: at most %d), %d of them the program's and the model's files.\n", most, mostMemory, status.RssFile/1000000)
	if most > mostMemory {
		b.misses("the process had %d MB, more than %d", most, mostMemory)
	}
	return nil
}
