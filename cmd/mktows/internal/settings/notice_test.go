package settings

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

// TestNotices: a long wait is told, a short one is not, and nothing else of what the
// client logs.
func TestNotices(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	a := &console.Console{Stderr: &stderr}
	log := clientLogger(a, false).With("x", 1).WithGroup("y")
	log.Debug("mktows: attempt", slog.Duration("wait", time.Hour))
	log.Warn("mktows: repeating a call", slog.Duration("wait", time.Second))
	log.Warn("mktows: repeating a call", slog.String("operation", "getLead"), slog.Duration("wait", 20400*time.Millisecond), slog.String("reason", "20023: too fast"))
	log.Warn("mktows: repeating a call", slog.Duration("wait", LongWait-1))
	log.Warn("mktows: repeating a call", slog.String("operation", "getLead"), slog.Duration("wait", LongWait), slog.String("reason", "a pause"))
	if want := "mktows: getLead: trying again in 20s: 20023: too fast\nmktows: getLead: trying again in 3s: a pause\n"; stderr.String() != want {
		t.Errorf("%q, want %q", stderr.String(), want)
	}
}

// TestNotices_often: a cause is told once in a while, with how often it was left out.
func TestNotices_often(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	now := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	n := &notices{console: &console.Console{Stderr: &stderr}, now: func() time.Time { return now }, told: map[string]*notice{}}
	log := slog.New(n)
	for _, step := range []struct {
		operation, reason string
		after             time.Duration
	}{
		{"getLead", "read tcp 127.0.0.1:50001->10.0.0.1:443: reset", 0},
		{"getLeadChanges", "read tcp 127.0.0.1:50002->10.0.0.1:443: reset", time.Second},
		{"getLead", "20023: too fast", time.Second},
		{"getLead", "read tcp 127.0.0.1:50003->10.0.0.1:443: reset", 20 * time.Second},
		{"getLead", "read tcp 127.0.0.1:50004->10.0.0.1:443: reset", 8 * time.Second},
		{"getLead", "20023: too fast", 30 * time.Second},
	} {
		now = now.Add(step.after)
		log.Warn("mktows: repeating a call", slog.String("operation", step.operation), slog.Duration("wait", 4*time.Second), slog.String("reason", step.reason))
	}
	want := "mktows: getLead: trying again in 4s: read tcp 127.0.0.1:50001->10.0.0.1:443: reset\n" +
		"mktows: getLead: trying again in 4s: 20023: too fast\n" +
		"mktows: getLead: trying again in 4s: read tcp 127.0.0.1:50004->10.0.0.1:443: reset (and 2 more waits since 2026-03-08 12:00:00 UTC)\n" +
		"mktows: getLead: trying again in 4s: 20023: too fast\n"
	if stderr.String() != want {
		t.Errorf("%s", &stderr)
	}
}

// TestNotices_forgets: a run that lasts for months does not keep what it told in the first.
func TestNotices_forgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	n := &notices{console: &console.Console{Stderr: io.Discard}, now: func() time.Time { return now }, told: map[string]*notice{}}
	for i := range 1000 {
		n.tell("a reason", fmt.Sprint("cause ", i))
		now = now.Add(time.Minute)
	}
	if most := int(forgetAfter/time.Minute) + 1; len(n.told) != most {
		t.Errorf("%d causes are kept, want %d", len(n.told), most)
	}
}

// TestNotices_client: these are the words and keys that the client logs.
func TestNotices_client(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so that waiting takes no time
		var stderr strings.Builder
		a := &console.Console{Stderr: &stderr}
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Code: fault.CodeRateLimitExceeded, Times: 1})
		c := s.Client(client.WithLogger(clientLogger(a, false)))
		if _, err := operations.New(c).Activities.Page(t.Context(), operations.LeadID(318815), operations.Cursor{}, nil); err != nil {
			t.Fatal(err)
		}
		if want := regexp.MustCompile(`^mktows: getLeadActivity: trying again in 2\ds: 20023: `); !want.MatchString(stderr.String()) {
			t.Errorf("%q", stderr.String())
		}
	})
}
