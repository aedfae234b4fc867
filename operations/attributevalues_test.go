package operations_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/operations"
)

// get is a typed access to the attribute named x.
func get(kind string, a operations.Attributes, loc *time.Location) (any, error) {
	switch kind {
	case "string":
		return a.String("x")
	case "int":
		return a.Int("x")
	case "float":
		return a.Float("x")
	case "bool":
		return a.Bool("x")
	case "date":
		return a.Date("x")
	}
	return a.Time("x", loc)
}

func TestAttributes_typed(t *testing.T) {
	t.Parallel()
	central := time.FixedZone("", -5*3600)
	tests := []struct {
		kind, value string
		want        any // nil: an error
	}{
		{"string", "", ""},
		{"string", " a ", " a "},
		{"int", "12", int64(12)},
		{"int", " -9223372036854775808\n", int64(-9223372036854775808)},
		{"int", "", nil},
		{"int", "1.0", nil},
		{"int", "0x10", nil},
		{"int", "1_000", nil},
		{"int", "9223372036854775808", nil},
		{"float", "1000.50", 1000.5},
		{"float", "-1e3", -1000.0},
		{"float", "", nil},
		{"float", "NaN", nil},
		{"float", "inf", nil},
		{"float", "1,5", nil},
		{"bool", "true", true},
		{"bool", "1", true},
		{"bool", "False", false},
		{"bool", "0", false},
		{"bool", "", nil},
		{"bool", "yes", nil},
		{"time", "2013-07-09 16:44:28", time.Date(2013, 7, 9, 16, 44, 28, 0, central)},
		{"time", "2015-09-04", time.Date(2015, 9, 4, 0, 0, 0, 0, central)},
		{"time", "2015-09-04T16:07:16", time.Date(2015, 9, 4, 16, 7, 16, 0, central)},
		{"time", "2015-09-04T16:07:16Z", time.Date(2015, 9, 4, 16, 7, 16, 0, time.UTC)},
		{"time", "2015-09-04T16:07:16+02:00", time.Date(2015, 9, 4, 14, 7, 16, 0, time.UTC)},
		{"time", "2015-02-30", nil},
		{"time", "", nil},
		{"date", "2015-09-04", time.Date(2015, 9, 4, 0, 0, 0, 0, time.UTC)},
		{"date", "2013-07-09 16:44:28", nil},
		{"date", "04/09/2015", nil},
		{"date", "", nil},
	}
	for _, tt := range tests {
		got, err := get(tt.kind, operations.Attributes{{Name: "y"}, {Name: "x", Value: tt.value}, {Name: "x", Value: "second"}}, central)
		if tt.want == nil {
			var bad *operations.AttributeError
			if !errors.As(err, &bad) || bad.Name != "x" || bad.Value != tt.value || errors.Is(err, operations.ErrNoAttribute) {
				t.Errorf("%s of %q: got %v, error %v", tt.kind, tt.value, got, err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s of %q: error %v, -want +got:\n%s", tt.kind, tt.value, err, diff)
		}
	}
}

func TestAttributes_typedOfNone(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"string", "int", "float", "bool", "time", "date"} {
		_, err := get(kind, operations.Attributes{{Name: "X", Value: "1"}}, nil)
		if !errors.Is(err, operations.ErrNoAttribute) || err.Error() != `attribute "x": the record has no such attribute` {
			t.Errorf("%s: error %v", kind, err)
		}
	}
}

func TestAttributes_timeWithoutALocation(t *testing.T) {
	t.Parallel()
	got, err := operations.Attributes{{Name: "x", Value: "2013-07-09 16:44:28"}}.Time("x", nil)
	if want := time.Date(2013, 7, 9, 16, 44, 28, 0, time.UTC); err != nil || !got.Equal(want) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = operations.Attributes{{Name: "x", Value: "soon"}}.Time("x", nil)
	if want := `attribute "x" is "soon": expected a time such as 2013-07-09 16:44:28`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
