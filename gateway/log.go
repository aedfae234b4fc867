package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"reflect"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/server"
)

// observe tells log, metrics and trace of a call.
func (g *Gateway) observe(ctx context.Context, in *installation, e *server.Exchange, size server.Size) {
	c := costOf(ctx)
	g.meters.call(ctx, c, e)
	describe(trace.SpanFromContext(ctx), c, e)
	if e.UserID == "" && !g.strangers.first(in.shown(e.Address), g.logStrangers) {
		return
	}
	g.logCall(ctx, c, e, size, in.shown(e.Address))
}

// shown returns an address as the log may show it.
func (in *installation) shown(address string) string {
	if !in.addresses {
		return ""
	}
	return address
}

// logCall writes a line of the access log. It tells what happened to whose call, never what was in it: the text of a fault may repeat
// values of the request, so its code stands for it.
func (g *Gateway) logCall(ctx context.Context, c *cost, e *server.Exchange, size server.Size, address string) {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation), slog.String("tenant", e.UserID), slog.Int("status", e.Status), slog.Duration("duration", e.Duration),
		slog.String("version", e.Version.String()), slog.Int("bytesIn", size.Request), slog.Int("bytesOut", size.Response),
		slog.Int64("restCalls", c.calls.Load()), slog.Duration("restTime", time.Duration(c.took.Load())),
	}
	if address != "" {
		attrs = append(attrs, slog.String("address", address))
	}
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		attrs = append(attrs, slog.String("trace", id.String()))
	}
	level := slog.LevelInfo
	if e.Fault != nil {
		attrs = append(attrs, slog.Int("fault", int(e.Fault.Code)))
		if said := new(fault.RESTError); errors.As(e.Fault, &said) {
			attrs = append(attrs, slog.Int("restCode", int(said.Code)), slog.String("requestId", said.RequestID))
		}
	}
	if n := &c.note; n.source != "" {
		attrs = append(attrs, slog.String("source", n.source))
		if n.reason != "" {
			attrs = append(attrs, slog.String("reason", n.reason))
		}
	}
	if e.Err != nil {
		level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", e.Err))
	}
	g.options.log.LogAttrs(ctx, level, "call", attrs...)
}

// logStrangers tells how many calls of unknown callers were not logged one by one.
func (g *Gateway) logStrangers(address string, more int) {
	attrs := []slog.Attr{slog.Int("calls", more), slog.Duration("within", strangerTime)}
	if address != "" {
		attrs = append(attrs, slog.String("address", address))
	}
	g.options.log.LogAttrs(context.Background(), slog.LevelInfo, "more calls of unknown callers", attrs...)
}

// discreet is a handler that sees only of which kind an error is that stands in an event: its text may repeat values of a request.
type discreet struct{ slog.Handler }

// Handle implements slog.Handler.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	plain := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		plain.AddAttrs(discreetly(a))
		return true
	})
	return d.Handler.Handle(ctx, plain) //nolint:wrapcheck // it is this handler's error
}

// WithAttrs implements slog.Handler.
func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	plain := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		plain[i] = discreetly(a)
	}
	return discreet{d.Handler.WithAttrs(plain)}
}

// WithGroup implements slog.Handler.
func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }

func discreetly(a slog.Attr) slog.Attr {
	if err, is := a.Value.Any().(error); is {
		return slog.String(a.Key, errorKind(err))
	}
	return a
}

// storeErrors are those of copies. Their texts name a place and what to do.
var storeErrors = []error{
	store.ErrDamaged, store.ErrFull, store.ErrInUse, store.ErrNewer, store.ErrNoStream, store.ErrNotCopy, store.ErrOtherInstance,
	store.ErrOtherQuery, store.ErrReadOnly, store.ErrUnavailable, store.ErrUnusable,
}

// errorKind describes an error without values of requests and answers, which may stand in its text: what the REST API says, and what
// quotes an answer, is told by its code. The texts of connections and certificates name no such thing.
func errorKind(err error) string {
	var rest *fault.RESTError
	var f *fault.Fault
	var status *fault.StatusError
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &rest) && rest.RequestID == "":
		return fmt.Sprintf("REST error %d", rest.Code)
	case errors.As(err, &rest):
		return fmt.Sprintf("REST error %d, request %s", rest.Code, rest.RequestID)
	case errors.As(err, &f) && f != nil:
		return "fault " + strconv.Itoa(int(f.Code)) + ": " + f.Code.Error()
	case errors.As(err, &status):
		return fmt.Sprintf("HTTP status %d", status.Code)
	case errors.As(err, &certificate):
		return certificate.Error()
	case errors.As(err, &network):
		return network.Error()
	case errors.As(err, new(*fault.DecodeError)):
		return "the answer cannot be read"
	}
	for _, known := range []error{fault.ErrQuota, fault.ErrUnknownOutcome, server.ErrCutOff, context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	for _, known := range storeErrors {
		if errors.Is(err, known) {
			return err.Error()
		}
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Sprintf("an error that is not told here, as it may quote a call (%T)", err)
}

// outline tells the members of a request without their values: names of elements, and how many there are of what is a list. Names of
// fields of a lead are kept, as an operator looks for those.
func outline(in gen.Message) map[string]any {
	out, _ := outlineOf(reflect.ValueOf(in)).(map[string]any)
	return out
}

func outlineOf(v reflect.Value) any {
	switch v.Kind() { //nolint:exhaustive // others are values
	case reflect.Pointer:
		return outlineOf(v.Elem())
	case reflect.Slice:
		return outlineOfList(v)
	case reflect.Struct:
		return outlineOfStruct(v)
	case reflect.Invalid:
		return nil
	}
	if v.IsZero() {
		return nil
	}
	return "set"
}

// outlineOfList tells how many there are, and of attributes which.
func outlineOfList(v reflect.Value) any {
	if attributes, ok := v.Interface().([]gen.Attribute); ok {
		names := make([]string, len(attributes))
		for i := range attributes {
			names[i] = attributes[i].AttrName
		}
		return names
	}
	if v.Len() == 0 {
		return nil
	}
	return map[string]any{"items": v.Len(), "first": outlineOf(v.Index(0))}
}

func outlineOfStruct(v reflect.Value) any {
	if optional, is := v.Interface().(interface{ Any() any }); is { // a gen.Opt
		return outlineOf(reflect.ValueOf(optional.Any()))
	}
	out := make(map[string]any)
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			if inner := outlineOf(v.Field(i)); inner != nil {
				out[field.Name] = inner
			}
		}
	}
	return out
}
