// Manual writes man pages and completions of mktows below the folder of its argument: see [manual.Write].
package main

import (
	"fmt"
	"os"

	"github.com/mktows/mktows-go/cmd/mktows/internal/cli"
	"github.com/mktows/mktows-go/cmd/mktows/internal/manual"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "manual: its argument is the folder that it writes to")
		os.Exit(2)
	}
	if err := manual.Write(cli.Tree(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}
