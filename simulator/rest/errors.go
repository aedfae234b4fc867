package rest

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
)

// Codes of the REST API (Marketo REST API, error codes).
const (
	codeTokenInvalid   = 601
	codeTokenExpired   = 602
	codeDenied         = 603
	codeTimeout        = 604
	codeMethod         = 605
	codeRate           = 606
	codeQuota          = 607
	codeUnavailable    = 608
	codeJSON           = 609
	codeNotFound       = 610
	codeSystem         = 611
	codeContentType    = 612
	codeMultipart      = 613
	codeConcurrency    = 615
	codeNothingFound   = 702
	codeDate           = 704
	codeRule           = 709
	codeType           = 1001
	codeMissing        = 1002
	codeInvalid        = 1003
	codeNoLead         = 1004
	codeLeadExists     = 1005
	codeNoField        = 1006
	codeSeveralLeads   = 1007
	codeNoLookup       = 1011
	codeCookie         = 1012
	codeNoObject       = 1013
	codeNotMember      = 1015
	codeImportsFull    = 1016
	codeExists         = 1017
	codeCRM            = 1018
	codeImporting      = 1019
	codeClones         = 1020
	codeCompanyField   = 1021
	codeExport         = 1029
	codeNoFilter       = 1035
	codeTwice          = 1036
	codeTooFar         = 1042
	codeTooManyLosers  = 1080
	codeOtherPartition = 1010
)

// messages are the texts of codes that rules script and that have no other text. Where the
// documentation has no text the words are the simulator's.
var messages = map[int]string{
	500:                "Internal server error",
	502:                "Bad gateway",
	600:                "Access token not specified",
	codeTokenInvalid:   "Access token invalid",
	codeTokenExpired:   "Access token expired",
	codeDenied:         "Access denied",
	codeTimeout:        "Request time-out",
	codeMethod:         "Unsupported request method",
	codeRate:           "Max rate limit '100' exceeded with in '20' secs",
	codeQuota:          "Daily quota reached",
	codeUnavailable:    "API Temporarily Unavailable",
	codeJSON:           "Invalid JSON",
	codeNotFound:       "Requested resource not found",
	codeSystem:         "System error",
	codeContentType:    "Invalid Content Type",
	codeMultipart:      "Invalid Multipart Request",
	614:                "Invalid Subscription",
	codeConcurrency:    "Concurrent access limit reached",
	616:                "Invalid subscription type",
	701:                "A required field is empty",
	codeNothingFound:   "No data found for the search",
	703:                "The feature is not enabled for the subscription",
	codeDate:           "Invalid date format",
	codeRule:           "Business rule violation",
	710:                "Parent folder not found",
	711:                "Incompatible folder type",
	712:                "Merge to person account operation is invalid",
	713:                "Transient error",
	714:                "Unable to find the default record type",
	718:                "External sales person not found",
	719:                "Lock wait timeout",
	codeType:           "Invalid value",
	codeMissing:        "Missing value for a required parameter",
	codeInvalid:        "Invalid data",
	codeNoLead:         "Lead not found",
	codeLeadExists:     "Lead already exists",
	codeNoField:        "Field not found",
	codeSeveralLeads:   "Multiple lead match lookup criteria",
	1008:               "Access to partition denied",
	1009:               "Partition name must be specified",
	codeOtherPartition: "Lead exists in a different partition",
	codeNoLookup:       "Lookup field is not supported",
	codeCookie:         "Invalid cookie value",
	codeNoObject:       "Object not found",
	1014:               "Failed to create object",
	codeNotMember:      "Lead not in list",
	codeImportsFull:    "Too many imports",
	codeExists:         "Object already exists",
	codeCRM:            "CRM Enabled",
	codeImporting:      "List is importing",
	codeClones:         "Too many cloned programs",
	codeCompanyField:   "Company field update not allowed",
	1022:               "Object in use",
	1025:               "Program status not found",
	1026:               "Custom objects are not enabled",
	1027:               "Limit of custom activity types reached",
	1028:               "Limit of custom activity fields reached",
	codeExport:         "Too many jobs in queue",
	codeNoFilter:       "Unsupported filter type for target subscription",
	codeTwice:          "Duplicate object found in input",
	1037:               "Lead was skipped",
	codeTooFar:         "runAt is more than two years ahead",
	1048:               "Custom object draft cannot be discarded",
	1049:               "Activity attributes are too long",
	1076:               "Merge would create a duplicate in the CRM",
	1077:               "Merge failed: a field of the CRM is too long",
	1078:               "Merge failed: the record was deleted, is no lead or contact, or is filtered out",
	1079:               "Merge failed: the leads share a personalized URL",
	codeTooManyLosers:  "Too many leads to merge",
}

// free are the codes of calls that count neither for the rate nor for the day (Marketo REST
// API, error codes: those with an asterisk, read as a note about each of them).
var free = map[int]bool{
	codeTokenInvalid: true, codeTokenExpired: true, codeTimeout: true, codeMethod: true, codeUnavailable: true, codeSystem: true,
}

// problem is why a call or a record is refused: a code, or an HTTP status without one.
type problem struct {
	code    int
	message string
	status  int // of HTTP, where the answer is no envelope
}

func (p *problem) Error() string { return strconv.Itoa(p.code) + " " + p.message }

// refuse returns the problem of a code with a text.
func refuse(code int, format string, args ...any) *problem {
	return &problem{code: code, message: fmt.Sprintf(format, args...)}
}

// refusal returns the problem of a code with the text that it always has.
func refusal(code int) *problem {
	return &problem{code: code, message: cmp.Or(messages[code], "Error "+strconv.Itoa(code))}
}

// tooLong is a refusal by HTTP: 413 for a body, 414 for a URI.
func tooLong(status int) *problem {
	return &problem{message: http.StatusText(status), status: status}
}

// missing is the problem of a parameter that is needed.
func missing(name string) *problem {
	return refuse(codeMissing, "Missing value for required parameter '%s'", name)
}

// wrongType is the problem of a value that is not of its type.
func wrongType(value, kind string) *problem {
	return refuse(codeType, "Invalid value '%.100s'. Required of type '%s'", value, kind)
}

// shown is a problem as answers show it.
type shown struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (p *problem) shown() shown { return shown{strconv.Itoa(p.code), p.message} }
