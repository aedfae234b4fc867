package names_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// describedTypes are types as Activity Types tells them.
func describedTypes() []names.ActivityType {
	return []names.ActivityType{
		{ID: 1, Name: "Visit Webpage", Primary: &names.Attribute{Name: "Webpage ID", DataType: "integer"}, Attributes: []names.Attribute{{Name: "Query Parameters", DataType: "string"}, {Name: "Webpage URL", DataType: "string"}}},
		{ID: 9, Name: "Unsubscribe Email", Primary: &names.Attribute{Name: "Mailing ID", DataType: "Integer"}},
		{ID: 12, Name: "New Lead", Attributes: []names.Attribute{{Name: "Created Date", DataType: "date"}}},
		{ID: 13, Name: "Change Data Value", Primary: &names.Attribute{Name: "Attribute Name", DataType: "string"}},
		{ID: 19, Name: "Sync Lead to SFDC"},
		{ID: 32, Name: "Merge Leads", Primary: &names.Attribute{Name: "Lead ID", DataType: "integer"}},
		{ID: 105, Name: "Change Program Data"},
		{ID: 113, Name: "Add to Nurture"},
		{ID: 155, Name: "Execute Campaign"},
		{ID: 100_001, Name: "Attend Conference", Primary: &names.Attribute{Name: "Conference Name", APIName: "conferenceName", DataType: "string"}, Attributes: []names.Attribute{{Name: "Seats", APIName: "seats", DataType: "integer"}}},
	}
}

func TestActivityTypes(t *testing.T) {
	t.Parallel()
	types := names.NewActivityTypes(describedTypes(), nil)
	for _, test := range []struct {
		id     int64
		shown  string
		enum   gen.ActivityType
		inSOAP bool
	}{
		{1, "Visit Webpage", gen.ActivityTypeVisitWebpage, true},
		{12, "New Lead", gen.ActivityTypeNewLead, true},
		{19, "Sync Lead to SFDC", gen.ActivityTypePushLeadToSales, true},
		{105, "Change Program Data", gen.ActivityTypeChangeFieldInProgram, true},
		{113, "Add to Nurture", "", true},
		{155, "Execute Campaign", "", false},
		{100_001, "Attend Conference", "", false},
	} {
		one, ok := types.ByID(test.id)
		if !ok || one.Shown() != test.shown || one.Enum != test.enum || one.InSOAP() != test.inSOAP {
			t.Errorf("%d: %+v, in SOAP %t", test.id, one, one.InSOAP())
			continue
		}
		if named, ok := types.ByName(test.shown); !ok || named.ID != test.id {
			t.Errorf("%s: %+v", test.shown, named)
		}
		if found, ok := types.ByEnum(test.enum); test.enum != "" && (!ok || found.ID != test.id) {
			t.Errorf("%s: %+v", test.enum, found)
		}
	}
	if one, ok := types.ByName("VISIT webpage"); !ok || one.ID != 1 {
		t.Errorf("in another letter case: %+v", one)
	}
	for _, found := range []func() (*names.ActivityType, bool){
		func() (*names.ActivityType, bool) { return types.ByID(2) },
		func() (*names.ActivityType, bool) { return types.ByName("Fill Out Form") },
		func() (*names.ActivityType, bool) { return types.ByName("") },
		func() (*names.ActivityType, bool) { return types.ByEnum(gen.ActivityTypeFillOutForm) },
		func() (*names.ActivityType, bool) { return types.ByEnum("") },
	} {
		if one, ok := found(); ok {
			t.Errorf("found %+v", one)
		}
	}
}

// Each value of the schema is found by the name of its type, those without a known name too.
func TestActivityTypes_wholeSchema(t *testing.T) {
	t.Parallel()
	unnamed := map[gen.ActivityType]string{
		gen.ActivityTypeChangeFieldInProgram:     "Change Field in Program",
		gen.ActivityTypeSmartCampaignTest:        "Smart Campaign Test",
		gen.ActivityTypeSmartCampaignTestTrigger: "Smart Campaign Test Trigger",
	}
	var list []names.ActivityType
	for i, one := range activitytype.All {
		name := one.Name
		if name == "" {
			name = unnamed[one.Value]
		}
		list = append(list, names.ActivityType{ID: int64(i) + 1, Name: name})
	}
	types := names.NewActivityTypes(list, nil)
	for i, one := range activitytype.All {
		if found, ok := types.ByEnum(one.Value); !ok || found.ID != int64(i)+1 {
			t.Errorf("%s is %+v", one.Value, found)
		}
	}
}

func TestActivityType_primary(t *testing.T) {
	t.Parallel()
	described := describedTypes()
	// Swagger wants a primary attribute of every type: an instance may give New Lead one.
	described[2].Primary = &names.Attribute{Name: "Lead ID", DataType: "integer"}
	for _, list := range [][]names.ActivityType{describedTypes(), described} {
		types := names.NewActivityTypes(list, nil)
		for _, test := range []struct {
			id, valueID       int64
			value             string
			asset, name, text string
			ok                bool
		}{
			{1, 733, "Spring Offer.Landing A", "Spring Offer.Landing A", "Webpage ID", "733", true},
			{1, 0, "", "", "Webpage ID", "0", false},
			{9, 17, "Letter", "Letter", "Mailing ID", "17", true},
			{12, 52003, "Cora Lind", "", "", "", false},
			{13, 641, "Job Title", "Job Title", "Attribute Name", "Job Title", true},
			{13, 641, "", "", "Attribute Name", "", false},
			{19, 7, "x", "", "", "", false},
			{32, 52003, "Cora Lind", "Cora Lind", "Lead ID", "52003", true},
			{100_001, 0, "Fair", "Fair", "Conference Name", "Fair", true},
		} {
			one, _ := types.ByID(test.id)
			name, text, ok := one.PrimaryAttribute(test.valueID, test.value)
			if one.Asset(test.value) != test.asset || name != test.name || text != test.text || ok != test.ok {
				t.Errorf("%d: asset %q, %q, %q, %t", test.id, one.Asset(test.value), name, text, ok)
			}
			if one.IsPrimary("Webpage ID") != (test.id == 1) {
				t.Errorf("%d: Webpage ID is primary: %t", test.id, one.IsPrimary("Webpage ID"))
			}
		}
	}
}

