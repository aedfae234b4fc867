package secureaccess_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

const (
	annToken = "example-token-of-ann"
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

var noLimit = secureaccess.Limit{Rate: rate.Inf, Burst: 1}

// byToken is a hook with an answer of every kind.
func byToken(r *http.Request) (string, error) {
	switch r.Header.Get("Authorization") {
	case "Bearer " + annToken:
		return ann, nil
	case "Bearer example-token-of-andre":
		return "André@Example.com", nil
	case "Bearer example-token-of-zoe":
		return "zoe.a@example.com", nil
	case "Bearer example-token-forbidden":
		return "", fmt.Errorf("user 17 has left: %w", secureaccess.ErrForbidden)
	case "Bearer example-token-of-nobody":
		return "", nil
	case "Bearer example-token-of-broken":
		return "broken\xff@example.com", nil
	case "Bearer example-token+lost":
		return "", errors.New(`Get "https://id.example.com/?token=example-token%2Blost&raw=example-token+lost": timeout`)
	}
	return ann, fmt.Errorf("no session: %w", secureaccess.ErrUnauthenticated) // the email must not count
}

// syncBuffer is a log that concurrent requests may write to.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// setup returns a handler without limits, unless opts set some, and its log.
func setup(tb testing.TB, opts ...secureaccess.HandlerOption) (*secureaccess.Handler, *syncBuffer) {
	tb.Helper()
	log := new(syncBuffer)
	opts = append([]secureaccess.HandlerOption{
		secureaccess.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		secureaccess.WithEmailLimit(noLimit), secureaccess.WithAddressLimit(noLimit),
	}, opts...)
	h, err := secureaccess.NewHandler(newSigner(tb, exampleSecret), byToken, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return h, log
}

func post(token, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// serve serves a request, and checks the answer against the description of the endpoint.
func serve(tb testing.TB, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	tb.Helper()
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			tb.Fatal(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	validate(tb, r, body, w)
	return w
}

func TestHandler_signs(t *testing.T) {
	t.Parallel()
	const andre = "example-token-of-andre"
	for _, c := range []struct {
		name, token, contentType, body string
		email, device                  string
	}{
		{"JSON", annToken, jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`, ann, "device-7"},
		{"JSON without email", annToken, jsonType, `{"deviceId":"device-7"}`, ann, "device-7"},
		{"JSON with charset", annToken, "application/json; charset=UTF-8", `{"deviceId":"device-7"}`, ann, "device-7"},
		{"white space around JSON", annToken, jsonType, "\r\n {\"deviceId\" : \"device-7\"}\n", ann, "device-7"},
		{"escapes in JSON", annToken, jsonType, `{"\u0064eviceId":"device\u002d7"}`, ann, "device-7"},
		{"members of the app's own", annToken, jsonType, `{"app":{"version":[1,null]},"deviceId":"device-7","Email":"x"}`, ann, "device-7"},
		{"form", annToken, formType, "email=ann%40example.com&deviceId=device+7%2f8", ann, "device 7/8"},
		{"form without email", annToken, formType, "deviceId=device-7&app=1&app=2", ann, "device-7"},
		{"another case: the authenticated spelling is signed", annToken, jsonType, `{"email":"ANN@Example.Com","deviceId":"device-7"}`, ann, "device-7"},
		{"all upper case", "example-token-of-zoe", jsonType, `{"email":"ZOE.A@EXAMPLE.COM","deviceId":"device-7"}`, "zoe.a@example.com", "device-7"},
		{"non-ASCII email in JSON", andre, jsonType, `{"email":"André@example.com","deviceId":"device-7"}`, "André@Example.com", "device-7"},
		{"non-ASCII email in a form", andre, formType, "email=Andr%C3%A9%40example.com&deviceId=device-7", "André@Example.com", "device-7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, _ := setup(t)
			w := serve(t, h, post(c.token, c.contentType, c.body))
			if w.Code != http.StatusOK {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			var got secureaccess.SecuritySignature
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.AccessKey != exampleKey || got.Email != c.email || got.Timestamp != noon.Add(24*time.Hour).Unix() {
				t.Errorf("got %v", got)
			}
			if err := secureaccess.Verify(got, c.device, auth.NewSecret(exampleSecret), noon); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHandler_answerByteForByte(t *testing.T) {
	t.Parallel()
	h, _ := setup(t)
	w := serve(t, h, post(annToken, jsonType, `{"deviceId":"`+device+`"}`))
	sig, err := newSigner(t, exampleSecret).Sign(ann, device)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accessKey":"example-key","signature":"` + sig.Signature + `","timestamp":1774872000,"email":"ann@example.com"}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
}

func TestHandler_headers(t *testing.T) {
	t.Parallel()
	always := map[string]string{"Content-Type": jsonType, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
	for _, c := range []struct {
		name, method, token string
		status              int
		more                map[string]string
	}{
		{"signed", "POST", annToken, 200, nil},
		{"method", "GET", annToken, 405, map[string]string{"Allow": "POST"}},
		{"unauthenticated", "POST", "", 401, map[string]string{"Www-Authenticate": `Bearer realm="secure access"`}},
		{"forbidden", "POST", "example-token-forbidden", 403, nil},
		{"failed", "POST", "example-token+lost", 500, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, _ := setup(t)
			r := post(c.token, jsonType, `{"deviceId":"device-7"}`)
			r.Method = c.method
			w := serve(t, h, r)
			want := maps.Clone(always)
			maps.Copy(want, c.more)
			got := make(map[string]string)
			for name, values := range w.Header() {
				got[name] = strings.Join(values, ", ")
			}
			if diff := cmp.Diff(want, got); diff != "" || w.Code != c.status {
				t.Errorf("status %d, want %d; headers:\n%s", w.Code, c.status, diff)
			}
		})
	}
}

func TestHandler_valuesInTheURLDoNotCount(t *testing.T) {
	t.Parallel()
	h, _ := setup(t)
	r := post(annToken, formType, "")
	r.URL.RawQuery = "deviceId=device-7"
	if w := serve(t, h, r); w.Code != http.StatusBadRequest {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestHandler_withoutBody(t *testing.T) {
	t.Parallel()
	h, _ := setup(t)
	r := post(annToken, jsonType, "")
	r.Body = nil // as http.NewRequest leaves it
	if w := serve(t, h, r); w.Code != http.StatusBadRequest {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestHandler_hookMayParseTheForm(t *testing.T) {
	t.Parallel()
	hook := func(r *http.Request) (string, error) {
		if r.FormValue("session") != "example-session" {
			return "", secureaccess.ErrUnauthenticated
		}
		return ann, nil
	}
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), hook)
	if err != nil {
		t.Fatal(err)
	}
	if w := serve(t, h, post("", formType, "session=example-session&deviceId=device-7")); w.Code != http.StatusOK {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	// What is wrong with the form is not forgotten because the hook has parsed it.
	for body, want := range map[string]int{
		"session=example-session&deviceId=device-7&email=bob@example.com;x":        http.StatusBadRequest,
		"session=example-session&deviceId=device-7&%zz=1":                          http.StatusBadRequest,
		"session=example-session&deviceId=device-7&x=" + strings.Repeat("x", 9000): http.StatusRequestEntityTooLarge,
	} {
		if w := serve(t, h, post("", formType, body)); w.Code != want {
			t.Errorf("%.60s: status %d, want %d: %s", body, w.Code, want, w.Body)
		}
	}
	// More than the bound is not read, so the session at the far end is not found.
	long := "deviceId=device-7&x=" + strings.Repeat("x", 8<<10) + "&session=example-session"
	if w := serve(t, h, post("", formType, long)); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestHandler_deviceIDCheck(t *testing.T) {
	t.Parallel()
	check := func(id string) error {
		if len(id) != len(device) {
			return fmt.Errorf("%d characters: private words", len(id))
		}
		return nil
	}
	h, _ := setup(t, secureaccess.WithDeviceIDCheck(check))
	if w := serve(t, h, post(annToken, jsonType, `{"deviceId":"`+device+`"}`)); w.Code != http.StatusOK {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	w := serve(t, h, post(annToken, jsonType, `{"deviceId":"m`+device+`"}`))
	if _, message := refusalOf(t, w); w.Code != http.StatusBadRequest || strings.Contains(message, "private") {
		t.Errorf("status %d: %s", w.Code, message)
	}
}

func TestNewHandler_reportsEveryMistake(t *testing.T) {
	t.Parallel()
	h, err := secureaccess.NewHandler(nil, nil,
		secureaccess.WithEmailLimit(secureaccess.Limit{Burst: 1}),
		secureaccess.WithEmailLimit(secureaccess.Limit{Rate: rate.Limit(math.NaN()), Burst: 1}),
		secureaccess.WithAddressLimit(secureaccess.Limit{Rate: 1}),
		secureaccess.WithMaxClients(0),
		secureaccess.WithClientAddress(nil),
		secureaccess.WithDeviceIDCheck(nil),
		secureaccess.WithLogger(nil))
	if h != nil || err == nil {
		t.Fatalf("handler %v, error %v", h, err)
	}
	got := strings.Split(err.Error(), "\n")
	for i, part := range []string{"the signer is nil", "the Authenticate hook is nil", "WithEmailLimit: rate 0 and burst 1", "rate NaN",
		"WithAddressLimit: rate 1 and burst 0", "0 is less than 1", "WithClientAddress: the function is nil",
		"WithDeviceIDCheck: the function is nil", "the logger is nil"} {
		if i >= len(got) || !strings.Contains(got[i], part) {
			t.Errorf("no line %d that says %q in %q", i, part, got)
		}
	}
}

func TestHandler_concurrentRequestsGetTheirOwnSignatures(t *testing.T) {
	t.Parallel()
	hook := func(r *http.Request) (string, error) { return r.Header.Get("X-User"), nil }
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), hook,
		secureaccess.WithEmailLimit(secureaccess.Limit{Rate: 1, Burst: 20}), secureaccess.WithAddressLimit(noLimit))
	if err != nil {
		t.Fatal(err)
	}
	var signed, limited atomic.Int64
	var all sync.WaitGroup
	for i := range 200 { // 5 users, 40 requests each
		all.Go(func() {
			user, device := fmt.Sprintf("user%d@example.com", i%5), fmt.Sprintf("device-%d", i)
			r := post("", jsonType, `{"deviceId":"`+device+`"}`)
			r.Header.Set("X-User", user)
			w := serve(t, h, r)
			if w.Code == http.StatusTooManyRequests {
				limited.Add(1)
				return
			}
			var sig secureaccess.SecuritySignature
			if err := json.Unmarshal(w.Body.Bytes(), &sig); err != nil || sig.Email != user {
				t.Errorf("%v for %s: %v", sig, user, err)
			}
			if err := secureaccess.Verify(sig, device, auth.NewSecret(exampleSecret), noon); err != nil {
				t.Error(err)
			}
			signed.Add(1)
		})
	}
	all.Wait()
	if signed.Load() != 100 || limited.Load() != 100 {
		t.Errorf("%d signed and %d limited, want 100 each: the clock stands still", signed.Load(), limited.Load())
	}
}
