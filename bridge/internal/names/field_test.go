package names_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

// described are fields as Describe Lead tells them.
func described() []names.Field {
	return []names.Field{
		{ID: 51, SOAP: "Email", REST: "email", Label: "Email Address", DataType: "email", Length: 255},
		{ID: 48, SOAP: "FirstName", REST: "firstName", Label: "First Name", DataType: "string", Length: 255},
		{ID: 146, SOAP: "LeadScore", REST: "leadScore", Label: "Lead Score", DataType: "score"},
		{ID: 60, SOAP: "DateofBirth", REST: "dateOfBirth", Label: "Date of Birth", DataType: "date"},
		{ID: 700, SOAP: "shoe_Size", REST: "shoe_Size", Label: "Shoe Size", DataType: "integer"},
		{ID: 701, REST: "onlyInRest", Label: "Only In REST", DataType: "boolean"},
	}
}

// withoutSOAP are the same when Describe Lead tells no SOAP names.
func withoutSOAP() []names.Field {
	list := described()
	for i := range list {
		list[i].SOAP = ""
	}
	return list
}

func pairsOf(t *names.Fields) map[string]string {
	pairs := make(map[string]string)
	for _, f := range t.All() {
		pairs[f.REST] = f.SOAP
	}
	return pairs
}

func TestFields(t *testing.T) {
	t.Parallel()
	told := map[string]string{
		"email": "Email", "firstName": "FirstName", "leadScore": "LeadScore", "dateOfBirth": "DateofBirth", "shoe_Size": "shoe_Size", "onlyInRest": "",
	}
	with := func(rest, soap string) map[string]string {
		pairs := map[string]string{rest: soap}
		for k, v := range told {
			if k != rest {
				pairs[k] = v
			}
		}
		return pairs
	}
	learned := names.NewFields(described(), nil).All()
	renamed := described()
	renamed[1].REST = "givenName"
	renamed[1].SOAP = ""
	fewer := described()[:3]
	more := append(withoutSOAP(), names.Field{ID: 900, REST: "newField"}, names.Field{ID: 901, REST: "new_One"})
	for _, test := range []struct {
		name           string
		described, own []names.Field
		want           map[string]string
		guessed        bool
	}{
		{"told", described(), nil, told, false},
		{"a file that agrees", described(), learned, told, false},
		{"not told, a file", withoutSOAP(), learned, told, false},
		{"not told, no file", withoutSOAP(), nil, with("onlyInRest", "OnlyInRest"), true},
		{"a file in place of what is told", described(), []names.Field{{SOAP: "Vorname", REST: "firstName"}}, with("firstName", "Vorname"), false},
		{"a file by id", described(), []names.Field{{SOAP: "Vorname", ID: 48}}, with("firstName", "Vorname"), false},
		{"a REST name has changed", renamed, learned, map[string]string{
			"email": "Email", "givenName": "FirstName", "leadScore": "LeadScore", "dateOfBirth": "DateofBirth", "shoe_Size": "shoe_Size", "onlyInRest": "",
		}, false},
		{"a field is gone", fewer, learned, map[string]string{"email": "Email", "firstName": "FirstName", "leadScore": "LeadScore"}, false},
		{"a field that the file does not know", more, learned, map[string]string{
			"email": "Email", "firstName": "FirstName", "leadScore": "LeadScore", "dateOfBirth": "DateofBirth", "shoe_Size": "shoe_Size", "onlyInRest": "",
			"newField": "NewField", "new_One": "new_One",
		}, true},
		{"what was guessed once gives way", described(), []names.Field{{SOAP: "Firstname", REST: "firstName", Guessed: true}}, told, false},
		{"and stays where nothing is told", withoutSOAP(), append([]names.Field{{SOAP: "Fore", REST: "firstName", Guessed: true}}, learned[0], learned[1], learned[3], learned[4]), map[string]string{
			"email": "Email", "firstName": "Fore", "leadScore": "LeadScore", "dateOfBirth": "DateofBirth", "shoe_Size": "shoe_Size", "onlyInRest": "OnlyInRest",
		}, true},
		{"a guess takes no name", withoutSOAP(), []names.Field{{SOAP: "Email", REST: "firstName"}}, map[string]string{
			"email": "", "firstName": "Email", "leadScore": "LeadScore", "dateOfBirth": "DateofBirth", "shoe_Size": "shoe_Size", "onlyInRest": "OnlyInRest",
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fields := names.NewFields(test.described, test.own)
			if diff := cmp.Diff(test.want, pairsOf(fields)); diff != "" {
				t.Error(diff)
			}
			if fields.Guessed() != test.guessed {
				t.Errorf("guessed: %t", fields.Guessed())
			}
		})
	}
}

