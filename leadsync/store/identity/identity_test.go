package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

var noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

// row reads "lead asset guid"; an asset with a capital letter is of an activity without id, and * after it is the second of those.
func row(text string) store.ActivityRow {
	parts := append(strings.Split(text, " "), "")
	a := operations.Activity{LeadID: int64(text[0] - '0'), ID: 5, Time: noon, Type: "T", GUID: parts[2]}
	asset, second := strings.CutSuffix(parts[1], "*")
	a.AssetName, a.HasID = asset, asset >= "a"
	if !a.HasID {
		a.ID = 0
	}
	if second {
		return store.NewActivityRow(a, 1)
	}
	return store.NewActivityRow(a, 0)
}

func rowsOf(texts ...string) []store.ActivityRow {
	all := make([]store.ActivityRow, len(texts))
	for i, text := range texts {
		all[i] = row(text)
	}
	return all
}

// memory is a copy.
type memory struct {
	rows map[string]store.ActivityRow
	err  error
}

func (m *memory) known(key string) Known {
	r := m.rows[key]
	_, guid := IsGUID(key)
	return Known{Key: key, Record: Record(&r.Activity), HasGUID: guid, Lead: r.LeadID, Digest: r.Digest}
}

func (m *memory) ByKey(_ context.Context, keys []string) ([]Known, error) {
	var known []Known
	for _, key := range keys {
		if _, ok := m.rows[key]; ok {
			known = append(known, m.known(key))
		}
	}
	return known, m.err
}

func (m *memory) ByRecord(_ context.Context, activities []*operations.Activity) ([]Known, error) {
	var known []Known
	for _, a := range activities {
		for _, key := range slices.Sorted(maps.Keys(m.rows)) {
			if k := m.known(key); k.Record == Record(a) {
				known = append(known, k)
			}
		}
	}
	return known, m.err
}

func (m *memory) ByMoment(_ context.Context, activities []*operations.Activity) ([]Known, error) {
	var known []Known
	for _, a := range activities {
		for _, key := range slices.Sorted(maps.Keys(m.rows)) {
			r := m.rows[key]
			if k := m.known(key); !k.HasGUID && Moment(&r.Activity) == Moment(a) {
				k.Record = Moment(a)
				known = append(known, k)
			}
		}
	}
	return known, m.err
}

// write does what a store does, and checks that no row is lost on the way.
func (m *memory) write(t *testing.T, resolved []Resolved) {
	t.Helper()
	for _, r := range resolved {
		if r.Was != "" {
			if _, ok := m.rows[r.Was]; !ok {
				t.Errorf("there is no row %s", r.Was)
			}
			if _, ok := m.rows[r.Key]; ok {
				t.Errorf("there is a row %s", r.Key)
			}
			delete(m.rows, r.Was)
		}
		m.rows[r.Key] = r.ActivityRow
	}
}

const first, second, third = "id:5:1772971200:T", "id:5:1772971200#2:T", "id:5:1772971200#3:T"

