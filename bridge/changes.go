package bridge

import (
	"context"
	"slices"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
)

// GetLeadChanges returns a page of the activities of all leads, or of some, oldest first: 300 at most, or up to 1,000 where
// batchSize asks for more. Larger pages take fewer calls, since each one that begins at a date reads a page of each ten types.
//
// Lost: remainingCount is 1 while more records follow, whatever their number is; an id is missing where
// the service gives none. Without the permission to read campaigns their ids stand for their names. A list
// with 10,000 leads or more is 20110. Without a filter only types that the SOAP API knew come, unless
// [WithAllActivityTypes] is given. It costs a call for each page of each ten types and thirty leads that
// are asked for, and one for the start.
//
// A page may have no record although others follow, when the time of [WithPageTime] is over. The
// position after the last page goes on from there at a later time.
func (b *Bridge) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	return perform(ctx, b, "getLeadChanges", in, (*work).getLeadChanges)
}

func (w *work) getLeadChanges(in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if in.StartPosition == nil {
		return nil, missing("startPosition is missing")
	}
	f, err := readActivityFilter(in.ActivityFilter.Or(gen.ActivityTypeFilter{}), in.ActivityNameFilter.Or(gen.ArrayOfString{}).StringItem)
	if err != nil {
		return nil, err
	}
	bounds, err := w.readBounds(in.StartPosition)
	if err != nil {
		return nil, err
	}
	chosen, err := w.chooseChanges(in.LeadSelector, &bounds)
	if err != nil {
		return nil, err
	}
	s := &stream{work: w, low: bounds.low, high: bounds.high, until: w.timeForPage()}
	if err := s.openChains(f, chosen); err != nil {
		return nil, err
	}
	at, err := w.positions.Read(position.Request{
		Operation: w.operation, Query: question(f, chosen.query), Text: in.StartPosition.Offset.Or(""), Oldest: bounds.low,
	})
	if err != nil {
		return nil, err
	}
	if err := s.begin(at, bounds); err != nil {
		return nil, err
	}
	list, done, err := s.take(changesPage(in.BatchSize.Or(0)))
	if err != nil {
		return nil, err
	}
	return s.changePage(in, at, list, done)
}

// maxChanges is how many records a page may have (Marketo SOAP API, getLeadChanges). They are gathered from several pages of
// the REST API.
const maxChanges = 1000

// changesPage returns how many records a page has at most.
func changesPage(batchSize int32) int {
	if batchSize <= rest.MaxPage {
		return pageSize(batchSize)
	}
	return min(int(batchSize), maxChanges)
}

// changePage makes the answer with a page.
func (s *stream) changePage(in *gen.ParamsGetLeadChanges, at position.Position, list []entry, done bool) (*gen.SuccessGetLeadChanges, error) {
	records, err := s.records(activities(list))
	if err != nil {
		return nil, err
	}
	out := &gen.ResultGetLeadChanges{ReturnCount: int32(len(list)), LeadChangeRecordList: gen.NilOf[gen.ArrayOfLeadChangeRecord]()} //nolint:gosec // at most a page
	if len(list) > 0 {
		shown := make([]gen.LeadChangeRecord, len(records))
		for i := range records {
			shown[i] = records[i].changeRecord()
		}
		out.LeadChangeRecordList = gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: shown})
	}
	at.Streams = s.places()
	if done { // a later reading looks again at all of them
		for i := range at.Streams {
			at.Streams[i].Done = false
		}
	} else {
		out.RemainingCount = 1
	}
	text, err := s.seal(at, true) // the log has no end
	if err != nil {
		return nil, err
	}
	out.NewStartPosition = echo(in.StartPosition, text)
	return &gen.SuccessGetLeadChanges{Result: out}, nil
}

func activities(list []entry) []rest.Activity {
	out := make([]rest.Activity, len(list))
	for i := range list {
		out[i] = list[i].Activity
	}
	return out
}

// echo returns the dates of a position with a new offset.
func echo(p *gen.StreamPosition, offset string) *gen.StreamPosition {
	return &gen.StreamPosition{
		LatestCreatedAt: orNil(p.LatestCreatedAt), OldestCreatedAt: orNil(p.OldestCreatedAt), ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some(offset),
	}
}

func orNil(d gen.Opt[gen.DateTime]) gen.Opt[gen.DateTime] {
	if d.State != gen.Present {
		return gen.NilOf[gen.DateTime]()
	}
	return d
}

// bounds are those of the records that are wanted; zero times are none.
type bounds struct{ low, high time.Time }

