package operations

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
)

const (
	opGetCustomObjects    = "getCustomObjects"
	opSyncCustomObjects   = "syncCustomObjects"
	opDeleteCustomObjects = "deleteCustomObjects"
)

// MaxCustomObjects is the greatest number of records in a call of Sync, and on a page
// (Marketo SOAP API, syncCustomObjects and getCustomObjects).
const MaxCustomObjects = 100

// CustomObject is a record of a custom object type (WSDL: CustomObj). A type has 50
// fields of its own at most, and links to leads through one field.
type CustomObject struct {
	// Keys are the fields by which the record is found: of types made in the newer
	// administration pages the deduplication fields only.
	Keys Attributes
	// Attributes are all other fields, a link field that is not a deduplication field
	// included, in answers in the order of the type's definition.
	Attributes Attributes
}

// CustomObjectStatus is what became of one of the records of Sync or Delete.
type CustomObjectStatus struct {
	Index   int    // place of the record in the request, from 0
	Type    string // as it is defined, maybe in other letter case than asked for
	Keys    Attributes
	Outcome Outcome
	Err     error // has a *fault.SyncError with the reason and its code; nil if the record is as it was asked for
}

// CustomObjectOptions shape the pages of custom objects. A nil *CustomObjectOptions and the
// zero value mean: all fields, from the start, pages of the service's size. Options
// are copied by the call they are given to.
type CustomObjectOptions struct {
	// Fields are the names of the fields that are wanted; empty is all.
	Fields []string
	// BatchSize is the number of records to a page, 1 to MaxCustomObjects; a page may have
	// fewer. 0 leaves it to the service.
	BatchSize int
	// Start is where Pages and All begin, and Page where it is given a zero Cursor. It has to
	// come from the same type, keys and fields; BatchSize may differ.
	Start Cursor
}

// CustomObjects gets and changes records of custom object types. The names of types
// are taken in any letter case. Get it from [New].
type CustomObjects struct{ port gen.Port }

// Page returns the page of the records of a type that have all of the keys, at a
// cursor: the zero Cursor for the first page, then the Next of the page before. If there is
// no such record, the only page is empty.
//
// Errors: an *ArgumentError before anything is sent, for an empty name, no keys, options or a
// cursor that cannot be used; those of package fault.
//
// Wire: getCustomObjects. Read-only.
func (c *CustomObjects) Page(ctx context.Context, objectType string, keys Attributes, at Cursor, o *CustomObjectOptions) (Page[CustomObject], error) {
	q, err := c.query(objectType, keys, o)
	if err != nil {
		return Page[CustomObject]{}, err
	}
	return q.page(ctx, at)
}

// Pages returns an iterator over the pages of the records of a type that have all of the
// keys, from o.Start on. At least one page is yielded, maybe an empty one, and the
// last has More false. One call is made for each page, of at most MaxCustomObjects records.
//
// Errors: those of Page, as the last pair; a mistake in the arguments is the only
// pair. Also [ErrStalled], and the error of ctx, which is looked at before every call.
//
// Wire: getCustomObjects. Read-only.
func (c *CustomObjects) Pages(ctx context.Context, objectType string, keys Attributes, o *CustomObjectOptions) iter.Seq2[Page[CustomObject], error] {
	q, err := c.query(objectType, keys, o)
	if err != nil {
		return paging.Fail[Page[CustomObject]](err)
	}
	return q.pages(ctx)
}

// All returns an iterator over the records of a type that have all of the keys, from
// o.Start on. It yields what Pages yields, record by record, and has its errors.
//
// Wire: getCustomObjects. Read-only.
func (c *CustomObjects) All(ctx context.Context, objectType string, keys Attributes, o *CustomObjectOptions) iter.Seq2[CustomObject, error] {
	return items(c.Pages(ctx, objectType, keys, o))
}

