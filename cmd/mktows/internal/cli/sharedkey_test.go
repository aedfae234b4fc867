package cli

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// TestActivity_sharedKey: whose activities came is said where several leads share a key, and what that
// costs is a call only where they can.
func TestActivity_sharedKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key     string
		sharers int
		calls   int
		rule    *mktowstest.Rule
		want    string
	}{
		{"both@example.com", 2, 1, nil, "mktows: warning: the leads 901 and 902 share EMAIL:both@example.com; these are the activities of lead 902; to choose, ask by id: mktows activity 901\n"},
		{"both@example.com", 1, 1, nil, ""},
		{"both@example.com", 11, 1, nil, "902, 903, 904, 905, 906, 907, 908, 909, 910 and more share"},
		{"901", 2, 0, nil, ""},
		{"both@example.com", 2, 1, &mktowstest.Rule{Operation: "getMultipleLeads", Code: fault.CodeBadParameter}, ""},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for i := range test.sharers {
				s.Seed(simulator.Lead{ID: int64(901 + i), Email: "both@example.com"})
			}
			last := int64(900 + test.sharers)
			if _, err := s.Sim().AddActivity(last, simulator.Activity{Type: "NewLead"}); err != nil {
				t.Fatal(err)
			}
			if test.rule != nil {
				s.Inject(*test.rule)
			}
			r := run(t, settingsFor(s.URL()), "", "activity", test.key, "-o", "jsonl")
			if r.code != exit.OK || !strings.Contains(r.stderr, test.want) || test.want == "" && r.stderr != "" {
				t.Errorf("exit code %d, want %q: %s%s", r.code, test.want, r.stdout, r.stderr)
			}
			s.RequireCalls(t, "getMultipleLeads", test.calls)
		})
	}
}
