package operations

import (
	"errors"

	"github.com/mktows/mktows-go/gen"
)

// API is the operations of the SOAP API by area. Make it with New. It holds no state
// and is safe for concurrent use if its port is.
type API struct {
	Activities    *Activities
	Changes       *Changes
	Leads         *Leads
	Lists         *Lists
	Campaigns     *Campaigns
	Objects       *Objects
	CustomObjects *CustomObjects
	Programs      *Programs
}

// New returns an API over port. Calls of an API over a nil port return an error.
func New(port gen.Port) *API {
	return &API{
		Activities:    &Activities{port},
		Changes:       &Changes{port},
		Leads:         &Leads{port},
		Lists:         &Lists{port},
		Campaigns:     &Campaigns{port},
		Objects:       &Objects{port},
		CustomObjects: &CustomObjects{port},
		Programs:      &Programs{port},
	}
}

// checkPort takes the place of a constructor that fails.
func checkPort(port gen.Port) error {
	if port == nil {
		return &ArgumentError{"New", errors.New("was given a nil port")}
	}
	return nil
}
