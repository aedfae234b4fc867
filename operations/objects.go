package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/gen"
)

const (
	opListMObjects    = "listMObjects"
	opDescribeMObject = "describeMObject"
)

// ObjectType is a type of Marketo object that can be got and, with limits, written
// (Marketo SOAP API, getMObjects).
type ObjectType string

// The types of object.
const (
	ObjectOpportunity ObjectType = "Opportunity"
	// ObjectOpportunityPersonRole is the role of a person in an opportunity.
	ObjectOpportunityPersonRole ObjectType = "OpportunityPersonRole"
	// ObjectProgram can be updated, but neither created nor deleted.
	ObjectProgram ObjectType = "Program"
)

// ObjectTypes returns all types of object.
func ObjectTypes() []ObjectType {
	return []ObjectType{ObjectOpportunity, ObjectOpportunityPersonRole, ObjectProgram}
}

// AssociationType is a type of object that others belong to.
type AssociationType string

// The types of association.
const (
	AssociationCompany     AssociationType = "Company"
	AssociationLead        AssociationType = "Lead"
	AssociationOpportunity AssociationType = "Opportunity"
)

// AssociationTypes returns all types of association.
func AssociationTypes() []AssociationType {
	return []AssociationType{AssociationCompany, AssociationLead, AssociationOpportunity}
}

// ExternalKey is the name and the value of a field that holds an id of another
// system. Values are not checked for uniqueness: the latest object counts. The zero
// ExternalKey is none.
type ExternalKey struct{ Name, Value string }

// IsZero reports whether k is none.
func (k ExternalKey) IsZero() bool { return k == ExternalKey{} }

// Association names an object that another one belongs to: an opportunity to a company, a
// role to an opportunity and a lead. Either ID or ExternalKey is given.
type Association struct {
	Type        AssociationType
	ID          int64 // Marketo id
	ExternalKey ExternalKey
}

// AttributeGroup is a group of values of a program. Type is Tag (with Type, Value), Token
// (Name, Value) or Cost (Id, Month such as 2013-06, Amount, Note); it repeats, once for
// each group.
type AttributeGroup struct {
	Type       string
	Attributes Attributes
}

// Object is a program, an opportunity or the role of a person in one (WSDL: MObject).
// What has no value is zero.
type Object struct {
	Type        ObjectType
	ID          int64 // Marketo id; 0 is none
	ExternalKey ExternalKey
	// CreatedAt and UpdatedAt are given by answers, and not sent.
	CreatedAt, UpdatedAt time.Time
	// Attributes are the fields, such as Name, Stage or Amount. Their Type is neither
	// given nor sent.
	Attributes   Attributes
	Groups       []AttributeGroup
	Associations []Association
}

// ObjectDescription describes a type of object (WSDL: MObjectMetadata).
type ObjectDescription struct {
	Name        string
	Description string
	IsCustom    bool // not built in
	IsVirtual   bool // composed: ActivityRecord, LeadRecord
	Fields      []FieldDescription
	UpdatedAt   time.Time
}

// FieldDescription describes a field of an object (WSDL: MObjFieldMetadata). What the
// service leaves out or gives as nil is zero.
type FieldDescription struct {
	Name            string
	Description     string
	DisplayName     string
	SourceObject    string
	DataType        string // such as integer, string, dateTime or Array
	Size            *int   // greatest length; nil for types without one
	IsReadOnly      bool
	IsUpdateBlocked bool
	IsName          bool
	IsPrimaryKey    bool
	IsCustom        bool
	IsDynamic       bool
	DynamicFieldRef string
	UpdatedAt       time.Time
}

// Objects describes, gets and changes programs, opportunities and roles. Get it from
// [New].
type Objects struct{ port gen.Port }

// Types returns the names that Describe takes; none is an empty slice. Program, which
// Page takes, is not among them.
//
// Errors: those of package fault.
//
// Wire: listMObjects. Read-only.
func (o *Objects) Types(ctx context.Context) ([]string, error) {
	if err := checkPort(o.port); err != nil {
		return nil, opError(opListMObjects, 0, err)
	}
	result, err := call(ctx, opListMObjects, o.port.ListMObjects, &gen.ParamsListMObjects{},
		func(out *gen.SuccessListMObjects) *gen.ResultListMObjects { return out.Result })
	if err != nil {
		return nil, err
	}
	return append([]string{}, result.Objects...), nil
}

// Describe returns the fields of a type of object: one of the names that Types returns.
//
// Errors: an *ArgumentError before anything is sent, for an empty name; those of
// package fault, such as fault.ErrInvalid for an unknown one; a *RecordError inside a
// *fault.DecodeError if a time cannot be read.
//
// Wire: describeMObject. Read-only.
func (o *Objects) Describe(ctx context.Context, name string) (ObjectDescription, error) {
	if err := cmp.Or(checkPort(o.port), checkText("name", name)); err != nil {
		return ObjectDescription{}, opError(opDescribeMObject, 0, err)
	}
	metadata, err := call(ctx, opDescribeMObject, o.port.DescribeMObject, &gen.ParamsDescribeMObject{ObjectName: name},
		func(out *gen.SuccessDescribeMObject) *gen.MObjectMetadata {
			if out.Result == nil {
				return nil
			}
			return out.Result.Metadata
		})
	if err != nil {
		return ObjectDescription{}, err
	}
	d, err := newObjectDescription(metadata)
	if err != nil {
		return ObjectDescription{}, opError(opDescribeMObject, 1, unreadable(err))
	}
	return d, nil
}

