package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
)

// problem is the part of an error that may be recorded. The text of the error is not part of it, as it may name a
// lead.
type problem struct {
	outcome string       // ok, fault, canceled or error
	kind    string       // a short name; empty: none
	fault   *fault.Fault // of the service; only its code is told
}

// problemOf classifies an error. Cancellation comes first: whatever else went wrong in a call that was cancelled is
// most likely a consequence of that.
func problemOf(err error) problem {
	var f *fault.Fault
	switch {
	case err == nil:
		return problem{outcome: "ok"}
	case errors.Is(err, context.Canceled): // whatever else has happened
		return problem{outcome: "canceled", kind: "canceled"}
	case errors.Is(err, context.DeadlineExceeded):
		return problem{outcome: "canceled", kind: "deadline"}
	case errors.As(err, &f) && f != nil:
		return problem{outcome: "fault", kind: strconv.Itoa(int(f.Code)), fault: f}
	}
	return problem{outcome: "error", kind: kindOf(err)}
}

// kinds are the short names of errors that are values.
var kinds = []struct {
	err  error
	kind string
}{
	{store.ErrLost, "claim_lost"},
	{store.ErrDone, "done"},
	{store.ErrFull, "no_space"},
	{store.ErrReadOnly, "read_only"},
	{store.ErrInUse, "in_use"},
	{store.ErrDamaged, "copy_damaged"},
	{store.ErrUnusable, "copy_unusable"},
	{store.ErrNewer, "copy_newer"},
	{store.ErrUnavailable, "database_unavailable"},
	{fault.ErrInvalid, "invalid_argument"},
	{os.ErrDeadlineExceeded, "timeout"},
	{io.EOF, "connection"},
	{io.ErrUnexpectedEOF, "connection"},
}

// kindOf names an error that is not a fault.
func kindOf(err error) string {
	var status *fault.StatusError
	var network net.Error
	switch {
	case errors.As(err, &status):
		return fmt.Sprintf("http_%d", status.Code)
	case errors.As(err, new(*fault.DecodeError)):
		return "unreadable_answer"
	case errors.As(err, new(*fault.QuotaError)):
		return "quota"
	}
	for _, known := range kinds {
		if errors.Is(err, known.err) {
			return known.kind
		}
	}
	if errors.As(err, &network) {
		return "connection"
	}
	return semconv.ErrorTypeOther.Value.AsString()
}

// mark gives a span the status of the problem, if there is one. The description of a fault is the text from our table
// of codes and not the service's own, which may contain data of leads.
func (p problem) mark(span trace.Span) {
	if p.kind == "" {
		return
	}
	span.SetAttributes(semconv.ErrorTypeKey.String(p.kind))
	if p.fault == nil {
		span.SetStatus(codes.Error, p.kind)
		return
	}
	span.SetStatus(codes.Error, p.fault.Code.Error()) // the table's text, not the service's
	span.SetAttributes(keyFaultCode.Int(int(p.fault.Code)))
	if class := p.fault.Code.Class(); class != nil {
		span.SetAttributes(keyFaultClass.String(class.Error()))
	}
}
