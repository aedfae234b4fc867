package crashtest

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

const (
	userID = "example_user"
	key    = "example-key"
	leads  = 2000
	days   = 400
	crowds = 2
	// lateness is how much later than the time it bears an activity may be stored.
	lateness = 90 * time.Minute
	// perTrouble is after how many calls there is new trouble.
	perTrouble = 8
	// perMerge is after how many calls two newcomers are merged.
	perMerge = 20
	// perBirth is after how many calls the source gets new activities.
	perBirth = 3
	// newcomers are leads that have recent activities only. They are the ones that are merged: what lies
	// further back than the lookback is not read again under its new lead.
	newcomers = 60
)

// nature is what a source is like.
type nature struct {
	rough    bool // counts are flags, pages short or empty
	offsets  bool // positions of getMultipleLeads are offsets, and a changed lead leaves its place
	overlaps bool // pages of getLeadChanges begin with what the page before ended with
	rest     bool // it is asked over the REST API, which shows ids in its own way
	bulk     bool // by bulk extract, whose jobs fail and are forgotten, and whose files come slowly
}

// source is the service: a simulator behind HTTP, with trouble.
type source struct {
	sim   *simulator.Simulator
	port  gen.Port // the simulator with disguised ids, or its REST API, without trouble
	bulk  bulkJobs
	url   string // of the newest version, or of the REST API
	old   string // the same service by version 2_7 of the SOAP API, without GUIDs
	since time.Time
	meter meter
	rules server.Rules
	slow  time.Duration // the longest delay
	past  time.Time     // the simulator's time while the source is made

	mu      sync.Mutex
	rng     *rand.Rand
	history *history
	calls   int
	living  bool
	newest  time.Time // of what was added while it lived
	born    int
	merged  int
	updated map[int64]time.Time // when each lead that there is was updated last
	strange []server.Exchange   // with faults that nothing has asked for
}

// newSource makes a source with more than n activities of the last 400 days.
func newSource(tb testing.TB, nature nature, seed uint64, n, page int, l limits.Limits, slow time.Duration) *source {
	tb.Helper()
	s := &source{
		rng: rand.New(rand.NewPCG(seed, 2)), history: newHistory(seed), slow: slow, updated: map[int64]time.Time{},
	}
	options := []simulator.Option{simulator.WithSeed(seed), simulator.WithPageLimit(page), simulator.WithClock(s.now)}
	if nature.rough {
		options = append(options, simulator.WithRoughCounts(), simulator.WithShortPages(0.2), simulator.WithEmptyPages(0.05))
	}
	s.sim = simulator.New(options...)
	s.port = disguised(s.sim)
	s.bulk.wanted = nature.bulk
	if nature.rest {
		s.history.types = slices.DeleteFunc(s.history.types, isDeletion)
	}
	now := time.Now().Truncate(time.Second)
	s.since = now.AddDate(0, 0, -days)
	if err := s.populate(); err != nil {
		tb.Fatal(err)
	}
	activities := s.history.between(s.since, now.Add(-lateness), n)
	for month := range crowds { // more alike in one second than a page holds
		activities = append(activities, s.history.crowd(s.since.AddDate(0, 1+month, 0), page+page/2)...)
	}
	if err := s.add(activities); err != nil {
		tb.Fatal(err)
	}
	if nature.rest {
		s.serveREST(tb, l)
		return s
	}
	port := s.port
	if nature.offsets {
		port = &offsets{Port: port, source: s, page: page, live: seed%2 == 0}
	}
	if nature.overlaps {
		port = &overlaps{Port: port, ends: map[string][]gen.LeadChangeRecord{}}
	}
	s.url = s.listen(tb, s.handler(tb, port, l)) + "/soap/mktows/3_1"
	s.old = s.listen(tb, withoutNumbers(s.handler(tb, numbered{port}, l))) + "/soap/mktows/2_7"
	return s
}

// populate adds the leads, each at another time of the past.
func (s *source) populate() error {
	defer func() { s.past = time.Time{} }()
	for lead := range leads + newcomers {
		s.past = s.since.Add(time.Duration(s.rng.Int64N(days*24*3600)) * time.Second)
		id, err := s.sim.AddLead(simulator.Lead{ID: int64(1 + lead)})
		if err != nil {
			return err
		}
		s.updated[id] = s.past
	}
	return nil
}

// now is the simulator's clock.
func (s *source) now() time.Time {
	if s.past.IsZero() {
		return time.Now()
	}
	return s.past
}

