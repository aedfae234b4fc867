package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
)

// finds reports whether errors.As finds a T in err, and that it is not nil.
func finds[T comparable](err error) bool {
	var target, none T
	return errors.As(err, &target) && target != none
}

// subject is an error and what has to be found in it however it is wrapped.
type subject struct {
	err  error
	is   []error
	as   []func(error) bool
	from bool // FromServer
}

func subjects() map[string]subject {
	asFault := finds[*fault.Fault]
	typed := func(code fault.Code) error { return fault.Classify(fault.New(code, "text"), fault.Known{}) }
	lost := &fault.UnknownOutcomeError{Op: "syncLead", Err: io.ErrUnexpectedEOF}
	return map[string]subject{
		"code": {
			err: fault.CodeLeadNotFound, is: []error{fault.CodeLeadNotFound, fault.ErrNotFound},
			as: []func(error) bool{finds[fault.Code]},
		},
		"fault": {
			err: fault.New(fault.CodeLeadNotFound, "text"), is: []error{fault.CodeLeadNotFound, fault.ErrNotFound},
			as: []func(error) bool{asFault}, from: true,
		},
		"authentication": {
			err: typed(fault.CodeAuthenticationFailed), is: []error{fault.CodeAuthenticationFailed, fault.ErrAuth},
			as: []func(error) bool{asFault, finds[*fault.AuthenticationError]}, from: true,
		},
		"quota": {
			err: typed(fault.CodeRequestLimitExceeded), is: []error{fault.CodeRequestLimitExceeded, fault.ErrQuota},
			as: []func(error) bool{asFault, finds[*fault.QuotaError]}, from: true,
		},
		"expired": {
			err: typed(fault.CodeRequestExpired), is: []error{fault.CodeRequestExpired, fault.ErrExpired},
			as: []func(error) bool{asFault, finds[*fault.ExpiredError]}, from: true,
		},
		"operation": {
			err: &fault.OpError{Op: "getLead", Attempts: 1, Err: typed(fault.CodeAccessDenied)},
			is:  []error{fault.CodeAccessDenied, fault.ErrAuth},
			as:  []func(error) bool{asFault, finds[*fault.OpError], finds[*fault.AuthenticationError]}, from: true,
		},
		"operation, cancelled": {
			err: &fault.OpError{Op: "getLead", Err: context.Canceled}, is: []error{context.Canceled},
			as: []func(error) bool{finds[*fault.OpError]},
		},
		"unknown outcome": {
			err: lost, is: []error{fault.ErrUnknownOutcome, io.ErrUnexpectedEOF},
			as: []func(error) bool{finds[*fault.UnknownOutcomeError]},
		},
		"unknown outcome of an operation": {
			err: &fault.OpError{Op: "syncLead", Err: lost}, is: []error{fault.ErrUnknownOutcome, io.ErrUnexpectedEOF},
			as: []func(error) bool{finds[*fault.OpError], finds[*fault.UnknownOutcomeError]},
		},
		"status": {
			err: fault.NewStatusError(503, "text/html", 0, []byte("busy")), is: []error{fault.ErrServer},
			as: []func(error) bool{finds[*fault.StatusError]},
		},
		"decode": {
			err: fault.NewDecodeError([]byte("<a"), 2, io.ErrUnexpectedEOF), is: []error{io.ErrUnexpectedEOF},
			as: []func(error) bool{finds[*fault.DecodeError]},
		},
		"record": {
			err: &fault.SyncError{Index: 1, Reason: "text"}, as: []func(error) bool{finds[*fault.SyncError]}, from: true,
		},
	}
}

// Every way in which a program may pass an error on.
var wrappings = map[string]func(error) error{
	"plain":            func(err error) error { return err },
	"wrapped":          func(err error) error { return fmt.Errorf("here: %w", err) },
	"doubly wrapped":   func(err error) error { return fmt.Errorf("there: %w", fmt.Errorf("here: %w", err)) },
	"joined as first":  func(err error) error { return errors.Join(err, errors.New("other")) },
	"joined as second": func(err error) error { return errors.Join(errors.New("other"), err) },
	"second of two %w": func(err error) error { return fmt.Errorf("%w and %w", errors.New("other"), err) },
	"wrapped, joined, wrapped": func(err error) error {
		return fmt.Errorf("a: %w", errors.Join(errors.New("other"), fmt.Errorf("b: %w", err)))
	},
	"in an operation":       func(err error) error { return &fault.OpError{Op: "getLead", Attempts: 2, Err: err} },
	"in an unknown outcome": func(err error) error { return &fault.UnknownOutcomeError{Op: "syncLead", Err: err} },
	"in a decode error":     func(err error) error { return fault.NewDecodeError(nil, 0, err) },
}

func TestErrors_foundHoweverWrapped(t *testing.T) {
	t.Parallel()
	for name, s := range subjects() {
		for how, wrap := range wrappings {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				err := wrap(s.err)
				for _, target := range s.is {
					if !errors.Is(err, target) {
						t.Errorf("errors.Is does not find %v", target)
					}
				}
				for i, found := range s.as {
					if !found(err) {
						t.Errorf("errors.As does not find type %d", i)
					}
				}
				if got := fault.FromServer(err); got != s.from {
					t.Errorf("FromServer is %v", got)
				}
			})
		}
	}
}

// Wrapping changes no decision, but for an unknown outcome, which may forbid a retry.
func TestRetryable_sameHoweverWrapped(t *testing.T) {
	t.Parallel()
	for name, s := range subjects() {
		for how, wrap := range wrappings {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				for safety := fault.Unknown; safety <= fault.NotIdempotent; safety++ {
					after, ok := fault.Retryable(s.err, safety)
					if how == "in an unknown outcome" && !safety.Repeatable() {
						after, ok = 0, false
					}
					if gotAfter, got := fault.Retryable(wrap(s.err), safety); got != ok || gotAfter != after {
						t.Errorf("%v: %v after %v, want %v after %v", safety, got, gotAfter, ok, after)
					}
				}
			})
		}
	}
}

func TestOpError_Error(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.CodeLeadNotFound, "No lead found with IDNUM = 7")
	tests := []struct {
		err  error
		want string
	}{
		{
			&fault.OpError{Op: "getLeadActivity", Attempts: 1, Err: f},
			"getLeadActivity: 20103: No lead found with IDNUM = 7; check the type and the value of the lead key",
		},
		{&fault.OpError{Op: "getLead", Attempts: 3, Err: io.EOF}, "getLead: EOF (after 3 attempts)"},
		{&fault.OpError{Op: "getLead", Err: context.Canceled}, "getLead: context canceled"},
		{&fault.OpError{Op: "getLead"}, "getLead: no cause given"},
		{
			&fault.UnknownOutcomeError{Op: "syncLead", Err: io.ErrUnexpectedEOF},
			"the service may or may not have carried out syncLead, look before repeating it: unexpected EOF",
		},
		{&fault.SyncError{Index: 2, LeadID: 318815, Reason: "Lead\nskipped"}, "records[2] (lead 318815) was not taken: Lead skipped"},
		{&fault.SyncError{}, "records[0] was not taken: the service gave no reason"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
	if long := (&fault.SyncError{Reason: strings.Repeat("a ", 5000)}).Error(); len(long) > 600 {
		t.Errorf("%d bytes", len(long))
	}
}
