package bridge

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
)

// activityFields are those of an activity record, which the REST API has no description of (Marketo
// SOAP API, describeMObject).
var activityFields = []rest.ObjectField{
	{Name: "id", DataType: "integer"},
	{Name: "activityDateTime", DataType: "dateTime"},
	{Name: "activityType", DataType: "string"},
	{Name: "mktgAssetName", DataType: "string"},
	{Name: "activityAttributes", DataType: "Array"},
	{Name: "campaign", DataType: "string"},
	{Name: "personName", DataType: "string"},
	{Name: "mktPersonId", DataType: "string"},
	{Name: "foreignSysId", DataType: "string"},
	{Name: "orgName", DataType: "string"},
	{Name: "foreignSysOrgId", DataType: "string"},
}

// DescribeMObject returns the fields of a type of object. Those of leads are the fields that leads have,
// by their names in the SOAP API.
//
// Lost: descriptions, what is dynamic, and which fields are custom. It costs one call a day and type.
func (b *Bridge) DescribeMObject(ctx context.Context, in *gen.ParamsDescribeMObject) (*gen.SuccessDescribeMObject, error) {
	return perform(ctx, b, "describeMObject", in, (*work).describeMObject)
}

func (w *work) describeMObject(in *gen.ParamsDescribeMObject) (*gen.SuccessDescribeMObject, error) {
	if in.ObjectName == "" {
		return nil, missing("objectName is missing")
	}
	if !slices.Contains(mObjects, in.ObjectName) {
		return nil, bad("objectName %.100q is not a type that listMObjects lists", in.ObjectName)
	}
	out := &gen.MObjectMetadata{Name: in.ObjectName, Description: gen.NilOf[string](), FieldList: new(gen.ArrayOfMObjFieldMetadata)}
	var err error
	switch in.ObjectName {
	case "ActivityRecord":
		w.describeActivities(out)
	case "LeadRecord":
		err = w.describeLeads(out)
	default:
		err = w.describeObjects(out)
	}
	if err != nil {
		return nil, err
	}
	return &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: out}}, nil
}

// metadata is a field with what the REST API does not tell left out.
func metadata(name, object, kind string, size int32, updated gen.DateTime) gen.MObjFieldMetadata {
	f := gen.MObjFieldMetadata{
		Name: clean(name), Description: gen.NilOf[string](), DisplayName: gen.NilOf[string](), SourceObject: gen.Some(object), DataType: clean(kind),
		Size: gen.NilOf[int32](), IsName: gen.Some(name == "Name" || name == elementEmail), DynamicFieldRef: gen.NilOf[string](), UpdatedAt: updated,
	}
	if size > 0 {
		f.Size = gen.Some(size)
	}
	return f
}

func (w *work) moment(t time.Time) gen.DateTime {
	return gen.NewDateTime(w.convert.Shown(t.Truncate(time.Second)))
}

func (w *work) describeActivities(out *gen.MObjectMetadata) {
	out.IsVirtual, out.UpdatedAt = true, w.moment(w.config.rest.Now())
	for _, f := range activityFields {
		one := metadata(f.Name, out.Name, f.DataType, 0, out.UpdatedAt)
		one.IsReadonly, one.IsPrimaryKey = true, f.Name == "id"
		out.FieldList.Field = append(out.FieldList.Field, one)
	}
}

func (w *work) describeLeads(out *gen.MObjectMetadata) error {
	fields, err := w.leadFields(nil)
	if err != nil {
		return err
	}
	out.IsVirtual, out.UpdatedAt = true, w.moment(w.config.rest.Now())
	for _, f := range fields.All() {
		if f.SOAP == "" {
			continue
		}
		object := typeLead
		if isCompanyField(f.REST) {
			object = typeCompany
		}
		one := metadata(f.SOAP, object, f.SOAPType(), int32(min(f.Length, math.MaxInt32)), out.UpdatedAt) //nolint:gosec // just bounded
		one.DisplayName = someText(clean(f.Label))
		one.IsReadonly, one.IsUpdateBlocked, one.IsPrimaryKey = f.SOAPReadOnly, f.SOAPReadOnly, f.REST == "id"
		out.FieldList.Field = append(out.FieldList.Field, one)
	}
	return nil
}

func (w *work) describeObjects(out *gen.MObjectMetadata) error {
	t, err := w.objectType(out.Name)
	if err != nil {
		return err
	}
	if out.UpdatedAt, err = w.dateTime(t.UpdatedAt); err != nil {
		out.UpdatedAt = w.moment(w.config.rest.Now())
	}
	for _, f := range t.Fields {
		one := metadata(soapName(t.name, f.Name), out.Name, f.DataType, f.Length, out.UpdatedAt)
		one.DisplayName = someText(clean(f.DisplayName))
		one.IsReadonly, one.IsUpdateBlocked, one.IsPrimaryKey = !f.Updateable, !f.Updateable, f.Name == t.IDField
		out.FieldList.Field = append(out.FieldList.Field, one)
	}
	return nil
}
