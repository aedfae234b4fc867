package object

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/batch"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// Command makes "mktows object" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("object", "Describe, get, sync and delete programs, opportunities and roles", "",
		objectTypesCommand(a), objectDescribeCommand(a), objectGetCommand(a),
		objectSyncCommand(a), objectDeleteCommand(a),
	)
}

const objectTypesLong = `List the types of object that "mktows object describe" knows.

These can be got and, with limits, written: Opportunity, OpportunityPersonRole and Program.`

// objectTypesCommand makes "mktows object types".
func objectTypesCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:     "types",
		Short:   "List the types of object",
		Long:    objectTypesLong,
		Example: "  mktows object types --demo",
		Args:    settings.FlagsOnly(out.Check),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				names, err := api.Objects.Types(ctx)
				if err != nil {
					return err
				}
				return output.All(names, output.NewListing(a.Stdout, &out, output.Shape[string]{
					Noun: "type", Nouns: "types",
					Columns: []output.Column{{Title: "TYPE"}},
					Cells:   func(s *string) []string { return []string{*s} },
					Json:    func(s *string) any { return *s },
				}))
			})
		},
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

// descriptionJSON is the description of a type in JSON, with all that the service says. The table shows less.
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

// newDescriptionJSON returns a description in the form of JSON.
func newDescriptionJSON(d *operations.ObjectDescription) descriptionJSON {
	j := descriptionJSON{d.Name, d.Description, d.IsCustom, d.IsVirtual, output.MomentJSON(d.UpdatedAt), []fieldJSON{}}
	for i := range d.Fields {
		j.Fields = append(j.Fields, newFieldJSON(&d.Fields[i]))
	}
	return j
}

// newFieldJSON returns the description of a field in the form of JSON.
func newFieldJSON(f *operations.FieldDescription) fieldJSON {
	return fieldJSON{
		f.Name, f.DisplayName, f.Description, f.DataType, f.Size, f.SourceObject, f.IsReadOnly, f.IsUpdateBlocked,
		f.IsName, f.IsPrimaryKey, f.IsCustom, f.IsDynamic, f.DynamicFieldRef, output.MomentJSON(f.UpdatedAt),
	}
}

const objectDescribeLong = `Print the fields of a type of object, one of those that "mktows object types" lists. json is one
document about the type, with the fields in it; the other forms are the list of the fields.`

// objectDescribeCommand makes "mktows object describe".
func objectDescribeCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	cmd := &cobra.Command{
		Use:       "describe NAME",
		ValidArgs: []cobra.Completion{"LeadRecord", "ActivityRecord", "Opportunity", "OpportunityPersonRole"},
		Short:     "Print the fields of a type of object",
		Long:      objectDescribeLong,
		Example:   "  mktows object describe LeadRecord --demo",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || settings.IsBlank(args[0]) {
				return exit.Usagef("name one type of object, such as LeadRecord")
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				description, err := api.Objects.Describe(ctx, args[0])
				if err != nil {
					return err
				}
				if out.Format.Value == output.JSON {
					return output.WriteJSON(a.Stdout, newDescriptionJSON(&description))
				}
				return output.All(description.Fields, output.NewListing(a.Stdout, &out, fieldShape()))
			})
		},
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

// fieldShape describes the fields of a type in the formats of -o, except for json, which is the whole description.
func fieldShape() output.Shape[operations.FieldDescription] {
	return output.Shape[operations.FieldDescription]{
		Noun: "field", Nouns: "fields",
		Columns: []output.Column{
			{Title: "FIELD", Weight: 30}, {Title: "TYPE"}, {Title: "SIZE", Right: true}, {Title: "DISPLAY NAME", Weight: 30},
			{Title: "FLAGS"},
		},
		Cells: func(f *operations.FieldDescription) []string {
			return []string{f.Name, f.DataType, output.Count(f.Size), f.DisplayName, fieldFlags(f)}
		},
		Json: func(f *operations.FieldDescription) any { return newFieldJSON(f) },
	}
}

// fieldFlags joins the properties of a field that matter to someone who wants to write it.
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

const objectGetLong = `Print objects of a type: Opportunity, OpportunityPersonRole or Program. Conditions that are
given together must all hold; without any, all objects are printed. Over REST that holds for programs:
opportunities and roles need --external-key, --of, or a --where with EQ on a field of their keys.

A condition of --where is a field, EQ, NE, LT, LE, GT or GE, and a value. The documented
fields are Name, Role, Type, Stage, CRM Id, Created At, Updated At, Tag Type, Tag Value, Workspace
Name, Workspace Id, Include Archive and, for programs, Id. --of takes the type Lead, Company or
Opportunity and the id of what the objects belong to.

"mktows object sync" reads what json and jsonl are.`

