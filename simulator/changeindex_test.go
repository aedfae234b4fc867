package simulator

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// However entries come and go, an ordered set gives any span of them, oldest first.
func TestOrdered(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		var o ordered
		all := make(map[entry]bool)
		for i := range 6 * blockEntries {
			e := entry{at: r.Int64N(200), ref: ref(i)}
			if seed%2 == 0 {
				e.at = int64(i) // in order
			}
			o.insert(e)
			all[e] = true
		}
		for e := range all {
			if r.IntN(3) == 0 {
				o.remove(e)
				o.remove(e)
				delete(all, e)
			}
		}
		checkBlocks(t, &o)
		for range 50 {
			s := span{since: entry{at: r.Int64N(210) - 5, ref: ref(r.IntN(4000))}, before: entry{at: r.Int64N(210) - 5}}
			checkRun(t, &o, all, s)
		}
		checkRun(t, &o, all, span{since: entry{at: math.MinInt64}, before: entry{at: math.MaxInt64}})
		for e := range all {
			o.remove(e)
		}
		if len(o.blocks) != 0 {
			t.Errorf("%d blocks are left of an empty set", len(o.blocks))
		}
	}
}

func checkBlocks(t *testing.T, o *ordered) {
	t.Helper()
	for _, block := range o.blocks {
		if len(block) == 0 || len(block) > blockEntries {
			t.Fatalf("a block of %d entries", len(block))
		}
	}
}

func checkRun(t *testing.T, o *ordered, all map[entry]bool, s span) {
	t.Helper()
	var want []entry
	for e := range all {
		if e.compare(s.since) >= 0 && e.compare(s.before) < 0 {
			want = append(want, e)
		}
	}
	slices.SortFunc(want, entry.compare)
	page, total := oldest([]run{o.run(s)}, math.MaxInt)
	if diff := cmp.Diff(want, page, cmp.AllowUnexported(entry{}), cmpopts.EquateEmpty()); diff != "" || total != len(want) {
		t.Fatalf("%+v: %d of %d\n%s", s, total, len(want), diff)
	}
}

// Runs are merged by time, whatever their number and lengths.
func TestOldest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	for range 200 {
		var runs []run
		var want []entry
		for range r.IntN(9) {
			var list []entry
			for range r.IntN(30) {
				list = append(list, entry{r.Int64N(20), ref(r.Uint32())})
			}
			slices.SortFunc(list, entry.compare)
			want = append(want, list...)
			runs = append(runs, run{head: list, left: len(list)})
		}
		slices.SortFunc(want, entry.compare)
		n := r.IntN(100)
		page, total := oldest(runs, n)
		if diff := cmp.Diff(want[:min(n, len(want))], page, cmp.AllowUnexported(entry{}), cmpopts.EquateEmpty()); diff != "" || total != len(want) {
			t.Fatalf("%d of %d\n%s", total, len(want), diff)
		}
	}
}
