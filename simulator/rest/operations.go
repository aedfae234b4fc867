package rest

import "net/http"

const (
	get  = http.MethodGet
	post = http.MethodPost
	del  = http.MethodDelete
)

// operations are all that the API has but Identity (Marketo REST API, endpoint reference, in
// its order). A path without names comes before one that could be taken for it.
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
}
