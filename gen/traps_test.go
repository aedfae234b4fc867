package gen_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// The tests in this file each hold one thing that gowsdl v0.5.0 gets wrong, or that
// services and clients are known to send.

const ns = ` xmlns:ns1="http://www.marketo.com/mktows/"`
const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

func marshal(t *testing.T, m gen.Message, v gen.Version) string {
	t.Helper()
	doc, err := gen.Marshal(m, v)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func unmarshal[M gen.Message](t *testing.T, m M, doc string) M {
	t.Helper()
	if err := gen.Unmarshal([]byte(doc), m); err != nil {
		t.Fatal(err)
	}
	return m
}

// wrongWith tells whether the document is refused with all the given words.
func wrongWith(t *testing.T, m gen.Message, doc string, words ...string) {
	t.Helper()
	err := gen.Unmarshal([]byte(doc), m)
	var syntax *soapxml.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("error %v, want a *soapxml.SyntaxError", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}

func TestAnySimpleType_isString(t *testing.T) {
	t.Parallel()
	in := &gen.ParamsGetMObjects{Type: "Program", MObjCriteriaList: gen.Some(gen.ArrayOfMObjCriteria{
		MObjCriteria: []gen.MObjCriteria{{AttrName: "Name", Comparison: gen.ComparisonEnumEQ, AttrValue: "Elephant & Castle"}},
	})}
	doc := marshal(t, in, gen.V2_7)
	if !strings.Contains(doc, "<attrValue>Elephant &amp; Castle</attrValue>") {
		t.Error(doc)
	}
	typed := strings.Replace(doc, "<attrValue>", `<attrValue`+xsi+` xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string">`, 1)
	if out := unmarshal(t, new(gen.ParamsGetMObjects), typed); !reflect.DeepEqual(in, out) {
		t.Errorf("%+v", out)
	}
}

func TestNamespaces_onlyTheRootIsQualified(t *testing.T) {
	t.Parallel()
	doc := marshal(t, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}}, gen.V2_7)
	want := `<ns1:paramsGetLead` + ns + `><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey></ns1:paramsGetLead>`
	if doc != want {
		t.Errorf("got  %s\nwant %s", doc, want)
	}
}

func TestNamespaces_qualifiedChildrenAreRead(t *testing.T) {
	t.Parallel()
	want := &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "7"}
	for name, doc := range map[string]string{
		"inherited": `<paramsGetLead xmlns="http://www.marketo.com/mktows/"><leadKey><keyType>IDNUM</keyType><keyValue>7</keyValue></leadKey></paramsGetLead>`,
		"prefixed":  `<m:paramsGetLead xmlns:m="http://www.marketo.com/mktows/"><m:leadKey><m:keyType>IDNUM</m:keyType><m:keyValue>7</m:keyValue></m:leadKey></m:paramsGetLead>`,
		"reset":     `<paramsGetLead xmlns="http://www.marketo.com/mktows/"><leadKey xmlns=""><keyType>IDNUM</keyType><keyValue>7</keyValue></leadKey></paramsGetLead>`,
	} {
		if got := unmarshal(t, new(gen.ParamsGetLead), doc).LeadKey; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	foreign := `<m:paramsGetLead xmlns:m="http://www.marketo.com/mktows/"><leadKey xmlns="urn:other"><keyType>IDNUM</keyType></leadKey></m:paramsGetLead>`
	if got := unmarshal(t, new(gen.ParamsGetLead), foreign).LeadKey; got != nil {
		t.Errorf("an element of another namespace is taken: %+v", got)
	}
}

func TestRequired_falseAndZeroAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   gen.Message
		want string
	}{
		{&gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{}}, "<returnLead>false</returnLead>"},
		{&gen.ParamsImportToList{ImportFileRows: &gen.ArrayOfString{}, ImportListMode: gen.ImportToListModeEnumLISTONLY}, "<clearList>false</clearList>"},
		{&gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{}}}, "<returnCount>0</returnCount><remainingCount>0</remainingCount>"},
		{&gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL}}, "<keyValue></keyValue>"},
	} {
		if doc := marshal(t, c.in, gen.V2_7); !strings.Contains(doc, c.want) {
			t.Errorf("%s lacks %s", doc, c.want)
		}
	}
}

