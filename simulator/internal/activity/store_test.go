package activity

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/record"
)

func TestStore_chunks(t *testing.T) {
	t.Parallel()
	var st store
	const n = 3<<chunkBits + 5
	for i := range n {
		if r, added := st.add(&record.Activity{ID: int64(10 * i), Type: "x"}, time.Unix(int64(i), 0), 0); int(r) != i || added.at != int64(i) {
			t.Fatalf("record %d got the number %d", i, r)
		}
	}
	for i := range n {
		if got := st.get(ordered.Ref(i)).at; got != int64(i) {
			t.Fatalf("record %d is of second %d", i, got)
		}
	}
	if len(st.chunks) != 4 || cap(st.chunks[1]) != 1<<chunkBits {
		t.Errorf("%d chunks, the second with room for %d", len(st.chunks), cap(st.chunks[1]))
	}
}

// However entries come in, a history gives the newest first.
func TestHistory_sort(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	everything := func(name) bool { return true }
	for range 200 {
		var h history
		var all []ordered.Entry
		for range r.IntN(8) {
			for range r.IntN(40) { // more than sort inserts one by one, and fewer
				e := ordered.Entry{At: r.Int64N(50), Ref: ordered.Ref(len(all))}
				all = append(all, e)
				h.add(name(r.IntN(3)), e)
			}
			h.sort()
		}
		slices.SortFunc(all, func(a, b ordered.Entry) int { return b.Compare(a) })
		page, total := h.newest(len(all), ordered.Span{Before: ordered.Entry{At: 100}}, everything)
		if diff := cmp.Diff(all, page, cmp.AllowUnexported(ordered.Entry{}), cmpopts.EquateEmpty()); diff != "" || total != len(all) {
			t.Fatalf("%d of %d:\n%s", total, len(all), diff)
		}
	}
}

func FuzzPackAttributes(f *testing.F) {
	f.Add("Webpage ID", "2547", "Lead ID", "")
	f.Add("", "", "", string(make([]byte, 300)))
	f.Add("\x80", "\xff\x00", "a", "\x80\x80\x01")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		var st store
		for range 200 { // numbers of more than one byte
			st.names.number(time.Duration(len(st.names.texts)).String())
		}
		want := []record.Attribute{{Name: name1, Value: value1}, {Name: name2, Value: value2}}
		var got []record.Attribute
		for rest := st.packAttributes(want); rest != ""; {
			number, value, tail := nextAttribute(rest)
			got, rest = append(got, record.Attribute{Name: st.names.text(number), Value: value}), tail
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
