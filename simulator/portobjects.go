package simulator

import (
	"context"

	"github.com/mktows/mktows-go/gen"
)

// GetMObjects returns a page of opportunities, roles or programs, by id (Marketo SOAP
// API, getMObjects; WSDL: ParamsGetMObjects). A page has up to 100 objects; hasMore
// tells whether others follow.
//
// Criteria hold all at once. Their names are those of the documentation, each with the
// types that have it, without regard to letter case: Id, Created At and Updated At with
// all, Name with opportunities and programs, Type likewise, Stage and CRM Id (the value
// of the external key) with opportunities, Role with roles, Tag Type, Tag Value, Workspace
// Name, Workspace Id and Include Archive with programs. Texts are compared without
// regard to letter case; a Tag Type and a Tag Value have to hold for one and the same
// tag. Archived programs come only if Include Archive is true, or by their id.
//
// An association with a Lead finds its roles, and the opportunities in which it has one;
// one with a Company finds opportunities and their roles; one with an Opportunity finds
// itself and its roles. The external key of an association is the name and the value of a
// field of the associated object: of a lead any of its fields, Id, Email and
// ForeignSysPersonId among them.
//
// Programs have their tags, tokens and costs only if includeDetails is true; other
// objects always have all attributes. A position belongs to the request it was given
// for; objects that are added or deleted meanwhile neither shift nor repeat others. A page
// looks at 5,000 objects at most: where few of very many match it may be short, or empty,
// although hasMore is true.
//
// Faults: 20109 without a type, and for an association that names nothing; 20110 for a
// type that is none of the three, for id together with externalKey, for a name, a
// comparison or a value of a criterion and for an association that the type does not
// have; 20122 and 20123 for the stream position.
func (s *Simulator) GetMObjects(ctx context.Context, in *gen.ParamsGetMObjects) (*gen.SuccessGetMObjects, error) {
	return s.soap.GetMObjects(ctx, in)
}

// SyncMObjects inserts or updates objects and tells the outcome of each, in the order of
// the request (Marketo SOAP API, syncMObjects; WSDL: ParamsSyncMObjects). One call may
// mix types, and an object may refer to an earlier one by external key.
//
// An object exists if its id does, or else its external key; a role also if the
// opportunity, the lead and the text of Role are those of one. Id and external key
// together: the id decides and the key is written. INSERT leaves what exists SKIPPED,
// UPDATE what does not; an id that does not exist is FAILED with all three, because only
// the service gives ids. An update that changes nothing is UNCHANGED, an empty value
// clears its attribute. An opportunity keeps any number of equal external keys.
//
// A Program can only be updated, by its id: its tags, of which the new value takes the
// place of those of the same type, and its costs, of which one without Id is added.
// FAILED and SKIPPED come with an error text, id is nil where nothing exists.
//
// Faults: 20109 without objects or operation, 20110 for more than 100 objects and for an
// unknown operation.
func (s *Simulator) SyncMObjects(ctx context.Context, in *gen.ParamsSyncMObjects) (*gen.SuccessSyncMObjects, error) {
	return s.soap.SyncMObjects(ctx, in)
}

// DeleteMObjects deletes opportunities and roles by id and tells the outcome of each, in
// the order of the request (Marketo SOAP API, deleteMObjects; WSDL:
// ParamsDeleteMObjects). With an opportunity its roles go. An id that does not exist is
// UNCHANGED, so that a delete can be repeated; a Program, another type and a record
// without id are FAILED.
//
// A call takes any number of them. Fault: 20109 without objects.
func (s *Simulator) DeleteMObjects(ctx context.Context, in *gen.ParamsDeleteMObjects) (*gen.SuccessDeleteMObjects, error) {
	return s.soap.DeleteMObjects(ctx, in)
}

// ListMObjects names the types that describeMObject describes, always the same four
// (Marketo SOAP API, listMObjects). It has no faults of its own.
func (s *Simulator) ListMObjects(ctx context.Context, in *gen.ParamsListMObjects) (*gen.SuccessListMObjects, error) {
	return s.soap.ListMObjects(ctx, in)
}

// DescribeMObject returns the fields of a type of object, custom ones last (Marketo
// SOAP API, describeMObject). Names are compared exactly. Faults: 20109 without a name,
// 20110 for one that listMObjects does not list.
func (s *Simulator) DescribeMObject(ctx context.Context, in *gen.ParamsDescribeMObject) (*gen.SuccessDescribeMObject, error) {
	return s.soap.DescribeMObject(ctx, in)
}

// GetCustomObjects returns a page of the records of a custom object, in the order they
// were made (Marketo SOAP API, getCustomObjects; WSDL: ParamsGetCustomObjects). A page
// has up to batchSize records, 100 at most; without one, and with one of 0 or less, it
// is 100. remainingCount is exact, unless several keys are given, each has more than
// 5,000 records with its value, and so many are left to look at: then it is how many are
// left to look at, and a page may be short or empty although others follow.
//
// The key list names fields of any kind, deduplication fields or others, that all have
// to have the given values, compared exactly. Each record comes with all its
// deduplication fields and with those of its other fields that includeAttributes names,
// or all if that is empty or missing; fields without a value are left out.
//
// A position belongs to the type and the keys it was given for; records that are added
// or deleted meanwhile neither shift nor repeat others.
//
// Faults: 20109 without type or keys, 20110 for an unknown type or
// field, 20122 and 20123 for the stream position.
func (s *Simulator) GetCustomObjects(ctx context.Context, in *gen.ParamsGetCustomObjects) (*gen.SuccessGetCustomObjects, error) {
	return s.soap.GetCustomObjects(ctx, in)
}

// SyncCustomObjects inserts or updates records of a custom object and tells the outcome
// of each, in the order of the request (Marketo SOAP API, syncCustomObjects; WSDL:
// ParamsSyncCustomObjects). A record has all deduplication fields, and no others, in its
// key list. An update writes the attributes that are given; an empty value clears.
//
// The documentation names the statuses SKIPPED and UNCHANGED, which the schema does not
// allow here. So a record that INSERT finds or UPDATE does not find is FAILED with an
// error that says so, and an update that changes nothing is UPDATED.
//
// Faults: 20109 without type, records or operation, 20110 for an unknown type or
// operation and for more than 100 records.
func (s *Simulator) SyncCustomObjects(ctx context.Context, in *gen.ParamsSyncCustomObjects) (*gen.SuccessSyncCustomObjects, error) {
	return s.soap.SyncCustomObjects(ctx, in)
}

// DeleteCustomObjects deletes records of a custom object by their keys and tells the
// outcome of each, in the order of the request (Marketo SOAP API, deleteCustomObjects;
// WSDL: ParamsDeleteCustomObjects). A key list has all deduplication fields. A record
// that does not exist is FAILED: the schema does not allow the documented UNCHANGED here.
//
// A call takes any number of them. Faults: 20109 without type or keys, 20110 for an
// unknown type.
func (s *Simulator) DeleteCustomObjects(ctx context.Context, in *gen.ParamsDeleteCustomObjects) (*gen.SuccessDeleteCustomObjects, error) {
	return s.soap.DeleteCustomObjects(ctx, in)
}
