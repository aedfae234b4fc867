package fault_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
)

func TestClassify_types(t *testing.T) {
	t.Parallel()
	want := map[fault.Code]string{
		fault.CodeAuthenticationFailed: "auth", fault.CodeAccessDenied: "auth",
		fault.CodeRequestLimitExceeded: "quota", fault.CodeRequestExpired: "expired",
	}
	for _, code := range append(fault.Codes(), 0, 20999) {
		f := fault.New(code, "text")
		err := fault.Classify(f, fault.Known{})
		got := ""
		switch err.(type) { //nolint:errorlint // The type itself is what Classify is about.
		case *fault.AuthenticationError:
			got = "auth"
		case *fault.QuotaError:
			got = "quota"
		case *fault.ExpiredError:
			got = "expired"
		}
		if got != want[code] {
			t.Errorf("%d: %T", code, err)
		}
		var back *fault.Fault
		if !errors.As(err, &back) || back != f {
			t.Errorf("%d: %T does not lead to its fault", code, err)
		}
	}
	if err := fault.Classify(nil, fault.Known{}); err != nil {
		t.Errorf("nil fault became %v", err)
	}
}

func TestTyped_Error(t *testing.T) {
	t.Parallel()
	server := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	central := time.FixedZone("", -5*3600)
	tests := []struct {
		name  string
		code  fault.Code
		known fault.Known
		want  string
	}{
		{
			"authentication", fault.CodeAuthenticationFailed, fault.Known{UserID: "example_user"},
			`20014: Authentication failed for user id "example_user"; check the user id, the secret key, ` +
				"that the endpoint belongs to the same instance as they do, and the clock",
		},
		{
			"authentication, user not known", fault.CodeAuthenticationFailed, fault.Known{},
			"20014: Authentication failed; check the user id, the secret key, " +
				"that the endpoint belongs to the same instance as they do, and the clock",
		},
		{
			"user id that would forge a line", fault.CodeAccessDenied, fault.Known{UserID: "a\nb"},
			`20013: Access Denied for user id "a\nb"; ask the instance's administrator to lift the block`,
		},
		{
			"quota", fault.CodeRequestLimitExceeded, fault.Known{Now: server},
			"20015: Request Limit Exceeded; the count starts anew at 2026-01-02T00:00 CST: wait until then, or have the quota raised",
		},
		{
			"quota, time not known", fault.CodeRequestLimitExceeded, fault.Known{},
			"20015: Request Limit Exceeded; wait for the next day in US Central time, or have the quota raised",
		},
		{
			"clock behind", fault.CodeRequestExpired,
			fault.Known{ServerTime: server, RequestTime: server.Add(-12 * time.Minute).In(central)},
			"20016: Request Expired; the request's timestamp 2026-01-01T21:52:05-05:00 is 12m0s behind the server's clock: " +
				"correct the clock of this machine",
		},
		{
			"clock ahead", fault.CodeRequestExpired, fault.Known{ServerTime: server, RequestTime: server.Add(time.Hour)},
			"20016: Request Expired; the request's timestamp 2026-01-02T04:04:05Z is 1h0m0s ahead of the server's clock: " +
				"correct the clock of this machine",
		},
		{
			"clock right", fault.CodeRequestExpired, fault.Known{ServerTime: server, RequestTime: server.Add(-time.Minute)},
			"20016: Request Expired; the request was signed within 1m0s of the server's time, so the clock is right: " +
				"sign immediately before sending",
		},
		{
			"server's clock not known", fault.CodeRequestExpired, fault.Known{RequestTime: server},
			"20016: Request Expired; sign anew immediately before sending, and check the clock",
		},
		{
			"no clock of a server", fault.CodeRequestExpired,
			fault.Known{ServerTime: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), RequestTime: server},
			"20016: Request Expired; sign anew immediately before sending, and check the clock",
		},
		{
			"a clock without a battery", fault.CodeRequestExpired, fault.Known{ServerTime: server, RequestTime: time.Unix(0, 0).UTC()},
			"20016: Request Expired; the request's timestamp 1970-01-01T00:00:00Z is 490923h4m5s behind the server's clock: " +
				"correct the clock of this machine",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := fault.Classify(fault.New(tt.code, ""), tt.known).Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestExpiredError_Skew(t *testing.T) {
	t.Parallel()
	server := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := fault.ExpiredError{ServerTime: server, RequestTime: server.Add(-time.Hour)}
	if skew, known := e.Skew(); skew != -time.Hour || !known {
		t.Errorf("skew %v, %v", skew, known)
	}
	for _, e := range []fault.ExpiredError{{ServerTime: server}, {RequestTime: server}} {
		if skew, known := e.Skew(); skew != 0 || known {
			t.Errorf("half known: skew %v, %v", skew, known)
		}
	}
}

// A literal without its fault is a mistake of its maker, and no reason to panic.
func TestTyped_withoutFault(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&fault.AuthenticationError{UserID: "example_user"}, &fault.QuotaError{ResetsAt: time.Now()}, &fault.ExpiredError{},
		&fault.OpError{Op: "getLead"}, &fault.UnknownOutcomeError{Op: "syncLead"}, &fault.DecodeError{},
		&fault.StatusError{}, &fault.SyncError{}, &fault.Fault{},
	} {
		if err.Error() == "" {
			t.Errorf("%T says nothing", err)
		}
		var f *fault.Fault
		if errors.Is(err, fault.CodeInternal) || (errors.As(err, &f) && f == nil) {
			t.Errorf("%T matches a fault that it does not have", err)
		}
		if _, ok := fault.Retryable(err, fault.ReadOnly); ok {
			t.Errorf("%T is retried", err)
		}
	}
	if fault.FromServer(error((*fault.Fault)(nil))) || fault.FromServer(nil) {
		t.Error("nothing comes from the server")
	}
}

func TestNextReset(t *testing.T) {
	t.Parallel()
	tests := []struct{ now, want string }{
		{"2026-01-02T03:04:05Z", "2026-01-02T06:00:00Z"},      // winter
		{"2026-01-02T06:00:00Z", "2026-01-03T06:00:00Z"},      // at midnight: the next one
		{"2026-01-02T05:59:59Z", "2026-01-02T06:00:00Z"},      // just before
		{"2026-07-02T05:00:00Z", "2026-07-03T05:00:00Z"},      // summer
		{"2026-07-02T04:59:59Z", "2026-07-02T05:00:00Z"},      // summer, just before
		{"2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z"},      // the day of the change begins in winter time
		{"2026-03-08T07:59:59Z", "2026-03-09T05:00:00Z"},      // a day of 23 hours
		{"2026-10-31T12:00:00Z", "2026-11-01T05:00:00Z"},      // the day of the change begins in summer time
		{"2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z"},      // a day of 25 hours
		{"2026-12-31T23:00:00-06:00", "2027-01-01T06:00:00Z"}, // year's end
	}
	for _, tt := range tests {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := fault.NextReset(now).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("after %s: %s, want %s", tt.now, got, tt.want)
		}
	}
	if got := fault.NextReset(time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)).Format(time.RFC3339); !strings.HasSuffix(got, "T00:00:00-05:00") {
		t.Errorf("not told in Central time: %s", got)
	}
}

// The zone database agrees, hour by hour through years in which each possible day of
// the change occurs.
func TestNextReset_agreesWithZoneData(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Skipf("no time zone data here: %v", err)
	}
	for now := time.Date(2007, 3, 10, 0, 59, 59, 0, time.UTC); now.Year() < 2040; now = now.Add(time.Hour) {
		year, month, day := now.In(chicago).Date()
		want := time.Date(year, month, day+1, 0, 0, 0, 0, chicago)
		if got := fault.NextReset(now); !got.Equal(want) || got.Hour() != 0 {
			t.Fatalf("after %v: %v, want %v", now, got, want)
		}
	}
}
