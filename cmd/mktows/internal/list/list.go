package list

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/batch"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// Command makes "mktows list" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("list", "Change static lists and import into them", "",
		listChangeCommand(a, "add", "Put leads on a static list", "add"),
		listChangeCommand(a, "remove", "Take leads off a static list", "remove"),
		listCheckCommand(a), listImportCommand(a), importStatusCommand(a),
	)
}

const listHelp = `LIST is the name of a static list of the lead database; MKTOSALESUSERID:value and
SFDCLEADOWNERID:value name the lists of a sales user and of an owner of leads. For lists inside of
programs there is "mktows list import".

KEY is a lead id. The other forms of keys can be written too, as in "mktows lead get", but the
service documents no others here. With --from keys are read from a file, one to a line; blank
lines do not count.`

// parseList parses LIST. A text before a colon is a type only if the service knows that type, since names of lists
// may contain colons.
func parseList(text string) (operations.ListKey, error) {
	if before, value, ok := strings.Cut(text, ":"); ok {
		for _, t := range operations.ListKeyTypes() {
			if strings.EqualFold(before, string(t)) {
				key := operations.ListKey{Type: t, Value: strings.TrimSpace(value)}
				return key, listProblem(key)
			}
		}
	}
	key := operations.ListName(strings.TrimSpace(text))
	return key, listProblem(key)
}

// listProblem returns the mistake in a key of a list, or nil.
func listProblem(key operations.ListKey) error {
	if err := key.Validate(); err != nil {
		return exit.Usagef("LIST: %w", exit.Reason(err))
	}
	return nil
}

// listFlags are what the three commands about members share: the list, the leads, and how to send them.
type listFlags struct {
	batch.Flags
	batch.KeyFlags
	strict bool
	list   operations.ListKey
	keys   []operations.LeadKey
}

// args parses LIST KEY….
func (f *listFlags) args(args []string) (err error) {
	if len(args) == 0 {
		return exit.Usagef("name a list and leads")
	}
	if f.list, err = parseList(args[0]); err != nil {
		return err
	}
	if f.keys, err = f.KeyFlags.Check(args[1:]); err != nil {
		return err
	}
	return f.Flags.Check()
}

// listChangeCommand makes "mktows list add" and "mktows list remove", which differ in the verb only.
func listChangeCommand(a *console.Console, name, short, verb string) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   name + " LIST KEY...",
		Short: short,
		Long:  short + ".\n\n" + listHelp + "\n\n" + batch.Help,
		Example: "  mktows list " + name + " Newsletter 318816 318817 --demo\n" +
			"  mktows list " + name + " Newsletter --from keys.txt --dry-run",
		Args: func(_ *cobra.Command, args []string) error { return f.args(args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := &batch.Batches[operations.LeadKey]{Op: "listOperation", Send: f.sender(verb)}
			if err := f.Keyed(cmd.Context(), a, b, f.keys); err != nil {
				return err
			}
			return batch.Run(cmd.Context(), a, &f.Flags, b)
		},
	}
	fs := cmd.Flags()
	f.Flags.Bind(fs, operations.RecommendedBatch, operations.MaxListMembers)
	f.KeyFlags.Bind(fs)
	fs.BoolVar(&f.strict, "strict", false, "let one lead that fails fail its whole batch")
	return cmd
}

// sender returns the function that sends a batch. The answer only says whether each lead succeeded; the words ADDED
// and REMOVED are ours.
func (f *listFlags) sender(verb string) func(context.Context, *operations.API, []operations.LeadKey, []batch.Status) error {
	return func(ctx context.Context, api *operations.API, keys []operations.LeadKey, states []batch.Status) error {
		call, done := api.Lists.Add, "ADDED"
		if verb == "remove" {
			call, done = api.Lists.Remove, "REMOVED"
		}
		statuses, err := call(ctx, f.list, keys, &operations.ListOptions{Strict: f.strict})
		for i, s := range statuses {
			states[i].Status = done
			if s.Err != nil {
				states[i].Status = batch.StatusFailed
			}
			states[i].Fail(s.Err)
		}
		return err
	}
}

// memberJSON is a record of "list check".
type memberJSON struct {
	Key    string `json:"key"`
	Member bool   `json:"member"`
}

// listCheckCommand makes "mktows list check". It asks and changes nothing, so the flags for batches are filled with
// values that pass the check and are not used.
func listCheckCommand(a *console.Console) *cobra.Command {
	var f listFlags
	var out output.FormFlags
	var remote settings.RemoteFlags
	cmd := &cobra.Command{
		Use:     "check LIST KEY...",
		Short:   "Tell which leads are on a static list",
		Long:    "Tell which leads are on a static list. It is not an error if some are not.\n\n" + listHelp,
		Example: "  mktows list check Newsletter 318815 318816 --demo",
		Args: func(_ *cobra.Command, args []string) error {
			f.Size, f.Most, f.FormFlags = 1, 1, out
			return f.args(args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			var b batch.Batches[operations.LeadKey]
			if err := f.Keyed(cmd.Context(), a, &b, f.keys); err != nil {
				return err
			}
			return settings.WithAPI(cmd.Context(), a, &remote, func(ctx context.Context, api *operations.API) error {
				return checkMembers(ctx, api, f.list, b.Items, output.NewListing(a.Stdout, &out, memberShape()))
			})
		},
	}
	remote.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	f.KeyFlags.Bind(cmd.Flags())
	return cmd
}

// checkMembers asks for the leads in batches and adds the answers to the listing.
func checkMembers(ctx context.Context, api *operations.API, list operations.ListKey, keys []operations.LeadKey, l *output.Listing[operations.Membership]) error {
	for len(keys) > 0 {
		n := min(len(keys), operations.RecommendedBatch)
		members, err := api.Lists.Members(ctx, list, keys[:n])
		if err != nil {
			_ = l.End(true, false) // the error of the service is the one to tell
			return err
		}
		if err := l.Add(members); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return l.End(false, false)
}

// memberShape describes memberships: yes and no for people in the table, true and false in CSV.
func memberShape() output.Shape[operations.Membership] {
	answer := map[bool]string{true: "yes", false: "no"}
	flag := map[bool]string{true: "true", false: "false"}
	return output.Shape[operations.Membership]{
		Noun: "lead", Nouns: "leads",
		Columns: []output.Column{{Title: "MEMBER"}, {Title: "KEY", Weight: 1}},
		Cells:   func(m *operations.Membership) []string { return []string{answer[m.Member], m.Key.String()} },
		Header:  []string{"key", "member"},
		Row:     func(m *operations.Membership) []string { return []string{m.Key.String(), flag[m.Member]} },
		Json:    func(m *operations.Membership) any { return memberJSON{m.Key.String(), m.Member} },
	}
}
