package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"ringfence/app/recognition"
	"ringfence/config"
	"ringfence/speech"
	"ringfence/speech/modelfiles"
	"ringfence/speech/moonshine"
)

type speechCmd struct {
	Install speechInstallCmd `cmd:"" help:"Install what turns speech into text on this machine."`
	Read    speechReadCmd    `cmd:"" help:"Print what people say in recordings."`
	Script  speechScriptCmd  `cmd:"" help:"Say whether words sound like a scam."`
	Process speechProcessCmd `cmd:"" hidden:""`
}

func (speechCmd) Help() string { return help("", "sudo ringfence speech install") }

type speechInstallCmd struct {
	From string `help:"Take the files from a folder, on a machine without internet (docs/speech.md)." placeholder:"DIR" type:"existingdir"`
}

func (speechInstallCmd) Help() string {
	return help("Downloads 117 MB and keeps 79 MB: a model that reads English (Moonshine tiny), and ONNX Runtime, which runs it. Both come "+
		"from PyPI through pip, and are checked against the hashes in this program. If pip is missing, it is installed first (apt-get "+
		"install python3-pip). If the download breaks off, run the command again: it keeps whichever file is complete.\n\n"+
		"The files go to /var/lib/ringfence-root where Ringfence's package is installed, otherwise to the user's cache. A running "+
		"Ringfence uses them half a minute later. With the package ringfence-speech there is nothing to do. Nothing that callers say "+
		"leaves this machine.",
		"sudo ringfence speech install")
}

func (c speechInstallCmd) Run(ctx context.Context, p *program) error {
	folder, err := modelfiles.Install(ctx, modelfiles.Source{From: c.From, Progress: p.err})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Speech recognition is in %s.\n", folder)
	return err
}

type speechReadCmd struct {
	Files []string `arg:"" help:"WAV files of 8 or 16 kHz, 16 bit and one channel." placeholder:"FILE" type:"existingfile"`
}

func (speechReadCmd) Help() string {
	return help("Prints a line for each file, however long the recording is, and an empty line where nobody speaks. It uses what "+
		"ringfence.toml says under [speech]; without a ringfence.toml, what is built in.",
		"ringfence speech read recording.wav")
}

func (c speechReadCmd) Run(ctx context.Context, p *program) error {
	s, err := p.settings()
	if err != nil && !errors.Is(err, config.ErrNoHousehold) {
		return err
	}
	if s.Speech.Reader == config.SpeechNone {
		return fmt.Errorf("speech recognition is switched off: remove reader = \"none\" from %s", p.Config)
	}
	if _, err := modelfiles.Find(); s.Speech.Reader == config.SpeechBuiltIn && err != nil {
		return err
	}
	if _, err := s.Speech.Key(); s.Speech.Reader == config.SpeechOpenAI && err != nil {
		return err
	}
	reader := recognition.New(s.Speech, p.self, slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	defer reader.Start(ctx)()
	return p.readAll(ctx, reader.Patient(), c.Files)
}

// readAll prints a line for each file. A file that cannot be read has an empty one, and is said to be wrong.
func (p *program) readAll(ctx context.Context, reader speech.Transcriber, files []string) error {
	failed := false
	for _, file := range files {
		recording, err := os.ReadFile(file)
		var words speech.Words
		if err == nil {
			words, err = reader.Read(ctx, recording)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = true
			fmt.Fprintf(p.err, "ringfence: %s: %s\n", file, err)
		}
		if _, err := fmt.Fprintln(p.out, words.Text); err != nil {
			return err
		}
	}
	if failed {
		return errSaid
	}
	return nil
}

// speechProcessCmd is the process that has the model. The program that starts it ends it, by closing its standard input.
type speechProcessCmd struct{}

func (speechProcessCmd) Run(p *program) error {
	p.boundHeap(speechHeap)
	folder, err := modelfiles.Find()
	if err != nil {
		return err
	}
	return moonshine.Process(p.in, p.out, folder)
}
