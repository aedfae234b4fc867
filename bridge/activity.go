package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
)

const (
	maxActivities = 100 // of a page (Marketo SOAP API, getLeadActivity)
	// horizon is how far after the moment of the call the latestCreatedAt lies that the service set.
	horizon = 2 * time.Hour
)

// GetLeadActivity returns a page of a lead's history, newest first.
//
// The REST API has the log of the whole instance, oldest first, and walks through it for one lead in
// blocks that may be empty. So the first call walks from the making of the lead to the end and notes in
// the position which blocks have records; then it gives these out from the end. A walk that takes
// longer than [WithPageTime] gives an empty page and a position to go on from. Of several leads with
// the key it takes the one added last.
//
// Calls that are made at the same time share their requests ([WithJoining]).
//
// Lost: remainingCount is 1 while more records follow; an id is missing where the service gives none; the deletion of a lead while
// its history is read;
// without the permission to read campaigns their ids stand for their names; records older than 25 months, and of some types older than 90 days, are gone ([WithRetention]). Without a filter only
// types that the SOAP API knew come, unless [WithAllActivityTypes] is given. It costs a call for each
// ten types and block, two for the start, and a call for each ten types and later page.
func (b *Bridge) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	return perform(ctx, b, "getLeadActivity", in, (*work).getLeadActivity)
}

// history is the reading of one lead's history.
type history struct {
	stream

	at position.Position
}

func (w *work) getLeadActivity(in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	if err := w.checkKey(in.LeadKey); err != nil {
		return nil, err
	}
	f, err := readActivityFilter(in.ActivityFilter.Or(gen.ActivityTypeFilter{}), nil)
	if err != nil {
		return nil, err
	}
	start := in.StartPosition.Or(gen.StreamPosition{})
	b, err := w.readBounds(&start)
	if err != nil {
		return nil, err
	}
	h := &history{stream: stream{work: w, low: b.low, high: b.high, until: w.timeForPage()}}
	defer func() { h.member.Leave() }()
	if err := h.open(in, f, start); err != nil {
		return nil, err
	}
	size := maxActivities
	if n := int(in.BatchSize.Or(0)); n > 0 && n < size {
		size = n
	}
	list, done, err := h.page(size)
	if err != nil {
		return nil, err
	}
	return h.answer(start, list, done)
}

// open finds the lead and puts the reading where the request wants it.
func (h *history) open(in *gen.ParamsGetLeadActivity, f activityFilter, start gen.StreamPosition) (err error) {
	h.at, err = h.positions.Read(position.Request{
		Operation: h.operation, Query: question(*in.LeadKey, f), Text: start.Offset.Or(""), Oldest: h.low, Latest: h.high,
	})
	if err != nil {
		return err
	}
	if h.at.Streams == nil || slices.ContainsFunc(h.at.Streams, func(s position.Stream) bool { return !s.Done }) {
		if h.member, err = h.joined.Enter(h); err != nil { // a walk is before it
			return err
		}
	}
	if h.at.Streams == nil {
		return h.first(in.LeadKey, f)
	}
	h.high, h.low = unix(h.at.Until), unix(h.at.Since)
	if err := h.chainsOf(f, h.at.Subject); err != nil {
		return err
	}
	return h.resume(h.at.Streams)
}

// first begins a reading. The lead's making bounds it: before that it has no activity.
func (h *history) first(key *gen.LeadKey, f activityFilter) error {
	records, err := h.leadsOf(key)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return noLead(key)
	}
	h.at.Until = h.config.rest.Now().Add(horizon).Unix()
	if !h.high.IsZero() {
		h.at.Until = h.high.Unix()
	}
	var created string
	for _, r := range records {
		id, err := r.ID("id")
		if err != nil {
			return fault.NewContentError(err)
		}
		if id >= h.at.Subject {
			h.at.Subject, created = id, r.Get("createdAt").Text
		}
	}
	var oldest time.Time
	if h.retention > 0 {
		oldest = h.config.rest.Now().Add(-h.retention)
	}
	if made, err := h.readTime(created); err == nil && made.After(oldest) {
		// Records of other systems may be a little older than the lead.
		oldest = made.AddDate(0, 0, -1)
	}
	if h.low.Before(oldest) {
		h.low = oldest
	}
	h.at.Since, h.high = max(0, h.low.Unix()), unix(h.at.Until)
	if err := h.chainsOf(f, h.at.Subject); err != nil || len(h.chains) == 0 {
		return err
	}
	return h.start(h.low)
}

// chainsOf makes the chains of a lead, which was found when the reading began. The deletions of all leads, which can only be walked
// through as a whole, are not asked for: a lead that was there had none, as ids are taken not to be given again; nothing documented
// says so.
func (h *history) chainsOf(f activityFilter, lead int64) error {
	return h.openChains(f, chosenLeads{ids: []int64{lead}, alive: true})
}

