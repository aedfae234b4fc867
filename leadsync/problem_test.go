package leadsync_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/operations"
)

// spoiling is a port that spoils records, in all streams. Nil spoils none.
type spoiling struct {
	gen.Port
	spoil func(at gen.DateTime) bool
}

func (p *spoiling) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Port.GetLeadChanges(ctx, in)
	if err == nil && p.spoil != nil {
		list := out.Result.LeadChangeRecordList.Value.LeadChangeRecord
		for i := range list {
			if p.spoil(list[i].ActivityDateTime) {
				list[i].MktPersonId = "nobody"
			}
		}
	}
	return out, err
}

func (p *spoiling) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := p.Port.GetLeadActivity(ctx, in)
	if err == nil && p.spoil != nil {
		list := out.LeadActivityList.ActivityRecordList.Value.ActivityRecord
		for i := range list {
			if p.spoil(list[i].ActivityDateTime) {
				list[i].ActivityDateTime = "some day"
			}
		}
	}
	return out, err
}

func (p *spoiling) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	out, err := p.Port.GetMultipleLeads(ctx, in)
	if err == nil && p.spoil != nil {
		list := out.Result.LeadRecordList.Value.LeadRecord
		for i := range list {
			if p.spoil("") && list[i].Id.Or(0) == 104 {
				list[i].Id = gen.NilOf[int32]()
			}
		}
	}
	return out, err
}

// one spoils the record of one moment, and lead 104.
func one(text gen.DateTime) bool {
	at, err := text.Time()
	return err != nil || at.Equal(begin.Add(30*time.Second)) // of lead 104
}

var unreadableStreams = []struct {
	stream leadsync.Stream
	rows   int64
	want   string // of the record
}{
	{leadsync.Stream{Name: leadsync.Activities, Since: begin}, 600, `"mktPersonId":"nobody"`},
	{leadsync.Stream{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"103", "104"}}, 120, `"activityDateTime":"some day"`},
	{leadsync.Stream{Name: leadsync.Leads, Since: begin}, 10, `{"Email":"lead3@example.com"`},
}

// TestRun_unreadableRecords: one record does not hold the others up. It is kept as it came, once, and
// forgotten when it can be read.
func TestRun_unreadableRecords(t *testing.T) {
	t.Parallel()
	for name, open := range allStores {
		for _, tt := range unreadableStreams {
			t.Run(name+" "+string(tt.stream.Name), func(t *testing.T) {
				t.Parallel()
				p := &spoiling{newPort(t), one}
				c := config(p, open(t), end)
				c.Streams = []leadsync.Stream{tt.stream}
				c.Streams[0].Lookback = 24 * time.Hour
				for i, want := range []int64{1, 0} {
					report, err := leadsync.RunQuick(t.Context(), c)
					if err != nil || report.Copied[0].Problems != want {
						t.Fatalf("run %d: %+v, error %v; want %d problems", i, report, err, want)
					}
				}
				st := statusOf(t, c.Store)
				if st.Activities+st.Leads != tt.rows-1 || st.Streams[0].Unreadable != 1 || !st.Streams[0].Complete.Equal(end) {
					t.Errorf("%+v", st)
				}
				if len(st.Problems) != 1 || !strings.Contains(st.Problems[0].Record, tt.want) || !strings.Contains(st.Problems[0].Text, ": expected") {
					t.Fatalf("problems are %+v, want a record with %s", st.Problems, tt.want)
				}
				if v := verification(t, c); !v.Equal || v.Streams[0].Unreadable != 1 || v.Streams[0].Source != tt.rows-1 {
					t.Errorf("%+v", v)
				}
				p.spoil = nil
				finish(t, c)
				st = statusOf(t, c.Store)
				if left := st.Streams[0].Unreadable; st.Activities+st.Leads != tt.rows || left != 0 && tt.stream.Name != leadsync.Leads {
					t.Errorf("%d rows, %d problems left", st.Activities+st.Leads, left)
				}
			})
		}
	}
}

