package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/sharing/list"
)

type listVerifyCmd struct {
	From    string `arg:"" help:"The folder of the list, or its address."`
	Key     string `help:"The publisher's public key: the line that begins with RW, or a file with it." required:"" placeholder:"KEY"`
	Private bool   `help:"The address may be one of this machine or of the home network."`
}

func (listVerifyCmd) Help() string {
	return help("Reads all of a published list as a household would: signature, time, sizes, hashes, and every line.",
		"ringfence list verify /var/www/list --key parish.key.pub",
		"ringfence list verify https://parish.example/list --key RWQ...")
}

func (c listVerifyCmd) Run(ctx context.Context, p *program) error {
	key, err := publicKey(c.Key)
	if err != nil {
		return err
	}
	dir, get := c.From, func(string, int64) error { return nil }
	if strings.HasPrefix(c.From, "http://") || strings.HasPrefix(c.From, "https://") {
		if dir, err = os.MkdirTemp("", "ringfence-list-"); err != nil {
			return err
		}
		client := app.NewFetcher(config.Lists{AllowPrivate: c.Private})
		defer func() {
			client.Close()
			_ = os.RemoveAll(dir) // a temporary folder
		}()
		get = func(file string, most int64) error { return download(ctx, client, c.From, dir, file, most) }
	}
	if err := get(list.ManifestFile, list.MaxManifest); err != nil {
		return err
	}
	if err := get(list.SignatureFile, list.MaxSignature); err != nil {
		return err
	}
	m, err := list.OpenDir(dir, key, list.DefaultLimits())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no list in %s: it would have %s and %s", c.From, list.ManifestFile, list.SignatureFile)
	}
	if err != nil {
		return err
	}
	if err := m.Fresh(time.Now()); err != nil {
		return err
	}
	open := func(file string) (io.ReadCloser, error) {
		if err := get(file, list.DefaultLimits().Size); err != nil {
			return nil, err
		}
		return os.Open(filepath.Join(dir, file))
	}
	found, err := m.Verify(ctx, open, list.DefaultLimits(), list.NewGuard(nil, screening.Household{Region: m.Region}))
	if err != nil {
		return err
	}
	return p.verified(m, found)
}

// verified prints what is known about a list that is in order.
func (p *program) verified(m list.Manifest, found list.Verified) error {
	day := clock{time.Now()}.day
	lines := []string{
		"The list is in order, and signed with this key.",
		"name       " + m.Name,
		"publisher  " + m.Publisher,
		"purpose    " + m.Purpose,
		"region     " + m.Region,
		"licence    " + m.Licence,
		"contact    " + m.Contact,
		"appeals    " + m.Appeals,
		fmt.Sprintf("serial     %d, made %s, valid until %s", m.Serial, day(m.Made), day(m.ValidUntil)),
		fmt.Sprintf("numbers    %s", screening.Thousands(m.Entries)),
	}
	for _, part := range m.Parts {
		lines = append(lines, fmt.Sprintf("part       %s: %s, %s", part.File, size(part.Size), counted(part.Entries, "line", "lines")))
	}
	if found.Expired > 0 {
		lines = append(lines, fmt.Sprintf("expired    %s", counted(found.Expired, "number", "numbers")))
	}
	named := nationally(found.Refusals[:min(len(found.Refusals), shownRefusals)], m.Region)
	for _, r := range named {
		lines = append(lines, fmt.Sprintf("left out   %s", r))
	}
	if more := found.Refused - len(named); more > 0 {
		lines = append(lines, "           "+andMore(more, "number", "numbers"))
	}
	if found.Refused > 0 {
		lines = append(lines, "Readers leave out, because they may be on no list: "+counted(found.Refused, "number", "numbers")+".")
	}
	return p.say("%s", strings.Join(lines, "\n"))
}
