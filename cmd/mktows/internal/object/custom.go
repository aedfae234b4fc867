package object

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/batch"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// CustomCommand makes "mktows custom" and what it groups.
func CustomCommand(a *console.Console) *cobra.Command {
	return settings.Group("custom", "Get, sync and delete records of custom objects", "",
		customGetCommand(a), customSyncCommand(a), customDeleteCommand(a),
	)
}

const customGetLong = `Print the records of a custom object type that have all of the keys given.

With --fields only these fields are asked for. csv needs --fields; its columns are the key
fields and these. "mktows custom sync" reads csv and jsonl.`

type customJSON struct {
	Keys       []output.Attribute `json:"keys"`
	Attributes []output.Attribute `json:"attributes"`
}

type customGetFlags struct {
	settings.RemoteFlags
	output.FormFlags
	keys, fields    []string
	limit, pageSize int
}

// customGetCommand makes "mktows custom get".
func customGetCommand(a *console.Console) *cobra.Command {
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
			return settings.WithAPI(cmd.Context(), a, &f.RemoteFlags, func(ctx context.Context, api *operations.API) error {
				pages := api.CustomObjects.Pages(ctx, args[0], keys, &operations.CustomObjectOptions{Fields: f.fields, BatchSize: f.pageSize})
				return output.Pages(pages, f.limit, output.NewListing(a.Stdout, &f.FormFlags, customShape(f.fields)))
			})
		},
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.FormFlags.Bind(fs)
	fs.StringArrayVar(&f.keys, "key", nil, "a key field and its value, as `NAME=VALUE`; repeat the flag for more; required")
	fs.StringSliceVar(&f.fields, "fields", nil, "only these `FIELDS`, with commas between")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 100 (default: the service's choice)")
	return cmd
}

// customType checks that the first argument is a TYPE and that there are at most n arguments in all.
func customType(args []string, n int) error {
	switch {
	case len(args) == 0 || settings.IsBlank(args[0]):
		return exit.Usagef("name a type of custom object")
	case len(args) > n:
		return exit.Usagef("%q is one argument more than the command takes", args[n])
	}
	return nil
}

// check refuses flags that do not fit together and returns the keys to search by.
func (f *customGetFlags) check() (operations.Attributes, error) {
	switch {
	case len(f.keys) == 0:
		return nil, exit.Usagef("--key is missing: give a key field and its value, as NAME=VALUE")
	case f.pageSize < 0 || f.pageSize > operations.MaxCustomObjects:
		return nil, exit.Usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxCustomObjects)
	case f.Format.Value == output.CSV && len(f.fields) == 0:
		return nil, exit.Usagef("-o csv needs --fields: they are its columns")
	}
	if err := settings.CheckLimit(f.limit); err != nil {
		return nil, err
	}
	keys, err := parsePairs("--key", f.keys)
	if err != nil {
		return nil, err
	}
	return keys, f.FormFlags.Check()
}

// parsePairs parses texts of the form NAME=VALUE. What is the name of the flag or argument for messages.
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

