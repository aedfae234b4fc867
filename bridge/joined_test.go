package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

const (
	activitiesCall = "GET /rest/v1/activities.json"
	leadsCall      = "GET /rest/v1/leads.json"
	tokenCall      = "GET /rest/v1/activities/pagingtoken.json"
)

// crowd is a server with many leads that have histories of different lengths and the time from which they are asked for.
func crowd(t *testing.T, n, records int, opts ...simulator.Option) (s *mktowstest.Server, ids []int64) {
	t.Helper()
	s = mktowstest.NewServer(t, mktowstest.WithoutLimits(), mktowstest.WithSimulator(append(opts, simulator.WithSeed(7))...))
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	leads := make([]simulator.Lead, n)
	for i := range leads {
		made := demoTime.AddDate(0, 0, -20).Add(time.Duration(i) * time.Minute)
		leads[i] = simulator.Lead{ID: int64(7000 + i), Email: fmt.Sprintf("one%d@example.com", i), Activities: []simulator.Activity{
			{Type: gen.ActivityTypeNewLead, Time: gen.NewDateTime(made)},
		}}
		for k := range records - 1 + i%3 {
			leads[i].Activities = append(leads[i].Activities, simulator.Activity{
				Type: gen.ActivityTypeVisitWebpage, AssetName: fmt.Sprint("Page ", k), Time: gen.NewDateTime(made.Add(time.Duration(k+1) * time.Hour)),
			})
		}
	}
	return s, s.Seed(leads...)
}

// historyOf asks for the visits of a lead.
func historyOf(id int64) gen.ParamsGetLeadActivity {
	return gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, fmt.Sprint(id)), ActivityFilter: including(gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead)}
}

// firstPages reads the first page of each history at the same time, and returns how many calls that took.
func firstPages(t *testing.T, s *mktowstest.Server, port gen.Port, ids []int64) (pages []*gen.LeadActivityList, calls int) {
	t.Helper()
	before := len(s.Exchanges(""))
	pages = make([]*gen.LeadActivityList, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			in := historyOf(id)
			out, err := port.GetLeadActivity(t.Context(), &in)
			if err != nil {
				t.Errorf("lead %d: %v", id, err)
				return
			}
			pages[i] = out.LeadActivityList
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return pages, len(s.Exchanges("")) - before
}

// Thirty histories that are read at the same time cost the calls of one, however many blocks of the log are empty,
// and are those that each lead has alone.
func TestGetLeadActivity_joined(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]simulator.Option{"plain": nil, "empty pages": {simulator.WithEmptyPages(0.8)}, "many pages": {simulator.WithPageLimit(70)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ids := crowd(t, 30, 20, opts...)
				_, one := firstPages(t, s, bridgeTo(t, s), ids[:1])
				alone, allAlone := firstPages(t, s, bridgeTo(t, s, bridge.WithJoining(0)), ids)
				joined, allJoined := firstPages(t, s, bridgeTo(t, s), ids)
				if diff := cmp.Diff(alone, joined, noPositions, asFlag); diff != "" {
					t.Error(diff)
				}
				t.Logf("calls of one history: %d, of 30 alone: %d, of 30 joined: %d", one, allAlone, allJoined)
				pages := 600/70 + 2
				if name != "many pages" {
					pages = 3
				}
				if name != "empty pages" && allJoined > one+pages || allJoined > allAlone/4 {
					t.Errorf("%d calls, one history takes %d", allJoined, one)
				}
			})
		})
	}
}

// A call that is alone makes the calls it made before, after the wait.
func TestGetLeadActivity_joinedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ids := crowd(t, 1, 20)
		counts := make(map[time.Duration]int)
		for _, wait := range []time.Duration{0, 200 * time.Millisecond} {
			b := bridgeTo(t, s, bridge.WithJoining(wait))
			began := time.Now()
			_, counts[wait] = firstPages(t, s, b, ids)
			if took := time.Since(began); took != wait {
				t.Errorf("it took %s, want %s", took, wait)
			}
		}
		if counts[0] != counts[200*time.Millisecond] {
			t.Error(counts)
		}
	})
}

