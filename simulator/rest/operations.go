package rest

import (
	"net/http"
	"strings"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
	del  = http.MethodDelete
)

// operations are all that the API has but Identity (Marketo REST API, endpoint reference, in
// its order). A path without names comes before one that could be taken for it. All reads of
// the lead database can be sent as a POST with _method=GET: its page says so, and clients do,
// though the description of the API has it for some of them alone.
var operations []operation

func init() { //nolint:gochecknoinits // the handlers know the table through call
	operations = append(operations, leadOperations...)
	operations = append(operations, listOperations...)
	operations = append(operations, activityOperations...)
	operations = append(operations, opportunityOperations...)
	operations = append(operations, customOperations...)
	operations = append(operations, campaignOperations...)
	operations = append(operations, programOperations...)
	operations = append(operations, folderOperations...)
	operations = append(operations, usageOperations...)
	operations = append(operations, exportOperations...)
	operations = append(operations, importOperations...)
	for i := range operations {
		op := &operations[i]
		op.form = op.method == get && strings.HasPrefix(op.path, "/rest/v1/")
	}
}
