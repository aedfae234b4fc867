package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
)

const statusLong = `Ask a gateway that runs how it stands, at its address of admin: which tenants
are ready, how many REST calls were made today, by all gateways that share its
state, and how many the budget has left, and how reading its configuration
again has gone.

The exit code is 0 if all tenants are ready that are not optional, and 8 if one
is not, or if the gateway does not answer.`

// statusTimeout is longer than a gateway waits for tokens.
const statusTimeout = 15 * time.Second

// maxStatus bounds the answer, in bytes.
const maxStatus = 16 << 20

type statusFlags struct {
	admin string
	out   output.FormFlags
}

// statusCommand makes "mktows gateway status".
func statusCommand(a *console.Console) *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:               "status [FILE]",
		ValidArgsFunction: settings.Files(0, "yaml", "yml"),
		Short:             "Show how a gateway that runs stands",
		Long:              statusLong,
		Example:           "  mktows gateway status gateway.yaml\n  mktows gateway status --admin 127.0.0.1:8091 -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if (f.admin == "") == (len(args) == 0) || len(args) > 1 {
				return exit.Usagef("%s takes either the file of the gateway's configuration or --admin", cmd.CommandPath())
			}
			return f.out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				c, err := gateway.Load(args[0])
				if err != nil {
					return exit.AsSettings(fmt.Errorf("%w\na gateway that runs goes on with the configuration before: --admin HOST:PORT asks it", err))
				}
				if f.admin = c.Admin; f.admin == "" {
					return exit.Settingsf("%s: admin is not set, so there is no address to ask: add a line such as admin: 127.0.0.1:8091, and start the gateway anew", args[0])
				}
			}
			return status(cmd.Context(), a, &f)
		},
	}
	cmd.Flags().StringVar(&f.admin, "admin", "", "ask at this `HOST:PORT`, in place of the one in FILE")
	f.out.BindDocument(cmd.Flags())
	return cmd
}

func status(ctx context.Context, a *console.Console, f *statusFlags) error {
	o, err := askStatus(ctx, f.admin)
	if err != nil {
		return err
	}
	if f.out.Format.Value == output.JSON {
		err = output.WriteJSON(a.Stdout, o)
	} else {
		err = showStatus(a.Stdout, &f.out, o)
	}
	if err != nil {
		return err
	}
	var waiting []string
	for _, t := range o.Tenants {
		if !t.Ready && !t.Optional {
			waiting = append(waiting, t.UserID)
		}
	}
	if len(waiting) > 0 {
		return exit.AsService(fmt.Errorf("not ready: %s", strings.Join(waiting, ", ")))
	}
	return nil
}

// askStatus asks a gateway, without a proxy: it is near.
func askStatus(ctx context.Context, admin string) (*gateway.Overview, error) {
	host, port, err := net.SplitHostPort(admin)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		return nil, exit.Usagef("%q is not HOST:PORT, such as 127.0.0.1:8091", admin)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/status", nil)
	if err != nil {
		return nil, exit.Usagef("%q is not HOST:PORT, such as 127.0.0.1:8091", admin)
	}
	way := &http.Transport{DisableKeepAlives: true}
	answer, err := way.RoundTrip(r)
	if err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		return nil, exit.AsService(fmt.Errorf("no gateway answers at %s: %w\nsee whether it runs, and whether this is what admin says in its configuration", admin, err))
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	o := new(gateway.Overview)
	if err = json.NewDecoder(io.LimitReader(answer.Body, maxStatus)).Decode(o); err != nil || answer.StatusCode != http.StatusOK || o.Since.IsZero() {
		return nil, exit.AsService(fmt.Errorf("what answers at %s is not the admin address of a gateway (HTTP status %d)", admin, answer.StatusCode))
	}
	return o, nil
}

// showStatus prints a table of tenants, and below it what is known of the gateway.
func showStatus(w io.Writer, f *output.FormFlags, o *gateway.Overview) error {
	ready := 0
	for _, t := range o.Tenants {
		if t.Ready {
			ready++
		}
	}
	if err := output.All(o.Tenants, output.NewListing(w, f, output.Shape[gateway.TenantStatus]{
		Columns: []output.Column{{Title: "USER"}, {Title: "READY"}, {Title: "INSTANCE"}, {Title: "CALLS", Right: true}, {Title: "LEFT", Right: true}, {Title: "PROBLEM", Weight: 3}},
		Cells: func(t *gateway.TenantStatus) []string {
			state, left := "yes", "no limit"
			switch {
			case !t.Ready && t.Optional:
				state = "no (optional)"
			case !t.Ready:
				state = "no"
			}
			if t.Left != nil {
				left = strconv.Itoa(*t.Left)
			}
			return []string{t.UserID, state, t.Instance, strconv.Itoa(t.Calls), left, t.Problem}
		},
		Total: func(n int) string { return fmt.Sprintf("tenants: %d, ready: %d", n, ready) },
	})); err != nil {
		return err
	}
	text := fmt.Sprintf("gateway %s, since %s; configuration read again: %d, refused: %d", o.Version, output.UtcText(o.Since), o.Reloads.OK, o.Reloads.Failed)
	if o.Reloads.Problem != "" && o.Reloads.FailedAt != nil {
		text += fmt.Sprintf("\nsince %s the configuration cannot be used, and the one before stays:\n%s", output.UtcText(*o.Reloads.FailedAt), o.Reloads.Problem)
	}
	return output.Printf(w, "%s\n", visible(text))
}
