// Package moonshine reads English with Moonshine tiny, a small speech recogniser that runs on this machine.
//
// The model runs in a process of its own: a Recogniser, in the program that takes calls, starts it, feeds it one recording at a time, and starts it
// again when it ends. So its memory, and a crash in its library, are not the calls'. Process is the other side.
package moonshine

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ringfence/speech"
)

const (
	loadLimit = time.Minute      // for the model to be loaded, on a slow card
	readLimit = 10 * time.Second // for a recording: nobody has waited for its words since speech.Limit
	// The process is started again after a second, and after twice as long each time that it has read nothing since.
	firstPause, longestPause = time.Second, 5 * time.Minute
	mostLine                 = 64 << 10 // bytes of an answer
)

// Recogniser is the recogniser's process, as a speech.Transcriber. Run has to be running.
type Recogniser struct {
	command  func(ctx context.Context) *exec.Cmd
	log      *slog.Logger
	requests chan request
	limits   limits
}

// limits are how long the process may take for what it does, and how long it is left alone after it has ended.
type limits struct {
	load, read, pause time.Duration
}

type request struct {
	ctx       context.Context // ends when nobody waits for the answer any more
	recording []byte
	answers   chan<- reply
}

type reply struct {
	words speech.Words
	err   error
}

// New returns a recogniser whose process is what command starts: a program that calls Process.
func New(command func(ctx context.Context) *exec.Cmd, log *slog.Logger) *Recogniser {
	return &Recogniser{command: command, log: log, requests: make(chan request), limits: limits{loadLimit, readLimit, firstPause}}
}

// Read returns what is said in a recording of at most half a minute. It waits while the process starts, or reads another recording. When ctx ends, the
// process drops the recording, and is free for another at once.
func (r *Recogniser) Read(ctx context.Context, recording []byte) (speech.Words, error) {
	if len(recording) > mostBytes {
		return speech.Words{}, errors.New("the recording is too large")
	}
	if len(recording) == 0 {
		return speech.Words{}, errors.New("the recording is empty")
	}
	answers := make(chan reply, 1)
	select {
	case r.requests <- request{ctx, recording, answers}:
	case <-ctx.Done():
		return speech.Words{}, context.Cause(ctx)
	}
	select {
	case a := <-answers:
		return a.words, a.err
	case <-ctx.Done():
		return speech.Words{}, context.Cause(ctx)
	}
}

