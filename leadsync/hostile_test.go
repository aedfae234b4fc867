package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// hostileRecord is a record of a hostile source.
type hostileRecord struct {
	id     int64
	guid   string
	at     time.Time
	stored time.Time
	lead   int64
	say    string
	bad    bool // it names no lead
}

// hostile is a source of records whose positions are offsets.
type hostile struct {
	recs     []hostileRecord
	byStored bool // it chooses and orders by when records were stored
}

func (h *hostile) port() gen.Port { return gen.PortFunc(h.call) }

func (h *hostile) call(_ context.Context, op *gen.Operation, in, out gen.Message) error {
	switch in := in.(type) {
	case *gen.ParamsGetLeadChanges:
		return h.changes(in, out.(*gen.SuccessGetLeadChanges))
	case *gen.ParamsGetMultipleLeads:
		o := out.(*gen.SuccessGetMultipleLeads)
		o.Result = &gen.ResultGetMultipleLeads{}
		sel := in.LeadSelector
		if k, ok := sel.(*gen.LeadKeySelector); ok {
			for _, v := range k.KeyValues.StringItem {
				id, _ := strconv.Atoi(v)
				o.Result.LeadRecordList.Value.LeadRecord = append(o.Result.LeadRecordList.Value.LeadRecord, gen.LeadRecord{Id: gen.Some(int32(id)), Email: gen.Some("a@example.com")})
			}
			n := int32(len(o.Result.LeadRecordList.Value.LeadRecord))
			o.Result.ReturnCount = n
			o.Result.LeadRecordList.State = gen.Present
			return nil
		}
		return nil
	}
	return fmt.Errorf("unexpected %T", in)
}

func (h *hostile) changes(in *gen.ParamsGetLeadChanges, out *gen.SuccessGetLeadChanges) error {
	out.Result = &gen.ResultGetLeadChanges{NewStartPosition: &gen.StreamPosition{}}
	from, _ := in.StartPosition.OldestCreatedAt.Or("").Time()
	to, _ := in.StartPosition.LatestCreatedAt.Or("").Time()
	if to.IsZero() {
		to = time.Now().Add(1e5 * time.Hour)
	}
	offset := 0
	if p := in.StartPosition.Offset.Or(""); p != "" {
		f, t := int64(0), int64(0)
		fmt.Sscanf(p, "%d:%d:%d", &offset, &f, &t)
		from, to = time.Unix(0, f), time.Unix(0, t)
	}
	var list []hostileRecord
	for _, r := range h.recs {
		at := r.at
		if h.byStored {
			at = r.stored
		}
		if !at.Before(from) && !at.After(to) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b hostileRecord) int {
		if h.byStored {
			return a.stored.Compare(b.stored)
		}
		return a.at.Compare(b.at)
	})
	batch := int(in.BatchSize.Or(100))
	begin := min(offset, len(list))
	e := min(begin+batch, len(list))
	for _, r := range list[begin:e] {
		lead := strconv.FormatInt(r.lead, 10)
		if r.bad {
			lead = "nobody"
		}
		x := gen.LeadChangeRecord{ActivityDateTime: gen.NewDateTime(r.at), ActivityType: "Visit Webpage", MktgAssetName: gen.Some(r.say), MktPersonId: lead, MarketoGUID: r.guid}
		if r.id != 0 {
			x.Id = gen.Some(r.id)
		}
		out.Result.LeadChangeRecordList.Value.LeadChangeRecord = append(out.Result.LeadChangeRecordList.Value.LeadChangeRecord, x)
	}
	out.Result.LeadChangeRecordList.State = gen.Present
	out.Result.ReturnCount = int32(e - begin)
	out.Result.RemainingCount = int32(len(list) - e)
	out.Result.NewStartPosition.Offset = gen.Some(fmt.Sprintf("%d:%d:%d", e, from.UnixNano(), to.UnixNano()))
	return nil
}

