package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge"
)

// Verdict says whether an operation can be called.
type Verdict string

// Verdicts on operations.
const (
	Works         Verdict = "works"
	WorksWithLoss Verdict = "works with loss"
	NeedsMore     Verdict = "needs permission"
	Cannot        Verdict = "cannot"
	Unchecked     Verdict = "not checked"
)

// Operation is the verdict on one of the 23 operations.
type Operation struct {
	Name    string   `json:"operation"`
	Verdict Verdict  `json:"verdict"`
	Needs   []string `json:"needs"`          // permissions that the role lacks, and what for
	Loss    []string `json:"loss"`           // what differs from the SOAP API
	Why     string   `json:"why,omitempty"`  // of Cannot and Unchecked
	Calls   *int     `json:"calls"`          // of the REST API that the usual request costs; nil: not known
	Plus    string   `json:"plus,omitempty"` // what more calls are made for
}

// String is the verdict with what is needed.
func (o *Operation) String() string {
	if o.Verdict == NeedsMore {
		return string(o.Verdict) + " " + strings.Join(o.Needs, ", ")
	}
	return string(o.Verdict)
}

// operationsUnchecked is the verdict on all operations where a check has failed that all depend on.
func (e *examination) operationsUnchecked() {
	failed := e.report.Failed()
	e.report.stopped = failed
	verdict := Unchecked
	if failed.Err == ErrRemoved { //nolint:errorlint // it is ours, and bare
		verdict = Cannot
	}
	why, _, _ := strings.Cut(failed.Found, "\n")
	for _, name := range operationNames() {
		e.report.Operations = append(e.report.Operations, Operation{Name: name, Verdict: verdict, Needs: []string{}, Loss: []string{}, Why: failed.Name + ": " + why})
	}
}

// operationNames are those of all operations, in the order in which they are told.
func operationNames() []string {
	var list []string
	for _, op := range bridge.Operations() {
		list = append(list, op.Name)
	}
	return list
}

// judgeOperations says of each operation what the permissions that were found mean for it.
func (e *examination) judgeOperations() {
	for _, op := range bridge.Operations() {
		e.report.Operations = append(e.report.Operations, e.judge(&op))
	}
}

func (e *examination) judge(op *bridge.Operation) Operation {
	out := Operation{Name: op.Name, Verdict: Works, Needs: []string{}, Loss: []string{}, Calls: &op.Calls, Plus: op.Cost}
	for _, d := range op.Differences {
		out.Loss = append(out.Loss, lossOf(&d))
	}
	always := slices.ContainsFunc(op.Permissions, func(p bridge.Permission) bool { return p.For == "" })
	missing, unknown, parts := 0, []string{}, 0
	for _, p := range op.Permissions {
		state, counts := e.granted[p.Name].State, p.For == "" || !always && !p.Beside
		if counts {
			parts++
		}
		switch {
		case state == bridge.PermissionMissing:
			out.Needs = append(out.Needs, needOf(p))
			if p.For != "" {
				out.Loss = append(out.Loss, "without "+p.Name+": "+p.For)
			}
			if counts {
				missing++
			}
		case state == bridge.PermissionNotChecked && counts:
			unknown = append(unknown, p.Name)
		}
	}
	switch {
	case missing > 0 && (always || missing == parts):
		out.Verdict = NeedsMore
	case len(unknown) > 0:
		out.Verdict, out.Why = Unchecked, e.whyUnchecked(unknown)
	case len(out.Loss) > 0:
		out.Verdict = WorksWithLoss
	}
	return out
}

// whyUnchecked says why permissions are not known.
func (e *examination) whyUnchecked(permissions []string) string {
	for _, name := range permissions {
		if e.granted[name].Unknown != nil {
			return name + " is not known"
		}
	}
	return "only writes need " + strings.Join(permissions, ", ")
}

func needOf(p bridge.Permission) string {
	if p.For == "" {
		return p.Name
	}
	return fmt.Sprintf("%s (%s)", p.Name, p.For)
}

// lossOf tells a difference from the SOAP API in a line.
func lossOf(d *bridge.Difference) string {
	instead := d.Instead
	if d.Fault != 0 {
		instead = fmt.Sprintf("fault %d", int(d.Fault))
	}
	if instead == "" {
		return d.What
	}
	return d.What + ": " + instead
}