// The pages after the first one come from a bridge that joins nothing, and from one whose calls are joined anew. No
// record is lost or comes twice, and a later page costs what it does without others.
func TestGetLeadActivity_joinedElsewhere(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]simulator.Option{
		"plain": nil, "short pages": {simulator.WithShortPages(0.5)}, "empty pages": {simulator.WithEmptyPages(0.4)}, "small pages": {simulator.WithPageLimit(40)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ids := crowd(t, 30, 250, opts...)
				want := make([][]string, len(ids))
				var perPage int
				for i, id := range ids {
					before := len(s.Exchanges(""))
					in := historyOf(id)
					want[i], _ = historyIDs(t, in, bridgeTo(t, s, bridge.WithJoining(0)))
					perPage = len(s.Exchanges("")) - before
				}
				first, _ := firstPages(t, s, bridgeTo(t, s), ids)
				other, joining := bridgeTo(t, s, bridge.WithJoining(0)), bridgeTo(t, s)
				before := len(s.Exchanges(""))
				for i, id := range ids {
					in := historyOf(id)
					in.StartPosition = gen.Some(*first[i].NewStartPosition)
					rest, _ := historyIDs(t, in, other, joining)
					var got []string
					for _, r := range first[i].ActivityRecordList.Value.ActivityRecord {
						got = append(got, r.MarketoGUID)
					}
					if diff := cmp.Diff(want[i], append(got, rest...)); diff != "" {
						t.Fatalf("lead %d, %d records, want %d: %.2000s", id, len(got)+len(rest), len(want[i]), diff)
					}
				}
				cost := (len(s.Exchanges("")) - before) / len(ids)
				t.Logf("calls of the later pages: %d for a lead; a whole history alone takes %d", cost, perPage)
				if cost > 2*perPage {
					t.Errorf("the later pages of a joined history take %d calls, a whole one alone %d", cost, perPage)
				}
			})
		})
	}
}

// slow is a service that takes a second for each call.
type slow struct{ next http.RoundTripper }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Second):
		return s.next.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// Many empty blocks go past no deadline for calls that are joined either: each has a position to go on from, and
// those that go on from there together stay joined.
func TestGetLeadActivity_joinedTimeOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ids := crowd(t, 30, 20, simulator.WithEmptyPages(0.9))
		client := s.REST().Client
		client.Transport = slow{client.Transport}
		b := s.Bridge(bridge.WithHTTPClient(client), bridge.WithPageTime(3500*time.Millisecond))
		in, got := make([]gen.ParamsGetLeadActivity, len(ids)), make([][]string, len(ids))
		for i, id := range ids {
			in[i] = historyOf(id)
		}
		empty, walk := 0, 0 // pages, and the calls up to the last of them
		for more := true; more; {
			more = false
			before := empty
			var mu sync.Mutex
			var all sync.WaitGroup
			for i := range in {
				if in[i].LeadKey == nil {
					continue
				}
				all.Go(func() {
					began := time.Now()
					out, err := b.GetLeadActivity(t.Context(), &in[i])
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
						in[i].LeadKey = nil
						return
					}
					list := out.LeadActivityList
					for _, r := range list.ActivityRecordList.Value.ActivityRecord {
						got[i] = append(got[i], r.MarketoGUID)
					}
					if in[i].StartPosition = gen.Some(*list.NewStartPosition); list.RemainingCount == 0 {
						in[i].LeadKey = nil
						return
					}
					more = true
					if list.ReturnCount > 0 {
						return
					}
					empty++
					if took := time.Since(began); took > 5*time.Second {
						t.Errorf("an empty page has taken %s", took)
					}
				})
			}
			all.Wait()
			if empty > before {
				walk = len(s.Exchanges(activitiesCall))
			}
		}
		if empty < 60 || walk > empty/5 {
			t.Errorf("%d empty pages for %d calls: they do not share them", empty, walk)
		}
		for i, id := range ids {
			want, _ := historyIDs(t, historyOf(id), bridgeTo(t, s, bridge.WithJoining(0)))
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Errorf("lead %d: %s", id, diff)
			}
		}
	})
}

