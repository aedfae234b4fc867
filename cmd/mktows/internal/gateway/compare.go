package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/copyport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/compare"
	"github.com/mktows/mktows-go/internal/recording"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

const compareLong = `Repeat recorded SOAP exchanges with the gateway, and print field by field what
differs and whether the table of differences (docs/rest.md) expects it.

FOLDER has two files for each exchange, NAME.request.xml and NAME.response.xml:
envelopes, with the headers of HTTP in front or not. The gateway's setting
"journal" records such a folder; what a tool has captured while the SOAP API
still answered will do as well.

The gateway that FILE configures, or the environment, runs inside of the
command for it. With --endpoint a running one is called, with MKTOWS_USER_ID
and MKTOWS_SECRET_KEY. Signatures of the recording are not used. Calls are made
for the user who was recorded, or for the only one there is, or for that of
--user.

Only what reads is repeated; nothing is written. With --writes the first REST
call by which each write would begin is shown, and not sent.

The pages of a stream are compared as a whole. Of activities, those after the
recording do not count. What has no value may be missing, nil or empty;
numbers, flags and times may be in another form; the texts of faults,
positions, and the order of the fields of a record do not count.

Values are not shown unless --show-values asks for them: they are personal
data.

The exit code is 10 if there is a difference that the table does not expect, 7
if files cannot be used, and that of the first call without an answer if there
was one.`

const compareExample = `  mktows gateway compare recorded gateway.yaml
  mktows gateway compare recorded --demo -o json
  mktows gateway compare recorded gateway.yaml --show-values --ignore LeadScore`

type compareFlags struct {
	gatewayFlags
	endpoint string
	user     string
	writes   bool
	values   bool
	ignore   []string
	format   *output.Format
}

