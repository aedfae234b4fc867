// Mktows calls Marketo's SOAP or REST API from the command line, signs requests, and serves a
// mock of the API. See "mktows --help".
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // where the system has no zones: containers from scratch, Windows

	"github.com/mktows/mktows-go/cmd/mktows/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
