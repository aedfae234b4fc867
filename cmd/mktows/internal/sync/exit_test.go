package sync

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"a copy that differs", &differenceError{}, exit.Differs},
		{"no copy", exit.NoCopy("leads.db"), exit.Invalid},
		{"damage to a copy", unreadableError{errors.New("x")}, exit.CopyBroken},
	}
	for _, test := range tests {
		if got := exit.Code(t.Context(), fmt.Errorf("y: %w", test.err)); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