// compareCommand makes "mktows gateway compare".
func compareCommand(a *console.Console) *cobra.Command {
	f := compareFlags{format: output.DocumentFormat()}
	cmd := &cobra.Command{
		Use:               "compare FOLDER [FILE]",
		ValidArgsFunction: completeCompare,
		Short:             "Repeat recorded exchanges and tell what differs",
		Long:              compareLong,
		Example:           compareExample,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return exit.Usagef("%s takes the folder of a recording, and the file of a configuration", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCompare(cmd.Context(), a, &f, args[0], args[1:])
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.demo, "demo", false, `use what "mktows serve --rest" serves, unless the environment says otherwise`)
	fs.StringVar(&f.endpoint, "endpoint", "", "compare with the running gateway at this `URL`")
	fs.StringVar(&f.user, "user", "", "make all calls for the user of this `ID`, whoever was recorded")
	fs.BoolVar(&f.writes, "writes", false, "show the first REST call of each write, which is not sent")
	fs.BoolVar(&f.values, "show-values", false, "show the values that differ, which are personal data")
	fs.StringSliceVar(&f.ignore, "ignore", nil, "do not compare the fields and attributes of these `NAMES`")
	f.format.Bind(fs)
	return cmd
}

// completeCompare completes the first argument to folders and the second to files.
func completeCompare(cmd *cobra.Command, args []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return settings.Files(1, "yaml", "yml")(cmd, args, text)
}

// runCompare compares a folder.
func runCompare(ctx context.Context, a *console.Console, f *compareFlags, folder string, args []string) error {
	switch {
	case f.endpoint != "" && (len(args) > 0 || f.demo):
		return exit.Usagef("--endpoint is a gateway that runs: leave out FILE and --demo, or --endpoint")
	case f.endpoint != "" && f.writes:
		return exit.Usagef("--writes needs a gateway inside of the command, which cannot write: leave out --endpoint and give FILE")
	}
	all, problems, err := recording.Folder(ctx, folder)
	if err != nil {
		return exit.AsInput(err)
	}
	for _, p := range problems {
		a.Complain(p.Error())
	}
	o := &compare.Options{Ignore: f.ignore, Now: time.Now()}
	var calls *callers
	if f.endpoint != "" {
		calls, err = running(ctx, a, f)
	} else {
		calls, err = inside(ctx, a, f, args, o)
	}
	if err != nil {
		return err
	}
	defer calls.close()
	o.Port = calls.port
	r := newCompareReport(a, f, problems)
	for result := range compare.Run(ctx, all, o) {
		if err := r.add(&result); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.end()
}

// callers makes the clients that call a gateway, one for each user and version.
type callers struct {
	base    string // the address up to the version
	user    string // that is called for; empty: by users
	users   []string
	key     auth.Secret
	clients map[string]*client.Client
	close   func()
}

// port returns the client for an exchange.
func (c *callers) port(e *recording.Exchange) (gen.Port, error) {
	user := c.user
	if user == "" {
		var err error
		if user, err = c.tenant(e.UserID); err != nil {
			return nil, err
		}
	}
	at := c.base + e.Version.String()
	if made, ok := c.clients[user+" "+at]; ok {
		return made, nil
	}
	made, err := client.New(at, auth.Credentials{UserID: user, Key: c.key}, client.WithoutLimits(), client.WithProxy(http.ProxyFromEnvironment))
	if err != nil {
		return nil, err
	}
	c.clients[user+" "+at] = made
	return made, nil
}

// tenant returns the user to call for in the place of the one who was recorded.
func (c *callers) tenant(recorded string) (string, error) {
	for _, id := range c.users {
		if id == recorded || len(c.users) == 1 {
			return id, nil
		}
	}
	return "", exit.Settingsf("it was recorded for %q, who is no tenant: say for whom to call, with --user", recorded)
}

// running returns the callers of a gateway elsewhere.
func running(ctx context.Context, a *console.Console, f *compareFlags) (*callers, error) {
	key, err := settings.ReadSecret(ctx, a, settings.VarSecretKey)
	if err != nil {
		return nil, err
	}
	user := f.user
	if user == "" {
		user = a.Getenv(settings.VarUserID)
	}
	if user == "" || key.IsZero() {
		return nil, exit.Settingsf("not set: %s and %s: --endpoint needs the user id and the key of a tenant", settings.VarUserID, settings.VarSecretKey)
	}
	base, _, found := strings.Cut(f.endpoint, server.DefaultMount)
	if !found {
		return nil, exit.Usagef("--endpoint %q is no endpoint: its path ends in %s2_7 or another version", f.endpoint, server.DefaultMount)
	}
	return &callers{base: base + server.DefaultMount, user: user, key: key, clients: make(map[string]*client.Client), close: func() {}}, nil
}

// inside starts a gateway in the command, which cannot write: its calls of the REST API go through a guard. Whoever else finds its
// address has no key for it.
func inside(ctx context.Context, a *console.Console, f *compareFlags, args []string, o *compare.Options) (*callers, error) {
	c, err := configuration(ctx, a, &f.gatewayFlags, args)
	if err != nil {
		return nil, err
	}
	c.Listeners, c.Admin, c.Journal = nil, "", gateway.Journal{} // of these a comparison needs none
	stop := &guard{next: ownTransport(), values: f.values}
	options := append(bridgeOptions(&f.gatewayFlags), bridge.WithHTTPClient(&http.Client{Transport: stop}))
	c.Inspector = false // nobody looks at what is repeated
	g, err := gateway.New(c, gateway.WithGetenv(a.Getenv), gateway.WithBridgeOptions(options...), gateway.WithCopies(copyport.Copies{}))
	if err != nil {
		return nil, exit.AsSettings(err)
	}
	calls := &callers{user: f.user, key: auth.NewSecret(rand.Text()), clients: make(map[string]*client.Client)}
	for i := range c.Tenants {
		calls.users = append(calls.users, c.Tenants[i].UserID)
	}
	if f.user != "" && !slices.Contains(calls.users, f.user) {
		return nil, exit.Usagef("--user %q is no tenant: the configuration has %s", f.user, strings.Join(calls.users, ", "))
	}
	handler, err := server.New(gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		return g.Port(server.UserID(ctx))(ctx, op, in, out)
	}), server.WithUserLookup(func(context.Context, string) (auth.Secret, bool) { return calls.key, true }), server.WithLimits(limits.Unlimited()))
	if err != nil {
		return nil, err
	}
	base, end, err := demo.Serve(ctx, handler)
	if err != nil {
		return nil, err
	}
	calls.base, calls.close = base+server.DefaultMount, end
	if f.writes {
		o.Write = func(ctx context.Context, e *recording.Exchange) ([]string, error) { return stop.shown(ctx, calls, e) }
	}
	return calls, nil
}

// shown makes a call that writes, and returns the requests that were stopped.
func (g *guard) shown(ctx context.Context, calls *callers, e *recording.Exchange) ([]string, error) {
	port, err := calls.port(e)
	if err != nil {
		return nil, err
	}
	if e.Context != nil {
		ctx = gen.WithMktowsContext(ctx, *e.Context)
	}
	g.take()
	_, err = e.Operation.Call(ctx, port, e.Request)
	if stopped := g.take(); len(stopped) > 0 {
		return stopped, nil
	}
	return nil, err
}

// compareReport tells results as they come, and counts them.
type compareReport struct {
	a        *console.Console
	f        *compareFlags
	results  []compare.Result // of JSON
	problems []*recording.Problem
	counts   map[compare.Outcome]int
	fields   int // that differ and were not expected
	failed   error
}

func newCompareReport(a *console.Console, f *compareFlags, problems []*recording.Problem) *compareReport {
	return &compareReport{a: a, f: f, results: []compare.Result{}, problems: problems, counts: make(map[compare.Outcome]int)}
}

