package bridge_test

import (
	"testing"

	"github.com/mktows/mktows-go/bridge"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/mktowstest"
)

// bridgeTo returns a bridge to a server.
func bridgeTo(t testing.TB, s *mktowstest.Server, opts ...bridge.Option) *bridge.Bridge {
	t.Helper()
	return s.Bridge(opts...)
}
