package envelope_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/xmldiff"
)

var update = flag.Bool("update", false, "rewrite the golden files *.want.xml")

// corpus is the folder of example envelopes; its README tells how they are named.
const corpus = "../../testdata/envelopes"

// example is a file of the corpus: operation/case[.v31][.lenient].kind.xml.
type example struct {
	name      string // inside the corpus
	operation string // the folder
	kind      string // request, response or fault
	version   gen.Version
	lenient   bool // written again it is another document, the golden one
	doc       string
}

// golden returns the path of the document that a lenient file becomes.
func (e example) golden() string {
	return filepath.Join(corpus, strings.TrimSuffix(e.name, ".xml")+".want.xml")
}

func newExample(t *testing.T, name string) example {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(corpus, name))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(filepath.Base(name), ".")
	e := example{name: name, operation: filepath.Dir(name), version: gen.V2_7, doc: string(doc)}
	e.kind = parts[len(parts)-2]
	for _, mark := range parts[1 : len(parts)-2] {
		switch mark {
		case "v31":
			e.version = gen.V3_1
		case "lenient":
			e.lenient = true
		default:
			t.Fatalf("%s: unknown mark %q in the name", name, mark)
		}
	}
	return e
}

// names returns the paths of the XML files of the corpus, the golden ones or the others.
func names(t *testing.T, golden bool) (all []string) {
	t.Helper()
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".xml" && strings.HasSuffix(path, ".want.xml") == golden {
			path, err = filepath.Rel(corpus, path)
			all = append(all, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("no envelopes in %s: %v", corpus, err)
	}
	return all
}

func examples(t *testing.T) (all []example) {
	t.Helper()
	for _, name := range names(t, false) {
		all = append(all, newExample(t, name))
	}
	return all
}

// TestExamples_areReadAndWrittenAgain holds codec and envelope to every file: what is
// written says the same as what was read, element by element and in the same order.
func TestExamples_areReadAndWrittenAgain(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			again := writeAgain(t, e)
			if e.lenient {
				compareGolden(t, e, again)
			} else if d := differ(t, e.doc, again); d != "" {
				t.Errorf("written again (b) it is another document:\n%s", d)
			}
		})
	}
}

