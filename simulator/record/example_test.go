package record_test

import (
	"encoding/json"
	"fmt"

	"github.com/mktows/mktows-go/simulator/record"
)

// Records have a readable JSON form, that of scenario files and snapshots.
func ExampleLead() {
	lead := record.Lead{ID: 318815, Email: "lead@example.com", Activities: []record.Activity{{Type: "Visit Webpage", AssetName: "Pricing"}}}
	text, err := json.Marshal(record.State{Leads: []record.Lead{lead}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	// Output:
	// {"leads":[{"id":318815,"email":"lead@example.com","activities":[{"type":"Visit Webpage","assetName":"Pricing"}]}]}
}
