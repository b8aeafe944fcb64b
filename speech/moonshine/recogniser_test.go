package moonshine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/modelfiles"
	"ringfence/speech/speechtest"
)

// roleVariable has this test's program be a recogniser's process.
const roleVariable = "RINGFENCE_TEST_PROCESS"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	if folder, real := strings.CutPrefix(role, "real "); real {
		if err := Process(os.Stdin, os.Stdout, folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fake(role)
}

// fake is a process that does something wrong with recordings; those of one byte it reads.
func fake(role string) {
	in := bufio.NewReader(os.Stdin)
	if role == "loads for ever" {
		_, _ = io.Copy(io.Discard, in)
	}
	if role == "cannot load" {
		fmt.Println(`{"number":0,"error":"no such file"}`)
		_, _ = io.Copy(io.Discard, in)
	}
	fmt.Println(`{"number":0}`)
	for number := 1; ; number++ {
		recording, err := readRecording(in)
		if err != nil {
			os.Exit(0)
		}
		if role == "waits" && len(recording) > 1 {
			if next, err := readRecording(in); err != nil || len(next) > 0 {
				os.Exit(4)
			}
			fmt.Printf(`{"number":%d,"error":"nobody waits"}`+"\n", number)
			continue
		}
		if len(recording) > 1 {
			misbehave(role, number)
		}
		fmt.Printf(`{"number":%d,"text":"%s"}`+"\n", number, strings.Repeat("a", len(recording)))
	}
}

func misbehave(role string, number int) {
	switch role {
	case "hangs":
		select {}
	case "dies":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {} // another thread may get it a moment later: kill(2)
	case "exits":
		fmt.Fprintln(os.Stderr, "out of memory")
		os.Exit(3)
	case "garbage":
		fmt.Println("Segmentation fault (core dumped)")
	case "too much":
		fmt.Print(`{"text":"`, strings.Repeat("a", 2*mostLine), `"}`)
	case "without end":
		for {
			fmt.Print(strings.Repeat("a", 4096))
		}
	case "another's":
		fmt.Printf(`{"number":%d,"text":"another caller's words"}`+"\n", number-1)
	case "twice":
		fmt.Printf(`{"number":%d,"text":"aa"}`+"\n", number)
	case "fails":
		fmt.Printf(`{"number":%d,"error":"the recording cannot be read"}`+"\n", number)
	}
}

func processOf(ctx context.Context, role string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0]) //nolint:gosec // this program
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// running is a recogniser whose process has a role.
func running(t *testing.T, role string, l limits) *Recogniser {
	t.Helper()
	r := New(func(ctx context.Context) *exec.Cmd { return processOf(ctx, role) }, slog.New(slog.NewTextHandler(t.Output(), nil)))
	r.limits = l
	run(t, r)
	return r
}

// run keeps a recogniser running until the test ends.
func run(t *testing.T, r *Recogniser) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// patient limits are for processes that work, on a machine that may be slow.
var patient = limits{load: 10 * time.Minute, read: 10 * time.Minute, pause: time.Millisecond}

// Whatever the process does, the recording has an error and no words, never another's, and the next one is read by a new process.
func TestProcessThatMisbehavesIsReplaced(t *testing.T) {
	for _, role := range []string{"hangs", "dies", "exits", "garbage", "too much", "without end", "another's"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			l := patient
			if role == "hangs" {
				l.read = 50 * time.Millisecond
			}
			r := running(t, role, l)
			for range 2 {
				if words, err := r.Read(t.Context(), make([]byte, 2)); err == nil || words != (speech.Words{}) {
					t.Errorf("read %+v, %v", words, err)
				}
			}
			for {
				words, err := r.Read(t.Context(), make([]byte, 1))
				if err == nil && words == (speech.Words{Text: "a"}) {
					return
				}
				if role != "hangs" || words.Text != "" { // a slow machine needs more than the short limit
					t.Fatalf("the next recording: %+v, %v", words, err)
				}
			}
		})
	}
}

func TestAnswerThatNobodyAskedForIsNobodysWords(t *testing.T) {
	r := running(t, "twice", patient)
	if words, err := r.Read(t.Context(), make([]byte, 2)); err != nil || words.Text != "aa" {
		t.Fatalf("read %+v, %v", words, err)
	}
	// The second answer is there before this recording is.
	if words, err := r.Read(t.Context(), make([]byte, 1)); err == nil || words.Text != "" {
		t.Errorf("read %+v, %v", words, err)
	}
}

func TestRecordingThatCannotBeReadEndsNothing(t *testing.T) {
	r := running(t, "fails", patient)
	if _, err := r.Read(t.Context(), make([]byte, 2)); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("%v", err)
	}
}

// A recording that nobody waits for any more is dropped, and the same process reads the next one: a call's last words never wait for it.
func TestRecordingThatNobodyWaitsForIsDropped(t *testing.T) {
	var starts atomic.Int32
	r := New(func(ctx context.Context) *exec.Cmd {
		starts.Add(1)
		return processOf(ctx, "waits")
	}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	r.limits = patient
	run(t, r)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if words, err := r.Read(ctx, make([]byte, 2)); !errors.Is(err, context.Canceled) || words.Text != "" {
			t.Errorf("read %+v, %v", words, err)
		}
		if words, err := r.Read(t.Context(), make([]byte, 1)); err != nil || words.Text != "a" {
			t.Errorf("the next recording: %+v, %v", words, err)
		}
	}
	if n := starts.Load(); n != 1 {
		t.Errorf("the process was started %d times", n)
	}
}

