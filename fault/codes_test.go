package fault_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
)

// row is a line of testdata/faults.tsv, whose head describes the columns.
type row struct {
	code                                  fault.Code
	constant, message, faultString, class string
	retry                                 map[fault.Safety]string
}

func rows(t *testing.T) []row {
	t.Helper()
	f, err := os.Open("testdata/faults.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []row
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		c := strings.Split(lines.Text(), "\t")
		number, err := strconv.Atoi(c[0])
		if err != nil || len(c) != 9 {
			t.Fatalf("bad line %q: %v", lines.Text(), err)
		}
		out = append(out, row{fault.Code(number), c[1], c[2], c[3], c[4], map[fault.Safety]string{
			fault.Unknown: c[5], fault.ReadOnly: c[6], fault.Idempotent: c[7], fault.NotIdempotent: c[8],
		}})
	}
	if len(out) != 27 {
		t.Fatalf("%d rows, want 27", len(out))
	}
	return out
}

var constants = map[string]fault.Code{
	"CodeInternal":                 fault.CodeInternal,
	"CodeServiceInternal":          fault.CodeServiceInternal,
	"CodeRequestNotUnderstood":     fault.CodeRequestNotUnderstood,
	"CodeAccessDenied":             fault.CodeAccessDenied,
	"CodeAuthenticationFailed":     fault.CodeAuthenticationFailed,
	"CodeRequestLimitExceeded":     fault.CodeRequestLimitExceeded,
	"CodeRequestExpired":           fault.CodeRequestExpired,
	"CodeInvalidRequest":           fault.CodeInvalidRequest,
	"CodeUnsupportedOperation":     fault.CodeUnsupportedOperation,
	"CodeTimeRangeExceeded":        fault.CodeTimeRangeExceeded,
	"CodeRateLimitExceeded":        fault.CodeRateLimitExceeded,
	"CodeConcurrencyLimitExceeded": fault.CodeConcurrencyLimitExceeded,
	"CodeLeadKeyRequired":          fault.CodeLeadKeyRequired,
	"CodeLeadKeyBad":               fault.CodeLeadKeyBad,
	"CodeLeadNotFound":             fault.CodeLeadNotFound,
	"CodeLeadDetailRequired":       fault.CodeLeadDetailRequired,
	"CodeLeadAttributeBad":         fault.CodeLeadAttributeBad,
	"CodeLeadSyncFailed":           fault.CodeLeadSyncFailed,
	"CodeActivityKeyBad":           fault.CodeActivityKeyBad,
	"CodeLeadOwnerNotFound":        fault.CodeLeadOwnerNotFound,
	"CodeParameterRequired":        fault.CodeParameterRequired,
	"CodeBadParameter":             fault.CodeBadParameter,
	"CodeListNotFound":             fault.CodeListNotFound,
	"CodeCampaignNotFound":         fault.CodeCampaignNotFound,
	"CodeBadParameterValue":        fault.CodeBadParameterValue,
	"CodeBadStreamPosition":        fault.CodeBadStreamPosition,
	"CodeStreamAtEnd":              fault.CodeStreamAtEnd,
}

var classes = map[string]error{
	"ErrAuth": fault.ErrAuth, "ErrExpired": fault.ErrExpired, "ErrRateLimited": fault.ErrRateLimited,
	"ErrQuota": fault.ErrQuota, "ErrNotFound": fault.ErrNotFound, "ErrInvalid": fault.ErrInvalid,
	"ErrServer": fault.ErrServer, "ErrEndOfStream": fault.ErrEndOfStream,
}

func TestCode_table(t *testing.T) {
	t.Parallel()
	for _, r := range rows(t) {
		t.Run(r.constant, func(t *testing.T) {
			t.Parallel()
			if constants[r.constant] != r.code {
				t.Errorf("%s is %d, want %d", r.constant, constants[r.constant], r.code)
			}
			if got := r.code.Message(); got != r.message {
				t.Errorf("message %q, want %q", got, r.message)
			}
			if got, want := r.code.Error(), fmt.Sprintf("%d: %s", r.code, r.message); got != want {
				t.Errorf("error %q, want %q", got, want)
			}
			if got := fault.New(r.code, "").FaultString; got != r.faultString {
				t.Errorf("faultstring %q, want %q", got, r.faultString)
			}
			requireClass(t, r.code, r.class)
			requireClass(t, fault.New(r.code, "text"), r.class)
			requireRetry(t, r)
		})
	}
}

