package sync

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestPatiently: a database is waited for 15 seconds at most, a service 5 minutes, with --every until the end.
func TestPatiently(t *testing.T) {
	t.Parallel()
	away := errors.New("nobody is there")
	tests := []struct {
		name     string
		err      error
		every    time.Duration
		patience time.Duration
	}{
		{"a database", errors.Join(store.ErrUnavailable, away), 0, 15 * time.Second},
		{"a service", &fault.OpError{Op: "getLead", Err: away}, 0, 5 * time.Minute},
		{"a database with --every", errors.Join(store.ErrUnavailable, away), time.Hour, 24 * time.Hour},
		{"what does not pass", away, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				a := &console.Console{Stderr: &bytes.Buffer{}}
				begun := time.Now()
				err := patiently(ctx, a, &syncFlags{every: test.every}, func() error { return test.err })
				took := time.Since(begun)
				if !errors.Is(err, away) || took > test.patience || took < test.patience/3 {
					t.Errorf("%v after %s, want up to %s", err, took, test.patience)
				}
				if gaveUp := strings.Contains(err.Error(), "gave up after"); gaveUp != (test.patience > 0 && test.every == 0) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// TestReach: a server that takes the connection and says nothing is not waited for.
func TestReach(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	to := target{kind: postgresTarget, place: "postgres://example_user:hidden@" + ln.Addr().String() + "/leads"}
	_, err = to.reach(t.Context(), 50*time.Millisecond)
	if exit.Code(t.Context(), err) != exit.CopyBusy || !strings.Contains(err.Error(), "no answer within 50ms: see that host and port are right") {
		t.Errorf("error %v", err)
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the password is told: %v", err)
	}
}