// handler is a port as a SOAP endpoint.
func (s *source) handler(tb testing.TB, port gen.Port, l limits.Limits) http.Handler {
	tb.Helper()
	handler, err := server.New(port, server.WithUsers(map[string]auth.Secret{userID: auth.NewSecret(key)}),
		server.WithLimits(l), server.WithRules(&s.rules), server.WithJournal(s.record))
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// listen returns the address of a handler.
func (s *source) listen(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	listening := httptest.NewServer(s.meter.measure(handler))
	tb.Cleanup(listening.Close)
	return listening.URL
}

func (s *source) add(activities []simulator.Activity) error {
	byLead := scatter(s.rng, activities, leads)
	for _, lead := range slices.Sorted(maps.Keys(byLead)) {
		if err := s.addTo(lead, byLead[lead]); err != nil {
			return err
		}
	}
	return nil
}

// happened returns when an activity of a history happened.
func happened(a simulator.Activity) time.Time {
	at, err := a.Time.Time()
	if err != nil {
		panic(err)
	}
	return at
}

func (s *source) addTo(lead int64, activities []simulator.Activity) error {
	for i := range activities {
		if at := happened(activities[i]); at.After(s.updated[lead]) {
			s.updated[lead] = at
		}
	}
	_, err := s.sim.AddActivities(lead, activities...)
	return err
}

// record sees each call. The source lives by calls, not by the clock, so that a slow machine has as
// much trouble as a fast one.
func (s *source) record(e server.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Fault != nil && !e.Scripted && !natural(e) {
		s.strange = append(s.strange, e)
	}
	if s.calls++; !s.living {
		return
	}
	if s.calls%perTrouble == 0 {
		if isREST(e) {
			s.rules.Add(s.restTrouble(e))
		} else {
			s.rules.Add(s.trouble(e))
		}
	}
	pages := 1
	if isREST(e) && !s.bulk.wanted {
		pages = callsPerPage
	}
	if s.calls%(perBirth*pages) == 0 {
		s.bear()
		s.change()
	}
	if s.calls%(perMerge*pages) == 0 {
		s.merge()
	}
}

// natural reports whether a fault is what a source gives whose leads are merged while its pages are
// read, or whose callers are killed.
func natural(e server.Exchange) bool {
	return isREST(e) && naturalOverREST(e) || errors.Is(e.Err, server.ErrCutOff) || errors.Is(e.Err, context.Canceled) || e.Fault.Code == fault.CodeLeadNotFound || e.Fault.Code == fault.CodeStreamAtEnd
}

// trouble is what happens to the service, for a call or two of an operation. It is the one that was called, and where that call
// was for a later page, a position may be lost: trouble for others would pile up until they are.
func (s *source) trouble(e server.Exchange) server.Rule {
	r := server.Rule{Operation: e.Operation, Skip: s.rng.IntN(perTrouble), Times: 1 + s.rng.IntN(2)}
	kinds := 8
	if hasPosition(e) {
		kinds = 12
	}
	switch s.rng.IntN(kinds) {
	case 8, 9:
		r.Code, r.Match, r.Times, r.Skip = fault.CodeBadStreamPosition, hasPosition, 1, 0
	case 10, 11:
		r.Code, r.Match, r.Times, r.Skip = fault.CodeStreamAtEnd, hasPosition, 1, 0
	case 0:
		r.Code = fault.CodeServiceInternal
	case 1:
		r.Code = fault.CodeInternal
	case 2:
		r.Status = http.StatusBadGateway
	case 3:
		r.Status = http.StatusServiceUnavailable
	case 4:
		r.Drop = server.DropBeforeWork
	case 5:
		r.Drop = server.DropAfterWork
	case 6:
		r.Drop = server.DropHalfAnswer
	}
	if r.Code == 0 && r.Status == 0 && r.Drop == server.NoDrop || s.rng.IntN(3) == 0 {
		r.Delay = 1 + time.Duration(s.rng.Int64N(int64(s.slow)))
	}
	return r
}

// hasPosition reports whether a call is for a later page.
func hasPosition(e server.Exchange) bool {
	switch in := e.Request.(type) {
	case *gen.ParamsGetLeadChanges:
		return in.StartPosition != nil && in.StartPosition.Offset.Or("") != ""
	case *gen.ParamsGetLeadActivity:
		position := in.StartPosition.Or(gen.StreamPosition{})
		return position.Offset.Or("") != ""
	case *gen.ParamsGetMultipleLeads:
		return in.StreamPosition.Or("") != ""
	}
	return false
}

// bear adds activities that have happened during the last 90 minutes.
func (s *source) bear() {
	now := time.Now().Truncate(time.Second)
	list := s.history.between(now.Add(-lateness), now, 1+s.rng.IntN(4))
	lead, recent := s.newcomer(), s.history.keyed(now.Add(-time.Duration(s.rng.IntN(60))*time.Second))
	if err := errors.Join(s.add(list), s.addTo(lead, []simulator.Activity{recent})); err != nil {
		panic(err) // the ids are new and the leads there
	}
	list = append(list, recent)
	s.born += len(list)
	for i := range list {
		if happened(list[i]).After(s.newest) {
			s.newest = happened(list[i])
		}
	}
}

// live lets the source go on living, with trouble, or ends that.
func (s *source) live(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.living = on
}

// age returns the time of the newest activity that was added while the source lived, and how
// many were.
func (s *source) age() (newest time.Time, born int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest, s.born
}

// refusals are the calls that got a fault which no rule has asked for, such as those of the limits.
func (s *source) refusals() []server.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.strange)
}

