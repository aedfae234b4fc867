package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	srecord "github.com/mktows/mktows-go/simulator/record"
	"github.com/mktows/mktows-go/simulator/rest"
)

// jobOf makes an extract and lets the clock run until it is done.
func jobOf(t testing.TB, s *mktowstest.Server, source extract.Source, q extract.Query) extract.Job {
	t.Helper()
	job, err := source.Create(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Enqueue(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	s.Clock().Advance(10 * time.Minute)
	if job, err = source.Job(t.Context(), job.ID); err != nil || job.State != extract.Completed {
		t.Fatalf("%+v, %v", job, err)
	}
	return job
}

// recordsOf reads the records of a job.
func recordsOf(ctx context.Context, source extract.Source, job extract.Job, skip int64) (all []gen.LeadChangeRecord, err error) {
	for list, err := range source.Records(ctx, job, skip) {
		if err != nil {
			return all, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// pagesOf reads the records of a time by pages.
func pagesOf(t testing.TB, port gen.Port, q extract.Query) (all []gen.LeadChangeRecord) {
	t.Helper()
	in := &gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{
		OldestCreatedAt: gen.Some(gen.NewDateTime(q.From)), LatestCreatedAt: gen.Some(gen.NewDateTime(q.To)),
	}}
	if len(q.Types) > 0 {
		in.ActivityNameFilter = textList(q.Types...)
	}
	for more := true; more; {
		out, err := port.GetLeadChanges(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Result.LeadChangeRecordList.Value.LeadChangeRecord...)
		in.StartPosition, more = out.Result.NewStartPosition, out.Result.RemainingCount > 0
	}
	return all
}

func byGUID(a, b gen.LeadChangeRecord) int { return strings.Compare(a.MarketoGUID, b.MarketoGUID) }

// sameRecords compares records in whatever order.
func sameRecords(want, got []gen.LeadChangeRecord) string {
	slices.SortFunc(want, byGUID)
	slices.SortFunc(got, byGUID)
	return cmp.Diff(want, got)
}

const strange = "a \"quoted\", comma;\r\nline, \u00e9\u4e2d\U0001f600 <&> '\\ \x01\v end"

// everyType is a server whose leads have activities of all types, with all that makes trouble in a file.
func everyType(t *testing.T, opts ...mktowstest.Option) (*mktowstest.Server, extract.Query) {
	t.Helper()
	s := demoServer(t, opts...)
	now := s.Clock().Now()
	if _, err := s.Sim().AddCampaign(simulator.Campaign{Program: "Scoring", Name: "Say, \"hi\""}); err != nil {
		t.Fatal(err)
	}
	lead := simulator.Lead{ID: 1<<31 - 2, Email: "every@example.com"}
	for i, kind := range activitytype.All {
		if kind.Value == gen.ActivityTypeDeleteLead {
			continue
		}
		at := simulator.At(now.Add(-time.Duration(i) * time.Minute))
		lead.Activities = append(lead.Activities,
			simulator.Activity{Type: kind.Value, Time: at, AssetName: strange, Campaign: "Scoring.Say, \"hi\"", Attributes: []simulator.Attribute{
				{Name: "Old Value", Value: "7"}, {Name: "New Value", Value: strange}, {Name: "Has Predictive", Value: "true"}, {Name: "Campaign Run ID", Value: "1234567890123"},
				{Name: "Choice Number", Value: "many"}, {Name: strange, Value: "{\"a\": [1,2]}"}, {Name: "Empty", Value: ""},
			}},
			simulator.Activity{Type: kind.Value, Time: at})
	}
	s.Seed(lead)
	st := s.Sim().Snapshot()
	for i := range int64(2) {
		st.DeletedLeads = append(st.DeletedLeads, srecord.DeletedLead{ID: 400_001 + i, ActivityID: 900_000_001 + i, Name: strange, Time: simulator.At(now.Add(-time.Hour))})
	}
	s.Load(st)
	s.Clock().Advance(time.Hour)
	return s, extract.Query{From: now.AddDate(0, 0, -30), To: now.Add(time.Minute)}
}

// The records of an extract are those of pages: all types, all values, with ids and without.
func TestExtracts_asByPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quirks rest.Quirks
		types  []string
		opts   []bridge.Option
		least  int
	}{
		"all":           {least: 100},
		"missing ids":   {quirks: rest.Quirks{MissingIDs: 2}, least: 100},
		"more types":    {opts: []bridge.Option{bridge.WithAllActivityTypes()}, least: 100},
		"some types":    {types: []string{"Visit Webpage", "new lead", "Delete Lead", "No Such Type"}, least: 6},
		"deletions":     {types: []string{"Delete Lead"}, least: 2},
		"no known type": {types: []string{"No Such Type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, q := everyType(t, mktowstest.WithREST(rest.WithQuirks(test.quirks)))
			q.Types = test.types
			b := bridgeTo(t, s, test.opts...)
			want := pagesOf(t, b, q)
			got, err := recordsOf(t.Context(), b.Extracts(), jobOf(t, s, b.Extracts(), q), 0)
			if err != nil || len(got) < test.least {
				t.Fatalf("%d records, %v", len(got), err)
			}
			if diff := sameRecords(want, got); diff != "" {
				t.Errorf("by pages (-) and by extract (+):\n%s", diff)
			}
		})
	}
}

// Records go on where another process was, in the same order; deletions, which have no numbers, come each time.
func TestExtracts_skip(t *testing.T) {
	t.Parallel()
	s, q := everyType(t)
	source := bridgeTo(t, s).Extracts()
	job := jobOf(t, s, source, q)
	all, err := recordsOf(t.Context(), source, job, 0)
	if err != nil || int64(len(all)) != job.Rows+2 {
		t.Fatalf("%d records of %+v, %v", len(all), job, err)
	}
	for _, skip := range []int64{1, 50, job.Rows - 1, job.Rows, job.Rows + 1, job.Rows + 100} {
		got, err := recordsOf(t.Context(), bridgeTo(t, s).Extracts(), job, skip)
		if diff := cmp.Diff(all[min(skip, job.Rows):], got); err != nil || diff != "" {
			t.Errorf("from %d: %v\n%s", skip, err, diff)
		}
	}
	for range source.Records(t.Context(), job, 0) {
		break // the caller has enough
	}
}

// A job has a life, and knows what became of it.
func TestExtracts_life(t *testing.T) {
	t.Parallel()
	s, q := everyType(t)
	source := bridgeTo(t, s).Extracts()
	state := func(id string) extract.State {
		t.Helper()
		job, err := source.Job(t.Context(), id)
		if err != nil || job.ID != id {
			t.Fatalf("%+v, %v", job, err)
		}
		return job.State
	}
	job, err := source.Create(t.Context(), q)
	if err != nil || job.State != extract.Created || state(job.ID) != extract.Created {
		t.Fatalf("%+v, %v", job, err)
	}
	if _, err := recordsOf(t.Context(), source, job, 0); codeOf(err) != 20110 {
		t.Errorf("the file of a job that is not done: %v", err)
	}
	for range 2 { // the second time it is there already
		if err := source.Enqueue(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := state(job.ID); got != extract.Queued && got != extract.Processing {
		t.Errorf("%v", got)
	}
	for range 2 {
		if err := source.Cancel(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := state(job.ID); got != extract.Canceled {
		t.Errorf("%v", got)
	}
	done := jobOf(t, s, source, q)
	if err := source.Cancel(t.Context(), done.ID); err != nil {
		t.Errorf("a job that has ended: %v", err)
	}
	used, limit, err := source.Volume(t.Context())
	if err != nil || used != done.Bytes || used == 0 || limit != 500_000_000 {
		t.Errorf("%d of %d, %v, want %d", used, limit, err, done.Bytes)
	}
	s.Clock().Advance(24 * time.Hour)
	if used, limit, err := bridgeTo(t, s, bridge.WithExtractVolume(7)).Extracts().Volume(t.Context()); err != nil || used != 0 || limit != 7 {
		t.Errorf("on the next day %d of %d, %v", used, limit, err)
	}
	s.Clock().Advance(8 * 24 * time.Hour)
	if _, err := recordsOf(t.Context(), source, done, 0); !errors.Is(err, extract.ErrGone) {
		t.Errorf("a file that has expired: %v", err)
	}
	s.Clock().Advance(30 * 24 * time.Hour)
	for what, err := range map[string]error{
		"Enqueue": source.Enqueue(t.Context(), done.ID), "Cancel": source.Cancel(t.Context(), done.ID),
		"Job": errOf(source.Job(t.Context(), done.ID)), "Records": errOf(recordsOf(t.Context(), source, done, 0)),
	} {
		if !errors.Is(err, extract.ErrGone) {
			t.Errorf("%s of a job that has expired: %v", what, err)
		}
	}
}

func errOf[T any](_ T, err error) error { return err }

// The files of a day count, by US Central time, on however many pages their jobs are listed.
func TestExtracts_volume(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
	s.Clock().Advance(time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC).Sub(s.Clock().Now())) // the clocks went back this morning
	st := s.Sim().Snapshot()
	for i, finished := range []gen.DateTime{
		"2026-11-01T04:59:59Z", "2026-11-01T05:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T11:00:00Z", // the first is of the day before
	} {
		st.Exports = append(st.Exports, srecord.Export{
			ID: fmt.Sprint("day-", i), Kind: "activities", Format: "CSV", User: mktowstest.RESTClientID, Status: "Completed", Filter: srecord.ExportFilter{Created: new(srecord.Range)},
			Created: "2026-11-01T00:00:00Z", Queued: "2026-11-01T00:00:00Z", Started: "2026-11-01T00:00:00Z", Finished: string(finished), Checksum: "00", Size: 1 << i,
		})
	}
	s.Load(st)
	source := bridgeTo(t, s).Extracts()
	for range 300 {
		if _, err := source.Create(t.Context(), extract.Query{From: demoTime, To: demoTime}); err != nil {
			t.Fatal(err)
		}
	}
	if used, _, err := source.Volume(t.Context()); err != nil || used != 2+4+8 {
		t.Errorf("%d, %v", used, err)
	}
	s.RequireCalls(t, listCall, 2)
}

// What cannot be asked for costs no call.
func TestExtracts_badQueries(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	source := bridgeTo(t, s).Extracts()
	from := demoTime.Add(-time.Hour)
	for name, q := range map[string]extract.Query{
		"no time":        {},
		"no end":         {From: from},
		"backwards":      {From: from, To: from.Add(-time.Second)},
		"within seconds": {From: from.Add(time.Millisecond), To: from.Add(2 * time.Millisecond)},
		"too long":       {From: from, To: from.Add(extract.MaxRange + time.Second)},
	} {
		if _, err := source.Create(t.Context(), q); codeOf(err) != 20110 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", "x", "x/1", "x/1-", "x/a-b"} {
		if err := source.Enqueue(t.Context(), id); codeOf(err) != 20110 {
			t.Errorf("the id %q: %v", id, err)
		}
	}
	s.RequireCalls(t, "", 0)
	if job, err := source.Create(t.Context(), extract.Query{From: from, To: from.Add(extract.MaxRange)}); err != nil || job.ID == "" {
		t.Errorf("the longest: %v", err)
	}

}

const (
	createCall  = "POST /bulk/v1/activities/export/create.json"
	enqueueCall = "POST /bulk/v1/activities/export/{exportId}/enqueue.json"
	statusCall  = "GET /bulk/v1/activities/export/{exportId}/status.json"
	listCall    = "GET /bulk/v1/activities/export.json"
	fileCall    = "GET /bulk/v1/activities/export/{exportId}/file.json"
)

// 1029 says three things: the queue is full, the day's volume is used up, also on the days when the clocks change, and the job
// is in the queue already, which is no failure. None is asked for again at once.
func TestExtracts_1029(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for name, test := range map[string]struct {
		text        string
		now, resets time.Time // zero: it is no fault of the day
		full        bool
	}{
		"full":              {text: "Too many jobs in queue", full: true},
		"unknown words":     {text: "Something else", full: true},
		"already":           {text: "Job already queued"},
		"volume":            {"Export daily quota 500MB exceeded.", at("2026-07-01T12:00:00Z"), at("2026-07-02T05:00:00Z"), false},
		"in winter":         {"Export daily quota 1000MB exceeded.", at("2026-12-01T05:59:59Z"), at("2026-12-01T06:00:00Z"), false},
		"clocks go ahead":   {"Export daily quota 500MB exceeded.", at("2026-03-08T07:30:00Z"), at("2026-03-09T05:00:00Z"), false},
		"before they do":    {"Export daily quota 500MB exceeded.", at("2026-03-08T05:59:00Z"), at("2026-03-08T06:00:00Z"), false},
		"clocks go back":    {"Export daily quota 500MB exceeded.", at("2026-11-01T05:30:00Z"), at("2026-11-02T06:00:00Z"), false},
		"in the hour twice": {"Export daily quota 500MB exceeded.", at("2026-11-01T07:30:00Z"), at("2026-11-02T06:00:00Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
			if !test.now.IsZero() {
				s.Clock().Advance(test.now.Sub(s.Clock().Now()))
			}
			s.Inject(mktowstest.Rule{Operation: enqueueCall, Code: 1029, Text: test.text})
			err := bridgeTo(t, s).Extracts().Enqueue(t.Context(), "job-1/")
			var quota *fault.QuotaError
			switch isQuota := errors.As(err, &quota); {
			case isQuota != !test.now.IsZero(), isQuota && !quota.ResetsAt.Equal(test.resets), errors.Is(err, extract.ErrQueueFull) != test.full:
				t.Errorf("%v", err)
			case !isQuota && !test.full && err != nil:
				t.Error(err)
			}
			s.RequireCalls(t, enqueueCall, 1)
		})
	}
}

// What cannot be helped says what to do about it.
func TestExtracts_refused(t *testing.T) {
	t.Parallel()
	for code, test := range map[fault.Code]struct {
		text string
		is   error
	}{
		603: {"needs the permission Read-Only Activity", fault.ErrAuth}, 610: {"read them by pages", nil}, 1035: {"read them by pages", nil}, 703: {"read them by pages", nil},
		1013: {"does not have this bulk job any more", extract.ErrGone},
	} {
		s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
		for _, call := range []string{createCall, enqueueCall, statusCall, listCall, fileCall} {
			s.Inject(mktowstest.Rule{Operation: call, Code: code})
		}
		source := bridgeTo(t, s).Extracts()
		_, _, errVolume := source.Volume(t.Context())
		for name, err := range map[string]error{
			"Create":  errOf(source.Create(t.Context(), extract.Query{From: demoTime, To: demoTime})),
			"Enqueue": source.Enqueue(t.Context(), "job/"), "Job": errOf(source.Job(t.Context(), "job/")), "Volume": errVolume,
			"Records": errOf(recordsOf(t.Context(), source, extract.Job{ID: "job/"}, 0)),
		} {
			var what *fault.RESTError
			if err == nil || !strings.Contains(err.Error(), test.text) || !errors.As(err, &what) || fault.Code(what.Code) != code || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// An answer that is lost after the work leaves at most a job that is never queued, and no doubt.
func TestExtracts_answerLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, q := everyType(t)
		for _, call := range []string{createCall, enqueueCall, statusCall, listCall} {
			s.Inject(mktowstest.Rule{Operation: call, Drop: mktowstest.DropAfterWork, Times: 1})
		}
		s.Inject(mktowstest.Rule{Operation: fileCall, Drop: mktowstest.DropHalfAnswer, Times: 3})
		b := bridgeTo(t, s)
		job := jobOf(t, s, b.Extracts(), q)
		got, err := recordsOf(t.Context(), b.Extracts(), job, 0)
		if diff := sameRecords(pagesOf(t, b, q), got); err != nil || diff != "" || len(got) < 100 {
			t.Errorf("%d records, %v:\n%.1000s", len(got), err, diff)
		}
		if used, _, err := b.Extracts().Volume(t.Context()); err != nil || used != job.Bytes {
			t.Errorf("%d, want %d: %v", used, job.Bytes, err)
		}
		var queued int
		for _, e := range s.Sim().Snapshot().Exports {
			if e.Status == "Completed" {
				queued++
			}
		}
		if queued != 1 {
			t.Errorf("%d jobs were done", queued)
		}
	})
}

// An answer that is always lost is no write of unknown outcome: the caller may do it again.
func TestExtracts_answerAlwaysLost(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits())
	for _, call := range []string{createCall, enqueueCall} {
		s.Inject(mktowstest.Rule{Operation: call, Drop: mktowstest.DropAfterWork})
	}
	source := bridgeTo(t, s, bridge.WithoutRetry()).Extracts()
	for _, err := range []error{errOf(source.Create(t.Context(), extract.Query{From: demoTime, To: demoTime})), source.Enqueue(t.Context(), "job/")} {
		if err == nil || errors.Is(err, fault.ErrUnknownOutcome) {
			t.Error(err)
		}
	}
}

// The bulk API lies beside /rest, whichever form the endpoint has; its calls keep to the limits, and leave the reserve to writes.
func TestExtracts_calls(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	api := s.REST()
	for _, endpoint := range []string{api.URL, api.URL + "/", api.URL + "/rest", api.URL + "/rest/"} {
		b, err := bridge.New(endpoint, bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret},
			bridge.WithHTTPClient(api.Client), bridge.WithClock(s.Clock().Now), bridge.WithLimits(bridge.Limits{Daily: 20, Reserve: 2}))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = b.Extracts().Volume(t.Context())
		for err == nil {
			_, err = b.Extracts().Create(t.Context(), extract.Query{From: demoTime, To: demoTime})
		}
		var quota *fault.QuotaError
		if !errors.As(err, &quota) || !quota.ResetsAt.After(s.Clock().Now()) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if n := len(s.Exchanges(createCall)) + len(s.Exchanges(listCall)); n < 10 || n > 18 {
		t.Errorf("%d calls", n)
	}
}

// Who has gone gets no call, and no record.
func TestExtracts_callerGone(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	source := bridgeTo(t, s).Extracts()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, errVolume := source.Volume(ctx)
	for name, err := range map[string]error{
		"Create":  errOf(source.Create(ctx, extract.Query{From: demoTime, To: demoTime})),
		"Enqueue": source.Enqueue(ctx, "job/"), "Cancel": source.Cancel(ctx, "job/"), "Job": errOf(source.Job(ctx, "job/")), "Volume": errVolume,
		"Records": errOf(recordsOf(ctx, source, extract.Job{ID: "job/"}, 0)), "deletions": errOf(recordsOf(ctx, source, extract.Job{ID: "/1-2"}, 0)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.RequireCalls(t, "", 0)
}