func differ(t *testing.T, a, b string) string {
	t.Helper()
	d, err := xmldiff.Diff([]byte(a), []byte(b))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func compareGolden(t *testing.T, e example, again string) {
	t.Helper()
	if differ(t, e.doc, again) == "" {
		t.Error("written again it is the same document: it is not lenient")
	}
	if *update {
		writeGolden(t, e, again)
	}
	want, err := os.ReadFile(e.golden())
	if err != nil {
		t.Fatal(err)
	}
	if d := differ(t, string(want), again); d != "" {
		t.Errorf("written again (b) it is not the golden document:\n%s", d)
	}
}

func writeGolden(t *testing.T, e example, again string) {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(again); err != nil {
		t.Fatal(err)
	}
	doc.InsertChildAt(1, etree.NewComment(" What "+filepath.Base(e.name)+" says, as this module writes it. "))
	layout := etree.NewIndentSettings()
	layout.Spaces, layout.PreserveLeafWhitespace = 2, true
	doc.IndentWithSettings(layout)
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	var b bytes.Buffer
	if _, err := doc.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.golden(), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeAgain(t *testing.T, e example) string {
	t.Helper()
	var doc []byte
	var err error
	switch e.kind {
	case "request":
		header, in := readRequest(t, e)
		doc, err = envelope.AppendRequest(nil, e.version, header, in)
	case "response":
		doc, err = envelope.AppendResponse(nil, e.version, readResponse(t, e))
	case "fault":
		doc = envelope.AppendFault(nil, readFault(t, e))
	default:
		t.Fatalf("unknown kind %q", e.kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func readRequest(t *testing.T, e example) (envelope.Header, gen.Message) {
	t.Helper()
	q, err := envelope.OpenRequest(context.Background(), e.doc)
	if err != nil {
		t.Fatal(err)
	}
	op := gen.OperationByInput(q.Element)
	if op == nil || op.Name != e.operation {
		t.Fatalf("the body holds %s, which is no request of %s", q.Element, e.operation)
	}
	in := op.NewInput()
	if err := q.Read(in); err != nil {
		t.Fatal(err)
	}
	return q.Header, in
}

func readResponse(t *testing.T, e example) gen.Message {
	t.Helper()
	op := gen.OperationByName(e.operation)
	if op == nil {
		t.Fatalf("the folder %s is no operation", e.operation)
	}
	out := op.NewOutput()
	if err := envelope.ReadResponse(context.Background(), e.doc, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// readFault reads it as the answer of an operation, whichever.
func readFault(t *testing.T, e example) *fault.Fault {
	t.Helper()
	err := envelope.ReadResponse(context.Background(), e.doc, new(gen.SuccessGetLead))
	var f *fault.Fault
	if !errors.As(err, &f) {
		t.Fatalf("error %v, want a *fault.Fault", err)
	}
	return f
}

// TestExamples_newLead looks at the values themselves: fields that reading and writing
// mistake for each other would pass the comparison of documents.
func TestExamples_newLead(t *testing.T) {
	t.Parallel()
	header, in := readRequest(t, newExample(t, "getLeadActivity/new-lead.request.xml"))
	wantHeader := envelope.Header{Authentication: &gen.AuthenticationHeaderInfo{
		MktowsUserId: "example_user", RequestSignature: strings.Repeat("0", 40), RequestTimestamp: "2017-03-09T17:40:00-08:00",
	}}
	wantIn := &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"},
		ActivityFilter: gen.Some(gen.ActivityTypeFilter{
			IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeNewLead}}),
		}),
	}
	if d := cmp.Diff(wantHeader, header) + cmp.Diff(gen.Message(wantIn), in); d != "" {
		t.Error(d)
	}
	null := gen.NilOf[string]()
	list := &gen.LeadActivityList{ReturnCount: 1, RemainingCount: 0, NewStartPosition: &gen.StreamPosition{
		LatestCreatedAt: gen.NilOf[gen.DateTime](), OldestCreatedAt: gen.NilOf[gen.DateTime](), ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("1"),
	}}
	list.ActivityRecordList = gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: []gen.ActivityRecord{{
		Id: gen.Some(int64(12025714)), ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "New Lead", MktgAssetName: gen.Some(""),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "Source Type", AttrType: null, AttrValue: "Web service API"}, {AttrName: "Source Info", AttrType: null, AttrValue: "Web service API"},
			{AttrName: "Created Date", AttrType: null, AttrValue: "2015-09-04"}, {AttrName: "Lead ID", AttrType: null, AttrValue: "318815"},
		}}),
		Campaign: gen.Some(""), PersonName: null, MktPersonId: "318815", ForeignSysId: null, OrgName: null, ForeignSysOrgId: null,
	}}})
	out := readResponse(t, newExample(t, "getLeadActivity/new-lead.response.xml"))
	if d := cmp.Diff(gen.Message(&gen.SuccessGetLeadActivity{LeadActivityList: list}), out); d != "" {
		t.Error(d)
	}
}

