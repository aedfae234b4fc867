package cli

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
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
		{"318815 --limit 99", 99, 0, 0, 1},
		{"318815 --limit 100", 0, 0, 0, 1},
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
			if r := run(t, settingsFor(s.URL()), "", append([]string{"activity"}, strings.Fields(test.args)...)...); r.code != exit.OK {
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
		if got := strings.HasSuffix(r.stdout, "; there are more\n"); r.code != exit.OK || got != more {
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
		env := environment{settings.VarEndpoint: s.URL(), settings.VarUserID: "example_user", settings.VarSecretKey: "example-key"}
		for _, limit := range []int{100, 14, 9} {
			r := run(t, env, "", "activity", "318815", "-o", "jsonl", "--limit", strconv.Itoa(limit))
			if n := strings.Count(r.stdout, "\n"); r.code != exit.OK || n != min(limit, 14) {
				t.Errorf("seed %d, limit %d: %d records: exit code %d: %s", seed, limit, n, r.code, r.stderr)
			}
		}
	}
}

// TestChanges_request looks at what is asked for.
func TestChanges_request(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args  string
		size  int32 // 0: none
		types int
		until string
		leads gen.LeadSelector
	}{
		{"", 0, 0, "", nil},
		{"--limit 3", 3, 0, "", nil},
		{"--limit 999", 999, 0, "", nil},
		{"--limit 1000", 0, 0, "", nil},
		{"--limit 3 --page-size 50", 50, 0, "", nil},
		{"--exclude NewLead,OpenEmail", 0, 2, "", nil},
		{"--until 2015-12-01", 0, 0, "2015-12-01T00:00:00+00:00", nil},
		{"--list Newsletter", 0, 0, "", &gen.StaticListSelector{StaticListName: gen.Some("Newsletter")}},
		{"--lead 318815 --lead 318816", 0, 0, "", &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: []string{"318815", "318816"}}}},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			args := append([]string{"changes", "--since", "2015-11-01"}, strings.Fields(test.args)...)
			if r := run(t, settingsFor(s.URL()), "", args...); r.code != exit.OK {
				t.Fatalf("exit code %d: %s", r.code, r.stderr)
			}
			in := s.Exchanges("getLeadChanges")[0].Request.(*gen.ParamsGetLeadChanges)
			if got := in.BatchSize.Or(0); got != test.size {
				t.Errorf("batchSize %d, want %d", got, test.size)
			}
			if got := len(in.ActivityFilter.Value.ExcludeTypes.Value.ActivityType); got != test.types {
				t.Errorf("%d types excluded, want %d", got, test.types)
			}
			if got := string(in.StartPosition.LatestCreatedAt.Or("")); got != test.until {
				t.Errorf("until %s, want %s", got, test.until)
			}
			if diff := cmp.Diff(test.leads, in.LeadSelector); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
