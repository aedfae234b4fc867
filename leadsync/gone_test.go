package leadsync_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// lookups is a port that counts the look-ups of leads by their ids, and can refuse them.
type lookups struct {
	gen.Port
	calls, leads atomic.Int64
	err          error
}

func (p *lookups) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if keys, ok := in.LeadSelector.(*gen.LeadKeySelector); ok {
		p.calls.Add(1)
		p.leads.Add(int64(len(keys.KeyValues.StringItem)))
		if p.err != nil {
			return nil, p.err
		}
	}
	return p.Port.GetMultipleLeads(ctx, in)
}

var bothStreams = []leadsync.Stream{{Name: leadsync.Activities, Since: begin}, {Name: leadsync.Leads, Since: begin}}

// TestRun_mergedLeadsAreMarked: the activity of a merge names the losers, and one call tells that they
// are gone. Reading it again costs none, nor does a copy without leads.
func TestRun_mergedLeadsAreMarked(t *testing.T) {
	t.Parallel()
	for name, open := range allStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &lookups{Port: newPort(t)}
			c := config(p, open(t), begin.Add(30*time.Minute))
			c.Streams = bothStreams
			finish(t, c)
			merge(t, p, 101, 102)
			merge(t, p, 101, 103)
			c.Now = func(context.Context) (time.Time, error) { return end, nil }
			report, err := leadsync.RunQuick(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if got := goneLeads(t, c.Store); !slices.Equal(got, []int64{102, 103}) {
				t.Errorf("gone are %v", got)
			}
			if report.Copied[0].Gone != 2 || p.calls.Load() != 1 || p.leads.Load() != 2 {
				t.Errorf("counted %d; %d calls for %d leads, want one for two", report.Copied[0].Gone, p.calls.Load(), p.leads.Load())
			}
			finish(t, c)
			if p.calls.Load() != 1 {
				t.Error("leads that are marked are looked up again")
			}
			if v := verification(t, c); len(v.Streams[1].Differences) > 0 || v.Streams[1].LookUps != 0 {
				t.Errorf("leads: %+v", v.Streams[1])
			}
		})
	}
	t.Run("no leads", func(t *testing.T) {
		t.Parallel()
		p := &lookups{Port: newPort(t)}
		merge(t, p, 101, 102)
		c := config(p, openStore(t), end)
		finish(t, c)
		if p.calls.Load() != 0 {
			t.Errorf("%d calls for leads that the copy does not have", p.calls.Load())
		}
	})
}

// TestRun_mergedLeadsThatCannotBeLookedUp: a user who may read activities and not leads has a copy of activities.
// Trouble of the service is waited for.
func TestRun_mergedLeadsThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err   error
		holds bool
	}{
		"refused": {fault.New(fault.CodeBadParameter, "no access"), false},
		"trouble": {errors.New("connection reset"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &lookups{Port: newPort(t)}
			c := config(p, openStore(t), begin.Add(30*time.Minute))
			c.Streams, c.MaxAttempts = bothStreams, 2
			finish(t, c)
			merge(t, p, 101, 102)
			p.err = tt.err
			c.Now = func(context.Context) (time.Time, error) { return end, nil }
			if _, err := leadsync.RunQuick(t.Context(), c); (err != nil) != tt.holds {
				t.Fatalf("error %v", err)
			}
			if got := goneLeads(t, c.Store); len(got) > 0 {
				t.Errorf("gone are %v", got)
			}
			if !tt.holds {
				return
			}
			p.err = nil
			finish(t, c)
			if got := goneLeads(t, c.Store); !slices.Equal(got, []int64{102}) {
				t.Errorf("gone are %v", got)
			}
		})
	}
}

// TestRun_leadWithoutHistoryIsMarked: 20103 for an id says that the lead is gone; for another kind of
// key it does not. A lead that comes back is there again.
func TestRun_leadWithoutHistoryIsMarked(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	c := config(p, openStore(t), end)
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin}}
	finish(t, c)
	merge(t, p, 101, 102)
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"102", "103", "nobody@example.com"}}}
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil || report.Copied[0].Missing != 2 || report.Copied[0].Gone != 1 {
		t.Fatalf("%+v, error %v", report, err)
	}
	if got := goneLeads(t, c.Store); !slices.Equal(got, []int64{102}) {
		t.Errorf("gone are %v", got)
	}
	var ids []int64
	for id, err := range c.Store.LeadIDs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if slices.Contains(ids, 102) || len(ids) != 9 {
		t.Errorf("leads whose histories would be read: %v", ids)
	}
	tamper(t, c.Store, store.Commit{Gone: []int64{104}})
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin, Lookback: 24 * time.Hour}}
	finish(t, c)
	if got := goneLeads(t, c.Store); !slices.Equal(got, []int64{102}) {
		t.Errorf("gone are %v after 104 has come again", got)
	}
}

