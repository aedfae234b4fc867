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
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/output.golden"

func TestRun(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	settings := map[string]string{
		"MKTOWS_ENDPOINT":   s.URL(),
		"MKTOWS_USER_ID":    s.Credentials().UserID,
		"MKTOWS_SECRET_KEY": s.Credentials().Key.Reveal(),
	}
	getenv := func(name string) string { return settings[name] }
	var out strings.Builder
	if err := run(t.Context(), &out, getenv, "lead@example.com"); err != nil {
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
	if err := run(t.Context(), &out, getenv, "999"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a lead that is not there: %v", err)
	}
	if err := run(t.Context(), &out, getenv, "nobody"); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("no key: %v", err)
	}
	delete(settings, "MKTOWS_SECRET_KEY")
	if err := run(t.Context(), &out, getenv, "999"); err == nil {
		t.Error("no error without a key")
	}
}
