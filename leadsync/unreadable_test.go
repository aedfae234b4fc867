package leadsync

import (
	"errors"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

// TestUnreadable_take: only a page without a single good record is an answer in an unknown form, and each
// page counts for itself.
func TestUnreadable_take(t *testing.T) {
	t.Parallel()
	u := unreadable{stream: Activities}
	for _, tt := range []struct {
		bad, good int
		fails     bool
	}{{19, 0, false}, {20, 1, false}, {20, 0, true}, {1, 0, false}} {
		for range tt.bad {
			u.add(&operations.RecordError{Field: "mktPersonId", Value: "x", Err: errors.New("expected a number"), Record: "{}"})
		}
		problems, err := u.take(tt.good)
		var decode *fault.DecodeError
		if errors.As(err, &decode) != tt.fails || !tt.fails && len(problems) != tt.bad {
			t.Errorf("%d bad, %d good: %d problems, error %v", tt.bad, tt.good, len(problems), err)
		}
	}
}
