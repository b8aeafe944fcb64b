package softphone

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/softphone/audio"
	"ringfence/softphone/ears"
)

const ast = "127.0.0.1:15960"

func lib(t testing.TB) *ears.Library {
	m := map[string]audio.Sound{}
	for _, v := range Voices() {
		m[v], _ = Voice(v)
	}
	files, _ := filepath.Glob("../prompts/en-GB/*.wav")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		m[strings.TrimSuffix(filepath.Base(f), ".wav")], _ = audio.ReadWAV(b)
	}
	l, err := ears.NewLibrary(m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLab(t *testing.T) {
	l := lib(t)
	ev := func(e Event) { fmt.Println(e) }
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Second)
	defer cancel()
	ca, err := NewCaller(Config{Name: "neighbour", Address: "127.0.0.2:0", Library: l, OnEvent: ev, Codecs: []Codec{PCMA, PCMU}})
	if err != nil {
		t.Fatal(err)
	}
	defer ca.Close()
	ph, err := NewPhone(PhoneConfig{Config: Config{Name: "hall", Address: "127.0.0.3:0", Library: l, OnEvent: ev, Codecs: []Codec{G722, PCMA}}, Server: ast, User: "hall", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer ph.Close()
	if err := ph.Register(ctx); err != nil {
		t.Fatal(err)
	}
	dial := func(n string) *Call {
		c, err := ca.Dial(ctx, Dial{Number: n, At: ast, From: CallerID{Number: "02079460123", Name: "Margaret"}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	neighbour, _ := Voice("neighbour")
	t.Run("record", func(t *testing.T) {
		c := dial("record")
		fmt.Println(c.HearsOut(ctx, "ask-name"))
		fmt.Println(c.Hears(ctx, ears.Beep))
		c.Say(ctx, neighbour)
		c.Ended(ctx)
		fmt.Println(c.Transcript())
		fmt.Println(c.Heard())
		c.SaveWAV("/tmp/lab/soft/record.wav")
	})
	t.Run("menu", func(t *testing.T) {
		c := dial("menu")
		fmt.Println(c.Hears(ctx, "choices"))
		c.Press(ctx, "7")
		c.Ended(ctx)
		fmt.Println(c.Transcript())
	})
	t.Run("ring", func(t *testing.T) {
		c := dial("ring")
		c.Ended(ctx)
		fmt.Println(c.Transcript(), c.Heard())
		c.SaveWAV("/tmp/lab/soft/ring.wav")
	})
	t.Run("early", func(t *testing.T) {
		c := dial("early")
		c.Ended(ctx)
		fmt.Println(c.Transcript(), c.Heard())
	})
	t.Run("home", func(t *testing.T) {
		c := dial("home")
		in, err := ph.Rings(ctx)
		if err != nil {
			t.Fatal(err)
		}
		in.Answer(ctx)
		c.Answered(ctx)
		go c.Say(ctx, neighbour)
		fmt.Println(in.HearsOut(ctx, "neighbour"))
		in.Press(ctx, "*7")
		fmt.Println(c.HearsKeys(ctx, "*7"))
		hello, _ := Voice("hello-margaret")
		in.Say(ctx, hello)
		in.Hangup(ctx)
		c.Ended(ctx)
		fmt.Println(c.Transcript(), in.Transcript())
	})
	t.Run("cancel", func(t *testing.T) {
		c := dial("home")
		in, _ := ph.Rings(ctx)
		c.Ringing(ctx)
		t0 := time.Now()
		fmt.Println(c.Hangup(ctx))
		e, _ := in.Ended(ctx)
		fmt.Println(e, e.At.Sub(t0), in.Events())
	})
	t.Run("decline", func(t *testing.T) {
		c := dial("home")
		in, _ := ph.Rings(ctx)
		fmt.Println(in.Decline(ctx, 486))
		fmt.Println(c.Ended(ctx))
	})
	t.Run("wide", func(t *testing.T) {
		c, err := ph.Call(ctx, "say")
		if err != nil {
			t.Fatal(err)
		}
		c.Ended(ctx)
		fmt.Println(c.Transcript(), c.Sound().Rate)
		c.SaveWAV("/tmp/lab/soft/wide.wav")
	})
}

func TestLabRegistrar(t *testing.T) {
	l := lib(t)
	ev := func(e Event) { fmt.Println(e) }
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	p, err := NewProvider(ProviderConfig{Config: Config{Name: "provider", Address: "127.0.0.5:15962", Library: l, OnEvent: ev}, User: "acct", Password: "pw1", Expires: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	fmt.Println(p.Registered(ctx))
	c, err := p.DialRegistered(ctx, Dial{Number: "02079460100", From: CallerID{Number: "02079460123"}})
	fmt.Println(err)
	fmt.Println(c.Hears(ctx, "call-from"))
	time.Sleep(15 * time.Second)
	c.Hangup(ctx)
	fmt.Println(c.Transcript())
}

func TestLabHostile(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ca, err := NewCaller(Config{Name: "hostile", Address: "127.0.0.2:0", OnEvent: func(e Event) {}, Log: slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelInfo}))})
	if err != nil {
		t.Fatal(err)
	}
	defer ca.Close()
	for _, id := range []CallerID{
		{}, {Number: "anonymous", Name: "Anonymous", Host: "anonymous.invalid", Privacy: "id"}, {Name: `a"b<sip:x@y>`, Number: "1"},
		{Number: "1;drop=table"}, {Number: "%00%0d%0a"}, {Number: "a b"}, {Number: "<>"}, {Number: "1\r\nX-Evil: 1"}, {Name: "\xff\xfe\x00", Number: "2"},
		{Number: strings.Repeat("9", 3000)}, {Name: strings.Repeat("n", 3000), Number: "1"}, {Host: "[::"}, {Number: "${EXEC(x)}"}, {Number: "1", Asserted: "rubbish <<<"}, {Number: "1", Asserted: `"J" <tel:+442079460123>`},
		{Number: "+44 (0)20 7946 0123"}, {Number: "ünï", Name: "Zoë"}, {Number: "1'; --", Name: "O'Brien, \\"},
	} {
		c, err := ca.Dial(ctx, Dial{Number: "prompts", At: ast, From: id})
		if err != nil {
			fmt.Printf("%.60q: %v\n", id, err)
			continue
		}
		short, stop := context.WithTimeout(ctx, time.Second)
		err = c.Answered(short)
		stop()
		fmt.Printf("%.60q: answered %v\n", id.String(), err)
		h, stop := context.WithTimeout(ctx, time.Second)
		if err := c.Hangup(h); err != nil {
			fmt.Println("   ", err)
		}
		stop()
	}
}
