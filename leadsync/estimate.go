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
	Duration time.Duration // including the waits for the quota's reset, and for that of the volume
	// VolumeUsed is how many bytes of bulk extracts were made today, and VolumeLimit how many a day allows; 0: no stream is read
	// so, or the service does not tell.
	VolumeUsed, VolumeLimit int64
	End                     time.Time
	Resets                  int // how often the run will wait for the quota's reset
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
	Calls     int // of the service, estimated
	// Bytes are those of the files by bulk extract, estimated from the rows; 0: there are none, or nobody knows.
	Bytes int64
}

const (
	// callsPerExtract is how many calls a window by bulk extract takes: to ask for the volume, to make a job and put it into the
	// queue, four times for its state, and twice for its file.
	callsPerExtract = 9
	// extractTime is how long a job takes, with the time until somebody asks.
	extractTime = 5 * time.Minute
	// bytesPerRow is about what a row of a file takes, with the attributes of a visited page.
	bytesPerRow = 250
)

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
	probes, bulk := 0, StreamForecast{}
	for _, s := range c.Streams {
		part, n, err := c.estimate(ctx, s, upper)
		if err != nil {
			return nil, err
		}
		probes += n
		f.Streams = append(f.Streams, part)
		f.Calls += part.Calls
		if s.Source == Bulk {
			bulk = part
		}
	}
	latency := time.Since(began) / time.Duration(max(probes, 1))
	f.Quota = quota.Status{Daily: -1, PerCall: 20 * time.Second / 100} // what a client keeps by itself
	if c.Limiter != nil {
		if f.Quota, err = c.Limiter.Quota(ctx); err != nil {
			return nil, err
		}
	}
	f.schedule(upper, latency/time.Duration(c.Concurrency))
	if bulk.Windows > 0 {
		if f.VolumeUsed, f.VolumeLimit, err = c.Extracts.Volume(ctx); err != nil {
			return nil, err
		}
		f.scheduleBulk(upper, bulk)
	}
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
	m := &meter{config: c}
	if err := c.countRows(ctx, p, &f, m); err != nil {
		return StreamForecast{}, 0, err
	}
	f.Calls *= max(m.cost, 1)
	if s.Source == Bulk {
		f.Calls, f.Bytes = callsPerExtract*f.Windows, bytesPerRow*int64(f.Rows)
	}
	return f, m.probes, nil
}

// meter counts the probes of an estimate, and measures what a call of the port costs.
type meter struct {
	config *Config
	probes int
	cost   int // the least calls of the service that a probe took: the first one may look up what the others know
}

// probe makes a call.
func (m *meter) probe(call func() error) error {
	calls := func() int64 { return 0 }
	if m.config.Calls != nil {
		calls = m.config.Calls
	}
	before := calls()
	m.probes++
	err := call()
	if took := int(calls() - before); m.cost == 0 || took < m.cost {
		m.cost = took
	}
	return err
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
		windows = st.Unfinished
		if again, _ := s.switched(windows); len(again) > 0 {
			windows = again
		}
		resumes = len(windows)
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
func (c *Config) countRows(ctx context.Context, p proof, f *StreamForecast, m *meter) error {
	switch p.stream.Name {
	case Activities:
		return c.countActivities(ctx, p, f, m)
	case Leads:
		return c.countLeads(ctx, p, f, m)
	}
	if p.needed() { // how long histories are is not known before
		return m.probe(func() error { return c.prove(ctx, p, f.Upper) })
	}
	return nil
}

// countActivities asks for one activity and takes the count of those that follow. A count of 1 may be no count (see
// pass.begun): then a page is asked for, and the whole time assumed to be like that of the page.
func (c *Config) countActivities(ctx context.Context, p proof, f *StreamForecast, m *meter) error {
	most := (&reader{batch: c.BatchSize}).batchSize(operations.MaxChangeBatch)
	page, err := c.probeActivities(ctx, p, f, m, 1)
	if err == nil && page.More && page.Remaining == 1 {
		page, err = c.probeActivities(ctx, p, f, m, most)
	}
	if err != nil {
		return err
	}
	f.Rows, f.RowsKnown = page.Remaining+len(page.Items), true
	if n := len(page.Items); page.More && page.Remaining == 1 && n > 1 {
		most = n
		took := max(page.Items[n-1].Time.Sub(f.From), time.Second)
		f.Rows = int(float64(n) * max(f.Upper.Sub(f.From).Seconds()/took.Seconds(), 1))
	}
	f.Calls += rangesFor(f.Rows, most)
	if p.query = false; p.needed() {
		return m.probe(func() error { return c.prove(ctx, p, f.Upper) })
	}
	return nil
}

// probeActivities asks for the first page of what a run would read.
func (c *Config) probeActivities(ctx context.Context, p proof, f *StreamForecast, m *meter, size int) (page operations.Page[operations.Change], err error) {
	err = m.probe(func() (err error) {
		page, err = operations.New(c.Port).Changes.Page(ctx, f.From, operations.Cursor{}, &operations.ChangeOptions{
			Names: p.stream.Types, Until: f.Upper, BatchSize: size, OnUnreadable: ignore,
		})
		return err
	})
	return page, refusal(err, Activities, "Types", p.stream.Types, false)
}

// countLeads asks for one lead in some ranges of 30 days, which is the longest range that the service takes, and
// projects the counts onto all of them.
func (c *Config) countLeads(ctx context.Context, p proof, f *StreamForecast, m *meter) error {
	fields := []string{"Email"}
	if p.query && len(p.stream.Fields) > 0 {
		fields = p.stream.Fields
	}
	ranges := (Stream{Name: Leads, Window: operations.MaxUpdatedRange - 2*edge}).cut(f.From, f.Upper, f.From, nil)
	every := (len(ranges) + maxProbes - 1) / maxProbes
	for i := 0; i < len(ranges); i += every {
		between := operations.UpdatedBetween(ranges[i].From, ranges[i].To)
		err := m.probe(func() error {
			options := &operations.LeadOptions{Fields: fields, BatchSize: 1, OnUnreadable: ignore}
			page, err := operations.New(c.Port).Leads.Page(ctx, between, operations.Cursor{}, options)
			f.Rows, f.RowsKnown = f.Rows+page.Remaining+len(page.Items), true
			return err
		})
		if err != nil {
			return p.refusedFields(err)
		}
	}
	f.Rows = f.Rows * len(ranges) / m.probes
	f.Calls += rangesFor(f.Rows, (&reader{batch: c.BatchSize}).batchSize(maxLeadBatch))
	return nil
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

// scheduleBulk adds how long a stream by bulk extract takes: its jobs, some at once, and the days until the volume is enough
// for them.
func (f *Forecast) scheduleBulk(now time.Time, bulk StreamForecast) {
	end := now.Add(time.Duration((bulk.Windows+maxExtracts-1)/maxExtracts) * extractTime)
	if left := f.VolumeUsed + bulk.Bytes - f.VolumeLimit; f.VolumeLimit > 0 && left > 0 {
		days := (left - 1) / f.VolumeLimit
		end = latest(end, fault.NextReset(now).AddDate(0, 0, int(days)).Add(extractTime))
	}
	f.End = latest(f.End, end)
	f.Duration = f.End.Sub(now)
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
