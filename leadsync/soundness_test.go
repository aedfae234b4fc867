package leadsync_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// TestRun_otherQueryReadsNothing: a run with other types does not touch the windows that an
// interrupted one has left.
func TestRun_otherQueryReadsNothing(t *testing.T) {
	t.Parallel()
	dest, p := openStore(t), newPort(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call == 20 { // after the first windows
			cancel()
		}
		return nil
	}
	c := config(p, dest, end)
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	var calls atomic.Int64
	p.before = func(context.Context, int64, time.Time) error { calls.Add(1); return nil }
	wrong := config(p, dest, end)
	wrong.Streams[0].Types = []string{"Send Email"}
	now := make(chan time.Time)
	wrong.Now = func(ctx context.Context) (time.Time, error) { return <-now, nil }
	time.AfterFunc(time.Second/2, func() { now <- end }) // time enough for windows to be read
	if _, err := leadsync.RunQuick(t.Context(), wrong); !errors.Is(err, store.ErrOtherQuery) {
		t.Errorf("error %v, want ErrOtherQuery", err)
	}
	complete(t, c)
	if got := statusOf(t, dest); got.Activities != rows {
		t.Errorf("%d rows, want %d; complete up to %s", got.Activities, rows, got.Streams[0].Complete)
	}
}

// TestRun_choiceOfLeadsAndEarlierSince: leads that are not chosen when Since moves back are
// read from there when they are chosen again.
func TestRun_choiceOfLeadsAndEarlierSince(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(newPort(t), store, end)
	for _, s := range []leadsync.Stream{
		{Since: begin.Add(90 * time.Minute), LeadKeys: []string{"101", "102"}},
		{Since: begin, LeadKeys: []string{"101"}},
		{Since: begin, LeadKeys: []string{"101", "102"}},
	} {
		s.Name, s.Lookback = leadsync.LeadActivity, -1
		c.Streams = []leadsync.Stream{s}
		finish(t, c)
	}
	of := map[int64]int{}
	for row, err := range store.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		of[row.LeadID]++
	}
	if of[101] == 0 || of[101] != of[102] {
		t.Errorf("rows by lead: %v; want as many of 102 as of 101", of)
	}
}

func finish(t *testing.T, c *leadsync.Config) {
	t.Helper()
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// strange is a port one of whose records has been changed.
type strange struct {
	gen.Port
	change func(r *gen.LeadChangeRecord)
}

func (p *strange) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Port.GetLeadChanges(ctx, in)
	if err == nil && len(out.Result.LeadChangeRecordList.Value.LeadChangeRecord) > 3 {
		p.change(&out.Result.LeadChangeRecordList.Value.LeadChangeRecord[3])
	}
	return out, err
}

// TestRun_textThatXMLCannotHave: another port than that of SOAP may give it. Both
// databases store the same, and the copy verifies.
func TestRun_textThatXMLCannotHave(t *testing.T) {
	t.Parallel()
	change := func(r *gen.LeadChangeRecord) {
		r.ActivityType += "\xff"
		r.MktgAssetName = gen.Some("a\x00b")
		r.ActivityAttributes.Value.Attribute = append(r.ActivityAttributes.Value.Attribute,
			gen.Attribute{AttrName: "x\xff", AttrValue: "a\x00b"})
	}
	for name, open := range map[string]func(t *testing.T) store.Store{
		"SQLite":     func(t *testing.T) store.Store { return openStore(t) },
		"PostgreSQL": func(t *testing.T) store.Store { return openPostgres(t, pgtest.Database(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(&strange{newPort(t), change}, open(t), end)
			complete(t, c)
			v, err := leadsync.Verify(t.Context(), c, nil)
			if err != nil || v.Streams[0].Copy != rows {
				t.Errorf("verification %+v, error %v", v, err)
			}
		})
	}
}

// TestRun_errorThatPostgreSQLCannotStore fails all the same, after its attempts.
func TestRun_errorThatPostgreSQLCannotStore(t *testing.T) {
	t.Parallel()
	store, p := openPostgres(t, pgtest.Database(t)), newPort(t)
	strangeError := errors.New("bad answer: \xff \x00")
	p.before = func(context.Context, int64, time.Time) error { return strangeError }
	c := config(p, store, end)
	c.MaxAttempts = 2
	if _, err := leadsync.RunQuick(t.Context(), c); !errors.Is(err, strangeError) {
		t.Errorf("error %v", err)
	}
	if got := statusOf(t, store).Streams[0]; got.Failed == 0 || !strings.Contains(got.Problem, "bad answer") {
		t.Errorf("status %+v", got)
	}
}

func TestRun_everyOutlivesFailuresOfPlanning(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(newPort(t), store, end)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int64
	c.Now = func(context.Context) (time.Time, error) {
		if asked.Add(1) <= 3 {
			return time.Time{}, errors.New("connection refused")
		}
		return end, nil
	}
	c.MaxAttempts, c.Every = 2, 20*time.Millisecond
	c.Progress = func(p leadsync.Progress) {
		if p.Finished {
			cancel()
		}
	}
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) || asked.Load() < 4 {
		t.Errorf("error %v after %d questions for the time", err, asked.Load())
	}
	if got := statusOf(t, store).Activities; got != rows {
		t.Errorf("%d rows, want %d", got, rows)
	}
}

// TestStatus_clockThatWasAhead: what is complete is what the newest run says.
func TestStatus_clockThatWasAhead(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	for _, now := range []time.Time{begin.Add(30 * time.Minute), end.AddDate(0, 0, 3), begin.Add(50 * time.Minute)} {
		finish(t, config(p, store, now))
	}
	if got := statusOf(t, store).Streams[0].Complete; !got.Equal(begin.Add(50 * time.Minute)) {
		t.Errorf("complete up to %s after a run up to %s", got, begin.Add(50*time.Minute))
	}
}

