package cli

import (
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// TestActivity_request looks at what is asked for.
func TestActivity_request(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args             string
		size             int32 // 0: none
		include, exclude int
		calls            int
	}{
		{"318815", 0, 0, 0, 1},
		{"318815 --limit 3", 3, 0, 0, 1},
		{"318815 --limit 300", 0, 0, 0, 1},
		{"318815 --limit 3 --page-size 50", 50, 0, 0, 1},
		{"318815 --limit 10 --page-size 4", 4, 0, 0, 3},
		{"318815 --page-size 7", 7, 0, 0, 2},
		{"318815 --type NewLead,OpenEmail --type ClickEmail", 0, 3, 0, 1},
		{"318815 --exclude NewLead", 0, 0, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			if r := run(t, settingsFor(s.URL()), "", append([]string{"activity"}, strings.Fields(test.args)...)...); r.code != exitOK {
				t.Fatalf("exit code %d: %s", r.code, r.stderr)
			}
			s.RequireCalls(t, "getLeadActivity", test.calls)
			in, ok := s.Exchanges("getLeadActivity")[0].Request.(*gen.ParamsGetLeadActivity)
			if !ok {
				t.Fatal("another request")
			}
			filter := in.ActivityFilter.Value
			include, exclude := len(filter.IncludeTypes.Value.ActivityType), len(filter.ExcludeTypes.Value.ActivityType)
			if in.BatchSize.Or(0) != test.size || include != test.include || exclude != test.exclude {
				t.Errorf("batchSize %d, %d types included, %d excluded; want %d, %d, %d",
					in.BatchSize.Or(0), include, exclude, test.size, test.include, test.exclude)
			}
		})
	}
}

// TestActivity_more: the closing line says that there are more only if there are.
func TestActivity_more(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for args, more := range map[string]bool{
		"--limit 5": true, "--limit 5 --page-size 100": true, "--limit 14": false, "--limit 14 --page-size 7": false, "--limit 15": false, "": false,
	} {
		r := run(t, settingsFor(s.URL()), "", append([]string{"activity", "318815"}, strings.Fields(args)...)...)
		if got := strings.HasSuffix(r.stdout, "; there are more\n"); r.code != exitOK || got != more {
			t.Errorf("%q: %t, want %t: exit code %d: %s%s", args, got, more, r.code, r.stdout, r.stderr)
		}
	}
}

// TestActivity_emptyPages: only the remaining count is the end, an empty page is not.
func TestActivity_emptyPages(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(),
			mktowstest.WithSimulator(simulator.WithEmptyPages(0.7), simulator.WithShortPages(0.7), simulator.WithSeed(seed)))
		env := environment{varEndpoint: s.URL(), varUserID: "example_user", varSecretKey: "example-key"}
		for _, limit := range []int{100, 14, 9} {
			r := run(t, env, "", "activity", "318815", "-o", "jsonl", "--limit", strconv.Itoa(limit))
			if n := strings.Count(r.stdout, "\n"); r.code != exitOK || n != min(limit, 14) {
				t.Errorf("seed %d, limit %d: %d records: exit code %d: %s", seed, limit, n, r.code, r.stderr)
			}
		}
	}
}