func TestOptional_falseZeroAndEmptyAreWrittenWhenSet(t *testing.T) {
	t.Parallel()
	doc := marshal(t, &gen.ParamsGetMObjects{
		Type: "Program", Id: gen.Some(int32(0)), IncludeDetails: gen.Some(false), StreamPosition: gen.Some(""),
	}, gen.V2_7)
	if !strings.HasSuffix(doc, `<type>Program</type><id>0</id><includeDetails>false</includeDetails><streamPosition></streamPosition></ns1:paramsGetMObjects>`) {
		t.Error(doc)
	}
}

func TestRequired_missingStructureIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	_, err := gen.Marshal(&gen.ParamsGetLead{}, gen.V2_7)
	if err == nil || err.Error() != "paramsGetLead.leadKey: is required and not set" {
		t.Error(err)
	}
	if _, err := gen.Marshal((*gen.ParamsGetLead)(nil), gen.V2_7); err == nil {
		t.Error("a nil message is written")
	}
}

func TestLeadSelector_isWrittenAndReadByXSIType(t *testing.T) {
	t.Parallel()
	for want, selector := range map[string]gen.LeadSelector{
		`<leadSelector xsi:type="ns1:LeadKeySelector"><keyType>EMAIL</keyType><keyValues><stringItem>a@example.com</stringItem></keyValues></leadSelector>`: &gen.LeadKeySelector{KeyType: gen.LeadKeyRefEMAIL, KeyValues: &gen.ArrayOfString{StringItem: []string{"a@example.com"}}},
		`<leadSelector xsi:type="ns1:StaticListSelector"><staticListName>P.L</staticListName></leadSelector>`:                                               &gen.StaticListSelector{StaticListName: gen.Some("P.L")},
		`<leadSelector xsi:type="ns1:LastUpdateAtSelector"><oldestUpdatedAt>2026-01-02T03:04:05+00:00</oldestUpdatedAt></leadSelector>`:                     &gen.LastUpdateAtSelector{OldestUpdatedAt: "2026-01-02T03:04:05+00:00"},
	} {
		in := &gen.ParamsGetMultipleLeads{LeadSelector: selector}
		doc := marshal(t, in, gen.V2_7)
		if !strings.Contains(doc, want) || !strings.Contains(doc, xsi) {
			t.Errorf("%s lacks %s", doc, want)
		}
		if out := unmarshal(t, new(gen.ParamsGetMultipleLeads), doc); !reflect.DeepEqual(in, out) {
			t.Errorf("read back %+v", out)
		}
	}
}

func TestLeadSelector_prefixIsResolved(t *testing.T) {
	t.Parallel()
	head := `<ns1:paramsGetMultipleLeads` + ns + xsi + `><leadSelector `
	tail := `><staticListId>7</staticListId></leadSelector></ns1:paramsGetMultipleLeads>`
	for _, attr := range []string{
		`xmlns:q="http://www.marketo.com/mktows/" xsi:type="q:StaticListSelector"`, `xsi:type="StaticListSelector"`, `xsi:type=" ns1:StaticListSelector "`,
	} {
		out := unmarshal(t, new(gen.ParamsGetMultipleLeads), head+attr+tail)
		if s, ok := out.LeadSelector.(*gen.StaticListSelector); !ok || s.StaticListId.Value != 7 {
			t.Errorf("%s: %+v", attr, out.LeadSelector)
		}
	}
	wrongWith(t, new(gen.ParamsGetMultipleLeads), head+`xsi:type="q:StaticListSelector"`+tail, "q:StaticListSelector", "not declared")
	wrongWith(t, new(gen.ParamsGetMultipleLeads), head+`xsi:type="ns1:Other"`+tail, "Other", "LeadKeySelector")
	wrongWith(t, new(gen.ParamsGetMultipleLeads), head+`xsi:type="xsi:StaticListSelector"`+tail, "XMLSchema-instance")
	empty := unmarshal(t, new(gen.ParamsGetMultipleLeads), head+`></leadSelector></ns1:paramsGetMultipleLeads>`)
	if empty.LeadSelector != nil {
		t.Errorf("an empty selector is %+v, want none", empty.LeadSelector)
	}
}