// customShape describes custom objects. A CSV file begins with the key fields, so that "mktows custom sync" can read
// it again, but which fields are keys is known only from the first record: Begin decides the header then, and Row
// uses the same names. Without any record the header has the fields asked for.
func customShape(fields []string) output.Shape[operations.CustomObject] {
	s := output.Shape[operations.CustomObject]{
		Noun: "record", Nouns: "records",
		Columns: []output.Column{{Title: "KEYS", Weight: 1}, {Title: "ATTRIBUTES", Weight: 2}},
		Cells: func(o *operations.CustomObject) []string {
			return []string{output.Pairs(o.Keys), output.Pairs(o.Attributes)}
		},
		Json: func(o *operations.CustomObject) any {
			return customJSON{output.Attributes(o.Keys), output.Attributes(o.Attributes)}
		},
	}
	names := fields
	s.Header = fields
	s.Begin = func(first *operations.CustomObject) []string {
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
	s.Row = func(o *operations.CustomObject) []string {
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
values of fields: texts, or numbers, true and false, which are sent as they are written. What
"mktows custom get -o jsonl" prints can be read too.`

const customSyncLong = `Create or update records of a custom object type from CSV or JSON Lines, in FILE or, if it is -, in
standard input.

` + customInputHelp + `
--key names the fields by which a record is found; each record must have them. An empty value
in CSV leaves the field as it is.

` + batch.Help

type customSyncFlags struct {
	batch.Flags
	operationFlag
	form string
	keys []string
}

// customSyncCommand makes "mktows custom sync".
func customSyncCommand(a *console.Console) *cobra.Command {
	var f customSyncFlags
	var operation operations.SyncOperation
	cmd := &cobra.Command{
		Use:               "sync TYPE [FILE]",
		ValidArgsFunction: settings.Files(1, "csv", "jsonl"),
		Short:             "Create or update records from a file",
		Long:              customSyncLong,
		Example:           "  mktows custom sync Device devices.csv --key SerialNumber --operation upsert",
		Args: func(_ *cobra.Command, args []string) (err error) {
			if err := customType(args, 2); err != nil {
				return err
			}
			if len(f.keys) == 0 {
				return exit.Usagef("--key is missing: name the fields by which a record is found")
			}
			if operation, err = f.operation(); err != nil {
				return err
			}
			if f.form, err = records.Form(fileArg(args), f.form, "csv", "jsonl"); err != nil {
				return err
			}
			return f.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return customSync(cmd.Context(), a, &f, args[0], fileArg(args), operation)
		},
	}
	fs := cmd.Flags()
	f.Flags.Bind(fs, operations.MaxCustomObjects, operations.MaxCustomObjects)
	f.operationFlag.bind(fs)
	fs.StringVar(&f.form, "format", "", "`FORM` of the input, csv or jsonl (default: what FILE ends in)")
	settings.Values(fs, "format", "csv", "jsonl")
	fs.StringSliceVar(&f.keys, "key", nil, "the key `FIELDS`, with commas between; required")
	return cmd
}

// fileArg returns the FILE after TYPE, or "-" if there is none. The slice expression limits the capacity, so that
// append cannot write into the arguments of the caller.
func fileArg(args []string) string { return append(args[1:len(args):len(args)], "-")[0] }

// customSync reads all records, tries the request of each one, and sends them only if all are in order. A record is
// tried by itself because an error of a whole batch would not say on which line the mistake is.
func customSync(ctx context.Context, a *console.Console, f *customSyncFlags, kind, path string, operation operations.SyncOperation) error {
	records, p, err := records.Read(ctx, a.Stdin, path, f.form)
	if err != nil {
		return err
	}
	b := &batch.Batches[operations.CustomObject]{Name: p.Name, Op: "syncCustomObjects"}
	b.Send = func(ctx context.Context, api *operations.API, objects []operations.CustomObject, states []batch.Status) error {
		statuses, err := api.CustomObjects.Sync(ctx, kind, operation, objects)
		setCustom(states, statuses)
		return err
	}
	for _, r := range records {
		object := f.record(r)
		if missing := f.missing(&object); missing != "" {
			p.Addf(r.Line, 1, "the record has no %s, which is a key", missing)
		} else if err := sendable(func(api *operations.API) error { return b.Send(ctx, api, []operations.CustomObject{object}, nil) }); err != nil {
			p.Addf(r.Line, 1, "%s", recordProblem(err))
		}
		b.Add(object, r.Line, output.Pairs(object.Keys))
	}
	if err := p.Err(); err != nil {
		return err
	}
	return batch.Run(ctx, a, &f.Flags, b)
}

// record splits the fields of an input record into keys and attributes. An empty value in CSV leaves the attribute as
// it is.
func (f *customSyncFlags) record(r records.Record) operations.CustomObject {
	var o operations.CustomObject
	for _, field := range r.Fields {
		at := operations.Attribute{Name: field.Name, Value: field.Value}
		switch {
		case slices.Contains(f.keys, field.Name):
			o.Keys = append(o.Keys, at)
		case field.Value != "" || f.form != "csv":
			o.Attributes = append(o.Attributes, at)
		}
	}
	return o
}

// missing returns the name of a key that the record has no value for, or "". The service could not find such a
// record.
func (f *customSyncFlags) missing(o *operations.CustomObject) string {
	for _, name := range f.keys {
		if value, _ := o.Keys.Get(name); strings.TrimSpace(value) == "" {
			return name
		}
	}
	return ""
}

// setCustom copies the service's answer about each record into its status. Custom objects have no ids.
func setCustom(states []batch.Status, statuses []operations.CustomObjectStatus) {
	for i, s := range statuses {
		states[i].Set(s.Outcome, 0, s.Err)
	}
}

const customDeleteLong = `Delete records of a custom object type, each named by all of its key fields: one record by
arguments, or those that --from reads from CSV or JSON Lines, where every column is a key field.

` + customInputHelp + `

` + batch.Help

type customDeleteFlags struct {
	batch.Flags
	from, form string
	keys       operations.Attributes
}

// customDeleteCommand makes "mktows custom delete". Its batches are smaller than the service allows, by the advice in
// its documentation.
func customDeleteCommand(a *console.Console) *cobra.Command {
	var f customDeleteFlags
	cmd := &cobra.Command{
		Use:   "delete TYPE (NAME=VALUE... | --from FILE)",
		Short: "Delete records",
		Long:  customDeleteLong,
		Example: "  mktows custom delete Device SerialNumber=SN-1001 --demo\n" +
			"  mktows custom delete Device --from serials.csv",
		Args: func(_ *cobra.Command, args []string) error { return f.parse(args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := customDeletions(cmd.Context(), a, &f, args[0])
			if err != nil {
				return err
			}
			return batch.Run(cmd.Context(), a, &f.Flags, b)
		},
	}
	fs := cmd.Flags()
	f.Bind(fs, operations.MaxCustomObjects, operations.RecommendedBatch)
	fs.StringVar(&f.from, "from", "", "read keys from `FILE`, or from standard input if it is -")
	settings.FileValue(fs, "from")
	fs.StringVar(&f.form, "format", "", "`FORM` of the input, csv or jsonl (default: what FILE ends in)")
	settings.Values(fs, "format", "csv", "jsonl")
	return cmd
}

// parse reads the command line. The keys are those of one record as arguments, or those of many in a file.
func (f *customDeleteFlags) parse(args []string) (err error) {
	if err := customType(args, len(args)); err != nil {
		return err
	}
	if (len(args) > 1) == (f.from != "") {
		return exit.Usagef("give the keys of one record as NAME=VALUE, or --from FILE")
	}
	if f.keys, err = parsePairs("key", args[1:]); err != nil {
		return err
	}
	if f.from != "" {
		if f.form, err = records.Form(f.from, f.form, "csv", "jsonl"); err != nil {
			return err
		}
	}
	return f.Check()
}

// customDeletions returns the batches of records to delete. Unlike in a sync, every column of the file is a key, and
// none may be empty.
func customDeletions(ctx context.Context, a *console.Console, f *customDeleteFlags, kind string) (*batch.Batches[operations.Attributes], error) {
	b := &batch.Batches[operations.Attributes]{Name: "records", Unit: "record", Op: "deleteCustomObjects"}
	b.Send = func(ctx context.Context, api *operations.API, keys []operations.Attributes, states []batch.Status) error {
		statuses, err := api.CustomObjects.Delete(ctx, kind, keys, nil)
		setCustom(states, statuses)
		return err
	}
	if f.from == "" {
		b.Add(f.keys, 0, output.Pairs(f.keys))
		return b, nil
	}
	records, p, err := records.Read(ctx, a.Stdin, f.from, f.form)
	if err != nil {
		return nil, err
	}
	b.Name, b.Unit = p.Name, ""
	for _, r := range records {
		var keys operations.Attributes
		for _, field := range r.Fields {
			if field.Value == "" {
				p.Addf(field.Line, field.Column, "%s: a key cannot be empty", field.Name)
			}
			keys = append(keys, operations.Attribute{Name: field.Name, Value: field.Value})
		}
		b.Add(keys, r.Line, output.Pairs(keys))
	}
	return b, p.Err()
}
