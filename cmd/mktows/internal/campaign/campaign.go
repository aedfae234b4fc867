package campaign

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/batch"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// Command makes "mktows campaign" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("campaign", "List, request and schedule smart campaigns", "",
		campaignListCommand(a), campaignRequestCommand(a), campaignScheduleCommand(a),
	)
}

const campaignListLong = `List the smart campaigns that can be requested: those with the trigger "Campaign is Requested"
from the web service, or over SOAP, with --source sales, those open to Sales Insight.`

type campaignJSON struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// sourceFlag is the flag --source, which says who requests a campaign. The trigger of a campaign can be limited to
// one source.
type sourceFlag struct{ name string }

func (f *sourceFlag) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "source", "mktows", "`SOURCE`: mktows for the web service, or sales")
	settings.Values(fs, "source", "mktows\tthe web service", "sales\tSales Insight, over SOAP")
}

func (f *sourceFlag) source() (operations.CampaignSource, error) {
	for _, s := range operations.CampaignSources() {
		if strings.EqualFold(f.name, string(s)) {
			return s, nil
		}
	}
	return "", exit.Usagef("--source is %q: use mktows or sales", f.name)
}

// campaignListCommand makes "mktows campaign list".
func campaignListCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	var from sourceFlag
	var filter operations.CampaignFilter
	var source operations.CampaignSource
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the campaigns that can be requested",
		Long:    campaignListLong,
		Example: "  mktows campaign list --demo\n  mktows campaign list --source sales --name Welcome -o json",
		Args: settings.FlagsOnly(func() (err error) {
			if filter.Exact && filter.Name == "" {
				return exit.Usagef("--exact needs --name")
			}
			if source, err = from.source(); err != nil {
				return err
			}
			return out.Check()
		}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				campaigns, err := api.Campaigns.ForSource(ctx, source, &filter)
				if err != nil {
					return err
				}
				return output.All(campaigns, output.NewListing(a.Stdout, &out, campaignShape()))
			})
		},
	}
	fs := cmd.Flags()
	f.Bind(fs)
	out.Bind(fs)
	from.bind(fs)
	fs.StringVar(&filter.Name, "name", "", "only campaigns with `NAME` in their names")
	fs.BoolVar(&filter.Exact, "exact", false, "--name is the whole name")
	return cmd
}

// campaignShape describes campaigns in the formats of -o.
func campaignShape() output.Shape[operations.Campaign] {
	return output.Shape[operations.Campaign]{
		Noun: "campaign", Nouns: "campaigns",
		Columns: []output.Column{{Title: "ID", Right: true}, {Title: "NAME", Weight: 2}, {Title: "DESCRIPTION", Weight: 3}},
		Cells:   func(c *operations.Campaign) []string { return []string{output.Number(c.ID), c.Name, c.Description} },
		Json:    func(c *operations.Campaign) any { return campaignJSON{c.ID, c.Name, c.Description} },
	}
}

const campaignRequestLong = `Run leads through a smart campaign that has the trigger "Campaign is Requested".

The campaign is named by its ID (see "mktows campaign list"), or by --program and --campaign; then
--token gives values in place of the program's own. Repeating a request runs the leads once more.

` + settings.KeyHelp + `
COOKIE is not taken. With --from keys are read from a file, one to a line; blank lines do not
count.

` + batch.Help + `
Here the status of a lead that is done is REQUESTED.`

const campaignRequestExample = `  mktows campaign request 1201 318815 318816 --demo
  mktows campaign request --program "Autumn Webinar" --campaign Register --token '{{my.x}}=v' 318815
  mktows campaign request 1201 --from keys.txt --dry-run`

// runFlags name a campaign inside of a program and give values for its tokens.
type runFlags struct {
	program, campaign string
	tokens            []string
}

func (f *runFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.program, "program", "", "the `PROGRAM` that holds the campaign")
	fs.StringVar(&f.campaign, "campaign", "", "the `CAMPAIGN`, by its name inside the program")
	fs.StringArrayVar(&f.tokens, "token", nil, "a `TOKEN` and its value, as '{{my.x}}=v'; repeat the flag for more")
}

