package ledger_test

import (
	"context"
	"fmt"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/ledger"
)

// noRows is a copy without rows.
type noRows struct{}

func (noRows) Len(store.StreamName) int64 { return 0 }
func (noRows) Clear(store.StreamName)     {}

// A ledger keeps what a store has to know besides rows; see examples/memorystore for a whole store.
func ExampleNew() {
	l := ledger.New(noRows{})
	waiting, failed, err := l.Unfinished(context.Background(), store.Activities)
	fmt.Println(waiting, failed, err)
	// Output:
	// 0 0 <nil>
}