// TestLeadSelector_withoutType holds that the children tell the type where only one type has
// them all.
func TestLeadSelector_withoutType(t *testing.T) {
	t.Parallel()
	head, tail := `<ns1:paramsGetMultipleLeads`+ns+xsi+`><leadSelector>`, `</leadSelector><batchSize>5</batchSize></ns1:paramsGetMultipleLeads>`
	for children, want := range map[string]gen.LeadSelector{
		`<staticListId>7</staticListId>`: &gen.StaticListSelector{StaticListId: gen.Some[int32](7)},
		`<keyType>IDNUM</keyType><keyValues><stringItem>1</stringItem></keyValues>`: &gen.LeadKeySelector{
			KeyType: "IDNUM", KeyValues: &gen.ArrayOfString{StringItem: []string{"1"}}},
		`<!-- a --><oldestUpdatedAt>2026-01-02T03:04:05+00:00</oldestUpdatedAt>`:  &gen.LastUpdateAtSelector{OldestUpdatedAt: "2026-01-02T03:04:05+00:00"},
		`<ns1:staticListName>L</ns1:staticListName><unknown><keyType/></unknown>`: &gen.StaticListSelector{StaticListName: gen.Some("L")},
	} {
		out := unmarshal(t, new(gen.ParamsGetMultipleLeads), head+children+tail)
		if !reflect.DeepEqual(out.LeadSelector, want) || out.BatchSize.Value != 5 {
			t.Errorf("%s: %+v, batchSize %d", children, out.LeadSelector, out.BatchSize.Value)
		}
	}
	for _, children := range []string{`<keyType>IDNUM</keyType><staticListId>7</staticListId>`, `<unknown/>`} {
		wrongWith(t, new(gen.ParamsGetMultipleLeads), head+children+tail, "xsi:type", "LeadSelector")
	}
	wrongWith(t, new(gen.ParamsGetMultipleLeads), head+`<keyType>IDNUM</staticListId>`+tail, "does not match")
}

func TestNilEmptyAbsent_areThreeThings(t *testing.T) {
	t.Parallel()
	head := `<ns1:successSyncLead` + ns + xsi + `><result><leadId>1</leadId><syncStatus><leadId>1</leadId><status>UPDATED</status>`
	tail := `</syncStatus></result></ns1:successSyncLead>`
	for element, want := range map[string]gen.Opt[string]{
		``:                                 {},
		`<error xsi:nil="true"/>`:          gen.NilOf[string](),
		`<error></error>`:                  gen.Some(""),
		`<error> </error>`:                 gen.Some(" "),
		`<error>no such lead</error>`:      gen.Some("no such lead"),
		`<error xsi:nil="false">x</error>`: gen.Some("x"),
	} {
		out := unmarshal(t, new(gen.SuccessSyncLead), head+element+tail)
		if got := out.Result.SyncStatus.Error; got != want {
			t.Errorf("%q is read as %+v, want %+v", element, got, want)
		}
		again := unmarshal(t, new(gen.SuccessSyncLead), marshal(t, out, gen.V2_7))
		if got := again.Result.SyncStatus.Error; got != want {
			t.Errorf("%q comes back as %+v", element, got)
		}
	}
}

