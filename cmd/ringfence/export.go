package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"

	"ringfence/household"
	"ringfence/store"
)

type exportCmd struct {
	File string `arg:"" help:"The file to write, such as mum.zip; - is standard output."`
}

func (exportCmd) Help() string {
	return help("Writes a zip file with everything about one household (UK GDPR, Articles 15 and 20). It has calls and recordings, callers' "+
		"words, contacts, blocks, settings, alerts, and who changed what. Its README.txt says what is where. Calls go on meanwhile.\n\n"+
		"It has no passwords or codes, and can't be restored: for that, see `ringfence backup`. The file isn't encrypted. Only its "+
		"owner can read it.",
		"ringfence export mum.zip",
		"ringfence --household mum export - | ssh other.example 'cat > mum.zip'")
}

func (c exportCmd) Run(ctx context.Context, p *program) error {
	if screen, isFile := p.out.(*os.File); c.File == "-" && isFile && term.IsTerminal(int(screen.Fd())) { //nolint:gosec // a descriptor is a small number
		return usagef("a terminal can't show a zip file: name a file, or pass it on to a command")
	}
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		var done household.Done
		write := func(to io.Writer) (err error) {
			e, logged, err := p.admin(s, h, db).Export(ctx)
			if err != nil {
				return err
			}
			done = logged
			return errors.Join(e.Write(ctx, to), e.Close())
		}
		if c.File == "-" {
			to := bufio.NewWriterSize(p.out, 1<<18)
			return cannotExport(errors.Join(write(to), to.Flush()))
		}
		written, err := writeNew(c.File, write)
		if err != nil {
			return cannotExport(err)
		}
		return p.say("%s (%s)\n%s Keep it safe: whoever has it can hear the recordings.", c.File, size(written), done.Sentence)
	})
}

// cannotExport says what failed, unless that is said already.
func cannotExport(err error) error {
	var refusal *household.Refusal
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("the export cannot be written: %w", err)
}

// writeNew is writeWhole for a name that nothing has yet: the name is taken first, so that nothing can come to have it meanwhile.
func writeNew(path string, write func(io.Writer) error) (size int64, err error) {
	taken, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return 0, fmt.Errorf("%s exists already: choose another name, or remove it first", path)
	}
	if err != nil {
		return 0, err
	}
	if err = taken.Close(); err == nil {
		size, err = writeWhole(path, write)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(path))
	}
	return size, nil
}
