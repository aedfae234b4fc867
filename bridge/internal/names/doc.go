// Package names knows the names and types of the fields and activities of one subscription in both
// APIs, and converts values between the texts of the SOAP API and the JSON of the REST API.
//
//	n, err := names.New(names.Config{Source: source, File: file})
//	fields, err := n.Fields(ctx, "FirstName", "LeadScore")
//	field, ok := fields.BySOAP("FirstName") // field.REST is "firstName"
//	value := values.JSON(field.DataType, "Ada")
//
// The names come from Describe Lead and Activity Types, which are asked once, again after a day, and
// in between when something is met that they did not have. Nobody promises that Describe Lead goes on
// telling SOAP names now that the SOAP API is gone, so they can be kept in a [File]: what it has is
// taken in place of what the service tells, and serves alone where the service tells nothing. Without
// either, names are guessed by the rule that the published examples follow; [Field] says so of each.
//
// Where a comment says "Marketo REST API" or "Marketo SOAP API" and a page, the rule is documented
// there.
//
// The package imports fault, gen, internal/activitytype, internal/httpcall and internal/soapxml.
package names
