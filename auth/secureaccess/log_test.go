package secureaccess_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

func TestHandler_log(t *testing.T) {
	t.Parallel()
	h, log := setup(t)
	w := serve(t, h, post(annToken, jsonType, `{"email":"ann@example.com","deviceId":"device-7"}`))
	var sig secureaccess.SecuritySignature
	if err := json.Unmarshal(w.Body.Bytes(), &sig); err != nil {
		t.Fatal(err)
	}
	serve(t, h, post("example-token-forbidden", jsonType, `{"deviceId":"device-7"}`))
	serve(t, h, post("example-token+lost", jsonType, `{"deviceId":"device-7"}`))
	lost := post("example-token-of-broken", jsonType, `{"deviceId":"device-7"}`)
	hungUp, cancel := context.WithCancel(t.Context())
	cancel()
	serve(t, h, lost.WithContext(hungUp))

	var got []string
	for line := range strings.Lines(log.String()) {
		_, event, _ := strings.Cut(strings.TrimSpace(line), " ") // the time is not ours
		got = append(got, event)
	}
	want := []string{
		`level=DEBUG msg="secure access: signed" timestamp=1774872000`,
		`level=INFO msg="secure access: refused" status=403 code=forbidden`,
		`level=ERROR msg="secure access: failed" status=500 code=internal_error error="Get \"https://id.example.com/?token=[redacted]&raw=[redacted]\": timeout"`,
		`level=INFO msg="secure access: the client went away" status=500 code=internal_error`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, private := range []string{sig.Signature, exampleSecret, annToken, ann, "device-7"} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log shows %q", private)
		}
	}
}

func TestHandler_logHidesCookies(t *testing.T) {
	t.Parallel()
	log := new(syncBuffer)
	hook := func(r *http.Request) (string, error) {
		return "", fmt.Errorf("session store: no answer for %q", r.Header.Get("Cookie"))
	}
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), hook,
		secureaccess.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	r := post("", jsonType, `{"deviceId":"device-7"}`)
	r.AddCookie(&http.Cookie{Name: "session", Value: "example-session"})
	r.AddCookie(&http.Cookie{Name: "seen", Value: "s"}) // no secret, and taking it out would garble the line
	serve(t, h, r)
	if !strings.Contains(log.String(), `session store: no answer for \"session=[redacted]; seen=s\"`) {
		t.Error(log)
	}
}

// It is not parallel: it replaces the default logger for a moment.
func TestHandler_isSilentByDefault(t *testing.T) {
	before, log := slog.Default(), new(syncBuffer)
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), byToken)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, h, post("example-token+lost", jsonType, `{"deviceId":"device-7"}`))
	if log.Len() > 0 {
		t.Error(log)
	}
}
