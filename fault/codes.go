package fault

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Code is an error code of the service. It is itself an error, so that
// errors.Is(err, fault.CodeLeadNotFound) holds for an error that carries it. The
// zero Code means that there is none. Codes that the table does not know keep their
// number.
type Code int

// The codes of the service (Marketo SOAP API, error codes).
const (
	CodeInternal                 Code = 10001 // the whole system failed
	CodeServiceInternal          Code = 20011 // the API service failed
	CodeRequestNotUnderstood     Code = 20012 // not the SOAP message expected
	CodeAccessDenied             Code = 20013 // the client is blocked
	CodeAuthenticationFailed     Code = 20014 // user id or signature not valid
	CodeRequestLimitExceeded     Code = 20015 // the daily quota is used up
	CodeRequestExpired           Code = 20016 // the timestamp is too old
	CodeInvalidRequest           Code = 20017 // a parameter is missing
	CodeUnsupportedOperation     Code = 20019 // not an operation of the WSDL
	CodeTimeRangeExceeded        Code = 20022 // more than 30 days in a filter
	CodeRateLimitExceeded        Code = 20023 // more than 100 calls in 20 seconds
	CodeConcurrencyLimitExceeded Code = 20024 // more than 10 calls at a time
	CodeLeadKeyRequired          Code = 20101 // no lead key given
	CodeLeadKeyBad               Code = 20102 // type of lead key not valid
	CodeLeadNotFound             Code = 20103 // no lead has the key
	CodeLeadDetailRequired       Code = 20104 // no lead record given
	CodeLeadAttributeBad         Code = 20105 // unknown name of an attribute
	CodeLeadSyncFailed           Code = 20106 // lead neither created nor updated
	CodeActivityKeyBad           Code = 20107 // unknown type of activity
	CodeLeadOwnerNotFound        Code = 20108 // no such lead owner
	CodeParameterRequired        Code = 20109 // a parameter is null or missing
	CodeBadParameter             Code = 20110 // value of a parameter not valid
	CodeListNotFound             Code = 20111 // no such list
	CodeCampaignNotFound         Code = 20113 // no such campaign
	CodeBadParameterValue        Code = 20114 // as 20110; nothing tells them apart
	CodeBadStreamPosition        Code = 20122 // not a position the service gave
	CodeStreamAtEnd              Code = 20123 // no records are left
)

// entry is what the table knows of a code.
type entry struct {
	message string // text of the vendor's table
	wire    string // text in faultstring, where it is another one
	class   error
	advice  string
}

// table is never written to. Its rows are the order of the numbers.
var table = map[Code]entry{
	CodeInternal: {
		"Internal Error", "", ErrServer,
		"try again later, and look before repeating a write",
	},
	CodeServiceInternal: {
		"Internal Error", "", ErrServer,
		"try again later, and look before repeating a write",
	},
	CodeRequestNotUnderstood: {
		"Request Not Understood", "", ErrInvalid,
		"check that the endpoint is a SOAP endpoint and that nothing on the way changes the request",
	},
	CodeAccessDenied: {
		"Access Denied", "", ErrAuth,
		"ask the instance's administrator to lift the block",
	},
	CodeAuthenticationFailed: {
		"Authentication failed", "", ErrAuth,
		"check the user id, the secret key, that the endpoint belongs to the same instance as they do, and the clock",
	},
	CodeRequestLimitExceeded: {
		"Request Limit Exceeded", "", ErrQuota,
		"wait for the next day in US Central time, or have the quota raised",
	},
	CodeRequestExpired: {
		"Request Expired", "", ErrExpired,
		"sign anew immediately before sending, and check the clock",
	},
	CodeInvalidRequest: {
		"Invalid Request", "", ErrInvalid,
		"give the parameter that is missing",
	},
	CodeUnsupportedOperation: {
		"Unsupported Operation", "", ErrInvalid,
		"check the operation's name and the version in the endpoint's path",
	},
	CodeTimeRangeExceeded: {
		"Time range specified in query filter exceeded limit", "", ErrInvalid,
		"ask for at most 30 days in one call, and for the rest in others",
	},
	CodeRateLimitExceeded: {
		"Rate Limit Exceeded", "", ErrRateLimited,
		"make at most 100 calls in 20 seconds, counting every program that uses the instance",
	},
	CodeConcurrencyLimitExceeded: {
		"Concurrency Limit Exceeded", "", ErrRateLimited,
		"make at most 10 calls at the same time, counting every program that uses the instance",
	},
	CodeLeadKeyRequired: {
		"Lead Key Required", "", ErrInvalid,
		"give the type and the value of the lead key",
	},
	CodeLeadKeyBad: {
		"Lead Key Bad", "", ErrInvalid,
		"use a type of lead key that this operation takes",
	},
	CodeLeadNotFound: {
		"Lead Not Found", "Lead not found", ErrNotFound,
		"check the type and the value of the lead key",
	},
	CodeLeadDetailRequired: {
		"Lead Detail Required", "", ErrInvalid,
		"give the lead record",
	},
	CodeLeadAttributeBad: {
		"Lead Attribute Bad", "Unknown lead field", ErrInvalid,
		"use the SOAP API names of the lead's fields",
	},
	CodeLeadSyncFailed: {
		"Lead Sync Failed", "", ErrInvalid,
		"look at the record before sending it again",
	},
	CodeActivityKeyBad: {
		"Activity Key Bad", "", ErrInvalid,
		"a filter by type takes the values that the WSDL lists, a filter by name the names that answers show",
	},
	CodeLeadOwnerNotFound: {
		"Lead Owner Not Found", "", ErrNotFound,
		"check the owner in the lead key",
	},
	CodeParameterRequired: {
		"Parameter Required", "", ErrInvalid,
		"give the parameter that is missing",
	},
	CodeBadParameter: {
		"Bad Parameter", "", ErrInvalid,
		"correct the value of the parameter",
	},
	CodeListNotFound: {
		"List Not Found", "", ErrNotFound,
		"check the names of the list and of its program; where one name stands for both, it is Program.List",
	},
	CodeCampaignNotFound: {
		"Campaign Not Found", "", ErrNotFound,
		"check the campaign's name or id and its program",
	},
	CodeBadParameterValue: {
		"Bad Parameter", "", ErrInvalid,
		"correct the value of the parameter",
	},
	CodeBadStreamPosition: {
		"Bad Stream Position", "", ErrInvalid,
		"start again without a position, and pass positions back unchanged",
	},
	CodeStreamAtEnd: {
		"Stream at End", "", ErrEndOfStream,
		"there are no more records; if the page before announced more, its position is lost: start again without one",
	},
}

