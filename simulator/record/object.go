package record

import "github.com/mktows/mktows-go/gen"

// Field is a field of a type of object.
type Field struct {
	Name string `json:"name"`
	// DataType is string, integer, float, currency, percent, boolean, date or dateTime.
	// Empty: string.
	DataType string `json:"type,omitempty"`
}

// ObjectField is a custom field of Opportunity or OpportunityPersonRole, which Object names.
type ObjectField struct {
	Object   string `json:"object"`
	Name     string `json:"name"`
	DataType string `json:"type,omitempty"` // see Field
}

// Opportunity is an opportunity.
type Opportunity struct {
	ID          int64        `json:"id,omitempty"`          // 1 to 2147483647
	ExternalKey *Attribute   `json:"externalKey,omitempty"` // name and value of the field that holds a foreign id
	Company     *Company     `json:"company,omitempty"`     // that it is associated with
	Created     gen.DateTime `json:"created,omitempty"`
	Updated     gen.DateTime `json:"updated,omitempty"` // empty: Created
	// Attributes are those of the schema, such as Name, Stage and Amount, and custom ones.
	Attributes []Attribute `json:"attributes,omitempty"`
}

// Company is the company that an opportunity is associated with, by id or by external key.
type Company struct {
	ID          *int32     `json:"id,omitempty"`
	ExternalKey *Attribute `json:"externalKey,omitempty"`
}

// OpportunityRole ties a lead to an opportunity: an OpportunityPersonRole.
type OpportunityRole struct {
	ID            int64        `json:"id,omitempty"` // 1 to 2147483647
	OpportunityID int64        `json:"opportunityId"`
	LeadID        int64        `json:"leadId"`
	Created       gen.DateTime `json:"created,omitempty"`
	Updated       gen.DateTime `json:"updated,omitempty"` // empty: Created
	// Attributes are Role, IsPrimary and ExternalCreatedDate, and custom ones.
	Attributes []Attribute `json:"attributes,omitempty"`
}

// CustomObjectType is a type of custom object with its records. Its name and those of its
// fields are compared without regard to letter case and appear in answers as given here.
type CustomObjectType struct {
	Name   string  `json:"name"`
	Keys   []Field `json:"keys"`             // the deduplication fields, at least one: equal keys are one record
	Fields []Field `json:"fields,omitempty"` // the others
	// LinkField is the field that links to leads, one of the above; empty: none. Its values
	// are kept as they come, whether there is such a lead or not.
	LinkField string         `json:"linkField,omitempty"`
	Records   []CustomObject `json:"records,omitempty"` // in the order they were made
	// LastNumber is the highest number of a record, where that record is gone.
	LastNumber int64 `json:"lastNumber,omitempty"`
}

// CustomObject is a record of a custom object. Number is what positions of getCustomObjects
// count; empty: one more than that of the record before.
type CustomObject struct {
	Number     int64             `json:"number,omitempty"`
	Keys       map[string]string `json:"keys"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Created    gen.DateTime      `json:"created,omitempty"`
	Updated    gen.DateTime      `json:"updated,omitempty"` // empty: Created
}
