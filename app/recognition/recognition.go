// Package recognition makes the speech recogniser that the settings ask for, and keeps it running.
package recognition

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/config"
	"ringfence/speech"
	"ringfence/speech/modelfiles"
	"ringfence/speech/moonshine"
	"ringfence/speech/openai"
	"ringfence/speech/wyoming"
)

// Recogniser reads recordings. What needs a process has it while Run runs.
type Recogniser struct {
	*speech.Reader
	run     func(ctx context.Context)
	interim func() bool
}

// New returns the recogniser of the settings. program is this program's own file, which has the process of the built-in one; "" is a program that
// has none. A recogniser that cannot be had reads no words, and says why where that is somebody's to mend: no call depends on it.
func New(s config.Speech, program string, log *slog.Logger) Recogniser {
	switch s.Reader {
	case config.SpeechBuiltIn:
		if program == "" {
			break
		}
		b := newBuiltIn(moonshine.New(func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, program, "speech", "process") //nolint:gosec // this program
		}, log), func() error {
			_, err := modelfiles.Find()
			return err
		}, log)
		return Recogniser{Reader: speech.NewReader(b), run: b.run, interim: b.installed.Load}
	case config.SpeechWyoming:
		return Recogniser{Reader: speech.NewReader(wyoming.Server{Address: s.WyomingAddress(), Language: s.Language})}
	case config.SpeechOpenAI:
		key, err := s.Key()
		if err != nil {
			log.Error("callers' words are not read", "err", err)
			return Recogniser{Reader: speech.NewReader(keyless{err})}
		}
		return Recogniser{Reader: speech.NewReader(openai.Service{Address: s.OpenAI, Key: key, Model: s.OpenAIModel, Language: s.Language})}
	}
	return Recogniser{Reader: speech.NewReader(nil)}
}

// HasInterim says whether there is a recogniser for what a caller has said so far. Only the built-in one drops what nobody waits for any more: another
// caller's words could be waiting behind it in a Wyoming server, and a service may be paid by what it reads.
func (r Recogniser) HasInterim() bool { return r.interim != nil && r.interim() }

// Run keeps what the recogniser needs running until ctx ends.
func (r Recogniser) Run(ctx context.Context) {
	if r.run != nil {
		r.run(ctx)
	}
}

// Start runs Run beside the caller, until stop is called.
func (r Recogniser) Start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { r.Run(ctx) })
	return func() {
		cancel()
		beside.Wait()
	}
}

// keyless is a service whose key cannot be read. It is asked nothing.
type keyless struct{ err error }

func (k keyless) Read(context.Context, []byte) (speech.Words, error) { return speech.Words{}, k.err }

// builtIn is the built-in recogniser, which may not be installed, not yet, or not any more.
type builtIn struct {
	process   process
	find      func() error // modelfiles.ErrMissing where it is not installed
	log       *slog.Logger
	installed atomic.Bool
}

// process reads while it runs.
type process interface {
	speech.Transcriber
	Run(ctx context.Context)
}

func newBuiltIn(p process, find func() error, log *slog.Logger) *builtIn {
	b := &builtIn{process: p, find: find, log: log}
	b.installed.Store(find() == nil)
	return b
}

// Read returns speech.ErrNone where it is not installed.
func (b *builtIn) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	if !b.installed.Load() {
		return speech.Words{}, speech.ErrNone
	}
	return b.process.Read(ctx, recording)
}

// lookAgain is how often it is looked for: whoever installs or removes it need not restart anything.
const lookAgain = 30 * time.Second

func (b *builtIn) run(ctx context.Context) {
	for {
		err := b.find()
		switch {
		case err == nil:
			b.runInstalled(ctx)
		case !errors.Is(err, modelfiles.ErrMissing): // it cannot be installed here
			b.log.Warn("callers' words are not read", "err", err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAgain):
		}
	}
}

// runInstalled runs the process until it is found to be removed, or ctx ends. The files that it has open would stay on the disk, and no call is to wait
// for one that cannot be started again.
func (b *builtIn) runInstalled(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var process sync.WaitGroup
	defer process.Wait()
	defer cancel()
	b.installed.Store(true)
	process.Go(func() { b.process.Run(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAgain):
		}
		if err := b.find(); err != nil {
			b.installed.Store(false)
			b.log.Info("speech recognition is not installed any more; calls go on without words", "err", err)
			return
		}
	}
}
