package secureaccess_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

func signatureIn(tb testing.TB, body string) secureaccess.SecuritySignature {
	tb.Helper()
	var sig secureaccess.SecuritySignature
	if err := json.Unmarshal([]byte(body), &sig); err != nil {
		tb.Fatal(err)
	}
	return sig
}

// FuzzHandler: whatever arrives is answered, with a signature for nobody but the
// authenticated user, and with no secret in answer or log.
func FuzzHandler(f *testing.F) {
	for _, s := range [][4]string{
		{"POST", "Bearer " + annToken, jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`},
		{"POST", "Bearer " + annToken, jsonType, `{"email":"bob@example.com","deviceId":"device-7"}`},
		{"POST", "Bearer " + annToken, formType, "email=ann%40example.com&deviceId=device-7"},
		{"POST", "Bearer " + annToken, "application/json; charset=latin1", `{"deviceId":"\ud800"}`},
		{"POST", "bearer", jsonType, `{"deviceId":{"deviceId":[]}}`},
		{"GET", "", "", ""},
		// A member twice, in another spelling, of another type; the longest id and one more; what is no UTF-8; a form cut in an escape.
		{"POST", "Bearer " + annToken, jsonType, `{"deviceId":"device-7","device\u0049d":"device-8"}`},
		{"POST", "Bearer " + annToken, jsonType, `{"deviceId":"device-7","email":null}`},
		{"POST", "Bearer " + annToken, jsonType, `{"deviceId":"` + strings.Repeat("é", 128) + `"}`},
		{"POST", "Bearer " + annToken, jsonType, `{"deviceId":"` + strings.Repeat("é", 128) + `x"}`},
		{"POST", "Bearer " + annToken, jsonType, "{\"deviceId\":\"\xff\"}"},
		{"POST", "Bearer " + annToken, formType, "deviceId=device-7&deviceId=%4"},
		{"POST", "Bearer example-token-of-andre", "Application/JSON; Charset=UTF-8", "\ufeff{\"deviceId\":\"device-7\"}"},
		{"POST", "Bearer example-token-of-broken", formType, "deviceId=+device-7+"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, method, authorization, contentType, body string) {
		h, log := setup(t)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method = method
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Type", contentType)
		w := serve(t, h, r)
		checkAnswer(t, w, authorization)
		for _, secret := range []string{exampleSecret, annToken} {
			// What a stranger sends in may come back out of no answer; the log quotes nothing either.
			if strings.Contains(w.Body.String()+log.String(), secret) {
				t.Errorf("%q shows in the answer %s or the log %s", secret, w.Body, log)
			}
		}
	})
}

func checkAnswer(t *testing.T, w *httptest.ResponseRecorder, authorization string) {
	t.Helper()
	if w.Code != http.StatusOK {
		known := []int{400, 401, 403, 405, 413, 415, 500}
		if code, message := refusalOf(t, w); !slices.Contains(known, w.Code) || code == "" || message == "" {
			t.Errorf("%d %q %q", w.Code, code, message)
		}
		return
	}
	sig := signatureIn(t, w.Body.String())
	want := map[string]string{"Bearer " + annToken: ann, "Bearer example-token-of-andre": "André@Example.com"}[authorization]
	if want == "" || sig.Email != want {
		t.Errorf("%q got %v", authorization, sig)
	}
}

// FuzzSign: what is signed verifies, and with any other device it does not.
func FuzzSign(f *testing.F) {
	f.Add(ann, device, int64(2147483648))
	f.Add("andré@example.com", "", int64(1))
	f.Add("a", "\xff", int64(-1))
	signer, secret := newSigner(f, exampleSecret), auth.NewSecret(exampleSecret)
	f.Fuzz(func(t *testing.T, email, deviceID string, timestamp int64) {
		sig, err := signer.SignUntil(email, deviceID, timestamp)
		if err != nil {
			if sig.Signature != "" {
				t.Error("a signature came with an error")
			}
			return
		}
		if err := secureaccess.Verify(sig, deviceID, secret, noon); err != nil && (err != secureaccess.ErrExpired || timestamp >= noon.Unix()) {
			t.Error(err)
		}
		if secureaccess.Verify(sig, deviceID+"7", secret, noon) == nil {
			t.Error("another device's signature was taken")
		}
	})
}

// FuzzReadBearerFile: a file that is taken lets its users in, and no error quotes a field.
func FuzzReadBearerFile(f *testing.F) {
	f.Add("# tokens\nexample-token-of-ann\tann@example.com\n")
	f.Add("example-token-of-ann ann@example.com extra\r\n")
	f.Add("short ann@example.com")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := secureaccess.ReadBearerFile("tokens", strings.NewReader(text))
		for line := range strings.Lines(text) {
			fields := strings.Fields(line)
			if err != nil {
				noQuote(t, err, fields)
			} else if len(fields) == 2 && fields[0][0] != '#' {
				r := post(fields[0], jsonType, "")
				if email, err := b.Authenticate(r); err != nil || email != fields[1] {
					t.Errorf("line %q: %q, %v", line, email, err)
				}
			}
		}
	})
}

func noQuote(t *testing.T, err error, fields []string) {
	t.Helper()
	for _, field := range fields {
		// Shorter ones are words of the message by chance.
		if len(field) >= 16 && strings.Contains(err.Error(), field) {
			t.Errorf("%q is quoted: %v", field, err)
		}
	}
}