func TestFields_find(t *testing.T) {
	t.Parallel()
	told, guessed := names.NewFields(described(), nil), names.NewFields(withoutSOAP(), nil)
	for _, test := range []struct {
		name     string
		find     func(string) (names.Field, bool)
		asked    string
		wantREST string // empty: not found
		wantSOAP string
	}{
		{"SOAP name", told.BySOAP, "FirstName", "firstName", "FirstName"},
		{"letter case counts where names are told", told.BySOAP, "firstname", "", ""},
		{"not one of the SOAP API", told.BySOAP, "OnlyInRest", "", ""},
		{"nor by its REST name", told.BySOAP, "onlyInRest", "", ""},
		{"empty", told.BySOAP, "", "", ""},
		{"guessed", guessed.BySOAP, "FirstName", "firstName", "FirstName"},
		{"guessed, irregular", guessed.BySOAP, "DateofBirth", "dateOfBirth", "DateofBirth"},
		{"guessed, in another letter case", guessed.BySOAP, "FIRSTNAME", "firstName", "FirstName"},
		{"guessed, without the underscore", guessed.BySOAP, "ShoeSize", "shoe_Size", "shoe_Size"},
		{"guessed, by the label", guessed.BySOAP, "EmailAddress", "email", "Email"},
		{"guessed, nothing like it", guessed.BySOAP, "Nothing", "", ""},
		{"REST name", told.ByREST, "onlyInRest", "onlyInRest", ""},
		{"unknown REST name", told.ByREST, "OnlyInRest", "", ""},
		{"heading: label", told.ByHeading, "first name", "firstName", "FirstName"},
		{"heading: SOAP name", told.ByHeading, "Email", "email", "Email"},
		{"heading: REST name", told.ByHeading, "dateOfBirth", "dateOfBirth", "DateofBirth"},
		{"heading: unknown", told.ByHeading, "Hat Size", "", ""},
	} {
		f, ok := test.find(test.asked)
		if f.REST != test.wantREST || f.SOAP != test.wantSOAP || ok != (test.wantREST != "") {
			t.Errorf("%s: %q is %+v, %t", test.name, test.asked, f, ok)
		}
	}
}

// A name that could mean two guessed fields means neither.
func TestFields_ambiguous(t *testing.T) {
	t.Parallel()
	fields := names.NewFields([]names.Field{{REST: "hatSize"}, {REST: "hat_Size"}, {REST: "shoeSize"}}, nil)
	for asked, want := range map[string]string{"HatSize": "hatSize", "hat_Size": "hat_Size", "HATSIZE": "", "SHOESIZE": "shoeSize"} {
		if f, _ := fields.BySOAP(asked); f.REST != want {
			t.Errorf("%s is %+v, want %s", asked, f, want)
		}
	}
}

func TestFields_order(t *testing.T) {
	t.Parallel()
	forward := names.NewFields(described(), nil).All()
	list := described()
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	if diff := cmp.Diff(forward, names.NewFields(list, nil).All()); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, f := range forward {
		got = append(got, f.SOAP)
	}
	if diff := cmp.Diff([]string{"DateofBirth", "Email", "FirstName", "LeadScore", "shoe_Size", ""}, got); diff != "" {
		t.Error(diff)
	}
}

func TestField_SOAPType(t *testing.T) {
	t.Parallel()
	for dataType, want := range map[string]string{"score": "integer", "Score": "integer", "string": "string", "datetime": "datetime", "": ""} {
		if got := (names.Field{DataType: dataType}).SOAPType(); got != want {
			t.Errorf("%s: %s", dataType, got)
		}
	}
}

// Two fields to which a description gives one SOAP name: the first of them has it.
func TestFields_sameName(t *testing.T) {
	t.Parallel()
	fields := names.NewFields([]names.Field{{SOAP: "A", REST: "b"}, {SOAP: "A", REST: "a"}, {}, {SOAP: "C", REST: "a"}}, nil)
	if f, _ := fields.BySOAP("A"); f.REST != "a" {
		t.Errorf("%+v", f)
	}
	if f, ok := fields.ByREST("b"); !ok || f.SOAP != "" {
		t.Errorf("%+v, %t", f, ok)
	}
}

// What nothing identifies is passed over, and what has no name gets none.
func TestFields_withoutNames(t *testing.T) {
	t.Parallel()
	fields := names.NewFields([]names.Field{{}, {ID: 7}, {Label: "Hat"}, {REST: "hatSize"}, {REST: "ñandú"}, {REST: "\xff"}, {ID: 8, REST: "hatSize"}}, nil)
	var got []string
	for _, f := range fields.All() {
		got = append(got, f.SOAP)
	}
	if diff := cmp.Diff([]string{"HatSize", "Ñandú", "\uFFFD", ""}, got); diff != "" {
		t.Error(diff)
	}
	for _, f := range fields.All() {
		if f.Guessed != (f.SOAP != "") {
			t.Errorf("%+v", f)
		}
	}
}

// Where the SOAP API does not say any more what it lets write, the file does, and the REST API.
func TestFields_readOnly(t *testing.T) {
	t.Parallel()
	own := []names.Field{{SOAP: "A", REST: "a", SOAPReadOnly: true}, {SOAP: "B", REST: "b"}, {SOAP: "C", REST: "c", SOAPReadOnly: true}}
	for name, test := range map[string]struct {
		described []names.Field
		own       []names.Field
		want      map[string]bool
	}{
		"told":     {[]names.Field{{SOAP: "A", REST: "a"}, {SOAP: "B", REST: "b", SOAPReadOnly: true}, {SOAP: "C", REST: "c", RESTReadOnly: true}}, own, map[string]bool{"A": false, "B": true, "C": false}},
		"not told": {[]names.Field{{REST: "a"}, {REST: "b", RESTReadOnly: true}, {REST: "c", RESTReadOnly: true}}, own, map[string]bool{"A": true, "B": true, "C": true}},
		"guessed":  {[]names.Field{{REST: "a"}, {REST: "b", RESTReadOnly: true}}, nil, map[string]bool{"A": false, "B": true}},
	} {
		got := make(map[string]bool)
		for _, f := range names.NewFields(test.described, test.own).All() {
			got[f.SOAP] = f.SOAPReadOnly
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