// keyless is the key of the nth row of those that are alike.
func keyless(text string, n int) string { return fmt.Sprint("row:", row(text).Digest, ":", n) }

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		copy   map[string]string
		tail   []string // read before
		moved  bool     // by another endpoint, without GUIDs
		stream store.StreamName
		merged []int64
		mixed  bool
		rows   []string
		want   map[string]string
	}{
		"new":                   {rows: []string{"1 a", "1 b"}, want: map[string]string{first: "1 a", second: "1 b"}},
		"equal ones are one":    {rows: []string{"1 a", "1 b", "1 a"}, want: map[string]string{first: "1 b", second: "1 a"}},
		"the same, turned":      {copy: map[string]string{first: "1 a", second: "1 b"}, rows: []string{"1 b", "1 a"}, want: map[string]string{first: "1 a", second: "1 b"}},
		"what is equal is kept": {copy: map[string]string{first: "1 a", second: "1 b"}, rows: []string{"1 c", "1 a"}, want: map[string]string{first: "1 a", second: "1 c"}},
		"the same lead first":   {copy: map[string]string{first: "1 a", second: "2 b"}, rows: []string{"2 c"}, want: map[string]string{first: "1 a", second: "2 c"}},
		"then another lead":     {copy: map[string]string{first: "1 a", second: "2 b"}, rows: []string{"2 c", "3 d"}, want: map[string]string{first: "3 d", second: "2 c"}},
		"the third":             {copy: map[string]string{first: "1 a", second: "1 b"}, rows: []string{"1 b", "1 c", "1 a"}, want: map[string]string{first: "1 a", second: "1 b", third: "1 c"}},
		"what was read before is not taken": {copy: map[string]string{first: "1 a"}, tail: []string{"1 a"}, rows: []string{"1 b"},
			want: map[string]string{first: "1 a", second: "1 b"}},
		"what was read before comes again": {copy: map[string]string{first: "1 a"}, tail: []string{"1 a"}, rows: []string{"1 a", "1 b"},
			want: map[string]string{first: "1 a", second: "1 b"}},
		"a history is of one lead": {copy: map[string]string{first: "1 a"}, stream: store.LeadActivity, rows: []string{"2 a"},
			want: map[string]string{first: "1 a", second: "2 a"}},
		"a history with a merge": {copy: map[string]string{first: "1 a", second: "2 b"}, stream: store.LeadActivity, merged: []int64{2}, rows: []string{"3 a"},
			want: map[string]string{first: "1 a", second: "3 a"}},
		"a gap": {mixed: true, copy: map[string]string{second: "1 a", third: "1 b"}, rows: []string{"1 a", "1 b", "1 c"},
			want: map[string]string{first: "1 c", second: "1 a", third: "1 b"}},

		"a GUID comes":                {mixed: true, copy: map[string]string{first: "1 a"}, rows: []string{"1 a g"}, want: map[string]string{"g": "1 a g"}},
		"a GUID, by content first":    {mixed: true, copy: map[string]string{first: "1 a", second: "1 b"}, rows: []string{"1 b h", "1 a g"}, want: map[string]string{"g": "1 a g", "h": "1 b h"}},
		"a GUID, changed":             {mixed: true, copy: map[string]string{first: "1 a", second: "1 b"}, rows: []string{"1 c g", "1 a h"}, want: map[string]string{"g": "1 c g", "h": "1 a h"}},
		"a GUID takes no other GUID":  {mixed: true, copy: map[string]string{"g": "1 a g"}, rows: []string{"1 a h"}, want: map[string]string{"g": "1 a g", "h": "1 a h"}},
		"a GUID that is known":        {mixed: true, copy: map[string]string{"g": "1 a g", first: "1 a"}, rows: []string{"1 b g"}, want: map[string]string{"g": "1 b g", first: "1 a"}},
		"a GUID known without its id": {mixed: true, copy: map[string]string{"g": "1 A g", first: "1 b"}, rows: []string{"1 b g"}, want: map[string]string{"g": "1 b g", first: "1 b"}},
		"a GUID that is known, as another row": {mixed: true, copy: map[string]string{"g": "1 a g", first: "1 b"}, rows: []string{"1 b g"},
			want: map[string]string{"g": "1 b g", first: "1 b"}},
		"a GUID goes":        {mixed: true, copy: map[string]string{"g": "1 a g", "h": "1 b h"}, rows: []string{"1 b", "1 c"}, want: map[string]string{"g": "1 c", "h": "1 b"}},
		"no GUID, a new row": {mixed: true, copy: map[string]string{"g": "1 a g"}, rows: []string{"1 a", "1 b"}, want: map[string]string{"g": "1 a", first: "1 b"}},

		"no id, a GUID comes": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A", keyless("1 A", 1): "1 A*"}, rows: []string{"1 A g"},
			want: map[string]string{"g": "1 A g", keyless("1 A", 1): "1 A*"}},
		"no id, two GUIDs come": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A", keyless("1 A", 1): "1 A*"}, rows: []string{"1 A g", "1 A h"},
			want: map[string]string{"g": "1 A g", "h": "1 A h"}},
		"no id, changed, a GUID comes": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A"}, rows: []string{"1 B g"}, want: map[string]string{"g": "1 B g"}},
		"no id, of another lead": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A"}, rows: []string{"2 B g"},
			want: map[string]string{"g": "2 B g", keyless("1 A", 0): "1 A"}},
		"no id, which was read before": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A"}, tail: []string{"1 A"}, rows: []string{"1 B g"},
			want: map[string]string{"g": "1 B g", keyless("1 A", 0): "1 A"}},
		"no id, which comes with it": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A"}, rows: []string{"1 B g", "1 A"},
			want: map[string]string{"g": "1 B g", keyless("1 A", 0): "1 A"}},
		"an id and a GUID come":        {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A"}, rows: []string{"1 b g"}, want: map[string]string{"g": "1 b g"}},
		"an id goes and a GUID comes":  {mixed: true, copy: map[string]string{first: "1 a"}, rows: []string{"1 B g"}, want: map[string]string{"g": "1 B g"}},
		"an id goes, read just before": {mixed: true, copy: map[string]string{first: "1 a"}, tail: []string{"1 a"}, rows: []string{"1 B g"}, want: map[string]string{first: "1 a", "g": "1 B g"}},
		"read just before, by another endpoint": {mixed: true, copy: map[string]string{first: "1 a", keyless("2 A", 0): "2 A"}, tail: []string{"1 a", "2 A"}, moved: true,
			rows: []string{"1 b g", "2 B h"}, want: map[string]string{"g": "1 b g", "h": "2 B h"}},
		"an id becomes the GUID": {mixed: true, copy: map[string]string{keyless("1 A", 0): "1 A", first: "1 a"}, rows: []string{"1 C 5", "1 D g"},
			want: map[string]string{"5": "1 C 5", "g": "1 D g"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{rows: map[string]store.ActivityRow{}}
			for key, text := range c.copy {
				m.rows[key] = row(text)
			}
			tail := store.Tail{GUIDs: !c.moved}
			for _, r := range rowsOf(c.tail...) {
				if r.HasID {
					tail.Add(r.Key, r.Digest)
				} else {
					tail.Equal = map[string]int{r.Digest.String(): 1}
				}
			}
			text, err := json.Marshal(map[string]*store.Tail{"tail": &tail})
			if err != nil {
				t.Fatal(err)
			}
			w := &store.Window{Stream: c.stream, Position: store.Position(text)}
			rows := rowsOf(c.rows...)
			for i := range rows {
				rows[i].Merged = c.merged
			}
			resolver := Resolver{Index: m, Mixed: c.mixed, Window: w}
			for _, again := range []string{"", ", again"} {
				resolved, err := resolver.Resolve(t.Context(), rows)
				if err != nil {
					t.Fatal(err)
				}
				m.write(t, resolved)
				want, got := map[string]store.Digest{}, map[string]store.Digest{}
				for key, text := range c.want {
					want[key] = row(text).Digest
				}
				for key, r := range m.rows {
					got[key] = r.Digest
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("rows%s (-want +got):\n%s", again, diff)
				}
			}
		})
	}
}

