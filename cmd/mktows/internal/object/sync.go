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
"Europe"}}, and can be updated only. createdAt and updatedAt are passed over.

` + batch.Help

const objectSyncExample = `  mktows object sync deals.jsonl --operation upsert
  mktows object get Program --id 1019 --details -o json | mktows object sync - --operation update --dry-run`

// objectJSON is an object as it is printed and read.
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

// attributeList is written as a list, and read from a list or an object.
type attributeList []output.Attribute

// UnmarshalJSON implements json.Unmarshaler. The order of an object's members stays.
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

func (l attributeList) attributes() operations.Attributes {
	attributes := make(operations.Attributes, len(l))
	for i, at := range l {
		attributes[i] = operations.Attribute{Name: at.Name, Value: at.Value}
	}
	return attributes
}

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

func optionalID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func newPairJSON(k operations.ExternalKey) *pairJSON {
	if k.IsZero() {
		return nil
	}
	return &pairJSON{k.Name, k.Value}
}

// object is what was read as the operations take it.
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

func (p *pairJSON) key() operations.ExternalKey {
	if p == nil {
		return operations.ExternalKey{}
	}
	return operations.ExternalKey{Name: p.Name, Value: p.Value}
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func objectSyncCommand(a *console.Console) *cobra.Command {
	var f batch.Flags
	var how operationFlag
	var operation operations.SyncOperation
	cmd := &cobra.Command{
		Use:     "sync [FILE]",
		Short:   "Create or update objects from a file",
		Long:    objectSyncLong,
		Example: objectSyncExample,
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

// readObjects reads all objects of a file and checks each by itself.
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

// objectName is what an object is found by, or else its name.
func objectName(o *operations.Object) string {
	name, _ := o.Attributes.Get("Name")
	return strings.TrimSpace(string(o.Type) + " " + cmp.Or(output.Number(o.ID), keyText(o.ExternalKey), name))
}
