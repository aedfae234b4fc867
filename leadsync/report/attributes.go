package report

import (
	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/operations"
)

// parseAttributes parses the column attributes. If somebody else has written something else into it, the text is
// shown as one attribute without a name: a page should not fail because of one row.
func parseAttributes(text string) operations.Attributes {
	list, err := columns.ParseAttributes(text)
	if err != nil {
		return operations.Attributes{{Value: text}}
	}
	return list
}
