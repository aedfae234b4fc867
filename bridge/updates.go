package bridge

import (
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
)

// updateTypes are the activities that make a lead updated.
var updateTypes = []gen.ActivityType{gen.ActivityTypeNewLead, gen.ActivityTypeChangeDataValue}

// byUpdate reads a page of the leads that were updated in a time. The REST API cannot be asked for
// them: the log of activities tells who they are.
func (p *leadPage) byUpdate(sel *gen.LastUpdateAtSelector) (*gen.SuccessGetMultipleLeads, error) {
	low, high, err := readRange(sel, p.config.rest.Now())
	if err != nil {
		return nil, err
	}
	if err := p.begin("update", sel.OldestUpdatedAt, sel.LatestUpdatedAt.Or("")); err != nil {
		return nil, err
	}
	if p.at.Until == 0 {
		p.at.Until = high.Unix()
	}
	s := &stream{work: p.work, low: up(low), high: unix(p.at.Until), until: p.timeForPage()}
	var f activityFilter
	if !p.anyUpdate {
		f.Include = updateTypes
	}
	if err := s.openChains(f, chosenLeads{all: true}); err != nil {
		return nil, err
	}
	if p.at.Streams == nil {
		err = s.start(s.low)
	} else {
		err = s.resume(p.at.Streams)
	}
	if err != nil {
		return nil, err
	}
	return p.updated(s)
}

// updated collects leads until there are enough for a page, and reads these.
func (p *leadPage) updated(s *stream) (*gen.SuccessGetMultipleLeads, error) {
	var ids []string
	done := false
	for len(ids) < p.size && !done {
		list, end, err := s.take(1)
		if err != nil {
			return nil, err
		}
		done = end
		if len(list) == 0 && !end { // the time is over
			break
		}
		for _, e := range list {
			if id := strconv.FormatInt(e.LeadID, 10); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	records, err := p.leadsWith("id", ids, p.readFields(p.fields, p.include))
	if err != nil {
		return nil, err
	}
	p.at.Streams = s.places()
	return p.answer(records, done, true)
}