// requireClass checks that err is of that class and of no other.
func requireClass(t *testing.T, err error, class string) {
	t.Helper()
	if classes[class] == nil {
		t.Fatalf("no class %q", class)
	}
	for name, sentinel := range classes {
		if got, want := errors.Is(err, sentinel), name == class; got != want {
			t.Errorf("errors.Is(%T, %s) is %v", err, name, got)
		}
	}
}

// requireRetry checks the decision for a fault, for its typed error and for the bare code.
func requireRetry(t *testing.T, r row) {
	t.Helper()
	f := fault.New(r.code, "text")
	for safety, want := range r.retry {
		for _, err := range []error{f, r.code, fault.Classify(f, fault.Known{}), &fault.OpError{Op: "getLead", Err: f}} {
			got := "no"
			after, ok := fault.Retryable(err, safety)
			if ok || after != 0 {
				got = after.String()
			}
			if got != want {
				t.Errorf("%T, %v: retry %s, want %s", err, safety, got, want)
			}
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	var want []fault.Code
	for _, r := range rows(t) {
		want = append(want, r.code)
	}
	if diff := cmp.Diff(want, fault.Codes()); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if !slices.IsSorted(fault.Codes()) {
		t.Error("not in ascending order")
	}
}

func TestCode_Advice(t *testing.T) {
	t.Parallel()
	for _, code := range append(fault.Codes(), 0, 20999) {
		advice := code.Advice()
		if len(advice) < 10 || len(advice) > 120 || !unicode.IsLower(rune(advice[0])) || strings.HasSuffix(advice, ".") {
			t.Errorf("%d: advice %q does not read well inside an error", code, advice)
		}
	}
	for _, part := range []string{"user id", "secret key", "endpoint", "same instance", "clock"} {
		if got := fault.CodeAuthenticationFailed.Advice(); !strings.Contains(got, part) {
			t.Errorf("advice for 20014 does not name the %s: %s", part, got)
		}
	}
}

func TestCode_unknown(t *testing.T) {
	t.Parallel()
	const code fault.Code = 20999
	if code.Class() != nil || code.Message() != "" || code.Error() != "20999: unknown service code" {
		t.Errorf("class %v, message %q, error %q", code.Class(), code.Message(), code.Error())
	}
	f := &fault.Fault{Code: code, FaultString: "20999 - Something New", Message: "Something quite new (20999)"}
	if got := f.Error(); !strings.HasPrefix(got, "20999: Something quite new; ") {
		t.Errorf("error %q lost number or text", got)
	}
	if !errors.Is(f, code) || errors.Is(f, fault.CodeInternal) || code.Is(nil) || f.Is(nil) {
		t.Error("does not match its own code alone")
	}
	for name, class := range classes {
		if errors.Is(f, class) || errors.Is(code, class) {
			t.Errorf("an unknown code is %s", name)
		}
	}
	for safety := fault.Unknown; safety <= fault.NotIdempotent; safety++ {
		if after, ok := fault.Retryable(f, safety); ok || after != time.Duration(0) {
			t.Errorf("an unknown code is retried after %v (%v)", after, safety)
		}
	}
}

func TestCode_zero(t *testing.T) {
	t.Parallel()
	var code fault.Code
	if code.Error() != "no service code" || code.Class() != nil {
		t.Errorf("error %q, class %v", code.Error(), code.Class())
	}
	if errors.Is(&fault.Fault{}, code) {
		t.Error("a fault without a code has the code 0")
	}
}

func TestReadCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		detail, faultString string
		want                fault.Code
	}{
		{"20014", "20014 - Authentication failed", 20014},
		{"", "20014 - Authentication failed", 20014},
		{" 20103\n", "", 20103},
		{"20103", "20014 - Authentication failed", 20103}, // the detail is more exact
		{"none", "\n 20014 - Authentication failed", 20014},
		{"", "20999 - Something New", 20999},
		{"", "20014", 20014},
		{"", "Bad Gateway", 0},
		{"", "502 Bad Gateway", 0},
		{"", "10000 - First", 10000},
		{"", "", 0},
		{"-1", "0 - nothing", 0},
		{"99999999999", "", 0},
		{"0x4e2e", "20014- Authentication failed", 0},
	}
	for _, tt := range tests {
		if got := fault.ReadCode(tt.detail, tt.faultString); got != tt.want {
			t.Errorf("%q, %q: code %d, want %d", tt.detail, tt.faultString, int(got), int(tt.want))
		}
	}
}
