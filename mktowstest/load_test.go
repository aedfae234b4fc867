package mktowstest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/mktowstest"
)

func TestServer_Load(t *testing.T) {
	t.Parallel()
	from, to := mktowstest.NewServer(t, mktowstest.WithDemo()), mktowstest.NewServer(t)
	to.Load(from.Sim().Snapshot())
	if diff := cmp.Diff(from.Sim().Snapshot(), to.Sim().Snapshot()); diff != "" || len(to.Sim().LeadIDs()) == 0 {
		t.Error(diff)
	}
}
