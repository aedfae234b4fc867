package crashtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
)

// The tests here are of what the others stand on: a comparison that finds nothing would let
// every copy pass.

func row(lead int64, attributes ...operations.Attribute) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{
		LeadID: lead, Type: "Visit Webpage", Time: time.Date(2026, 3, 8, 1, 59, 59, 0, time.FixedZone("", -6*3600)), Attributes: attributes,
	}, 0)
}

func TestDifference(t *testing.T) {
	t.Parallel()
	moved := row(1)
	moved.Time = moved.Time.UTC()
	x, y, z := operations.Attribute{Name: "A", Value: "x"}, operations.Attribute{Name: "B", Value: "y"}, operations.Attribute{Name: "A", Value: "z"}
	rows := func(list ...store.ActivityRow) []store.ActivityRow { return list }
	for _, c := range []struct {
		name      string
		got, want []store.ActivityRow
		tells     []string // nil: equal
	}{
		{"nothing", nil, nil, nil},
		{"another order", rows(row(1), row(2)), rows(row(2), row(1)), nil},
		{"twins", rows(row(1), row(1)), rows(row(1), row(1)), nil},
		{"one twin", rows(row(1)), rows(row(1), row(1)), []string{"missing: 1", "too many: 0"}},
		{"three twins", rows(row(1), row(1), row(1)), rows(row(1), row(1)), []string{"missing: 0", "too many: 1"}},
		{"another row", rows(row(1)), rows(row(2)), []string{"missing: 1", "lead 2", "too many: 1", "lead 1"}},
		{"another offset", rows(moved), rows(row(1)), []string{"-06:00"}},
		{"attributes in another order", rows(row(1, x, y, z)), rows(row(1, y, x, z)), nil},
		{"attributes of one name in another order", rows(row(1, x, y, z)), rows(row(1, z, y, x)), []string{"missing: 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := difference(c.got, c.want)
			if (got == "") != (c.tells == nil) {
				t.Errorf("got %q", got)
			}
			for _, part := range c.tells {
				if !strings.Contains(got, part) {
					t.Errorf("got %q, without %q", got, part)
				}
			}
		})
	}
}

func TestMeter(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	m := &meter{most: 3}
	for _, at := range []int{0, 5, 9, 10, 11, 12, 30, 39} { // 5 to 12 are five within 10
		m.came = append(m.came, begin.Add(time.Duration(at)*time.Second))
	}
	if calls, window, once := m.maxima(10 * time.Second); calls != 8 || window != 5 || once != 3 {
		t.Errorf("%d calls, %d in a window, %d at once; want 8, 5, 3", calls, window, once)
	}
}

// The source has what makes copies go wrong, and HTTP changes nothing of it.
func TestSource(t *testing.T) {
	t.Parallel()
	const n = 6000
	s := newSource(t, nature{rough: true}, 1, n, 500, limits.Unlimited(), time.Millisecond)
	truth, err := s.truth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(truth) < n {
		t.Errorf("%d rows, want %d", len(truth), n)
	}
	c, err := client.New(s.url, auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithoutLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	got, err := (&source{port: c, since: s.since}).truth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := difference(got, truth); diff != "" {
		t.Error(diff)
	}
	checkVariety(t, truth)
}

func checkVariety(t *testing.T, rows []store.ActivityRow) {
	t.Helper()
	changes := clockChanges(rows[0].Time, rows[len(rows)-1].Time)
	if len(changes) < 2 {
		t.Errorf("the clocks change at %v; want two times at least", changes)
	}
	counts := map[string]int{}
	seen := map[string]int{}
	for i := range rows {
		r := &rows[i]
		seen[text(r)]++
		sameSecond := i > 0 && r.Time.Equal(rows[i-1].Time)
		nearChange := slices.ContainsFunc(changes, func(at time.Time) bool { return r.Time.Sub(at).Abs() <= time.Hour })
		for what, is := range map[string]bool{
			"no id": !r.HasID, "no GUID": r.GUID == "", "neither": !r.HasID && r.GUID == "",
			"a twin": seen[text(r)] == 2, "same second": sameSecond, "change of clocks": nearChange,
		} {
			if is {
				counts[what]++
			}
		}
	}
	for _, what := range []string{"no id", "no GUID", "neither", "a twin", "same second", "change of clocks"} {
		if counts[what] < 10 {
			t.Errorf("%d rows with %s; want some", counts[what], what)
		}
	}
	t.Logf("%d rows: %v", len(rows), counts)
}
