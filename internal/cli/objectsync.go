package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
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

` + batchHelp

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
type attributeList []attributeJSON

// UnmarshalJSON implements json.Unmarshaler. The order of an object's members stays.
func (l *attributeList) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		return dec.Decode((*[]attributeJSON)(l))
	}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	o := objectReader{dec: json.NewDecoder(bytes.NewReader(text)), text: text}
	o.dec.UseNumber()
	if err := o.read(); err != nil {
		return err
	}
	for _, f := range o.record.fields {
		*l = append(*l, attributeJSON{Name: f.name, Value: f.value})
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
		CreatedAt: momentJSON(o.CreatedAt), UpdatedAt: momentJSON(o.UpdatedAt),
		Attributes: attributesJSON(o.Attributes), Groups: []groupJSON{}, Associations: []associationJSON{},
	}
	for _, g := range o.Groups {
		j.Groups = append(j.Groups, groupJSON{g.Type, attributesJSON(g.Attributes)})
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

// operationFlag says what a sync does with what is new and what exists.
type operationFlag struct{ name string }

func (f *operationFlag) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "operation", "", "`OPERATION`: upsert, insert (skip what exists) or update (skip what is new); required")
}

func (f *operationFlag) operation() (operations.SyncOperation, error) {
	for _, o := range operations.SyncOperations() {
		if strings.EqualFold(f.name, string(o)) {
			return o, nil
		}
	}
	if f.name == "" {
		return "", usagef("--operation is missing: give upsert, insert or update")
	}
	return "", usagef("--operation is %q: use upsert, insert or update", f.name)
}

func (a *app) objectSyncCommand() *cobra.Command {
	var f batchFlags
	var how operationFlag
	var operation operations.SyncOperation
	cmd := &cobra.Command{
		Use:     "sync [FILE]",
		Short:   "Create or update objects from a file",
		Long:    objectSyncLong,
		Example: objectSyncExample,
		Args: func(_ *cobra.Command, args []string) (err error) {
			if len(args) > 1 {
				return usagef("one FILE at most, got %d", len(args))
			}
			if operation, err = how.operation(); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := a.readObjects(cmd.Context(), append(args, "-")[0], operation)
			if err != nil {
				return err
			}
			return runBatches(cmd.Context(), a, &f, b)
		},
	}
	f.bind(cmd.Flags(), operations.MaxObjects, operations.MaxObjects)
	how.bind(cmd.Flags())
	return cmd
}

// readObjects reads all objects of a file and checks each by itself.
func (a *app) readObjects(ctx context.Context, path string, operation operations.SyncOperation) (*batches[operations.Object], error) {
	text, err := readInput(ctx, a.stdin, path)
	if err != nil {
		return nil, err
	}
	p := &problems{name: inputName(path)}
	b := &batches[operations.Object]{name: p.name, op: "syncMObjects"}
	b.send = func(ctx context.Context, api *operations.API, objects []operations.Object, states []recordStatus) error {
		statuses, err := api.Objects.Sync(ctx, operation, objects)
		setObjects(states, statuses)
		return err
	}
	splitJSON(text, p, func(raw []byte, line, column int) {
		object, err := decodeObject(raw)
		if err == nil {
			err = sendable(func(api *operations.API) error {
				return b.send(ctx, api, []operations.Object{object}, nil)
			})
		}
		if err != nil {
			p.addf(line, column, "%s", recordProblem(err))
		}
		b.add(object, line, objectName(&object))
	})
	if len(b.items) == 0 && len(p.list) == 0 {
		return nil, inputf("%s has no objects", p.name)
	}
	return b, p.err()
}

// splitJSON calls use with each value of an array, or of a text of values one after the
// other, and where it begins.
func splitJSON(text []byte, p *problems, use func(raw []byte, line, column int)) {
	dec := json.NewDecoder(bytes.NewReader(text))
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	isArray := bytes.HasPrefix(trimmed, []byte("["))
	if isArray {
		_, _ = dec.Token() // the bracket
	}
	for !isArray || dec.More() {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if !isArray && errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			jsonProblem(text, int(dec.InputOffset()), err, p)
			return
		}
		line, column := position(text, int(dec.InputOffset())-len(raw))
		use(raw, line, column)
	}
	if _, err := dec.Token(); err != nil {
		jsonProblem(text, int(dec.InputOffset()), err, p)
	} else if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		jsonProblem(text, int(dec.InputOffset()), errors.New("there is more after the array"), p)
	}
}

func jsonProblem(text []byte, at int, err error, p *problems) {
	for at < len(text) && strings.IndexByte(" \t\r\n,", text[at]) >= 0 {
		at++
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && int(syntax.Offset) > at {
		at = int(syntax.Offset) - 1
	}
	line, column := position(text, at)
	p.addf(line, column, "%v", jsonReason(err))
}

// position returns line and column of a byte.
func position(text []byte, at int) (line, column int) {
	before := text[:min(at, len(text))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

func decodeObject(raw []byte) (operations.Object, error) {
	var j objectJSON
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return operations.Object{}, jsonReason(err)
	}
	for _, t := range operations.ObjectTypes() {
		if j.Type == string(t) {
			return j.object(), nil
		}
	}
	return j.object(), fmt.Errorf("type: %q is none of %s", j.Type, wordList(operations.ObjectTypes()))
}

// sendable makes a call that goes nowhere, and returns why its request cannot be made.
func sendable(do func(api *operations.API) error) error {
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, _ gen.Message) error {
		if _, err := envelope.AppendRequest(nil, gen.V3_1, envelope.Header{}, in); err != nil {
			return err
		}
		return errNotSent
	})
	if err := do(operations.New(port)); !errors.Is(err, errNotSent) {
		return err
	}
	return nil
}

// recordProblem takes off the names of Go that an error of one record begins with.
func recordProblem(err error) string {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	_, field, _ := strings.Cut(argument.Field, ".")
	if field == "" {
		return argument.Err.Error()
	}
	return field + ": " + argument.Err.Error()
}

// objectName is what an object is found by, or else its name.
func objectName(o *operations.Object) string {
	name, _ := o.Attributes.Get("Name")
	return strings.TrimSpace(string(o.Type) + " " + cmp.Or(number(o.ID), keyText(o.ExternalKey), name))
}