// add tells a result.
func (r *compareReport) add(result *compare.Result) error {
	r.counts[result.Outcome]++
	if r.failed == nil && result.Outcome == compare.Failed {
		r.failed = result.Err
		if !r.f.values {
			r.failed = &withoutValues{result}
		}
	}
	for i := range result.Differences {
		d := &result.Differences[i]
		if d.Expected == "" {
			r.fields += d.Count
		}
		if !r.f.values && d.What != "fault" {
			d.Recorded, d.Answered = "", ""
		}
	}
	if r.f.format.Value == output.JSON {
		r.results = append(r.results, *result)
		return nil
	}
	return output.Printf(r.a.Stdout, "%s", r.text(result))
}

// text shows a result, what was not expected with an exclamation mark.
func (r *compareReport) text(result *compare.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s  %s  %s", result.Outcome, result.Operation, result.Name)
	if result.Pages > 0 {
		fmt.Fprintf(&b, " (%s)", output.Plural(result.Pages, "page"))
	}
	if result.Why != "" {
		b.WriteString(": " + result.Why)
	}
	if result.Later > 0 {
		fmt.Fprintf(&b, "; %s outside of the recording", output.Plural(result.Later, "record"))
	}
	b.WriteString("\n")
	for _, d := range result.Differences {
		mark, why := "!", "not expected"
		if d.Expected != "" {
			mark, why = " ", "expected: "+d.Expected
		}
		fmt.Fprintf(&b, "  %s %s", mark, d.Field)
		if d.What != d.Field { // a fault has no other
			b.WriteString(": " + d.What)
		}
		if d.Count > 1 {
			fmt.Fprintf(&b, ", %d times", d.Count)
		}
		if d.Recorded != "" || d.Answered != "" {
			fmt.Fprintf(&b, ", was %q, now %q", output.Clip(d.Recorded, maxValue), output.Clip(d.Answered, maxValue))
		}
		fmt.Fprintf(&b, " (%s)\n", why)
	}
	for _, request := range result.Requests {
		b.WriteString("    not sent: " + request + "\n")
	}
	text := make([]string, 0, len(result.Differences)+1)
	for line := range strings.Lines(b.String()) {
		text = append(text, output.Visible(strings.TrimSuffix(line, "\n")))
	}
	return strings.Join(text, "\n") + "\n"
}

// maxValue is how much of a value is shown in a line.
const maxValue = 60

// summary is what JSON says of all.
type summary struct {
	Same      int `json:"same"`
	Expected  int `json:"expected"`
	Different int `json:"different"`
	Writes    int `json:"writes"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
	Unusable  int `json:"unusable"` // files
	Fields    int `json:"fields"`   // that differ and were not expected
}

// end tells all in all. Its error says how the command ends.
func (r *compareReport) end() error {
	s := summary{
		r.counts[compare.Same], r.counts[compare.Expected], r.counts[compare.Differs], r.counts[compare.NotToSend], r.counts[compare.Skipped],
		r.counts[compare.Failed], len(r.problems), r.fields,
	}
	var err error
	if r.f.format.Value == output.JSON {
		problems := r.problems
		if problems == nil {
			problems = []*recording.Problem{}
		}
		err = output.WriteJSON(r.a.Stdout, struct {
			Results  []compare.Result     `json:"results"`
			Problems []*recording.Problem `json:"problems"`
			Summary  summary              `json:"summary"`
		}{r.results, problems, s})
	} else {
		err = output.Printf(r.a.Stdout, "same: %d, with expected differences: %d, different: %d, writes: %d, skipped: %d, failed: %d, files that cannot be used: %d\n",
			s.Same, s.Expected, s.Different, s.Writes, s.Skipped, s.Failed, s.Unusable)
	}
	switch {
	case err != nil:
		return err
	case s.Different > 0:
		return &differsError{s.Different}
	case r.failed != nil:
		return r.failed
	case s.Unusable > 0:
		return exit.AsInput(errors.New("some files cannot be used: see above"))
	}
	return nil
}

// withoutValues is the error of a call without an answer, whose own text may quote what was sent and what came.
type withoutValues struct{ *compare.Result }

func (e *withoutValues) Error() string { return e.Operation + " " + e.Name + ": " + e.Why }

// Unwrap returns the error, by whose kind the exit code is chosen.
func (e *withoutValues) Unwrap() error { return e.Err }

// differsError says that the table does not expect everything that differs.
type differsError struct{ exchanges int }

func (e *differsError) Error() string {
	return output.Plural(e.exchanges, "exchange") + " differ in what the table of differences does not expect"
}

// ExitCode implements the interface of package exit.
func (*differsError) ExitCode() int { return exit.Differs }
