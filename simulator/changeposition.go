package simulator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// changePosition is a place in the activities of all leads. The offset of a
// startPosition is, as in the service's, ID: and the id of the last record, 0 before the
// first; then the number of pages so far, so that no two are equal, and a sum over all
// of that and the request, so that one that was changed, or given for another request,
// is found out.
type changePosition struct {
	start   gen.StreamPosition // of the request, empty times taken as absent
	within  span               // what is left
	id      int64
	pages   int
	request string
}

// readChangePosition reads the position of a request. It gives 20110 for a time that
// cannot be read, 20123 for the position of the end, and 20122 for one that was not given
// for this request.
func (s *Simulator) readChangePosition(in *gen.ParamsGetLeadChanges, f changeFilter) (changePosition, error) {
	p := withoutEmpty(*in.StartPosition)
	within, err := readBounds(p)
	if err != nil {
		return changePosition{}, err
	}
	at := changePosition{start: p, within: within, request: changeRequest(p, in.LeadSelector, f)}
	offset := strings.TrimSpace(p.Offset.Or(""))
	if offset == "" {
		return at, nil
	}
	if _, err := strconv.ParseUint(offset, 10, 32); err == nil {
		return at, fault.New(fault.CodeStreamAtEnd, "startPosition is the end of the stream: no records are left")
	}
	return at, s.resume(&at, offset)
}

// resume moves a position to an offset.
func (s *Simulator) resume(at *changePosition, offset string) error {
	head, _, _ := strings.Cut(strings.TrimPrefix(offset, offsetID), "-")
	if _, err := fmt.Sscanf(head, "%d:%d", &at.id, &at.pages); err != nil || at.String() != offset {
		return badPosition("offset %q was not given for this request", offset)
	}
	if at.id == 0 {
		return nil
	}
	number, ok := s.store.byID[at.id]
	if !ok {
		return badPosition("offset %q names no record", offset)
	}
	at.within.since = entry{s.store.get(number).at, number + 1}
	return nil
}

// changeRequest returns what the positions of a request belong to.
func changeRequest(p gen.StreamPosition, sel gen.LeadSelector, f changeFilter) string {
	return strings.Join([]string{
		moment36(p.LatestCreatedAt.Or("")), moment36(p.OldestCreatedAt.Or("")), moment36(p.ActivityCreatedAt.Or("")),
		describe(sel), f.String(),
	}, " ")
}

// String returns the position as an offset.
func (p changePosition) String() string {
	text := offsetID + strconv.FormatInt(p.id, 10) + ":" + strconv.Itoa(p.pages)
	return text + "-" + checksum(fmt.Sprintf("getLeadChanges %s %q", text, p.request))
}

// after returns the offset behind a page.
func (p changePosition) after(page []entry, st *store) string {
	if len(page) > 0 {
		p.id = st.get(last(page).ref).id
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
	for _, t := range []*gen.Opt[gen.DateTime]{&p.LatestCreatedAt, &p.OldestCreatedAt, &p.ActivityCreatedAt} {
		if t.Value == "" {
			*t = gen.None[gen.DateTime]()
		}
	}
	return p
}