// A row of a day that was stored on a later one is not taken for one that the source lacks.
func TestHostile_repairRemovesLateRows(t *testing.T) {
	t.Parallel()
	h := &hostile{byStored: true}
	for i := range 300 {
		at := begin.Add(-30 * time.Hour).Add(time.Duration(i) * 20 * time.Minute / 3)
		r := hostileRecord{id: int64(i + 1), guid: fmt.Sprint("g", i), at: at, stored: at, lead: 1, say: fmt.Sprint("a", i)}
		if i%50 == 10 {
			r.stored = at.Add(26 * time.Hour) // late, on another day
			if r.stored.After(end) {
				r.stored = at
			}
		}
		if !r.at.Before(end) {
			continue
		}
		h.recs = append(h.recs, r)
	}
	for name, open := range allStores {
		if name == "PostgreSQL" {
			continue
		}
		c := config(h.port(), open(t), end)
		c.Streams[0].Since = begin.Add(-40 * time.Hour)
		c.Streams[0].Window = 0
		finish(t, c)
		before := len(rowsOf(t, c.Store))
		if before != len(h.recs) {
			t.Fatalf("%s: %d rows of %d", name, before, len(h.recs))
		}
		if v := verification(t, c); !v.Equal {
			t.Fatalf("%+v", v)
		}
		// one row is renamed at the source
		saved := h.recs[12].say
		h.recs[12].say = "renamed"
		done, err := leadsync.Repair(t.Context(), c, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: removed %d, after equal %v", name, done.Streams[0].Removed, done.After.Equal)
		if got := len(rowsOf(t, c.Store)); got != before {
			t.Errorf("%s: repair left %d rows of %d", name, got, before)
		}
		if done2, err := leadsync.Repair(t.Context(), c, nil); err != nil || !done2.After.Equal {
			t.Errorf("%s: second repair: %v, %v", name, done2.After.Equal, err)
		}
		h.recs[12].say = saved
	}
}

// The call that proves a choice may meet a record that cannot be read.
func TestHostile_unreadableAtProof(t *testing.T) {
	t.Parallel()
	for _, s := range []leadsync.Stream{
		{Name: leadsync.Activities, Since: begin, Types: []string{"Visit Webpage"}},
		{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"103", "104"}},
		{Name: leadsync.Leads, Since: begin, Fields: []string{"Email"}},
	} {
		p := &spoiling{newPort(t), func(at gen.DateTime) bool {
			x, err := at.Time()
			return err != nil || x.After(end.Add(-90*time.Second)) || true && s.Name != leadsync.Activities && x.After(end.Add(-100*time.Second))
		}}
		c := config(p, openStore(t), end)
		c.Streams = []leadsync.Stream{s}
		c.MaxAttempts = 2
		if s.Name == leadsync.LeadActivity {
			c.Streams[0].LeadKeys = []string{"110"}
		}
		_, err := leadsync.RunQuick(t.Context(), c)
		t.Log(s.Name, err, statusOf(t, c.Store).Activities+statusOf(t, c.Store).Leads)
		if err != nil {
			t.Errorf("%s is held by one unreadable record: %v", s.Name, err)
		}
	}
}

// A lead whose record cannot be read is not gone.
func TestHostile_verifyUnreadableLead(t *testing.T) {
	t.Parallel()
	p := &spoiling{newPort(t), nil}
	c := config(p, openStore(t), end)
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin}}
	finish(t, c)
	p.spoil = one
	v, err := leadsync.Verify(t.Context(), c, nil)
	if err != nil {
		t.Fatalf("verify is held by one unreadable lead: %v", err)
	}
	t.Logf("%+v", v)
	done, err := leadsync.Repair(t.Context(), c, nil)
	t.Logf("%+v %v", done, err)
	if v.Streams[0].Gone > 0 || len(goneLeads(t, c.Store)) > 0 {
		t.Errorf("verify says %d gone, repair has marked %v: the service has the lead", v.Streams[0].Gone, goneLeads(t, c.Store))
	}
}

