package porttest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/fault"
)

// A case that is excepted fails as it is said to, or it is told what is wrong.
func TestExcept(t *testing.T) {
	t.Parallel()
	refusal := func(code fault.Code) error { return fmt.Errorf("getLead: %w", fault.New(code, "no")) }
	for name, test := range map[string]struct {
		run    func(t testing.TB, f Fixture)
		faults []fault.Code
		want   []string
	}{
		"as it is said": {
			func(t testing.TB, _ Fixture) {
				t.Error("id: 0, want 7")
				t.Errorf("error %v", refusal(fault.CodeLeadKeyBad))
				must(0, refusal(fault.CodeBadParameter))(t)
				t.Fatal("not come to")
			},
			[]fault.Code{0, fault.CodeLeadKeyBad, fault.CodeBadParameter}, nil,
		},
		"it passes": {func(testing.TB, Fixture) {}, []fault.Code{0}, []string{"the case passes: it need not be excepted any more"}},
		"another fault": {
			func(t testing.TB, _ Fixture) { t.Fatalf("page 1: %v", refusal(fault.CodeLeadNotFound)) }, []fault.Code{fault.CodeBadParameter},
			[]string{"it is not excepted for this: page 1: getLead: " + fault.New(fault.CodeLeadNotFound, "no").Error(), "it does not fail with 20110, which it is excepted for"},
		},
		"no fault at all": {
			func(t testing.TB, _ Fixture) { t.Error(errors.New("half")) }, []fault.Code{0},
			[]string{"it is not excepted for this: half", "it does not fail with 0, which it is excepted for"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := unexpected(try(t, testCase{run: test.run}, Fixture{}), test.faults); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
