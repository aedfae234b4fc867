package storetest_test

import (
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
)

// The test of a store that keeps its copy where it can be opened again; openAt is what the store's package has.
func ExampleExercise() {
	var openAt func(t *testing.T, place string) store.Store

	_ = func(t *testing.T) { // TestStore
		storetest.Exercise(t, func(t *testing.T) (s store.Store, reopen func() store.Store) {
			place := t.TempDir()
			return openAt(t, place), func() store.Store { return openAt(t, place) }
		})
	}
}
