package customobjects

import (
	"time"

	"github.com/mktows/mktows-go/simulator/record"
)

// NewCompanies returns the companies of the REST API, without a record: a type like those that
// customers define (Marketo REST API, companies).
func NewCompanies(now func() time.Time) *Type {
	return newStandard(now, "Company", record.Field{Name: "externalCompanyId"}, []record.Field{
		{Name: "company"}, {Name: "website"}, {Name: "mainPhone"}, {Name: "industry"}, {Name: "sicCode"}, {Name: "site"},
		{Name: "annualRevenue", DataType: "currency"}, {Name: "numberOfEmployees", DataType: "integer"}, {Name: "externalSalesPersonId"},
		{Name: "billingStreet"}, {Name: "billingCity"}, {Name: "billingState"}, {Name: "billingCountry"}, {Name: "billingPostalCode"},
		{Name: "companyNotes"},
	})
}

// NewSalesPersons returns the sales persons of the REST API, without a record (Marketo REST API,
// sales persons).
func NewSalesPersons(now func() time.Time) *Type {
	return newStandard(now, "SalesPerson", record.Field{Name: "externalSalesPersonId"}, []record.Field{
		{Name: "email"}, {Name: "firstName"}, {Name: "lastName"}, {Name: "title"}, {Name: "phone"}, {Name: "fax"}, {Name: "mobilePhone"},
	})
}

func newStandard(now func() time.Time, name string, key record.Field, fields []record.Field) *Type {
	t, err := NewType(now, &record.CustomObjectType{Name: name, Keys: []record.Field{key}, Fields: fields})
	if err != nil {
		panic(err) // the types above are in order: the tests make them
	}
	return t
}
