package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	call := func(err error) error { return &fault.OpError{Op: "syncLead", Attempts: 1, Err: err} }
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"success", t.Context(), nil, exitOK},
		{"anything", t.Context(), errors.New("x"), exitOther},
		{"usage", t.Context(), usagef("x"), exitUsage},
		{"settings", t.Context(), settingsf("x"), exitSettings},
		{"input", t.Context(), inputf("x"), exitInvalid},
		{"wrapped twice and joined", t.Context(), errors.Join(errors.New("x"), fmt.Errorf("y: %w", fmt.Errorf("z: %w", usagef("x")))), exitUsage},
		{"a fault inside", t.Context(), errors.Join(errors.New("x"), call(fault.New(fault.CodeLeadNotFound, ""))), exitNotFound},
		{"a classified fault", t.Context(), call(fault.Classify(fault.New(fault.CodeRequestLimitExceeded, ""), fault.Known{})), exitLimits},
		{"an unknown fault", t.Context(), call(fault.New(29999, "x")), exitService},
		{"no SOAP", t.Context(), call(fault.NewStatusError(502, "text/html", 0, nil)), exitService},
		{"no SOAP, too many calls", t.Context(), call(fault.NewStatusError(429, "", 0, nil)), exitLimits},
		{"a stream that stalls", t.Context(), operations.ErrStalled, exitService},
		{"an argument", t.Context(), &operations.ArgumentError{Field: "x", Err: errors.New("y")}, exitUsage},
		{"a deadline", t.Context(), call(context.DeadlineExceeded), exitService},
		{"canceled by somebody else", t.Context(), call(context.Canceled), exitService},
		{"interrupted", canceled, call(context.Canceled), exitInterrupted},
		{"another error, then interrupted", canceled, call(fault.New(fault.CodeLeadNotFound, "")), exitNotFound},
		{"outcome unknown", t.Context(), call(&fault.UnknownOutcomeError{Op: "syncLead", Err: os.ErrDeadlineExceeded}), exitUnknown},
		{"interrupted, outcome unknown", canceled, call(&fault.UnknownOutcomeError{Op: "syncLead", Err: context.Canceled}), exitUnknown},
		{"a copy that differs", t.Context(), &differenceError{}, exitDiffers},
		{"no copy", t.Context(), noCopyError{}, exitNotFound},
		{"another query", t.Context(), fmt.Errorf("x: %w", store.ErrOtherQuery), exitUsage},
		{"a copy in use", t.Context(), fmt.Errorf("x: %w", store.ErrInUse), exitCopyBusy},
		{"no database", t.Context(), call(store.ErrUnavailable), exitCopyBusy},
		{"a full disk", t.Context(), fmt.Errorf("x: %w", store.ErrFull), exitCopyBroken},
		{"read-only", t.Context(), fmt.Errorf("x: %w", store.ErrReadOnly), exitCopyBroken},
		{"a newer copy", t.Context(), fmt.Errorf("x: %w", store.ErrNewer), exitCopyBroken},
		{"a damaged copy", t.Context(), call(fmt.Errorf("x: %w", store.ErrDamaged)), exitCopyBroken},
		{"a database that refuses", t.Context(), fmt.Errorf("x: %w", store.ErrUnusable), exitCopyBroken},
		{"no such stream", t.Context(), fmt.Errorf("x: %w", store.ErrNoStream), exitNotFound},
		{"a refused choice", t.Context(), &leadsync.RefusedError{Err: call(fault.New(fault.CodeBadParameter, ""))}, exitInvalid},
		{"not a copy", t.Context(), fmt.Errorf("x: %w", store.ErrNotCopy), exitCopyBroken},
		{"pipe", t.Context(), outputError(&os.PathError{Op: "write", Err: syscall.EPIPE}), exitPipe},
		{"output", t.Context(), outputError(os.ErrClosed), exitOther},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := exitCode(test.ctx, test.err); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

// TestExitCode_documented takes the codes of faults from the help and compares: what it
// does not name is covered by its "the rest from 20101 on".
func TestExitCode_documented(t *testing.T) {
	t.Parallel()
	documented := make(map[fault.Code]int)
	exit := 0
	for line := range strings.Lines(exitCodesHelp) {
		fields := strings.Fields(line)
		if len(fields) > 0 && len(line)-len(strings.TrimLeft(line, " ")) < 7 {
			exit, _ = strconv.Atoi(fields[0])
		}
		for _, field := range fields {
			if code, err := strconv.Atoi(strings.Trim(field, ",:()")); err == nil && code > 10000 {
				documented[fault.Code(code)] = exit
			}
		}
	}
	for _, code := range fault.Codes() {
		want, named := documented[code]
		if !named && code > fault.CodeLeadKeyRequired {
			want = exitInvalid
		}
		if got := exitCode(t.Context(), &fault.OpError{Op: "getLead", Err: fault.New(code, "")}); got != want {
			t.Errorf("%v ends with %d, the help says %d", code, got, want)
		}
	}
}
