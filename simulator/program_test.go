package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// programSetup returns a simulator with two programs, the second archived.
func programSetup(t testing.TB) *simulator.Simulator {
	t.Helper()
	sim := setup(t, 0)
	for _, p := range []simulator.Program{
		{
			Name: "Fair", Type: "Event", Start: simulator.At(noon), Tags: []simulator.Attribute{{Name: "Channel", Value: "Trade Fair"}, {Name: "Region", Value: "Asia"}},
			Tokens: []simulator.Attribute{{Name: "my.message", Value: "Hello"}, {Name: "{{my.place}}", Value: "<b>here</b>"}}, Costs: []simulator.Cost{{Month: "2015-09", Amount: 12}},
		},
		{Name: "Old", Workspace: "West", WorkspaceID: 3, Archived: true, Tags: []simulator.Attribute{{Name: "Region", Value: "Europe"}, {Name: "Region", Value: "Asia"}, {Name: "Product", Value: "Pumps"}}},
	} {
		if _, err := sim.AddProgram(p); err != nil {
			t.Fatal(err)
		}
	}
	return sim
}

// programText tells attributes and details of a program, each as one line.
func programText(o gen.MObject) []string {
	line := func(list []gen.Attrib) string {
		var parts []string
		for _, a := range list {
			parts = append(parts, a.Name+"="+a.Value)
		}
		return strings.Join(parts, " ")
	}
	lines := []string{line(o.AttribList.Value.Attrib)}
	for _, d := range o.TypeAttribList.Value.TypeAttrib {
		lines = append(lines, d.AttrType+": "+line(d.AttrList.Value.Attrib))
	}
	return lines
}

func TestGetMObjects_program(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	in := &gen.ParamsGetMObjects{Type: "Program", IncludeDetails: gen.Some(true)}
	const attribs = "Name=Fair Type=Event Workspace Id=1 Workspace Name=Default Tree Path=Marketing Activities:Default:Fair Is Archived=false Start Date=2015-09-04 12:00:00"
	want := []string{
		attribs, "Tag: Type=Channel Value=Trade Fair", "Tag: Type=Region Value=Asia",
		"Token: Name=my.message Value=Hello", "Token: Name={{my.place}} Value=<b>here</b>", "Cost: Id=1 Month=2015-09-01 Amount=12 Note=",
	}
	if diff := cmp.Diff(want, programText(mobjects(t, sim, in).MObjectList.Value.MObject[0])); diff != "" {
		t.Error(diff)
	}
	in.IncludeDetails = gen.Some(false)
	if diff := cmp.Diff([]string{attribs}, programText(mobjects(t, sim, in).MObjectList.Value.MObject[0])); diff != "" {
		t.Error(diff)
	}
}

