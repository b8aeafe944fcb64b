package main

import (
	"io"

	"ringfence/licences"
)

type licencesCmd struct{}

func (licencesCmd) Help() string { return help("", "ringfence licences | less") }

func (licencesCmd) Run(p *program) error {
	_, err := io.WriteString(p.out, licences.Text)
	return err
}
