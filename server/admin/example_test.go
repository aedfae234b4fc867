package admin_test

import (
	"fmt"

	"github.com/mktows/mktows-go/server/admin"
)

// A scenario says what a mock begins with; what is misspelt is named with its place.
func ExampleReadScenario() {
	sc, err := admin.ReadScenario([]byte(`{
	"state": {"leads": [{"id": 1, "email": "lead@example.com"}]},
	"rules": [{"operation": "syncLead", "code": 20011, "times": 1}]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(sc.State.Leads), "lead,", len(sc.Rules), "rule for", sc.Rules[0].Operation)
	_, err = admin.ReadScenario([]byte(`{"state": {"lead": []}}`))
	fmt.Println(err)
	// Output:
	// 1 lead, 1 rule for syncLead
	// line 1, column 12: state.lead: there is no such field
}
