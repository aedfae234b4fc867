package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/restport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/internal/doctor"
)

const long = `Find out what keeps calls from working, over the REST API or the SOAP API, whichever the settings are
of: settings, endpoint, proxy, the way there, TLS, clock, credentials, the calls of the day, each
permission of the API user, the names of fields; then for each of the 23 operations whether it
works, what differs from the SOAP API, and the REST calls that the usual request costs.

Nothing is changed: all calls are reads, some 15 over REST. What only a write would tell is not
checked: of permissions to write, that for leads is. No output shows a secret, a client id or a user
id. Each check gives up after 10 seconds.

The exit code is 0 if no check has failed, else that of the first one that did: see "mktows help
exit-codes".`

// Command makes "mktows doctor".
func Command(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Find out what keeps calls from working",
		Long:    long,
		Example: "  mktows doctor --demo --rest\n  mktows doctor -o json",
		Args:    settings.FlagsOnly(out.Check),
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := examine(cmd.Context(), a, &f)
			if err != nil {
				return err
			}
			if err := show(a.Stdout, &out, report); err != nil {
				return err
			}
			return restport.Verdict(report)
		},
	}
	f.Bind(cmd.Flags())
	out.BindDocument(cmd.Flags())
	return cmd
}

// examine reads the settings and looks at the instance. What is wrong with the settings is a part of the report.
func examine(ctx context.Context, a *console.Console, f *settings.RemoteFlags) (*doctor.Report, error) {
	conn, stop, err := f.Connect(ctx, a, false)
	defer func() { stop() }()
	if errors.As(err, new(exit.UsageError)) {
		return nil, err
	}
	s := &doctor.Subject{API: doctor.SOAP, Endpoint: conn.Endpoint, Invalid: err, Secrets: []string{conn.Creds.UserID, conn.Creds.Key.Reveal(), conn.Creds.PartnerID}}
	if conn.REST {
		s.API = doctor.REST
	}
	if err == nil {
		s.Settings = f.Sources(a, conn)
		s.NamesSetting = settings.NamesSetting(a)
		if err := connect(a, conn, f, s); err != nil {
			return nil, err
		}
	}
	report := doctor.Examine(ctx, s)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return report, nil
}

// connect makes what the subject is called by.
func connect(a *console.Console, conn settings.Connection, f *settings.RemoteFlags, s *doctor.Subject) error {
	port, err := settings.NewPort(a, conn, &f.ConnectionFlags, new(settings.PortOptions))
	switch {
	case errors.As(err, new(*bridge.EndpointError)), errors.As(err, new(*client.EndpointError)):
		s.InvalidEndpoint = err
	case err != nil:
		s.Invalid = err
	case conn.REST:
		s.Bridge = restport.Bridge(port)
	default:
		s.Port = port
	}
	if err != nil || conn.Names == "" {
		return nil
	}
	s.NamesFile = conn.Names
	s.Names, err = bridge.LoadNames(conn.Names)
	if err != nil {
		return exit.AsSettings(err)
	}
	return nil
}

// show prints the report.
func show(w io.Writer, f *output.FormFlags, r *doctor.Report) error {
	if f.Format.Value == output.JSON {
		return output.WriteJSON(w, r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(string(r.API)+" API "+r.Endpoint))
	writeChecks(&b, f.Width, r.Checks)
	if err := output.Printf(w, "%s\n", b.String()); err != nil {
		return err
	}
	if failed := r.Stopped(); failed != nil { // all operations have the same verdict, and the reason is above
		return output.Printf(w, "all %d operations: %s, because of what failed: %s\n", len(r.Operations), r.Operations[0].Verdict, failed.Name)
	}
	return output.All(r.Operations, output.NewListing(w, f, operationShape(r)))
}

// stateWidth is the width of the longest state.
const stateWidth = len(doctor.NotChecked)

// writeChecks writes what was looked at, each with its cure below. Nothing of it is cut: what does not fit into width goes on in the next line.
func writeChecks(b *strings.Builder, width int, checks []doctor.Check) {
	names := 0
	for _, c := range checks {
		names = max(names, len(c.Name))
	}
	found := 0 // not broken
	if width > 0 {
		names = min(names, width/3)
		found = width - stateWidth - names - 2*output.Gap
	}
	for _, c := range checks {
		texts := strings.Split(c.Found, "\n")
		if c.Cure != "" {
			texts = append(texts, "-> "+c.Cure)
		}
		var lines []string
		for _, text := range texts {
			lines = append(lines, output.Wrap(output.Visible(text), found)...)
		}
		title := output.Wrap(c.Name, names)
		for i := range max(len(lines), len(title)) {
			line := fmt.Sprintf("%-*s  %-*s  %s", stateWidth, at([]string{string(c.State)}, i), names, at(title, i), at(lines, i))
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
}

// at returns a line, or an empty one after the last.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// operationShape describes the verdicts on operations in a table.
func operationShape(r *doctor.Report) output.Shape[doctor.Operation] {
	return output.Shape[doctor.Operation]{
		Columns: []output.Column{{Title: "OPERATION"}, {Title: "VERDICT", Weight: 2}, {Title: "CALLS", Right: true}, {Title: "LOSS OR REASON", Weight: 3}},
		Cells: func(o *doctor.Operation) []string {
			calls := ""
			if o.Calls != nil {
				calls = strconv.Itoa(*o.Calls)
			}
			return []string{o.Name, o.String(), calls, strings.Join(append(reason(o), o.Loss...), "; ")}
		},
		Total: func(int) string { return restport.Verdicts(r) + "; -o json tells all losses" },
	}
}

// reason returns why an operation is not said to work.
func reason(o *doctor.Operation) []string {
	if o.Why == "" {
		return nil
	}
	return []string{o.Why}
}
