//go:build unix

package soak

import (
	"fmt"

	"github.com/mktows/mktows-go/simulator"
)

// What measurements ask for.
const (
	seededLeads      = 300
	seededActivities = 100 // of the first lead
	seededList       = "Everybody"
)

func seedEmail(i int) string { return fmt.Sprintf("lead-%d@example.com", i) }

// seed adds leads, of which the first one has a history, and a list of all.
func seed(sim *simulator.Simulator) error {
	list := simulator.List{Name: seededList}
	for i := range seededLeads {
		id, err := sim.AddLead(simulator.Lead{Email: seedEmail(i), Fields: map[string]string{
			"FirstName": "Ada", "LastName": "Example", "Company": "Example & Co.", "Title": "Head of Sales", "Phone": "+1 555 0100", "Address": "1 Example Street",
			"City": "Springfield", "State": "IL", "Country": "United States", "PostalCode": "62701", "Website": "http://www.example.com/", "Industry": "Manufacturing",
			"LeadSource": "Web Form", "LeadStatus": "Open", "LeadScore": "42", "NumberOfEmployees": "250", "AnnualRevenue": "1000000",
		}})
		if err != nil {
			return err
		}
		list.Members = append(list.Members, id)
	}
	for range seededActivities {
		if _, err := sim.AddActivity(list.Members[0], simulator.Activity{Type: "Visit Webpage", AssetName: "example.com/"}); err != nil {
			return err
		}
	}
	_, err := sim.AddList(list)
	return err
}
