package bridge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
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
	if used, _, err := source.Volume(t.Context()); err != nil || used != 0 {
		t.Errorf("on the next day %d, %v", used, err)
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