// TestRun_strict: with Strict such a record holds the stream until it can be read.
func TestRun_strict(t *testing.T) {
	t.Parallel()
	for _, tt := range unreadableStreams[:2] {
		p := &spoiling{newPort(t), one}
		c := config(p, openStore(t), end)
		c.Streams, c.Strict, c.MaxAttempts = []leadsync.Stream{tt.stream}, true, 1
		var record *operations.RecordError
		if _, err := leadsync.RunQuick(t.Context(), c); !errors.As(err, &record) {
			t.Errorf("%s: error %v", tt.stream.Name, err)
		}
		if st := statusOf(t, c.Store); st.Streams[0].Failed == 0 || len(st.Problems) > 0 {
			t.Errorf("%+v", st)
		}
		p.spoil = nil
		finish(t, c)
		if got := statusOf(t, c.Store).Activities; got != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.stream.Name, got, tt.rows)
		}
	}
}

// TestRun_answersInAnUnknownForm: a page with no readable record is not a page of damaged ones.
func TestRun_answersInAnUnknownForm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		page  int
		holds bool
	}{{19, false}, {20, true}} {
		p := &spoiling{newPort(t), func(gen.DateTime) bool { return true }}
		c := config(p, openStore(t), end)
		c.MaxAttempts, c.BatchSize, c.Streams[0].Window = 1, tt.page, 24*time.Hour
		c.Streams[0].Since = end.Add(-190 * time.Second) // 19 records
		if tt.holds {
			c.Streams[0].Since = end.Add(-300 * time.Second)
		}
		var decode *fault.DecodeError
		if _, err := leadsync.RunQuick(t.Context(), c); errors.As(err, &decode) != tt.holds {
			t.Errorf("pages of %d: error %v", tt.page, err)
		}
		if got := len(statusOf(t, c.Store).Problems); got > 0 == tt.holds {
			t.Errorf("pages of %d: %d problems", tt.page, got)
		}
	}
}

// TestRepair_problems: those that the whole source does not have any more are forgotten, others stay.
func TestRepair_problems(t *testing.T) {
	t.Parallel()
	for _, tt := range unreadableStreams {
		p := &spoiling{newPort(t), one}
		c := config(p, openStore(t), end)
		c.Streams = []leadsync.Stream{tt.stream}
		finish(t, c)
		c.Streams[0].StoredLeads, c.Streams[0].LeadKeys = tt.stream.Name == leadsync.LeadActivity, nil
		if done, err := leadsync.Repair(t.Context(), c, nil); err != nil || len(done.Streams) != 0 {
			t.Fatalf("%+v, error %v", done, err)
		}
		p.spoil = nil
		part := &leadsync.VerifyOptions{Since: begin.Add(50 * time.Minute)} // does not tell
		if _, err := leadsync.Repair(t.Context(), c, part); err != nil || statusOf(t, c.Store).Streams[0].Unreadable != 1 {
			t.Errorf("%s: %+v, error %v", tt.stream.Name, statusOf(t, c.Store), err)
		}
		if tt.stream.Name == leadsync.LeadActivity { // nor do some of the leads
			c.Streams[0].StoredLeads, c.Streams[0].LeadKeys = false, []string{"103"}
			if _, err := leadsync.Repair(t.Context(), c, nil); err != nil || statusOf(t, c.Store).Streams[0].Unreadable != 1 {
				t.Errorf("%+v, error %v", statusOf(t, c.Store), err)
			}
			c.Streams[0].StoredLeads, c.Streams[0].LeadKeys = true, nil
		}
		done, err := leadsync.Repair(t.Context(), c, nil)
		if err != nil || len(done.Streams) != 1 || !done.Streams[0].Solved || !done.After.Equal || len(statusOf(t, c.Store).Problems) != 0 {
			t.Errorf("%s: %+v, error %v", tt.stream.Name, done, err)
		}
		if again, err := leadsync.Repair(t.Context(), c, nil); err != nil || len(again.Streams) != 0 {
			t.Errorf("%s: second: %+v, error %v", tt.stream.Name, again, err)
		}
	}
}
