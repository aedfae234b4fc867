// Package porttest is the conformance suite of [gen.Port]: it states what each of the 23 operations has to do,
// whoever implements them. It calls nothing but the port, so the same suite judges the simulator, a client with a
// server behind it, and a bridge to another service. That is what allows a user to test against the simulator and
// then to run against something else.
//
// A case exists where the documentation or the schema says what has to happen. Where they are silent, the suite
// accepts every answer that a program could live with; a fault, for example, may then be one of several codes.
// Otherwise it would only pin down the habits of the simulator.
//
// Every operation has cases of these kinds: what it is for (positive), what it does with nothing (empty), how it is
// read page by page (paged, if it is), and what it refuses (bad input).
//
// The package imports gen and fault.
package porttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Fixture is an implementation to be judged. It holds the data of the [Seed] that it was opened with.
type Fixture struct {
	Port gen.Port
	// Advance moves the clock of the implementation. Work that the service does after it has answered, such as an
	// import, must be finished when an hour has passed.
	Advance func(d time.Duration)
	// ShortPages says that a page may be shorter than asked for, or empty, although more
	// records follow.
	ShortPages bool
}

// kind is what a case is about.
type kind string

const (
	positive kind = "positive"
	empty    kind = "empty" // nothing is found, or nothing is asked for
	paged    kind = "paged"
	badInput kind = "bad input"
)

// testCase is one statement about an operation.
type testCase struct {
	operation string
	kind      kind
	name      string
	run       func(t testing.TB, f Fixture)
}

// String names the case.
func (c testCase) String() string { return c.operation + "/" + string(c.kind) + "/" + c.name }

// Exercise runs the suite. Each case opens a fixture of its own, so that cases can run in parallel and none sees what
// another one has written. Open registers with t what has to be cleaned up.
func Exercise(t *testing.T, open func(t *testing.T, seed Seed) Fixture) {
	t.Helper()
	ExerciseExcept(t, open, nil)
}

// Except are the cases that an implementation cannot fulfil, by operation, kind and name, with slashes between them.
// Each has the faults that are answered in place of what it states; 0 stands for an answer that lacks something.
type Except map[string][]fault.Code

// ExerciseExcept runs the suite for an implementation that cannot fulfil some cases. These have to fail, and for no
// other reason: a case that passes is none that may be excepted any more.
func ExerciseExcept(t *testing.T, open func(t *testing.T, seed Seed) Fixture, except Except) {
	t.Helper()
	named := 0
	for _, c := range cases() {
		_, excepted := except[c.String()]
		if excepted {
			named++
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			except.run(t, c, open(t, standardSeed()))
		})
	}
	if named != len(except) {
		t.Errorf("of %d exceptions %d name a case", len(except), named)
	}
	for _, op := range gen.Operations() {
		t.Run(op.Name+"/cancelled", func(t *testing.T) {
			t.Parallel()
			exerciseCancelled(t, op, open(t, standardSeed()))
		})
	}
}

// ExercisePages runs only the cases about reading page by page. It is for an implementation that returns shorter
// pages than it is asked for, as the service may, which the exact counts of the other cases would not allow. It may
// except cases, as in ExerciseExcept.
func ExercisePages(t *testing.T, open func(t *testing.T, seed Seed) Fixture, except Except) {
	t.Helper()
	for _, c := range cases() {
		if c.kind != paged {
			continue
		}
		t.Run(c.operation+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			except.run(t, c, open(t, standardSeed()))
		})
	}
}

// exerciseCancelled states what holds for every operation: a call whose context has ended returns the error of that
// context, and no answer.
func exerciseCancelled(t *testing.T, op *gen.Operation, f Fixture) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, err := op.Call(ctx, f.Port, op.NewInput())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	if err == nil && out != nil {
		t.Error("an answer although the context had ended")
	}
}

// cases returns all statements of the suite.
func cases() []testCase {
	var all []testCase
	for _, list := range [][]testCase{
		leadCases(), syncCases(), mergeCases(), activityCases(), changeCases(), listCases(), importCases(),
		campaignCases(), objectCases(), objectSyncCases(), customObjectCases(), programCases(),
	} {
		all = append(all, list...)
	}
	return all
}
