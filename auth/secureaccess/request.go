package secureaccess

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is many times what the two longest values need.
const maxBody = 8 << 10

// The request's members.
const (
	emailMember    = "email"
	deviceIDMember = "deviceId"
)

// request is what the app sends.
type request struct {
	email    *string // nil if it was left out
	deviceID string
}

// body is what the request holds, read before the hook can: a form that the hook has
// parsed would be parsed no more, and its mistakes forgotten.
type body struct {
	bytes []byte
	err   error
}

// readBody reads at most maxBody bytes, and leaves them in the request for the hook.
func readBody(w http.ResponseWriter, r *http.Request) body {
	if r.Body == nil {
		return body{}
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = io.NopCloser(bytes.NewReader(data))
	return body{data, err}
}

func (b body) read(r *http.Request) (request, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, given := params["charset"]
	if err != nil || given && !strings.EqualFold(charset, "utf-8") {
		return request{}, errMediaType
	}
	var members map[string]string
	switch mediaType {
	case "application/json":
		members, err = b.readJSON()
	case "application/x-www-form-urlencoded":
		members, err = b.readForm()
	default:
		return request{}, errMediaType
	}
	if err != nil {
		return request{}, bodyError(err)
	}
	return newRequest(members)
}

func newRequest(members map[string]string) (request, error) {
	req := request{deviceID: members[deviceIDMember]}
	if email, ok := members[emailMember]; ok {
		if email == "" {
			return request{}, invalid("email is empty: leave it out or send the logged-in user's")
		}
		req.email = &email
	}
	return req, nil
}

// readForm takes the body's values only: what stands in a URL ends up in access logs.
func (b body) readForm() (map[string]string, error) {
	if b.err != nil {
		return nil, b.err
	}
	form, err := url.ParseQuery(string(b.bytes))
	if err != nil {
		return nil, err
	}
	return once(form)
}

func once(form url.Values) (map[string]string, error) {
	members := make(map[string]string, 2)
	for _, name := range []string{emailMember, deviceIDMember} {
		values := form[name]
		if len(values) > 1 {
			return nil, invalid(name + " is given more than once")
		}
		if len(values) == 1 {
			members[name] = values[0]
		}
	}
	return members, nil
}

// readJSON reads one object, token by token: a plain Unmarshal would let the last of two
// equal members win, match names in any case, and take null for a string.
func (b body) readJSON() (map[string]string, error) {
	if b.err != nil {
		return nil, b.err
	}
	dec := json.NewDecoder(bytes.NewReader(b.bytes))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNotAnObject
	}
	members, err := readMembers(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("something follows the JSON object")
	}
	return members, nil
}

// readMembers reads up to the closing brace.
func readMembers(dec *json.Decoder) (map[string]string, error) {
	members := make(map[string]string, 2)
	seen := make(map[string]bool)
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, errNotAnObject
		}
		if seen[name] {
			return nil, invalid("a member of the JSON object is given more than once")
		}
		seen[name] = true
		if err := readMember(dec, name, members); err != nil {
			return nil, err
		}
	}
	if _, err := dec.Token(); err != nil { // the brace
		return nil, errNotAnObject
	}
	return members, nil
}

func readMember(dec *json.Decoder, name string, members map[string]string) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return errNotAnObject
	}
	if name != emailMember && name != deviceIDMember {
		return nil
	}
	var value *string // stays nil for null
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		return invalid(name + " is not a JSON string")
	}
	members[name] = *value
	return nil
}
