package porttest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/fault"
)

// run runs a case, which has to pass unless it is excepted.
func (e Except) run(t *testing.T, c testCase, f Fixture) {
	t.Helper()
	faults, excepted := e[c.String()]
	if !excepted {
		c.run(t, f)
		return
	}
	for _, text := range unexpected(try(t, c, f), faults) {
		t.Error(text)
	}
}

// unexpected says what is wrong with the failures of a case that is excepted for some faults: each of these has to
// have come, and no other.
func unexpected(failures []failure, faults []fault.Code) (wrong []string) {
	if len(failures) == 0 {
		return []string{"the case passes: it need not be excepted any more"}
	}
	for _, f := range failures {
		if !slices.ContainsFunc(faults, f.is) {
			wrong = append(wrong, "it is not excepted for this: "+f.text)
		}
	}
	for _, code := range faults {
		if !slices.ContainsFunc(failures, func(f failure) bool { return f.is(code) }) {
			wrong = append(wrong, fmt.Sprintf("it does not fail with %d, which it is excepted for", code))
		}
	}
	return wrong
}

// is reports whether a fault is behind a failure; 0: whether none is.
func (f failure) is(code fault.Code) bool {
	if code == 0 {
		return len(f.causes) == 0
	}
	return slices.ContainsFunc(f.causes, func(err error) bool { return errors.Is(err, code) })
}

// trial is a test that a case runs in when it is expected to fail: it keeps what the case finds wrong, and does
// not fail itself.
type trial struct {
	testing.TB

	failures []failure
}

// failure is something that a case has found wrong, and the errors that it has found it by.
type failure struct {
	text   string
	causes []error
}

// try runs a case and returns what it has found wrong.
func try(t testing.TB, c testCase, f Fixture) []failure {
	t.Helper()
	r := &trial{TB: t}
	done := make(chan struct{})
	go func() { // of its own, since a fatal failure ends it
		defer close(done)
		c.run(r, f)
	}()
	<-done
	return r.failures
}

func (r *trial) note(text string, args []any) {
	f := failure{text: text}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			f.causes = append(f.causes, err)
		}
	}
	r.failures = append(r.failures, f)
}

func (r *trial) Error(args ...any) { r.note(fmt.Sprint(args...), args) }

func (r *trial) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...), args) }

func (r *trial) Fatal(args ...any) {
	r.note(fmt.Sprint(args...), args)
	runtime.Goexit()
}

func (r *trial) Fatalf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...), args)
	runtime.Goexit()
}