// The real process is told before it has begun, here: it has no words then, and is as good as before.
func TestModelDropsWhatNobodyWaitsFor(t *testing.T) {
	p, err := start(processOf(t.Context(), "real "+installed(t)), time.Hour, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.end()
	if first, err := p.next(t.Context(), time.Hour); err != nil || first != (answer{}) {
		t.Fatalf("%+v, %v", first, err)
	}
	recording, err := os.ReadFile("../../softphone/voices/hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	_, said, err := sound.Read(recording)
	if err != nil {
		t.Fatal(err)
	}
	long := sound.WAV(sound.Rate, bytes.Repeat(said, 1+25*sound.BytesPerSecond/len(said))) // seconds of work
	nobody, cancel := context.WithCancel(t.Context())
	cancel()
	if a, err := p.ask(t.Context(), request{ctx: nobody, recording: long}); err != nil || a.Error == "" || a.Text != "" {
		t.Errorf("what nobody waits for: %+v, %v", a, err)
	}
	if a, err := p.ask(t.Context(), request{ctx: t.Context(), recording: recording}); err != nil || a.Text != "Hello, who is it?" {
		t.Errorf("the next recording: %+v, %v", a, err)
	}
}

func TestProcessThatDoesNotStartIsWaitedForUntilTheCallEnds(t *testing.T) {
	for _, role := range []string{"cannot load", "loads for ever"} {
		l := patient
		l.load = 20 * time.Millisecond
		r := running(t, role, l)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if words, err := r.Read(ctx, make([]byte, 1)); err == nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", role, words, err)
		}
		cancel()
	}
}

// installed is the folder with the model's files. Where it is not installed, "make test" says so and goes on.
func installed(t *testing.T) string {
	t.Helper()
	folder, err := modelfiles.Find()
	if err != nil {
		t.Skip(err)
	}
	return folder
}

func TestModelReadsCallers(t *testing.T) {
	r := running(t, "real "+installed(t), patient)
	for file, want := range map[string]string{
		"bank": "This is the fraud department of your bank. There has been a payment of £600 from your account.", "hello": "Hello, who is it?",
		"surgery":   "This is Dr. Patel's surgery, ringing about your blood test.",
		"microsoft": "Hello, my name is Steve from Microsoft Windows. Your computer has been downloading viruses.",
	} {
		recording, err := os.ReadFile("../../softphone/voices/" + file + ".wav")
		if err != nil {
			t.Fatal(err)
		}
		if words, err := r.Read(t.Context(), recording); err != nil || words.Text != want || words.Unsure {
			t.Errorf("%s: read %+v, %v", file, words, err)
		}
	}
	if _, err := r.Read(t.Context(), []byte("no recording")); err == nil {
		t.Error("what is no recording was read")
	}
}

// It finds no words where nobody speaks: what it would invent for noise, it is not asked for.
func TestModelInventsNoWords(t *testing.T) {
	reader := speech.NewReader(running(t, "real "+installed(t), patient))
	recordings := speechtest.NonSpeech()
	if len(recordings) < 40 {
		t.Errorf("there are only %d recordings", len(recordings))
	}
	for what, recording := range recordings {
		if words, err := reader.Read(t.Context(), recording); err != nil || words != (speech.Words{}) {
			t.Errorf("%s: read %+v, %v", what, words, err)
		}
	}
}

// Every thread of the process waits for calls, not only the first.
func TestProcessGivesWayToCalls(t *testing.T) {
	p, err := start(processOf(t.Context(), "fails"), time.Hour, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.end()
	if first, err := p.next(t.Context(), time.Hour); err != nil || first != (answer{}) {
		t.Fatalf("%+v, %v", first, err)
	}
	ours, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", p.cmd.Process.Pid))
	if err != nil || len(threads) < 2 {
		t.Fatalf("its threads are %q, %v", threads, err)
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(filepath.Base(thread))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := unix.Getpriority(unix.PRIO_PROCESS, id)
		if errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil || theirs >= ours && ours > 1 { // no process is nicer than 1, which is nice 19
			t.Errorf("thread %d has the priority %d, and we %d, %v", id, theirs, ours, err)
		}
	}
}

// What stops a service reaches all of its processes at once, and whoever is stopping may still have a call.
func TestProcessOutlivesTheSignalThatStopsTheService(t *testing.T) {
	p, err := start(processOf(t.Context(), "real "+installed(t)), time.Hour, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.end()
	if first, err := p.next(t.Context(), time.Hour); err != nil || first != (answer{}) {
		t.Fatalf("%+v, %v", first, err)
	}
	recording, err := os.ReadFile("../../softphone/voices/hello.wav")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP} {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := p.ask(t.Context(), request{ctx: t.Context(), recording: recording}); err != nil || a.Text != "Hello, who is it?" {
		t.Errorf("%+v, %v", a, err)
	}
	if err := p.in.Close(); err != nil {
		t.Fatal(err)
	}
	if <-p.ended; p.err != nil {
		t.Errorf("once its input had ended, it ended with %v", p.err)
	}
}
