package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/operations"
)

func (a *app) objectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "object",
		Short: "Describe, get, sync and delete programs, opportunities and roles",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(
		a.objectTypesCommand(), a.objectDescribeCommand(), a.objectGetCommand(),
		a.objectSyncCommand(), a.objectDeleteCommand(),
	)
	return cmd
}

const objectTypesLong = `List the types of object that "mktows object describe" knows.

These can be got and, with limits, written: Opportunity, OpportunityPersonRole and Program.`

func (a *app) objectTypesCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use:     "types",
		Short:   "List the types of object",
		Long:    objectTypesLong,
		Example: "  mktows object types --demo",
		Args:    checkedNoArgs(&out),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				names, err := api.Objects.Types(ctx)
				if err != nil {
					return err
				}
				return listAll(names, newListing(a.stdout, &out, shape[string]{
					noun: "type", nouns: "types",
					columns: []column{{title: "TYPE"}},
					cells:   func(s *string) []string { return []string{*s} },
					json:    func(s *string) any { return *s },
				}))
			})
		},
	}
	f.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json")
	return cmd
}

// checkedNoArgs is for commands that have nothing but flags.
func checkedNoArgs(out *outputFlags) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := noArgs(cmd, args); err != nil {
			return err
		}
		return out.check()
	}
}

// descriptionJSON is a type of object.
type descriptionJSON struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	IsCustom    bool        `json:"isCustom"`
	IsVirtual   bool        `json:"isVirtual"`
	UpdatedAt   *string     `json:"updatedAt"`
	Fields      []fieldJSON `json:"fields"`
}

type fieldJSON struct {
	Name            string  `json:"name"`
	DisplayName     string  `json:"displayName"`
	Description     string  `json:"description"`
	DataType        string  `json:"dataType"`
	Size            *int    `json:"size"`
	SourceObject    string  `json:"sourceObject"`
	IsReadOnly      bool    `json:"isReadonly"`
	IsUpdateBlocked bool    `json:"isUpdateBlocked"`
	IsName          bool    `json:"isName"`
	IsPrimaryKey    bool    `json:"isPrimaryKey"`
	IsCustom        bool    `json:"isCustom"`
	IsDynamic       bool    `json:"isDynamic"`
	DynamicFieldRef string  `json:"dynamicFieldRef"`
	UpdatedAt       *string `json:"updatedAt"`
}

func newDescriptionJSON(d *operations.ObjectDescription) descriptionJSON {
	j := descriptionJSON{d.Name, d.Description, d.IsCustom, d.IsVirtual, momentJSON(d.UpdatedAt), []fieldJSON{}}
	for i := range d.Fields {
		f := &d.Fields[i]
		j.Fields = append(j.Fields, fieldJSON{
			f.Name, f.DisplayName, f.Description, f.DataType, f.Size, f.SourceObject, f.IsReadOnly, f.IsUpdateBlocked,
			f.IsName, f.IsPrimaryKey, f.IsCustom, f.IsDynamic, f.DynamicFieldRef, momentJSON(f.UpdatedAt),
		})
	}
	return j
}

func (a *app) objectDescribeCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use:     "describe NAME",
		Short:   "Print the fields of a type of object",
		Long:    "Print the fields of a type of object, one of those that \"mktows object types\" lists.",
		Example: "  mktows object describe LeadRecord --demo",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || isBlank(args[0]) {
				return usagef("name one type of object, such as LeadRecord")
			}
			return out.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				description, err := api.Objects.Describe(ctx, args[0])
				if err != nil {
					return err
				}
				if out.format.value == "json" {
					return writeJSON(a.stdout, newDescriptionJSON(&description))
				}
				return listAll(description.Fields, newListing(a.stdout, &out, fieldShape()))
			})
		},
	}
	f.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json")
	return cmd
}

func fieldShape() shape[operations.FieldDescription] {
	return shape[operations.FieldDescription]{
		noun: "field", nouns: "fields",
		columns: []column{
			{title: "FIELD", weight: 30}, {title: "TYPE"}, {title: "SIZE", right: true}, {title: "DISPLAY NAME", weight: 30},
			{title: "FLAGS"},
		},
		cells: func(f *operations.FieldDescription) []string {
			return []string{f.Name, f.DataType, count(f.Size), f.DisplayName, fieldFlags(f)}
		},
	}
}

func fieldFlags(f *operations.FieldDescription) string {
	var flags []string
	for _, flag := range []struct {
		is   bool
		name string
	}{{f.IsPrimaryKey, "key"}, {f.IsReadOnly, "read-only"}, {f.IsUpdateBlocked, "update-blocked"}, {f.IsCustom, "custom"}} {
		if flag.is {
			flags = append(flags, flag.name)
		}
	}
	return strings.Join(flags, ",")
}

