package names_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

// readBack writes a file and reads it again, as it has to be one.
func readBack(t *testing.T, f *names.File) *names.File {
	t.Helper()
	again, err := names.Parse(f.Format())
	if err != nil {
		t.Fatalf("%s cannot be read back: %v", f.Format(), err)
	}
	return again
}

// soapNames are the SOAP names of the fields that are there, by REST name.
func soapNames(f *names.File) map[string]string {
	list := make(map[string]string)
	for _, field := range f.Fields {
		if !field.Gone {
			list[field.REST] = field.SOAP
		}
	}
	return list
}

// Learning destroys nothing that cannot be had again: when the instance tells no SOAP names any more, the
// old file's stay, and are still there to be learned from the time after.
func TestFile_Keeping_untold(t *testing.T) {
	t.Parallel()
	old := learn(t, newService())
	after := newService()
	after.fields = withoutSOAP()
	after.fields = append(after.fields, names.Field{REST: "newOne", ID: 9999, DataType: "string"})
	now := learn(t, after)
	if !old.TellsSOAP() || now.TellsSOAP() {
		t.Fatalf("told before: %t, after: %t", old.TellsSOAP(), now.TellsSOAP())
	}
	want := soapNames(old)
	want["newOne"] = "NewOne"
	kept := old
	for range 3 {
		kept = readBack(t, now.Keeping(kept))
		if diff := cmp.Diff(want, soapNames(kept)); diff != "" {
			t.Fatal(diff)
		}
		if kept.Guessed() != 1 {
			t.Errorf("%d names are guessed, want that of the new field alone", kept.Guessed())
		}
	}
	changes := names.Diff(old, now.Filled(old))
	if len(changes) != 1 || changes[0].Name != "NewOne" {
		t.Errorf("%v", changes)
	}
}

// What the instance does not describe for a while is kept, counts as absent, and comes back as it was.
func TestFile_Keeping_gone(t *testing.T) {
	t.Parallel()
	hand, err := names.Parse([]byte(`{"version": 1, "fields": [{"soap": "Vorname", "rest": "firstName"}, {"soap": "Old", "rest": "old"}],
		"activityTypes": [{"id": 1, "soap": "Visit", "primaryAttribute": {"name": "Webpage ID", "soap": "Page"}, "attributes": [{"name": "Webpage URL", "soap": "URL"}]}, {"id": 777, "soap": "Odd"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	before := readBack(t, learn(t, newService()).Keeping(hand))
	broken := newService() // what a fault of the service could tell
	broken.fields, broken.types = slices.Clone(broken.fields[:1]), slices.Clone(broken.types[:1])
	broken.types[0].Primary, broken.types[0].Attributes = nil, nil
	during := readBack(t, learn(t, broken).Keeping(before))
	if live := soapNames(during); len(live) != 1 {
		t.Errorf("%v", live)
	}
	if changes := names.Diff(during, learn(t, broken).Filled(during)); len(changes) > 0 {
		t.Errorf("what is known to be gone differs: %v", changes)
	}
	n := newNames(t, names.Config{Source: &service{err: errDown}, File: during})
	if f, err := n.Fields(t.Context()); err != nil || len(f.All()) != 1 {
		t.Errorf("the bridge begins with %v, %v", f.All(), err)
	}
	after := readBack(t, learn(t, newService()).Keeping(during))
	if changes := names.Diff(before, after); len(changes) > 0 {
		t.Errorf("%v", changes)
	}
	for _, want := range []string{`"Vorname"`, `"Old"`, `"Visit"`, `"Page"`, `"URL"`, `"Odd"`} {
		if !strings.Contains(string(after.Format()), want) {
			t.Errorf("%s is lost", want)
		}
	}
}

// A name that the file gives to a field is its, also where the instance calls another one so.
func TestFile_Keeping_claimed(t *testing.T) {
	t.Parallel()
	s := &service{fields: []names.Field{{SOAP: "Boat", REST: "boat"}, {SOAP: "Ship", REST: "ship"}}, types: describedTypes()}
	old := &names.File{Version: names.FileVersion, Fields: []names.Field{{SOAP: "Boat", REST: "ship"}}}
	got := readBack(t, learn(t, s).Keeping(old))
	if diff := cmp.Diff(map[string]string{"boat": "", "ship": "Boat"}, soapNames(got)); diff != "" {
		t.Error(diff)
	}
	var told []string
	for _, c := range names.Diff(got, learn(t, s).Filled(got)) {
		told = append(told, c.String())
	}
	want := []string{`The SOAP name of the field "Boat" is now "Ship"; it was "Boat".`, `The SOAP name of the field "boat" is now "Boat"; there was none.`}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}
