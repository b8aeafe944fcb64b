package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"ringfence/app"
)

type versionCmd struct{}

func (versionCmd) Help() string { return help("", "ringfence version") }

func (versionCmd) Run(p *program) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	_, err := fmt.Fprintf(p.out, "ringfence %s%s %s %s/%s\n", app.Release, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
