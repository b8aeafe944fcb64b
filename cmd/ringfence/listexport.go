package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/sharing/forms"
	"ringfence/store"
)

type listExportCmd struct {
	Name          string `arg:"" help:"The list."`
	File          string `arg:"" optional:"" help:"The file to write; without it, standard output."`
	Form          string `help:"csv: all that the list has. vcard: an address book. astdb: commands for Asterisk's own database. fritzbox: a phone book for a FRITZ!Box's call barring. Without it, what the file's name says, or else csv." enum:"csv,vcard,astdb,fritzbox," default:"" placeholder:"FORM"`
	Sure          int    `help:"Only numbers with at least this confidence (%). Without it, csv has all, the others what this household turns away." default:"-1" placeholder:"PERCENT"`
	International bool   `help:"With astdb, write + and the country code before all numbers, for trunks that show them like that."`
}

func (listExportCmd) Help() string {
	return help("A table (csv) has everything, and `list import` reads it back. An address book (vcard), a FRITZ!Box's phone book and Asterisk's database (astdb) block "+
		"without asking anybody. So they get only the numbers that this household turns away, with no contacts and no prefixes. A list "+
		"that only warns gives them nothing, unless you set --sure.\n\n"+
		"To share a list with others use `ringfence list publish`.",
		"ringfence list export parish parish.csv",
		"ringfence list export parish --form astdb |\n  while read -r line; do asterisk -rx \"$line\"; done")
}

func (c listExportCmd) Run(ctx context.Context, p *program) error {
	form := forms.Output(c.Form)
	if form == "" {
		form = map[string]forms.Output{".vcf": forms.ToVCard}[strings.ToLower(filepath.Ext(c.File))]
	}
	if form == "" {
		form = forms.ToCSV
	}
	if c.Sure > 100 {
		return usagef("--sure is %d: it is between 0 and 100", c.Sure)
	}
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		o := forms.Options{Region: h.Region, Now: time.Now(), International: c.International}
		house, err := app.House(ctx, s, db, h.Name)
		if err != nil {
			return err
		}
		if err := o.LeaveOut(ctx, form, db, db.Lists, house, h.Name, c.Name); err != nil && (c.Sure < 0 || !errors.Is(err, forms.ErrOnlyWarns)) {
			return err
		}
		if c.Sure >= 0 {
			o.Sure = float64(c.Sure) / 100
		}
		write := func(to io.Writer) (forms.Written, error) {
			return forms.Write(to, form, db.Lists.AllEntries(ctx, h.Name, c.Name), o)
		}
		if c.File == "" {
			to := bufio.NewWriter(p.out)
			done, err := write(to)
			c.leftOut(p, done)
			return errors.Join(err, to.Flush())
		}
		var done forms.Written
		_, err = writeWhole(c.File, func(to io.Writer) (err error) {
			done, err = write(to)
			return err
		})
		if err != nil {
			return fmt.Errorf("the list cannot be written: %w", err)
		}
		c.leftOut(p, done)
		return p.say("%s has %s.", c.File, counted(done.Numbers, "number", "numbers"))
	})
}

// leftOut says which entries of a list are not in the file.
func (listExportCmd) leftOut(p *program, done forms.Written) {
	for _, kind := range []struct {
		count int
		why   string
	}{
		{done.Unsure, "with too little confidence"}, {done.Prefixes, "that mean all numbers starting with these digits"},
		{done.Without, "of contacts, or of others who must always get through"}, {done.Expired, "that have expired"},
	} {
		if kind.count > 0 {
			fmt.Fprintf(p.err, "left out: %d %s\n", kind.count, kind.why)
		}
	}
}