const objectGetExample = `  mktows object get Opportunity --of Lead:318815 --demo
  mktows object get Program --id 1019 --details -o json --demo
  mktows object get Opportunity --where 'Stage EQ Won' --where 'Created At GE 2015-09-01' -o jsonl`

type objectGetFlags struct {
	settings.RemoteFlags
	output.FormFlags
	options     operations.ObjectOptions
	externalKey string
	where, of   []string
	limit       int
}

// objectGetCommand makes "mktows object get".
func objectGetCommand(a *console.Console) *cobra.Command {
	var f objectGetFlags
	var kind operations.ObjectType
	cmd := &cobra.Command{
		Use:       "get TYPE",
		ValidArgs: settings.Words(operations.ObjectTypes()),
		Short:     "Print objects of a type",
		Long:      objectGetLong,
		Example:   objectGetExample,
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) != 1 {
				return exit.Usagef("name one type of object, such as Opportunity: got %s", output.Plural(len(args), "argument"))
			}
			if kind, err = parseObjectType(args[0]); err != nil {
				return err
			}
			if f.options.Details && kind != operations.ObjectProgram {
				return exit.Usagef("--details is for programs: an %s has none", kind)
			}
			return f.parse(cmd.Flags().Changed("id"))
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f.RemoteFlags, func(ctx context.Context, api *operations.API) error {
				return output.Pages(api.Objects.Pages(ctx, kind, &f.options), f.limit, output.NewListing(a.Stdout, &f.FormFlags, objectShape()))
			})
		},
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.FormFlags.Bind(fs)
	fs.Int64Var(&f.options.ID, "id", 0, "the object with this `ID`")
	fs.StringVar(&f.externalKey, "external-key", "", "the object with this key of another system, as `NAME=VALUE`")
	fs.StringArrayVar(&f.where, "where", nil, "a `CONDITION`, such as 'Name EQ x'; repeat the flag for more")
	fs.StringArrayVar(&f.of, "of", nil, "what the objects belong to, as `TYPE:ID`; repeat the flag for more")
	fs.BoolVar(&f.options.Details, "details", false, "all attributes; for programs only")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	return cmd
}

// parseObjectType parses TYPE without regard to case.
func parseObjectType(text string) (operations.ObjectType, error) {
	for _, t := range operations.ObjectTypes() {
		if strings.EqualFold(text, string(t)) {
			return t, nil
		}
	}
	return "", exit.Usagef("TYPE: %q is none of %s", text, output.WordList(operations.ObjectTypes()))
}

// parse turns the texts of the flags into the options of the call. It refuses combinations that the service does not
// take, such as two tag types.
func (f *objectGetFlags) parse(hasID bool) (err error) {
	switch {
	case hasID && f.externalKey != "":
		return exit.Usagef("--id and --external-key cannot be used together")
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
			return exit.Usagef("--where: Tag Type is given twice, and the service takes it once")
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
	if err := settings.CheckLimit(f.limit); err != nil {
		return err
	}
	return f.Check()
}

// parsePair parses NAME=VALUE. The value may contain equals signs and may not be empty.
func parsePair(what, text string) (operations.Attribute, error) {
	name, value, ok := strings.Cut(text, "=")
	if name = strings.TrimSpace(name); !ok || name == "" || value == "" {
		return operations.Attribute{}, exit.Usagef("%s: %q is not NAME=VALUE", what, text)
	}
	return operations.Attribute{Name: name, Value: value}, nil
}

// parseCriterion parses a condition such as "Created At GE 2015-09-01". Names of fields contain spaces and are not
// quoted, so the first word that is a comparison, and has a word on either side, ends the name.
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
	return operations.Criterion{}, exit.Usagef("--where: %q is not like 'Name EQ x', with one of %s", text, output.WordList(operations.Comparisons()))
}

// parseAssociation parses TYPE:ID, what the objects to print belong to.
func parseAssociation(text string) (operations.Association, error) {
	name, value, _ := strings.Cut(text, ":")
	for _, t := range operations.AssociationTypes() {
		if id, ok := settings.ReadID(value); ok && strings.EqualFold(name, string(t)) {
			return operations.Association{Type: t, ID: id}, nil
		}
	}
	return operations.Association{}, exit.Usagef("--of: %q is not TYPE:ID, with one of the types %s and %s", text, output.WordList(operations.AssociationTypes()), settings.IdRange)
}