// TestVerify_leadsOutsideTheBounds: a lead that is not returned within the bounds is not gone for that,
// and looking up is bounded.
func TestVerify_leadsOutsideTheBounds(t *testing.T) {
	t.Parallel()
	p := &lookups{Port: newPort(t)}
	c := config(p, openStore(t), end)
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin}}
	finish(t, c)
	merge(t, p, 101, 102)
	since := &leadsync.VerifyOptions{Since: end.Add(-10 * time.Second)} // after the last updates
	told := 0
	since.LookUp = func(_ leadsync.StreamName, leads, calls int) { told = leads*10 + calls }
	v, err := leadsync.Verify(t.Context(), c, since)
	s := v.Streams[0]
	if err != nil || v.Equal || s.Gone != 1 || s.LookUps != 1 || s.Source > 1 || s.NotLookedUp != 0 || told < 91 {
		t.Errorf("%+v, error %v, told %d", v, err, told)
	}
	if d := s.Differences[0]; d.Gone != 1 || d.Missing+d.Changed+d.Extra != 0 || d.Copy-d.Source != 1 {
		t.Errorf("%+v", d)
	}
	since.LookUps = -1
	before := p.calls.Load()
	v, err = leadsync.Verify(t.Context(), c, since)
	if err != nil || !v.Equal || v.Streams[0].NotLookedUp < 9 || p.calls.Load() != before {
		t.Errorf("without looking up: %+v, error %v", v, err)
	}
}

// TestVerify_oneLeadUnderTwoKeys is read twice and counts once.
func TestVerify_oneLeadUnderTwoKeys(t *testing.T) {
	t.Parallel()
	c := config(newPort(t), openStore(t), end)
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"103", "104", "lead2@example.com"}}}
	finish(t, c)
	if v := verification(t, c); !v.Equal || v.Streams[0].Source != 120 {
		t.Errorf("%+v", v)
	}
}

// TestRepair_histories: of the stream lead-activity the histories that differ are read again. What a
// lead that is gone had there is removed.
func TestRepair_histories(t *testing.T) {
	t.Parallel()
	for name, open := range allStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			c := config(p, open(t), end)
			c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "103", "104", "105"}}}
			finish(t, c)
			merge(t, p, 101, 102) // whose history is new with 101
			merge(t, p, 106, 103) // with one that is not chosen
			extra := someActivity(t, c.Store, 104).Activity
			extra.GUID = "extra"
			tamper(t, c.Store, store.Commit{
				Removed: []string{someActivity(t, c.Store, 105).Key}, Activities: []store.ActivityRow{store.NewActivityRow(extra, 0)},
			})
			c.Streams[0].StoredLeads, c.Streams[0].LeadKeys = true, nil
			done, err := leadsync.Repair(t.Context(), c, nil)
			if err != nil || !done.After.Equal || done.Before.Equal || len(done.Streams) != 1 || done.Streams[0].Removed != 61 {
				t.Fatalf("%+v, error %v", done, err)
			}
			of := map[int64]int{}
			for row, err := range c.Store.Activities(t.Context(), time.Time{}, time.Time{}) {
				if err != nil {
					t.Fatal(err)
				}
				of[row.LeadID]++
			}
			if want := map[int64]int{101: 121, 104: 60, 105: 60}; !maps.Equal(of, want) {
				t.Errorf("rows by lead: %v, want %v", of, want)
			}
			if again, err := leadsync.Repair(t.Context(), c, nil); err != nil || len(again.Streams) != 0 || !again.After.Equal {
				t.Errorf("second repair: %+v, error %v", again, err)
			}
		})
	}
}

// TestRepair_withinBounds mends what lies there, and takes nothing back of what is complete beyond. Of a history it
// reads all, so that a lead that was known by another key before is complete by its id.
func TestRepair_withinBounds(t *testing.T) {
	t.Parallel()
	for name, want := range map[leadsync.StreamName]int64{leadsync.Activities: rows - 1, leadsync.LeadActivity: 60} {
		c := config(newPort(t), openStore(t), end)
		c.Streams = []leadsync.Stream{{Name: name, Since: begin}}
		if name == leadsync.LeadActivity {
			c.Streams[0].LeadKeys = []string{"lead4@example.com"}
		}
		finish(t, c)
		var early, late string
		for row, err := range c.Store.Activities(t.Context(), time.Time{}, time.Time{}) {
			switch {
			case err != nil:
				t.Fatal(err)
			case row.LeadID == 105 && row.Time.Before(begin.Add(20*time.Minute)):
				early = row.Key
			case row.LeadID == 105 && row.Time.After(begin.Add(50*time.Minute)) && row.Time.Before(begin.Add(70*time.Minute)):
				late = row.Key
			}
		}
		tamper(t, c.Store, store.Commit{Removed: []string{early, late}})
		o := &leadsync.VerifyOptions{Since: begin.Add(40 * time.Minute), Until: begin.Add(80 * time.Minute)}
		done, err := leadsync.Repair(t.Context(), c, o)
		if err != nil || !done.After.Equal || len(done.Streams) != 1 || done.Streams[0].Removed != 0 {
			t.Fatalf("%s: %+v, error %v", name, done, err)
		}
		if st := statusOf(t, c.Store); st.Activities != want || !st.Streams[0].Complete.Equal(end) {
			t.Errorf("%s: %d rows, want %d, complete up to %s", name, st.Activities, want, st.Streams[0].Complete)
		}
	}
}