// A row whose record cannot be read any more is not removed.
func TestHostile_repairUnreadableActivity(t *testing.T) {
	t.Parallel()
	p := &spoiling{newPort(t), nil}
	c := config(p, openStore(t), end)
	finish(t, c)
	p.spoil = one
	done, err := leadsync.Repair(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", done.Streams)
	if got := len(rowsOf(t, c.Store)); got != rows {
		t.Errorf("repair left %d rows of %d: the service still has the record", got, rows)
	}
}

// A member of a list that cannot be read does not hold the others.
func TestHostile_listWithUnreadableLead(t *testing.T) {
	t.Parallel()
	sp := &spoiling{newPort(t), one}
	c := config(sp, openStore(t), end)
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, List: "L"}}
	c.MaxAttempts = 2
	list := &listed{sp}
	c.Port = list
	_, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Errorf("held by one member of the list: %v", err)
	}
}

type listed struct{ gen.Port }

func (p *listed) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if _, ok := in.LeadSelector.(*gen.StaticListSelector); ok {
		in.LeadSelector = &gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: &gen.ArrayOfString{StringItem: []string{"103", "104"}}}
	}
	return p.Port.GetMultipleLeads(ctx, in)
}

// Verify reads through as many lost positions as a run does.
func TestHostile_verifyLostPositions(t *testing.T) {
	t.Parallel()
	h := &hostile{}
	for i := range 2000 {
		at := begin.Add(time.Duration(i/100) * 5 * time.Minute)
		h.recs = append(h.recs, hostileRecord{id: int64(i + 1), guid: fmt.Sprint("g", i), at: at, lead: 1, say: fmt.Sprint("a", i)})
	}
	c := config(h.port(), openStore(t), end)
	var n atomic.Int64
	inner := c.Port
	c.Port = gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		if x, ok := in.(*gen.ParamsGetLeadChanges); ok && x.StartPosition.Offset.Or("") != "" {
			if n.Add(1)%20 == 0 {
				return fault.New(fault.CodeBadStreamPosition, "")
			}
		}
		answer, err := op.Call(ctx, inner, in)
		if err == nil {
			*out.(*gen.SuccessGetLeadChanges) = *answer.(*gen.SuccessGetLeadChanges)
		}
		return err
	})
	finish(t, c)
	if got := len(rowsOf(t, c.Store)); got != 2000 {
		t.Errorf("%d rows", got)
	}
	v, err := leadsync.Verify(t.Context(), c, nil)
	if err != nil || !v.Equal {
		t.Errorf("verify: %v", err)
	}
}

// overlapping is a source whose pages begin with what the page before ended with.
func overlapping(inner gen.PortFunc, overlap int) gen.PortFunc {
	return func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		x, ok := in.(*gen.ParamsGetLeadChanges)
		if ok && x.StartPosition.Offset.Or("") != "" {
			var o, f, to int
			fmt.Sscanf(x.StartPosition.Offset.Value, "%d:%d:%d", &o, &f, &to)
			cp, sp := *x, *x.StartPosition
			sp.Offset = gen.Some(fmt.Sprintf("%d:%d:%d", o-overlap, f, to))
			cp.StartPosition = &sp
			in = &cp
		}
		return inner(ctx, op, in, out)
	}
}

// TestHostile_overlapAfterMove: a copy goes on in the middle of a pass on an endpoint of another version, which gives what the
// page before ended with other keys, or none. What has no key on either of them is not read twice.
func TestHostile_overlapAfterMove(t *testing.T) {
	t.Parallel()
	for _, toGUIDs := range []bool{true, false} {
		for overlap := range 6 {
			h := &hostile{}
			for i := range 100 {
				h.recs = append(h.recs, hostileRecord{at: begin.Add(time.Minute), lead: 1, say: fmt.Sprint("a", i)})
			}
			guids := func(on bool) {
				for i := range h.recs {
					if h.recs[i].guid = ""; on && i%2 == 0 {
						h.recs[i].guid = fmt.Sprint("g", i)
					}
				}
			}
			guids(!toGUIDs)
			ctx, stop := context.WithCancel(t.Context())
			inner := overlapping(h.call, overlap)
			pages := 0
			c := config(gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
				x, ok := in.(*gen.ParamsGetLeadChanges)
				if ok && x.StartPosition.Offset.Or("") != "" {
					if pages++; pages == 3 {
						stop()
						return ctx.Err()
					}
				}
				return inner(ctx, op, in, out)
			}), openStore(t), end)
			if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			read := len(rowsOf(t, c.Store))
			guids(toGUIDs)
			if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if got := len(rowsOf(t, c.Store)); read == 0 || read == 100 || got != 100 {
				t.Errorf("to GUIDs %t, overlap %d: %d rows, first %d; want 100", toGUIDs, overlap, got, read)
			}
		}
	}
}

