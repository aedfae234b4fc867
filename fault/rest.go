package fault

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// RESTCode is an error code of Marketo's REST API, which package bridge calls in place of the
// SOAP API. It is itself an error, as [Code] is: errors.Is(err, fault.RESTCode(606)) holds for
// an error that carries it. The zero RESTCode means that there is none.
type RESTCode int

// Error returns the number, as in "REST API code 606".
func (c RESTCode) Error() string { return fmt.Sprintf("REST API code %d", int(c)) }

// RESTError is what the REST API said of a call, or of one record of it, where a [Fault] stands
// for it. errors.As finds it in every error that was made of such an answer. It matches its
// RESTCode in errors.Is.
type RESTError struct {
	Code       RESTCode // 0: none that is a number
	Message    string   // the service's text
	RequestID  string   // names the call to Marketo's support; empty: none was given
	HTTPStatus int      // of the answer; the service says most things with 200
	Record     bool     // it is about one record of a call that succeeded
	Err        error    // of an answer that is no JSON: what came instead; else nil
}

// Error returns code and text, and the id of the request.
func (e *RESTError) Error() string {
	return e.source() + ": " + cmp.Or(oneLine(e.Message, maxText), "without a text")
}

// Is reports whether target is the code.
func (e *RESTError) Is(target error) bool { return e.Code != 0 && target == e.Code }

// Unwrap returns what came in place of JSON, or nil.
func (e *RESTError) Unwrap() error { return e.Err }

// source names code and request.
func (e *RESTError) source() string {
	if e.RequestID == "" {
		return e.Code.Error()
	}
	return fmt.Sprintf("%s, request %s", e.Code.Error(), oneLine(e.RequestID, 100))
}

// Fault returns the code of the SOAP API that stands for what the REST API said, whatever the
// operation was (the vendor has no such table; this is the package's reading of Marketo REST API,
// error codes). Operations for which a code means something else know that themselves.
func (e *RESTError) Fault() Code { return e.entry().fault }

// Refused reports whether the service surely did not do what was asked. It did not unless it
// failed or ran out of time while it was busy with the call.
func (e *RESTError) Refused() bool { return !e.entry().unsure }

// Advice says in a few words what to do about it.
func (e *RESTError) Advice() string { return e.entry().advice }

// FromREST returns the error that stands for what the REST API said: a [Fault] with the code of
// the SOAP API, or [RESTError.Fault] for 0, as [Classify] returns it. Of what is known the REST
// API needs Now alone.
func FromREST(e *RESTError, code Code, k Known) error {
	if code == 0 {
		code = e.Fault()
	}
	f := New(code, cmp.Or(oneLine(e.Message, maxText), e.Code.Error()))
	f.REST, f.HTTPStatus = e, e.HTTPStatus
	return Classify(f, k)
}

// ReadRESTCode reads a code as answers have it, such as "606". It is 0 for a text that is no
// such number.
func ReadRESTCode(text string) RESTCode {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return RESTCode(n)
}

// restRetry says whether and when repeating a call can help that the REST API has answered with
// a code.
type restRetry int

const (
	restNever   restRetry = iota
	restBackoff           // after the usual wait
	restWindow            // when the window of the rate limit has moved on
	restSlot              // when a running call has ended
	restSmaller           // a read: as it is; a write: in smaller parts, which the bridge decides
)

// restEntry is what the table knows of a code.
type restEntry struct {
	fault  Code
	retry  restRetry
	unsure bool // the call may have been carried out
	advice string
}

const (
	adviceDefect  = "the bridge has sent what the REST API does not take: report it with the request id"
	adviceLater   = "try again later"
	adviceBusy    = "try again later, and look before repeating a write"
	adviceCredent = "check the client id, the client secret, and that the endpoint belongs to the same instance as they do"
	adviceCRM     = "the instance's CRM owns these records: change them there"
	adviceMerge   = "merge the leads in the CRM, or without it"
	adviceOther   = "the code is not in the service's published table: go by the text"
	adviceUnused  = "the bridge makes no such call: report it with the request id"
)

