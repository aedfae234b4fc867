package operations_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

// schemaValues returns the values of an enumeration of package gen, in its order.
func schemaValues(t *testing.T, enum string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../gen/types_gen.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if name, isName := typeName(spec, ok); !isName || name != enum {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	if len(values) == 0 {
		t.Fatalf("package gen has no enumeration %s", enum)
	}
	return values
}

func typeName(spec *ast.ValueSpec, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	id, ok := spec.Type.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

// The list is that of the schema, neither more nor less.
func TestActivityTypes_areThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	var got []string
	for _, v := range operations.ActivityTypes() {
		got = append(got, string(v))
		if !v.Valid() {
			t.Errorf("%s is not valid", v)
		}
	}
	if diff := cmp.Diff(schemaValues(t, "ActivityType"), got); diff != "" {
		t.Errorf("-schema +got:\n%s", diff)
	}
	if v := operations.ActivityType("newlead"); v.Valid() {
		t.Errorf("%s is valid", v)
	}
}

func TestActivityTypes_isACopy(t *testing.T) {
	t.Parallel()
	operations.ActivityTypes()[0] = "spoilt"
	if got := operations.ActivityTypes()[0]; got != operations.ActivityVisitWebpage {
		t.Errorf("the first type is %s", got)
	}
}

func TestActivityType_name(t *testing.T) {
	t.Parallel()
	tests := map[operations.ActivityType]string{
		operations.ActivityVisitWebpage:                "Visit Webpage",
		operations.ActivityNewSFDCOpportunity:          "New SFDC Opportunity",
		operations.ActivityPushLeadToSales:             "Sync Lead to SFDC",
		operations.ActivityAssocWithOpportunityInSales: "Add to Opportunity",
		operations.ActivitySFDCActivityUpdated:         "SFDC Activity Updated",
		operations.ActivityEnrichWithDatacom:           "Enrich with Data.com",
		operations.ActivitySmartCampaignTest:           "",
		"NoSuchType":                                   "",
	}
	for typ, want := range tests {
		if got := typ.Name(); got != want {
			t.Errorf("%s: name %q, want %q", typ, got, want)
		}
	}
}

// Each value and each name lead back to their type, whatever the letter case.
func TestParseActivityType_all(t *testing.T) {
	t.Parallel()
	for _, want := range operations.ActivityTypes() {
		spellings := []string{string(want), strings.ToLower(string(want)), " " + strings.ToUpper(string(want)) + "\n"}
		if name := want.Name(); name != "" {
			spellings = append(spellings, name, strings.ToUpper(name))
		}
		for _, s := range spellings {
			if got, err := operations.ParseActivityType(s); err != nil || got != want {
				t.Errorf("ParseActivityType(%q) = %q, %v, want %q", s, got, err, want)
			}
		}
	}
}

func TestParseActivityType_errors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", `"" is not an activity type that the schema lists; ActivityTypes returns them`},
		{"zzz", `"zzz" is not an activity type that the schema lists; ActivityTypes returns`},
		{"Visit Web page", "similar: VisitWebpage"},
		{"visit_webpages", "similar: VisitWebpage"},
		{"NewLaed", "similar: NewLead"},
		{"sync lead to sfcd", "similar: PushLeadToSales"},
		{"form", "similar: FillOutForm"},
		{"web", "similar: VisitWebpage"},
		{"we", `"we" is not an activity type that the schema lists; ActivityTypes returns`},
		{"f-i-l-l-o-u-t-f-o-r-m", "similar: FillOutForm"},
		{strings.Repeat("NewLead", 1<<20), `"NewLead` + strings.Repeat("NewLead", 10) + `New" is not an activity type that the schema lists; ActivityTypes returns`},
		{"Add to Nurture", "occurs in answers, but the schema has no value for it"},
		{"CLICK SHARED LINK", "occurs in answers, but the schema has no value for it"},
	}
	for _, tt := range tests {
		got, err := operations.ParseActivityType(tt.text)
		if got != "" || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseActivityType(%.80q) = %q, %v, want an error that says %q", tt.text, got, err, tt.want)
		}
		var argument *operations.ArgumentError
		if !errors.As(err, &argument) || !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("error %#v is no ArgumentError", err)
		}
	}
}

// TestActivityName: known names get their spelling, all others pass as they are.
func TestActivityName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"VisitWebpage": "Visit Webpage", " visit webpage\n": "Visit Webpage", "pushleadtosales": "Sync Lead to SFDC",
		"ADD TO NURTURE": "Add to Nurture", "SmartCampaignTest": "SmartCampaignTest", "smartcampaigntest": "SmartCampaignTest",
		" Touch Complete ": "Touch Complete", "bought a Boat": "bought a Boat", "newlaed": "newlaed", " ": "",
	} {
		if got := operations.ActivityName(text); got != want {
			t.Errorf("ActivityName(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestUnknownTypeError: programs get the parts of the error, not only its text.
func TestUnknownTypeError(t *testing.T) {
	t.Parallel()
	tests := map[string]operations.UnknownTypeError{
		"NewLaed":        {Text: "NewLaed", Near: []operations.ActivityType{operations.ActivityNewLead}},
		"Add to Nurture": {Text: "Add to Nurture", InAnswers: true},
		"Bought a boat":  {Text: "Bought a boat"},
	}
	for text, want := range tests {
		_, err := operations.ParseActivityType(text)
		var got *operations.UnknownTypeError
		if !errors.As(err, &got) {
			t.Fatalf("%q: error %v", text, err)
		}
		if diff := cmp.Diff(want, *got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: -want +got:\n%s", text, diff)
		}
	}
}

// The closest come first, three at most.
func TestParseActivityType_closest(t *testing.T) {
	t.Parallel()
	_, err := operations.ParseActivityType("SmartCampaignTst")
	_, list, _ := strings.Cut(err.Error(), "similar: ")
	if list != "SmartCampaignTest" {
		t.Errorf("close: %s", list)
	}
	_, err = operations.ParseActivityType("email")
	_, list, _ = strings.Cut(err.Error(), "similar: ")
	if near := strings.Split(list, ", "); len(near) != 3 || slices.ContainsFunc(near, func(s string) bool { return !strings.Contains(s, "Email") }) {
		t.Errorf("close: %s", list)
	}
	_, err = operations.ParseActivityType("EmailDeliver")
	_, list, _ = strings.Cut(err.Error(), "similar: ")
	if first, _, _ := strings.Cut(list, ", "); first != "EmailDelivered" {
		t.Errorf("close: %s", list)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"newlead", "newlead", 0},
		{"", "wait", 4},
		{"wait", "", 4},
		{"newlaed", "newlead", 2},
		{"xnewlead", "newlead", 1},
		{"ewlead", "newleads", 1}, // a part of it
		{"kitten", "sitting", 3},
		{"abcdef", "uvwxyz", 6},
		{"xyzwait", "wait", 3},
	}
	for _, tt := range tests {
		if got := operations.Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q are %d apart, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