// Records that cannot be read count on pages that overlap.
func TestHostile_overlapWithProblems(t *testing.T) {
	t.Parallel()
	for _, overlap := range []int{1, 2, 5} {
		for _, bad := range []int{0, 1, 2, 3} {
			for _, stream := range []string{"changes"} {
				h := &hostile{}
				for i := range 100 {
					h.recs = append(h.recs, hostileRecord{at: begin.Add(time.Minute), lead: 1, say: fmt.Sprint("a", i)})
				}
				for i := range bad {
					h.recs[25+7*i].bad = true
				}
				inner := h.port()
				c := config(inner, openStore(t), end)
				c.MaxAttempts = 2
				c.Port = overlapping(h.call, overlap)
				_, err := leadsync.RunQuick(t.Context(), c)
				if err != nil {
					t.Errorf("%s overlap %d bad %d: %v", stream, overlap, bad, err)
					continue
				}
				if got := len(rowsOf(t, c.Store)); got != 100-bad {
					t.Errorf("%s overlap %d, %d unreadable: %d rows, want %d", stream, overlap, bad, got, 100-bad)
				}
			}
		}
	}
}

// Records that are alike are not taken for an overlap since one of the page cannot be read.
func TestHostile_alikeWithProblems(t *testing.T) {
	t.Parallel()
	for _, kinds := range []int{2, 4} {
		for _, bad := range []int{0, 1} {
			h := &hostile{}
			for i := range 100 {
				h.recs = append(h.recs, hostileRecord{at: begin.Add(time.Minute), lead: 1, say: fmt.Sprint("a", i%kinds)})
			}
			if bad > 0 {
				h.recs[30].bad = true
			}
			c := config(h.port(), openStore(t), end)
			c.MaxAttempts = 2
			if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
				t.Error(err)
			}
			v := verification(t, c)
			if got := len(rowsOf(t, c.Store)); got != 100-bad {
				t.Errorf("%d kinds, %d unreadable: %d rows, want %d; verify says equal: %v", kinds, bad, got, 100-bad, v.Equal)
			}
		}
	}
}

// historyPage is the page of a history that a request asks for, by its offset.
func historyPage(x *gen.ParamsGetLeadActivity, recs []gen.ActivityRecord) *gen.LeadActivityList {
	o := 0
	fmt.Sscanf(x.StartPosition.Value.Offset.Or(""), "%d", &o)
	e := min(o+int(x.BatchSize.Or(20)), len(recs))
	l := &gen.LeadActivityList{ReturnCount: int32(e - o), RemainingCount: int32(len(recs) - e), NewStartPosition: &gen.StreamPosition{Offset: gen.Some(fmt.Sprint(e))}}
	l.ActivityRecordList.State = gen.Present
	l.ActivityRecordList.Value.ActivityRecord = slices.Clone(recs[o:e])
	return l
}

// history answers for the lead 101 with records, page by page by offset, and for all others with none.
func history(recs []gen.ActivityRecord) gen.Port {
	return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		x, ok := in.(*gen.ParamsGetLeadActivity)
		if !ok {
			return (&hostile{}).call(ctx, op, in, out)
		}
		recs := recs
		if x.LeadKey.KeyValue != "101" {
			recs = nil
		}
		out.(*gen.SuccessGetLeadActivity).LeadActivityList = historyPage(x, recs)
		return nil
	})
}

