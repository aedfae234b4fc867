package soap

import (
	"context"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// ListMObjects names the types that describeMObject describes, always the same four.
func (s Service) ListMObjects(ctx context.Context, _ *gen.ParamsListMObjects) (*gen.SuccessListMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names := make([]string, len(objects.Types))
	for i := range objects.Types {
		names[i] = objects.Types[i].Name
	}
	return &gen.SuccessListMObjects{Result: &gen.ResultListMObjects{Objects: names}}, nil
}

// DescribeMObject returns the fields of a type of object, custom ones last.
func (s Service) DescribeMObject(ctx context.Context, in *gen.ParamsDescribeMObject) (*gen.SuccessDescribeMObject, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.ObjectName == "" {
		return nil, fault.New(fault.CodeParameterRequired, "objectName is missing")
	}
	i := slices.IndexFunc(objects.Types, func(t objects.Type) bool { return t.Name == in.ObjectName })
	if i < 0 {
		return nil, fault.Newf(fault.CodeBadParameter, "objectName %q is not a type that listMObjects lists", in.ObjectName)
	}
	defer s.View()()
	return &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: s.metadata(&objects.Types[i])}}, nil
}

// metadata describes a type: first its standard fields, then the custom ones of this instance. The caller holds the
// read lock for the latter.
func (s Service) metadata(t *objects.Type) *gen.MObjectMetadata {
	var list []gen.MObjFieldMetadata
	for _, f := range t.Fields {
		list = append(list, fieldMetadata(t, f, false))
	}
	for _, f := range s.Objects.CustomFields(t.Name) {
		list = append(list, fieldMetadata(t, f, true))
	}
	return &gen.MObjectMetadata{
		Name: t.Name, Description: gen.Some(t.Description), IsVirtual: t.Virtual,
		FieldList: &gen.ArrayOfMObjFieldMetadata{Field: list}, UpdatedAt: gen.NewDateTime(objects.TypesSince),
	}
}

// sizes of fields in bytes or characters; a type that is not listed has none.
var sizes = map[string]int32{"string": 255, "integer": 4, "float": 8, "currency": 8, "percent": 8, "boolean": 1}

// fieldMetadata describes one field. Neither types nor fields have a history here, so all are as old as TypesSince;
// that a fixed time stands there keeps answers equal from run to run.
func fieldMetadata(t *objects.Type, f record.Field, custom bool) gen.MObjFieldMetadata {
	size := gen.NilOf[int32]()
	if n, ok := sizes[f.DataType]; ok {
		size = gen.Some(n)
	}
	isID := strings.EqualFold(f.Name, "id")
	return gen.MObjFieldMetadata{
		Name: f.Name, Description: gen.Some(f.Name), DisplayName: gen.NilOf[string](),
		SourceObject: gen.Some(t.Name), DataType: f.DataType, Size: size,
		IsReadonly: isID || t.Name == "ActivityRecord", IsName: gen.Some(f.Name == "Name"), IsPrimaryKey: isID,
		IsCustom: custom, DynamicFieldRef: gen.NilOf[string](), UpdatedAt: gen.NewDateTime(objects.TypesSince),
	}
}
