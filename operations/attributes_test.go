package operations_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func TestAttributes(t *testing.T) {
	t.Parallel()
	a := operations.Attributes{
		{Name: "Tag", Value: "first"},
		{Name: "Old Value", Value: ""},
		{Name: "Tag", Value: "second"},
		{Name: "tag", Value: "other"},
	}
	tests := []struct {
		name  string
		value string
		ok    bool
		all   []string
	}{
		{"Tag", "first", true, []string{"first", "second"}},
		{"tag", "other", true, []string{"other"}},
		{"Old Value", "", true, []string{""}},
		{"TAG", "", false, nil},
		{"", "", false, nil},
	}
	for _, tt := range tests {
		if value, ok := a.Get(tt.name); value != tt.value || ok != tt.ok {
			t.Errorf("Get(%q) = %q, %t", tt.name, value, ok)
		}
		if diff := cmp.Diff(tt.all, a.All(tt.name)); diff != "" {
			t.Errorf("All(%q): %s", tt.name, diff)
		}
	}
	want := map[string]string{"Tag": "first", "Old Value": "", "tag": "other"}
	if diff := cmp.Diff(want, a.Map()); diff != "" {
		t.Errorf("Map: %s", diff)
	}
}

func TestAttributes_nil(t *testing.T) {
	t.Parallel()
	var a operations.Attributes
	_, ok := a.Get("Tag")
	if m := a.Map(); ok || a.All("Tag") != nil || m == nil || len(m) != 0 {
		t.Errorf("got %t, %v", ok, m)
	}
}

// The records of a page share one array, and must not feel it.
func TestActivities_appendToAttributesOfOneRecord(t *testing.T) {
	t.Parallel()
	record := func(name string) gen.ActivityRecord {
		return gen.ActivityRecord{
			ActivityDateTime:   "2015-09-04T16:07:16-05:00",
			MktPersonId:        "318815",
			ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: name}}}),
		}
	}
	list := &gen.LeadActivityList{ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{
		ActivityRecord: []gen.ActivityRecord{record("a"), {ActivityDateTime: "2015-09-04T16:07:16Z", MktPersonId: "1"}, record("b")},
	})}
	page, err := operations.New(answers(list)).Activities.Page(t.Context(), key, operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(page.Items[0].Attributes, operations.Attribute{Name: "c"})
	if page.Items[2].Attributes[0].Name != "b" || page.Items[1].Attributes != nil {
		t.Errorf("got %v", page.Items)
	}
}
