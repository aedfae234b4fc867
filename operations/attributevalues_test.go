package operations_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
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

// The attributes of an activity and of a change go by the clock of its own time.
func TestAttributes_timeOfTheRecord(t *testing.T) {
	t.Parallel()
	list := attributes(attribute("y", "1"), attribute("x", "2013-07-09 16:44:28"), attribute("x", "soon"))
	const day, when = "2013-07-09", "2013-07-09T23:00:00"
	for offset, want := range map[string]time.Duration{"-05:00": 5 * time.Hour, "+05:45": -5*time.Hour - 45*time.Minute, "+00:00": 0, "Z": 0} {
		list.Value.Attribute[0].AttrValue = day
		port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
			switch out := out.(type) {
			case *gen.SuccessGetLeadActivity:
				out.LeadActivityList = &gen.LeadActivityList{ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: []gen.ActivityRecord{
					{ActivityDateTime: gen.DateTime(when + offset), MktPersonId: "1", ActivityAttributes: list},
				}})}
			case *gen.SuccessGetLeadChanges:
				out.Result = &gen.ResultGetLeadChanges{LeadChangeRecordList: gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: []gen.LeadChangeRecord{
					{ActivityDateTime: gen.DateTime(when + offset), MktPersonId: "1", ActivityAttributes: list},
				}})}
			}
			return nil
		})
		api := operations.New(port)
		activities, err1 := api.Activities.Page(t.Context(), operations.LeadID(1), operations.Cursor{}, nil)
		changes, err2 := api.Changes.Page(t.Context(), time.Now(), operations.Cursor{}, nil)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		for _, a := range []operations.Attributes{activities.Items[0].Attributes, changes.Items[0].Attributes} {
			clock := time.Date(2013, 7, 9, 16, 44, 28, 0, time.UTC)
			if got, err := a.Time("x", nil); err != nil || !got.Equal(clock.Add(want)) {
				t.Errorf("record at %s: got %s, %v", offset, got, err)
			}
			if got, err := a[1:2].Time("x", nil); err != nil || !got.Equal(clock.Add(want)) {
				t.Errorf("one attribute of a record at %s: got %s, %v", offset, got, err)
			}
			if got, err := a.Time("x", time.UTC); err != nil || !got.Equal(clock) {
				t.Errorf("a location that is given counts: got %s, %v", got, err)
			}
			if got, err := a.Time("y", nil); err != nil || !got.Equal(time.Date(2013, 7, 9, 0, 0, 0, 0, time.UTC).Add(want)) {
				t.Errorf("day at %s: got %s, %v", offset, got, err)
			}
			if diff := cmp.Diff(operations.Attributes{{Name: "y", Value: day}, {Name: "x", Value: "2013-07-09 16:44:28"}, {Name: "x", Value: "soon"}}, a); diff != "" {
				t.Errorf("not equal to those without a time:\n%s", diff)
			}
		}
	}
}

func TestAttribute_equal(t *testing.T) {
	t.Parallel()
	a := operations.Attribute{Name: "n", Value: "v", Type: "t"}
	for _, b := range []operations.Attribute{{Name: "x", Value: "v", Type: "t"}, {Name: "n", Value: "x", Type: "t"}, {Name: "n", Value: "v", Type: "x"}} {
		if a.Equal(b) || !a.Equal(a) {
			t.Errorf("%v and %v", a, b)
		}
	}
}
