package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

// TestRun stops twice in the middle: put together, the pieces are the whole.
func TestRun(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	c := s.Client(client.WithoutRetry())
	var whole, pieces strings.Builder
	if err := run(t.Context(), &whole, c, "318820", t.TempDir()+"/place"); err != nil {
		t.Fatal(err)
	}
	place := t.TempDir() + "/place"
	for range 2 {
		s.Inject(mktowstest.Rule{Skip: 10, Times: 1, Code: fault.CodeServiceInternal})
		if err := run(t.Context(), &pieces, c, "318820", place); !errors.Is(err, fault.ErrServer) {
			t.Fatalf("error %v, want the one that was injected", err)
		}
	}
	if n := strings.Count(pieces.String(), "\n"); n != 2000 {
		t.Errorf("%d lines before the last piece, want 20 pages of 100", n)
	}
	if err := run(t.Context(), &pieces, c, "318820", place); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.String(), pieces.String()); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(whole.String(), "\n"); n != 3600 || !strings.HasSuffix(whole.String(), "\n2011-03-01 11:20  New Lead \"\"\n") {
		t.Errorf("%d lines, want 3600 and the lead's beginning as the last", n)
	}

	// At the end there is nothing more.
	if err := run(t.Context(), &pieces, c, "318820", place); err != nil || pieces.String() != whole.String() {
		t.Errorf("after the end: error %v, %d bytes more", err, pieces.Len()-whole.Len())
	}
}

// TestRun_wrongPlace: a damaged file, or the place in another lead's history, is refused.
func TestRun_wrongPlace(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	place := t.TempDir() + "/place"
	var out strings.Builder
	if err := run(t.Context(), &out, s.Client(), "318815", place); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), &out, s.Client(), "318820", place); !errors.Is(err, operations.ErrCursor) {
		t.Errorf("another lead: %v", err)
	}
	if err := os.WriteFile(place, []byte("c1.damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), &out, s.Client(), "318815", place); !errors.Is(err, operations.ErrCursor) {
		t.Errorf("a damaged file: %v", err)
	}
}
