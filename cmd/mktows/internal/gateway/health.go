package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// healthTimeout is how long a gateway may take to say that it is alive.
const healthTimeout = 5 * time.Second

// healthCommand makes "mktows gateway health", for containers, whose health checks have no shell and no HTTP client.
func healthCommand(a *console.Console) *cobra.Command {
	return &cobra.Command{
		Use:   "health [ADDRESS]",
		Short: "Ask a gateway whether it is alive, as health checks do",
		Long: `Ask /healthz of a gateway at its admin address, HOST:PORT, by default
127.0.0.1:8091. The exit code is 0 if it answers that it is alive, otherwise 1.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exit.Usagef("%s takes one address, got %q", cmd.CommandPath(), args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			address := "127.0.0.1:8091"
			if len(args) == 1 {
				address = args[0]
			}
			if err := askHealth(cmd.Context(), address); err != nil {
				return fmt.Errorf("the gateway at %s does not say that it is alive: %w", address, err)
			}
			return output.Printf(a.Stdout, "ok\n")
		},
	}
}

// askHealth asks once. No proxy is asked: the gateway is on this machine or near it.
func askHealth(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()                    //nolint:errcheck // only read
	_, _ = io.CopyN(io.Discard, answer.Body, 64) // what it says besides the status does not count
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	return nil
}
