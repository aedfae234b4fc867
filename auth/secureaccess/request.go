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

// bound makes every reader of the body, the hook's too, stop at maxBody.
func bound(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
}

func readRequest(r *http.Request) (request, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, given := params["charset"]
	if err != nil || given && !strings.EqualFold(charset, "utf-8") {
		return request{}, errMediaType
	}
	var members map[string]string
	switch mediaType {
	case "application/json":
		members, err = readJSON(r.Body)
	case "application/x-www-form-urlencoded":
		members, err = readForm(r)
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
func readForm(r *http.Request) (map[string]string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return once(r.PostForm)
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
func readJSON(r io.Reader) (map[string]string, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
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
