package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/mktowstest"
)

// TestRun copies the demonstration data twice: the second run finds nothing new.
func TestRun(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits())
	settings := map[string]string{
		"MKTOWS_ENDPOINT": s.URL(), "MKTOWS_USER_ID": "example_user", "MKTOWS_SECRET_KEY": "example-key",
	}
	file := filepath.Join(t.TempDir(), "leads.db")
	for _, want := range []string{`^activities: [1-9]\d{3} new, 0 late, complete up to 20\d\d-\d\d-\d\d\n$`, `^activities: 0 new, 0 late`} {
		var out strings.Builder
		err := run(t.Context(), &out, func(name string) string { return settings[name] }, file, "2000-01-01")
		if err != nil || !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("printed %q, error %v; want %s", out.String(), err, want)
		}
	}
	if err := run(t.Context(), nil, func(string) string { return "" }, file, "yesterday"); err == nil {
		t.Error("a day that is none is taken")
	}
}
