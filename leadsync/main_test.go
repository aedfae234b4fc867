package leadsync

import (
	"testing"

	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"go.uber.org/goleak"
)

// TestMain sees to it that nothing goes on after the last test.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
