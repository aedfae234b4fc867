package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/leadsync/copied"
)

// sourceHeader tells of an answer whether it comes from a copy, and up to when it is good, or why not.
const sourceHeader = "Mktows-Source"

// note is what becomes known of a call on its way, for the headers of its answer and for the access log. The goroutine of the call
// writes it.
type note struct {
	header http.Header // of the answer
	source string      // copy or rest; empty: there is no copy to choose, or the operation needs none
	reason string      // why it is not the copy
}

// noteOf returns the note of a call.
func noteOf(ctx context.Context) *note {
	n := &costOf(ctx).note
	if n.header == nil {
		n.header = make(http.Header) // a call that nobody looks at
	}
	return n
}

// fromCopy notes that a copy answers.
func (n *note) fromCopy(until time.Time) {
	n.source, n.reason = "copy", ""
	n.header.Set(sourceHeader, "copy; until="+until.UTC().Format(time.RFC3339))
}

// fromREST notes that the REST API is asked, although there is a copy.
func (n *note) fromREST(reason string) {
	n.source, n.reason = "rest", reason
	n.header.Set(sourceHeader, "rest; reason="+strconv.QuoteToASCII(reason))
}

// observe notes where an answer comes from.
func observe(ctx context.Context, a copied.Answer) {
	switch {
	case a.Err != nil: // its text is one for the log of the gateway, not for callers
		noteOf(ctx).fromREST(whyAway(a.Err))
	case a.Reason != "":
		noteOf(ctx).fromREST(a.Reason)
	default:
		noteOf(ctx).fromCopy(a.Until)
	}
}
