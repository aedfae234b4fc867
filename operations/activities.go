package operations

import (
	"context"
	"iter"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
)

// MaxActivityBatch is the greatest number of activities on a page (Marketo SOAP API,
// getLeadActivity).
const MaxActivityBatch = 100

// Activity is an activity in the history of a lead (WSDL: ActivityRecord). Strings
// that the service left out or gave as nil are empty.
type Activity struct {
	// ID is the number of the record, if HasID. It is not a key: records made since
	// September 2017 may share a number or have none.
	ID    int64
	HasID bool
	// GUID is the key of the record; empty from endpoints of version 2_7 and before.
	GUID string
	// Time is when it happened, to the second, in the offset of the answer: the
	// service uses that of US Central.
	Time time.Time
	// Type is the type's spaced name, such as "Visit Webpage". It may be one that
	// cannot be asked for; ParseActivityType tells.
	Type string
	// AssetName is the page, form or other asset concerned.
	AssetName string
	// Campaign is the campaign that caused it.
	Campaign string
	// LeadID is the Marketo id of the lead.
	LeadID int64
	// The person and the organisation, here and in a foreign system. The service has
	// not been seen to fill these.
	PersonName      string
	ForeignSysID    string
	OrgName         string
	ForeignSysOrgID string
	// Attributes are the details; which ones depends on the type.
	Attributes Attributes
}

// Is reports whether the activity is of a type that can be asked for.
func (a *Activity) Is(t ActivityType) bool { return a.Type == t.Name() && a.Type != "" }

// ActivityOptions choose activities and shape the pages. A nil *ActivityOptions and
// the zero value mean: all types, from the start, pages of the service's size.
// Options are copied by the call they are given to.
type ActivityOptions struct {
	// Include asks for these types only, Exclude for all but these. At most one of
	// the two may be given; empty is not given.
	Include []ActivityType
	Exclude []ActivityType
	// BatchSize is the number of records to a page, 1 to MaxActivityBatch; a page may
	// have fewer. 0 leaves it to the service.
	BatchSize int
	// Start is where Pages and All begin, and Page where it is given a zero Cursor. It
	// has to come from the same lead key and the same types; BatchSize may differ.
	Start Cursor
	// OnUnreadable, unless nil, is given each record that cannot be converted, before the page
	// that it was on is returned without it. If it is nil such a record is an error.
	OnUnreadable func(*RecordError)
}

// Activities asks for the activities of leads. Get it from [New].
type Activities struct{ port gen.Port }

// Page returns the page at a cursor: the zero Cursor for the first page, then the
// Next of the page before. The records come newest first, at most MaxActivityBatch.
// Records that two pages have in common, because activities were added in between,
// are not removed: where that matters compare GUIDs.
//
// A key that names several leads gives the history of one of them; which one is not
// defined. A lead without such activities has one empty page, and so has the Next of a
// last page while nothing was added (20123). Where more was announced, 20123 is an error
// that matches fault.ErrEndOfStream: the position is lost, begin again without one. A loop over pages of one's own should stop where
// Next is zero or the cursor that was asked for, although More is true: Pages does.
//
// Errors: an *ArgumentError before anything is sent, for a key, filter, batch size
// or cursor that cannot be used; those of package fault, such as fault.ErrNotFound if
// no lead or owner has the key (20103, 20108); a *RecordError inside a
// *fault.DecodeError if a record has no readable time or lead id, unless o.OnUnreadable
// takes it.
//
// Wire: getLeadActivity. Read-only.
func (a *Activities) Page(ctx context.Context, key LeadKey, at Cursor, o *ActivityOptions) (Page[Activity], error) {
	q, err := a.query(key, o)
	if err != nil {
		return Page[Activity]{}, err
	}
	return q.page(ctx, at)
}

// Pages returns an iterator over the pages of a lead's activities, newest first, from
// o.Start on. At least one page is yielded, maybe an empty one, and the last has More
// false. One call is made for each page, of at most MaxActivityBatch records.
//
// Errors: those of Page, as the last pair; a mistake in the arguments is the only pair.
// Also [ErrStalled], and the error of ctx, which is looked at before every call.
//
// Wire: getLeadActivity. Read-only.
func (a *Activities) Pages(ctx context.Context, key LeadKey, o *ActivityOptions) iter.Seq2[Page[Activity], error] {
	q, err := a.query(key, o)
	if err != nil {
		return paging.Fail[Page[Activity]](err)
	}
	return q.pages(ctx)
}

// All returns an iterator over a lead's activities, newest first, from o.Start on. It
// yields what Pages yields, record by record, and has its errors. A record that two
// pages have in common is yielded twice.
//
// Wire: getLeadActivity. Read-only.
func (a *Activities) All(ctx context.Context, key LeadKey, o *ActivityOptions) iter.Seq2[Activity, error] {
	return items(a.Pages(ctx, key, o))
}
