package bridge

import (
	"context"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/internal/safety"
)

// maxObjects is the greatest page of objects, and the most that a request writes (Marketo SOAP API,
// getMObjects and getCustomObjects).
const maxObjects = 100

// linkName is the name that the SOAP API had for the field that links an object to its lead.
const linkName = "MKTOID"

// customType is a type of custom object as the instance describes it.
type customType struct {
	*rest.ObjectType

	kind rest.ObjectKind
	name string // as answers spell it
	link string // the field that links to leads; empty: none
}

// customType finds a type by its name, in any letter case.
func (w *work) customType(name string) (*customType, error) {
	if name == "" {
		return nil, missing("objTypeName is missing")
	}
	types, err := w.catalog.customTypes(w, false)
	if err != nil {
		return nil, err
	}
	find := func() int {
		return slices.IndexFunc(types, func(t rest.ObjectType) bool {
			return strings.EqualFold(t.Name, name) || strings.EqualFold(t.APIName, name) || strings.EqualFold(t.DisplayName, name)
		})
	}
	i := find()
	if i < 0 {
		if types, err = w.catalog.customTypes(w, true); err != nil {
			return nil, err
		}
		if i = find(); i < 0 {
			return nil, bad("objTypeName %.100q is not a custom object of this instance", name)
		}
	}
	api := types[i].Name
	if api == "" {
		api = types[i].APIName
	}
	kind := rest.Custom(api)
	described, err := w.catalog.object(w, "custom "+api, kind)
	if err != nil {
		return nil, err
	}
	t := &customType{ObjectType: described, kind: kind, name: clean(api)}
	for _, r := range described.Relationships {
		for _, to := range []*rest.Related{r.RelatedTo, r.Object} {
			if to != nil && strings.EqualFold(to.Name, "Lead") && strings.EqualFold(to.Field, "id") {
				t.link = r.Field
			}
		}
	}
	return t, nil
}

// field returns the name of a field, which may be given in any letter case; MKTOID is the link to the
// lead.
func (t *customType) field(name string) (*rest.ObjectField, bool) {
	name = strings.TrimSpace(name)
	if strings.EqualFold(name, linkName) && t.link != "" {
		name = t.link
	}
	for i := range t.Fields {
		if strings.EqualFold(t.Fields[i].Name, name) {
			return &t.Fields[i], true
		}
	}
	return nil, false
}

// isSystemField reports whether a field is the service's own, which the SOAP API did not show.
func (t *customType) isSystemField(name string) bool {
	return name == t.IDField || name == "marketoGUID" || name == "createdAt" || name == "updatedAt" || name == "seq"
}

func (t *customType) isKey(name string) bool { return containsFold(t.DedupeFields, name) }

// GetCustomObjects returns a page of the records of a type of custom object, 100 at most.
//
// Lost: a key has to be a field that the REST API finds records by; others are compared here.
// remainingCount is 1 while more records follow, whatever their number is. It costs a call for each
// page.
func (b *Bridge) GetCustomObjects(ctx context.Context, in *gen.ParamsGetCustomObjects) (*gen.SuccessGetCustomObjects, error) {
	return perform(ctx, b, "getCustomObjects", in, (*work).getCustomObjects)
}

func (w *work) getCustomObjects(in *gen.ParamsGetCustomObjects) (*gen.SuccessGetCustomObjects, error) {
	t, err := w.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	keys, err := t.readKeys(in.CustomObjKeyList.Value.Attribute)
	if err != nil {
		return nil, err
	}
	fields, err := t.included(in.IncludeAttributes)
	if err != nil {
		return nil, err
	}
	size := maxObjects
	if n := int(in.BatchSize.Or(0)); n > 0 && n < size {
		size = n
	}
	at, err := w.open(in.StreamPosition.Or(""), question(t.name, keys))
	if err != nil {
		return nil, err
	}
	records, more, err := w.findCustom(t, keys, fields, rest.Page{Size: size, Token: at.Token}, &at)
	if err != nil {
		return nil, err
	}
	return w.customAnswer(t, fields, records, at, more)
}

// customKey is a value that records have to have in a field.
type customKey struct{ Name, Value string }

// readKeys reads a list of keys.
func (t *customType) readKeys(list []gen.Attribute) ([]customKey, error) {
	if len(list) == 0 {
		return nil, missing("customObjKeyList is missing or empty")
	}
	keys := make([]customKey, len(list))
	for i, a := range list {
		f, known := t.field(a.AttrName)
		if !known {
			return nil, bad("customObjKeyList: %s has no field %.100q", t.name, a.AttrName)
		}
		keys[i] = customKey{f.Name, a.AttrValue}
	}
	return keys, nil
}

