// Command speechfiles brings the files of the built-in speech recogniser for a kind of machine into a folder, for the package ringfence-speech and the
// Docker image. Without arguments it prints for which kinds there are any. On a machine that runs Ringfence, "ringfence speech install" does this.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"ringfence/speech/modelfiles"
)

func main() {
	switch len(os.Args) {
	case 1:
		fmt.Println(strings.Join(modelfiles.Architectures(), " "))
	case 3:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		err := modelfiles.Fetch(ctx, os.Args[1], os.Args[2], os.Stderr)
		stop()
		if err != nil {
			fmt.Fprintf(os.Stderr, "speechfiles: %s\n", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: speechfiles [ARCH FOLDER]")
		os.Exit(2)
	}
}