func TestNil_ofWhatTheSchemaDoesNotLetBeNil(t *testing.T) {
	t.Parallel()
	// mktgAssetName may be absent but not nil: written, it is absent.
	record := gen.ActivityRecord{Id: gen.Some(int64(1)), ActivityDateTime: "2015-09-04T16:07:16-05:00", MktgAssetName: gen.NilOf[string]()}
	doc := marshal(t, activities(record), gen.V2_7)
	if strings.Contains(doc, "mktgAssetName") {
		t.Error(doc)
	}
	// MObjStatus.id is required and may be nil: written, it is nil when absent.
	doc = marshal(t, &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{
		MObjStatus: []gen.MObjStatus{{Status: gen.MObjStatusEnumFAILED}},
	}}}, gen.V2_7)
	if !strings.Contains(doc, `<id xsi:nil="true"/>`) {
		t.Error(doc)
	}
}

func TestNil_withChildrenIsTheChildren(t *testing.T) {
	t.Parallel()
	doc := `<ns1:paramsSyncLead` + ns + xsi + `><leadRecord><leadAttributeList xsi:nil="true"><attribute><attrName>A</attrName><attrValue>b</attrValue></attribute></leadAttributeList></leadRecord><returnLead>0</returnLead></ns1:paramsSyncLead>`
	list, ok := unmarshal(t, new(gen.ParamsSyncLead), doc).LeadRecord.LeadAttributeList.Get()
	if !ok || len(list.Attribute) != 1 || list.Attribute[0].AttrValue != "b" {
		t.Errorf("%+v", list)
	}
}

func TestEmpty_optionalElementsOfAnyTypeAreAbsent(t *testing.T) {
	t.Parallel()
	doc := `<ns1:paramsGetLeadActivity` + ns + `><leadKey><keyType>EMAIL</keyType><keyValue>a@example.com</keyValue></leadKey>` +
		`<startPosition><latestCreatedAt /><activityCreatedAt></activityCreatedAt><offset /></startPosition><batchSize> </batchSize></ns1:paramsGetLeadActivity>`
	out := unmarshal(t, new(gen.ParamsGetLeadActivity), doc)
	position, ok := out.StartPosition.Get()
	if !ok || position.LatestCreatedAt.State != gen.Absent || position.ActivityCreatedAt.State != gen.Absent || position.Offset != gen.Some("") {
		t.Errorf("%+v", position)
	}
	if out.BatchSize.State != gen.Absent {
		t.Errorf("batchSize %+v", out.BatchSize)
	}
}

func activities(records ...gen.ActivityRecord) *gen.SuccessGetLeadActivity {
	return &gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{
		NewStartPosition:   &gen.StreamPosition{},
		ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: records}),
	}}
}

func TestDateTime_badOnesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"yesterday", "2015-09-04", "2015-09-04 16:07:16", "2015-13-04T16:07:16-05:00", "2015-02-29T00:00:00Z", "2015-09-04T16:07:16-0500",
		"2015-09-04T24:00:01Z", "2015-09-04T16:60:16Z", "2015-09-04T16:07:16.Z", "2015-09-04T16:07:16-15:00", "0000-01-01T00:00:00Z", "2015-09-04T16:07:16-05:00x", "2015-09-04T16:07:60Z",
	} {
		_, err := gen.Marshal(activities(gen.ActivityRecord{Id: gen.Some(int64(1)), ActivityDateTime: gen.DateTime(text)}), gen.V2_7)
		if err == nil || !strings.Contains(err.Error(), "activityRecordList.activityRecord[0].activityDateTime") {
			t.Errorf("%q written: %v", text, err)
		}
		doc := `<ns1:paramsGetMultipleLeads` + ns + `><lastUpdatedAt>` + text + `</lastUpdatedAt></ns1:paramsGetMultipleLeads>`
		wrongWith(t, new(gen.ParamsGetMultipleLeads), doc, text, "xs:dateTime", "ns1:paramsGetMultipleLeads/lastUpdatedAt", "at byte")
	}
}

