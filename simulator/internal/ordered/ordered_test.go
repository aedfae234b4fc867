package ordered

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
		var o Set
		all := make(map[Entry]bool)
		for i := range 6 * leafEntries {
			e := Entry{At: r.Int64N(200), Ref: Ref(i)}
			if seed%2 == 0 {
				e.At = int64(i) // in order
			}
			o.Insert(e)
			all[e] = true
		}
		for e := range all {
			if r.IntN(3) == 0 {
				o.Remove(e)
				o.Remove(e)
				delete(all, e)
			}
		}
		checkTree(t, &o)
		for range 50 {
			s := Span{Since: Entry{At: r.Int64N(210) - 5, Ref: Ref(r.IntN(4000))}, Before: Entry{At: r.Int64N(210) - 5}}
			checkRun(t, &o, all, s)
		}
		checkRun(t, &o, all, Span{Since: Entry{At: math.MinInt64}, Before: Entry{At: math.MaxInt64}})
		for e := range all {
			o.Remove(e)
		}
		if o.root != nil {
			t.Errorf("%d entries are left of an empty set", o.Len())
		}
	}
}

// A tree of several levels keeps its order, its counts and its row of leaves.
func TestOrdered_deep(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 1))
	const n = 3 * leafEntries * nodeKids
	for name, at := range map[string]func(i int) int64{
		"in order": func(i int) int64 { return int64(i) },
		"backward": func(i int) int64 { return int64(-i) },
		"anyhow":   func(int) int64 { return r.Int64N(n) },
	} {
		var o Set
		all := make([]Entry, n)
		for i := range all {
			all[i] = Entry{at(i), Ref(i)}
			o.Insert(all[i])
		}
		checkTree(t, &o)
		slices.SortFunc(all, Entry.Compare)
		for _, i := range []int{0, 1, 255, 256, n / 2, n - 1} {
			if _, _, rank := o.find(all[i]); rank != i {
				t.Errorf("%s: entry %d has the rank %d", name, i, rank)
			}
		}
		if e, ok := o.Last(); !ok || e != all[n-1] {
			t.Errorf("%s: the last is %v", name, e)
		}
		for i, e := range all {
			if (i/1000)%2 == 0 && !o.Remove(e) {
				t.Fatalf("%s: entry %d is not there", name, i)
			}
			if o.Has(e) != ((i/1000)%2 == 1) {
				t.Fatalf("%s: has(%d) = %t", name, i, o.Has(e))
			}
		}
		checkTree(t, &o)
	}
}

// checkTree holds a tree to what its methods rest on.
func checkTree(t *testing.T, o *Set) {
	t.Helper()
	if o.root == nil {
		return
	}
	var leaves []*node
	var walk func(nd *node) (n, depth int)
	walk = func(nd *node) (n, depth int) {
		if nd.kids == nil {
			leaves = append(leaves, nd)
			if len(nd.entries) == 0 || len(nd.entries) > leafEntries || nd.n != len(nd.entries) || !slices.IsSortedFunc(nd.entries, Entry.Compare) {
				t.Fatalf("a leaf of %d entries that says it has %d", len(nd.entries), nd.n)
			}
			return nd.n, 0
		}
		for i, kid := range nd.kids {
			below, height := walk(kid)
			n, depth = n+below, max(depth, height+1)
			if height+1 != depth || i > 0 && kid.low.Compare(leaves[len(leaves)-1].entries[0]) > 0 {
				t.Fatal("a node stands at the wrong place")
			}
		}
		if n != nd.n || len(nd.kids) > nodeKids {
			t.Fatalf("a node with %d kids says that there are %d entries, not %d", len(nd.kids), nd.n, n)
		}
		return n, depth
	}
	walk(o.root)
	for i, leaf := range leaves {
		if i > 0 && (leaf.before != leaves[i-1] || leaves[i-1].after != leaf) {
			t.Fatal("the leaves are not in a row")
		}
	}
	if leaves[0].before != nil || leaves[len(leaves)-1].after != nil {
		t.Fatal("the row of leaves does not end")
	}
}

func checkRun(t *testing.T, o *Set, all map[Entry]bool, s Span) {
	t.Helper()
	var want []Entry
	for e := range all {
		if e.Compare(s.Since) >= 0 && e.Compare(s.Before) < 0 {
			want = append(want, e)
		}
	}
	slices.SortFunc(want, Entry.Compare)
	page, total := Oldest([]Run{o.Run(s)}, math.MaxInt)
	if diff := cmp.Diff(want, page, cmp.AllowUnexported(Entry{}), cmpopts.EquateEmpty()); diff != "" || total != len(want) {
		t.Fatalf("%+v: %d of %d\n%s", s, total, len(want), diff)
	}
}

// Runs are merged by time, whatever their number and lengths.
func TestOldest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 1))
	for range 200 {
		var runs []Run
		var want []Entry
		for range r.IntN(9) {
			var list []Entry
			for range r.IntN(30) {
				list = append(list, Entry{r.Int64N(20), Ref(r.Uint32())})
			}
			slices.SortFunc(list, Entry.Compare)
			want = append(want, list...)
			runs = append(runs, Run{head: list, Left: len(list)})
		}
		slices.SortFunc(want, Entry.Compare)
		n := r.IntN(100)
		page, total := Oldest(runs, n)
		if diff := cmp.Diff(want[:min(n, len(want))], page, cmp.AllowUnexported(Entry{}), cmpopts.EquateEmpty()); diff != "" || total != len(want) {
			t.Fatalf("%d of %d\n%s", total, len(want), diff)
		}
	}
}
