package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/operations"
)

func (a *app) customCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "custom",
		Short: "Get, sync and delete records of custom objects",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(a.customGetCommand(), a.customSyncCommand(), a.customDeleteCommand())
	return cmd
}

const customGetLong = `Print the records of a custom object type that have all of the keys given.

With --fields only these fields are asked for. csv needs --fields; its columns are the key
fields and they. "mktows custom sync" reads csv and jsonl.`

type customJSON struct {
	Keys       []attributeJSON `json:"keys"`
	Attributes []attributeJSON `json:"attributes"`
}

type customGetFlags struct {
	remoteFlags
	outputFlags
	keys, fields    []string
	limit, pageSize int
}

func (a *app) customGetCommand() *cobra.Command {
	var f customGetFlags
	var keys operations.Attributes
	cmd := &cobra.Command{
		Use:   "get TYPE --key NAME=VALUE",
		Short: "Print records of a custom object type",
		Long:  customGetLong,
		Example: "  mktows custom get Device --key LeadId=318815 --demo\n" +
			"  mktows custom get Device --key LeadId=318815 --fields Model -o csv",
		Args: func(_ *cobra.Command, args []string) (err error) {
			if err := customType(args, 1); err != nil {
				return err
			}
			keys, err = f.check()
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAPI(cmd.Context(), &f.remoteFlags, func(ctx context.Context, api *operations.API) error {
				pages := api.CustomObjects.Pages(ctx, args[0], keys, &operations.CustomObjectOptions{Fields: f.fields, BatchSize: f.pageSize})
				return listPages(pages, f.limit, newListing(a.stdout, &f.outputFlags, customShape(f.fields)))
			})
		},
	}
	fs := cmd.Flags()
	f.remoteFlags.bind(fs)
	f.outputFlags.bind(fs, "table", "json", "jsonl", "csv")
	fs.StringArrayVar(&f.keys, "key", nil, "a key field and its value, as `NAME=VALUE`; repeat the flag for more; required")
	fs.StringSliceVar(&f.fields, "fields", nil, "only these `FIELDS`, with commas between")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 100 (default: the service's choice)")
	return cmd
}

// customType checks that there are n arguments at most, the first of them a TYPE.
func customType(args []string, n int) error {
	switch {
	case len(args) == 0 || isBlank(args[0]):
		return usagef("name a type of custom object")
	case len(args) > n:
		return usagef("%q is one argument more than the command takes", args[n])
	}
	return nil
}

func (f *customGetFlags) check() (operations.Attributes, error) {
	switch {
	case len(f.keys) == 0:
		return nil, usagef("--key is missing: give a key field and its value, as NAME=VALUE")
	case f.pageSize < 0 || f.pageSize > operations.MaxCustomObjects:
		return nil, usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxCustomObjects)
	case f.format.value == "csv" && len(f.fields) == 0:
		return nil, usagef("-o csv needs --fields: they are its columns")
	}
	if err := checkLimit(f.limit); err != nil {
		return nil, err
	}
	keys, err := parsePairs("--key", f.keys)
	if err != nil {
		return nil, err
	}
	return keys, f.outputFlags.check()
}

func parsePairs(what string, texts []string) (operations.Attributes, error) {
	var attributes operations.Attributes
	for _, text := range texts {
		at, err := parsePair(what, text)
		if err != nil {
			return nil, err
		}
		attributes = append(attributes, at)
	}
	return attributes, nil
}