// TestRepair_rowsChangedByHand: what the copy has noted of its rows is not what they say.
func TestRepair_rowsChangedByHand(t *testing.T) {
	t.Parallel()
	c := config(newPort(t), openStore(t), end)
	c.Streams = bothStreams
	finish(t, c)
	for _, statement := range []string{
		`UPDATE activities SET asset = 'Elsewhere' WHERE lead_id = 105`,
		`UPDATE leads SET email = 'nobody@example.com' WHERE id = 106`,
		`DELETE FROM leads WHERE id = 107`,
	} {
		if _, err := writer(c.Store).ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	done, err := leadsync.Repair(t.Context(), c, nil)
	if err != nil || !done.After.Equal || done.Streams[0].Removed != 60 || done.Streams[0].Counts.Inserted != 60 {
		t.Fatalf("%+v, error %v", done, err)
	}
	if n := done.Streams[1].Counts; n.Updated != 1 || n.Inserted != 1 {
		t.Errorf("leads: %+v", n)
	}
}

// TestRepair_alone: what others write meanwhile would look like a difference.
func TestRepair_alone(t *testing.T) {
	t.Parallel()
	c := config(newPort(t), openStore(t), end)
	finish(t, c)
	if err := c.Store.(quota.Registry).Heartbeat(t.Context(), "other", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := leadsync.Repair(t.Context(), c, nil); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "other") {
		t.Errorf("error %v", err)
	}
	if err := c.Store.(quota.Registry).Retire(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	if _, err := leadsync.Repair(t.Context(), c, nil); err != nil {
		t.Error(err)
	}
	if w := statusOf(t, c.Store).Workers; len(w) > 0 {
		t.Errorf("workers are left: %+v", w)
	}
}

// TestRepair_interrupted leaves what the next run goes on with, and nothing half-done.
func TestRepair_interrupted(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	c := config(p, openStore(t), end)
	finish(t, c)
	tamper(t, c.Store, store.Commit{Removed: []string{someActivity(t, c.Store, 105).Key, someActivity(t, c.Store, 107).Key}})
	broken := errors.New("connection reset")
	before := p.calls.Load()
	verification(t, c)
	calls := p.calls.Load()
	comparison := calls - before
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call > calls+comparison+1 {
			return broken
		}
		return nil
	}
	if _, err := leadsync.Repair(t.Context(), c, nil); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	if st := statusOf(t, c.Store).Streams[0]; st.Pending != 1 || !st.Complete.Equal(end) {
		t.Errorf("%+v", st)
	}
	p.before = nil
	complete(t, c)
}

// changeable is a port whose answers differ from call to call: no two readings agree.
type changeable struct {
	gen.Port
	on    atomic.Bool
	calls atomic.Int64
}

func (p *changeable) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Port.GetLeadChanges(ctx, in)
	if list := &out.Result.LeadChangeRecordList.Value; err == nil && p.on.Load() && len(list.LeadChangeRecord) > 0 {
		r := &list.LeadChangeRecord[0]
		r.MktgAssetName = gen.Some(time.Duration(p.calls.Add(1)).String())
	}
	return out, err
}

// TestRepair_readingsThatDoNotAgree remove nothing.
func TestRepair_readingsThatDoNotAgree(t *testing.T) {
	t.Parallel()
	p := &changeable{Port: newPort(t)}
	c := config(p, openStore(t), end)
	finish(t, c)
	extra := someActivity(t, c.Store, 106).Activity
	extra.GUID = "extra"
	tamper(t, c.Store, store.Commit{Activities: []store.ActivityRow{store.NewActivityRow(extra, 0)}})
	p.on.Store(true)
	done, err := leadsync.Repair(t.Context(), c, nil)
	if err != nil || done.After.Equal || done.Streams[0].Removed != 0 || done.Streams[0].Unsettled != 1 {
		t.Errorf("%+v, error %v", done, err)
	}
	p.on.Store(false)
	if done, err = leadsync.Repair(t.Context(), c, nil); err != nil || !done.After.Equal || done.Streams[0].Removed < 1 {
		t.Errorf("%+v, error %v", done, err)
	}
}