// TestResolve_taken: a key that a row once had is not given to another.
func TestResolve_taken(t *testing.T) {
	t.Parallel()
	m := &taken{memory{rows: map[string]store.ActivityRow{"g": row("1 a g")}}}
	resolver := Resolver{Index: m, Mixed: true, Window: &store.Window{}}
	resolved, err := resolver.Resolve(t.Context(), rowsOf("1 a", "2 b"))
	if err != nil || len(resolved) != 2 || resolved[0].Key != "g" || resolved[1].Key != second {
		t.Errorf("resolved are %+v, %v", resolved, err)
	}
}

type taken struct{ memory }

func (m *taken) ByRecord(ctx context.Context, activities []*operations.Activity) ([]Known, error) {
	known, err := m.memory.ByRecord(ctx, activities)
	for i := range known {
		known[i].Taken = first
	}
	return known, err
}

func TestResolve_errors(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	for name, r := range map[string]Resolver{
		"by key":    {Index: &memory{err: bad}},
		"by record": {Index: &memory{err: bad}, Mixed: true},
	} {
		r.Window = &store.Window{Stream: store.LeadActivity}
		if _, err := r.Resolve(t.Context(), rowsOf("2 b")); !errors.Is(err, bad) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	texts := func(all []store.ActivityRow) string {
		var b strings.Builder
		for i := range all {
			fmt.Fprint(&b, all[i].LeadID, all[i].AssetName, all[i].GUID, " ")
		}
		return b.String()
	}
	for _, c := range []struct {
		rows                          []string
		plain, shared, clear, unclear string
	}{
		{[]string{"1 a", "1 B", "1 c g"}, "1a 1B 1cg ", "", "1B 1cg ", "1a "},
		{[]string{"1 a", "2 b", "1 a"}, "", "1a 2b 1a ", "", "1a 2b 1a "},
		{[]string{"1 a", "1 a"}, "1a ", "", "", "1a "},
		{[]string{"1 a g", "1 d h", "2 b g"}, "1dh 2bg ", "", "1dh 2bg ", ""},
		{[]string{"1 B", "1 B*", "1 B"}, "1B 1B ", "", "1B 1B ", ""},
	} {
		plain, shared := Split(rowsOf(c.rows...), false)
		clear, unclear := Clear(rowsOf(c.rows...), false)
		if texts(plain) != c.plain || texts(shared) != c.shared || texts(clear) != c.clear || texts(unclear) != c.unclear {
			t.Errorf("%v: plain %q, shared %q, clear %q, unclear %q; want %q, %q, %q, %q", c.rows, texts(plain), texts(shared), texts(clear), texts(unclear),
				c.plain, c.shared, c.clear, c.unclear)
		}
		if plain, shared := Split(rowsOf(c.rows...), true); len(plain) > 0 || len(shared) != len(c.rows) {
			t.Errorf("%v: in a mixed copy %d are plain, %d shared", c.rows, len(plain), len(shared))
		}
	}
}

func TestIsGUID(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"id:5:1:T": "- false", "row:00:1": "- false", "guid:00": "- true", "5f3c": "5f3c- true"} {
		guid, ok := IsGUID(key)
		if got := fmt.Sprint(guid, "- ", ok); got != want {
			t.Errorf("%s: %s; want %s", key, got, want)
		}
	}
}
