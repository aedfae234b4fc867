package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mktows/mktows-go/fault"
)

// The code of a record's error stands in its text, as the service writes it.
func TestSyncError_code(t *testing.T) {
	t.Parallel()
	tests := map[string]fault.Code{
		"No lead found with IDNUM = 7 (20103)":         fault.CodeLeadNotFound,
		"unknown fields for import: (20103) (20105).":  fault.CodeLeadAttributeBad,
		"Bad Parameter (20110)\r\n":                    fault.CodeBadParameter,
		"20103 - Lead not found":                       fault.CodeLeadNotFound,
		" 20106: could not be created":                 fault.CodeLeadSyncFailed,
		"20103 - No lead found with EMAIL = x (20110)": fault.CodeLeadNotFound,
		"20999 - Something new":                        20999,
		"Something new (20999)":                        0, // may be a value
		"value too long (10240)":                       0,
		"20103":                                        0,
		"20103 leads are too many":                     0,
		"120103 - x":                                   0,
		"00123 - x":                                    0,
		"(20103) is the code":                          0,
		"No lead found (20103":                         0,
		"No lead found 20103)":                         0,
		"its status is SKIPPED":                        0,
		"":                                             0,
		"syncMultipleLeads operation failed: Internal (10001) ": fault.CodeInternal,
	}
	for reason, want := range tests {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			var err error = fmt.Errorf("a call: %w", &fault.SyncError{Reason: reason})
			var record *fault.SyncError
			if !errors.As(err, &record) || record.Code() != want {
				t.Fatalf("code %d, want %d", record.Code(), want)
			}
			var code fault.Code
			if errors.As(err, &code) != (want != 0) || code != want {
				t.Errorf("As finds %d", code)
			}
			if want == 0 {
				return
			}
			if !errors.Is(err, want) || errors.Is(err, want+1) {
				t.Errorf("does not match %d alone", want)
			}
			if class := want.Class(); class != nil && !errors.Is(err, class) {
				t.Errorf("does not match %v", class)
			}
		})
	}
}
