package fault_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// restRow is a line of testdata/rest.tsv, whose head describes the columns.
type restRow struct {
	code, level, text       string
	fault                   fault.Code
	read, idempotent, write string
	refused                 bool
}

func restRows(t *testing.T) []restRow {
	t.Helper()
	doc, err := os.ReadFile("testdata/rest.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows []restRow
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		code, err := strconv.Atoi(c[3])
		if err != nil || len(c) != 8 {
			t.Fatalf("bad line %q: %v", line, err)
		}
		rows = append(rows, restRow{c[0], c[1], c[2], fault.Code(code), c[4], c[5], c[6], c[7] == "no"})
	}
	if len(rows) != 79 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows
}

// number returns the code of a row: one that the table does not know for the rows of all such codes.
func (r restRow) number() fault.RESTCode {
	return fault.ReadRESTCode(strings.NewReplacer("other-", "", "6xx", "699", "7xx", "799", "1xxx", "1999").Replace(r.code))
}

func TestFromREST(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)
	for _, row := range restRows(t) {
		t.Run(row.code+" "+row.text, func(t *testing.T) {
			t.Parallel()
			said := &fault.RESTError{Code: row.number(), Message: row.text, RequestID: "7be1#19d2f40a6c3"}
			err := fmt.Errorf("wrapped: %w", fault.FromREST(said, 0, fault.Known{Now: now}))
			if !errors.Is(err, row.fault) || !errors.Is(err, row.fault.Class()) || !errors.Is(err, said.Code) {
				t.Errorf("%v is not %v", err, row.fault)
			}
			var found *fault.RESTError
			if !errors.As(err, &found) || found != said {
				t.Errorf("what the service said is not in %v", err)
			}
			for _, want := range []string{strconv.Itoa(int(row.fault)), said.Code.Error(), said.RequestID, row.text} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "secret key") {
				t.Errorf("advice about the SOAP API: %v", err)
			}
			if said.Refused() != row.refused {
				t.Errorf("refused: %t", said.Refused())
			}
			checkRetry(t, err, row)
			checkReset(t, err)
		})
	}
}

func checkRetry(t *testing.T, err error, row restRow) {
	t.Helper()
	waits := map[time.Duration]string{0: "now", time.Second: "slot", 20 * time.Second: "window"}
	for safety, want := range map[fault.Safety]string{
		fault.ReadOnly: row.read, fault.Idempotent: row.idempotent, fault.NotIdempotent: row.write, fault.Unknown: row.write,
	} {
		got := "no"
		if after, ok := fault.Retryable(err, safety); ok {
			got = waits[after]
		}
		if got != want {
			t.Errorf("%s: repeated %s, want %s", safety, got, want)
		}
	}
}

// checkReset looks at when a quota starts anew.
func checkReset(t *testing.T, err error) {
	t.Helper()
	var quota *fault.QuotaError
	if errors.As(err, &quota) != errors.Is(err, fault.ErrQuota) || quota != nil && quota.ResetsAt.Format(time.RFC3339) != "2026-10-07T00:00:00-05:00" {
		t.Errorf("%v: starts anew at %v", err, quota)
	}
}

// An operation for which a code means something else says so.
func TestFromREST_ownCode(t *testing.T) {
	t.Parallel()
	err := fault.FromREST(&fault.RESTError{Code: 1013, Message: "List not found"}, fault.CodeListNotFound, fault.Known{})
	if !errors.Is(err, fault.ErrNotFound) || !errors.Is(err, fault.RESTCode(1013)) {
		t.Error(err)
	}
}

// What came in place of JSON is in the error, and its wish to wait counts.
func TestFromREST_status(t *testing.T) {
	t.Parallel()
	status := fault.NewStatusError(502, "text/html", 7*time.Second, []byte("<h1>Bad Gateway</h1>"))
	status.Expected = "JSON"
	err := fault.FromREST(&fault.RESTError{Code: 502, HTTPStatus: 502, Message: status.Error(), Err: status}, 0, fault.Known{})
	var found *fault.StatusError
	if !errors.As(err, &found) || !strings.Contains(err.Error(), "instead of JSON") {
		t.Error(err)
	}
	if after, ok := fault.Retryable(err, fault.ReadOnly); !ok || after != 7*time.Second {
		t.Errorf("%s, %t", after, ok)
	}
}

func TestReadRESTCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]fault.RESTCode{"606": 606, " 1004 ": 1004, "": 0, "x": 0, "-1": 0, "99999999999": 0, "6.5": 0} {
		if got := fault.ReadRESTCode(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
	if err := error(&fault.RESTError{}); errors.Is(err, fault.RESTCode(0)) || err.Error() == "" {
		t.Errorf("nothing was said: %v", err)
	}
}
