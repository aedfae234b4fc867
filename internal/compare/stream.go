package compare

import (
	"reflect"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// page is what an answer tells of the stream that it is a page of.
type page struct {
	next    string // the position that the next page begins at
	more    bool
	records []*node
}

// positionOf returns the position that a request goes on from; empty: from none.
func positionOf(in gen.Message) string {
	switch in := in.(type) {
	case *gen.ParamsGetLeadActivity:
		return in.StartPosition.Value.Offset.Or("")
	case *gen.ParamsGetLeadChanges:
		if in.StartPosition != nil {
			return in.StartPosition.Offset.Or("")
		}
	case *gen.ParamsGetMultipleLeads:
		return in.StreamPosition.Or("")
	case *gen.ParamsGetMObjects:
		return in.StreamPosition.Or("")
	case *gen.ParamsGetCustomObjects:
		return in.StreamPosition.Or("")
	}
	return ""
}

// pageOf returns what an answer tells of its stream; nil: it is no page of one.
func pageOf(out gen.Message) *page {
	switch out := out.(type) {
	case *gen.SuccessGetLeadActivity:
		l := out.LeadActivityList
		return &page{offset(l.NewStartPosition), l.RemainingCount > 0, nodes(l.ActivityRecordList.Value.ActivityRecord, "activityRecord")}
	case *gen.SuccessGetLeadChanges:
		l := out.Result
		return &page{offset(l.NewStartPosition), l.RemainingCount > 0, nodes(l.LeadChangeRecordList.Value.LeadChangeRecord, "leadChangeRecord")}
	case *gen.SuccessGetMultipleLeads:
		l := out.Result
		return &page{l.NewStreamPosition, l.RemainingCount > 0, nodes(l.LeadRecordList.Value.LeadRecord, "leadRecord")}
	case *gen.SuccessGetMObjects:
		l := out.Result
		return &page{l.NewStreamPosition, l.HasMore, nodes(l.MObjectList.Value.MObject, "mObject")}
	case *gen.SuccessGetCustomObjects:
		l := out.Result
		return &page{l.NewStreamPosition, l.RemainingCount > 0, nodes(l.CustomObjList.Value.CustomObj, "customObj")}
	}
	return nil
}

func offset(p *gen.StreamPosition) string {
	if p == nil {
		return ""
	}
	return p.Offset.Or("")
}

func nodes[T any](list []T, name string) []*node {
	out := make([]*node, len(list))
	for i := range list {
		out[i] = tree(reflect.ValueOf(&list[i]), name)
	}
	return out
}

// following returns the request for the page after an answer.
func following(in, out gen.Message) gen.Message {
	switch in := in.(type) {
	case *gen.ParamsGetLeadActivity:
		next := *in
		next.StartPosition = gen.Some(*out.(*gen.SuccessGetLeadActivity).LeadActivityList.NewStartPosition) //nolint:forcetypeassert // the answer of the operation
		return &next
	case *gen.ParamsGetLeadChanges:
		next := *in
		next.StartPosition = out.(*gen.SuccessGetLeadChanges).Result.NewStartPosition //nolint:forcetypeassert // likewise
		return &next
	case *gen.ParamsGetMultipleLeads:
		next := *in
		next.StreamPosition = gen.Some(pageOf(out).next)
		return &next
	case *gen.ParamsGetMObjects:
		next := *in
		next.StreamPosition = gen.Some(pageOf(out).next)
		return &next
	case *gen.ParamsGetCustomObjects:
		next := *in
		next.StreamPosition = gen.Some(pageOf(out).next)
		return &next
	}
	return in
}

// timesOf returns the times of activities, none of other records.
func timesOf(records []*node) (times []time.Time) {
	for _, n := range records {
		if at := n.child("activityDateTime"); at != nil {
			t, _ := gen.DateTime(at.text).Time()
			times = append(times, t)
		}
	}
	return times
}

// span is the time from the earliest activity to the latest.
type span struct{ earliest, latest time.Time }

func spanOf(records []*node) (s span) {
	for i, t := range timesOf(records) {
		if i == 0 || t.Before(s.earliest) {
			s.earliest = t
		}
		if i == 0 || t.After(s.latest) {
			s.latest = t
		}
	}
	return s
}