// And so in the history of a lead.
func TestHostile_historyAlikeWithProblems(t *testing.T) {
	t.Parallel()
	for _, bad := range []bool{false, true} {
		recs := make([]gen.ActivityRecord, 60)
		for i := range recs {
			recs[i] = gen.ActivityRecord{ActivityDateTime: gen.NewDateTime(begin.Add(time.Minute)), ActivityType: "Visit Webpage", MktPersonId: "101", MktgAssetName: gen.Some(fmt.Sprint("a", i%2))}
		}
		if bad {
			recs[25].ActivityDateTime = "some day"
		}
		c := config(history(recs), openStore(t), end)
		c.MaxAttempts = 2
		c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101"}}}
		if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
			t.Error(err)
		}
		want := 60
		if bad {
			want = 59
		}
		if got := len(rowsOf(t, c.Store)); got != want {
			t.Errorf("unreadable %v: %d rows, want %d", bad, got, want)
		}
	}
}

// An estimate does not stumble over a record that cannot be read.
func TestHostile_estimateUnreadable(t *testing.T) {
	t.Parallel()
	p := &spoiling{newPort(t), func(at gen.DateTime) bool { x, err := at.Time(); return err == nil && x.Equal(begin) }}
	c := config(p, openStore(t), end)
	if _, err := leadsync.Estimate(t.Context(), c); err != nil {
		t.Errorf("held by one unreadable record: %v", err)
	}
}

// endless is a port whose pages are empty for ever, with new positions.
type endless struct {
	gen.Port
	calls atomic.Int64
}

func (p *endless) next() string { return strconv.FormatInt(p.calls.Add(1), 10) }

func (p *endless) GetLeadChanges(_ context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	at := *in.StartPosition
	at.Offset = gen.Some(p.next())
	return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{NewStartPosition: &at, RemainingCount: 5}}, nil
}

func (p *endless) GetLeadActivity(context.Context, *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	at := &gen.StreamPosition{Offset: gen.Some(p.next())}
	return &gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{NewStartPosition: at, RemainingCount: 5}}, nil
}

func (p *endless) GetMultipleLeads(context.Context, *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	return &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{NewStreamPosition: p.next(), RemainingCount: 5}}, nil
}

// Empty pages without end hold a stream after a bounded number of calls, whatever reads them.
func TestHostile_emptyPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, s := range []leadsync.Stream{
		{Name: leadsync.Activities, Since: begin, Window: 10 * time.Minute},
		{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "102"}},
		{Name: leadsync.LeadActivity, Since: begin, List: "some"},
		{Name: leadsync.Leads, Since: begin, Window: 10 * time.Minute},
	} {
		t.Run(string(s.Name)+" "+s.List, func(t *testing.T) {
			t.Parallel()
			sound, p := newPort(t), &endless{}
			store := openStore(t)
			bounded := func(what string, err error, most int64) {
				t.Helper()
				if !errors.Is(err, operations.ErrEndless) || !strings.Contains(err.Error(), "1000 empty ones that announce more") {
					t.Errorf("%s: error %v, want one that tells of the empty pages", what, err)
				}
				if n := p.calls.Swap(0); n > most {
					t.Errorf("%s: %d calls", what, n)
				}
			}
			c := config(p, store, end)
			c.Streams = []leadsync.Stream{s}
			c.Lease = time.Hour // on a slow machine a shorter one ends while it reads, and another worker begins anew
			_, err := leadsync.RunQuick(t.Context(), c)
			// Each of the windows gives up once at most; how many begin before the first has failed is the machine's affair.
			bounded("run", err, int64(end.Sub(begin)/(10*time.Minute))*(operations.MaxEmptyPages+10))
			if s.List != "" {
				return
			}
			c.Port = sound
			finish(t, c) // it goes on when the service is well again
			c.Port = p
			_, err = leadsync.Verify(t.Context(), c, nil)
			bounded("verify", err, operations.MaxEmptyPages+10)
			_, err = leadsync.Repair(t.Context(), c, nil)
			bounded("repair", err, operations.MaxEmptyPages+10)
			if _, err := leadsync.Estimate(t.Context(), c); err != nil || p.calls.Load() > 10 {
				t.Errorf("estimate: %d calls, error %v", p.calls.Load(), err)
			}
		})
	}
}

