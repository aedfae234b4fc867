package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

// logCall writes a line of the access log. It tells what happened to whose call, never what was in it: the text of a fault may repeat
// values of the request, so its code stands for it.
func (g *Gateway) logCall(ctx context.Context, e server.Exchange) {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation), slog.String("tenant", e.UserID), slog.Int("status", e.Status), slog.Duration("duration", e.Duration),
	}
	level := slog.LevelInfo
	if e.Fault != nil {
		attrs = append(attrs, slog.Int("fault", int(e.Fault.Code)))
		if said := new(fault.RESTError); errors.As(e.Fault, &said) {
			attrs = append(attrs, slog.Int("restCode", int(said.Code)), slog.String("requestId", said.RequestID))
		}
	}
	if n := noteOf(ctx); n.source != "" {
		attrs = append(attrs, slog.String("source", n.source))
		if n.reason != "" {
			attrs = append(attrs, slog.String("reason", n.reason))
		}
	}
	if e.Err != nil {
		level, attrs = slog.LevelWarn, append(attrs, slog.String("error", errorKind(e.Err)))
	}
	g.options.log.LogAttrs(ctx, level, "call", attrs...)
}

// errorKind describes an error without values of the request, which the REST API repeats in its messages.
func errorKind(err error) string {
	if said := new(fault.RESTError); errors.As(err, &said) {
		return fmt.Sprintf("REST error %d, request %s", said.Code, said.RequestID)
	}
	return err.Error()
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
	if state := v.FieldByName("State"); state.IsValid() && state.Type() == reflect.TypeFor[gen.State]() { // a gen.Opt
		if gen.State(state.Uint()) != gen.Present {
			return nil
		}
		return outlineOf(v.FieldByName("Value"))
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
