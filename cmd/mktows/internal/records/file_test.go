package records

import (
	"context"
	"errors"
	"testing"
)

// TestAwait: who has interrupted a command wants nothing done with what comes then.
func TestAwait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // which of the two is looked at first is left to chance
		done := make(chan Content, 1)
		done <- Content{Text: []byte("x")}
		if c, err := await(ctx, done, "x"); !errors.Is(err, context.Canceled) || c.Text != nil {
			t.Fatalf("%q, %v", c.Text, err)
		}
	}
}
