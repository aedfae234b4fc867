package output

import (
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// Attribute is an attribute in JSON, written and read.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
}

// Attributes is never nil: a list without elements is [], not null.
func Attributes(attributes operations.Attributes) []Attribute {
	list := make([]Attribute, len(attributes))
	for i, at := range attributes {
		list[i] = Attribute{at.Name, at.Value, at.Type}
	}
	return list
}

// Lead is a lead in json and jsonl. "lead sync" reads it.
type Lead struct {
	ID                 int64       `json:"id"`
	Email              *string     `json:"email"`
	ForeignSysPersonID *string     `json:"foreignSysPersonId"`
	ForeignSysType     *string     `json:"foreignSysType"`
	Attributes         []Attribute `json:"attributes"`
}

// NewLead returns a lead as JSON shows it.
func NewLead(l *operations.Lead) Lead {
	return Lead{
		ID: l.ID, Email: optional(l.Email), ForeignSysPersonID: optional(l.ForeignSysPersonID),
		ForeignSysType: optional(string(l.ForeignSysType)), Attributes: Attributes(l.Attributes),
	}
}

// Pairs shows attributes in one line.
func Pairs(attributes operations.Attributes) string {
	var parts []string
	for _, at := range attributes {
		if at.Value != "" {
			parts = append(parts, at.Name+": "+at.Value)
		}
	}
	return strings.Join(parts, "; ")
}
