package restport

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/internal/doctor"
)

// Verdict returns the error that stands for the checks of a report that have failed, or nil. Its exit code is that of the first of them.
func Verdict(r *doctor.Report) error {
	var failed []string
	for _, c := range r.Checks {
		if c.State == doctor.Fail {
			failed = append(failed, c.Name)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &failedError{failed, codeOf(r.Failed())}
}

// codeOf returns the exit code for a check that has failed.
func codeOf(c *doctor.Check) int {
	if c.Name == doctor.CheckSettings || c.Name == doctor.CheckEndpoint {
		return exit.Settings
	}
	if code := exit.CodeOf(c.Err); code != exit.Other {
		return code
	}
	return exit.Service // the way there
}

// failedError names the checks that have failed.
type failedError struct {
	names []string
	code  int
}

func (e *failedError) Error() string { return "failed: " + strings.Join(e.names, ", ") }

// ExitCode returns the code of the first of them.
func (e *failedError) ExitCode() int { return e.code }

// Verdicts counts the verdicts on operations.
func Verdicts(r *doctor.Report) string {
	counts := make(map[doctor.Verdict]int)
	for _, o := range r.Operations {
		counts[o.Verdict]++
	}
	var parts []string
	for _, v := range []doctor.Verdict{doctor.Works, doctor.WorksWithLoss, doctor.NeedsMore, doctor.Cannot, doctor.Unchecked} {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", v, counts[v]))
		}
	}
	return strings.Join(parts, ", ")
}