// Run keeps the process running until ctx ends.
func (r *Recogniser) Run(ctx context.Context) {
	for pause := r.limits.pause; ; pause = min(2*pause, longestPause) {
		read, err := r.serve(ctx)
		if ctx.Err() != nil {
			return
		}
		if read > 0 {
			pause = r.limits.pause
		}
		r.log.Warn("speech recognition has ended; calls go on without words until it runs again", "err", err, "again in", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// serve starts the process and gives it recordings until it ends, or ctx does. It returns how many it has read.
func (r *Recogniser) serve(ctx context.Context) (read int, err error) {
	p, err := start(r.command(ctx), r.limits.read, r.log)
	if err != nil {
		return 0, err
	}
	defer p.end()
	if first, err := p.next(ctx, r.limits.load); err != nil || first != (answer{}) {
		return 0, errors.Join(errors.New("the model could not be loaded"), err, first.err())
	}
	r.log.Info("speech recognition is ready")
	for {
		select {
		case <-ctx.Done():
			return read, nil
		case <-p.ended:
			return read, p.fault()
		case q := <-r.requests:
			if q.ctx.Err() != nil {
				continue // its caller knows
			}
			a, err := p.ask(ctx, q)
			if err == nil && a.Number != read+1 { // words of one caller must never be another's
				err = errors.New("it answered for another recording")
			}
			if err != nil {
				q.answers <- reply{err: err}
				return read, err
			}
			read++
			q.answers <- reply{speech.Words{Text: a.Text, Unsure: a.Unsure}, a.err()}
		}
	}
}

func (a answer) err() error {
	if a.Error == "" {
		return nil
	}
	return errors.New(a.Error)
}

// process is the recogniser's process, from here.
type process struct {
	cmd     *exec.Cmd
	limit   time.Duration // for a recording
	in      io.WriteCloser
	answers chan answer
	said    *lastWords
	unused  chan struct{} // closed when nobody wants its answers any more
	ended   chan struct{} // closed when it has ended
	err     error         // why, from then on
}

func start(cmd *exec.Cmd, limit time.Duration, log *slog.Logger) (*process, error) {
	p := &process{cmd: cmd, limit: limit, answers: make(chan answer), said: &lastWords{}, unused: make(chan struct{}), ended: make(chan struct{})}
	// A group of its own: whoever presses Ctrl+C means the program, which ends the process in its turn.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = p.said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in = in
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the process could not be started: %w", err)
	}
	log.Debug("speech recognition is starting", "pid", cmd.Process.Pid)
	if err := giveWay(cmd.Process.Pid); err != nil {
		log.Warn("speech recognition has the same priority as calls", "err", err)
	}
	go func() {
		err := p.listen(out)
		_ = cmd.Process.Kill() // whatever it says next, nobody reads it
		p.err = errors.Join(err, cmd.Wait())
		close(p.ended)
	}()
	return p, nil
}

// behind is by how much the process is nicer than this program, so that it waits while a call needs the processor.
const behind = 5

// giveWay lowers the priority of a process's group. A process's own would be that of one of its threads: setpriority(2), "C library/kernel
// differences".
func giveWay(group int) error {
	kernels, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // the kernel says 20 - nice
	if err != nil {
		return err
	}
	return unix.Setpriority(unix.PRIO_PGRP, group, min(20-kernels+behind, 19))
}

// listen reads answers until the process ends, or says what is none.
func (p *process) listen(out io.Reader) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, mostLine)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return fmt.Errorf("it answered what is no answer: %w", err)
		}
		select {
		case p.answers <- a:
		case <-p.unused:
			return nil
		case <-time.After(p.limit):
			return errors.New("it answered what nobody had asked")
		}
	}
	return lines.Err()
}

// ask has one recording read. After an error the process is of no more use.
func (p *process) ask(ctx context.Context, q request) (answer, error) {
	answered, written := make(chan struct{}), make(chan error, 1)
	go func() { written <- p.write(q, answered) }()
	a, err := p.next(ctx, p.limit)
	close(answered)
	if err != nil {
		return a, err
	}
	select {
	case err := <-written:
		return a, err
	case <-time.After(p.limit):
		return a, errors.New("it answered before it had the recording")
	}
}

// write sends the process a recording, and has it dropped if nobody waits for it any more before it is answered.
func (p *process) write(q request, answered <-chan struct{}) error {
	_, err := p.in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(q.recording))), q.recording...))
	if err != nil {
		return err
	}
	select {
	case <-q.ctx.Done():
		_, err = p.in.Write(make([]byte, 4))
		return err
	case <-answered:
		return nil
	}
}

// next waits for an answer.
func (p *process) next(ctx context.Context, limit time.Duration) (answer, error) {
	select {
	case a := <-p.answers:
		return a, nil
	case <-p.ended:
		return answer{}, p.fault()
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	case <-time.After(limit):
		return answer{}, fmt.Errorf("it did not answer for %s", limit)
	}
}

// fault says why the process has ended, with what it said last.
func (p *process) fault() error {
	if p.err == nil {
		return errors.New("it ended by itself")
	}
	return fmt.Errorf("%w %s", p.err, p.said)
}

// end ends the process, and waits until it has ended.
func (p *process) end() {
	close(p.unused)
	_ = p.in.Close()
	_ = p.cmd.Process.Kill() // it has nothing to finish
	<-p.ended
}