// parseTokens parses --token NAME=VALUE. Only the first equals sign separates: a value may contain others, as URLs
// do.
func (f *runFlags) parseTokens() ([]operations.Token, error) {
	var tokens []operations.Token
	for _, text := range f.tokens {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, exit.Usagef("--token: %q is not like '{{my.x}}=v'", text)
		}
		tokens = append(tokens, operations.Token{Name: strings.TrimSpace(name), Value: value})
	}
	return tokens, nil
}

type campaignRequestFlags struct {
	batch.Flags
	batch.KeyFlags
	runFlags
	sourceFlag
	request operations.CampaignRequest
}

// campaignRequestCommand makes "mktows campaign request".
func campaignRequestCommand(a *console.Console) *cobra.Command {
	var f campaignRequestFlags
	var keys []operations.LeadKey
	cmd := &cobra.Command{
		Use:     "request (ID | --program P --campaign C) KEY...",
		Short:   "Run leads through a campaign",
		Long:    campaignRequestLong,
		Example: campaignRequestExample,
		Args: func(_ *cobra.Command, args []string) (err error) {
			keys, err = f.parse(args)
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := &batch.Batches[operations.LeadKey]{Op: "requestCampaign", Send: f.send}
			if err := f.Keyed(cmd.Context(), a, b, keys); err != nil {
				return err
			}
			return batch.Run(cmd.Context(), a, &f.Flags, b)
		},
	}
	fs := cmd.Flags()
	f.Flags.Bind(fs, operations.MaxCampaignLeads, operations.MaxCampaignLeads)
	f.KeyFlags.Bind(fs)
	f.runFlags.bind(fs)
	f.sourceFlag.bind(fs)
	return cmd
}

// parse reads the command line and returns the keys in it. All that can be checked is checked here, so that a mistake
// counts as one of the command line: the request is validated once with each key. Keys from a file are read later, so
// in that case one made-up key stands for them.
func (f *campaignRequestFlags) parse(args []string) ([]operations.LeadKey, error) {
	var err error
	if f.request.Source, err = f.source(); err != nil {
		return nil, err
	}
	if f.request.Tokens, err = f.parseTokens(); err != nil {
		return nil, err
	}
	f.request.Program, f.request.Campaign = f.program, f.campaign
	switch {
	case (f.program == "") != (f.campaign == ""):
		return nil, exit.Usagef("give both --program and --campaign, or the ID of a campaign instead")
	case f.program == "" && len(f.request.Tokens) > 0:
		return nil, exit.Usagef("--token goes with --program and --campaign, not with an ID")
	case f.program == "":
		if args, err = f.takeID(args); err != nil {
			return nil, err
		}
	}
	keys, err := f.KeyFlags.Check(args)
	if err != nil {
		return nil, err
	}
	probes := keys
	if f.From != "" {
		probes = []operations.LeadKey{operations.LeadID(1)} // the keys are not known yet
	}
	for _, key := range probes {
		probe := f.request
		probe.Leads = []operations.LeadKey{key}
		if err := probe.Validate(); err != nil {
			return nil, campaignProblem(err)
		}
	}
	return keys, f.Flags.Check()
}

// takeID reads the id of the campaign, which comes before the keys, and returns the rest of the arguments.
func (f *campaignRequestFlags) takeID(args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, exit.Usagef("name a campaign, by its ID or by --program and --campaign, and leads")
	}
	id, ok := settings.ReadID(args[0])
	if !ok {
		return nil, exit.Usagef("ID: %q is not the id of a campaign, which is %s", args[0], settings.IdRange)
	}
	f.request.CampaignID = id
	return args[1:], nil
}

// send requests the campaign for one batch of leads. The service answers for the whole batch; there is no result per
// lead.
func (f *campaignRequestFlags) send(ctx context.Context, api *operations.API, keys []operations.LeadKey, states []batch.Status) error {
	request := f.request
	request.Leads = keys
	if err := api.Campaigns.Request(ctx, request); err != nil {
		return err
	}
	for i := range states {
		states[i].Status = "REQUESTED"
	}
	return nil
}

