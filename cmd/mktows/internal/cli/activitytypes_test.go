package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// namesOfOthers are names of activities that the schema has no value for: some that answers are known to
// hold, some that public programs ask for, and one that a customer has defined.
var namesOfOthers = []string{
	"Add to Nurture", "Change Nurture Track", "Click Shared Link", "Touch Complete", "Attend Event", "Bought a boat, used",
}

// TestActivityNames_freeText: what stands in an activityNameFilter is for the service to judge.
func TestActivityNames_freeText(t *testing.T) {
	t.Parallel()
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly) // a few windows only
	commands := map[string][]string{
		"changes":   {"changes", "--since", "2015-01-01", "-o", "jsonl"},
		"sync plan": {"sync", "plan", "--since", yesterday, "--to", "TO"},
		"sync run":  {"sync", "run", "--since", yesterday, "--to", "TO"},
	}
	for name, args := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			for i, kind := range namesOfOthers {
				s.Seed(simulator.Lead{ID: int64(700 + i), Activities: []simulator.Activity{{Type: gen.ActivityType(kind), Time: simulator.At(time.Date(2015, 2, 3, 4, 5, 6, 0, time.UTC))}}})
			}
			args := slices.Clone(args)
			if i := slices.Index(args, "TO"); i > 0 {
				args[i] = t.TempDir() + "/copy.db"
			}
			want := slices.Sorted(slices.Values(append([]string{"Visit Webpage", "New Lead"}, namesOfOthers...)))
			for _, kind := range namesOfOthers {
				args = append(args, "--type", `"`+kind+`"`) // as CSV: it has a comma
			}
			r := run(t, settingsFor(s.URL()), "", append(args, "--type", "visitwebpage, new lead")...)
			if r.code != exit.OK || strings.Contains(r.stderr, "did you mean") {
				t.Fatalf("exit code %d: %s", r.code, r.stderr)
			}
			for _, e := range s.Exchanges("getLeadChanges") {
				in := e.Request.(*gen.ParamsGetLeadChanges)
				if got := slices.Sorted(slices.Values(in.ActivityNameFilter.Value.StringItem)); !slices.Equal(got, want) {
					t.Errorf("asked for %q, want %q", got, want)
				}
			}
			if name == "changes" && !strings.Contains(r.stdout, `"type":"Bought a boat, used"`) {
				t.Errorf("the customer's own type is missing:\n%s", r.stdout)
			}
		})
	}
}

// TestChanges_typesOfTheSchema: types that the schema lists need no spelling of their names.
func TestChanges_typesOfTheSchema(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := run(t, settingsFor(s.URL()), "", "changes", "--since", "2015-01-01", "--type", "smartcampaigntest,New Lead")
	if r.code != exit.OK || r.stderr != "" {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	in := s.Exchanges("getLeadChanges")[0].Request.(*gen.ParamsGetLeadChanges)
	want := []gen.ActivityType{gen.ActivityTypeSmartCampaignTest, gen.ActivityTypeNewLead}
	if got := in.ActivityFilter.Value.IncludeTypes.Value.ActivityType; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}
