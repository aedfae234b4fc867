package filestore

import (
	"testing"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/storetest"
)

func TestStore_conformance(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONLGzip, CSV, Parquet} { // those that encode differently
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			storetest.Exercise(t, func(t *testing.T) (leadsync.Store, func() leadsync.Store) {
				dir := t.TempDir()
				s := open(t, dir, Options{Format: f})
				return s, func() leadsync.Store {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					s = open(t, dir, Options{})
					return s
				}
			})
		})
	}
}
