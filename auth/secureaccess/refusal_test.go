package secureaccess_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// refusalOf reads an answer strictly: nothing but the code and the message is in it.
func refusalOf(tb testing.TB, w *httptest.ResponseRecorder) (code, message string) {
	tb.Helper()
	var answer struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	dec := json.NewDecoder(w.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&answer); err != nil {
		tb.Fatalf("status %d: %v", w.Code, err)
	}
	return answer.Error.Code, answer.Error.Message
}

func TestHandler_refuses(t *testing.T) {
	t.Parallel()
	const good = `{"deviceId":"device-7"}`
	long := strings.Repeat("d", 257)
	for _, c := range []struct {
		name, method, token, contentType, body string
		status                                 int
		code, message                          string
	}{
		{"GET", "GET", annToken, jsonType, good, 405, "method_not_allowed", "POST"},
		{"HEAD", "HEAD", annToken, jsonType, good, 405, "method_not_allowed", "POST"},
		{"OPTIONS", "OPTIONS", annToken, jsonType, good, 405, "method_not_allowed", "POST"},
		{"PUT", "PUT", annToken, jsonType, good, 405, "method_not_allowed", "POST"},

		{"no authentication", "POST", "", jsonType, good, 401, "unauthenticated", "log in"},
		{"wrong token", "POST", annToken + "x", jsonType, good, 401, "unauthenticated", "log in"},
		{"a stranger learns nothing about the body", "POST", "", "text/plain", long, 401, "unauthenticated", "log in"},
		{"forbidden by the hook", "POST", "example-token-forbidden", jsonType, good, 403, "forbidden", "this user"},
		{"another user's email", "POST", annToken, jsonType, `{"email":"bob@example.com","deviceId":"device-7"}`, 403, "wrong_email", "leave it out"},
		{"another user's email in a form", "POST", annToken, formType, "email=bob@example.com&deviceId=device-7", 403, "wrong_email", "leave it out"},
		{"email with white space", "POST", annToken, jsonType, `{"email":"ann@example.com ","deviceId":"device-7"}`, 403, "wrong_email", ""},
		{"no case folding beyond ASCII", "POST", "example-token-of-andre", jsonType, `{"email":"ANDRÉ@example.com","deviceId":"device-7"}`, 403, "wrong_email", ""},

		{"hook fails", "POST", "example-token+lost", jsonType, good, 500, "internal_error", "the server failed"},
		{"hook names nobody", "POST", "example-token-of-nobody", jsonType, good, 500, "internal_error", "the server failed"},
		{"hook names nobody, the request somebody", "POST", "example-token-of-nobody", jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`, 500, "internal_error", "the server failed"},
		{"hook's email is broken", "POST", "example-token-of-broken", jsonType, good, 500, "internal_error", "the server failed"},

		{"no content type", "POST", annToken, "", good, 415, "unsupported_media_type", jsonType},
		{"text", "POST", annToken, "text/plain", good, 415, "unsupported_media_type", jsonType},
		{"multipart", "POST", annToken, "multipart/form-data; boundary=x", good, 415, "unsupported_media_type", jsonType},
		{"malformed content type", "POST", annToken, "application/json; charset", good, 415, "unsupported_media_type", jsonType},
		{"another charset", "POST", annToken, "application/json; charset=iso-8859-1", good, 415, "unsupported_media_type", "UTF-8"},
		{"body too large, JSON", "POST", annToken, jsonType, `{"x":"` + strings.Repeat("x", 8<<10) + `"}`, 413, "body_too_large", "8192"},
		{"body too large, form", "POST", annToken, formType, "x=" + strings.Repeat("x", 8<<10), 413, "body_too_large", "8192"},

		{"empty body", "POST", annToken, jsonType, "", 400, "invalid_request", "not a JSON object"},
		{"cut in half", "POST", annToken, jsonType, `{"deviceId":"dev`, 400, "invalid_request", "not a JSON object"},
		{"unclosed", "POST", annToken, jsonType, `{"deviceId":"device-7"`, 400, "invalid_request", "not a JSON object"},
		{"closed as an array", "POST", annToken, jsonType, `{"deviceId":"device-7"]`, 400, "invalid_request", "not a JSON object"},
		{"comma at the end", "POST", annToken, jsonType, `{"deviceId":"device-7",}`, 400, "invalid_request", "not a JSON object"},
		{"no comma", "POST", annToken, jsonType, `{"deviceId":"device-7" "a":1}`, 400, "invalid_request", "not a JSON object"},
		{"unquoted name", "POST", annToken, jsonType, `{deviceId:"device-7"}`, 400, "invalid_request", "not a JSON object"},
		{"number as name", "POST", annToken, jsonType, `{1:"device-7"}`, 400, "invalid_request", "not a JSON object"},
		{"array", "POST", annToken, jsonType, `["deviceId","device-7"]`, 400, "invalid_request", "not a JSON object"},
		{"null", "POST", annToken, jsonType, `null`, 400, "invalid_request", "not a JSON object"},
		{"second object", "POST", annToken, jsonType, good + good, 400, "invalid_request", "something follows"},
		{"rubbish at the end", "POST", annToken, jsonType, good + "]", 400, "invalid_request", "something follows"},
		{"device id twice", "POST", annToken, jsonType, `{"deviceId":"a","deviceId":"a"}`, 400, "invalid_request", "more than once"},
		{"email twice, once escaped", "POST", annToken, jsonType, `{"email":"ann@example.com","\u0065mail":"ann@example.com","deviceId":"a"}`, 400, "invalid_request", "more than once"},
		{"another member twice", "POST", annToken, jsonType, `{"a":1,"a":1,"deviceId":"a"}`, 400, "invalid_request", "more than once"},
		{"device id twice in a form", "POST", annToken, formType, "deviceId=a&deviceId=a", 400, "invalid_request", "more than once"},
		{"email twice in a form", "POST", annToken, formType, "email=ann@example.com&email=ann@example.com&deviceId=a", 400, "invalid_request", "more than once"},
		{"malformed form", "POST", annToken, formType, "deviceId=%zz", 400, "invalid_request", "could not be read"},
		{"not UTF-8", "POST", annToken, jsonType, "{\"deviceId\":\"\xff\"}", 400, "invalid_request", "UTF-8"},
		{"not UTF-8 in a form", "POST", annToken, formType, "deviceId=%ff", 400, "invalid_request", "UTF-8"},
		{"half a surrogate pair", "POST", annToken, jsonType, `{"deviceId":"\ud800"}`, 400, "invalid_request", "UTF-8"},

		{"no device id", "POST", annToken, jsonType, `{"email":"ann@example.com"}`, 400, "invalid_request", "deviceId is empty"},
		{"no device id in a form", "POST", annToken, formType, "", 400, "invalid_request", "deviceId is empty"},
		{"empty device id", "POST", annToken, jsonType, `{"deviceId":""}`, 400, "invalid_request", "deviceId is empty"},
		{"device id in another case", "POST", annToken, jsonType, `{"deviceID":"device-7"}`, 400, "invalid_request", "deviceId is empty"},
		{"device id too long", "POST", annToken, jsonType, `{"deviceId":"` + long + `"}`, 400, "invalid_request", "deviceId is too long"},
		{"control character", "POST", annToken, jsonType, `{"deviceId":"a\nb"}`, 400, "invalid_request", "control character"},
		{"control character in a form", "POST", annToken, formType, "deviceId=a%00b", 400, "invalid_request", "control character"},
		{"device id is a number", "POST", annToken, jsonType, `{"deviceId":7}`, 400, "invalid_request", "deviceId is not a JSON string"},
		{"device id is null", "POST", annToken, jsonType, `{"deviceId":null}`, 400, "invalid_request", "deviceId is not a JSON string"},
		{"email is a list", "POST", annToken, jsonType, `{"email":["ann@example.com"],"deviceId":"a"}`, 400, "invalid_request", "email is not a JSON string"},
		{"email is empty", "POST", annToken, jsonType, `{"email":"","deviceId":"a"}`, 400, "invalid_request", "email is empty"},
		{"email is empty in a form", "POST", annToken, formType, "email=&deviceId=a", 400, "invalid_request", "email is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, log := setup(t)
			r := post(c.token, c.contentType, c.body)
			r.Method = c.method
			w := serve(t, h, r)
			answer := w.Body.String()
			code, message := refusalOf(t, w)
			if w.Code != c.status || code != c.code || !strings.Contains(message, c.message) {
				t.Errorf("got %d %s %q, want %d %s %q", w.Code, code, message, c.status, c.code, c.message)
			}
			for _, secret := range []string{exampleSecret, annToken, "example-token", `"signature":`} {
				if strings.Contains(answer, secret) || strings.Contains(log.String(), secret) {
					t.Errorf("%q shows in the answer %s or the log %s", secret, answer, log)
				}
			}
		})
	}
}
