package object

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
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

const objectSyncLong = `Create or update programs, opportunities and roles from JSON, in FILE or, if it is -, in standard
input: an array of objects, or objects one after the other, as in JSON Lines.

An object has a type, an id or an externalKey to be found by, and attributes. These are an
object of names and values, or a list like that which "mktows object get" prints:

  {"type": "Opportunity", "externalKey": {"name": "CRM Id", "value": "A-7"},
   "attributes": {"Name": "Renewal", "Stage": "Won", "Amount": 1200},
   "associations": [{"type": "Company", "id": 12}]}

A program has groups besides, such as {"type": "Tag", "attributes": {"Type": "Region", "Value":
"Europe"}}, and can be updated only. createdAt and updatedAt are ignored.

` + batch.Help

const objectSyncExample = `  mktows object sync deals.jsonl --operation upsert
  mktows object get Program --id 1019 --details -o json | mktows object sync - --operation update --dry-run`

// objectJSON is an object as "get" prints it and "sync" reads it. The members are the same in both directions, so
// that the output of one can be edited and given to the other.
type objectJSON struct {
	Type         string            `json:"type"`
	ID           *int64            `json:"id"`
	ExternalKey  *pairJSON         `json:"externalKey"`
	CreatedAt    *string           `json:"createdAt"`
	UpdatedAt    *string           `json:"updatedAt"`
	Attributes   attributeList     `json:"attributes"`
	Groups       []groupJSON       `json:"groups"`
	Associations []associationJSON `json:"associations"`
}

type pairJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type groupJSON struct {
	Type       string        `json:"type"`
	Attributes attributeList `json:"attributes"`
}

type associationJSON struct {
	Type        string    `json:"type"`
	ID          *int64    `json:"id"`
	ExternalKey *pairJSON `json:"externalKey"`
}

// attributeList is a list of attributes in JSON. It is written as a list, which keeps the order. By hand an object of
// names and values is easier to write, so that is read as well.
type attributeList []output.Attribute

// UnmarshalJSON implements json.Unmarshaler. It keeps the order of an object's members, which is the order they are
// sent in.
func (l *attributeList) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]output.Attribute)(l))
	}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	members, err := records.Members(text)
	if err != nil {
		return err
	}
	for _, f := range members {
		*l = append(*l, output.Attribute{Name: f.Name, Value: f.Value})
	}
	return nil
}

// attributes returns the list as the operations take it.
func (l attributeList) attributes() operations.Attributes {
	attributes := make(operations.Attributes, len(l))
	for i, at := range l {
		attributes[i] = operations.Attribute{Name: at.Name, Value: at.Value}
	}
	return attributes
}

// newObjectJSON returns an object in the form of JSON. Lists without elements are [], never null.
func newObjectJSON(o *operations.Object) objectJSON {
	j := objectJSON{
		Type: string(o.Type), ID: optionalID(o.ID), ExternalKey: newPairJSON(o.ExternalKey),
		CreatedAt: output.MomentJSON(o.CreatedAt), UpdatedAt: output.MomentJSON(o.UpdatedAt),
		Attributes: output.Attributes(o.Attributes), Groups: []groupJSON{}, Associations: []associationJSON{},
	}
	for _, g := range o.Groups {
		j.Groups = append(j.Groups, groupJSON{g.Type, output.Attributes(g.Attributes)})
	}
	for _, a := range o.Associations {
		j.Associations = append(j.Associations, associationJSON{string(a.Type), optionalID(a.ID), newPairJSON(a.ExternalKey)})
	}
	return j
}

// optionalID returns nil for 0, which JSON shows as null.
func optionalID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// newPairJSON returns an external key in the form of JSON; null if there is none.
func newPairJSON(k operations.ExternalKey) *pairJSON {
	if k.IsZero() {
		return nil
	}
	return &pairJSON{k.Name, k.Value}
}

