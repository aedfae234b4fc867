package rest

import (
	"strings"

	"github.com/mktows/mktows-go/fault"
)

// Outcome is what became of one record of a call.
type Outcome struct {
	ID     int64  `json:"id"`
	GUID   string `json:"marketoGUID"`
	Seq    *int   `json:"seq"`    // place of the record in the request, from 0, where the service tells it
	Status string `json:"status"` // created, updated, deleted, skipped, added, removed, memberof, notmemberof, …

	// Why it was skipped. Answers have had all three forms.
	Reasons []said `json:"reasons"`
	Errors  []said `json:"errors"`
	Reason  *said  `json:"reason"`
}

// Skipped reports whether the service did not take the record.
func (o *Outcome) Skipped() bool {
	return strings.EqualFold(o.Status, "skipped") || o.Status == "" && o.said() != nil
}

// said returns why, the first of what was said, or nil.
func (o *Outcome) said() *said {
	switch {
	case len(o.Reasons) > 0:
		return &o.Reasons[0]
	case len(o.Errors) > 0:
		return &o.Errors[0]
	}
	return o.Reason
}

// Err returns why the record was not taken, nil if it was. The code is that of the REST API.
func (o *Outcome) Err(requestID string) *fault.RESTError {
	if !o.Skipped() {
		return nil
	}
	why := o.said()
	if why == nil {
		why = &said{Message: "the service gave no reason"}
	}
	return why.error(requestID, 200, true)
}
