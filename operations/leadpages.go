package operations

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
)

const opGetMultipleLeads = "getMultipleLeads"

// MaxLeadBatch is the greatest number of leads on a page; the vendor advises 200
// (Marketo SOAP API, getMultipleLeads; one place of it says 100).
const MaxLeadBatch = 1000

// LeadOptions shape the pages of leads. A nil *LeadOptions and the zero value mean:
// all fields that have a value, from the start, pages of the service's size. Options
// are copied by the call they are given to.
type LeadOptions struct {
	// Fields are the SOAP API names of the fields that are wanted in
	// [Lead.Attributes]; empty is all. Few fields make a call faster.
	Fields []string
	// BatchSize is the number of leads to a page, 1 to MaxLeadBatch; a page may have
	// fewer, with keys 100 at most. 0 leaves it to the service.
	BatchSize int
	// Start is where Pages and All begin, and Page where it is given a zero Cursor. It
	// has to come from the same selector and the same fields; BatchSize may differ.
	Start Cursor
	// OnUnreadable, unless nil, is given each record without an id, before the page that it was
	// on is returned without it. If it is nil such a record comes as a lead with the ID 0.
	OnUnreadable func(*RecordError)
}

// Page returns the page of the selected leads at a cursor: the zero Cursor for the
// first page, then the Next of the page before. Keys without a lead are skipped. If
// there is no such lead, the only page is empty. The Remaining of a page is documented
// as an exact count here.
//
// Errors: an *ArgumentError before anything is sent, for a selector (more than
// MaxSelectorKeys keys, more than MaxUpdatedRange), options or a cursor that cannot be used;
// those of package fault, such as fault.ErrNotFound for an unknown list or owner
// (20111, 20108).
//
// Wire: getMultipleLeads. Read-only.
func (l *Leads) Page(ctx context.Context, s Selector, at Cursor, o *LeadOptions) (Page[Lead], error) {
	q, err := l.query(s, o)
	if err != nil {
		return Page[Lead]{}, err
	}
	return q.page(ctx, at)
}

// Pages returns an iterator over the pages of the selected leads, from o.Start on. At
// least one page is yielded, maybe an empty one, and the last has More false. One call
// is made for each page, of at most MaxLeadBatch leads.
//
// Errors: those of Page, as the last pair; a mistake in the arguments is the only
// pair. Also [ErrStalled], and the error of ctx, which is looked at before every call.
//
// Wire: getMultipleLeads. Read-only.
func (l *Leads) Pages(ctx context.Context, s Selector, o *LeadOptions) iter.Seq2[Page[Lead], error] {
	q, err := l.query(s, o)
	if err != nil {
		return paging.Fail[Page[Lead]](err)
	}
	return q.pages(ctx)
}

// All returns an iterator over the selected leads, from o.Start on. It yields what
// Pages yields, lead by lead, and has its errors.
//
// Wire: getMultipleLeads. Read-only.
func (l *Leads) All(ctx context.Context, s Selector, o *LeadOptions) iter.Seq2[Lead, error] {
	return items(l.Pages(ctx, s, o))
}

func (l *Leads) query(s Selector, options *LeadOptions) (*stream[Lead], error) {
	var o LeadOptions
	if options != nil {
		o = *options
		o.Fields = slices.Clone(o.Fields)
	}
	err := cmp.Or(checkPort(l.port), checkSelector("Selector", s), checkTexts("LeadOptions.Fields", o.Fields),
		checkBatchSize("LeadOptions.BatchSize", o.BatchSize, MaxLeadBatch))
	if err != nil {
		return nil, opError(opGetMultipleLeads, 0, err)
	}
	q := &stream[Lead]{op: opGetMultipleLeads, fingerprint: o.fingerprint(s), mark: markOf(l.port), start: o.Start}
	if err := q.check("LeadOptions.Start", o.Start); err != nil {
		return nil, opError(q.op, 0, err)
	}
	q.fetch = func(ctx context.Context, at Cursor) (Page[Lead], error) {
		return l.fetch(ctx, o.request(s, at), q.fingerprint, o.OnUnreadable)
	}
	return q, nil
}

func (l *Leads) fetch(
	ctx context.Context, in *gen.ParamsGetMultipleLeads, fingerprint uint64, onUnreadable func(*RecordError),
) (Page[Lead], error) {
	result, err := call(ctx, opGetMultipleLeads, l.port.GetMultipleLeads, in,
		func(out *gen.SuccessGetMultipleLeads) *gen.ResultGetMultipleLeads { return out.Result })
	if err == nil {
		err = whole(result.ReturnCount, len(result.LeadRecordList.Value.LeadRecord))
	}
	if err != nil {
		return Page[Lead]{}, err
	}
	next := simplePosition(opGetMultipleLeads, fingerprint, result.NewStreamPosition)
	list := result.LeadRecordList // a copy: the answer is the port's
	if onUnreadable != nil {
		list.Value.LeadRecord = identified(list.Value.LeadRecord, onUnreadable)
	}
	return newPage(newLeads(list), next, result.RemainingCount), nil
}

// identified returns the records that have an id, and hands the others over.
func identified(records []gen.LeadRecord, onUnreadable func(*RecordError)) []gen.LeadRecord {
	kept := make([]gen.LeadRecord, 0, len(records))
	for i := range records {
		if id, ok := records[i].Id.Get(); ok && id > 0 {
			kept = append(kept, records[i])
			continue
		}
		wrong := &RecordError{Index: i, Field: "Id", Err: errors.New("expected the number of a lead")}
		if id, ok := records[i].Id.Get(); ok {
			wrong.Value = strconv.Itoa(int(id))
		}
		wrong.keep("", recordOfLead(&records[i]))
		onUnreadable(wrong)
	}
	return kept
}

func (o *LeadOptions) request(s Selector, at Cursor) *gen.ParamsGetMultipleLeads {
	return &gen.ParamsGetMultipleLeads{
		LeadSelector:      s.wire(),
		StreamPosition:    at.streamPosition(),
		BatchSize:         batchSize(o.BatchSize),
		IncludeAttributes: stringList(o.Fields),
	}
}

// fingerprint tells queries apart whose positions must not be mixed up.
func (o *LeadOptions) fingerprint(s Selector) uint64 {
	selected := s.parts()
	return fingerprint(slices.Concat([]string{strconv.Itoa(len(selected))}, selected, set(o.Fields))...)
}

// set drops order and repetition, which make no other query.
func set[T ~string](texts []T) []string {
	var parts []string
	for _, s := range slices.Compact(slices.Sorted(slices.Values(texts))) {
		parts = append(parts, string(s))
	}
	return parts
}

// appendSets appends sets so that none can be taken for another.
func appendSets(parts []string, sets ...[]string) []string {
	for _, list := range sets {
		parts = append(parts, strconv.Itoa(len(list)))
		parts = append(parts, list...)
	}
	return parts
}
