package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/operations"
)

func (a *app) campaignCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "List, request and schedule smart campaigns",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(a.campaignListCommand(), a.campaignRequestCommand(), a.campaignScheduleCommand())
	return cmd
}

const campaignListLong = `List the smart campaigns that can be requested: those with the trigger "Campaign is Requested"
from the web service, or with --source sales those open to Sales Insight.`

type campaignJSON struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// sourceFlag is who asks for a campaign.
type sourceFlag struct{ name string }

func (f *sourceFlag) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "source", "mktows", "`SOURCE`: mktows for the web service, or sales")
}

func (f *sourceFlag) source() (operations.CampaignSource, error) {
	for _, s := range operations.CampaignSources() {
		if strings.EqualFold(f.name, string(s)) {
			return s, nil
		}
	}
	return "", usagef("--source is %q: use mktows or sales", f.name)
}

func (a *app) campaignListCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
	var from sourceFlag
	var filter operations.CampaignFilter
	var source operations.CampaignSource
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the campaigns that can be requested",
		Long:    campaignListLong,
		Example: "  mktows campaign list --demo\n  mktows campaign list --source sales --name Welcome -o json",
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if err := noArgs(cmd, args); err != nil {
				return err
			}
			if filter.Exact && filter.Name == "" {
				return usagef("--exact needs --name")
			}
			if source, err = from.source(); err != nil {
				return err
			}
			return out.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				campaigns, err := api.Campaigns.ForSource(ctx, source, &filter)
				if err != nil {
					return err
				}
				return listAll(campaigns, newListing(a.stdout, &out, campaignShape()))
			})
		},
	}
	fs := cmd.Flags()
	f.bind(fs)
	out.bind(fs, "table", "json")
	from.bind(fs)
	fs.StringVar(&filter.Name, "name", "", "only campaigns with `NAME` in their names")
	fs.BoolVar(&filter.Exact, "exact", false, "--name is the whole name")
	return cmd
}

func campaignShape() shape[operations.Campaign] {
	return shape[operations.Campaign]{
		noun: "campaign", nouns: "campaigns",
		columns: []column{{title: "ID", right: true}, {title: "NAME", weight: 2}, {title: "DESCRIPTION", weight: 3}},
		cells:   func(c *operations.Campaign) []string { return []string{number(c.ID), c.Name, c.Description} },
		json:    func(c *operations.Campaign) any { return campaignJSON{c.ID, c.Name, c.Description} },
	}
}

const campaignRequestLong = `Run leads through a smart campaign that has the trigger "Campaign is Requested".

The campaign is named by its ID (see "mktows campaign list"), or by --program and --campaign; then
--token gives values in place of the program's own. Repeating a request runs the leads once more.

` + keyHelp + `
COOKIE is not taken. With --from keys are read from a file, one to a line; blank lines do not
count.

` + batchHelp + `
Here the status of a lead that is done is REQUESTED.`

const campaignRequestExample = `  mktows campaign request 1201 318815 318816 --demo
  mktows campaign request --program "Autumn Webinar" --campaign Register --token '{{my.x}}=v' 318815
  mktows campaign request 1201 --from keys.txt --dry-run`

// runFlags name a campaign inside a program, and tokens for its run.
type runFlags struct {
	program, campaign string
	tokens            []string
}

func (f *runFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.program, "program", "", "the `PROGRAM` that holds the campaign")
	fs.StringVar(&f.campaign, "campaign", "", "the `CAMPAIGN`, by its name inside the program")
	fs.StringArrayVar(&f.tokens, "token", nil, "a `TOKEN` and its value, as '{{my.x}}=v'; repeat the flag for more")
}

func (f *runFlags) parseTokens() ([]operations.Token, error) {
	var tokens []operations.Token
	for _, text := range f.tokens {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usagef("--token: %q is not like '{{my.x}}=v'", text)
		}
		tokens = append(tokens, operations.Token{Name: strings.TrimSpace(name), Value: value})
	}
	return tokens, nil
}

type campaignRequestFlags struct {
	batchFlags
	keyFlags
	runFlags
	sourceFlag
	request operations.CampaignRequest
}

func (a *app) campaignRequestCommand() *cobra.Command {
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
			b := &batches[operations.LeadKey]{op: "requestCampaign", send: f.send}
			if err := f.keyed(cmd.Context(), a, b, keys); err != nil {
				return err
			}
			return runBatches(cmd.Context(), a, &f.batchFlags, b)
		},
	}
	fs := cmd.Flags()
	f.batchFlags.bind(fs, operations.MaxCampaignLeads, operations.MaxCampaignLeads)
	f.keyFlags.bind(fs)
	f.runFlags.bind(fs)
	f.sourceFlag.bind(fs)
	return cmd
}

