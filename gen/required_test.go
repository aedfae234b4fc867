package gen_test

import (
	"encoding/xml"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// xsdType is a complex type of the schema, read by means of the test's own.
type xsdType struct {
	Name     string     `xml:"name,attr"`
	Fields   []xsdField `xml:"sequence>element"`
	Extended []xsdField `xml:"complexContent>extension>sequence>element"`
}

type xsdField struct {
	Name     string `xml:"name,attr"`
	Type     string `xml:"type,attr"`
	Min      string `xml:"minOccurs,attr"`
	Max      string `xml:"maxOccurs,attr"`
	Nillable string `xml:"nillable,attr"`
}

// needed reports whether an answer has to have the element: not the GUID of activities,
// which answers of 2_7 and older records lack, and nothing of a single activity: whoever reads the page judges that.
func (f xsdField) needed() bool {
	if f.Name == "activityDateTime" || f.Name == "activityType" || f.Name == "mktPersonId" {
		return false
	}
	return f.Min != "0" && f.Nillable != "true" && f.Max != "unbounded" && f.Name != "marketoGUID"
}

type xsd map[string]xsdType

func readXSD(t *testing.T) xsd {
	t.Helper()
	var doc struct {
		Types []xsdType `xml:"types>schema>complexType"`
	}
	data, err := os.ReadFile("../wsdl/mktows_3_1.wsdl")
	if err == nil {
		err = xml.Unmarshal(data, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	all := xsd{}
	for _, s := range doc.Types {
		s.Fields = append(s.Fields, s.Extended...)
		all[s.Name] = s
	}
	return all
}

// typeOf returns the complex type of a field; ok is false for a value.
func (x xsd) typeOf(f xsdField) (xsdType, bool) {
	s, ok := x[f.Type[strings.IndexByte(f.Type, ':')+1:]]
	return s, ok
}

// nilIsWrong reports whether an answer may not have the element as nil: a value that it
// needs, or an item of a list. A nil structure says no more than an empty one.
func (x xsd) nilIsWrong(f xsdField) bool {
	s, isStruct := x.typeOf(f)
	item := f.Max == "unbounded"
	if !isStruct {
		return f.needed() || item
	}
	for _, inner := range s.Fields {
		if inner.needed() && (f.needed() || item) {
			return true
		}
	}
	return false
}

// full returns a value with everything that the type can hold, each list with one item.
func full(v reflect.Value) {
	switch value := v.Addr().Interface().(type) {
	case *gen.DateTime:
		*value = "2015-09-04T16:07:16-05:00"
		return
	case *gen.State:
		*value = gen.Present
		return
	case *gen.LeadSelector:
		*value = &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: []string{"7"}}}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("7")
		if values := v.MethodByName("Values"); values.IsValid() {
			v.Set(values.Call(nil)[0].Index(0))
		}
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		full(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			full(v.Field(i))
		}
	}
}

// place is an element of a document that a test changes.
type place struct {
	element *etree.Element
	field   xsdField
	path    string
}

// places returns all elements below one of the type.
func (x xsd) places(e *etree.Element, s xsdType, path string) (all []place) {
	for _, f := range s.Fields {
		child := e.SelectElement(f.Name)
		if child == nil {
			continue // of a selector, which has the fields of its own type
		}
		p := place{child, f, path + "/" + f.Name}
		all = append(all, p)
		if inner, ok := x.typeOf(f); ok {
			all = append(all, x.places(child, inner, p.path)...)
		}
	}
	return all
}

// fullDocument returns the message with everything in it, as a tree.
func fullDocument(t *testing.T, m gen.Message) *etree.Document {
	t.Helper()
	full(reflect.ValueOf(m).Elem())
	text, err := gen.Marshal(m, gen.V3_1)
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		t.Fatal(err)
	}
	doc.Root().CreateAttr("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
	return doc
}

// without returns the document without the element.
func without(t *testing.T, doc *etree.Document, e *etree.Element) string {
	t.Helper()
	parent, at := e.Parent(), e.Index()
	parent.RemoveChildAt(at)
	defer func() { parent.InsertChildAt(at, e) }()
	return written(t, doc)
}

// asNil returns the document with the element nil, and with the text in it.
func asNil(t *testing.T, doc *etree.Document, e *etree.Element, text string) string {
	t.Helper()
	parent, at := e.Parent(), e.Index()
	empty := etree.NewElement(e.Tag)
	empty.CreateAttr("xsi:nil", "true")
	empty.SetText(text)
	parent.RemoveChildAt(at)
	parent.InsertChildAt(at, empty)
	defer func() {
		parent.RemoveChildAt(at)
		parent.InsertChildAt(at, e)
	}()
	return written(t, doc)
}

func written(t *testing.T, doc *etree.Document) string {
	t.Helper()
	text, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAnswers_lackNothingRequired takes away, and makes nil, each element of each answer.
func TestAnswers_lackNothingRequired(t *testing.T) {
	t.Parallel()
	schema := readXSD(t)
	tried := 0
	for _, op := range gen.Operations() {
		doc := fullDocument(t, op.NewOutput())
		for _, p := range schema.places(doc.Root(), schema[reflect.TypeOf(op.NewOutput()).Elem().Name()], op.Output) {
			tried++
			judge(t, op.NewOutput(), without(t, doc, p.element), p.path, p.field.needed())
			judge(t, op.NewOutput(), asNil(t, doc, p.element, ""), p.path, schema.nilIsWrong(p.field))
			judge(t, op.NewOutput(), asNil(t, doc, p.element, "\n  "), p.path, schema.nilIsWrong(p.field))
		}
	}
	if tried < 200 {
		t.Errorf("%d elements were tried, want all", tried)
	}
}

func judge(t *testing.T, m gen.Message, doc, path string, wrong bool) {
	t.Helper()
	err := gen.Unmarshal([]byte(doc), m)
	if wrong && (err == nil || !strings.Contains(err.Error(), "(in ns1:"+path) || !err.(*soapxml.SyntaxError).Value) {
		t.Errorf("%s: error %v, want one with the path\n%s", path, err, doc)
	} else if !wrong && err != nil {
		t.Errorf("%s: %v\n%s", path, err, doc)
	}
}

// TestRecords_comeAsTheyAre: one activity that cannot be read does not cost the others of its page.
func TestRecords_comeAsTheyAre(t *testing.T) {
	t.Parallel()
	doc := `<m:successGetLeadChanges xmlns:m="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><result>
		<returnCount>3</returnCount><remainingCount>0</remainingCount><newStartPosition/><leadChangeRecordList>
		<leadChangeRecord/>
		<leadChangeRecord><activityDateTime>yesterday</activityDateTime><activityType xsi:nil="true"/><mktPersonId xsi:nil="true">
		</mktPersonId></leadChangeRecord>
		<leadChangeRecord><activityDateTime> 2015-09-04T16:07:16-05:00
		</activityDateTime><activityType>Visit Webpage</activityType><mktPersonId> 7 </mktPersonId></leadChangeRecord>
		</leadChangeRecordList></result></m:successGetLeadChanges>`
	var out gen.SuccessGetLeadChanges
	if err := gen.Unmarshal([]byte(doc), &out); err != nil {
		t.Fatal(err)
	}
	want := []gen.LeadChangeRecord{
		{}, {ActivityDateTime: "yesterday"}, {ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "Visit Webpage", MktPersonId: "7"},
	}
	if got := out.Result.LeadChangeRecordList.Value.LeadChangeRecord; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// TestRequests_mayLackAnything leaves it to the port to say what a request lacks.
func TestRequests_mayLackAnything(t *testing.T) {
	t.Parallel()
	schema := readXSD(t)
	for _, op := range gen.Operations() {
		doc := fullDocument(t, op.NewInput())
		for _, p := range schema.places(doc.Root(), schema[reflect.TypeOf(op.NewInput()).Elem().Name()], op.Input) {
			judge(t, op.NewInput(), without(t, doc, p.element), p.path, false)
			if p.field.Name != "leadSelector" { // its type is an attribute
				judge(t, op.NewInput(), asNil(t, doc, p.element, "\n"), p.path, false)
			}
		}
	}
}

// TestAnswers_emptyIsNoValue holds what the schema gives no empty form to its values.
func TestAnswers_emptyIsNoValue(t *testing.T) {
	t.Parallel()
	head, tail := `<ns1:successSyncLead`+ns+xsi+`><result>`, `</result></ns1:successSyncLead>`
	for inside, want := range map[string]string{
		`<leadId/><syncStatus><leadId>1</leadId><status>FAILED</status></syncStatus>`:     `result/leadId`,
		`<leadId>1</leadId><syncStatus><leadId>1</leadId><status> </status></syncStatus>`: `result/syncStatus/status`,
		`<leadId>1</leadId><syncStatus/>`:                                                 `result/syncStatus/leadId`,
		`<leadId>1</leadId>`:                                                              `result/syncStatus`,
		``:                                                                                `result/leadId`,
		`<leadId xsi:nil="true">1</leadId><syncStatus><leadId>1</leadId><status>NEW</status></syncStatus>`:          ``, // content counts
		`<leadId>1</leadId><syncStatus><leadId>1</leadId><status>FAILED</status><error/></syncStatus><leadRecord/>`: ``,
	} {
		err := gen.Unmarshal([]byte(head+inside+tail), new(gen.SuccessSyncLead))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", inside, err, want)
		}
	}
}

// TestNil_withWhiteSpaceInside is nil, in all kinds of values.
func TestNil_withWhiteSpaceInside(t *testing.T) {
	t.Parallel()
	out := unmarshal(t, new(gen.SuccessSyncLead), `<ns1:successSyncLead`+ns+xsi+`><result><leadId>1</leadId><syncStatus><leadId>1</leadId><status>UPDATED</status>`+
		"<error xsi:nil=\"true\">\n  <!-- none -->\t</error></syncStatus><leadRecord xsi:nil=\"1\">\r\n</leadRecord></result></ns1:successSyncLead>")
	if got := out.Result.SyncStatus.Error; got != gen.NilOf[string]() {
		t.Errorf("a nil text: %+v", got)
	}
	if got := out.Result.LeadRecord.State; got != gen.Nil {
		t.Errorf("a nil structure: %v", got)
	}
	in := unmarshal(t, new(gen.ParamsGetLeadActivity), `<ns1:paramsGetLeadActivity`+ns+xsi+"><leadKey><keyType>IDNUM</keyType><keyValue xsi:nil='true'>\n</keyValue></leadKey><batchSize xsi:nil='true'> </batchSize></ns1:paramsGetLeadActivity>")
	if in.LeadKey.KeyValue != "" || in.BatchSize != gen.NilOf[int32]() {
		t.Errorf("a request: %q, %+v", in.LeadKey.KeyValue, in.BatchSize)
	}
}

// TestPage_withoutItsEnd holds that a page which does not tell whether more follows is
// no last page.
func TestPage_withoutItsEnd(t *testing.T) {
	t.Parallel()
	page := `<returnCount>0</returnCount><newStartPosition/><newStreamPosition/>`
	for path, c := range map[string]struct {
		out gen.Message
		doc string
	}{
		"leadActivityList/remainingCount": {new(gen.SuccessGetLeadActivity), `<ns1:successGetLeadActivity` + ns + `><leadActivityList>` + page + `</leadActivityList></ns1:successGetLeadActivity>`},
		"leadActivityList/returnCount":    {new(gen.SuccessGetLeadActivity), `<ns1:successGetLeadActivity` + ns + xsi + `><leadActivityList xsi:nil="true"/></ns1:successGetLeadActivity>`},
		"result/hasMore":                  {new(gen.SuccessGetMObjects), `<ns1:successGetMObjects` + ns + `><result>` + page + `</result></ns1:successGetMObjects>`},
		"result/remainingCount":           {new(gen.SuccessGetMultipleLeads), `<ns1:successGetMultipleLeads` + ns + xsi + `><result>` + page + `<remainingCount xsi:nil="true"/></result></ns1:successGetMultipleLeads>`},
	} {
		wrongWith(t, c.out, c.doc, path)
	}
}
