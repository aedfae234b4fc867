package fault

import "errors"

// Classes of codes, for errors.Is. Every known code has exactly one class; an
// unknown code has none.
var (
	// ErrAuth: the caller is not let in (20013, 20014).
	ErrAuth = errors.New("authentication failed or access denied")
	// ErrExpired: the request was signed too long ago (20016).
	ErrExpired = errors.New("request expired")
	// ErrRateLimited: too many calls in a short time or at once (20023, 20024), or
	// HTTP status 429.
	ErrRateLimited = errors.New("rate or concurrency limit exceeded")
	// ErrQuota: no more calls today (20015).
	ErrQuota = errors.New("daily quota used up")
	// ErrNotFound: the lead, owner, list or campaign does not exist (20103, 20108,
	// 20111, 20113).
	ErrNotFound = errors.New("not found")
	// ErrInvalid: the request has to be changed (20012, 20017, 20019, 20022 and those from
	// 20101 that have no other class).
	ErrInvalid = errors.New("invalid request")
	// ErrServer: the service failed (10001 unless it says "Parameter required", 20011), or HTTP status 500 and above
	// without a SOAP fault.
	ErrServer = errors.New("service failed")
	// ErrEndOfStream: a stream position has no records left (20123). It is the regular end of
	// paging where the page before announced no more records, and package operations
	// makes an empty page of it there. Where more were announced it is a failure: the position
	// is lost, and only reading again from the start finds the rest.
	ErrEndOfStream = errors.New("end of stream")
)