func newObjectDescription(m *gen.MObjectMetadata) (ObjectDescription, error) {
	d := ObjectDescription{Name: m.Name, Description: m.Description.Or(""), IsCustom: m.IsCustom, IsVirtual: m.IsVirtual}
	var err error
	if d.UpdatedAt, err = readOptionalTime(0, "updatedAt", gen.Some(m.UpdatedAt)); err != nil || m.FieldList == nil {
		return d, err
	}
	d.Fields = make([]FieldDescription, len(m.FieldList.Field))
	for i := range m.FieldList.Field {
		if d.Fields[i], err = newFieldDescription(i, &m.FieldList.Field[i]); err != nil {
			return d, err
		}
	}
	return d, nil
}

func newFieldDescription(i int, f *gen.MObjFieldMetadata) (FieldDescription, error) {
	updated, err := readOptionalTime(i, "updatedAt", gen.Some(f.UpdatedAt))
	return FieldDescription{
		Name:            f.Name,
		Description:     f.Description.Or(""),
		DisplayName:     f.DisplayName.Or(""),
		SourceObject:    f.SourceObject.Or(""),
		DataType:        f.DataType,
		Size:            number(f.Size),
		IsReadOnly:      f.IsReadonly,
		IsUpdateBlocked: f.IsUpdateBlocked,
		IsName:          f.IsName.Or(false),
		IsPrimaryKey:    f.IsPrimaryKey,
		IsCustom:        f.IsCustom,
		IsDynamic:       f.IsDynamic,
		DynamicFieldRef: f.DynamicFieldRef.Or(""),
		UpdatedAt:       updated,
	}, err
}

// check wants both parts or none.
func (k ExternalKey) check(field string) error {
	switch {
	case k.Name == "" && k.Value != "":
		return &ArgumentError{field + ".Name", errors.New("is empty; name the field that holds the value")}
	case k.Name != "" && k.Value == "":
		return &ArgumentError{field + ".Value", errors.New("is empty; give the value of the field")}
	}
	return nil
}

func (k ExternalKey) wire() gen.Opt[gen.Attrib] { return optional(gen.Attrib(k)) }

// check checks that an association names its object in exactly one way, by id or by external key.
func (a Association) check() error {
	err := cmp.Or(checkChoice("Association.Type", a.Type, AssociationTypes()),
		checkOptionalID("Association.ID", a.ID), a.ExternalKey.check("Association.ExternalKey"))
	switch {
	case err != nil:
		return err
	case a.ID == 0 && a.ExternalKey.IsZero():
		return &ArgumentError{"Association.ID", errors.New("is missing, and so is ExternalKey; give one of them")}
	case a.ID != 0 && !a.ExternalKey.IsZero():
		return &ArgumentError{"Association.ExternalKey", errors.New("is given together with ID; give one of them")}
	}
	return nil
}

// wireAssociations is absent when there are none.
func wireAssociations(in []Association) gen.Opt[gen.ArrayOfMObjAssociation] {
	if len(in) == 0 {
		return gen.Opt[gen.ArrayOfMObjAssociation]{}
	}
	list := make([]gen.MObjAssociation, len(in))
	for i, a := range in {
		list[i] = gen.MObjAssociation{MObjType: string(a.Type), Id: optionalID(a.ID), ExternalKey: a.ExternalKey.wire()}
	}
	return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: list})
}

func convertObjects(in []gen.MObject) ([]Object, error) {
	if len(in) == 0 {
		return nil, nil
	}
	objects := make([]Object, len(in))
	for i := range in {
		created, err1 := readOptionalTime(i, "createdAt", in[i].CreatedAt)
		updated, err2 := readOptionalTime(i, "updatedAt", in[i].UpdatedAt)
		if err := cmp.Or(err1, err2); err != nil {
			return nil, err
		}
		objects[i] = newObject(&in[i])
		objects[i].CreatedAt, objects[i].UpdatedAt = created, updated
	}
	return objects, nil
}

func newObject(in *gen.MObject) Object {
	o := Object{
		Type:        ObjectType(in.Type),
		ID:          int64(in.Id.Or(0)),
		ExternalKey: ExternalKey(in.ExternalKey.Or(gen.Attrib{})),
		Attributes:  attribsOf(in.AttribList),
	}
	for _, g := range in.TypeAttribList.Value.TypeAttrib {
		o.Groups = append(o.Groups, AttributeGroup{g.AttrType, attribsOf(g.AttrList)})
	}
	for _, a := range in.AssociationList.Value.MObjAssociation {
		o.Associations = append(o.Associations, Association{
			AssociationType(a.MObjType), int64(a.Id.Or(0)), ExternalKey(a.ExternalKey.Or(gen.Attrib{})),
		})
	}
	return o
}

func (o *Object) wire() gen.MObject {
	out := gen.MObject{
		Type:            string(o.Type),
		Id:              optionalID(o.ID),
		ExternalKey:     o.ExternalKey.wire(),
		AttribList:      o.Attributes.attribs(),
		AssociationList: wireAssociations(o.Associations),
	}
	if len(o.Groups) > 0 {
		out.TypeAttribList.State = gen.Present
	}
	for _, g := range o.Groups {
		group := gen.TypeAttrib{AttrType: g.Type, AttrList: g.Attributes.attribs()}
		out.TypeAttribList.Value.TypeAttrib = append(out.TypeAttribList.Value.TypeAttrib, group)
	}
	return out
}

// check wants one of the types, which the schema leaves open.
func (t ObjectType) check(field string) error {
	if t == "" {
		return &ArgumentError{field, fmt.Errorf("is empty; it is one of %q", ObjectTypes())}
	}
	return checkChoice(field, t, ObjectTypes())
}
