package leadsync_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// histories answers with a history for each lead, newest first.
type histories struct {
	of     map[string][]gen.ActivityRecord
	before func(lead string)
}

func visit(lead, id int64, at time.Time, guid string) gen.ActivityRecord {
	r := gen.ActivityRecord{
		Id: gen.Some(id), ActivityDateTime: gen.NewDateTime(at), ActivityType: "Visit Webpage", MktPersonId: fmt.Sprint(lead),
		MktgAssetName: gen.Some(fmt.Sprint("page ", id)),
	}
	r.MarketoGUID = guid
	return r
}

func mergeOf(winner, id int64, at time.Time, losers string) gen.ActivityRecord {
	r := visit(winner, id, at, "")
	r.ActivityType = operations.ActivityMergeLeads.Name()
	r.ActivityAttributes = gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "Merge IDs", AttrValue: losers}}})
	return r
}

func (h *histories) port() gen.Port {
	return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		x, ok := in.(*gen.ParamsGetLeadActivity)
		if !ok {
			return (&hostile{}).call(ctx, op, in, out)
		}
		if h.before != nil {
			h.before(x.LeadKey.KeyValue)
		}
		recs, there := h.of[x.LeadKey.KeyValue]
		if !there {
			return fault.New(fault.CodeLeadNotFound, "Lead not found")
		}
		out.(*gen.SuccessGetLeadActivity).LeadActivityList = historyPage(x, recs)
		return nil
	})
}

func runHistories(t *testing.T, h *histories, dest store.Store, upper time.Time, keys ...string) *leadsync.Config {
	t.Helper()
	c := config(h.port(), dest, upper)
	c.Concurrency, c.MaxAttempts = 1, 2
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: keys}}
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func idsOf(t *testing.T, dest store.Store) (ids []int64) {
	t.Helper()
	for row, err := range dest.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, row.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestMerged_mergeIsAnnouncedBeforeRecordsMove: the winner's history tells of the merge before the records have moved; the loser is still there when it is read after that.
func TestMerged_mergeIsAnnouncedBeforeRecordsMove(t *testing.T) {
	t.Parallel()
	h := &histories{of: map[string][]gen.ActivityRecord{
		"101": {mergeOf(101, 9, begin.Add(50*time.Minute), "102"), visit(101, 1, begin.Add(10*time.Minute), "")},
		"102": {visit(102, 2, begin.Add(20*time.Minute), "")},
	}}
	dest := openStore(t)
	c := runHistories(t, h, dest, begin.Add(time.Hour), "101", "102")
	if diff := cmp.Diff([]int64{1, 2, 9}, idsOf(t, dest)); diff != "" {
		t.Errorf("the loser is still there: (-source +copy)\n%s", diff)
	}
	r, err := leadsync.Repair(t.Context(), c, nil)
	if err != nil || !r.After.Equal {
		t.Errorf("repair: %v, equal %t", err, r != nil && r.After.Equal)
	}
	// Now they move; the next run looks back two hours.
	delete(h.of, "102")
	h.of["101"] = slices.Insert(h.of["101"], 1, visit(101, 2, begin.Add(20*time.Minute), ""))
	runHistories(t, h, dest, begin.Add(10*time.Hour), "101", "102")
	if diff := cmp.Diff([]int64{1, 2, 9}, idsOf(t, dest)); diff != "" {
		t.Errorf("moved: (-source +copy)\n%s", diff)
	}
}

// TestMerged_movedRecordsNameTheLoser: records that have moved to the winner's history name the loser still.
func TestMerged_movedRecordsNameTheLoser(t *testing.T) {
	t.Parallel()
	for _, guid := range []string{"", "g"} {
		h := &histories{of: map[string][]gen.ActivityRecord{
			"101": {mergeOf(101, 9, begin.Add(50*time.Minute), "102"), visit(102, 2, begin.Add(20*time.Minute), guid), visit(101, 1, begin.Add(10*time.Minute), "")},
		}}
		dest := openStore(t)
		runHistories(t, h, dest, begin.Add(time.Hour), "101", "102")
		if diff := cmp.Diff([]int64{1, 2, 9}, idsOf(t, dest)); diff != "" {
			t.Errorf("guid %q: (-source +copy)\n%s", guid, diff)
		}
	}
}

// TestMerged_announcedBeforeRecordsMoveNextRun: as above, and nobody repairs in between.
func TestMerged_announcedBeforeRecordsMoveNextRun(t *testing.T) {
	t.Parallel()
	h := &histories{of: map[string][]gen.ActivityRecord{
		"101": {mergeOf(101, 9, begin.Add(4*time.Hour+50*time.Minute), "102"), visit(101, 1, begin.Add(10*time.Minute), "")},
		"102": {visit(102, 2, begin.Add(20*time.Minute), "")},
	}}
	dest := openStore(t)
	runHistories(t, h, dest, begin.Add(5*time.Hour), "101", "102")
	delete(h.of, "102")
	h.of["101"] = slices.Insert(h.of["101"], 1, visit(101, 2, begin.Add(20*time.Minute), ""))
	for i := range int64(40) { // and between the merge and the record
		h.of["101"] = slices.Insert(h.of["101"], 1, visit(101, 400+i, begin.Add(time.Hour+time.Duration(i)*time.Second), ""))
	}
	for i := range int64(120) { // more than a page, of the time in between
		h.of["101"] = slices.Insert(h.of["101"], 0, visit(101, 200+i, begin.Add(9*time.Hour+time.Duration(i)*time.Second), ""))
	}
	runHistories(t, h, dest, begin.Add(10*time.Hour), "101", "102")
	if got := idsOf(t, dest); !slices.Contains(got, 2) {
		t.Errorf("the record 2 is in the source and not in the copy: %v", got[:3])
	}
}

// TestMerged_mergedAfterTheWinnerWasRead: the winner is read, then the loser is merged into it, then the loser is to be read for the first time, and is gone.
func TestMerged_mergedAfterTheWinnerWasRead(t *testing.T) {
	t.Parallel()
	h := &histories{of: map[string][]gen.ActivityRecord{
		"101": {visit(101, 1, begin.Add(10*time.Minute), "")},
		"102": {visit(102, 2, begin.Add(20*time.Minute), "")},
	}}
	h.before = func(lead string) {
		if lead == "102" && h.of["102"] != nil {
			delete(h.of, "102")
			h.of["101"] = []gen.ActivityRecord{mergeOf(101, 9, begin.Add(time.Hour+time.Second), "102"), visit(101, 2, begin.Add(20*time.Minute), ""), h.of["101"][0]}
			for i := range int64(40) { // more than a page after the merge
				h.of["101"] = slices.Insert(h.of["101"], 0, visit(101, 200+i, begin.Add(2*time.Hour+time.Duration(i)*time.Minute), ""))
			}
			for i := range int64(40) { // and before it
				h.of["101"] = slices.Insert(h.of["101"], 41, visit(101, 300+i, begin.Add(time.Hour-time.Duration(i)*time.Minute), ""))
			}
		}
	}
	dest := openStore(t)
	// the lookback does not reach the record 2
	c := config(h.port(), dest, begin.Add(time.Hour))
	c.Concurrency, c.MaxAttempts = 1, 2
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "102"}, Lookback: time.Minute}}
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.Now = func(context.Context) (time.Time, error) { return begin.Add(10 * time.Hour), nil }
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := idsOf(t, dest); !slices.Contains(got, 2) {
		t.Errorf("the record 2 is in the source and not in the copy, of %d: %v", len(got), got[:2])
	}
}
