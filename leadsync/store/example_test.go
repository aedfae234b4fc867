package store_test

import (
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// The key of an activity is made of what cannot change: another lead or another name of the asset make no other key.
func ExampleNewActivityRow() {
	a := operations.Activity{ID: 7, HasID: true, Time: time.Unix(1_772_452_800, 0), Type: "Visit Webpage", LeadID: 1, AssetName: "Pricing"}
	before := store.NewActivityRow(a, 0)
	a.LeadID, a.AssetName = 2, "Prices"
	after := store.NewActivityRow(a, 0)
	fmt.Println(before.Key, before.Key == after.Key, before.Digest == after.Digest)
	// Output:
	// id:7:1772452800:Visit Webpage true false
}
