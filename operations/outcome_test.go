package operations_test

import (
	"slices"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// The values that the schema lists are all there, and which of them are a success is plain.
func TestOutcome_done(t *testing.T) {
	t.Parallel()
	want := map[operations.Outcome]bool{
		"CREATED": true, "UPDATED": true, "DELETED": true, "MERGED": true, "UNCHANGED": true, "SKIPPED": false, "FAILED": false, "": false, "created": false,
	}
	for o, done := range want {
		if o.Done() != done {
			t.Errorf("%q.Done() is %t", o, o.Done())
		}
	}
}

// The lists of values are those of the schema.
func TestEnumerations(t *testing.T) {
	t.Parallel()
	same(t, operations.SyncOperations(), gen.SyncOperationEnum("").Values())
	same(t, operations.ForeignSysTypes(), gen.ForeignSysType("").Values())
	same(t, operations.ListKeyTypes(), gen.ListKeyType("").Values())
	same(t, operations.ImportModes(), gen.ImportToListModeEnum("").Values())
	same(t, operations.CampaignSources(), gen.ReqCampSourceType("").Values())
	same(t, operations.Comparisons(), gen.ComparisonEnum("").Values())
	for _, o := range operations.SyncOperations() {
		if !o.Valid() || operations.SyncOperation("upsert").Valid() {
			t.Errorf("%q is not told from others", o)
		}
	}
}

func same[T, U ~string](t *testing.T, got []T, want []U) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a T, b U) bool { return string(a) == string(b) }) {
		t.Errorf("got %q, want %q", got, want)
	}
}
