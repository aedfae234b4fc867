package leadsync

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees to it that nothing goes on after the last test.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
