package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
)

const opGetLeadChanges = "getLeadChanges"

// MaxChangeBatch is the greatest number of changes on a page (Marketo SOAP API,
// getLeadChanges).
const MaxChangeBatch = 1000

// Change is an activity of one of many leads, or a change of a field's value, which has
// the type "Change Data Value" (WSDL: LeadChangeRecord). Strings that the service left
// out or gave as nil are empty.
type Change struct {
	// ID is the number of the record, if HasID. It is not a key: records made since
	// September 2017 may share a number or have none.
	ID    int64
	HasID bool
	// GUID is the key of the record; empty from endpoints of version 2_7 and before.
	GUID string
	// Time is when it happened, to the second, in the offset of the answer: the
	// service uses that of US Central.
	Time time.Time
	// Type is the type's spaced name, such as "Change Data Value".
	Type string
	// AssetName is the asset concerned; of a changed field its label.
	AssetName string
	// Campaign is the campaign that caused it.
	Campaign string
	// LeadID is the Marketo id of the lead.
	LeadID int64
	// Attributes are the details; which ones depends on the type. A changed field has
	// "Attribute Name", "Old Value", "New Value" and "Reason".
	Attributes Attributes
}

// Activity returns the change as an activity, which has no more to tell than a change does.
func (c *Change) Activity() Activity {
	return Activity{
		ID: c.ID, HasID: c.HasID, GUID: c.GUID, Time: c.Time, Type: c.Type, AssetName: c.AssetName,
		Campaign: c.Campaign, LeadID: c.LeadID, Attributes: c.Attributes,
	}
}

// Changes asks for what happened to all leads or to some. Get it from [New].
type Changes struct{ port gen.Port }

// ChangeOptions choose changes and shape the pages. A nil *ChangeOptions and the zero
// value mean: all types, all leads, up to the present, pages of the service's size. Options are
// copied by the call they are given to. Of Names, Include and Exclude at most one may be given.
type ChangeOptions struct {
	// Names asks for activities of these spaced names only, such as "Visit Webpage" or
	// ActivityVisitWebpage.Name(). They are free text, since customers define types of their
	// own; only the service knows which names the instance has. [ActivityName] helps with
	// the spelling. The vendor prefers Names to Include.
	Names []string
	// Include asks for these types only, Exclude for all but these.
	Include []ActivityType
	Exclude []ActivityType
	// Leads asks for the changes of these leads only.
	Leads Selector
	// Until asks for changes up to that moment only.
	Until time.Time
	// ActiveSince asks for leads with an activity since that moment only.
	ActiveSince time.Time
	// BatchSize is the number of changes to a page, 1 to MaxChangeBatch; a page may have
	// fewer. 0 leaves it to the service.
	BatchSize int
	// Start is where ChangePages and Changes begin, and ChangePage where it is given a zero
	// Cursor. It has to come from the same types, leads and times; BatchSize may differ.
	Start Cursor
	// OnUnreadable, unless nil, is given each record that cannot be converted, before the page
	// that it was on is returned without it. If it is nil such a record is an error.
	OnUnreadable func(*RecordError)
}

// Page returns the page of the changes since a moment at a cursor: the zero
// Cursor for the first page, then the Next of the page before. The records come oldest
// first, at most MaxChangeBatch. Without any, the only page is empty. A loop over pages of
// one's own should stop where Next is zero or the cursor that was asked for, although
// More is true: Pages does.
//
// Errors: an *ArgumentError before anything is sent, for times, filters, a selector, a
// batch size or a cursor that cannot be used; those of package fault, such as
// fault.ErrNotFound for an unknown list or owner (20111, 20108); a *RecordError inside a
// *fault.DecodeError if a record has no readable time or lead id, unless o.OnUnreadable
// takes it.
//
// Wire: getLeadChanges. Read-only.
func (c *Changes) Page(ctx context.Context, since time.Time, at Cursor, o *ChangeOptions) (Page[Change], error) {
	q, err := c.query(since, o)
	if err != nil {
		return Page[Change]{}, err
	}
	return q.page(ctx, at)
}