// page returns up to n records, newest first, and whether no others follow.
func (h *history) page(n int) (list []entry, done bool, err error) {
	walked := make(map[*chain]map[string][]entry)
	for _, c := range h.chains {
		walked[c] = make(map[string][]entry)
		if err := h.walk(c, walked[c]); err != nil {
			if errors.Is(err, errTimeOver) {
				return nil, false, nil
			}
			return nil, false, err
		}
	}
	h.member.Leave()
	if h.over(h.until) && slices.ContainsFunc(h.chains, func(c *chain) bool { return c.begun }) {
		return nil, false, nil
	}
	list = make([]entry, 0, n)
	for len(list) < n {
		h.patient = len(list) == 0 // a page that takes several fetches would else never come
		var newest *chain
		for _, c := range h.chains {
			last, err := h.last(c, walked[c])
			switch {
			case errors.Is(err, errTimeOver):
				return list, false, nil
			case err != nil:
				return nil, false, err
			case last == nil:
			case newest == nil || compareEntries(last, newest.fromEnd()) > 0:
				newest = c
			}
		}
		if newest == nil {
			return list, true, nil
		}
		list = append(list, *newest.fromEnd())
		newest.giveLast()
	}
	return list, !slices.ContainsFunc(h.chains, (*chain).hasMore), nil
}

