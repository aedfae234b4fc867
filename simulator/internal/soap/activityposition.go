package soap

import (
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// The forms of a position's offset in getLeadActivity (Marketo SOAP API, samples):
// while more records follow, offsetID and the id of the last record that was returned;
// at the end a number, which here is that of the records on the page.
const offsetID = "ID:"

// horizon is how far after the moment of the call the latestCreatedAt lies that the
// service sets.
const horizon = 2 * time.Hour

// readPosition returns the span that a start position means. The faults are 20110 for a time that cannot be read;
// 20123 for the position of the end, for which any number is taken; and 20122 for an offset that names no record of
// this lead and filter, or one that does not lie between the position's times. The published form ID:n has no room
// for a checksum, so an offset that was changed to another such record passes.
func (s Service) readPosition(p gen.StreamPosition, no leads.No, f activity.Filter) (ordered.Span, error) {
	bounds, err := readBounds(p)
	if err != nil {
		return ordered.Span{}, err
	}
	offset := strings.TrimSpace(p.Offset.Or(""))
	if offset == "" {
		return bounds, nil
	}
	if _, err := strconv.ParseUint(offset, 10, 32); err == nil {
		return ordered.Span{}, fault.New(fault.CodeStreamAtEnd, "startPosition is the end of the stream: no records are left")
	}
	r, number, ok := s.positioned(offset)
	if !ok || r.Lead() != no || !s.Activities.Wants(f, r) {
		return ordered.Span{}, badPosition("offset %q was not given for this lead and filter", offset)
	}
	at := ordered.Entry{At: r.Unix(), Ref: number}
	// A latestCreatedAt that is left out is not a forgery: node-soap reads dates that it cannot
	// write back, and sends an empty one. The offset decides alone.
	if at.Compare(bounds.Before) >= 0 || at.Compare(bounds.Since) < 0 {
		return ordered.Span{}, badPosition("its times do not belong to its offset %q", offset)
	}
	bounds.Before = at
	return bounds, nil
}

func badPosition(format string, args ...any) error {
	return fault.Newf(fault.CodeBadStreamPosition, "startPosition: "+format+
		": start without a position, and pass positions back unchanged", args...)
}

// positioned returns the record that an offset names.
func (s Service) positioned(offset string) (*activity.Record, ordered.Ref, bool) {
	text, ok := strings.CutPrefix(offset, offsetID)
	id, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || strconv.FormatInt(id, 10) != text {
		return nil, 0, false
	}
	return s.Activities.ByID(id)
}

// readBounds returns the span between oldestCreatedAt and latestCreatedAt, both
// included. activityCreatedAt is about other leads' activities and means nothing here.
func readBounds(p gen.StreamPosition) (ordered.Span, error) {
	all := ordered.Everything
	if text, ok := p.LatestCreatedAt.Get(); ok {
		latest, err := text.Time()
		if err != nil {
			return all, badTime("latestCreatedAt", text)
		}
		all.Before.At = latest.Unix() + 1 // records have whole seconds
	}
	if text, ok := p.OldestCreatedAt.Get(); ok {
		oldest, err := text.Time()
		if err != nil {
			return all, badTime("oldestCreatedAt", text)
		}
		all.Since.At = oldest.Add(time.Second - 1).Unix()
	}
	return all, nil
}

func badTime(field string, text gen.DateTime) error {
	return fault.Newf(fault.CodeBadParameter, "startPosition/%s %q is not an xs:dateTime", field, text)
}

// nextPosition returns the position after a page if more records follow. Bounds of the request are kept as they were
// written; a missing latestCreatedAt is set, as the service does, to a time after everything on the page.
func (s Service) nextPosition(p gen.StreamPosition, page []*activity.Record, newest *activity.Record) *gen.StreamPosition {
	next := &gen.StreamPosition{
		LatestCreatedAt:   p.LatestCreatedAt,
		OldestCreatedAt:   orNil(p.OldestCreatedAt),
		ActivityCreatedAt: orNil(p.ActivityCreatedAt),
		Offset:            gen.Some(strings.TrimSpace(p.Offset.Or(""))),
	}
	if p.LatestCreatedAt.State != gen.Present {
		latest := time.Unix(max(s.Now().Add(horizon).Unix(), newest.Unix()), 0)
		next.LatestCreatedAt = gen.Some(gen.NewDateTime(latest.In(servicetime.Central(latest))))
	}
	if len(page) > 0 {
		next.Offset.Value = offsetID + strconv.FormatInt(page[len(page)-1].ID(), 10)
	} else if p.LatestCreatedAt.State == gen.Present {
		next.LatestCreatedAt = aSecondLater(p.LatestCreatedAt.Value)
	}
	return next
}

// aSecondLater makes the position after an empty page differ from the one before it, because a client may take a
// position that stands still for a fault. Only the offset decides where the next page begins, so nothing else
// changes.
func aSecondLater(text gen.DateTime) gen.Opt[gen.DateTime] {
	t, err := text.Time()
	if err != nil { // readBounds has read it
		return gen.Some(text)
	}
	return gen.Some(gen.NewDateTime(t.Add(time.Second)))
}

// endPosition returns the position after the last page.
func endPosition(returned int) *gen.StreamPosition {
	return &gen.StreamPosition{
		LatestCreatedAt:   gen.NilOf[gen.DateTime](),
		OldestCreatedAt:   gen.NilOf[gen.DateTime](),
		ActivityCreatedAt: gen.NilOf[gen.DateTime](),
		Offset:            gen.Some(strconv.Itoa(returned)),
	}
}

// orNil returns a value that answers show: nil where the request has none.
func orNil(o gen.Opt[gen.DateTime]) gen.Opt[gen.DateTime] {
	if o.State == gen.Present {
		return o
	}
	return gen.NilOf[gen.DateTime]()
}