// holding lets a call of the REST API wait until it is let go or cancelled.
type holding struct {
	next      http.RoundTripper
	path      string
	held      chan struct{} // one for each that waits
	release   chan struct{}
	cancelled chan error
}

func (h *holding) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, h.path) {
		return h.next.RoundTrip(r)
	}
	h.held <- struct{}{}
	select {
	case <-h.release:
		return h.next.RoundTrip(r)
	case <-r.Context().Done():
		h.cancelled <- r.Context().Err()
		return nil, r.Context().Err()
	}
}

func hold(s *mktowstest.Server, path string) (*holding, bridge.Option) {
	client := s.REST().Client
	h := &holding{client.Transport, path, make(chan struct{}, 100), make(chan struct{}), make(chan error, 100)}
	client.Transport = h
	return h, bridge.WithHTTPClient(client)
}

// One caller that goes away takes nothing from the others. When all have gone, the request ends.
func TestGetLeadActivity_joinedOneGoes(t *testing.T) {
	t.Parallel()
	for _, stay := range []bool{true, false} {
		t.Run(fmt.Sprint("others stay: ", stay), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ids := crowd(t, 3, 20)
				h, opt := hold(s, "/activities.json")
				b := s.Bridge(opt)
				errs := make([]error, len(ids))
				leaving, leave := context.WithCancelCause(t.Context())
				gone := errors.New("the first one has gone")
				var all sync.WaitGroup
				for i, id := range ids {
					all.Go(func() {
						ctx := t.Context()
						if i == 0 || !stay {
							ctx = leaving
						}
						in := historyOf(id)
						out, err := b.GetLeadActivity(ctx, &in)
						if errs[i] = err; err == nil && out.LeadActivityList.ReturnCount < 20 {
							t.Errorf("lead %d: %+v", id, out.LeadActivityList)
						}
					})
				}
				<-h.held
				synctest.Wait() // all of them wait for the request
				leave(gone)
				synctest.Wait()
				if !errors.Is(errs[0], context.Canceled) || !errors.Is(errs[0], gone) {
					t.Errorf("it has gone and has %v", errs[0])
				}
				if !stay {
					select {
					case <-h.cancelled:
					default:
						t.Error("the request goes on for nobody")
					}
				}
				close(h.release)
				all.Wait()
				for i, err := range errs[1:] {
					if (err != nil) == stay {
						t.Errorf("caller %d: %v", i+1, err)
					}
				}
				if calls := len(s.Exchanges(activitiesCall)); stay && calls != 1 {
					t.Errorf("%d calls", calls)
				}
			})
		})
	}
}

// An error of a shared request reaches all of its callers, with the request's id.
func TestGetLeadActivity_joinedError(t *testing.T) {
	t.Parallel()
	for _, call := range []string{activitiesCall, leadsCall, tokenCall} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ids := crowd(t, 5, 20)
				s.Inject(mktowstest.Rule{Operation: call, Code: 611, Times: 1})
				b := bridgeTo(t, s, bridge.WithoutRetry())
				requests := make([]string, len(ids))
				var all sync.WaitGroup
				for i, id := range ids {
					all.Go(func() {
						in := historyOf(id)
						_, err := b.GetLeadActivity(t.Context(), &in)
						var said *fault.RESTError
						var op *fault.OpError
						if !errors.As(err, &said) || !errors.As(err, &op) || op.Op != "getLeadActivity" {
							t.Errorf("caller %d: %v", i, err)
							return
						}
						requests[i] = said.RequestID
					})
				}
				all.Wait()
				if slices.Sort(requests); requests[0] == "" || len(slices.Compact(requests)) != 1 {
					t.Errorf("%q", requests)
				}
			})
		})
	}
}

