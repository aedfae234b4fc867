package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// TestRun copies twice: the second run finds nothing new.
func TestRun(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing", Time: simulator.At(time.Now().Add(-time.Hour))},
		{Type: "FillOutForm", AssetName: "Contact", Time: simulator.At(time.Now().Add(-time.Minute))},
	}})
	settings := map[string]string{
		"MKTOWS_ENDPOINT": s.URL(), "MKTOWS_USER_ID": "example_user", "MKTOWS_SECRET_KEY": "example-key",
	}
	since := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	file := filepath.Join(t.TempDir(), "leads.db")
	for _, want := range []string{`^activities: 2 new, 0 late, complete up to 20\d\d-\d\d-\d\d\n$`, `^activities: 0 new, 0 late`} {
		var out strings.Builder
		err := run(t.Context(), &out, func(name string) string { return settings[name] }, file, since)
		if err != nil || !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("printed %q, error %v; want %s", out.String(), err, want)
		}
	}
	if err := run(t.Context(), nil, func(string) string { return "" }, file, "yesterday"); err == nil {
		t.Error("a day that is none is taken")
	}
}
