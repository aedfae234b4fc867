package cli

import (
	"bytes"
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/operations"
)

func (a *app) listCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Change static lists and import into them",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(
		a.listChangeCommand("add", "Put leads on a static list", "add"),
		a.listChangeCommand("remove", "Take leads off a static list", "remove"),
		a.listCheckCommand(), a.listImportCommand(), a.importStatusCommand(),
	)
	return cmd
}

const listHelp = `LIST is the name of a static list of the lead database; MKTOSALESUSERID:value and
SFDCLEADOWNERID:value name the lists of a sales user and of an owner of leads. For lists inside of
programs there is "mktows list import".

KEY is a lead id. The other forms of keys can be written too, as in "mktows lead get", but the
service documents no others here. With --from keys are read from a file, one to a line; blank
lines do not count.`

// keyFlags are where the keys of leads come from.
type keyFlags struct{ from string }

func (f *keyFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.from, "from", "", "read keys from `FILE`, or from standard input if it is -")
}

// check takes the arguments that are keys.
func (f *keyFlags) check(args []string) ([]operations.LeadKey, error) {
	switch {
	case len(args) == 0 && f.from == "":
		return nil, usagef("name one lead or more, or give --from FILE")
	case len(args) > 0 && f.from != "":
		return nil, usagef("give leads as arguments or with --from, not both")
	}
	return parseKeys("KEY", args)
}

// keyed adds a record for each key to a batch: those given, or else those of the file.
func (f *keyFlags) keyed(ctx context.Context, a *app, b *batches[operations.LeadKey], given []operations.LeadKey) error {
	if f.from == "" {
		b.name, b.unit = "leads", "KEY"
		for _, key := range given {
			b.add(key, 0, key.String())
		}
		return nil
	}
	text, err := readInput(ctx, a.stdin, f.from)
	if err != nil {
		return err
	}
	b.name = inputName(f.from)
	keys, err := readKeys(text, b.name)
	for _, k := range keys {
		b.add(k.key, k.line, k.key.String())
	}
	return err
}

// inputKey is the key of a lead and the line that it stands in.
type inputKey struct {
	key  operations.LeadKey
	line int
}

// readKeys reads the keys of leads, one to a line, from the input with a name.
func readKeys(text []byte, name string) (keys []inputKey, err error) {
	p := &problems{name: name}
	line := 0
	for raw := range bytes.Lines(text) {
		line++
		trimmed := strings.TrimSpace(string(raw))
		if trimmed == "" {
			continue
		}
		key, err := operations.ParseLeadKey(trimmed)
		if err != nil {
			p.addf(line, 1+strings.Index(string(raw), trimmed), "%v", reason(err))
			continue
		}
		if at, ok := unsayable(trimmed); ok {
			p.addf(line, 1, "%s cannot be sent in XML", at)
		}
		keys = append(keys, inputKey{key, line})
	}
	if len(keys) == 0 && len(p.list) == 0 {
		return nil, inputf("%s has no keys", name)
	}
	return keys, p.err()
}

// parseList reads a LIST. A name may have a colon in it, as long as no type is before it.
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

func listProblem(key operations.ListKey) error {
	if err := key.Validate(); err != nil {
		return usagef("LIST: %w", reason(err))
	}
	return nil
}

type listFlags struct {
	batchFlags
	keyFlags
	strict bool
	list   operations.ListKey
	keys   []operations.LeadKey
}

// args reads LIST KEY….
func (f *listFlags) args(args []string) (err error) {
	if len(args) == 0 {
		return usagef("name a list and leads")
	}
	if f.list, err = parseList(args[0]); err != nil {
		return err
	}
	if f.keys, err = f.keyFlags.check(args[1:]); err != nil {
		return err
	}
	return f.batchFlags.check()
}

