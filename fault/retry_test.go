package fault_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
)

func TestRetryable(t *testing.T) {
	t.Parallel()
	const never, repeatable, always = "never", "repeatable", "always"
	post := func(err error) error { return &url.Error{Op: "Post", URL: "https://example.com/", Err: err} }
	status := func(code int, after time.Duration) error { return fault.NewStatusError(code, "text/html", after, nil) }
	rate := fault.New(fault.CodeRateLimitExceeded, "")
	tests := []struct {
		name  string
		err   error
		want  string
		after time.Duration
	}{
		{name: "nil", err: nil, want: never},
		{name: "any error", err: errors.New("text"), want: never},
		{name: "cancelled", err: context.Canceled, want: never},
		{name: "deadline", err: post(context.DeadlineExceeded), want: never},
		{name: "dead context beside a fault", err: errors.Join(rate, context.Canceled), want: never},
		{name: "deadline beside a fault", err: errors.Join(rate, context.DeadlineExceeded), want: never},
		{name: "fault without a code", err: &fault.Fault{HTTPStatus: 503}, want: never},
		{name: "nil fault", err: error((*fault.Fault)(nil)), want: never},

		{name: "HTTP 429", err: status(429, time.Minute), want: always, after: time.Minute},
		{name: "HTTP 429, no header", err: status(429, 0), want: always},
		{name: "HTTP 429, negative", err: status(429, -time.Second), want: always},
		{name: "HTTP 502", err: status(502, 0), want: repeatable},
		{name: "HTTP 503", err: status(503, 7*time.Second), want: repeatable, after: 7 * time.Second},
		{name: "HTTP 504", err: status(504, 0), want: repeatable},
		{name: "HTTP 500", err: status(500, time.Second), want: never},
		{name: "HTTP 404", err: status(404, 0), want: never},
		{name: "HTTP 200", err: status(200, 0), want: never},

		{name: "refused", err: post(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), want: always},
		{name: "proxy refused", err: post(&net.OpError{Op: "proxyconnect", Err: io.EOF}), want: always},
		{name: "unknown host", err: post(&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}), want: never},
		{name: "name server busy", err: post(&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}), want: always},
		{name: "reset while reading", err: post(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), want: repeatable},
		{name: "reset while writing", err: post(&net.OpError{Op: "write", Err: syscall.EPIPE}), want: repeatable},
		{name: "read timed out", err: post(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), want: repeatable},
		{name: "TLS alert", err: post(&net.OpError{Op: "remote error", Err: tls.AlertError(40)}), want: never},
		{name: "certificate", err: post(&tls.CertificateVerificationError{Err: errors.New("unknown authority")}), want: never},
		{name: "closed before the answer", err: post(io.EOF), want: repeatable},
		{name: "closed in the answer", err: io.ErrUnexpectedEOF, want: repeatable},
		{name: "pipe closed", err: io.ErrClosedPipe, want: repeatable},
		{name: "half an answer", err: fault.NewDecodeError([]byte("<a>"), 3, io.ErrUnexpectedEOF), want: repeatable},
		{name: "wrong answer", err: fault.NewDecodeError([]byte("<a></b>"), 3, errors.New("mismatch")), want: never},

		{name: "unknown outcome", err: &fault.UnknownOutcomeError{Err: io.EOF}, want: repeatable},
		{name: "unknown outcome of what was refused", err: &fault.UnknownOutcomeError{Err: fault.CodeRequestExpired}, want: repeatable},
		{name: "failed record", err: &fault.SyncError{Reason: "text"}, want: never},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for safety := fault.Unknown; safety <= fault.NotIdempotent; safety++ {
				wantOK := tt.want == always || tt.want == repeatable && safety.Repeatable()
				wantAfter := time.Duration(0)
				if wantOK {
					wantAfter = tt.after
				}
				if after, ok := fault.Retryable(tt.err, safety); ok != wantOK || after != wantAfter {
					t.Errorf("%v: %v after %v, want %v after %v", safety, ok, after, wantOK, wantAfter)
				}
			}
		})
	}
}

// What net/http really returns, as far as it can be had on one machine.
func TestRetryable_realConnections(t *testing.T) {
	t.Parallel()
	drop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(drop.Close)
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
	}))
	t.Cleanup(half.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	t.Cleanup(secure.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()

	tests := []struct {
		name, url         string
		readOnly, neither bool // retried for ReadOnly, for NotIdempotent
	}{
		{"connection dropped", drop.URL, true, false},
		{"answer cut off", half.URL, true, false},
		{"nobody listens", gone.URL, true, true},
		{"certificate not trusted", secure.URL, false, false},
		{"no such scheme", "soap://127.0.0.1/", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := post(t, tt.url)
			if err == nil {
				t.Fatal("no error")
			}
			if _, ok := fault.Retryable(err, fault.ReadOnly); ok != tt.readOnly {
				t.Errorf("read-only: %v for %v", ok, err)
			}
			if _, ok := fault.Retryable(err, fault.NotIdempotent); ok != tt.neither {
				t.Errorf("not idempotent: %v for %v", ok, err)
			}
		})
	}
}

func post(t *testing.T, address string) error {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	res, err := client.Post(address, "text/xml", http.NoBody)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.ReadAll(res.Body)
	return err
}

func TestSafety_String(t *testing.T) {
	t.Parallel()
	want := map[fault.Safety]string{
		fault.Unknown: "unknown", fault.ReadOnly: "read-only", fault.Idempotent: "idempotent",
		fault.NotIdempotent: "not idempotent", 9: "Safety(9)",
	}
	for safety, text := range want {
		if got := safety.String(); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	var zero fault.Safety
	if zero != fault.Unknown || zero.Repeatable() {
		t.Error("the zero Safety is not the careful one")
	}
}
