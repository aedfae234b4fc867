package filestore

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
)

func TestStore_conformance(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONLGzip, CSV, Parquet} { // those that encode differently
		t.Run(string(f), func(t *testing.T) {
			if testing.Short() && f != JSONLGzip {
				t.Skip("with -short in one format: the others differ in how a row is written, which TestFormats reads")
			}
			t.Parallel()
			storetest.Exercise(t, func(t *testing.T) (store.Store, func() store.Store) { return opener(t, t.TempDir(), f) })
		})
	}
}

// opener returns stores of a directory. At the end of the test it reads the segments as other programs do.
func opener(t *testing.T, dir string, f Format) (store.Store, func() store.Store) {
	t.Helper()
	s := open(t, dir, WithFormat(f))
	t.Cleanup(func() { checkForeign(t, dir) })
	return s, func() store.Store {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
		return s
	}
}

// checkForeign holds the rule for others, the greatest segment for each key without what is gone, to the rows that
// the store gives.
func checkForeign(t *testing.T, dir string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // it ends before the clean-up
	s, err := OpenReadOnly(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	newest := map[string]string{}
	for _, segment := range s.Segments() {
		if segment.Kind != Activities {
			continue
		}
		file, err := s.open(&segment)
		if err != nil {
			t.Fatal(err)
		}
		for record, err := range decodeRows[activityRecord](s.format, file, segment.Bytes) {
			if err != nil {
				t.Fatal(err)
			}
			row, err := record.row()
			if err != nil {
				t.Fatal(err)
			}
			newest[record.Key] = summary(&row)
			if record.GoneAt != nil {
				newest[record.Key] = ""
			}
		}
		file.Close()
	}
	var want, got []string
	for _, text := range newest {
		if text != "" {
			want = append(want, text)
		}
	}
	for row, err := range s.Activities(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, summary(&row))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("others read other rows (-others +store):\n%s", diff)
	}
}

func summary(row *store.ActivityRow) string {
	return fmt.Sprint(row.Digest, row.GUID, row.HasID, row.ID, row.PersonName)
}