// object returns what was read as the operations take it. The times are left out: the service sets them.
func (j *objectJSON) object() operations.Object {
	o := operations.Object{
		Type: operations.ObjectType(j.Type), ID: orZero(j.ID), ExternalKey: j.ExternalKey.key(), Attributes: j.Attributes.attributes(),
	}
	for _, g := range j.Groups {
		o.Groups = append(o.Groups, operations.AttributeGroup{Type: g.Type, Attributes: g.Attributes.attributes()})
	}
	for _, a := range j.Associations {
		o.Associations = append(o.Associations, operations.Association{
			Type: operations.AssociationType(a.Type), ID: orZero(a.ID), ExternalKey: a.ExternalKey.key(),
		})
	}
	return o
}

// key returns the external key that was read; the zero key for null.
func (p *pairJSON) key() operations.ExternalKey {
	if p == nil {
		return operations.ExternalKey{}
	}
	return operations.ExternalKey{Name: p.Name, Value: p.Value}
}

// orZero returns the number, or 0 for null.
func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// objectSyncCommand makes "mktows object sync".
func objectSyncCommand(a *console.Console) *cobra.Command {
	var f batch.Flags
	var how operationFlag
	var operation operations.SyncOperation
	cmd := &cobra.Command{
		Use:               "sync [FILE]",
		ValidArgsFunction: settings.Files(0, "json", "jsonl"),
		Short:             "Create or update objects from a file",
		Long:              objectSyncLong,
		Example:           objectSyncExample,
		Args: func(_ *cobra.Command, args []string) (err error) {
			if len(args) > 1 {
				return exit.Usagef("one FILE at most, got %d", len(args))
			}
			if operation, err = how.operation(); err != nil {
				return err
			}
			return f.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := readObjects(cmd.Context(), a, append(args, "-")[0], operation)
			if err != nil {
				return err
			}
			return batch.Run(cmd.Context(), a, &f, b)
		},
	}
	f.Bind(cmd.Flags(), operations.MaxObjects, operations.MaxObjects)
	how.bind(cmd.Flags())
	return cmd
}

// readObjects reads all objects of a file and tries the request of each one by itself, so that a mistake can be
// reported with the line and column where its object begins.
func readObjects(ctx context.Context, a *console.Console, path string, operation operations.SyncOperation) (*batch.Batches[operations.Object], error) {
	text, err := records.ReadInput(ctx, a.Stdin, path)
	if err != nil {
		return nil, err
	}
	p := &records.Problems{Name: records.Name(path)}
	b := &batch.Batches[operations.Object]{Name: p.Name, Op: "syncMObjects"}
	b.Send = func(ctx context.Context, api *operations.API, objects []operations.Object, states []batch.Status) error {
		statuses, err := api.Objects.Sync(ctx, operation, objects)
		setObjects(states, statuses)
		return err
	}
	records.SplitJSON(text, p, func(raw []byte, line, column int) {
		object, err := decodeObject(raw)
		if err == nil {
			err = sendable(func(api *operations.API) error {
				return b.Send(ctx, api, []operations.Object{object}, nil)
			})
		}
		if err != nil {
			p.Addf(line, column, "%s", recordProblem(err))
		}
		b.Add(object, line, objectName(&object))
	})
	if len(b.Items) == 0 && len(p.List) == 0 {
		return nil, exit.Inputf("%s has no objects", p.Name)
	}
	return b, p.Err()
}

// decodeObject decodes one object. It refuses members that it does not know, since a misspelt "asociations" would
// otherwise be dropped without a word.
func decodeObject(raw []byte) (operations.Object, error) {
	var j objectJSON
	if name := records.UnknownMember(raw, reflect.TypeFor[objectJSON]()); name != "" {
		return operations.Object{}, fmt.Errorf("unknown field %q", name)
	}
	if err := json.Unmarshal(raw, &j); err != nil {
		return operations.Object{}, records.JSONReason(err)
	}
	for _, t := range operations.ObjectTypes() {
		if j.Type == string(t) {
			return j.object(), nil
		}
	}
	return j.object(), fmt.Errorf("type: %q is none of %s", j.Type, output.WordList(operations.ObjectTypes()))
}

// objectName names an object in the output: its type with what it is found by, or else its attribute Name.
func objectName(o *operations.Object) string {
	name, _ := o.Attributes.Get("Name")
	return strings.TrimSpace(string(o.Type) + " " + cmp.Or(output.Number(o.ID), keyText(o.ExternalKey), name))
}