func TestExamples_faults(t *testing.T) {
	t.Parallel()
	authentication := service(20014, "20014 - Authentication failed", "Authentication failed (20014)")
	want := map[string]fault.Fault{
		"faults/20014.fault.xml":                          authentication,
		"getLeadActivity/authentication-failed.fault.xml": authentication,
		"faults/20103.fault.xml":                          service(20103, "20103 - Lead not found", "No lead found with EMAIL = ann@example.com (20103)"),
		"getLead/not-found.fault.xml":                     service(20103, "20103 - Lead not found", "No lead found with EMAIL = <ann & bo>@example.com (20103)"),
		"faults/20105.fault.xml":                          service(20105, "20105 - Unknown lead field", "syncLead operation failed: unknown fields for import: NoSuchField (20105)"),
		"syncLead/unknown-field.fault.xml":                service(20105, "20105 - Unknown lead field", "syncLead operation failed: unknown fields for import: Straße (20105)"),
		"faults/unknown-code.fault.xml":                   service(29999, "29999 - Something New", "Something that is not in the table (29999)"),
		"faults/qualified-exception.lenient.fault.xml":    service(20016, "20016 - Request Expired", "Request expired (20016)"),
		"faults/code-in-text.lenient.fault.xml":           {Code: 20023, FaultCode: "SOAP-ENV:Client", FaultString: "20023 - Rate Limit Exceeded"},
		"faults/no-detail.fault.xml":                      {FaultCode: "SOAP-ENV:Server", FaultString: "Service Unavailable", Actor: "http://proxy.example.com/"},
		"faults/other-detail.lenient.fault.xml":           {FaultCode: "SOAP-ENV:Server", FaultString: "java.lang.NullPointerException"},
		"faults/other-prefix.lenient.fault.xml":           {Code: 10001, FaultCode: "S:Server", FaultString: "10001 - Internal Error", Name: "mktServiceException", Message: "Internal Error (10001)"},
	}
	for _, e := range examples(t) {
		if e.kind != "fault" {
			continue
		}
		expected, ok := want[e.name]
		if !ok {
			t.Errorf("%s: the test does not know what it says", e.name)
		} else if d := cmp.Diff(expected, *readFault(t, e)); d != "" {
			t.Errorf("%s: %s", e.name, d)
		}
		delete(want, e.name)
	}
	if len(want) > 0 {
		t.Errorf("files are missing: %v", want)
	}
}

// service is a fault of the service's own form.
func service(code fault.Code, short, long string) fault.Fault {
	return fault.Fault{Code: code, FaultCode: "SOAP-ENV:Client", FaultString: short, Name: "mktServiceException", Message: long}
}

func TestExamples_coverEveryOperation(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range examples(t) {
		if !e.lenient {
			seen[e.operation+" "+e.kind] = true
		}
	}
	if n := len(gen.Operations()); n != 23 {
		t.Errorf("%d operations, want 23", n)
	}
	for _, op := range gen.Operations() {
		for _, kind := range []string{"request", "response"} {
			if !seen[op.Name+" "+kind] {
				t.Errorf("%s has no %s", op.Name, kind)
			}
		}
	}
}

var (
	opening  = regexp.MustCompile(`^(\x{FEFF})?(<\?xml [^>]*\?>\r?\n)?<!-- [^>]{20,} -->\r?\n<`)
	secrets  = regexp.MustCompile(`<(?:\w+:)?(?:mktowsUserId|requestSignature|partnerId)>([^<]+)<`)
	address  = regexp.MustCompile(`[\w.+-]+@([\w.-]+)`)
	harmless = map[string]bool{"example_user": true, strings.Repeat("0", 40): true, "EXAMPLE_PARTNER": true}
)

// TestExamples_sayWhatTheyAreAndHoldNoSecrets keeps the folder fit to be read and published.
func TestExamples_sayWhatTheyAreAndHoldNoSecrets(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(corpus, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	goldens := map[string]bool{}
	for _, e := range examples(t) {
		if !opening.MatchString(e.doc) {
			t.Errorf("%s does not begin with a comment that tells what it shows", e.name)
		}
		if e.lenient && !strings.Contains(string(readme), "`"+e.name+"`") {
			t.Errorf("%s is lenient and README.md does not say why", e.name)
		}
		for _, m := range secrets.FindAllStringSubmatch(e.doc, -1) {
			if !harmless[m[1]] {
				t.Errorf("%s: %q is no placeholder", e.name, m[1])
			}
		}
		for _, m := range address.FindAllStringSubmatch(e.doc, -1) {
			if m[1] != "example.com" {
				t.Errorf("%s: %s is no address of a placeholder", e.name, m[0])
			}
		}
		goldens[e.golden()] = e.lenient
	}
	for _, name := range names(t, true) {
		if !goldens[filepath.Join(corpus, name)] {
			t.Errorf("%s belongs to no lenient file", name)
		}
	}
}
