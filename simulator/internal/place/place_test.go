package place

import (
	"errors"
	"testing"
)

// A place lies in another one; an index has no dot before it.
func TestIn(t *testing.T) {
	t.Parallel()
	cause := errors.New("it is empty")
	for _, test := range []struct {
		err  error
		want string
	}{
		{In(cause, "leads[%d]", 3), "leads[3]: it is empty"},
		{In(Wrong("type", "it is empty"), "leads[%d].keys[%d]", 3, 0), "leads[3].keys[0].type: it is empty"},
		{In(In(cause, "[%d]", 1), "activities"), "activities[1]: it is empty"},
		{In(cause, "fields.100%"), "fields.100%: it is empty"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
	if !errors.Is(In(In(cause, "a"), "b"), cause) {
		t.Error("the cause is lost")
	}
	if err := In(nil, "a"); err != nil {
		t.Errorf("%v in place of nothing", err)
	}
}