const objectGetLong = `Print objects of a type: Opportunity, OpportunityPersonRole or Program. What is given together
must all hold; nothing given means all.

A condition of --where is a field, EQ, NE, LT, LE, GT or GE, and a value. Documented are the
fields Name, Role, Type, Stage, CRM Id, Created At, Updated At, Tag Type, Tag Value, Workspace
Name, Workspace Id, Include Archive and, for programs, Id. --of takes the type Lead, Company or
Opportunity and the id of what the objects belong to.

"mktows object sync" reads what json and jsonl are.`

const objectGetExample = `  mktows object get Opportunity --of Lead:318815 --demo
  mktows object get Program --id 1019 --details -o json --demo
  mktows object get Opportunity --where 'Stage EQ Won' --where 'Created At GE 2015-09-01' -o jsonl`

type objectGetFlags struct {
	remoteFlags
	outputFlags
	options     operations.ObjectOptions
	externalKey string
	where, of   []string
	limit       int
}

func (a *app) objectGetCommand() *cobra.Command {
	var f objectGetFlags
	var kind operations.ObjectType
	cmd := &cobra.Command{
		Use:     "get TYPE",
		Short:   "Print objects of a type",
		Long:    objectGetLong,
		Example: objectGetExample,
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) != 1 {
				return usagef("name one type of object, such as Opportunity: got %s", plural(len(args), "argument"))
			}
			if kind, err = parseObjectType(args[0]); err != nil {
				return err
			}
			if f.options.Details && kind != operations.ObjectProgram {
				return usagef("--details is for programs: an %s has none", kind)
			}
			return f.parse(cmd.Flags().Changed("id"))
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f.remoteFlags, func(ctx context.Context, api *operations.API) error {
				return listPages(api.Objects.Pages(ctx, kind, &f.options), f.limit, newListing(a.stdout, &f.outputFlags, objectShape()))
			})
		},
	}
	fs := cmd.Flags()
	f.remoteFlags.bind(fs)
	f.outputFlags.bind(fs, "table", "json", "jsonl")
	fs.Int64Var(&f.options.ID, "id", 0, "the object with this `ID`")
	fs.StringVar(&f.externalKey, "external-key", "", "the object with this key of another system, as `NAME=VALUE`")
	fs.StringArrayVar(&f.where, "where", nil, "a `CONDITION`, such as 'Name EQ x'; repeat the flag for more")
	fs.StringArrayVar(&f.of, "of", nil, "what the objects belong to, as `TYPE:ID`; repeat the flag for more")
	fs.BoolVar(&f.options.Details, "details", false, "all attributes; for programs only")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	return cmd
}

func parseObjectType(text string) (operations.ObjectType, error) {
	for _, t := range operations.ObjectTypes() {
		if strings.EqualFold(text, string(t)) {
			return t, nil
		}
	}
	return "", usagef("TYPE: %q is none of %s", text, wordList(operations.ObjectTypes()))
}

func (f *objectGetFlags) parse(hasID bool) (err error) {
	switch {
	case hasID && f.externalKey != "":
		return usagef("--id and --external-key cannot be used together")
	}
	if f.externalKey != "" {
		key, err := parsePair("--external-key", f.externalKey)
		if err != nil {
			return err
		}
		f.options.ExternalKey = operations.ExternalKey{Name: key.Name, Value: key.Value}
	}
	for _, text := range f.where {
		criterion, err := parseCriterion(text)
		if err != nil {
			return err
		}
		if isTagType := func(c operations.Criterion) bool { return c.Attribute == "Tag Type" }; isTagType(criterion) && slices.ContainsFunc(f.options.Criteria, isTagType) {
			return usagef("--where: Tag Type is given twice, and the service takes it once")
		}
		f.options.Criteria = append(f.options.Criteria, criterion)
	}
	for _, text := range f.of {
		association, err := parseAssociation(text)
		if err != nil {
			return err
		}
		f.options.Associations = append(f.options.Associations, association)
	}
	if err := checkLimit(f.limit); err != nil {
		return err
	}
	return f.check()
}

// parsePair reads NAME=VALUE.
func parsePair(what, text string) (operations.Attribute, error) {
	name, value, ok := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); !ok || name == "" || value == "" {
		return operations.Attribute{}, usagef("%s: %q is not NAME=VALUE", what, text)
	}
	return operations.Attribute{Name: name, Value: value}, nil
}

