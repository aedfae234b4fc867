package report

import (
	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/operations"
)

// parseAttributes reads the column attributes. What somebody else has put there becomes one
// attribute without a name.
func parseAttributes(text string) operations.Attributes {
	list, err := columns.ParseAttributes(text)
	if err != nil {
		return operations.Attributes{{Value: text}}
	}
	return list
}