// lateSource has records of three hours, some of which were stored late, up to 40 minutes.
func lateSource(byStored bool) *hostile {
	h := &hostile{byStored: byStored}
	for i := range 360 {
		at := begin.Add(time.Duration(i) * 30 * time.Second)
		if !at.Before(end) {
			break
		}
		r := hostileRecord{id: int64(i + 1), guid: fmt.Sprint("g", i), at: at, stored: at, lead: 1, say: fmt.Sprint("a", i)}
		if i%7 == 3 {
			r.stored = at.Add(time.Duration(i%41) * time.Minute)
		}
		h.recs = append(h.recs, r)
	}
	return h
}

// The bounds of a verification make no differences, whether the source chooses by when records happened or by when it
// stored them, also where some windows beyond them are not done. What is missing within them still is.
func TestHostile_verifyBounds(t *testing.T) {
	t.Parallel()
	for _, byStored := range []bool{false, true} {
		h := lateSource(byStored)
		c := config(h.port(), openStore(t), begin.Add(time.Hour))
		finish(t, c)
		c.Now = func(context.Context) (time.Time, error) { return end, nil }
		c.MaxAttempts = 1
		c.Port = gen.PortFunc(func(ctx context.Context, _ *gen.Operation, in, out gen.Message) error {
			if x := in.(*gen.ParamsGetLeadChanges); x.StartPosition.OldestCreatedAt.Value == gen.NewDateTime(begin.Add(70*time.Minute-time.Second)) {
				return errors.New("this window fails")
			}
			return h.call(ctx, nil, in, out)
		})
		_, err := leadsync.RunQuick(t.Context(), c)
		if got := statusOf(t, c.Store).Streams[0]; err == nil || got.Failed == 0 || !got.Complete.Equal(begin.Add(70*time.Minute)) {
			t.Fatalf("error %v, status %+v", err, got)
		}
		c.Port = h.port()
		verify := func(o *leadsync.VerifyOptions) *leadsync.Verification {
			t.Helper()
			v, err := leadsync.Verify(t.Context(), c, o)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for _, done := range []bool{false, true} {
			if done {
				finish(t, c)
				finish(t, c)
			}
			for from := time.Duration(0); from < 90*time.Minute; from += 23 * time.Minute {
				for to := from + time.Minute; to < 99*time.Minute; to += 13 * time.Minute {
					o := &leadsync.VerifyOptions{Since: begin.Add(from), Until: begin.Add(to)}
					if from >= time.Hour && !done {
						continue
					}
					if v := verify(o); !v.Equal || v.Streams[0].Source == 0 {
						t.Fatalf("by storing %t, all done %t, %s to %s: %+v", byStored, done, from, to, v.Streams[0])
					}
				}
			}
		}
		missing := someActivity(t, c.Store, 1)
		tamper(t, c.Store, store.Commit{Removed: []string{missing.Key}})
		if v := verify(&leadsync.VerifyOptions{Since: missing.Time, Until: missing.Time.Add(time.Hour)}); v.Equal || v.Streams[0].Differences[0].Missing != 1 {
			t.Errorf("by storing %t: %+v; want one that is missing", byStored, v.Streams[0])
		}
	}
}

// A GUID of which the source gives two records that say different things settles: runs end, the copy has one of the two and
// keeps it, and a verification finds nothing.
func TestHostile_guidTwice(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]struct {
		at     func(i int) time.Time // of the record of a number
		other  int                   // number of the other one of GUID g3
		apart  bool                  // they lie in windows that are read apart
		window time.Duration
	}{
		"on a page":            {at: func(i int) time.Time { return begin.Add(time.Duration(i) * time.Minute) }, other: 5},
		"on pages of a second": {at: func(int) time.Time { return begin.Add(time.Minute) }, other: 77},
		"in ranges":            {at: func(i int) time.Time { return begin.Add(time.Duration(i) * 45 * time.Second) }, other: 99},
		"in windows": {
			at: func(i int) time.Time { return begin.Add(time.Duration(i) * 45 * time.Second) }, other: 99,
			apart: true, window: 10 * time.Minute,
		},
	} {
		for kind, open := range allStores {
			t.Run(name+" "+kind, func(t *testing.T) {
				engines(t, kind)
				t.Parallel()
				h := &hostile{}
				for i := range 100 {
					h.recs = append(h.recs, hostileRecord{id: int64(i + 1), guid: fmt.Sprint("g", i), at: place.at(i), lead: 1, say: fmt.Sprint("a", i)})
				}
				h.recs[place.other].guid = "g3"
				c := config(h.port(), open(t), end)
				c.MaxAttempts = 2
				c.Streams[0].Window = place.window
				for run := range 3 {
					report, err := leadsync.RunQuick(t.Context(), c)
					if err != nil {
						t.Fatalf("run %d: %v", run, err)
					}
					if n := report.Copied[0].Updated; n > 0 && run > 0 && !place.apart {
						t.Errorf("run %d has updated %d rows", run, n)
					}
					if got := len(rowsOf(t, c.Store)); got != 99 {
						t.Errorf("run %d: %d rows of 99 GUIDs", run, got)
					}
					v := verification(t, c)
					if s := v.Streams[0]; !v.Equal || s.Source != 99 || s.Copy != 99 {
						t.Errorf("run %d: %+v", run, s)
					}
				}
				if done, err := leadsync.Repair(t.Context(), c, nil); err != nil || len(done.Streams) > 0 {
					t.Errorf("repair did %+v, %v", done, err)
				}
				// What has changed is another matter.
				h.recs[3].say, h.recs[place.other].say, h.recs[50].say = "new", "new", "new"
				finish(t, c)
				if v := verification(t, c); !v.Equal {
					t.Errorf("after a change: %+v", v.Streams[0])
				}
				changed := func(row string) bool { return strings.HasSuffix(row, " new") }
				if got := rowsOf(t, c.Store); len(got) != 99 || !slices.ContainsFunc(got, changed) {
					t.Errorf("rows after a change: %q", got)
				}
			})
		}
	}
}

