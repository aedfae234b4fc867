package secureaccess

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// descriptionPath is where the endpoint is described, below its own path.
const descriptionPath = "/openapi.json"

// object is a JSON object of the description.
type object = map[string]any

// OpenAPI describes an endpoint of the given path, such as /marketo/signature, as an OpenAPI document (OpenAPI
// Specification 3.0.3) in JSON: what a request holds, and every answer with its codes. [Handler] answers a GET of that
// path and /openapi.json with it, if it is mounted there too.
func OpenAPI(path string) []byte {
	path = cmp.Or(path, "/")
	text, err := json.MarshalIndent(object{
		"openapi": "3.0.3",
		"info": object{
			"title":       "Signatures for Secure Access Mode of the Marketo mobile SDK",
			"description": "After login an app sends the device id that the SDK tells it, and gets what the SDK wants to be given.",
			"version":     "1",
		},
		"paths": object{
			path: object{"post": signOperation()},
			strings.TrimSuffix(path, "/") + descriptionPath: object{"get": describeOperation()},
		},
		"components": object{
			"schemas":         object{"Request": requestSchema(), "SecuritySignature": signatureSchema()},
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer"}},
		},
	}, "", "  ")
	if err != nil {
		panic(err) // of maps and texts, which always have a form in JSON
	}
	return append(text, '\n')
}

func signOperation() object {
	request := object{"schema": object{"$ref": "#/components/schemas/Request"}}
	responses := object{
		"200": response("the signature, which no cache may keep", object{"$ref": "#/components/schemas/SecuritySignature"}),
	}
	for _, r := range described {
		responses[strconv.Itoa(r.refusals[0].status)] = r.response()
	}
	return object{
		"operationId": "getSignature",
		"summary":     "Sign for the user who is logged in, on one device",
		"description": "Who is asking is what the server's own login says: by a bearer token, or by a session cookie or whatever else it uses.",
		"security":    []any{object{"bearer": []any{}}, object{}},
		"requestBody": object{
			"required":    true,
			"description": "At most " + strconv.Itoa(maxBody) + " bytes, in UTF-8, with no member twice.",
			"content":     object{"application/json": request, "application/x-www-form-urlencoded": request},
		},
		"responses": responses,
	}
}

func describeOperation() object {
	return object{
		"operationId": "getDescription",
		"summary":     "This description",
		"responses":   object{"200": response("an OpenAPI document", object{"type": "object"})},
	}
}

// described is every status of a refusal of the POST, with its codes. A request with another method is answered with 405
// and a body of the same form, which a description has no place for.
var described = []describedRefusal{
	{[]*refusal{invalid("")}, "the body is malformed, or " + deviceIDMember + " is missing or unfit"},
	{[]*refusal{errUnauthenticated}, "nobody is logged in"},
	{[]*refusal{errCrossSite, errForbidden, errWrongEmail}, "cross_site: a page of another origin sent the form; forbidden: the user may not have a signature; " +
		"wrong_email: the request names another than the user who is logged in"},
	{[]*refusal{errTooLarge}, errTooLarge.message},
	{[]*refusal{errMediaType}, "neither application/json nor application/x-www-form-urlencoded, in UTF-8"},
	{[]*refusal{tooMany(0)}, "too many requests of this user or address"},
	{[]*refusal{internal(nil)}, "the server failed"},
}

type describedRefusal struct {
	refusals []*refusal // of one status
	when     string
}

func (d *describedRefusal) response() object {
	var codes []any
	for _, r := range d.refusals {
		codes = append(codes, r.code)
	}
	answer := response(d.when, objectSchema(object{
		"error": objectSchema(object{
			"code":    object{"type": "string", "enum": codes},
			"message": object{"type": "string", "minLength": 1, "description": "for people: what is wrong and what to do"},
		}),
	}))
	switch name := d.refusals[0].header; name {
	case "":
	case "Retry-After":
		answer["headers"].(object)[name] = header(object{"type": "integer", "minimum": 1}, "after how many seconds to come again")
	case "WWW-Authenticate":
		answer["headers"].(object)[name] = header(object{"type": "string"}, "how to be let in: the scheme Bearer (RFC 6750, 3)")
	default:
		answer["headers"].(object)[name] = header(object{"type": "string"}, d.refusals[0].value)
	}
	return answer
}

// response describes an answer in JSON.
func response(when string, schema object) object {
	return object{
		"description": when,
		"headers":     object{"Cache-Control": header(object{"type": "string", "enum": []any{"no-store"}}, "always no-store")},
		"content":     object{"application/json": object{"schema": schema}},
	}
}

func header(schema object, about string) object {
	return object{"required": true, "schema": schema, "description": about}
}

// objectSchema describes an object that has all of these members and no other.
func objectSchema(members object) object {
	return object{"type": "object", "required": slices.Sorted(maps.Keys(members)), "properties": members, "additionalProperties": false}
}

func requestSchema() object {
	return object{
		"type": "object", "required": []any{deviceIDMember},
		"description": "Other members are passed over.",
		"properties": object{
			deviceIDMember: object{"type": "string", "minLength": 1, "maxLength": maxDeviceID, "description": "what the SDK's getDeviceId returns; at most " +
				strconv.Itoa(maxDeviceID) + " bytes"},
			emailMember: object{"type": "string", "minLength": 1, "description": "the address of the user who is logged in, or left out"},
		},
	}
}

func signatureSchema() object {
	return objectSchema(object{
		"accessKey": object{"type": "string", "minLength": 1, "description": "the app's access key"},
		"signature": object{"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "HMAC-SHA256 of email and device id"},
		"timestamp": object{"type": "integer", "format": "int64", "minimum": 1, "description": "when the signature expires, in Unix seconds"},
		"email":     object{"type": "string", "minLength": 1, "description": "the address that was signed, letter for letter"},
	})
}

// describe answers with the description of the endpoint at path.
func (h *Handler) describe(w http.ResponseWriter, r *http.Request, path string) {
	h.write(w, r, http.StatusOK, json.RawMessage(OpenAPI(path)))
}
