package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/copyport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/restport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/internal/doctor"
)

const checkLong = `Tell what is wrong with a configuration, each mistake with its line, without
sending anything.

With --live ask the REST API of each tenant, too, as "mktows doctor" does:
whether there is a way to it, whether it lets the tenant in, how many calls of
the day are left, which permissions its role has, and so which of the 23
operations work. Nothing is changed: all calls are reads, some 15 for each
tenant, within the limits of the configuration. No output shows a secret or a
client id.

The exit code is 0 if no check of a tenant has failed that is not optional,
else that of the first one that did: see "mktows help exit-codes".`

// liveStep is how long one check may take: tenants of one instance wait for turns within one budget.
const liveStep = 30 * time.Second

type checkFlags struct {
	live bool
	out  output.FormFlags
}

// checkCommand makes "mktows gateway check".
func checkCommand(a *console.Console) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:               "check FILE",
		ValidArgsFunction: settings.Files(0, "yaml", "yml"),
		Short:             "Tell what is wrong with a configuration, and with --live whether it works",
		Long:              checkLong,
		Example:           "  mktows gateway check gateway.yaml\n  mktows gateway check --live gateway.yaml -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exit.Usagef("%s takes the file of a configuration", cmd.CommandPath())
			}
			if !f.live && f.out.Format.Value == output.JSON {
				return exit.Usagef("-o json is for what --live finds: add --live")
			}
			return f.out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error { return check(cmd.Context(), a, &f, args[0]) },
	}
	cmd.Flags().BoolVar(&f.live, "live", false, "ask the REST API of each tenant, too")
	f.out.BindDocument(cmd.Flags())
	return cmd
}

func check(ctx context.Context, a *console.Console, f *checkFlags, file string) error {
	c, err := gateway.Load(file)
	var g *gateway.Gateway
	var inspector gateway.Option
	if err == nil {
		inspector, err = newInspector(c)
	}
	if err == nil {
		g, err = gateway.New(c, gateway.WithGetenv(a.Getenv), gateway.WithBridgeOptions(bridge.WithProxy(http.ProxyFromEnvironment)),
			gateway.WithCopies(copyport.Copies{}), inspector)
	}
	if err == nil {
		err = errors.Join(checkState(ctx, a, c, []string{file}), needListeners(c))
	}
	if err != nil {
		return exit.AsSettings(err)
	}
	if f.live {
		return checkLive(ctx, a, f, file, c, g)
	}
	return output.Printf(a.Stdout, "%s: nothing is wrong with it; tenants: %d\n", file, len(c.Tenants))
}

// examined is what was found about all tenants.
type examined struct {
	Tenants []examinedTenant `json:"tenants"` // in the order of the file
}

type examinedTenant struct {
	UserID   string         `json:"userID"`
	Optional bool           `json:"optional,omitempty"`
	Report   *doctor.Report `json:"report"`
}

// checkLive looks at the instances of all tenants. The error is the verdict.
func checkLive(ctx context.Context, a *console.Console, f *checkFlags, file string, c *gateway.Config, g *gateway.Gateway) error {
	var all examined
	var first error
	good := 0
	for i := range c.Tenants {
		t := &c.Tenants[i]
		report, err := examine(ctx, g, t, fmt.Sprintf("tenants[%d] of %s", i, file))
		if err != nil {
			return err
		}
		all.Tenants = append(all.Tenants, examinedTenant{t.UserID, t.Optional, report})
		verdict := restport.Verdict(report)
		switch {
		case verdict == nil:
			good++
		case first == nil && !t.Optional:
			first = fmt.Errorf("%s: %w", t.UserID, verdict)
		}
		if f.out.Format.Value != output.JSON {
			if err := output.Printf(a.Stdout, "%s\n", told(t, report)); err != nil {
				return err
			}
		}
	}
	if f.out.Format.Value == output.JSON {
		return errors.Join(output.WriteJSON(a.Stdout, all), first)
	}
	return errors.Join(output.Printf(a.Stdout, "tenants: %d, without a failed check: %d\n", len(c.Tenants), good), first)
}

// examine looks at the instance of a tenant. The error is that of ctx.
func examine(ctx context.Context, g *gateway.Gateway, t *gateway.Tenant, from string) (*doctor.Report, error) {
	conn, _ := g.Connection(t.UserID)
	s := &doctor.Subject{
		API: doctor.REST, Endpoint: conn.Endpoint, Bridge: conn.Bridge, NamesFile: conn.Names, NamesSetting: "names of the tenant", Step: liveStep,
		Settings: []string{from}, Secrets: []string{t.REST.ClientID},
	}
	for _, secret := range conn.Secrets {
		s.Secrets = append(s.Secrets, secret.Reveal())
	}
	if conn.Names != "" {
		var err error
		if s.Names, err = bridge.LoadNames(conn.Names); err != nil {
			return nil, exit.AsSettings(err)
		}
	}
	report := doctor.Examine(ctx, s)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return report, nil
}

// told tells of a tenant what is not as it should be, and how many operations work.
func told(t *gateway.Tenant, r *doctor.Report) string {
	var b strings.Builder
	optional := ""
	if t.Optional {
		optional = " (optional)"
	}
	fmt.Fprintf(&b, "%s%s  %s\n", t.UserID, optional, r.Endpoint)
	for _, c := range r.Checks {
		if c.State == doctor.OK || c.State == doctor.NotChecked {
			continue
		}
		fmt.Fprintf(&b, "  %s: %s: %s\n", c.State, c.Name, strings.ReplaceAll(c.Found, "\n", "; "))
		if c.Cure != "" {
			fmt.Fprintf(&b, "    -> %s\n", strings.ReplaceAll(c.Cure, "\n", "; "))
		}
	}
	fmt.Fprintf(&b, "  %d operations: %s\n", len(r.Operations), restport.Verdicts(r))
	if r.Stopped() == nil {
		for i := range r.Operations {
			if o := &r.Operations[i]; o.Verdict == doctor.NeedsMore || o.Verdict == doctor.Cannot {
				fmt.Fprintf(&b, "    %s: %s\n", o.Name, strings.TrimSuffix(o.String()+"; "+o.Why, "; "))
			}
		}
	}
	return visible(b.String())
}

// visible makes text harmless for a terminal, line by line.
func visible(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = output.Visible(lines[i])
	}
	return strings.Join(lines, "\n")
}