func (c *CustomObjects) query(objectType string, keys Attributes, options *CustomObjectOptions) (*stream[CustomObject], error) {
	var o CustomObjectOptions
	if options != nil {
		o = *options
		o.Fields = slices.Clone(o.Fields)
	}
	keys = slices.Clone(keys)
	err := cmp.Or(checkPort(c.port), checkText("objectType", objectType), keys.checkKeys("keys"),
		checkTexts("CustomObjectOptions.Fields", o.Fields),
		checkBatchSize("CustomObjectOptions.BatchSize", o.BatchSize, MaxCustomObjects))
	if err != nil {
		return nil, opError(opGetCustomObjects, 0, err)
	}
	q := &stream[CustomObject]{op: opGetCustomObjects, fingerprint: o.fingerprint(objectType, keys), mark: markOf(c.port), start: o.Start}
	if err := q.check("CustomObjectOptions.Start", o.Start); err != nil {
		return nil, opError(q.op, 0, err)
	}
	q.fetch = func(ctx context.Context, at Cursor) (Page[CustomObject], error) {
		return c.fetch(ctx, o.request(objectType, keys, at), q.fingerprint)
	}
	return q, nil
}

// checkKeys wants at least one, each with a value.
func (a Attributes) checkKeys(field string) error {
	if err := cmp.Or(checkCount(field, len(a), 0, "key fields"), a.check(field)); err != nil {
		return err
	}
	for i := range a {
		if a[i].Value == "" {
			return &ArgumentError{index(field, i) + ".Value", errors.New("is empty; a key needs a value")}
		}
	}
	return nil
}

func (o *CustomObjectOptions) request(objectType string, keys Attributes, at Cursor) *gen.ParamsGetCustomObjects {
	return &gen.ParamsGetCustomObjects{
		ObjTypeName:      objectType,
		StreamPosition:   at.streamPosition(),
		BatchSize:        batchSize(o.BatchSize),
		CustomObjKeyList: keys.wire(),
		// Always sent: an empty list is how all fields are asked for.
		IncludeAttributes: &gen.ArrayOfString{StringItem: slices.Clone(o.Fields)},
	}
}

// fingerprint tells queries apart whose positions must not be mixed up.
func (o *CustomObjectOptions) fingerprint(objectType string, keys Attributes) uint64 {
	parts := []string{strings.ToLower(objectType), strconv.Itoa(len(keys))}
	for _, k := range keys {
		parts = append(parts, k.Name, k.Value)
	}
	return fingerprint(append(parts, set(o.Fields)...)...)
}

func (c *CustomObjects) fetch(ctx context.Context, in *gen.ParamsGetCustomObjects, fingerprint uint64) (Page[CustomObject], error) {
	result, err := call(ctx, opGetCustomObjects, c.port.GetCustomObjects, in,
		func(out *gen.SuccessGetCustomObjects) *gen.ResultGetCustomObjects { return out.Result })
	if err == nil {
		err = whole(result.ReturnCount, len(result.CustomObjList.Value.CustomObj))
	}
	if err != nil {
		return Page[CustomObject]{}, err
	}
	var objects []CustomObject
	for _, r := range result.CustomObjList.Value.CustomObj {
		objects = append(objects, CustomObject{
			Keys:       newAttributes(r.CustomObjKeyList.Value.Attribute),
			Attributes: newAttributes(r.CustomObjAttributeList.Value.Attribute),
		})
	}
	return newPage(objects, simplePosition(opGetCustomObjects, fingerprint, result.NewStreamPosition), result.RemainingCount), nil
}