func TestDateTime_textAndOffsetAreKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2015-09-04T16:07:16-05:00":     "2015-09-04T21:07:16Z",
		"2015-09-04T16:07:16Z":          "2015-09-04T16:07:16Z",
		"2015-09-04T16:07:16+00:00":     "2015-09-04T16:07:16Z",
		"2015-09-04T16:07:16.250+05:30": "2015-09-04T10:37:16.25Z",
		"2015-09-04T16:07:16":           "2015-09-04T16:07:16Z",
		"2015-12-31T24:00:00Z":          "2016-01-01T00:00:00Z",
	} {
		doc := `<ns1:paramsGetMultipleLeads` + ns + `><lastUpdatedAt> ` + text + "\n" + `</lastUpdatedAt></ns1:paramsGetMultipleLeads>`
		out := unmarshal(t, new(gen.ParamsGetMultipleLeads), doc)
		at, err := out.LastUpdatedAt.Value.Time()
		if err != nil || at.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %v (%v), want %s", text, at, err, want)
		}
		if again := marshal(t, out, gen.V2_7); !strings.Contains(again, ">"+text+"<") {
			t.Errorf("%s is written as %s", text, again)
		}
	}
	_, offset := must(gen.DateTime("2015-09-04T16:07:16-05:00").Time())(t).Zone()
	if offset != -5*3600 {
		t.Errorf("offset %d", offset)
	}
	utc := gen.NewDateTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if utc != "2026-01-02T03:04:05+00:00" {
		t.Errorf("UTC is written %s, want a numeric offset", utc)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestUnlistedElements_areSkipped(t *testing.T) {
	t.Parallel()
	doc := `<ns1:successListOperation` + ns + `><new><deep a="1">x<y/></deep></new><result><success>true</success><other/><!-- c --></result></ns1:successListOperation>`
	if out := unmarshal(t, new(gen.SuccessListOperation), doc); !out.Result.Success {
		t.Errorf("%+v", out.Result)
	}
	// A type without any fields, too.
	unmarshal(t, new(gen.ParamsListMObjects), `<ns1:paramsListMObjects`+ns+`><new><deep>x</deep></new>t<ns1:other/></ns1:paramsListMObjects>`)
}

func TestUnlistedValues_areReadAndNotWritten(t *testing.T) {
	t.Parallel()
	doc := `<ns1:successSyncLead` + ns + `><result><leadId>1</leadId><syncStatus><leadId>1</leadId><status>SKIPPED</status></syncStatus></result></ns1:successSyncLead>`
	out := unmarshal(t, new(gen.SuccessSyncLead), doc)
	if got := out.Result.SyncStatus.Status; got != "SKIPPED" || got.Valid() {
		t.Errorf("status %q, valid %t", got, got.Valid())
	}
	_, err := gen.Marshal(out, gen.V2_7)
	if err == nil || !strings.Contains(err.Error(), `successSyncLead.result.syncStatus.status: "SKIPPED"`) {
		t.Error(err)
	}
}

func TestSingleElement_standingTwiceIsRefused(t *testing.T) {
	t.Parallel()
	doc := `<ns1:paramsGetLead` + ns + `><leadKey><keyType>IDNUM</keyType><keyType>EMAIL</keyType></leadKey></ns1:paramsGetLead>`
	wrongWith(t, new(gen.ParamsGetLead), doc, "ns1:paramsGetLead/leadKey/keyType", "twice")
}

func TestIllFormedDocuments_areRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ doc, want string }{
		"mismatched tag":    {`<ns1:paramsGetLead` + ns + `><leadKey><keyType>x</keyValue></leadKey></ns1:paramsGetLead>`, "</keyValue>"},
		"DTD":               {`<!DOCTYPE x [<!ENTITY a "b">]><ns1:paramsGetLead` + ns + `/>`, "DTD"},
		"undefined entity":  {`<ns1:paramsGetLead` + ns + `><leadKey><keyValue>&nbsp;</keyValue></leadKey></ns1:paramsGetLead>`, "&nbsp;"},
		"control character": {"<ns1:paramsGetLead" + ns + "><leadKey><keyValue>a\x01b</keyValue></leadKey></ns1:paramsGetLead>", "U+0001"},
		"control reference": {`<ns1:paramsGetLead` + ns + `><leadKey><keyValue>&#1;</keyValue></leadKey></ns1:paramsGetLead>`, "&#1;"},
		"not UTF-8":         {"<ns1:paramsGetLead" + ns + "><leadKey><keyValue>\xe9</keyValue></leadKey></ns1:paramsGetLead>", "UTF-8"},
		"second root":       {`<ns1:paramsGetLead` + ns + `/><x/>`, "after the root"},
		"text after root":   {`<ns1:paramsGetLead` + ns + `/>x`, "after the root"},
		"other root":        {`<ns1:paramsGetTags` + ns + `/>`, "paramsGetLead"},
		"unqualified root":  {`<paramsGetLead/>`, "paramsGetLead"},
		"half a document":   {`<ns1:paramsGetLead` + ns + `><leadKey><keyType>IDN`, "ends here"},
		"empty":             {``, "empty"},
		"undeclared prefix": {`<ns2:paramsGetLead` + ns + `/>`, "prefix"},
		"element twice":     {`<ns1:paramsGetLead` + ns + `><leadKey/><leadKey/></ns1:paramsGetLead>`, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrongWith(t, new(gen.ParamsGetLead), c.doc, c.want, "at byte")
		})
	}
}

