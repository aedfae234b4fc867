package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/rest"
)

// plain is what the tests of rows look at.
type plain struct {
	GUID, Date, Asset, Campaign string
	Lead, Type                  int64
	Attributes                  []rest.Attribute
	Problem                     string
}

// read reads a file of rows behind a header.
func read(t *testing.T, text string) (list []plain) {
	t.Helper()
	file, err := rest.NewFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	rows, err := allRows(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		one := plain{GUID: r.GUID, Date: r.Date, Asset: r.PrimaryValue.Text, Lead: r.LeadID, Type: r.TypeID, Attributes: r.Attributes}
		if r.CampaignID != 0 {
			one.Campaign = fmt.Sprint(r.CampaignID)
		}
		if r.Problem != nil {
			one.Problem = r.Problem.Error()
		}
		list = append(list, one)
	}
	return list
}

// Rows are read as they are meant, and what cannot be read is told, with what could be, and takes no other row with it.
func TestExportReader(t *testing.T) {
	t.Parallel()
	text := func(name, value string) rest.Attribute {
		return rest.Attribute{Name: name, Value: rest.Value{Kind: rest.Text, Text: value}}
	}
	number := func(name, value string) rest.Attribute {
		return rest.Attribute{Name: name, Value: rest.Value{Kind: rest.Number, Text: value}}
	}
	good := plain{GUID: "g", Date: "d", Asset: "a", Lead: 1, Type: 2}
	with := func(change func(*plain)) []plain {
		one := good
		change(&one)
		return []plain{one, good}
	}
	const after = "g,1,d,2,,,a,\n"
	long := strings.Repeat("x", 10<<20)
	for name, test := range map[string]struct {
		row  string
		want []plain
	}{
		"plain":       {"g,1,d,2,null,null,a,null\n", []plain{good, good}},
		"empty":       {"g,1,d,2,,,a,\"\"\n", []plain{good, good}},
		"empty lines": {"\n\r\ng,1,d,2,,,a,\r\n\n", []plain{good, good}},
		"attributes as an object": {`g,1,d,2,7,,a,"{""b"": ""c"", ""n"": 1e2, ""b"": ""d"", ""z"": {""y"": [1, 2]}}"` + "\n", with(func(p *plain) {
			p.Campaign, p.Attributes = "7", []rest.Attribute{text("b", "c"), number("n", "100"), text("b", "d"), {Name: "z", Value: rest.Value{Kind: rest.Other, Text: `{"y":[1,2]}`}}}
		})},
		"attributes as a list":     {`g,1,d,2,,,a,"[{""name"": ""b"", ""value"": ""c""}, {""name"": ""n"", ""value"": 7}]"` + "\n", with(func(p *plain) { p.Attributes = []rest.Attribute{text("b", "c"), number("n", "7")} })},
		"quotes, ends of lines":    {"g,1,d,2,,,\"a \"\"b\"\",\r\nc\rd\n\",\n", with(func(p *plain) { p.Asset = "a \"b\",\r\nc\rd\n" })},
		"a quote within":           {"g,1,d,2,,,6\" pipe,\n", with(func(p *plain) { p.Asset = `6" pipe` })},
		"a quote not doubled":      {"g,1,d,2,,,\"6\" pipe\",\n", with(func(p *plain) { p.Asset = `6" pipe` })},
		"no UTF-8":                 {"g,1,d,2,,,\xff\xfea,\n", with(func(p *plain) { p.Asset = "\ufffd\ufffda" })},
		"a control character":      {"g,1,d,2,,,\"\x00\x01\",\n", with(func(p *plain) { p.Asset = "\x00\x01" })},
		"no GUID":                  {"null,1,d,2,,,a,\n", with(func(p *plain) { p.GUID = "" })},
		"a large lead id":          {"g,9223372036854775807,d,2,,,a,\n", with(func(p *plain) { p.Lead = 1<<63 - 1 })},
		"a larger one":             {"g,9223372036854775808,d,2,,,a,\n", with(func(p *plain) { p.Lead, p.Problem = 0, `leadId is "9223372036854775808"` })},
		"no lead":                  {"g,null,d,2,,,a,\n", with(func(p *plain) { p.Lead, p.Problem = 0, `leadId is ""` })},
		"a type that is no number": {"g,1,d,New Lead,,,a,\n", with(func(p *plain) { p.Type, p.Problem = 0, `activityTypeId is "New Lead"` })},
		"fewer values":             {"g,1,d,2\n", with(func(p *plain) { p.Asset, p.Problem = "", "it has 4 values" })},
		"a comma without quotes":   {"g,1,d,2,,,a,,b\n", with(func(p *plain) { p.Problem = "it has 9 values" })},
		"one value":                {"g\n", with(func(p *plain) { *p = plain{GUID: "g", Problem: "it has 1 values"} })},
		"a value of 10 MB":         {"g,1,d,2,,,\"" + long + "\",\n", with(func(p *plain) { p.Asset, p.Problem = long[:1<<20-4], "it has more than 1048576 bytes" })},
		"a row of 10 MB of commas": {"g,1,d,2,,,a,," + strings.Repeat(",", 10<<20) + "\n", with(func(p *plain) { p.Problem = "it has 131072 values" })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, read(t, fileHeader+test.row+after)); diff != "" {
				t.Errorf("%.2000s", diff)
			}
		})
	}
	for name, tail := range map[string]string{
		"not closed": "g,1,d,2,,,\"a,\nb", "at the end of a file": "g,1,d,2,,,a,\"{\"\"b\"\": 1", "no JSON": "g,1,d,2,,,a,{b}\n", "JSON of another kind": "g,1,d,2,,,a,7\n",
		"a list of texts": "g,1,d,2,,,a,\"[\"\"b\"\"]\"\n", "JSON and more": "g,1,d,2,,,a,\"{} {}\"\n",
	} {
		got := read(t, fileHeader+after+tail)
		if len(got) != 2 || got[1].Problem == "" || got[1].GUID != "g" || !cmp.Equal(got[0], good) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Columns are found by their names, whatever else there is; without one of them nothing is read.
func TestExportReader_columns(t *testing.T) {
	t.Parallel()
	got := read(t, "\ufeffactionResult,Attributes,primaryAttributeValue,primaryAttributeValueId,campaignId,activityTypeId,activityDate,leadId,MARKETOGUID\r\nsucceeded,,a,,,2,d,1,g")
	want := []plain{{GUID: "g", Date: "d", Asset: "a", Lead: 1, Type: 2}}
	if !cmp.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	// A byte order mark is no part of the first value, and the return in the end of the file none of the last.
	got = read(t, "\ufeff\"primaryAttributeValue\",Attributes,primaryAttributeValueId,campaignId,activityTypeId,activityDate,leadId,marketoGUID\r\na,,,,2,d,1,g\r")
	if !cmp.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	for header, want := range map[string]string{
		"id,leadId\n1,2\n":                   "has no column marketoGUID",
		"leadId," + fileHeader + "1,2,3,4\n": "has the column leadId twice",
	} {
		file, err := rest.NewFile(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = file.Write([]byte(header))
		if _, err := file.Activities(); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}
