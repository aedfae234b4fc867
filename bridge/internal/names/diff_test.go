package names_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	old, now := learnedFile(), learnedFile()
	now.Taken = now.Taken.Add(time.Hour)
	if changes := names.Diff(old, now); len(changes) > 0 {
		t.Errorf("nothing has changed but %v", changes)
	}
	field := func(rest string) *names.Field {
		return &now.Fields[slices.IndexFunc(now.Fields, func(f names.Field) bool { return f.REST == rest })]
	}
	kind := func(id int64) *names.ActivityType {
		return &now.ActivityTypes[slices.IndexFunc(now.ActivityTypes, func(t names.ActivityType) bool { return t.ID == id })]
	}
	field("leadScore").DataType = "integer"
	field("leadScore").Label = "Score"
	field("firstName").REST = "givenName" // found by its id
	field("shoe_Size").SOAP, field("shoe_Size").Guessed, field("shoe_Size").SOAPReadOnly = "ShoeSize", true, true
	field("onlyInRest").SOAP = "OnlyInRest"
	field("onlyInRest").Length = 7
	*field("email") = names.Field{REST: "telex", Label: "Telex"}
	kind(1).Name = "Visit Web Page"
	kind(1).Attributes = append(slices.Clone(kind(1).Attributes[:1]), names.Attribute{Name: "Search Engine", DataType: "string"})
	primary := *kind(9).Primary
	primary.DataType = "integer" // in another letter case: the same
	kind(9).Primary = &primary
	kind(13).Primary = nil
	kind(105).Enum = ""
	kind(100_001).Attributes = []names.Attribute{{Name: "Places", APIName: "seats", DataType: "float", SOAP: "Seats"}}
	kind(155).ID = 156
	slices.Reverse(now.Fields)
	slices.Reverse(now.ActivityTypes)

	var text strings.Builder
	for _, c := range names.Diff(old, now) {
		text.WriteString(c.String() + "\n")
	}
	golden(t, "diff.txt", text.String())

	var back []string
	for _, c := range names.Diff(now, old) {
		back = append(back, c.String())
	}
	if len(back) != strings.Count(text.String(), "\n") {
		t.Errorf("in the other direction: %q", back)
	}
}

func TestDiff_records(t *testing.T) {
	t.Parallel()
	old := &names.File{Fields: []names.Field{{SOAP: "A", REST: "a", DataType: "string"}, {SOAP: "C", REST: "c"}}}
	now := &names.File{Fields: []names.Field{{SOAP: "A", REST: "a", DataType: "text"}, {SOAP: "B", REST: "b"}}}
	want := []names.Change{
		{Object: names.ObjectField, Name: "A", Change: names.Changed, Part: "data type", Old: "string", New: "text"},
		{Object: names.ObjectField, Name: "B", Change: names.Added, New: "in the REST API b"},
		{Object: names.ObjectField, Name: "C", Change: names.Removed, Old: "in the REST API c"},
	}
	if diff := cmp.Diff(want, names.Diff(old, now)); diff != "" {
		t.Error(diff)
	}
}
