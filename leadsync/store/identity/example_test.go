package identity_test

import (
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// Ids repeat: two activities that share id, second and type and say different things have to be compared with the rows that the
// copy has. One whose id is its own has a key to itself.
func ExampleSplit() {
	at := time.Unix(1_772_452_800, 0)
	row := func(id, lead int64) store.ActivityRow {
		return store.NewActivityRow(operations.Activity{ID: id, HasID: true, Time: at, Type: "Send Email", LeadID: lead}, 0)
	}
	plain, shared := identity.Split([]store.ActivityRow{row(5, 1), row(5, 2), row(6, 3)}, false)
	fmt.Println(len(plain), "plain,", len(shared), "shared")
	// Output:
	// 1 plain, 2 shared
}