// restTable is never written to. Its rows are the order of Marketo REST API, error codes; 401,
// 404, 413 and 414 are HTTP statuses that say all there is.
var restTable = map[RESTCode]restEntry{
	401: {CodeAuthenticationFailed, restNever, false, adviceCredent},
	404: {CodeServiceInternal, restBackoff, false, "the file is not there yet or no more: ask for the status of its job"},
	413: {CodeBadParameter, restNever, false, "send fewer records at once"},
	414: {CodeBadParameter, restNever, false, "ask for fewer values or fields at once"},
	500: {CodeServiceInternal, restBackoff, true, adviceBusy},
	502: {CodeServiceInternal, restBackoff, true, adviceBusy},

	600: {CodeServiceInternal, restNever, false, adviceDefect},
	601: {CodeAuthenticationFailed, restNever, false, adviceCredent}, // the bridge has repeated the call with a new token
	602: {CodeAuthenticationFailed, restNever, false, adviceCredent},
	603: {CodeAccessDenied, restNever, false, "give the API user's role the permission for this call, or put this address on the allow list"},
	604: {CodeServiceInternal, restSmaller, true, "ask for less at once, or look before repeating a write"},
	605: {CodeServiceInternal, restNever, false, adviceDefect},
	606: {CodeRateLimitExceeded, restWindow, false, "make fewer calls in 20 seconds, counting every program that uses the instance"},
	607: {CodeRequestLimitExceeded, restNever, false, "wait for the next day in US Central time, or have the quota raised"},
	608: {CodeServiceInternal, restBackoff, false, adviceLater},
	609: {CodeServiceInternal, restNever, false, adviceDefect},
	610: {CodeServiceInternal, restNever, false, "check the endpoint, and that the subscription has this part of the API"},
	611: {CodeServiceInternal, restBackoff, true, adviceBusy},
	612: {CodeServiceInternal, restNever, false, adviceDefect},
	613: {CodeServiceInternal, restNever, false, adviceDefect},
	614: {CodeServiceInternal, restBackoff, false, adviceLater},
	615: {CodeConcurrencyLimitExceeded, restSlot, false, "make fewer calls at the same time, counting every program that uses the instance"},
	616: {CodeAccessDenied, restNever, false, "the subscription does not include this part of the API"},

	701: {CodeParameterRequired, restNever, false, "give the value that is missing"},
	702: {CodeLeadNotFound, restNever, false, "check what was looked for"},
	703: {CodeAccessDenied, restNever, false, "the feature is not enabled for the subscription"},
	704: {CodeBadParameter, restNever, false, "correct the date"},
	709: {CodeBadParameter, restNever, false, "the text names the rule that forbids the change"},
	710: {CodeBadParameter, restNever, false, adviceUnused},
	711: {CodeBadParameter, restNever, false, adviceUnused},
	712: {CodeLeadSyncFailed, restNever, false, adviceMerge},
	713: {CodeServiceInternal, restBackoff, false, adviceLater},
	714: {CodeLeadSyncFailed, restNever, false, adviceMerge},
	718: {CodeBadParameter, restNever, false, "create the sales person first, or leave its id out"},
	719: {CodeServiceInternal, restBackoff, true, "try again later, and look whether the program was cloned"},

	1001: {CodeBadParameter, restNever, false, "correct the type of the value"},
	1002: {CodeParameterRequired, restNever, false, "give the value that is missing"},
	1003: {CodeBadParameter, restNever, false, "correct what the text names"},
	1004: {CodeLeadNotFound, restNever, false, "check the id of the lead"},
	1005: {CodeLeadSyncFailed, restNever, false, "update the lead"},
	1006: {CodeLeadAttributeBad, restNever, false, "use a name that the instance has"},
	1007: {CodeLeadSyncFailed, restNever, false, "name the lead by its id"},
	1008: {CodeAccessDenied, restNever, false, "give the API user access to the lead's partition"},
	1009: {CodeBadParameter, restNever, false, "name a partition"},
	1010: {CodeLeadSyncFailed, restNever, false, "name the lead by its id, or leave the partition out"},
	1011: {CodeLeadKeyBad, restNever, false, "look leads up by a field that is searchable"},
	1012: {CodeLeadKeyBad, restNever, false, "give the whole cookie, as in id:000-AAA-000&token:_mch-…"},
	1013: {CodeBadParameter, restNever, false, "check that the object is there"},
	1014: {CodeBadParameter, restNever, false, adviceUnused},
	1015: {CodeBadParameter, restNever, false, "the lead is not on the list: nothing is left to do"},
	1016: {CodeConcurrencyLimitExceeded, restBackoff, false, "wait until one of the imports has ended"},
	1017: {CodeBadParameter, restNever, false, "update the record"},
	1018: {CodeAccessDenied, restNever, false, adviceCRM},
	1019: {CodeConcurrencyLimitExceeded, restBackoff, false, "wait until the import into the list has ended"},
	1020: {CodeRequestLimitExceeded, restNever, false, "schedule without cloneToProgramName, or wait for the next day in US Central time"},
	1021: {CodeLeadSyncFailed, restNever, false, "leave the company's fields out, or write them with the company"},
	1022: {CodeBadParameter, restNever, false, "take it out of use first"},
	1025: {CodeBadParameter, restNever, false, adviceUnused},
	1026: {CodeAccessDenied, restNever, false, "custom objects are not enabled for the subscription"},
	1027: {CodeBadParameter, restNever, false, adviceUnused},
	1028: {CodeBadParameter, restNever, false, adviceUnused},
	1029: {CodeConcurrencyLimitExceeded, restBackoff, false, "wait until one of the exports has ended"}, // the queue is full; see byText
	1035: {CodeBadParameter, restNever, false, "this subscription cannot select leads for an export so"},
	1036: {CodeBadParameter, restNever, false, "send each key once"},
	1037: {CodeBadParameter, restNever, false, adviceUnused},
	1042: {CodeBadParameter, restNever, false, "give a time within two years"},
	1048: {CodeBadParameter, restNever, false, adviceUnused},
	1049: {CodeBadParameter, restNever, false, adviceUnused},
	1076: {CodeLeadSyncFailed, restNever, false, adviceMerge},
	1077: {CodeLeadSyncFailed, restNever, false, adviceMerge},
	1078: {CodeLeadSyncFailed, restNever, false, adviceMerge},
	1079: {CodeLeadSyncFailed, restNever, false, "take the personalized URL off one of the leads first"},
	1080: {CodeLeadSyncFailed, restNever, false, "merge at most 25 leads at once"},
}