// Codes returns all known codes, in ascending order.
func Codes() []Code { return slices.Sorted(maps.Keys(table)) }

// ReadCode finds the code of a SOAP fault: in the text of
// detail/serviceException/code, else at the head of faultstring, as in
// "20014 - Authentication failed". It returns 0 where there is none, as in a fault
// that a proxy made. (Marketo SOAP API, error codes.)
func ReadCode(detailCode, faultString string) Code {
	head, _, _ := strings.Cut(strings.TrimSpace(faultString), " ")
	for _, text := range []string{strings.TrimSpace(detailCode), head} {
		// 32 bits, so that the result does not depend on the machine. All codes have five
		// digits: "502 Bad Gateway" is a proxy's text.
		if n, err := strconv.ParseInt(text, 10, 32); err == nil && n >= 10000 {
			return Code(n)
		}
	}
	return 0
}

// Where a text that comes without a fault holds its code: at the head, as in
// "20103 - Lead not found" (faultstring), or at the end, as in
// "No lead found with IDNUM = 7 (20103)" (detail/serviceException/message).
var (
	headCode = regexp.MustCompile(`^\s*(\d{5})\s*[-:]`)
	endCode  = regexp.MustCompile(`\((\d{5})\)[\s.]*$`)
)

// readTextCode finds the code of such a text. At the end, where a record's own values may
// stand, only known codes count.
func readTextCode(text string) Code {
	if m := headCode.FindStringSubmatch(text); m != nil {
		return ReadCode(m[1], "")
	}
	if m := endCode.FindStringSubmatch(text); m != nil {
		if code := ReadCode(m[1], ""); code.Class() != nil {
			return code
		}
	}
	return 0
}

// Error returns number and text, as in "20103: Lead Not Found".
func (c Code) Error() string {
	switch {
	case c == 0:
		return "no service code"
	case c.Message() == "":
		return fmt.Sprintf("%d: unknown service code", int(c))
	}
	return fmt.Sprintf("%d: %s", int(c), c.Message())
}

// Message returns the text of the service's table for the code, or "" for an
// unknown one. The wire may have another text: compare codes, never texts.
func (c Code) Message() string { return table[c].message }

// Class returns the class of the code, one of the sentinels ErrAuth …
// ErrEndOfStream, or nil for an unknown code.
func (c Code) Class() error { return table[c].class }

// Advice says in a few words, without a capital or a full stop, what to do about the
// code. For an unknown code that is to look at the text of the fault.
func (c Code) Advice() string {
	switch known, ok := table[c]; {
	case ok:
		return known.advice
	case c == 0:
		return "check the endpoint and any proxy on the way: the fault does not look like the service's own"
	default:
		return "the code is not in the service's published table: go by the text"
	}
}

// Is reports whether target is the code's class. It makes errors.Is work on a Code
// as on a Fault.
func (c Code) Is(target error) bool {
	class := c.Class()
	return class != nil && target == class
}

// wireText returns the text that faultstring has for the code.
func (c Code) wireText() string {
	if known := table[c]; known.wire != "" {
		return known.wire
	}
	return c.Message()
}
