package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestInstanceOf: calls of all versions count for one instance.
func TestInstanceOf(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://100-AEK-913.mktoapi.com/soap/mktows/2_7": "100-aek-913.mktoapi.com",
		"http://localhost:8080/soap/mktows/3_1":           "localhost:8080",
		"::":                                              "",
	} {
		if got := settings.InstanceOf(endpoint); got != want {
			t.Errorf("%s: %q, want %q", endpoint, got, want)
		}
	}
}

// TestLimits: of the REST API a program takes half, and a reserve is held against the quota that the API has.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flags      limitFlags
		rest, demo bool
		want       quota.Limits // zero: it is refused
	}{
		{limitFlags{daily: 500, reserve: 20}, false, false, quota.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 500, Reserve: 20}},
		{limitFlags{daily: 500, reserve: 20}, false, true, quota.Limits{Calls: -1, Per: 20 * time.Second, Concurrent: -1, Daily: 500, Reserve: 20}},
		{limitFlags{}, false, false, quota.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}},
		{limitFlags{}, true, false, quota.Limits{Calls: 50, Per: 20 * time.Second, Concurrent: 5, Daily: 50_000}},
		{limitFlags{daily: 80_000}, true, false, quota.Limits{Calls: 50, Per: 20 * time.Second, Concurrent: 5, Daily: 80_000}},
		{limitFlags{reserve: 10_000}, true, true, quota.Limits{Calls: -1, Per: 20 * time.Second, Concurrent: -1, Daily: 50_000, Reserve: 10_000}},
		{limitFlags{reserve: 10_000}, false, false, quota.Limits{}},
	} {
		l, err := test.flags.limits(test.rest, test.demo)
		if refused := test.want == (quota.Limits{}); refused != (err != nil) || !refused && l != test.want {
			t.Errorf("%+v: %+v, %v", test, l, err)
		}
	}
}

// TestLoginError: of what PostgreSQL says for each way of connecting, one line is told.
func TestLoginError(t *testing.T) {
	t.Parallel()
	at := target{kind: postgresTarget, place: "postgres://example_user:hidden@h/d"}
	first := &pgconn.PgError{Code: "28000", Message: "no entry for this host, no encryption"}
	second := &pgconn.PgError{Code: "28P01", Message: "password authentication failed"}
	err := at.loginError(fmt.Errorf("cannot connect: %w", errors.Join(fmt.Errorf("h:5432: %w", first), fmt.Errorf("h:5432: %w", second))))
	want := "postgres://example_user@h/d: PostgreSQL refuses the login: password authentication failed (28P01): see to the user in the URL, and to PGPASSWORD or ~/.pgpass"
	if err.Error() != want || exit.Code(t.Context(), err) != exit.Settings {
		t.Errorf("exit code %d: %s", exit.Code(t.Context(), err), err)
	}
	for _, other := range []error{nil, io.EOF, &pgconn.PgError{Code: "53300"}} {
		if err := at.loginError(other); !errors.Is(err, other) || err != nil && exit.Code(t.Context(), err) == exit.Settings {
			t.Errorf("%v became %v", other, err)
		}
	}
}

// TestReadable: rows that cannot be read are the copy's fault, unless the time is over.
func TestReadable(t *testing.T) {
	t.Parallel()
	broken := func(yield func(store.LeadRow, error) bool) { yield(store.LeadRow{}, io.ErrUnexpectedEOF) }
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, want := range map[context.Context]int{t.Context(): exit.CopyBroken, over: exit.Other} {
		for _, err := range marked(ctx, broken) {
			if code := exit.Code(t.Context(), fmt.Errorf("verify leads: %w", err)); code != want {
				t.Errorf("exit code %d, want %d: %v", code, want, err)
			}
		}
	}
}

// TestSync_passwordHint: commands to repeat have no password, and say so.
func TestSync_passwordHint(t *testing.T) {
	t.Parallel()
	const place, shown, hint = "postgres://example_user:hidden@h/d", "postgres://example_user@h/d", "the password is left out there: give it again, in PGPASSWORD for example"
	at := target{kind: postgresTarget, place: place}
	for to, want := range map[string]bool{place: true, "": false} { // else it is in a variable, which stays as it is
		over, cancel := context.WithCancel(t.Context())
		cancel()
		var stderr strings.Builder
		a := &console.Console{Stderr: &stderr, Args: []string{"sync", "run", "--to", to}}
		flags := &syncFlags{targetFlags: targetFlags{to: to}}
		if err := stoppedRun(over, a, flags, at, runEnd{report: &leadsync.Report{Stopped: true}}); exit.Code(over, err) != exit.Interrupted {
			t.Errorf("error %v", err)
		}
		differs := &differenceError{target: at, command: commandLine([]string{"sync", "verify", "--to", to}), hint: flags.passwordHint(at)}
		for _, told := range []string{stderr.String(), differs.Error()} {
			if strings.Contains(told, "hidden") || strings.Contains(told, "--to "+shown) != want || strings.Contains(told, hint) != want {
				t.Errorf("--to %q: %s", to, told)
			}
		}
	}
}
