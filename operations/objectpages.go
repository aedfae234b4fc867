package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
)

const opGetMObjects = "getMObjects"

// Comparison is how a criterion compares (WSDL: ComparisonEnum).
type Comparison string

// The comparisons.
const (
	CompareEqual          Comparison = "EQ"
	CompareNotEqual       Comparison = "NE"
	CompareLess           Comparison = "LT"
	CompareLessOrEqual    Comparison = "LE"
	CompareGreater        Comparison = "GT"
	CompareGreaterOrEqual Comparison = "GE"
)

// Comparisons returns all comparisons, in the order of the schema.
func Comparisons() []Comparison {
	return []Comparison{CompareEqual, CompareNotEqual, CompareLess, CompareLessOrEqual, CompareGreater, CompareGreaterOrEqual}
}

// Criterion is a condition on a field of an object. Documented for Attribute are Name,
// Role, Type, Stage, CRM Id, Created At, Updated At, Tag Type (once only), Tag Value,
// Workspace Name, Workspace Id, Include Archive and, for programs, Id.
type Criterion struct {
	Attribute  string
	Comparison Comparison
	Value      string // text, number or time
}

// ObjectOptions choose objects of a type; what is given together must all hold. A nil
// *ObjectOptions and the zero value mean: all objects of the type, from the start. Options are
// copied by the call they are given to.
type ObjectOptions struct {
	// ID and ExternalKey ask for one object; one of the two at most may be given.
	ID          int64
	ExternalKey ExternalKey
	Criteria    []Criterion
	// Associations ask for objects that belong to others.
	Associations []Association
	// Details asks for all attributes; of programs only.
	Details bool
	// Start is where Pages and All begin, and Page where it is given a zero Cursor. It has to
	// come from the same type and options.
	Start Cursor
}

// Page returns the page of the objects of a type at a cursor: the zero Cursor for the first
// page, then the Next of the page before. A page has up to 100 objects; if none
// matches, the only page is empty. Remaining is 1 where more follow: the service does not count them.
//
// Errors: an *ArgumentError before anything is sent, for a type, options or a cursor
// that cannot be used; those of package fault; a *RecordError inside a
// *fault.DecodeError if a time of an object cannot be read.
//
// Wire: getMObjects. Read-only.
func (o *Objects) Page(ctx context.Context, t ObjectType, at Cursor, options *ObjectOptions) (Page[Object], error) {
	q, err := o.query(t, options)
	if err != nil {
		return Page[Object]{}, err
	}
	return q.page(ctx, at)
}

// Pages returns an iterator over the pages of the objects of a type, from
// options.Start on. At least one page is yielded, maybe an empty one, and the last has
// More false. One call is made for each page, of up to 100 objects.
//
// Errors: those of Page, as the last pair; a mistake in the arguments is the only
// pair. Also [ErrStalled], and the error of ctx, which is looked at before every call.
//
// Wire: getMObjects. Read-only.
func (o *Objects) Pages(ctx context.Context, t ObjectType, options *ObjectOptions) iter.Seq2[Page[Object], error] {
	q, err := o.query(t, options)
	if err != nil {
		return paging.Fail[Page[Object]](err)
	}
	return q.pages(ctx)
}

// All returns an iterator over the objects of a type, from options.Start on. It yields
// what Pages yields, object by object, and has its errors.
//
// Wire: getMObjects. Read-only.
func (o *Objects) All(ctx context.Context, t ObjectType, options *ObjectOptions) iter.Seq2[Object, error] {
	return items(o.Pages(ctx, t, options))
}

// query checks the arguments and returns the stream of pages that they ask for, as that of Activities does.
func (o *Objects) query(t ObjectType, given *ObjectOptions) (*stream[Object], error) {
	var options ObjectOptions
	if given != nil {
		options = *given
		options.Criteria, options.Associations = slices.Clone(given.Criteria), slices.Clone(given.Associations)
	}
	if err := cmp.Or(checkPort(o.port), t.check("ObjectType"), options.validate(t)); err != nil {
		return nil, opError(opGetMObjects, 0, err)
	}
	q := &stream[Object]{op: opGetMObjects, fingerprint: options.fingerprint(t), mark: markOf(o.port), start: options.Start}
	if err := q.check("ObjectOptions.Start", options.Start); err != nil {
		return nil, opError(q.op, 0, err)
	}
	q.fetch = func(ctx context.Context, at Cursor) (Page[Object], error) {
		return o.fetch(ctx, options.request(t, at), q.fingerprint)
	}
	return q, nil
}