// TestRun_storedLeadsWithoutID: a lead that cannot be asked for does not keep the others waiting.
func TestRun_storedLeadsWithoutID(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(&strange{newPort(t), func(r *gen.LeadChangeRecord) { r.MktPersonId = "0" }}, store, end)
	complete(t, c)
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, StoredLeads: true}}
	finish(t, c)
}

// unreadable is a port that fails for one lead.
type unreadable struct{ gen.Port }

func (p unreadable) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	if in.LeadKey.KeyValue == "105" {
		return nil, errors.New("an answer that cannot be read")
	}
	return p.Port.GetLeadActivity(ctx, in)
}

func TestRun_namesTheLeadThatFails(t *testing.T) {
	t.Parallel()
	c := config(unreadable{newPort(t)}, openStore(t), end)
	c.MaxAttempts = 1
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "104", "105"}}}
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "lead IDNUM:105") {
		t.Errorf("error %v, want one that names the lead", err)
	}
}

// TestStream_typesAreFreeText: customers define types of their own, so only the service can refuse one.
func TestStream_typesAreFreeText(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"VisitWebpage", "visit webpage", "Change Nurture Track", "Touch Complete", "Bought a boat"} {
		s := leadsync.Stream{
			Name: leadsync.LeadActivity, LeadKeys: []string{"101"}, Types: []string{name},
			LookbackByType: map[string]time.Duration{name: time.Hour},
		}
		if err := s.Validate(); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
	s := leadsync.Stream{Name: leadsync.Activities, Types: []string{"Send Email", " "}}
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "Types[1]: is empty") {
		t.Errorf("error %v, want one that names the empty type", err)
	}
}

// TestRun_typeSpelledOtherwise: what is not refused is told.
func TestRun_typeSpelledOtherwise(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	c := config(newPort(t), openStore(t), end)
	c.Logger = slog.New(slog.NewTextHandler(&told, nil))
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101"}, Types: []string{"VisitWebpage", "Touch Complete"}}}
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(told.String(), "spell this type otherwise"); n != 1 || !strings.Contains(told.String(), `known="Visit Webpage"`) {
		t.Errorf("told:\n%s", &told)
	}
}

// TestVerify_leadThatIsLostWhole: the leads that are compared are those that were read, not
// only those that still have rows.
func TestVerify_leadThatIsLostWhole(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(newPort(t), store, end)
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "102"}}}
	finish(t, c)
	c.Streams[0].LeadKeys, c.Streams[0].StoredLeads = nil, true
	v, err := leadsync.Verify(t.Context(), c, nil)
	if err != nil || !v.Equal || v.Streams[0].Source == 0 {
		t.Fatalf("%+v, error %v; want equal", v, err)
	}
	if _, err := writer(store).ExecContext(t.Context(), `DELETE FROM activities WHERE lead_id = 102`); err != nil {
		t.Fatal(err)
	}
	if v, err = leadsync.Verify(t.Context(), c, nil); err != nil || v.Equal {
		t.Errorf("%+v, error %v; want differences", v, err)
	}
}

// asked is a port that counts the calls without a filter.
type asked struct {
	gen.Port
	all atomic.Int64
}

func (p *asked) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if names, ok := in.ActivityNameFilter.Get(); !ok || len(names.StringItem) == 0 {
		p.all.Add(1)
	}
	return p.Port.GetLeadChanges(ctx, in)
}

// TestRun_typesThatWereBegunWith: they need not be given again.
func TestRun_typesThatWereBegunWith(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), &asked{Port: newPort(t)}
	c := config(p, store, begin.Add(time.Hour))
	c.Streams[0].Types = []string{"Visit Webpage"}
	finish(t, c)
	report, err := leadsync.RunQuick(t.Context(), config(p, store, end))
	if err != nil {
		t.Fatal(err)
	}
	if n := report.Copied[0].Inserted; n == 0 || n >= rows || p.all.Load() != 0 {
		t.Errorf("%d rows in the second run, %d calls for all types", n, p.all.Load())
	}
}

// TestRun_clockThatWasAheadOnce: with a lookback that is shorter than the clock was ahead, what comes meanwhile is not
// lost, and no more is said to be complete than can be.
func TestRun_clockThatWasAheadOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []leadsync.StreamName{leadsync.Activities, leadsync.LeadActivity} {
		sim := simulator.New()
		lead, err := sim.AddLead(simulator.Lead{ID: 101})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().Truncate(time.Second)
		c := config(sim, openStore(t), now.Add(4*time.Minute))
		c.Streams = []leadsync.Stream{{Name: name, Since: now.Add(-time.Hour), Lookback: time.Minute}}
		if name == leadsync.LeadActivity {
			c.Streams[0].LeadKeys = []string{"101"}
		}
		finish(t, c)
		if got := statusOf(t, c.Store).Streams[0].Complete; got.After(time.Now()) {
			t.Errorf("%s: complete up to %s, in the future", name, got)
		}
		if _, err := sim.AddActivities(lead, simulator.Activity{Type: "VisitWebpage", Time: simulator.At(now.Add(150 * time.Second))}); err != nil {
			t.Fatal(err)
		}
		before := statusOf(t, c.Store).Activities
		c.Now = func(context.Context) (time.Time, error) { return now.Add(5 * time.Minute), nil }
		finish(t, c)
		if got := statusOf(t, c.Store).Activities; got != before+1 {
			t.Errorf("%s: %d rows, want one more than %d", name, got, before)
		}
	}
}