// objectShape describes objects in the formats of -o.
func objectShape() output.Shape[operations.Object] {
	return output.Shape[operations.Object]{
		Noun: "object", Nouns: "objects",
		Columns: []output.Column{
			{Title: "ID", Right: true}, {Title: "KEY", Weight: 15}, {Title: "ATTRIBUTES", Weight: 40}, {Title: "DETAILS", Weight: 25},
			{Title: "OF", Weight: 15},
		},
		Cells: func(o *operations.Object) []string {
			return []string{output.Number(o.ID), keyText(o.ExternalKey), output.Pairs(o.Attributes), groupsText(o.Groups), associationsText(o.Associations)}
		},
		Json: func(o *operations.Object) any { return newObjectJSON(o) },
	}
}

// keyText returns an external key as NAME=VALUE, or "".
func keyText(k operations.ExternalKey) string {
	if k.IsZero() {
		return ""
	}
	return k.Name + "=" + k.Value
}

// groupsText shows groups of attributes in one cell. Programs have them, for tags and costs.
func groupsText(groups []operations.AttributeGroup) string {
	parts := make([]string, len(groups))
	for i, g := range groups {
		parts[i] = g.Type + " (" + output.Pairs(g.Attributes) + ")"
	}
	return strings.Join(parts, "; ")
}

// associationsText shows what an object belongs to, by the external key if there is one, else by the id.
func associationsText(associations []operations.Association) string {
	parts := make([]string, len(associations))
	for i, a := range associations {
		parts[i] = fmt.Sprintf("%s:%s", a.Type, cmp.Or(keyText(a.ExternalKey), output.Number(a.ID)))
	}
	return strings.Join(parts, "; ")
}

const objectDeleteLong = `Delete opportunities or roles by their Marketo ids. Programs cannot be deleted.

` + batch.Help

// objectDeleteCommand makes "mktows object delete".
func objectDeleteCommand(a *console.Console) *cobra.Command {
	var f batch.Flags
	var b batch.Batches[operations.ObjectRef]
	cmd := &cobra.Command{
		Use:       "delete TYPE ID...",
		ValidArgs: settings.Words(operations.ObjectTypes()),
		Short:     "Delete objects",
		Long:      objectDeleteLong,
		Example:   "  mktows object delete Opportunity 77 78 --demo\n  mktows object delete OpportunityPersonRole 7 --dry-run",
		Args: func(_ *cobra.Command, args []string) error {
			if err := deletions(&b, args); err != nil {
				return err
			}
			return f.Check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return batch.Run(cmd.Context(), a, &f, &b) },
	}
	f.Bind(cmd.Flags(), operations.MaxObjects, operations.RecommendedBatch)
	return cmd
}

// deletions parses TYPE ID… and fills b with the objects to delete.
func deletions(b *batch.Batches[operations.ObjectRef], args []string) error {
	if len(args) < 2 {
		return exit.Usagef("name a type of object and one or more ids: got %s", output.Plural(len(args), "argument"))
	}
	kind, err := parseObjectType(args[0])
	if err != nil {
		return err
	}
	if kind == operations.ObjectProgram {
		return exit.Usagef("TYPE: programs cannot be deleted")
	}
	*b = batch.Batches[operations.ObjectRef]{Name: "objects", Unit: "ID", Op: "deleteMObjects", Send: deleteObjects}
	for i, arg := range args[1:] {
		id, ok := settings.ReadID(arg)
		if !ok {
			return exit.Usagef("ID %d: %q is not an id, which is %s", i+1, arg, settings.IdRange)
		}
		b.Add(operations.ObjectRef{Type: kind, ID: id}, 0, string(kind)+" "+arg)
	}
	return nil
}

// deleteObjects sends one batch of deletions.
func deleteObjects(ctx context.Context, api *operations.API, refs []operations.ObjectRef, states []batch.Status) error {
	statuses, err := api.Objects.Delete(ctx, refs, nil)
	setObjects(states, statuses)
	return err
}

// setObjects copies the service's answer about each object into its status.
func setObjects(states []batch.Status, statuses []operations.ObjectStatus) {
	for i, s := range statuses {
		states[i].Set(s.Outcome, s.ID, s.Err)
	}
}
