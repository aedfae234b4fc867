package operations_test

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file of testdata, or writes the file.
func golden(t *testing.T, got []byte, path ...string) {
	t.Helper()
	name := filepath.Join(append([]string{"testdata"}, path...)...)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-file +got); -update rewrites it:\n%s", name, diff)
	}
}

// service is a port that answers getLeadActivity by the offset of the position that it
// is asked for, and keeps what it was asked.
type service struct {
	answers map[string]answer

	mu    sync.Mutex
	asked []*gen.ParamsGetLeadActivity
}

// answer is a page, or what the service says instead.
type answer struct {
	ids       []int64
	next      string
	remaining int32
	err       error
}

// lead is the one that the records of a service belong to.
const lead = 318815

func (s *service) activities() *operations.Activities {
	return operations.New(gen.PortFunc(s.call)).Activities
}

func (s *service) call(_ context.Context, op *gen.Operation, in, out gen.Message) error {
	q, ok := in.(*gen.ParamsGetLeadActivity)
	if !ok {
		return fmt.Errorf("unexpected call of %s", op.Name)
	}
	s.mu.Lock()
	s.asked = append(s.asked, q)
	s.mu.Unlock()
	offset := q.StartPosition.Value.Offset.Value
	a, ok := s.answers[offset]
	if !ok {
		return fmt.Errorf("unexpected call at %q", offset)
	}
	if a.err == nil {
		out.(*gen.SuccessGetLeadActivity).LeadActivityList = a.list()
	}
	return a.err
}

func (a answer) list() *gen.LeadActivityList {
	list := &gen.LeadActivityList{
		ReturnCount:      int32(len(a.ids)),
		RemainingCount:   a.remaining,
		NewStartPosition: &gen.StreamPosition{OldestCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some(a.next)},
	}
	if len(a.ids) == 0 {
		list.ActivityRecordList = gen.NilOf[gen.ArrayOfActivityRecord]()
		return list
	}
	list.ActivityRecordList.State = gen.Present
	for _, id := range a.ids {
		list.ActivityRecordList.Value.ActivityRecord = append(list.ActivityRecordList.Value.ActivityRecord, gen.ActivityRecord{
			Id:               gen.Some(id),
			ActivityDateTime: "2015-09-04T16:07:16-05:00",
			ActivityType:     "New Lead",
			MktPersonId:      fmt.Sprint(lead),
		})
	}
	return list
}

// offsets tells where the service was asked.
func (s *service) offsets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, q := range s.asked {
		all = append(all, q.StartPosition.Value.Offset.Value)
	}
	return all
}

// threePages has five records, an empty page among them, and ends with remainingCount 0.
func threePages() *service {
	return &service{answers: map[string]answer{
		"":  {ids: []int64{5, 4, 3}, next: "a", remaining: 1},
		"a": {next: "b", remaining: 1},
		"b": {ids: []int64{2, 1}, next: "c"},
	}}
}

// read collects a sequence up to its error, and fails if anything follows that.
func read[T any](t *testing.T, seq iter.Seq2[T, error]) (all []T, failed error) {
	t.Helper()
	for v, err := range seq {
		if failed != nil {
			t.Errorf("after the error came %v, %v", v, err)
		}
		if failed = err; err == nil {
			all = append(all, v)
		}
	}
	return all, failed
}

func ids(activities []operations.Activity) []int64 {
	var all []int64
	for _, a := range activities {
		all = append(all, a.ID)
	}
	return all
}

func wantIDs(t *testing.T, got []operations.Activity, want ...int64) {
	t.Helper()
	if !slices.Equal(ids(got), want) {
		t.Errorf("got the ids %v, want %v", ids(got), want)
	}
}

func wantOffsets(t *testing.T, s *service, want ...string) {
	t.Helper()
	if got := s.offsets(); !slices.Equal(got, want) {
		t.Errorf("the service was asked at %q, want %q", got, want)
	}
}