// included returns the fields that are asked for, keys first; none means all.
func (t *customType) included(list *gen.ArrayOfString) ([]string, error) {
	fields := slices.Clone(t.DedupeFields)
	add := func(name string) {
		if !containsFold(fields, name) && !t.isSystemField(name) {
			fields = append(fields, name)
		}
	}
	if list == nil || len(list.StringItem) == 0 {
		for _, f := range t.Fields {
			add(f.Name)
		}
		return fields, nil
	}
	for _, name := range list.StringItem {
		f, known := t.field(name)
		if !known {
			return nil, bad("includeAttributes: %s has no field %.100q", t.name, name)
		}
		add(f.Name)
	}
	return fields, nil
}

// findCustom reads a page of the records that have all keys. A page can be shorter than wanted where
// keys are compared here; one that is empty leads to the next.
func (w *work) findCustom(t *customType, keys []customKey, fields []string, page rest.Page, at *position.Position) (found []rest.Record, more bool, err error) {
	ask := slices.Clone(fields)
	for _, key := range keys {
		if !containsFold(ask, key.Name) {
			ask = append(ask, key.Name)
		}
	}
	fetch, err := w.customQuery(t, keys, ask)
	if err != nil {
		return nil, false, err
	}
	until := w.timeForPage()
	for {
		a, err := fetch(page)
		if err != nil {
			return nil, false, err
		}
		for _, r := range a.Records {
			if holds(r, keys) {
				found = append(found, r)
			}
		}
		page.Token, at.Token, more = a.Next, a.Next, a.More
		if len(found) > 0 || !more || w.over(until) {
			return found, more, nil
		}
	}
}

// customQuery returns how records are asked for: by all dedupe fields at once, or by one field that the
// REST API finds them by.
func (w *work) customQuery(t *customType, keys []customKey, fields []string) (func(rest.Page) (*rest.Answer[rest.Record], error), error) {
	if isWholeKey(t.DedupeFields, keys) && len(keys) > 1 {
		var key rest.Object
		for _, k := range keys {
			f, _ := t.field(k.Name)
			key = append(key, rest.Member{Name: k.Name, Value: w.restValue(k.Value, f.DataType)})
		}
		return func(page rest.Page) (*rest.Answer[rest.Record], error) {
			return w.rest.ObjectsByKeys(w, t.kind, rest.ObjectKeys{Keys: []rest.Object{key}, Fields: fields, Page: page})
		}, nil
	}
	for _, k := range keys {
		if searchable(t.ObjectType, k.Name) && strings.Trim(k.Value, ", ") == "" {
			return func(rest.Page) (*rest.Answer[rest.Record], error) { return new(rest.Answer[rest.Record]), nil }, nil // no value at all
		}
		if searchable(t.ObjectType, k.Name) {
			return func(page rest.Page) (*rest.Answer[rest.Record], error) {
				return w.rest.ObjectsByFilter(w, t.kind, rest.ObjectFilter{Field: k.Name, Values: []string{k.Value}, Fields: fields, Page: page})
			}, nil
		}
	}
	return nil, bad("customObjKeyList: the REST API finds records of %s by %s alone, not by %.100q", t.name, searchableNames(t.ObjectType), keys[0].Name)
}

// isWholeKey reports whether keys are just the dedupe fields.
func isWholeKey(dedupe []string, keys []customKey) bool {
	return len(keys) == len(dedupe) && !slices.ContainsFunc(keys, func(k customKey) bool { return !containsFold(dedupe, k.Name) })
}

// searchable reports whether records are found by one field.
func searchable(t *rest.ObjectType, name string) bool {
	return slices.ContainsFunc(t.Searchable, func(fields []string) bool { return len(fields) == 1 && strings.EqualFold(fields[0], name) })
}

// searchableNames returns what records are found by, in words.
func searchableNames(t *rest.ObjectType) string {
	var names []string
	for _, fields := range t.Searchable {
		names = append(names, strings.Join(fields, " and "))
	}
	return strings.Join(names, ", ")
}

// holds reports whether a record has all keys. Links to leads may come as texts of digits.
func holds(r rest.Record, keys []customKey) bool {
	return !slices.ContainsFunc(keys, func(k customKey) bool { return !strings.EqualFold(r.Get(k.Name).Text, k.Value) })
}

