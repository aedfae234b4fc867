package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Forecast is what a run is expected to need.
type Forecast struct {
	Streams  []StreamForecast
	Calls    int
	Quota    quota.Status
	Duration time.Duration // including the waits for the quota's reset
	End      time.Time
	Resets   int // how often the run will wait for the quota's reset
}

// StreamForecast is the part of one stream.
type StreamForecast struct {
	Name      StreamName
	From      time.Time // where reading begins, the lookback included
	Upper     time.Time
	Resumes   int // windows of earlier runs, which come first
	Windows   int // all windows, including those of earlier runs
	Rows      int // estimated from the service's counts; see RowsKnown
	RowsKnown bool
	Calls     int // estimated
}

// Estimate says what Run would do, without doing it. It makes one or a few calls for each stream to learn how much there is;
// the counts of the service are not exact (Marketo SOAP API, remainingCount), so neither is the estimate. It leaves out the
// calls that look up leads of the copy that were merged: one for each commit that reports any. Config.Store may be nil if
// there is no copy yet.
//
// Errors: those of Store.Plan, such as store.ErrOtherQuery, and of the calls.
func Estimate(ctx context.Context, config *Config) (*Forecast, error) {
	c := config.withDefaults()
	if err := c.validateFor(c.Store == nil); err != nil {
		return nil, err
	}
	upper, err := c.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("the server's clock: %w", err)
	}
	f := &Forecast{}
	began := time.Now()
	probes := 0
	for _, s := range c.Streams {
		part, n, err := c.estimate(ctx, s, upper)
		if err != nil {
			return nil, err
		}
		probes += n
		f.Streams = append(f.Streams, part)
		f.Calls += part.Calls
	}
	latency := time.Since(began) / time.Duration(max(probes, 1))
	f.Quota = quota.Status{Daily: -1, PerCall: 20 * time.Second / 100} // what a client keeps by itself
	if c.Limiter != nil {
		if f.Quota, err = c.Limiter.Quota(ctx); err != nil {
			return nil, err
		}
	}
	f.schedule(upper, latency/time.Duration(c.Concurrency))
	return f, nil
}

// maxProbes is how many ranges of 30 days are asked for. If there are more, the others are assumed to be like them:
// an estimate over ten years should not cost a hundred calls.
const maxProbes = 6

// errDry breaks off a plan after its state was looked at.
var errDry = errors.New("only an estimate")

// estimate returns the forecast of a stream and how many calls it took.
func (c *Config) estimate(ctx context.Context, s Stream, upper time.Time) (StreamForecast, int, error) {
	var leads []string
	var err error
	if s.Name == LeadActivity {
		if leads, err = c.chooseLeads(ctx, s); err != nil {
			return StreamForecast{}, 0, err
		}
	}
	windows, resumes, err := c.wouldPlan(ctx, s, upper, leads)
	if err != nil {
		return StreamForecast{}, 0, err
	}
	f := StreamForecast{Name: s.Name, Upper: wholeSecond(upper), Resumes: resumes, Windows: len(windows)}
	if len(windows) == 0 {
		return f, 0, nil
	}
	for _, w := range windows {
		if f.From.IsZero() || w.From.Before(f.From) {
			f.From = w.From
		}
		f.Calls += max(len(w.Leads), 1)
	}
	p, err := c.toProve(ctx, s, leads)
	if err != nil {
		return StreamForecast{}, 0, err
	}
	probes, err := c.countRows(ctx, p, &f)
	if err != nil {
		return StreamForecast{}, 0, err
	}
	return f, probes, nil
}

// toProve returns what a run would prove first. Counting the rows makes the same request, so the estimate finds a
// misspelt field as well.
func (c *Config) toProve(ctx context.Context, s Stream, leads []string) (proof, error) {
	st, err := c.look(ctx, s)
	if err != nil {
		return proof{}, err
	}
	return s.unproved(st, leads)
}

// wouldPlan returns all windows that a run would read: those that earlier runs have left undone, and those that it
// would plan after them. It decides as planRun does, inside of a transaction of the store that is broken off.
func (c *Config) wouldPlan(ctx context.Context, s Stream, upper time.Time, leads []string) (windows []store.Window, resumes int, err error) {
	try := func(st store.StreamState) (store.Planned, error) {
		st, p, err := s.choose(st, leads)
		if err != nil {
			return p, err
		}
		windows, resumes = st.Unfinished, len(st.Unfinished)
		st.Unfinished = nil
		if resumes > 0 { // they will be done by then
			for _, w := range windows {
				st.Uppers = append(st.Uppers, w.To)
			}
			slices.SortFunc(st.Uppers, func(a, b time.Time) int { return b.Compare(a) })
		}
		if p, err = planRun(s, st, upper, leads); err != nil {
			return p, err
		}
		windows = append(windows, p.Windows...)
		return store.Planned{}, errDry
	}
	if c.Store == nil {
		_, err = try(store.StreamState{})
	} else {
		_, _, err = c.Store.Plan(ctx, s.kept(), try)
	}
	if errors.Is(err, errDry) {
		err = nil
	}
	return windows, resumes, err
}

