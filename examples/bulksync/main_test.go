package main

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/output.golden"

func settings(s *mktowstest.Server) func(string) string {
	values := map[string]string{
		"MKTOWS_ENDPOINT":   s.URL(),
		"MKTOWS_USER_ID":    s.Credentials().UserID,
		"MKTOWS_SECRET_KEY": s.Credentials().Key.Reveal(),
	}
	return func(name string) string { return values[name] }
}

func TestRun(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	in, err := os.Open("testdata/leads.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out strings.Builder
	if err := run(t.Context(), in, &out, settings(s)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
	lead, err := operations.New(s.Client()).Leads.Get(t.Context(), operations.Email("lead@example.com"))
	if company, _ := lead.Attributes.Get("Company"); err != nil || company != "Example, Sons & Co" {
		t.Errorf("the company is now %q, %v", company, err)
	}
}

// TestSync_stops: what came before an error is reported, and the error says where to go on.
func TestSync_stops(t *testing.T) {
	t.Parallel()
	leads := []operations.Lead{{Email: "a@example.com"}, {Email: "b@example.com"}, {Email: "c@example.com"}, {Email: "d@example.com"}}
	for name, test := range map[string]struct {
		rule mktowstest.Rule
		is   error
		says string
	}{
		"answer lost":   {mktowstest.Rule{Skip: 1, Drop: server.DropAfterWork}, fault.ErrUnknownOutcome, "rows 3 to 4"},
		"no calls left": {mktowstest.Rule{Skip: 1, Code: fault.CodeRequestLimitExceeded}, fault.ErrQuota, "rows from 3 on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t)
			s.Inject(test.rule)
			var out strings.Builder
			err := sync(t.Context(), operations.New(s.Client()), leads, 2, &out)
			if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %v and %q", err, test.is, test.says)
			}
			if got := strings.Count(out.String(), "CREATED"); got != 2 {
				t.Errorf("%d rows reported, want 2:\n%s", got, &out)
			}
		})
	}
}

func TestRun_badInput(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	var out strings.Builder
	if err := run(t.Context(), strings.NewReader("Email\n\"a"), &out, settings(s)); err == nil {
		t.Error("no error for a broken quote")
	}
	if err := run(t.Context(), strings.NewReader("Email,Company\n,x\n"), &out, settings(s)); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("a lead without a key: %v", err)
	}
	s.RequireCalls(t, "syncMultipleLeads", 0)
}