func (o *ObjectOptions) validate(t ObjectType) error {
	switch {
	case o.ID != 0 && !o.ExternalKey.IsZero():
		return &ArgumentError{"ObjectOptions.ExternalKey", errors.New("is given together with ID; the service takes at most one of them")}
	case o.Details && t != ObjectProgram:
		return &ArgumentError{"ObjectOptions.Details", fmt.Errorf("is given for %s; only programs have details", t)}
	}
	return cmp.Or(checkOptionalID("ObjectOptions.ID", o.ID), o.ExternalKey.check("ObjectOptions.ExternalKey"),
		o.checkCriteria(), checkEach("ObjectOptions.Associations", o.Associations, Association.check))
}

func (o *ObjectOptions) checkCriteria() error {
	tagTypes := 0
	for i, c := range o.Criteria {
		field := index("ObjectOptions.Criteria", i)
		if c.Attribute == "Tag Type" {
			tagTypes++
		}
		if tagTypes > 1 {
			return &ArgumentError{field + ".Attribute", errors.New("is Tag Type for the second time; the service takes one")}
		}
		err := cmp.Or(checkText(field+".Attribute", c.Attribute), checkChoice(field+".Comparison", c.Comparison, Comparisons()))
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *ObjectOptions) request(t ObjectType, at Cursor) *gen.ParamsGetMObjects {
	in := &gen.ParamsGetMObjects{
		Type:                string(t),
		Id:                  optionalID(o.ID),
		ExternalKey:         o.ExternalKey.wire(),
		MObjAssociationList: wireAssociations(o.Associations),
		IncludeDetails:      optional(o.Details),
		StreamPosition:      at.streamPosition(),
	}
	if len(o.Criteria) > 0 {
		in.MObjCriteriaList.State = gen.Present
	}
	for _, c := range o.Criteria {
		in.MObjCriteriaList.Value.MObjCriteria = append(in.MObjCriteriaList.Value.MObjCriteria,
			gen.MObjCriteria{AttrName: c.Attribute, Comparison: gen.ComparisonEnum(c.Comparison), AttrValue: c.Value})
	}
	return in
}

// fingerprint tells queries apart whose positions must not be mixed up.
func (o *ObjectOptions) fingerprint(t ObjectType) uint64 {
	parts := []string{string(t), strconv.FormatInt(o.ID, 10), o.ExternalKey.Name, o.ExternalKey.Value,
		strconv.FormatBool(o.Details), strconv.Itoa(len(o.Criteria))}
	for _, c := range o.Criteria {
		parts = append(parts, c.Attribute, string(c.Comparison), c.Value)
	}
	for _, a := range o.Associations {
		parts = append(parts, string(a.Type), strconv.FormatInt(a.ID, 10), a.ExternalKey.Name, a.ExternalKey.Value)
	}
	return fingerprint(parts...)
}

// fetch makes one call and converts the page. The service does not count the objects that remain but says whether
// there are more, which becomes a Remaining of 1 or 0.
func (o *Objects) fetch(ctx context.Context, in *gen.ParamsGetMObjects, fingerprint uint64) (Page[Object], error) {
	result, err := call(ctx, opGetMObjects, o.port.GetMObjects, in,
		func(out *gen.SuccessGetMObjects) *gen.ResultGetMObjects { return out.Result })
	if err == nil {
		err = whole(result.ReturnCount, len(result.MObjectList.Value.MObject))
	}
	if err != nil {
		return Page[Object]{}, err
	}
	objects, err := convertObjects(result.MObjectList.Value.MObject)
	if err != nil {
		return Page[Object]{}, unreadable(err)
	}
	remaining := int32(0)
	if result.HasMore {
		remaining = 1
	}
	return newPage(objects, simplePosition(opGetMObjects, fingerprint, result.NewStreamPosition), remaining), nil
}
