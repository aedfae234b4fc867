package cli

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

// TestNotices: a long wait is told, a short one is not, and nothing else of what the
// client logs.
func TestNotices(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	a := &app{stderr: &stderr}
	log := a.clientLogger(false).With("x", 1).WithGroup("y")
	log.Debug("mktows: attempt", slog.Duration("wait", time.Hour))
	log.Warn("mktows: repeating a call", slog.Duration("wait", time.Second))
	log.Warn("mktows: repeating a call", slog.String("operation", "getLead"), slog.Duration("wait", 20400*time.Millisecond), slog.String("reason", "20023: too fast"))
	if want := "mktows: getLead: trying again in 20s: 20023: too fast\n"; stderr.String() != want {
		t.Errorf("%q, want %q", stderr.String(), want)
	}
}

// TestNotices_client: these are the words and keys that the client logs.
func TestNotices_client(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so that waiting takes no time
		var stderr strings.Builder
		a := &app{stderr: &stderr}
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Code: fault.CodeRateLimitExceeded, Times: 1})
		c := s.Client(client.WithLogger(a.clientLogger(false)))
		if _, err := operations.New(c).Activities.Page(t.Context(), operations.LeadID(318815), operations.Cursor{}, nil); err != nil {
			t.Fatal(err)
		}
		if want := regexp.MustCompile(`^mktows: getLeadActivity: trying again in 2\ds: 20023: `); !want.MatchString(stderr.String()) {
			t.Errorf("%q", stderr.String())
		}
	})
}