func (w *work) customAnswer(t *customType, fields []string, records []rest.Record, at position.Position, more bool) (*gen.SuccessGetCustomObjects, error) {
	list := make([]gen.CustomObj, len(records))
	for i, r := range records {
		list[i] = w.customObj(t, fields, r)
	}
	out := &gen.ResultGetCustomObjects{ObjTypeName: t.name, ReturnCount: int32(len(list)), CustomObjList: gen.NilOf[gen.ArrayOfCustomObj]()} //nolint:gosec // at most a page
	if len(list) > 0 {
		out.CustomObjList = gen.Some(gen.ArrayOfCustomObj{CustomObj: list})
	}
	if more {
		out.RemainingCount = 1
	}
	text, err := w.seal(at, more)
	if err != nil {
		return nil, err
	}
	out.NewStreamPosition = text
	return &gen.SuccessGetCustomObjects{Result: out}, nil
}

// customObj returns a record as the SOAP API shows it: keys apart, fields without a value left out.
func (w *work) customObj(t *customType, fields []string, r rest.Record) gen.CustomObj {
	shown := gen.CustomObj{CustomObjKeyList: gen.NilOf[gen.ArrayOfAttribute](), CustomObjAttributeList: gen.NilOf[gen.ArrayOfAttribute]()}
	var keys, attributes []gen.Attribute
	for _, name := range fields {
		v := r.Get(name)
		if v.Text == "" {
			continue
		}
		kind := ""
		if f, known := t.field(name); known {
			kind = f.DataType
		}
		a := gen.Attribute{AttrName: clean(name), AttrType: gen.NilOf[string](), AttrValue: w.soapText(v, kind)}
		if t.isKey(name) {
			keys = append(keys, a)
		} else {
			attributes = append(attributes, a)
		}
	}
	if len(keys) > 0 {
		shown.CustomObjKeyList = gen.Some(gen.ArrayOfAttribute{Attribute: keys})
	}
	if len(attributes) > 0 {
		shown.CustomObjAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: attributes})
	}
	return shown
}

// SyncCustomObjects inserts or updates records of a type of custom object.
//
// Lost: a request without an operation is an UPSERT, as the REST API has it. A record that is left alone
// has the status FAILED, for the schema of the SOAP API has no other. It costs one call.
func (b *Bridge) SyncCustomObjects(ctx context.Context, in *gen.ParamsSyncCustomObjects) (*gen.SuccessSyncCustomObjects, error) {
	return perform(ctx, b, "syncCustomObjects", in, (*work).syncCustomObjects)
}

// syncActions are the actions for the operations of writes.
var syncActions = map[gen.SyncOperationEnum]string{
	gen.SyncOperationEnumINSERT: rest.CreateOnly, gen.SyncOperationEnumUPDATE: rest.UpdateOnly, gen.SyncOperationEnumUPSERT: rest.CreateOrUpdate,
}

func checkSyncOperation(op gen.SyncOperationEnum) error {
	switch {
	case op == "":
		return missing("operation is missing")
	case !op.Valid():
		return bad("operation %.40q is not INSERT, UPDATE or UPSERT", op)
	}
	return nil
}