// byText are the meanings of a code that only its text tells apart (Marketo REST API, bulk
// extract: texts as seen, of which one has a number that varies).
var byText = map[RESTCode][]struct {
	text  string
	entry restEntry
}{
	1029: {
		{"export daily quota", restEntry{CodeRequestLimitExceeded, restNever, false, "wait for the next day in US Central time: exports have a volume of their own"}},
		{"already queued", restEntry{CodeBadParameter, restNever, false, "the export is queued: ask for its status"}},
	},
}

// entry returns what is known of the error. A code that is not in the table goes by its hundred: one
// from 600 on is about the whole call, which was then not executed, one from 700 on about data, one
// from 1000 on about a record (Marketo REST API, error codes).
func (e *RESTError) entry() restEntry {
	text := strings.ToLower(e.Message)
	for _, meaning := range byText[e.Code] {
		if strings.Contains(text, meaning.text) {
			return meaning.entry
		}
	}
	known, ok := restTable[e.Code]
	switch {
	case ok:
		return known
	case e.Code >= 700 && e.Code < 800, e.Code >= 1000:
		return restEntry{CodeBadParameter, restNever, false, adviceOther}
	case e.Code >= 600 && e.Code < 700:
		return restEntry{CodeServiceInternal, restNever, false, adviceOther}
	}
	return restEntry{CodeServiceInternal, restNever, true, adviceOther}
}

// restOf finds what the REST API said, or returns nil.
func restOf(err error) *RESTError {
	var e *RESTError
	if errors.As(err, &e) {
		return e
	}
	return nil
}