// listChangeCommand makes "list add" and "list remove".
func (a *app) listChangeCommand(name, short, verb string) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   name + " LIST KEY...",
		Short: short,
		Long:  short + ".\n\n" + listHelp + "\n\n" + batchHelp,
		Example: "  mktows list " + name + " Newsletter 318816 318817 --demo\n" +
			"  mktows list " + name + " Newsletter --from keys.txt --dry-run",
		Args: func(_ *cobra.Command, args []string) error { return f.args(args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := &batches[operations.LeadKey]{op: "listOperation", send: f.sender(verb)}
			if err := f.keyed(cmd.Context(), a, b, f.keys); err != nil {
				return err
			}
			return runBatches(cmd.Context(), a, &f.batchFlags, b)
		},
	}
	fs := cmd.Flags()
	f.batchFlags.bind(fs, operations.RecommendedBatch, operations.MaxListMembers)
	f.keyFlags.bind(fs)
	fs.BoolVar(&f.strict, "strict", false, "let one lead that fails fail its whole batch")
	return cmd
}

// sender returns what sends a batch. The service gives no statuses of its own here.
func (f *listFlags) sender(verb string) func(context.Context, *operations.API, []operations.LeadKey, []recordStatus) error {
	return func(ctx context.Context, api *operations.API, keys []operations.LeadKey, states []recordStatus) error {
		call, done := api.Lists.Add, "ADDED"
		if verb == "remove" {
			call, done = api.Lists.Remove, "REMOVED"
		}
		statuses, err := call(ctx, f.list, keys, &operations.ListOptions{Strict: f.strict})
		for i, s := range statuses {
			states[i].status = done
			if s.Err != nil {
				states[i].status = statusFailed
			}
			states[i].fail(s.Err)
		}
		return err
	}
}

// memberJSON is a record of "list check".
type memberJSON struct {
	Key    string `json:"key"`
	Member bool   `json:"member"`
}

func (a *app) listCheckCommand() *cobra.Command {
	var f listFlags
	var out outputFlags
	var remote remoteFlags
	cmd := &cobra.Command{
		Use:     "check LIST KEY...",
		Short:   "Tell which leads are on a static list",
		Long:    "Tell which leads are on a static list. It is no error if some are not.\n\n" + listHelp,
		Example: "  mktows list check Newsletter 318815 318816 --demo",
		Args: func(_ *cobra.Command, args []string) error {
			f.size, f.most, f.outputFlags = 1, 1, out
			return f.args(args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			var b batches[operations.LeadKey]
			if err := f.keyed(cmd.Context(), a, &b, f.keys); err != nil {
				return err
			}
			return a.withAPI(cmd.Context(), &remote, func(ctx context.Context, api *operations.API) error {
				return checkMembers(ctx, api, f.list, b.items, newListing(a.stdout, &out, memberShape()))
			})
		},
	}
	remote.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json", "jsonl", "csv")
	f.keyFlags.bind(cmd.Flags())
	return cmd
}

func checkMembers(ctx context.Context, api *operations.API, list operations.ListKey, keys []operations.LeadKey, l *listing[operations.Membership]) error {
	for len(keys) > 0 {
		n := min(len(keys), operations.RecommendedBatch)
		members, err := api.Lists.Members(ctx, list, keys[:n])
		if err != nil {
			_ = l.end(true, false) // the error of the service is the one to tell
			return err
		}
		if err := l.add(members); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return l.end(false, false)
}

func memberShape() shape[operations.Membership] {
	answer := map[bool]string{true: "yes", false: "no"}
	flag := map[bool]string{true: "true", false: "false"}
	return shape[operations.Membership]{
		noun: "lead", nouns: "leads",
		columns: []column{{title: "MEMBER"}, {title: "KEY", weight: 1}},
		cells:   func(m *operations.Membership) []string { return []string{answer[m.Member], m.Key.String()} },
		header:  []string{"key", "member"},
		row:     func(m *operations.Membership) []string { return []string{m.Key.String(), flag[m.Member]} },
		json:    func(m *operations.Membership) any { return memberJSON{m.Key.String(), m.Member} },
	}
}
