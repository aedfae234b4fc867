package admin

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// document returns the OpenAPI document (OpenAPI Specification 3.0.3) of the routes.
func (h *handler) document() map[string]any {
	s := &schemas{made: make(map[string]any), types: make(map[string]reflect.Type)}
	paths := make(map[string]any)
	for i := range h.routes {
		r := &h.routes[i]
		item := make(map[string]any)
		for method, a := range r.actions {
			item[strings.ToLower(method)] = s.operation(r.path, &a)
		}
		paths[r.path] = item
	}
	title := "Administration of the mock of Marketo's APIs"
	if h.Rules == nil {
		title = "Calls of an endpoint of Marketo's SOAP API"
	}
	return map[string]any{
		"openapi":    "3.0.3",
		"info":       map[string]any{"title": title, "version": "1"},
		"paths":      paths,
		"components": map[string]any{"schemas": s.made},
	}
}

// operation describes what a method does at a path.
func (s *schemas) operation(path string, a *action) map[string]any {
	params := []any{}
	if _, name, ok := strings.Cut(path, "{"); ok {
		params = append(params, map[string]any{
			"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": map[string]any{"type": "string"},
		})
	}
	for i := range a.params {
		p := &a.params[i]
		params = append(params, map[string]any{"name": p.name, "in": "query", "description": p.about, "schema": p.schema()})
	}
	if a.kind == "text/event-stream" {
		params = append(params, map[string]any{"name": "Last-Event-ID", "in": "header", "schema": map[string]any{"type": "integer", "format": "int64"}})
	}
	answer := map[string]any{"description": a.about}
	switch {
	case a.kind != "":
		answer["content"] = map[string]any{a.kind: map[string]any{"schema": map[string]any{"type": "string"}}}
	case a.answer != nil:
		answer["content"] = jsonContent(s.of(a.answer, false))
	}
	out := map[string]any{
		"summary": a.about, "parameters": params,
		"responses": map[string]any{
			fmt.Sprint(a.code()): answer,
			"default":            map[string]any{"description": "an error", "content": jsonContent(s.of(reflect.TypeFor[errorJSON](), false))},
		},
	}
	if a.body != nil {
		out["requestBody"] = map[string]any{"required": true, "content": jsonContent(s.of(a.body, true))}
	}
	return out
}

// code is the HTTP status of an answer that is no error.
func (a *action) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

func jsonContent(schema any) map[string]any {
	return map[string]any{"application/json": map[string]any{"schema": schema}}
}

func (p *param) schema() map[string]any {
	switch {
	case p.whole:
		return map[string]any{"type": "integer", "format": "int64", "minimum": p.least, "maximum": p.most}
	case p.values != nil:
		return map[string]any{"type": "string", "enum": p.values}
	}
	return map[string]any{"type": "string", "minLength": 1, "maxLength": maxText}
}

// schemas makes JSON schemas of Go types, as encoding/json writes and this package reads them.
type schemas struct {
	made  map[string]any // of structs, by name
	types map[string]reflect.Type
}

// plain are the types of values that have no parts.
var plain = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number", reflect.Uint64: "integer", reflect.Uint32: "integer",
	reflect.Int: "integer", reflect.Int32: "integer", reflect.Int64: "integer",
}

// of returns the schema of a type. In a request every field may be missing: what is needed the errors tell.
func (s *schemas) of(t reflect.Type, isRequest bool) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem(), isRequest)
	case t == reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "format": "byte"}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem(), isRequest)}
	case t.Kind() == reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem(), isRequest)}
	case t.Kind() == reflect.Interface:
		return map[string]any{}
	case t.Kind() == reflect.Struct:
		return s.reference(t, isRequest)
	}
	return map[string]any{"type": plain[t.Kind()]}
}

// reference returns where the schema of a struct is, and makes it once.
func (s *schemas) reference(t reflect.Type, isRequest bool) map[string]any {
	name := strings.TrimSuffix(t.Name(), "JSON")
	if isRequest {
		name += "Request"
	}
	if name == "" || name == "Request" {
		return s.object(t, isRequest)
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	switch s.types[name] {
	case nil:
		s.types[name] = t // before its fields: one that holds itself refers to itself
		s.made[name] = s.object(t, isRequest)
	case t:
	default: // another type of that name
		return s.object(t, isRequest)
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

func (s *schemas) object(t reflect.Type, isRequest bool) map[string]any {
	properties, needed := make(map[string]any), []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue // not exported, or embedded
		}
		properties[name] = s.field(f, isRequest)
		if !isRequest && !strings.Contains(rest, "omit") {
			needed = append(needed, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(needed) > 0 {
		out["required"] = needed
	}
	return out
}

// field returns the schema of a field, with what its tags tell.
func (s *schemas) field(f reflect.StructField, isRequest bool) map[string]any {
	schema := s.of(f.Type, isRequest)
	if schema["$ref"] != nil {
		return schema // nothing may stand beside it
	}
	if text := f.Tag.Get("doc"); text != "" {
		schema["description"] = text
	}
	if values := f.Tag.Get("enum"); values != "" {
		schema["enum"] = strings.Split(values, ",")
	}
	return schema
}