// readBounds reads the dates of a position.
func (w *work) readBounds(p *gen.StreamPosition) (b bounds, err error) {
	for _, one := range []struct {
		field string
		text  gen.DateTime
		to    *time.Time
	}{
		{"activityCreatedAt", p.ActivityCreatedAt.Or(""), &b.low},
		{"oldestCreatedAt", p.OldestCreatedAt.Or(""), &b.low},
		{"latestCreatedAt", p.LatestCreatedAt.Or(""), &b.high},
	} {
		if one.text == "" {
			continue
		}
		if *one.to, err = requestTime("startPosition/"+one.field, one.text); err != nil {
			return b, err
		}
	}
	if !b.low.IsZero() {
		b.low = up(b.low)
	}
	return b, nil
}

// begin puts a stream where a request wants it: where its position says, or at its date.
func (s *stream) begin(at position.Position, b bounds) error {
	if at.Streams != nil {
		return s.resume(at.Streams)
	}
	if len(s.chains) == 0 {
		return nil
	}
	if b.low.IsZero() {
		return s.start(s.config.rest.Now()) // nothing else is known
	}
	return s.start(b.low)
}

// chosenLeads are the leads that a request is about.
type chosenLeads struct {
	all   bool
	ids   []int64
	list  int64
	query any  // what of it a position is bound to
	alive bool // they are there, so that no deletion is about them
}

// chooseChanges reads a selector. One by time narrows the bounds: who has an activity in that time was
// updated in it.
func (w *work) chooseChanges(sel gen.LeadSelector, b *bounds) (chosenLeads, error) {
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		return w.keyedChanges(sel)
	case *gen.StaticListSelector:
		list, err := w.selectedList(sel)
		return chosenLeads{list: list, query: list}, err
	case *gen.LastUpdateAtSelector:
		low, high, err := readRange(sel, w.config.rest.Now())
		if err != nil {
			return chosenLeads{}, err
		}
		if low = up(low); low.After(b.low) {
			b.low = low
		}
		if sel.LatestUpdatedAt.Or("") != "" && (b.high.IsZero() || high.Before(b.high)) {
			b.high = high
		}
		return chosenLeads{all: true, query: []any{low.Unix(), sel.LatestUpdatedAt.Or("")}}, nil
	}
	return chosenLeads{all: true}, nil
}

func (w *work) keyedChanges(sel *gen.LeadKeySelector) (chosenLeads, error) {
	if sel.KeyValues != nil && len(sel.KeyValues.StringItem) > maxSelectorKeys {
		return chosenLeads{}, bad("leadSelector/keyValues has %d keys: %d are allowed", len(sel.KeyValues.StringItem), maxSelectorKeys)
	}
	if _, _, err := w.selectorKeys(sel); err != nil {
		return chosenLeads{}, err
	}
	keys := make([]gen.LeadKey, len(sel.KeyValues.StringItem))
	chosen := chosenLeads{query: []any{sel.KeyType, sel.KeyValues.StringItem}}
	for i, value := range sel.KeyValues.StringItem {
		keys[i] = gen.LeadKey{KeyType: sel.KeyType, KeyValue: value}
		if id, isID := idOf(&keys[i]); isID {
			chosen.ids = append(chosen.ids, id)
		}
	}
	if sel.KeyType != gen.LeadKeyRefIDNUM {
		found, err := w.keyedLeads(keys)
		if err != nil {
			return chosen, err
		}
		chosen.ids = slices.Concat(found...)
	}
	slices.Sort(chosen.ids)
	chosen.ids = slices.Compact(chosen.ids)
	return chosen, nil
}

// openChains makes the chains that a filter and a choice of leads need.
func (s *stream) openChains(f activityFilter, chosen chosenLeads) error {
	groups, deletions, err := s.groups(f)
	if err != nil {
		return err
	}
	parts := [][]int64{nil} // one for all leads
	if !chosen.all && chosen.list == 0 {
		parts = slices.Collect(slices.Chunk(chosen.ids, rest.MaxActivityLeads))
	}
	for _, types := range groups {
		for _, leads := range parts {
			s.chains = append(s.chains, &chain{types: types, leads: leads, list: chosen.list})
		}
	}
	if !deletions || chosen.list != 0 || chosen.alive || len(parts) == 0 { // who is deleted is on no list
		return nil
	}
	one := &chain{deletions: true}
	if !chosen.all {
		one.wanted = make(map[int64]bool)
		for _, id := range chosen.ids {
			one.wanted[id] = true
		}
	}
	s.chains = append(s.chains, one)
	return nil
}