// Sync creates or updates up to MaxCustomObjects records of a type. The answer has one
// status for each, in their order. A record that the service did not take, or skipped
// because of the operation, has Err set; the others are done nevertheless.
//
// Errors of the call: an *ArgumentError that names the record, as in objects[3].Keys, before
// anything is sent; those of package fault.
//
// Wire: syncCustomObjects. Not idempotent, unless it is an update or an upsert.
func (c *CustomObjects) Sync(ctx context.Context, objectType string, operation SyncOperation, objects []CustomObject) ([]CustomObjectStatus, error) {
	err := cmp.Or(checkPort(c.port), checkText("objectType", objectType), operation.check("operation"),
		checkCount("objects", len(objects), MaxCustomObjects, "records"), checkEach("objects", objects, CustomObject.check))
	if err != nil {
		return nil, opError(opSyncCustomObjects, 0, err)
	}
	list := make([]gen.CustomObj, len(objects))
	for i, o := range objects {
		list[i] = gen.CustomObj{CustomObjKeyList: o.Keys.wire(), CustomObjAttributeList: o.Attributes.wire()}
	}
	in := &gen.ParamsSyncCustomObjects{
		ObjTypeName:   objectType,
		CustomObjList: &gen.ArrayOfCustomObj{CustomObj: list},
		Operation:     gen.Some(gen.SyncOperationEnum(operation)),
	}
	statuses, err := call(ctx, opSyncCustomObjects, c.port.SyncCustomObjects, in, func(out *gen.SuccessSyncCustomObjects) *gen.ArrayOfSyncCustomObjStatus {
		if out.Result == nil {
			return nil
		}
		return out.Result.SyncCustomObjStatusList
	})
	if err != nil {
		return nil, err
	}
	answered := statuses.SyncCustomObjStatus
	differs := func(i int) error { return objects[i].Keys.differs(objectType, &answered[i]) }
	if err := matchEach(opSyncCustomObjects, in, len(answered), len(objects), differs); err != nil {
		return nil, err
	}
	return newCustomObjectStatuses(opSyncCustomObjects, operation, answered), nil
}

func (o CustomObject) check() error {
	return cmp.Or(o.Keys.checkKeys("CustomObject.Keys"), o.Attributes.check("CustomObject.Attributes"))
}

// Delete deletes records of a type, each named by all of its key fields. At most
// RecommendedBatch are advised. The answer has one status for each, in their order:
// OutcomeDeleted, OutcomeUnchanged or OutcomeFailed; Err is set for the last.
//
// Errors of the call: an *ArgumentError that names the record, as in keys[3], before
// anything is sent; those of package fault. Repeated, it reports
// as failed what is gone already: the schema has no other status for that.
//
// Wire: deleteCustomObjects. Not idempotent.
func (c *CustomObjects) Delete(ctx context.Context, objectType string, keys []Attributes, _ *DeleteOptions) ([]CustomObjectStatus, error) {
	err := cmp.Or(checkPort(c.port), checkText("objectType", objectType), checkCount("keys", len(keys), 0, "keys of records"))
	for i := 0; err == nil && i < len(keys); i++ {
		err = keys[i].checkKeys(index("keys", i))
	}
	if err != nil {
		return nil, opError(opDeleteCustomObjects, 0, err)
	}
	lists := make([]gen.ArrayOfAttribute, len(keys))
	for i, key := range keys {
		lists[i] = key.wireList()
	}
	in := &gen.ParamsDeleteCustomObjects{ObjTypeName: objectType, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: lists}}
	statuses, err := call(ctx, opDeleteCustomObjects, c.port.DeleteCustomObjects, in, func(out *gen.SuccessDeleteCustomObjects) *gen.ArrayOfSyncCustomObjStatus {
		if out.Result == nil {
			return nil
		}
		return out.Result.DeleteCustomObjStatusList
	})
	if err != nil {
		return nil, err
	}
	answered := statuses.SyncCustomObjStatus
	differs := func(i int) error { return keys[i].differs(objectType, &answered[i]) }
	if err := matchEach(opDeleteCustomObjects, in, len(answered), len(keys), differs); err != nil {
		return nil, err
	}
	return newCustomObjectStatuses(opDeleteCustomObjects, "", answered), nil
}

// newCustomObjectStatuses converts the statuses of an answer. Each record has an error of its own if its outcome is
// not what the operation asks for, since a call succeeds even if every record fails.
func newCustomObjectStatuses(op string, how SyncOperation, list []gen.SyncCustomObjStatus) []CustomObjectStatus {
	statuses := make([]CustomObjectStatus, len(list))
	for i, s := range list {
		outcome := Outcome(s.Status)
		statuses[i] = CustomObjectStatus{
			Index:   i,
			Type:    s.ObjTypeName,
			Keys:    newAttributes(s.CustomObjKeyList.Value.Attribute),
			Outcome: outcome,
			Err:     told{i, 0, outcome, s.Error.Or("")}.failure(op, done(op, how)),
		}
	}
	return statuses
}