func customShape(fields []string) shape[operations.CustomObject] {
	s := shape[operations.CustomObject]{
		noun: "record", nouns: "records",
		columns: []column{{title: "KEYS", weight: 1}, {title: "ATTRIBUTES", weight: 2}},
		cells:   func(o *operations.CustomObject) []string { return []string{pairs(o.Keys), pairs(o.Attributes)} },
		json: func(o *operations.CustomObject) any {
			return customJSON{attributesJSON(o.Keys), attributesJSON(o.Attributes)}
		},
	}
	names := fields
	s.header = fields
	s.begin = func(first *operations.CustomObject) []string {
		names = nil
		for _, at := range first.Keys {
			names = append(names, at.Name)
		}
		for _, name := range fields {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return names
	}
	s.row = func(o *operations.CustomObject) []string {
		all := slices.Concat(o.Keys, o.Attributes)
		row := make([]string, len(names))
		for i, name := range names {
			row[i], _ = all.Get(name)
		}
		return row
	}
	return s
}

const customInputHelp = `CSV has a header row that names the fields. A line of JSON Lines is an object with the names and
values of fields; what "mktows custom get -o jsonl" prints can be read too.`

const customSyncLong = `Create or update records of a custom object type from CSV or JSON Lines, in FILE or, if it is -, in
standard input.

` + customInputHelp + `
--key names the fields by which a record is found; each record must have them. An empty value
in CSV leaves the field as it is.

` + batchHelp

type customSyncFlags struct {
	batchFlags
	operationFlag
	form string
	keys []string
}

func (a *app) customSyncCommand() *cobra.Command {
	var f customSyncFlags
	var operation operations.SyncOperation
	cmd := &cobra.Command{
		Use:     "sync TYPE [FILE]",
		Short:   "Create or update records from a file",
		Long:    customSyncLong,
		Example: "  mktows custom sync Device devices.csv --key SerialNumber --operation upsert",
		Args: func(_ *cobra.Command, args []string) (err error) {
			if err := customType(args, 2); err != nil {
				return err
			}
			if len(f.keys) == 0 {
				return usagef("--key is missing: name the fields by which a record is found")
			}
			if operation, err = f.operation(); err != nil {
				return err
			}
			if f.form, err = inputFormat(fileArg(args), f.form, "csv", "jsonl"); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.customSync(cmd.Context(), &f, args[0], fileArg(args), operation)
		},
	}
	fs := cmd.Flags()
	f.batchFlags.bind(fs, operations.MaxCustomObjects, operations.MaxCustomObjects)
	f.operationFlag.bind(fs)
	fs.StringVar(&f.form, "format", "", "`FORM` of the input, csv or jsonl (default: what FILE ends in)")
	fs.StringSliceVar(&f.keys, "key", nil, "the key `FIELDS`, with commas between; required")
	return cmd
}

// fileArg is the FILE after a TYPE.
func fileArg(args []string) string { return append(args[1:len(args):len(args)], "-")[0] }

func (a *app) customSync(ctx context.Context, f *customSyncFlags, kind, path string, operation operations.SyncOperation) error {
	records, p, err := readRecords(ctx, a.stdin, path, f.form)
	if err != nil {
		return err
	}
	b := &batches[operations.CustomObject]{name: p.name, op: "syncCustomObjects"}
	b.send = func(ctx context.Context, api *operations.API, objects []operations.CustomObject, states []recordStatus) error {
		statuses, err := api.CustomObjects.Sync(ctx, kind, operation, objects)
		setCustom(states, statuses)
		return err
	}
	for _, r := range records {
		object := f.record(r)
		if missing := f.missing(&object); missing != "" {
			p.addf(r.line, 1, "the record has no %s, which is a key", missing)
		} else if err := sendable(func(api *operations.API) error { return b.send(ctx, api, []operations.CustomObject{object}, nil) }); err != nil {
			p.addf(r.line, 1, "%s", recordProblem(err))
		}
		b.add(object, r.line, pairs(object.Keys))
	}
	if err := p.err(); err != nil {
		return err
	}
	return runBatches(ctx, a, &f.batchFlags, b)
}

// record divides the fields into keys and others.
func (f *customSyncFlags) record(r inputRecord) operations.CustomObject {
	var o operations.CustomObject
	for _, field := range r.fields {
		at := operations.Attribute{Name: field.name, Value: field.value}
		switch {
		case slices.Contains(f.keys, field.name):
			o.Keys = append(o.Keys, at)
		case field.value != "" || f.form != "csv":
			o.Attributes = append(o.Attributes, at)
		}
	}
	return o
}

// missing returns a key that a record has no value for.
func (f *customSyncFlags) missing(o *operations.CustomObject) string {
	for _, name := range f.keys {
		if value, _ := o.Keys.Get(name); strings.TrimSpace(value) == "" {
			return name
		}
	}
	return ""
}

func setCustom(states []recordStatus, statuses []operations.CustomObjectStatus) {
	for i, s := range statuses {
		states[i].set(s.Outcome, 0, s.Err)
	}
}

const customDeleteLong = `Delete records of a custom object type, each named by all of its key fields: one record by
arguments, or those that --from reads from CSV or JSON Lines, where every column is a key field.

` + customInputHelp + `

` + batchHelp

type customDeleteFlags struct {
	batchFlags
	from, form string
	keys       operations.Attributes
}

func (a *app) customDeleteCommand() *cobra.Command {
	var f customDeleteFlags
	cmd := &cobra.Command{
		Use:   "delete TYPE (NAME=VALUE... | --from FILE)",
		Short: "Delete records",
		Long:  customDeleteLong,
		Example: "  mktows custom delete Device SerialNumber=SN-1001 --demo\n" +
			"  mktows custom delete Device --from serials.csv",
		Args: func(_ *cobra.Command, args []string) error { return f.parse(args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := a.customDeletions(cmd.Context(), &f, args[0])
			if err != nil {
				return err
			}
			return runBatches(cmd.Context(), a, &f.batchFlags, b)
		},
	}
	fs := cmd.Flags()
	f.bind(fs, operations.MaxCustomObjects, operations.RecommendedBatch)
	fs.StringVar(&f.from, "from", "", "read keys from `FILE`, or from standard input if it is -")
	fs.StringVar(&f.form, "format", "", "`FORM` of the input, csv or jsonl (default: what FILE ends in)")
	return cmd
}

func (f *customDeleteFlags) parse(args []string) (err error) {
	if err := customType(args, len(args)); err != nil {
		return err
	}
	if (len(args) > 1) == (f.from != "") {
		return usagef("give the keys of one record as NAME=VALUE, or --from FILE")
	}
	if f.keys, err = parsePairs("key", args[1:]); err != nil {
		return err
	}
	if f.from != "" {
		if f.form, err = inputFormat(f.from, f.form, "csv", "jsonl"); err != nil {
			return err
		}
	}
	return f.check()
}

func (a *app) customDeletions(ctx context.Context, f *customDeleteFlags, kind string) (*batches[operations.Attributes], error) {
	b := &batches[operations.Attributes]{name: "records", unit: "record", op: "deleteCustomObjects"}
	b.send = func(ctx context.Context, api *operations.API, keys []operations.Attributes, states []recordStatus) error {
		statuses, err := api.CustomObjects.Delete(ctx, kind, keys)
		setCustom(states, statuses)
		return err
	}
	if f.from == "" {
		b.add(f.keys, 0, pairs(f.keys))
		return b, nil
	}
	records, p, err := readRecords(ctx, a.stdin, f.from, f.form)
	if err != nil {
		return nil, err
	}
	b.name, b.unit = p.name, ""
	for _, r := range records {
		var keys operations.Attributes
		for _, field := range r.fields {
			if field.value == "" {
				p.addf(field.line, field.column, "%s: a key cannot be empty", field.name)
			}
			keys = append(keys, operations.Attribute{Name: field.name, Value: field.value})
		}
		b.add(keys, r.line, pairs(keys))
	}
	return b, p.err()
}