// A file renames what answers show, and keeps the value of the schema of a type that the service
// calls by another name now.
func TestActivityTypes_file(t *testing.T) {
	t.Parallel()
	learned := names.NewActivityTypes(describedTypes(), nil).All()
	described := describedTypes()
	described[0].Name = "Visit Web Page"
	described[9].Attributes[0].Name = "Places"
	described[9].Primary.Name = "Meeting"
	own := []names.ActivityType{
		{ID: 12, SOAP: "Lead Created"},
		{ID: 13, Primary: &names.Attribute{Name: "Attribute Name", SOAP: "Field"}},
		{ID: 1, Attributes: []names.Attribute{{Name: "Webpage URL", SOAP: "URL"}}},
		{ID: 100_001, Primary: &names.Attribute{Name: "?", APIName: "conferenceName", SOAP: "Conference"}, Attributes: []names.Attribute{{Name: "Seats", APIName: "seats", SOAP: "Seats"}}},
		{ID: 7, Name: "Email Delivered"},
	}
	types := names.NewActivityTypes(described, append(own, names.ActivityType{ID: 105, Enum: gen.ActivityTypeChangeFieldInProgram}))
	find := func(id int64) *names.ActivityType {
		one, ok := types.ByID(id)
		if !ok {
			t.Fatalf("there is no %d", id)
		}
		return one
	}
	if one := find(12); one.Shown() != "Lead Created" || one.Enum != gen.ActivityTypeNewLead || one.Asset("Cora Lind") != "" {
		t.Errorf("%+v", one)
	}
	for _, name := range []string{"lead created", "New Lead"} {
		if one, ok := types.ByName(name); !ok || one.ID != 12 {
			t.Errorf("%s: %+v", name, one)
		}
	}
	if name, _, _ := find(13).PrimaryAttribute(1, "x"); name != "Field" {
		t.Errorf("primary attribute %s", name)
	}
	if name, _, _ := find(100_001).PrimaryAttribute(1, "x"); name != "Conference" {
		t.Errorf("primary attribute %s", name)
	}
	if a := find(100_001).Attribute("Places"); a.Shown() != "Seats" || a.DataType != "integer" {
		t.Errorf("%+v", a)
	}
	if a := find(1).Attribute("Webpage URL"); a.Shown() != "URL" {
		t.Errorf("%+v", a)
	}
	if a := find(1).Attribute("Message Id"); a != (names.Attribute{Name: "Message Id"}) {
		t.Errorf("%+v", a)
	}
	if _, ok := types.ByID(7); ok {
		t.Error("a type is there that the service does not have any more")
	}
	if one, _ := names.NewActivityTypes(described, learned).ByEnum(gen.ActivityTypeVisitWebpage); one == nil || one.Shown() != "Visit Web Page" {
		t.Errorf("VisitWebpage is %+v", one)
	}
}

// What is described belongs to whoever described it.
func TestActivityTypes_sharesNothing(t *testing.T) {
	t.Parallel()
	described := describedTypes()
	names.NewActivityTypes(described, []names.ActivityType{{ID: 1, SOAP: "A", Primary: &names.Attribute{Name: "Webpage ID", SOAP: "B"}, Attributes: []names.Attribute{{Name: "Webpage URL", SOAP: "C"}}}})
	if diff := cmp.Diff(describedTypes(), described); diff != "" {
		t.Error(diff)
	}
}

// Two types of one name: the service's own has it.
func TestActivityTypes_sameName(t *testing.T) {
	t.Parallel()
	types := names.NewActivityTypes([]names.ActivityType{{ID: 100_002, Name: "New Lead"}, {ID: 12, Name: "New Lead"}}, nil)
	if one, _ := types.ByName("New Lead"); one.ID != 12 {
		t.Errorf("%+v", one)
	}
	if one, _ := types.ByEnum(gen.ActivityTypeNewLead); one.ID != 12 {
		t.Errorf("%+v", one)
	}
	if one, _ := types.ByID(100_002); one.Enum != "" {
		t.Errorf("%+v", one)
	}
}

// What nothing identifies is passed over.
func TestActivityTypes_withoutNames(t *testing.T) {
	t.Parallel()
	types := names.NewActivityTypes([]names.ActivityType{
		{Name: "No Id"}, {ID: -1, Name: "Negative"}, {ID: 7, Name: "Email Delivered", Primary: &names.Attribute{DataType: "string"}, Attributes: []names.Attribute{{DataType: "string"}, {Name: "Device"}}},
		{ID: 7, Name: "Twice"}, {ID: 8},
	}, nil)
	want := []names.ActivityType{{ID: 7, Name: "Email Delivered", Enum: gen.ActivityTypeEmailDelivered, Attributes: []names.Attribute{{Name: "Device"}}}, {ID: 8}}
	if diff := cmp.Diff(want, types.All()); diff != "" {
		t.Error(diff)
	}
}