// truth is what the source holds, as rows.
func (s *source) truth(ctx context.Context) ([]store.ActivityRow, error) {
	var rows []store.ActivityRow
	for c, err := range operations.New(s.port).Changes.All(ctx, s.since, nil) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, store.NewActivityRow(operations.Activity{
			ID: c.ID, HasID: c.HasID, GUID: c.GUID, Time: c.Time, Type: c.Type, AssetName: c.AssetName,
			Campaign: c.Campaign, LeadID: c.LeadID, Attributes: c.Attributes,
		}, 0))
	}
	return rows, nil
}

// truthOfLeads are the digests of the leads that the source has had updates of since its
// beginning.
func (s *source) truthOfLeads(ctx context.Context) (map[int64]store.Digest, error) {
	digests := map[int64]store.Digest{}
	const step = 29 * 24 * time.Hour
	for from := s.since; from.Before(time.Now()); from = from.Add(step) {
		for lead, err := range operations.New(s.port).Leads.All(ctx, operations.UpdatedBetween(from, from.Add(step)), nil) {
			if err != nil {
				return nil, err
			}
			digests[lead.ID] = store.NewLeadRow(lead).Digest
		}
	}
	return digests, nil
}

// disguised is a port with the ids of a service that has lived long.
func disguised(port gen.Port) gen.Port { return disguise{port} }

type disguise struct{ gen.Port }

func (d disguise) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := d.Port.GetLeadChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	records := out.Result.LeadChangeRecordList.Value.LeadChangeRecord
	for i := range records {
		r := &records[i]
		r.Id, r.MarketoGUID = seen(r.Id, r.MarketoGUID, r.ActivityAttributes.Value.Attribute)
	}
	return out, nil
}

func (d disguise) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := d.Port.GetLeadActivity(ctx, in)
	if err != nil {
		return nil, err
	}
	records := out.LeadActivityList.ActivityRecordList.Value.ActivityRecord
	for i := range records {
		r := &records[i]
		r.Id, r.MarketoGUID = seen(r.Id, r.MarketoGUID, r.ActivityAttributes.Value.Attribute)
	}
	return out, nil
}

// meter measures, in front of the server, how many calls come.
type meter struct {
	mu      sync.Mutex
	came    []time.Time
	running int
	most    int // at once
}

func (m *meter) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isCall(r) {
			m.enter()
			defer m.leave()
		}
		next.ServeHTTP(w, r)
	})
}

// isCall reports whether a request counts within the limits: those of Identity do not, nor does what asks the SOAP API for its time.
func isCall(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/rest/") || strings.HasPrefix(r.URL.Path, bulkPath) {
		return true
	}
	return r.Method == http.MethodPost && !strings.HasPrefix(r.URL.Path, identityPath)
}

func (m *meter) enter() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.came = append(m.came, time.Now())
	m.running++
	m.most = max(m.most, m.running)
}

func (m *meter) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running--
}

// maxima returns how many calls came, how many at most in any time of a length, and at once.
func (m *meter) maxima(per time.Duration) (calls, window, once int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := 0
	for i, at := range m.came { // in order: each is written with the lock held
		for at.Sub(m.came[first]) >= per {
			first++
		}
		window = max(window, i-first+1)
	}
	return len(m.came), window, m.most
}