func TestGetMObjects_programCriteria(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	all := func(list ...string) gen.Opt[gen.ArrayOfMObjCriteria] {
		return having(append(list, "Include Archive", "EQ", "true")...)
	}
	for name, test := range map[string]struct {
		in   gen.ParamsGetMObjects
		want []int32
	}{
		"without archived ones":  {gen.ParamsGetMObjects{}, []int32{1}},
		"archive false":          {gen.ParamsGetMObjects{MObjCriteriaList: having("Include Archive", "EQ", "false")}, []int32{1}},
		"archived ones as well":  {gen.ParamsGetMObjects{MObjCriteriaList: all()}, []int32{1, 2}},
		"an archived one by id":  {gen.ParamsGetMObjects{Id: gen.Some[int32](2)}, []int32{2}},
		"workspace":              {gen.ParamsGetMObjects{MObjCriteriaList: all("Workspace Name", "EQ", "west", "Workspace Id", "GE", "3")}, []int32{2}},
		"type":                   {gen.ParamsGetMObjects{MObjCriteriaList: all("Type", "EQ", "Event")}, []int32{1}},
		"channel":                {gen.ParamsGetMObjects{MObjCriteriaList: all("Tag Type", "EQ", "Channel")}, []int32{1}},
		"tag":                    {gen.ParamsGetMObjects{MObjCriteriaList: all("Tag Type", "EQ", "Region", "Tag Value", "EQ", "Asia")}, []int32{1, 2}},
		"value of another type":  {gen.ParamsGetMObjects{MObjCriteriaList: all("Tag Type", "EQ", "Product", "Tag Value", "EQ", "Asia")}, []int32{}},
		"value alone":            {gen.ParamsGetMObjects{MObjCriteriaList: all("Tag Value", "EQ", "Pumps")}, []int32{2}},
		"two values of one tag":  {gen.ParamsGetMObjects{MObjCriteriaList: all("Tag Value", "EQ", "Pumps", "Tag Value", "EQ", "Asia")}, []int32{}},
		"a key that it has not":  {gen.ParamsGetMObjects{ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "1"})}, []int32{}},
		"an empty key is no key": {gen.ParamsGetMObjects{ExternalKey: gen.Some(gen.Attrib{})}, []int32{1}},
	} {
		test.in.Type = "Program"
		if diff := cmp.Diff(test.want, mobjectIDs(mobjects(t, sim, &test.in))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSyncMObjects_program(t *testing.T) {
	t.Parallel()
	const tagged, cost = "Tag: Type=Channel Value=Trade Fair|Tag: Type=Region Value=Asia", "Cost: Id=1 Month=2015-09-01 Amount=12 Note="
	tests := []struct {
		name  string
		pairs []string // of the one detail; the first is its type
		want  string
		then  string // tags and costs
	}{
		{"another value", []string{"Tag", "Type", "Region", "Value", "Europe"}, "[1 UPDATED]", "Tag: Type=Channel Value=Trade Fair|Tag: Type=Region Value=Europe|" + cost},
		{"another type", []string{"Tag", "Type", "Product", "Value", "Pumps"}, "[1 UPDATED]", tagged + "|Tag: Type=Product Value=Pumps|" + cost},
		{"the same value", []string{"Tag", "Type", "Region", "Value", "Asia"}, "[1 UNCHANGED]", tagged + "|" + cost},
		{"an unknown channel", []string{"Tag", "Type", "Channel", "Value", "Webinar"}, "[1! FAILED]", tagged + "|" + cost},
		{"an unknown value", []string{"Tag", "Type", "Region", "Value", "Mars"}, "[1! FAILED]", tagged + "|" + cost},
		{"half a tag", []string{"Tag", "Type", "Region"}, "[1! FAILED]", tagged + "|" + cost},
		{"another cost", []string{"Cost", "Month", "2015-10", "Amount", "3", "Note", "x"}, "[1 UPDATED]", tagged + "|" + cost + "|Cost: Id=2 Month=2015-10-01 Amount=3 Note=x"},
		{"a cost by id", []string{"Cost", "Id", "1", "Month", "2015-10-01", "Amount", "3"}, "[1 UPDATED]", tagged + "|Cost: Id=1 Month=2015-10-01 Amount=3 Note="},
		{"the same cost", []string{"Cost", "Id", "1", "Month", "2015-09", "Amount", "12"}, "[1 UNCHANGED]", tagged + "|" + cost},
		{"an unknown cost", []string{"Cost", "Id", "2", "Month", "2015-10", "Amount", "3"}, "[1! FAILED]", tagged + "|" + cost},
		{"no month", []string{"Cost", "Amount", "3"}, "[1! FAILED]", tagged + "|" + cost},
		{"no amount", []string{"Cost", "Month", "2015-10", "Amount", "much"}, "[1! FAILED]", tagged + "|" + cost},
		{"a token", []string{"Token", "Name", "my.message", "Value", "Bye"}, "[1! FAILED]", tagged + "|" + cost},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := programSetup(t)
			o := gen.MObject{Type: "Program", Id: gen.Some[int32](1), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{
				TypeAttrib: []gen.TypeAttrib{{AttrType: test.pairs[0], AttrList: attribsOf(test.pairs[1:]...)}},
			})}
			if got := syncObjects(t, sim, "UPDATE", o); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			var lines []string
			in := &gen.ParamsGetMObjects{Type: "Program", IncludeDetails: gen.Some(true)}
			for _, line := range programText(mobjects(t, sim, in).MObjectList.Value.MObject[0])[1:] {
				if !strings.HasPrefix(line, "Token") {
					lines = append(lines, line)
				}
			}
			if diff := cmp.Diff(test.then, strings.Join(lines, "|")); diff != "" {
				t.Error(diff)
			}
		})
	}
	sim := programSetup(t)
	renamed := gen.MObject{Type: "Program", Id: gen.Some[int32](1), AttribList: attribsOf("Name", "New")}
	keyed := gen.MObject{Type: "Program", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "1"})}
	if got := syncObjects(t, sim, "UPDATE", renamed, keyed, gen.MObject{Type: "Program", Id: gen.Some[int32](9)}); got != "[1! FAILED nil! FAILED 9! FAILED]" {
		t.Error(got)
	}
	if got := syncObjects(t, sim, "UPSERT", gen.MObject{Type: "Program", Id: gen.Some[int32](1)}); got != "[1! FAILED]" {
		t.Error(got)
	}
}