func (w *work) syncCustomObjects(in *gen.ParamsSyncCustomObjects) (*gen.SuccessSyncCustomObjects, error) {
	t, err := w.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	switch {
	case in.CustomObjList == nil || len(in.CustomObjList.CustomObj) == 0:
		return nil, missing("customObjList is missing or empty")
	case len(in.CustomObjList.CustomObj) > maxObjects:
		return nil, bad("customObjList has %d records: at most %d are allowed", len(in.CustomObjList.CustomObj), maxObjects)
	}
	op := in.Operation.Or(gen.SyncOperationEnumUPSERT)
	if err := checkSyncOperation(op); err != nil {
		return nil, err
	}
	given := in.CustomObjList.CustomObj
	list := make([]gen.SyncCustomObjStatus, len(given))
	var objects []objectWrite
	for i := range given {
		keys := given[i].CustomObjKeyList.Value.Attribute
		list[i] = t.status(keys)
		object, err := w.customRecord(t, keys, given[i].CustomObjAttributeList.Value.Attribute)
		if err != nil {
			failCustom(&list[i], err)
			continue
		}
		objects = append(objects, objectWrite{i, object})
	}
	err = w.writeObjects(objects, t.DedupeFields, wordsOfSync, func(batch []rest.Object) (*rest.Answer[rest.Outcome], error) {
		return w.rest.SyncObjects(w, t.kind, syncActions[op], batch, safety.Of(w.operation, in))
	}, func(place int, o *rest.Outcome, err error) {
		if err != nil {
			failCustom(&list[place], err)
			return
		}
		list[place].Status = gen.SyncStatusEnum(strings.ToUpper(o.Status))
	})
	if err != nil {
		return nil, err
	}
	return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{
		SyncCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}

// status is the answer for one record, with its keys as answers show them.
func (t *customType) status(keys []gen.Attribute) gen.SyncCustomObjStatus {
	out := gen.SyncCustomObjStatus{ObjTypeName: t.name, CustomObjKeyList: gen.NilOf[gen.ArrayOfAttribute](), Error: gen.NilOf[string]()}
	if len(keys) == 0 {
		return out
	}
	shown := slices.Clone(keys)
	for i := range shown {
		shown[i].AttrType = gen.NilOf[string]()
		if f, known := t.field(shown[i].AttrName); known && !strings.EqualFold(shown[i].AttrName, linkName) {
			shown[i].AttrName = clean(f.Name)
		}
	}
	out.CustomObjKeyList = gen.Some(gen.ArrayOfAttribute{Attribute: shown})
	return out
}

func failCustom(status *gen.SyncCustomObjStatus, err error) {
	status.Status, status.Error = gen.SyncStatusEnumFAILED, gen.Some(clean(textOf(err)))
}

// textOf returns the text of a fault that stands in the status of a record.
func textOf(err error) string {
	if f := faultOf(err); f != nil {
		return f.Message
	}
	return err.Error()
}

// customRecord returns a record to write. Keys are dedupe fields alone, since the service would take a record
// whatever it has in others, and the link to the lead, which programs give beside them; and an attribute does not
// take the place of a key.
func (w *work) customRecord(t *customType, keys, attributes []gen.Attribute) (rest.Object, error) {
	var object rest.Object
	for i, a := range slices.Concat(keys, attributes) {
		f, known := t.field(a.AttrName)
		switch {
		case !known:
			return nil, fault.Newf(fault.CodeBadParameter, "%s has no field %.100q", t.name, a.AttrName)
		case i < len(keys) && !t.isKey(f.Name) && f.Name != t.link:
			return nil, t.noKey(a.AttrName)
		case i >= len(keys) && t.isKey(f.Name) && object.Has(f.Name):
			return nil, fault.Newf(fault.CodeBadParameter, "%.100q is part of the key, and stands among the attributes too", a.AttrName)
		}
		object = append(object.Without(func(name string) bool { return name == f.Name }), rest.Member{Name: f.Name, Value: w.restValue(a.AttrValue, f.DataType)})
	}
	for _, name := range t.DedupeFields {
		if !object.Has(name) {
			return nil, fault.Newf(fault.CodeBadParameter, "the record has no value for %s, which is part of the key", name)
		}
	}
	return object, nil
}

// noKey is the fault of a record that is named by a field that is none of its type's dedupe fields.
func (t *customType) noKey(name string) error {
	return fault.Newf(fault.CodeBadParameter, "%.100q is no key of %s: records are found by %s", name, t.name, strings.Join(t.DedupeFields, " and "))
}

// DeleteCustomObjects deletes records of a type of custom object by their keys.
//
// Lost: nothing; keys other than the dedupe fields fail. It costs a call for each 300 records.
func (b *Bridge) DeleteCustomObjects(ctx context.Context, in *gen.ParamsDeleteCustomObjects) (*gen.SuccessDeleteCustomObjects, error) {
	return perform(ctx, b, "deleteCustomObjects", in, (*work).deleteCustomObjects)
}

func (w *work) deleteCustomObjects(in *gen.ParamsDeleteCustomObjects) (*gen.SuccessDeleteCustomObjects, error) {
	t, err := w.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	if in.CustomObjKeyLists == nil || len(in.CustomObjKeyLists.KeyList) == 0 {
		return nil, missing("customObjKeyLists is missing or empty")
	}
	given := in.CustomObjKeyLists.KeyList
	list := make([]gen.SyncCustomObjStatus, len(given))
	var objects []objectWrite
	for i := range given {
		list[i] = t.status(given[i].Attribute)
		object, err := w.customRecord(t, given[i].Attribute, nil)
		if n := slices.IndexFunc(object, func(m rest.Member) bool { return !t.isKey(m.Name) }); n >= 0 {
			err = t.noKey(object[n].Name) // it would be deleted whatever it has there
		}
		if err == nil {
			objects = append(objects, objectWrite{i, object})
			continue
		}
		failCustom(&list[i], err)
	}
	err = w.writeObjects(objects, t.DedupeFields, wordsOfDelete, func(batch []rest.Object) (*rest.Answer[rest.Outcome], error) {
		return w.rest.DeleteObjects(w, t.kind, false, batch, safety.Of(w.operation, in))
	}, func(place int, _ *rest.Outcome, err error) {
		if err != nil {
			failCustom(&list[place], err)
			return
		}
		list[place].Status = gen.SyncStatusEnumDELETED
	})
	if err != nil {
		return nil, err
	}
	return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{
		DeleteCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}