// walk goes through a chain to its end, and notes the tokens of the pages that have records.
func (h *history) walk(c *chain, pages map[string][]entry) error {
	for renewed := 0; !c.place.Done; {
		token := c.place.Token
		err := h.fetch(c)
		if isTokenRefusal(err) && renewed < maxRenewals { // nothing was given out yet: the walk starts over
			renewed++
			clear(pages)
			c.place = position.Stream{}
			if err := h.renew(c); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if kept := h.kept(c); len(kept) > 0 {
			c.note(token, kept, pages)
			if len(c.place.Pages) > maxPlaces/len(h.chains) {
				c.pair(pages)
			}
		}
		c.spend()
		if c.end.After(h.high) {
			c.more = false
		}
		c.advance()
	}
	c.place.Token = "" // it is not needed any more
	return nil
}

// note keeps the place of a page with records. A page that has the records of other calls' leads too has few of
// this one, so it becomes one place with those before it: read for the lead alone, they come with one request or a
// few more, and a later page of the history costs what it does without others.
func (c *chain) note(token string, kept []entry, pages map[string][]entry) {
	end := &kept[len(kept)-1]
	if n := len(c.place.Pages); c.reach > 0 && n > 0 {
		last := &c.place.Pages[n-1]
		if before, walked := pages[last.Token]; walked && len(before)+len(kept) <= rest.MaxPage {
			pages[last.Token] = slices.Concat(before, kept)
			last.Last, last.At = end.mark(), end.at.Unix()
			return
		}
	}
	c.reach = maxReach
	c.place.Pages = append(c.place.Pages, position.Page{Token: token, Last: end.mark(), At: end.at.Unix()})
	pages[token] = kept
}

// maxReach is how many answers that were not full a place goes over at most. As many requests it may take to read
// it for the lead alone, if the service stops where it stopped before; a full answer it would have continued.
const maxReach = 10

// spend counts the answer that was walked through against what the last place may go over. What lies behind an
// empty answer is a place of its own, and so is what was asked for the lead alone.
func (c *chain) spend() {
	switch {
	case !c.shared || c.answered == 0:
		c.reach = 0
	case c.answered < rest.MaxPage:
		c.reach--
	}
}

// maxPlaces is how many pages with records a position can name, of all chains together: more would not fit into it.
const maxPlaces = 2000

// pair makes one place of each two pages that follow each other, which are read one after the other when their turn
// comes.
func (c *chain) pair(pages map[string][]entry) {
	list := c.place.Pages
	for i := 1; i < len(list); i += 2 {
		first, second := list[i-1].Token, list[i]
		one, hasOne := pages[first]
		two, hasTwo := pages[second.Token]
		delete(pages, first)
		delete(pages, second.Token)
		if hasOne && hasTwo {
			pages[first] = slices.Concat(one, two)
		}
		list[i/2] = position.Page{Token: first, Last: second.Last, At: second.At}
	}
	if len(list)%2 == 1 {
		list[len(list)/2] = list[len(list)-1]
	}
	c.place.Pages = list[:(len(list)+1)/2]
}

// kept returns the records of a page that are within the bounds.
func (h *history) kept(c *chain) []entry {
	return slices.DeleteFunc(slices.Clone(c.page), func(e entry) bool {
		return e.at.After(h.high) || e.at.Before(h.low) || c.wanted != nil && !c.wanted[e.LeadID]
	})
}

// last returns the newest record of a chain that was not given out, nil if there is none.
func (h *history) last(c *chain, pages map[string][]entry) (*entry, error) {
	for len(c.place.Pages) > 0 {
		if !c.loaded {
			page := c.place.Pages[len(c.place.Pages)-1]
			kept, walked := pages[page.Token]
			if !walked {
				var err error
				if kept, err = h.again(c, page); err != nil {
					return nil, err
				}
			}
			c.page, c.loaded = kept, true
			c.findLast()
		}
		if c.place.Skip < len(c.page) {
			return c.fromEnd(), nil
		}
		c.place.Pages, c.place.Skip, c.loaded = c.place.Pages[:len(c.place.Pages)-1], 0, false
	}
	return nil, nil
}

// again reads the records of a page once more, to where it ended when it was read first. If its token is refused, it is
// looked for from the end of the page before it.
func (h *history) again(c *chain, page position.Page) ([]entry, error) {
	defer func() { c.place.Token = "" }()
	var all []entry
	var before position.Page // of a page that is looked for
	renewed := 0
	for c.place.Token = page.Token; ; c.place.Token = c.next {
		err := h.fetch(c)
		for ; isTokenRefusal(err) && renewed < maxRenewals; renewed++ {
			all = nil
			if before, err = h.lookBefore(c); err == nil {
				err = h.fetch(c)
			}
		}
		if err != nil {
			c.loaded = false
			return nil, err
		}
		all = append(all, h.kept(c)...)
		if i := slices.IndexFunc(all, func(e entry) bool { return before.Last != "" && e.mark() == before.Last }); i >= 0 {
			all = all[i+1:]
		}
		if i := slices.IndexFunc(all, func(e entry) bool { return e.mark() == page.Last }); i >= 0 {
			all = all[:i+1]
			break
		}
		n := len(c.page)
		if !c.more || n > 0 && c.page[n-1].at.Unix() > page.At { // the last one is gone
			break
		}
	}
	return slices.DeleteFunc(all, func(e entry) bool { return e.at.Unix() < before.At }), nil
}

// lookBefore gives a chain a token of the second in which the page before its last one ended, and returns that page: the
// zero value if there is none.
func (h *history) lookBefore(c *chain) (before position.Page, err error) {
	from := h.low
	if n := len(c.place.Pages); n > 1 {
		before = c.place.Pages[n-2]
		from = unix(before.At - 1)
	}
	c.place.Token, err = h.rest.PagingToken(h, from)
	return before, err
}

// findLast finds the record that was given out last, on a page that may have changed since.
func (c *chain) findLast() {
	if c.place.Skip == 0 || len(c.place.Seen) == 0 {
		return
	}
	if i := slices.IndexFunc(c.page, func(e entry) bool { return e.mark() == c.place.Seen[0] }); i >= 0 {
		c.place.Skip = len(c.page) - i
	}
}

// fromEnd returns the newest record that was not given out.
func (c *chain) fromEnd() *entry { return &c.page[len(c.page)-1-c.place.Skip] }

// giveLast gives it out.
func (c *chain) giveLast() {
	c.place.Seen = []string{c.fromEnd().mark()}
	c.place.Skip++
}

// hasMore reports whether a chain has records that were not given out.
func (c *chain) hasMore() bool {
	return len(c.place.Pages) > 1 || len(c.place.Pages) == 1 && (!c.loaded || c.place.Skip < len(c.page))
}

// answer makes the answer with a page.
func (h *history) answer(start gen.StreamPosition, list []entry, done bool) (*gen.SuccessGetLeadActivity, error) {
	records, err := h.records(activities(list))
	if err != nil {
		return nil, err
	}
	out := &gen.LeadActivityList{ReturnCount: int32(len(list)), ActivityRecordList: gen.NilOf[gen.ArrayOfActivityRecord]()} //nolint:gosec // at most a page
	if len(list) > 0 {
		shown := make([]gen.ActivityRecord, len(records))
		for i := range records {
			shown[i] = records[i].activityRecord()
		}
		out.ActivityRecordList = gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: shown})
	}
	if !done {
		out.RemainingCount = 1
		h.at.Streams = h.places()
	}
	text, err := h.seal(h.at, !done)
	if err != nil {
		return nil, err
	}
	high := unix(h.at.Until)
	start.LatestCreatedAt = gen.Some(h.moment(high))
	out.NewStartPosition = echo(&start, text)
	return &gen.SuccessGetLeadActivity{LeadActivityList: out}, nil
}
