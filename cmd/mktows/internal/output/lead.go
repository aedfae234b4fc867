package output

import (
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// Attribute is an attribute of a record in JSON. Commands print it and read it back.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
}

// Attributes returns attributes for JSON. The result is never nil, so that no attributes are written as [] and not as
// null, which readers in other languages would have to treat separately.
func Attributes(attributes operations.Attributes) []Attribute {
	list := make([]Attribute, len(attributes))
	for i, at := range attributes {
		list[i] = Attribute{at.Name, at.Value, at.Type}
	}
	return list
}

// Lead is a lead in -o json and -o jsonl. "mktows lead sync" reads the same form.
type Lead struct {
	ID                 int64       `json:"id"`
	Email              *string     `json:"email"`
	ForeignSysPersonID *string     `json:"foreignSysPersonId"`
	ForeignSysType     *string     `json:"foreignSysType"`
	Attributes         []Attribute `json:"attributes"`
}

// NewLead returns l in the form of JSON. Empty texts become null.
func NewLead(l *operations.Lead) Lead {
	return Lead{
		ID: l.ID, Email: optional(l.Email), ForeignSysPersonID: optional(l.ForeignSysPersonID),
		ForeignSysType: optional(string(l.ForeignSysType)), Attributes: Attributes(l.Attributes),
	}
}

// Pairs shows attributes in one line of a table, as "Name: value; Name: value". Empty values are left out.
func Pairs(attributes operations.Attributes) string {
	var parts []string
	for _, at := range attributes {
		if at.Value != "" {
			parts = append(parts, at.Name+": "+at.Value)
		}
	}
	return strings.Join(parts, "; ")
}
