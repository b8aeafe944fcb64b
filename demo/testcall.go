package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/demo/testbed"
)

// testCallLimit is several times what a call takes on a slow machine.
const testCallLimit = 5 * time.Minute

// TestCall has an Asterisk and the program take one call: a stranger is asked who they are, the household hears it, and they talk. An error says
// what did not go as it should.
func TestCall(ctx context.Context, o Options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, testCallLimit)
	defer cancel()
	d := &demo{house: &house{out: o.Out, called: "the household"}, other: &house{}, dir: o.Dir}
	defer func() { err = errors.Join(err, d.close()) }()
	if _, err := fmt.Fprintf(o.Out, "A test call with Asterisk %s, on this machine's loopback:\n", o.Install.Version); err != nil {
		return err
	}
	d.testbed, err = testbed.Open(ctx, testbed.Options{
		Dir: o.Dir, Program: o.Program, Install: o.Install, Phones: []testbed.Phone{{Name: "hall"}}, Quiet: true, Log: o.Log,
	})
	if err != nil {
		return err
	}
	d.began = time.Now()
	return all(
		func() error { return d.telephone(ctx) },
		func() error { return d.neighbour(ctx) },
	)
}