func TestNumbers_areChecked(t *testing.T) {
	t.Parallel()
	read := func(element, text string) error {
		return gen.Unmarshal([]byte(`<ns1:paramsGetMObjects`+ns+`><type>x</type><`+element+`>`+text+`</`+element+`></ns1:paramsGetMObjects>`), new(gen.ParamsGetMObjects))
	}
	for _, good := range []string{"0", " -7\n", "+7", "2147483647", "007"} {
		if err := read("id", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"2147483648", "1.0", "x", "0x1", "1_000", "- 1"} {
		if err := read("id", bad); err == nil || !strings.Contains(err.Error(), "ns1:paramsGetMObjects/id") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"true", "1", "False", " TRUE "} {
		if err := read("includeDetails", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if err := read("includeDetails", "yes"); err == nil {
		t.Error("yes is taken for a boolean")
	}
	empty := gen.Unmarshal([]byte(`<ns1:successListOperation`+ns+`><result><success/></result></ns1:successListOperation>`), new(gen.SuccessListOperation))
	if empty == nil || !strings.Contains(empty.Error(), "result/success") {
		t.Errorf("an empty required value: %v", empty)
	}
}

func TestIllegalCharacters_areNotWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\x01b": "U+0001 at byte 1", "\uFFFE": "U+FFFE at byte 0", "é\x00": "U+0000 at byte 2", "a\xff": "0xFF at offset 1", "\x0b": "U+000B at byte 0",
	} {
		in := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{LeadAttributeList: gen.Some(gen.ArrayOfAttribute{
			Attribute: []gen.Attribute{{AttrName: "A"}, {AttrName: "B", AttrValue: text}},
		})}}
		_, err := gen.Marshal(in, gen.V2_7)
		var field *soapxml.FieldError
		if !errors.As(err, &field) || field.Path != "paramsSyncLead.leadRecord.leadAttributeList.attribute[1].attrValue" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestText_survivesARoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"]]>", "<b>&amp;</b>", "\r\n\t ", "  padded  ", "日本語 é 😀", "a\u0085b\u2028c", "\x7f"} {
		in := &gen.ParamsDescribeMObject{ObjectName: text}
		if out := unmarshal(t, new(gen.ParamsDescribeMObject), marshal(t, in, gen.V2_7)); out.ObjectName != text {
			t.Errorf("%q comes back as %q", text, out.ObjectName)
		}
	}
}

