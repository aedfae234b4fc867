package exit

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

func TestCode(t *testing.T) {
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
		{"success", t.Context(), nil, OK},
		{"anything", t.Context(), errors.New("x"), Other},
		{"usage", t.Context(), Usagef("x"), Usage},
		{"settings", t.Context(), Settingsf("x"), Settings},
		{"input", t.Context(), Inputf("x"), Invalid},
		{"wrapped twice and joined", t.Context(), errors.Join(errors.New("x"), fmt.Errorf("y: %w", fmt.Errorf("z: %w", Usagef("x")))), Usage},
		{"a fault inside", t.Context(), errors.Join(errors.New("x"), call(fault.New(fault.CodeLeadNotFound, ""))), NotFound},
		{"a classified fault", t.Context(), call(fault.Classify(fault.New(fault.CodeRequestLimitExceeded, ""), fault.Known{})), Limits},
		{"an unknown fault", t.Context(), call(fault.New(29999, "x")), Service},
		{"no SOAP", t.Context(), call(fault.NewStatusError(502, "text/html", 0, nil)), Service},
		{"no SOAP, too many calls", t.Context(), call(fault.NewStatusError(429, "", 0, nil)), Limits},
		{"a stream that stalls", t.Context(), operations.ErrStalled, Service},
		{"an argument", t.Context(), &operations.ArgumentError{Field: "x", Err: errors.New("y")}, Usage},
		{"a deadline", t.Context(), call(context.DeadlineExceeded), Service},
		{"canceled by somebody else", t.Context(), call(context.Canceled), Service},
		{"interrupted", canceled, call(context.Canceled), Interrupted},
		{"another error, then interrupted", canceled, call(fault.New(fault.CodeLeadNotFound, "")), NotFound},
		{"outcome unknown", t.Context(), call(&fault.UnknownOutcomeError{Op: "syncLead", Err: os.ErrDeadlineExceeded}), Unknown},
		{"interrupted, outcome unknown", canceled, call(&fault.UnknownOutcomeError{Op: "syncLead", Err: context.Canceled}), Unknown},
		{"another query", t.Context(), fmt.Errorf("x: %w", store.ErrOtherQuery), Usage},
		{"a copy in use", t.Context(), fmt.Errorf("x: %w", store.ErrInUse), CopyBusy},
		{"no database", t.Context(), call(store.ErrUnavailable), CopyBusy},
		{"a full disk", t.Context(), fmt.Errorf("x: %w", store.ErrFull), CopyBroken},
		{"read-only", t.Context(), fmt.Errorf("x: %w", store.ErrReadOnly), CopyBroken},
		{"a newer copy", t.Context(), fmt.Errorf("x: %w", store.ErrNewer), CopyBroken},
		{"a damaged copy", t.Context(), call(fmt.Errorf("x: %w", store.ErrDamaged)), CopyBroken},
		{"a database that refuses", t.Context(), fmt.Errorf("x: %w", store.ErrUnusable), CopyBroken},
		{"no such stream", t.Context(), fmt.Errorf("x: %w", store.ErrNoStream), NotFound},
		{"a refused choice", t.Context(), &leadsync.RefusedError{Err: call(fault.New(fault.CodeBadParameter, ""))}, Invalid},
		{"not a copy", t.Context(), fmt.Errorf("x: %w", store.ErrNotCopy), CopyBroken},
		{"pipe", t.Context(), fmt.Errorf("x: %w", &os.PathError{Op: "write", Err: syscall.EPIPE}), Pipe},
		{"output", t.Context(), fmt.Errorf("x: %w", os.ErrClosed), Other},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Code(test.ctx, test.err); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

// TestCode_documented takes the codes of faults from the help and compares: what it
// does not name is covered by its "the rest from 20101 on".
func TestCode_documented(t *testing.T) {
	t.Parallel()
	documented := make(map[fault.Code]int)
	exit := 0
	for line := range strings.Lines(Help) {
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
			want = Invalid
		}
		if got := Code(t.Context(), &fault.OpError{Op: "getLead", Err: fault.New(code, "")}); got != want {
			t.Errorf("%v ends with %d, the help says %d", code, got, want)
		}
	}
}