const campaignScheduleLong = `Run a batch smart campaign at a given time, or at once. Repeating the command runs it once more.

--clone-to clones the program under that name and runs the campaign of the clone: ten times a
day at most, and at endpoints that end in 3_1 only.`

const campaignScheduleExample = `  mktows campaign schedule --program "Autumn Webinar" --campaign "Send Invitation" --demo
  mktows campaign schedule --program P --campaign C --at 2017-03-09T17:40:00-08:00 --token '{{my.x}}=v' --dry-run`

type scheduledJSON struct {
	Program  string  `json:"program"`
	Campaign string  `json:"campaign"`
	At       *string `json:"at"`
}

// campaignScheduleCommand makes "mktows campaign schedule".
func campaignScheduleCommand(a *console.Console) *cobra.Command {
	var f settings.WriteFlags
	var names runFlags
	var at, cloneTo string
	var r operations.CampaignRun
	form := output.DocumentFormat()
	cmd := &cobra.Command{
		Use:     "schedule",
		Short:   "Run a batch campaign",
		Long:    campaignScheduleLong,
		Example: campaignScheduleExample,
		Args: settings.FlagsOnly(func() (err error) {
			r, err = names.run(at, cloneTo)
			return err
		}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithWriteAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				if err := api.Campaigns.Schedule(ctx, r); err != nil {
					return err
				}
				return writeScheduled(a, &r, form.Value)
			})
		},
	}
	fs := cmd.Flags()
	f.Bind(fs)
	names.bind(fs)
	form.Bind(fs)
	fs.StringVar(&at, "at", "", "run at this `TIME`, such as 2017-03-09T17:40:00-08:00 (default: at once)")
	fs.StringVar(&cloneTo, "clone-to", "", "clone the program under this `NAME` first")
	return cmd
}

// run returns the run that the flags describe, checked.
func (f *runFlags) run(at, cloneTo string) (operations.CampaignRun, error) {
	r := operations.CampaignRun{Program: f.program, Campaign: f.campaign, CloneToProgram: cloneTo}
	if settings.IsBlank(f.program) || settings.IsBlank(f.campaign) {
		return r, exit.Usagef("give --program and --campaign")
	}
	var err error
	if r.Tokens, err = f.parseTokens(); err != nil {
		return r, err
	}
	if at != "" {
		if r.At, err = settings.ParseMoment("--at", at); err != nil {
			return r, err
		}
	}
	if err := r.Validate(); err != nil {
		return r, campaignProblem(err)
	}
	return r, nil
}

// writeScheduled prints which campaign will run and when. If the program is cloned, it is the clone's campaign that
// runs.
func writeScheduled(a *console.Console, r *operations.CampaignRun, form string) error {
	if form == output.JSON {
		return output.WriteJSON(a.Stdout, scheduledJSON{cmp.Or(r.CloneToProgram, r.Program), r.Campaign, output.MomentJSON(r.At)})
	}
	name := output.Visible(cmp.Or(r.CloneToProgram, r.Program) + "." + r.Campaign)
	return output.Printf(a.Stdout, "%s runs %s\n", name, cmp.Or(output.MomentText(r.At), "at once"))
}

// fieldFlags has the flag for each field of operations.CampaignRequest and CampaignRun, for campaignProblem.
var fieldFlags = map[string]string{
	"Program": "--program", "Campaign": "--campaign", "Tokens": "--token", "CloneToProgram": "--clone-to", "At": "--at",
}

// campaignProblem rewrites a mistake in a request or a run so that it names the flag instead of the Go field.
func campaignProblem(err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return exit.AsUsage(err)
	}
	for _, step := range argument.Path() {
		if flag, ok := fieldFlags[step.Name]; ok {
			return exit.Usagef("%s: %w", flag, argument.Err)
		}
	}
	return exit.AsUsage(argument.Err)
}