// Pages returns an iterator over the pages of the changes since a moment, oldest
// first, from o.Start on. At least one page is yielded, maybe an empty one, and the last
// has More false. One call is made for each page, of at most MaxChangeBatch records.
//
// Errors: those of Page, as the last pair; a mistake in the arguments is the only
// pair. Also [ErrStalled], and the error of ctx, which is looked at before every call.
//
// Wire: getLeadChanges. Read-only.
func (c *Changes) Pages(ctx context.Context, since time.Time, o *ChangeOptions) iter.Seq2[Page[Change], error] {
	q, err := c.query(since, o)
	if err != nil {
		return paging.Fail[Page[Change]](err)
	}
	return q.pages(ctx)
}

// All returns an iterator over the changes of all or the selected leads since a
// moment, oldest first, from o.Start on. It yields what Pages yields, record by
// record, and has its errors. A record that two pages have in common is yielded twice.
//
// Wire: getLeadChanges. Read-only.
func (c *Changes) All(ctx context.Context, since time.Time, o *ChangeOptions) iter.Seq2[Change, error] {
	return items(c.Pages(ctx, since, o))
}

// query checks the arguments and returns the stream of pages that they ask for, as that of Activities does.
func (c *Changes) query(since time.Time, options *ChangeOptions) (*stream[Change], error) {
	var o ChangeOptions
	if options != nil {
		o = *options
		o.Names, o.Include, o.Exclude = slices.Clone(o.Names), slices.Clone(o.Include), slices.Clone(o.Exclude)
	}
	if err := cmp.Or(checkPort(c.port), o.validate(since)); err != nil {
		return nil, opError(opGetLeadChanges, 0, err)
	}
	q := &stream[Change]{op: opGetLeadChanges, fingerprint: o.fingerprint(since), mark: markOf(c.port), start: o.Start}
	if err := q.check("ChangeOptions.Start", o.Start); err != nil {
		return nil, opError(q.op, 0, err)
	}
	q.fetch = func(ctx context.Context, at Cursor) (Page[Change], error) {
		return c.fetch(ctx, o.request(since, at), q.fingerprint, o.OnUnreadable)
	}
	return q, nil
}

func (o *ChangeOptions) validate(since time.Time) error {
	switch {
	case since.IsZero():
		return &ArgumentError{"since", errors.New("is the zero time; the service needs a start (20109)")}
	case !o.Until.IsZero() && o.Until.Before(since):
		return &ArgumentError{"ChangeOptions.Until", fmt.Errorf("%s is before since, %s", text(o.Until), text(since))}
	}
	if o.Leads != nil {
		if err := checkSelector("ChangeOptions.Leads", o.Leads); err != nil {
			return err
		}
	}
	return cmp.Or(o.checkFilter(), checkBatchSize("ChangeOptions.BatchSize", o.BatchSize, MaxChangeBatch))
}

func (o *ChangeOptions) checkFilter() error {
	const rule = "is given together with %s; the service takes at most one of Names, Include and Exclude"
	switch {
	case len(o.Include) > 0 && len(o.Names) > 0:
		return &ArgumentError{"ChangeOptions.Include", fmt.Errorf(rule, "Names")}
	case len(o.Exclude) > 0 && len(o.Names) > 0:
		return &ArgumentError{"ChangeOptions.Exclude", fmt.Errorf(rule, "Names")}
	case len(o.Exclude) > 0 && len(o.Include) > 0:
		return &ArgumentError{"ChangeOptions.Exclude", fmt.Errorf(rule, "Include")}
	}
	return cmp.Or(
		checkTexts("ChangeOptions.Names", o.Names), // which names there are is known to the service alone
		checkActivityTypes("ChangeOptions.Include", o.Include),
		checkActivityTypes("ChangeOptions.Exclude", o.Exclude))
}