// Records without id and GUID come out as many as the source has, in whatever order it gives those that are alike: on a page,
// over pages, ranges and windows.
func TestHostile_alikeByStoring(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		records, second int           // a record lies at each that many seconds, with two more like it
		window, late    time.Duration // late is how long after the other two the third was stored
	}{
		"on a page":             {10, 300, 0, 15 * time.Minute},
		"over pages of one":     {100, 50, 0, 4 * time.Minute},
		"over windows":          {100, 50, 10 * time.Minute, 4 * time.Minute},
		"from page to page":     {100, 50, 0, 20 * time.Minute},
		"from window to window": {100, 50, 10 * time.Minute, 20 * time.Minute},
		"in order":              {100, 50, 10 * time.Minute, 0},
	} {
		for kind, open := range allStores {
			t.Run(name+" "+kind, func(t *testing.T) {
				engines(t, kind)
				t.Parallel()
				h := &hostile{byStored: true}
				for i := range tt.records {
					at := begin.Add(time.Duration(i*tt.second) * time.Second)
					for n := range 3 {
						r := hostileRecord{at: at, stored: at, lead: 1, say: fmt.Sprint("a", i)}
						if n == 2 {
							r.stored = at.Add(tt.late)
						}
						if r.stored.Before(end) {
							h.recs = append(h.recs, r)
						}
					}
				}
				c := config(h.port(), open(t), begin.Add(50*time.Minute))
				c.Streams[0].Window = tt.window
				finish(t, c)
				c.Now = func(context.Context) (time.Time, error) { return end, nil }
				for range 2 {
					finish(t, c)
					if got := len(rowsOf(t, c.Store)); got != len(h.recs) {
						t.Errorf("%d rows of %d", got, len(h.recs))
					}
					if v := verification(t, c); !v.Equal {
						t.Errorf("%+v", v.Streams[0])
					}
				}
			})
		}
	}
}