func TestMarkupInsideAValue_isKept(t *testing.T) {
	t.Parallel()
	doc := `<ns1:successListMObjects` + ns + `><result><objects><p class="x">Hello &amp; <b>you</b></p></objects><objects>next</objects></result></ns1:successListMObjects>`
	out := unmarshal(t, new(gen.SuccessListMObjects), doc)
	want := []string{`<p class="x">Hello &amp; <b>you</b></p>`, "next"}
	if !reflect.DeepEqual(out.Result.Objects, want) {
		t.Errorf("%q", out.Result.Objects)
	}
	split := strings.Replace(doc, `<p class="x">Hello &amp; <b>you</b></p>`, `a<!-- c -->b<![CDATA[<c>]]>`, 1)
	if out := unmarshal(t, new(gen.SuccessListMObjects), split); out.Result.Objects[0] != "ab<c>" {
		t.Errorf("%q", out.Result.Objects)
	}
}

func TestVersions_decideWhichElementsAreWritten(t *testing.T) {
	t.Parallel()
	answer := activities(gen.ActivityRecord{Id: gen.Some(int64(1)), MarketoGUID: "g-1", ActivityDateTime: "2015-09-04T16:07:16-05:00"})
	if doc := marshal(t, answer, gen.V2_7); strings.Contains(doc, "marketoGUID") {
		t.Errorf("2_7: %s", doc)
	}
	if doc := marshal(t, answer, gen.V3_1); !strings.Contains(doc, "<id>1</id><marketoGUID>g-1</marketoGUID>") {
		t.Errorf("3_1: %s", doc)
	}
	record := &answer.LeadActivityList.ActivityRecordList.Value.ActivityRecord[0]
	for state, want := range map[gen.State]string{gen.Absent: "<activityRecord><marketoGUID>", gen.Nil: `<activityRecord><id xsi:nil="true"/><marketoGUID>`} {
		record.Id = gen.Opt[int64]{State: state}
		if doc := marshal(t, answer, gen.V3_1); !strings.Contains(doc, want) {
			t.Errorf("3_1: %s lacks %s", doc, want)
		}
		if _, err := gen.Marshal(answer, gen.V2_7); err == nil || !strings.Contains(err.Error(), "activityRecord[0].id: is required") {
			t.Errorf("2_7 without id: %v", err)
		}
	}
}

func TestVersions_aRequestLosesNothing(t *testing.T) {
	t.Parallel()
	for path, in := range map[string]gen.Message{
		"paramsScheduleCampaign.cloneToProgramName": &gen.ParamsScheduleCampaign{CloneToProgramName: gen.Some("copy")},
		"AuthenticationHeader.partnerId":            &gen.AuthenticationHeaderInfo{PartnerId: gen.Some("p")},
	} {
		if _, err := gen.Marshal(in, gen.V2_7); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := gen.Marshal(in, gen.V3_1); err != nil {
			t.Error(err)
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]gen.Version{"1_4": gen.V2_7, "2_0": gen.V2_7, "2_7": gen.V2_7, "2_8": gen.V3_1, "3_0": gen.V3_1, "3_1": gen.V3_1, "2_10": gen.V3_1} {
		if v, err := gen.ParseVersion(text); err != nil || v != want {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
	for _, text := range []string{
		"", "2", "2.7", "3_2", "4_0", "-1_0", "2_-1", "2_100", "100_1", "a_b", "a_7", "2_b", "0_0", "0_7", "00_1",
	} {
		if v, err := gen.ParseVersion(text); err == nil {
			t.Errorf("%q is %v", text, v)
		}
	}
	if gen.V2_7.String() != "2_7" || gen.V3_1.String() != "3_1" {
		t.Error(gen.V2_7, gen.V3_1)
	}
}

func TestLeadSelector_nilOfAType(t *testing.T) {
	t.Parallel()
	for _, in := range []gen.Message{
		&gen.ParamsGetMultipleLeads{LeadSelector: (*gen.LeadKeySelector)(nil)},
		&gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{}, LeadSelector: (*gen.StaticListSelector)(nil)},
	} {
		if _, err := gen.Marshal(in, gen.V2_7); err == nil || !strings.HasSuffix(err.Error(), ".leadSelector: is nil") {
			t.Errorf("%T: %v", in, err)
		}
	}
}