// A key that finds nothing, or is refused, is the business of its own caller.
func TestGetLeadActivity_joinedKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := crowd(t, 3, 20)
		b := bridgeTo(t, s)
		keys := map[string]*gen.LeadKey{
			"an id":             leadKey(gen.LeadKeyRefIDNUM, "7000"),
			"written otherwise": leadKey(gen.LeadKeyRefIDNUM, "+7001"),
			"no lead's id":      leadKey(gen.LeadKeyRefIDNUM, "99"),
			"no id":             leadKey(gen.LeadKeyRefIDNUM, "seven"),
			"an address":        leadKey(gen.LeadKeyRefEMAIL, "ONE1@example.com"),
			"another address":   leadKey(gen.LeadKeyRefEMAIL, "one2@example.com"),
			"no address":        leadKey(gen.LeadKeyRefEMAIL, "nobody@example.com"),
			"a bad cookie":      leadKey(gen.LeadKeyRefCOOKIE, "bad"),
		}
		want, got := make(map[string]string), make(map[string]string)
		ask := func(b gen.Port, key *gen.LeadKey) string {
			out, err := b.GetLeadActivity(t.Context(), &gen.ParamsGetLeadActivity{LeadKey: key})
			if err != nil {
				return fmt.Sprint(codeOf(err))
			}
			return out.LeadActivityList.ActivityRecordList.Value.ActivityRecord[0].MktPersonId
		}
		for name, key := range keys {
			want[name] = ask(bridgeTo(t, s, bridge.WithJoining(0)), key)
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		for name, key := range keys {
			all.Go(func() {
				text := ask(b, key)
				mu.Lock()
				defer mu.Unlock()
				got[name] = text
			})
		}
		all.Wait()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Young leads do not wait for a walk that begins with an old one.
func TestGetLeadActivity_joinedYoungAndOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
		s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
		var ids []int64
		for i, days := range []int{1, 1, 400, 410, 420} {
			ids = append(ids, s.Seed(simulator.Lead{ID: int64(7000 + i), Email: fmt.Sprintf("one%d@example.com", i), Activities: []simulator.Activity{
				{Type: gen.ActivityTypeNewLead, Time: gen.NewDateTime(demoTime.AddDate(0, 0, -days))},
			}})...)
		}
		pages, _ := firstPages(t, s, bridgeTo(t, s), ids)
		for i, p := range pages {
			if p.ReturnCount != 1 {
				t.Errorf("lead %d has %d records", ids[i], p.ReturnCount)
			}
		}
		if tokens, calls := len(s.Exchanges(tokenCall)), len(s.Exchanges(activitiesCall)); tokens != 2 || calls != 2 {
			t.Errorf("%d tokens, %d calls", tokens, calls)
		}
	})
}

func TestWithJoining_bad(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{-1, time.Hour} {
		if _, err := bridge.New("https://000-aaa-000.mktorest.com", bridge.Credentials{}, bridge.WithJoining(wait)); err == nil || !strings.Contains(err.Error(), "WithJoining") {
			t.Error(err)
		}
	}
}

// A history costs a look-up of its lead, a token, and a call for each ten types: not one for deletions, as a lead that is found was
// not deleted.
func TestGetLeadActivity_calls(t *testing.T) {
	t.Parallel()
	s, ids := crowd(t, 1, 3)
	const lead, token, page = leadsCall, tokenCall, activitiesCall
	for name, test := range map[string]struct {
		filter gen.Opt[gen.ActivityTypeFilter]
		want   []string
	}{
		"all types":      {want: []string{lead, token, page, page, page, page, page, page}},
		"one type":       {including(gen.ActivityTypeNewLead), []string{lead, token, page}},
		"deletions":      {including(gen.ActivityTypeDeleteLead), []string{lead}},
		"deletions, too": {including(gen.ActivityTypeDeleteLead, gen.ActivityTypeNewLead), []string{lead, token, page}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first seenPaths
			port := bridgeTo(t, s, bridge.WithInterceptors(first.interceptor))
			in := gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, fmt.Sprint(ids[0])), ActivityFilter: test.filter}
			for range 2 { // the first one learns the types and the names of campaigns
				first.list = nil
				if _, err := port.GetLeadActivity(t.Context(), &in); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, first.list); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// seenPaths are the calls that a bridge has made, one after the other.
type seenPaths struct{ list []string }

func (s *seenPaths) interceptor(next bridge.Handler) bridge.Handler {
	return func(ctx context.Context, call *bridge.Call) error {
		s.list = append(s.list, call.Method+" "+call.Path)
		return next(ctx, call)
	}
}