// parse reads what was typed, and returns the keys in it.
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
		return nil, usagef("give both --program and --campaign, or the ID of a campaign instead")
	case f.program == "" && len(f.request.Tokens) > 0:
		return nil, usagef("--token goes with --program and --campaign, not with an ID")
	case f.program == "":
		if args, err = f.takeID(args); err != nil {
			return nil, err
		}
	}
	keys, err := f.keyFlags.check(args)
	if err != nil {
		return nil, err
	}
	probes := keys
	if f.from != "" {
		probes = []operations.LeadKey{operations.LeadID(1)} // the keys are not known yet
	}
	for _, key := range probes {
		probe := f.request
		probe.Leads = []operations.LeadKey{key}
		if err := probe.Validate(); err != nil {
			return nil, campaignProblem(err)
		}
	}
	return keys, f.batchFlags.check()
}

// takeID reads the ID in front of the keys.
func (f *campaignRequestFlags) takeID(args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, usagef("name a campaign, by its ID or by --program and --campaign, and leads")
	}
	id, ok := readID(args[0])
	if !ok {
		return nil, usagef("ID: %q is not the id of a campaign, which is %s", args[0], idRange)
	}
	f.request.CampaignID = id
	return args[1:], nil
}

func (f *campaignRequestFlags) send(ctx context.Context, api *operations.API, keys []operations.LeadKey, states []recordStatus) error {
	request := f.request
	request.Leads = keys
	if err := api.Campaigns.Request(ctx, request); err != nil {
		return err
	}
	for i := range states {
		states[i].status = "REQUESTED"
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

func (a *app) campaignScheduleCommand() *cobra.Command {
	var f writeFlags
	var names runFlags
	var at, cloneTo string
	var r operations.CampaignRun
	form := newFormat("table", "json")
	cmd := &cobra.Command{
		Use:     "schedule",
		Short:   "Run a batch campaign",
		Long:    campaignScheduleLong,
		Example: campaignScheduleExample,
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if err := noArgs(cmd, args); err != nil {
				return err
			}
			r, err = names.run(at, cloneTo)
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withWriteAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				if err := api.Campaigns.Schedule(ctx, r); err != nil {
					return err
				}
				return a.writeScheduled(&r, form.value)
			})
		},
	}
	fs := cmd.Flags()
	f.bind(fs)
	names.bind(fs)
	form.bind(fs)
	fs.StringVar(&at, "at", "", "run at this `TIME`, such as 2017-03-09T17:40:00-08:00 (default: at once)")
	fs.StringVar(&cloneTo, "clone-to", "", "clone the program under this `NAME` first")
	return cmd
}

func (f *runFlags) run(at, cloneTo string) (operations.CampaignRun, error) {
	r := operations.CampaignRun{Program: f.program, Campaign: f.campaign, CloneToProgram: cloneTo}
	if isBlank(f.program) || isBlank(f.campaign) {
		return r, usagef("give --program and --campaign")
	}
	var err error
	if r.Tokens, err = f.parseTokens(); err != nil {
		return r, err
	}
	if at != "" {
		if r.At, err = parseMoment("--at", at); err != nil {
			return r, err
		}
	}
	if err := r.Validate(); err != nil {
		return r, campaignProblem(err)
	}
	return r, nil
}

func (a *app) writeScheduled(r *operations.CampaignRun, form string) error {
	if form == "json" {
		return writeJSON(a.stdout, scheduledJSON{cmp.Or(r.CloneToProgram, r.Program), r.Campaign, momentJSON(r.At)})
	}
	name := visible(cmp.Or(r.CloneToProgram, r.Program) + "." + r.Campaign)
	return printf(a.stdout, "%s runs %s\n", name, cmp.Or(momentText(r.At), "at once"))
}

// campaignProblem names what is wrong with a campaign as the flags are called.
func campaignProblem(err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return asUsage(err)
	}
	for field, flag := range map[string]string{
		"Program": "--program", "Campaign": "--campaign", "Tokens": "--token", "CloneToProgram": "--clone-to", "At": "--at",
	} {
		if _, name, _ := strings.Cut(argument.Field, "."); strings.HasPrefix(name, field) {
			return usagef("%s: %w", flag, argument.Err)
		}
	}
	return asUsage(argument.Err)
}