func TestAddProgram_errors(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	for _, p := range []simulator.Program{
		{}, {Name: "Fair"}, {Name: "New", ID: 1}, {Name: "New", ID: -1}, {Name: "New", Tags: []simulator.Attribute{{Name: "", Value: "x"}}},
		{Name: "New", Tokens: []simulator.Attribute{{Name: "", Value: "x"}}}, {Name: "New", Costs: []simulator.Cost{{}}},
		{Name: "New", Costs: []simulator.Cost{{ID: 5, Month: "2015-09"}, {ID: 5, Month: "2015-09"}}},
	} {
		if id, err := sim.AddProgram(p); err == nil {
			t.Errorf("%+v: no error, id %d", p, id)
		}
	}
	for _, c := range []simulator.Channel{{}, {Name: "Trade Fair"}, {Name: "New", Statuses: []simulator.ProgressionStatus{{}}}} {
		if err := sim.AddChannel(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if sim.AddTag("", "x") == nil || sim.AddTag("x", "") == nil || sim.AddTag("Channel", "x") == nil {
		t.Error("no error for a bad tag")
	}
}

func TestGetChannels_form(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	err := sim.AddChannel(simulator.Channel{Name: "Road Show", Statuses: []simulator.ProgressionStatus{
		{Name: "Met", Step: 20, Success: true}, {Name: "Came", Step: 10, Details: []simulator.Attribute{{Name: "Check-in Status", Value: "true"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := sim.GetChannels(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	status := func(pairs ...string) gen.ProgressionStatus {
		return gen.ProgressionStatus{ProgressionStatus: attribsOf(pairs...)}
	}
	want := []gen.TagStatus{
		{TagValue: "Road Show", StatusList: &gen.ArrayOfProgressionStatus{ProgressionStatusItem: []gen.ProgressionStatus{
			status("Status", "Came", "Step", "10", "Check-in Status", "true", "Success", "false"),
			status("Status", "Met", "Step", "20", "Success", "true"),
		}}},
		{TagValue: "Trade Fair", StatusList: &gen.ArrayOfProgressionStatus{ProgressionStatusItem: []gen.ProgressionStatus{}}},
	}
	if diff := cmp.Diff(want, out.Result.Tags.TagStatus); diff != "" {
		t.Error(diff)
	}
	in := &gen.ParamsGetChannels{Tag: gen.Some(gen.Tag{Type: gen.Some("whatever"), Values: gen.Some(*strs("road show", "nothing"))})}
	if out, err = sim.GetChannels(t.Context(), in); err != nil || len(out.Result.Tags.TagStatus) != 1 {
		t.Errorf("%v, %v", out, err)
	}
}

// A type without values is a type: only a request for values leaves it out.
func TestGetTags_typeWithoutValues(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	if err := sim.AddTag("Season"); err != nil {
		t.Fatal(err)
	}
	values := gen.Some(*strs("Spring"))
	for _, test := range []struct {
		wanted []gen.Tag
		want   bool
	}{
		{nil, true},
		{[]gen.Tag{{Type: gen.Some("season")}}, true},
		{[]gen.Tag{{Type: gen.Some("Region")}}, false},
		{[]gen.Tag{{Type: gen.Some("Season"), Values: values}}, false},
	} {
		out, err := sim.GetTags(t.Context(), &gen.ParamsGetTags{TagList: gen.Some(gen.ArrayOfTag{Tag: test.wanted})})
		if err != nil {
			t.Fatal(err)
		}
		encode(t, out)
		i := slices.IndexFunc(out.Result.TagList.Tag, func(tag gen.Tag) bool { return tag.Type.Value == "Season" })
		if i >= 0 != test.want {
			t.Errorf("%v: %v", test.wanted, out.Result.TagList.Tag)
		}
		if i >= 0 && (out.Result.TagList.Tag[i].Values.State != gen.Present || len(out.Result.TagList.Tag[i].Values.Value.StringItem) != 0) {
			t.Errorf("%v: values %+v, want an empty list", test.wanted, out.Result.TagList.Tag[i].Values)
		}
	}
}

func TestGetTags(t *testing.T) {
	t.Parallel()
	sim := programSetup(t)
	tag := func(kind string, values ...string) gen.Tag {
		return gen.Tag{Type: gen.Some(kind), Values: gen.Some(*strs(values...))}
	}
	for _, test := range []struct {
		wanted []gen.Tag
		want   string
	}{
		{nil, "Region[Asia Europe] Product[Pumps]"},
		{[]gen.Tag{{Type: gen.Some("region")}}, "Region[Asia Europe]"},
		{[]gen.Tag{tag("Region", "europe", "Mars")}, "Region[Europe]"},
		{[]gen.Tag{tag("Region", "Europe"), tag("Region", "Asia"), tag("Product")}, "Region[Asia Europe] Product[Pumps]"},
		{[]gen.Tag{tag("Region", "Mars"), tag("Channel")}, ""},
	} {
		in := &gen.ParamsGetTags{TagList: gen.Some(gen.ArrayOfTag{Tag: test.wanted})}
		out, err := sim.GetTags(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		encode(t, out)
		var got []string
		for _, tag := range out.Result.TagList.Tag {
			got = append(got, fmt.Sprint(tag.Type.Value, tag.Values.Value.StringItem))
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%v: got %s, want %s", test.wanted, text, test.want)
		}
	}
	_, err := sim.GetTags(t.Context(), &gen.ParamsGetTags{TagList: gen.Some(gen.ArrayOfTag{Tag: []gen.Tag{tag("")}})})
	wantFault(t, err, fault.CodeParameterRequired, "type")
}
