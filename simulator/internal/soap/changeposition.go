package soap

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// changePosition is a place in the activities of all leads. The offset of a
// startPosition is, as in the service's, ID: and the id of the last record, 0 before the
// first; then the number of pages so far, so that no two are equal; the moment and the
// three times of the first call, so that later ones need not repeat them; and a sum over
// all of that and the request, so that one that was changed, or given for another
// request, is found out.
type changePosition struct {
	start   gen.StreamPosition // of the request, with the times of the first call
	within  ordered.Span       // what is left
	id      int64
	pages   int
	began   int64     // Unix time of the first call
	times   [3]string // of the first call, in the order of startTimes, see moment36
	request string
}

// readChangePosition reads the position of a request. It gives 20110 for a time that
// cannot be read, 20123 for the position of the end, and 20122 for one that was not given
// for this request.
func (s Service) readChangePosition(in *gen.ParamsGetLeadChanges, f activity.Filter) (changePosition, error) {
	at := changePosition{
		start: withoutEmpty(*in.StartPosition), began: s.Now().Unix(), request: describe(in.LeadSelector) + " " + f.String(),
	}
	for i, t := range startTimes(&at.start) {
		at.times[i] = moment36(t.Or(""))
	}
	var err error
	if at.within, err = readBounds(at.start); err != nil {
		return at, err
	}
	offset := strings.TrimSpace(at.start.Offset.Or(""))
	if offset == "" {
		return at, nil
	}
	if _, err := strconv.ParseUint(offset, 10, 32); err == nil {
		return at, fault.New(fault.CodeStreamAtEnd, "startPosition is the end of the stream: no records are left")
	}
	return at, s.resume(&at, offset)
}

// resume moves a position to the record that an offset names. A time that the request leaves out is that of the first
// call: node-soap reads dates that it cannot write back, and sends empty ones.
func (s Service) resume(at *changePosition, offset string) error {
	given := at.times
	if !at.parse(offset) {
		return badPosition("offset %q was not given for this request", offset)
	}
	for i, t := range startTimes(&at.start) {
		if t.State == gen.Present && given[i] != at.times[i] {
			return badPosition("its times do not belong to its offset %q", offset)
		}
		if t.State != gen.Present {
			*t = readMoment36(at.times[i])
		}
	}
	var err error
	if at.within, err = readBounds(at.start); err != nil || at.id == 0 {
		return err
	}
	r, number, ok := s.Activities.ByID(at.id)
	if !ok {
		return badPosition("offset %q names no record", offset)
	}
	at.within.Since = ordered.Entry{At: r.Unix(), Ref: number + 1}
	return nil
}

// parse parses an offset and accepts it only if String would write the same for this request. That makes the checksum
// work without comparing it separately.
func (p *changePosition) parse(offset string) bool {
	sum := max(strings.LastIndex(offset, "-"), 0)
	parts := strings.Split(strings.TrimPrefix(offset[:sum], offsetID), ":")
	if len(parts) != 3+len(p.times) {
		return false
	}
	var err1, err2, err3 error
	p.id, err1 = strconv.ParseInt(parts[0], 10, 64)
	p.pages, err2 = strconv.Atoi(parts[1])
	p.began, err3 = strconv.ParseInt(parts[2], 10, 64)
	copy(p.times[:], parts[3:])
	return err1 == nil && err2 == nil && err3 == nil && p.String() == offset
}

// startTimes are the times of a position that bound what a request is about.
func startTimes(p *gen.StreamPosition) [3]*gen.Opt[gen.DateTime] {
	return [3]*gen.Opt[gen.DateTime]{&p.OldestCreatedAt, &p.LatestCreatedAt, &p.ActivityCreatedAt}
}

// readMoment36 is the reverse of moment36.
func readMoment36(text string) gen.Opt[gen.DateTime] {
	milli, err := strconv.ParseInt(text, 36, 64)
	if err != nil { // there was no time
		return gen.NilOf[gen.DateTime]()
	}
	return gen.Some(gen.NewDateTime(servicetime.Shown(time.UnixMilli(milli))))
}

// String returns the position as an offset.
func (p changePosition) String() string {
	text := fmt.Sprintf("%s%d:%d:%d:%s", offsetID, p.id, p.pages, p.began, strings.Join(p.times[:], ":"))
	return text + "-" + checksum(fmt.Sprintf("getLeadChanges %s %q", text, p.request))
}

// after returns the offset behind the record that a page has reached, if it has any.
func (p changePosition) after(reached *activity.Record) string {
	if reached != nil {
		p.id = reached.ID()
	}
	p.pages++
	return p.String()
}

// echoed returns a position with the bounds of the request as written.
func echoed(p gen.StreamPosition, offset string) *gen.StreamPosition {
	return &gen.StreamPosition{
		LatestCreatedAt:   orNil(p.LatestCreatedAt),
		OldestCreatedAt:   orNil(p.OldestCreatedAt),
		ActivityCreatedAt: orNil(p.ActivityCreatedAt),
		Offset:            gen.Some(offset),
	}
}

// withoutEmpty takes empty times as absent.
func withoutEmpty(p gen.StreamPosition) gen.StreamPosition {
	for _, t := range startTimes(&p) {
		if t.Value == "" {
			*t = gen.NilOf[gen.DateTime]()
		}
	}
	return p
}