// request makes the message for the page at a cursor. The filter has to be repeated with each page, while the times
// are part of the position from the second page on.
func (o *ChangeOptions) request(since time.Time, at Cursor) *gen.ParamsGetLeadChanges {
	filter := ActivityOptions{Include: o.Include, Exclude: o.Exclude}
	in := &gen.ParamsGetLeadChanges{
		StartPosition: &gen.StreamPosition{
			LatestCreatedAt:   optionalMoment(o.Until),
			OldestCreatedAt:   gen.Some(moment(since)),
			ActivityCreatedAt: optionalMoment(o.ActiveSince),
		},
		ActivityFilter:     filter.filter(),
		ActivityNameFilter: stringList(o.Names),
		BatchSize:          batchSize(o.BatchSize),
	}
	if !at.IsZero() {
		in.StartPosition = &at.pos
	}
	if o.Leads != nil {
		in.LeadSelector = o.Leads.wire()
	}
	return in
}

// fingerprint tells queries apart whose positions must not be mixed up.
func (o *ChangeOptions) fingerprint(since time.Time) uint64 {
	parts := []string{instant(since), instant(o.Until), instant(o.ActiveSince)}
	parts = appendSets(parts, set(o.Names), set(o.Include), set(o.Exclude))
	if o.Leads != nil {
		parts = append(parts, o.Leads.parts()...)
	}
	return fingerprint(parts...)
}

// fetch makes one call and converts the page.
func (c *Changes) fetch(
	ctx context.Context, in *gen.ParamsGetLeadChanges, fingerprint uint64, onUnreadable func(*RecordError),
) (Page[Change], error) {
	result, err := call(ctx, opGetLeadChanges, c.port.GetLeadChanges, in,
		func(out *gen.SuccessGetLeadChanges) *gen.ResultGetLeadChanges { return out.Result })
	if err == nil {
		err = whole(result.ReturnCount, len(result.LeadChangeRecordList.Value.LeadChangeRecord))
	}
	if err != nil {
		return Page[Change]{}, err
	}
	changes, err := ChangesOf(result.LeadChangeRecordList.Value.LeadChangeRecord, onUnreadable)
	if err != nil {
		return Page[Change]{}, err
	}
	next := newCursor(opGetLeadChanges, fingerprint, result.NewStartPosition)
	return newPage(changes, next, result.RemainingCount), nil
}

// ChangesOf converts records that no page of getLeadChanges has brought, such as those of a bulk extract of the REST API
// (see package extract), as [Changes.Page] converts those of a page. A record without readable time or lead id is left out
// and given to onUnreadable; if that is nil, it is an error, a *RecordError inside a *fault.DecodeError.
func ChangesOf(records []gen.LeadChangeRecord, onUnreadable func(*RecordError)) ([]Change, error) {
	changes, err := convertRecords(records,
		func(r *gen.LeadChangeRecord) []gen.Attribute { return r.ActivityAttributes.Value.Attribute }, (*Change).set, onUnreadable)
	if err != nil {
		return nil, unreadable(err)
	}
	return changes, nil
}

func (c *Change) set(r *gen.LeadChangeRecord, block *attributeBlock) *RecordError {
	at, lead, wrong := whenAndWho(r.ActivityDateTime, r.MktPersonId)
	if wrong != nil {
		wrong.keep(r.MarketoGUID, recordOfChange(r))
		return wrong
	}
	id, hasID := r.Id.Get()
	*c = Change{
		ID:         id,
		HasID:      hasID,
		GUID:       r.MarketoGUID,
		Time:       at,
		Type:       r.ActivityType,
		AssetName:  r.MktgAssetName.Or(""),
		Campaign:   r.Campaign.Or(""),
		LeadID:     lead,
		Attributes: block.cutAt(at, r.ActivityAttributes.Value.Attribute),
	}
	return nil
}
