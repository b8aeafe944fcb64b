// Command speech measures the built-in speech recognition, in the process that calls use, with sentences that twelve synthetic voices speak, British
// and American. They were recorded with Kokoro-82M. It has four parts:
//
//   - how many words are wrong: in the recordings as they are (G.711), after GSM, with packets lost, and in noise;
//   - how long it takes until the words are there, and how much processor time;
//   - the same in a process that has a fifth of the time: it is stopped for four fifths of each 100 ms;
//   - how much memory the process had at most.
package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
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
	"ringfence/speech/modelfiles"
	"ringfence/speech/moonshine"
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
	if _, _, err := b.words(ctx, b.all[0].samples); err != nil { // it starts, and warms up
		return err
	}
	if err := b.errors(ctx); err != nil {
		return err
	}
	return b.speed(ctx)
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

// words has a recording read, and says how long that took.
func (b *bench) words(ctx context.Context, samples []float64) (string, time.Duration, error) {
	wav := sound.WAV(sound.Rate, sound.Bytes(samples))
	began := time.Now()
	words, err := b.recogniser.Read(ctx, wav)
	return words.Text, time.Since(began), err
}

// errors counts wrong words, by what the line does to the sound.
func (b *bench) errors(ctx context.Context) error {
	fmt.Printf("%d recordings in %d voices. Words that are wrong, missing or too many:\n\n", len(b.all), len(b.voices()))
	for _, line := range lines {
		wrong, said := map[string]int{}, map[string]int{}
		for i, r := range b.all {
			samples, err := line.carry(ctx, r.samples, uint64(i))
			if err != nil {
				return err
			}
			text, _, err := b.words(ctx, samples)
			if err != nil {
				return err
			}
			w, n := wrongWords(r.says, text)
			for _, key := range []string{"", r.voice} {
				wrong[key] += w
				said[key] += n
			}
		}
		fmt.Printf("  %-24s %5.1f%%  (%d of %d; aim: at most %d%%)  ", line.name, 100*float64(wrong[""])/float64(said[""]), wrong[""], said[""], line.aim)
		for _, v := range b.voices() {
			fmt.Printf(" %s %.0f", v, 100*float64(wrong[v])/float64(said[v]))
		}
		fmt.Println()
	}
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
	fmt.Printf("\n%d statements of 10 s\n\n", len(statements))
	for _, part := range []struct {
		name string
		slow bool
		aim  string
	}{{"as fast as it can", false, "aim: at most 1.0 s"}, {"with a fifth of the time", true, "aim: at most 3 s"}} {
		before, err := b.used()
		if err != nil {
			return err
		}
		quick := func() {}
		if part.slow {
			quick = b.slowDown(ctx)
		}
		var times []float64
		for _, s := range statements {
			_, took, err := b.words(ctx, s)
			if err != nil {
				quick()
				return err
			}
			times = append(times, took.Seconds())
		}
		quick()
		after, err := b.used()
		if err != nil {
			return err
		}
		slices.Sort(times)
		fmt.Printf("  %-26s median %.2f s, longest %.2f s  (%s); %.2f s of the processor each\n", part.name, times[len(times)/2], times[len(times)-1], part.aim, (after-before)/float64(len(times)))
	}
	return b.memory()
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

func (b *bench) memory() error {
	p, err := procfs.NewProc(b.process.Process.Pid)
	if err != nil {
		return err
	}
	status, err := p.NewStatus()
	if err != nil {
		return err
	}
	fmt.Printf("\nThe process had %d MB at most (aim: at most 220), %d of them the program's and the model's files.\n", status.VmHWM/1000000, status.RssFile/1000000)
	return nil
}