// countRows estimates how many rows there are and adds the calls for those that go beyond one page per window. How
// long the histories of leads are is not known without reading them, so for LeadActivity the estimate stays at one
// call per lead.
func (c *Config) countRows(ctx context.Context, p proof, f *StreamForecast) (probes int, err error) {
	switch p.stream.Name {
	case Activities:
		return c.countActivities(ctx, p, f)
	case Leads:
		return c.countLeads(ctx, p, f)
	}
	if p.needed() { // how long histories are is not known before
		return len(p.leads), c.prove(ctx, p, f.Upper)
	}
	return 0, nil
}

// countActivities asks for one activity and takes the count of those that follow.
func (c *Config) countActivities(ctx context.Context, p proof, f *StreamForecast) (probes int, err error) {
	types := p.stream.Types
	page, err := operations.New(c.Port).Changes.Page(ctx, f.From, operations.Cursor{}, &operations.ChangeOptions{
		Names: types, Until: f.Upper, BatchSize: 1, OnUnreadable: ignore,
	})
	if err != nil {
		return 1, refusal(err, Activities, "Types", types, false)
	}
	f.Rows, f.RowsKnown = page.Remaining+len(page.Items), true
	f.Calls += rangesFor(f.Rows, (&reader{batch: c.BatchSize}).batchSize(operations.MaxChangeBatch))
	if p.query = false; p.needed() {
		return 2, c.prove(ctx, p, f.Upper)
	}
	return 1, nil
}

// countLeads asks for one lead in some ranges of 30 days, which is the longest range that the service takes, and
// projects the counts onto all of them.
func (c *Config) countLeads(ctx context.Context, p proof, f *StreamForecast) (probes int, err error) {
	fields := []string{"Email"}
	if p.query && len(p.stream.Fields) > 0 {
		fields = p.stream.Fields
	}
	ranges := (Stream{Name: Leads, Window: operations.MaxUpdatedRange - 2*edge}).cut(f.From, f.Upper, f.From, nil)
	every := (len(ranges) + maxProbes - 1) / maxProbes
	for i := 0; i < len(ranges); i += every {
		between := operations.UpdatedBetween(ranges[i].From, ranges[i].To)
		options := &operations.LeadOptions{Fields: fields, BatchSize: 1, OnUnreadable: ignore}
		page, err := operations.New(c.Port).Leads.Page(ctx, between, operations.Cursor{}, options)
		if err != nil {
			return probes, p.refusedFields(err)
		}
		probes++
		f.Rows, f.RowsKnown = f.Rows+page.Remaining+len(page.Items), true
	}
	f.Rows = f.Rows * len(ranges) / probes
	f.Calls += rangesFor(f.Rows, (&reader{batch: c.BatchSize}).batchSize(maxLeadBatch))
	return probes, nil
}

// rangesFor returns how many ranges so many rows fill. Ranges are planned to fill three quarters of a page, so that
// most of them fit.
func rangesFor(rows, page int) int { return 4 * rows / (3 * page) }

// schedule works out when the calls will have been made: no faster than the rate limit and the answers allow, and no
// more in a day than the quota has left.
func (f *Forecast) schedule(now time.Time, perCall time.Duration) {
	perCall = max(perCall, f.Quota.PerCall)
	end, left := now, f.Calls
	today, day := f.Quota.Left(), f.Quota.Daily-f.Quota.Reserve
	for f.Quota.Daily >= 0 && left > today && day > 0 {
		left -= today
		today = day
		f.Resets++
		end = fault.NextReset(latest(end, now))
	}
	end = end.Add(time.Duration(left) * perCall)
	f.End, f.Duration = end, end.Sub(now)
}

// validateFor is validate for the functions that need streams and may do without a store.
func (c *Config) validateFor(noStore bool) error {
	d := *c
	if noStore {
		d.Store = missingStore{}
	}
	err := d.validate()
	if len(c.Streams) == 0 {
		err = errors.Join(err, &FieldError{Field: "Streams", Problem: "is empty; name a stream"})
	}
	return err
}

// missingStore stands for a copy that is not there yet.
type missingStore struct{ store.Store }