// parseCriterion reads a condition. Fields have spaces in their names: the first word that
// compares ends them.
func parseCriterion(text string) (operations.Criterion, error) {
	words := strings.Fields(text)
	for i, word := range words {
		for _, c := range operations.Comparisons() {
			if i > 0 && i < len(words)-1 && strings.EqualFold(word, string(c)) {
				_, value, _ := strings.Cut(text[len(words[0]):], word)
				return operations.Criterion{Attribute: strings.Join(words[:i], " "), Comparison: c, Value: strings.TrimSpace(value)}, nil
			}
		}
	}
	return operations.Criterion{}, usagef("--where: %q is not like 'Name EQ x', with one of %s", text, wordList(operations.Comparisons()))
}

func parseAssociation(text string) (operations.Association, error) {
	name, value, _ := strings.Cut(text, ":")
	for _, t := range operations.AssociationTypes() {
		if id, ok := readID(value); ok && strings.EqualFold(name, string(t)) {
			return operations.Association{Type: t, ID: id}, nil
		}
	}
	return operations.Association{}, usagef("--of: %q is not TYPE:ID, with one of the types %s and %s", text, wordList(operations.AssociationTypes()), idRange)
}

func objectShape() shape[operations.Object] {
	return shape[operations.Object]{
		noun: "object", nouns: "objects",
		columns: []column{
			{title: "ID", right: true}, {title: "KEY", weight: 15}, {title: "ATTRIBUTES", weight: 40}, {title: "DETAILS", weight: 25},
			{title: "OF", weight: 15},
		},
		cells: func(o *operations.Object) []string {
			return []string{number(o.ID), keyText(o.ExternalKey), pairs(o.Attributes), groupsText(o.Groups), associationsText(o.Associations)}
		},
		json: func(o *operations.Object) any { return newObjectJSON(o) },
	}
}

func keyText(k operations.ExternalKey) string {
	if k.IsZero() {
		return ""
	}
	return k.Name + "=" + k.Value
}

func groupsText(groups []operations.AttributeGroup) string {
	parts := make([]string, len(groups))
	for i, g := range groups {
		parts[i] = g.Type + " (" + pairs(g.Attributes) + ")"
	}
	return strings.Join(parts, "; ")
}

func associationsText(associations []operations.Association) string {
	parts := make([]string, len(associations))
	for i, a := range associations {
		parts[i] = fmt.Sprintf("%s:%s", a.Type, cmp.Or(keyText(a.ExternalKey), number(a.ID)))
	}
	return strings.Join(parts, "; ")
}

const objectDeleteLong = `Delete opportunities or roles by their Marketo ids. Programs cannot be deleted.

` + batchHelp

func (a *app) objectDeleteCommand() *cobra.Command {
	var f batchFlags
	var b batches[operations.ObjectRef]
	cmd := &cobra.Command{
		Use:     "delete TYPE ID...",
		Short:   "Delete objects",
		Long:    objectDeleteLong,
		Example: "  mktows object delete Opportunity 77 78 --demo\n  mktows object delete OpportunityPersonRole 7 --dry-run",
		Args: func(_ *cobra.Command, args []string) error {
			if err := deletions(&b, args); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runBatches(cmd.Context(), a, &f, &b) },
	}
	f.bind(cmd.Flags(), operations.MaxObjects, operations.RecommendedBatch)
	return cmd
}

func deletions(b *batches[operations.ObjectRef], args []string) error {
	if len(args) < 2 {
		return usagef("name a type of object and one or more ids: got %s", plural(len(args), "argument"))
	}
	kind, err := parseObjectType(args[0])
	if err != nil {
		return err
	}
	if kind == operations.ObjectProgram {
		return usagef("TYPE: programs cannot be deleted")
	}
	*b = batches[operations.ObjectRef]{name: "objects", unit: "ID", op: "deleteMObjects", send: deleteObjects}
	for i, arg := range args[1:] {
		id, ok := readID(arg)
		if !ok {
			return usagef("ID %d: %q is not an id, which is %s", i+1, arg, idRange)
		}
		b.add(operations.ObjectRef{Type: kind, ID: id}, 0, string(kind)+" "+arg)
	}
	return nil
}

func deleteObjects(ctx context.Context, api *operations.API, refs []operations.ObjectRef, states []recordStatus) error {
	statuses, err := api.Objects.Delete(ctx, refs)
	setObjects(states, statuses)
	return err
}

func setObjects(states []recordStatus, statuses []operations.ObjectStatus) {
	for i, s := range statuses {
		states[i].set(s.Outcome, s.ID, s.Err)
	}
}