// A repair that has nothing to remove reads a window once.
func TestHostile_repairReadsOnce(t *testing.T) {
	t.Parallel()
	h := &hostile{}
	for i := range 10 {
		h.recs = append(h.recs, hostileRecord{guid: fmt.Sprint("g", i), at: begin.Add(time.Duration(i) * time.Minute), lead: 1, say: fmt.Sprint("a", i)})
	}
	c := config(h.port(), openStore(t), end)
	finish(t, c)
	tamper(t, c.Store, store.Commit{Removed: []string{"g3"}})
	done, err := leadsync.Repair(t.Context(), c, nil)
	if err != nil || !done.After.Equal || done.Streams[0].Counts.Calls != 1 || done.Streams[0].Counts.Inserted != 1 {
		t.Errorf("%+v, error %v; want one row of one call", done, err)
	}
}

// Of a GUID that comes twice in a history a verification reads all again, for the copy may have either record.
func TestHostile_historyGUIDTwice(t *testing.T) {
	t.Parallel()
	recs := make([]gen.ActivityRecord, 120)
	for i := range recs {
		recs[i] = gen.ActivityRecord{
			Id: gen.Some(int64(i + 1)), MarketoGUID: fmt.Sprint("g", i), ActivityDateTime: gen.NewDateTime(begin.Add(time.Duration(120-i) * time.Second)),
			ActivityType: "Visit Webpage", MktPersonId: "101", MktgAssetName: gen.Some("a"),
		}
	}
	recs[110].MarketoGUID, recs[110].MktgAssetName = "g3", gen.Some("b")
	changed := slices.Clone(recs)
	changed[50].MktgAssetName = gen.Some("c")
	for name, keys := range map[string][]string{"alone": {"101"}, "after another lead": {"100", "101"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(history(recs), openStore(t), end)
			c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: keys}}
			if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if v := verification(t, c); !v.Equal || v.Streams[0].Source != 119 || v.Streams[0].Copy != 119 {
				t.Errorf("%+v", v.Streams[0])
			}
			c.Port = history(changed)
			if v := verification(t, c); v.Equal || v.Streams[0].Source != 119 || v.Streams[0].Copy != 119 {
				t.Errorf("after a change: %+v", v.Streams[0])
			}
		})
	}
}

// Two records of one id, second and type, one with a GUID and one without, are two rows, whichever comes first.
func TestHostile_guidBesideNone(t *testing.T) {
	t.Parallel()
	for kind, open := range allStores {
		for _, first := range []int{3, 77} { // which of the two has the GUID
			t.Run(fmt.Sprint(kind, " ", first), func(t *testing.T) {
				engines(t, kind)
				t.Parallel()
				h := &hostile{}
				for i := range 100 {
					h.recs = append(h.recs, hostileRecord{id: int64(i + 1), at: begin.Add(time.Minute), lead: 1, say: fmt.Sprint("a", i)})
				}
				h.recs[77].id, h.recs[first].guid = h.recs[3].id, "g"
				c := config(h.port(), open(t), end)
				c.MaxAttempts = 2
				for run := range 2 {
					report, err := leadsync.RunQuick(t.Context(), c)
					if err != nil {
						t.Fatalf("run %d: %v", run, err)
					}
					if n := report.Copied[0].Updated; n > 0 {
						t.Errorf("run %d has updated %d rows", run, n)
					}
				}
				if v := verification(t, c); !v.Equal || v.Streams[0].Copy != 100 {
					t.Errorf("%+v", v.Streams[0])
				}
			})
		}
	}
}
