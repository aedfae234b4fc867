package admin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
)

// shownExchange is what tests look at of an exchange.
type shownExchange struct {
	ID                                       int64
	Face, Operation, UserID, Refused, Signed string
	Error                                    string
	Fault                                    *struct {
		Code            int
		Message, Advice string
	}
	PassedOver                    []string
	Request, Response             string
	PrettyRequest, PrettyResponse string
}

// shownJournal is a page of the journal.
type shownJournal struct {
	Earlier, Last int64
	Examined      int
	Exchanges     []shownExchange
	Next          string
}

func (j *shownJournal) ids() (ids []int64) {
	for _, e := range j.Exchanges {
		ids = append(ids, e.ID)
	}
	return ids
}

func get[T any](b *bundle, path string) (out T) {
	b.t.Helper()
	w := b.ask("GET", path, "")
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		b.t.Fatalf("GET %s: status %d, %v: %.1000s", path, w.Code, err, w.Body)
	}
	return out
}

func TestJournal_bounded(t *testing.T) {
	t.Parallel()
	var j admin.Journal
	for range 100_005 {
		j.Add(server.Exchange{})
	}
	if list, earlier := j.Exchanges(); len(list) != 100_000 || earlier != 5 {
		t.Errorf("%d kept, %d before them", len(list), earlier)
	}
	j.Clear()
	for range 5 {
		j.Add(server.Exchange{RawResponse: make([]byte, 30<<20)})
	}
	if list, earlier := j.Exchanges(); len(list) != 4 || earlier != 1 {
		t.Errorf("%d kept, %d before them", len(list), earlier)
	}
	j.Add(server.Exchange{RawRequest: make([]byte, 140<<20)})
	if list, _ := j.Exchanges(); len(list) != 1 {
		t.Errorf("%d kept, want the last alone", len(list))
	}
	j.Clear()
	j.Add(server.Exchange{Request: new(gen.ParamsGetLead), Response: new(gen.SuccessGetLead), Context: new(gen.MktowsContextHeaderInfo)})
	if list, _ := j.Exchanges(); list[0].Request != nil || list[0].Response != nil || list[0].Context != nil {
		t.Error("messages are kept, whose size is not counted")
	}
}

// A page costs what it shows, however much the journal has, and a search is done in parts of a bounded size.
func TestJournal_large(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 100_000 {
		b.Journal.Add(server.Exchange{Operation: "getLead", RawRequest: fmt.Appendf(nil, "<a>%d</a>", i+1)})
	}
	newest := get[shownJournal](b, "/journal")
	if newest.Examined != 100 || newest.ids()[99] != 100_000 || newest.Last != 100_000 {
		t.Errorf("%d looked at for the newest page", newest.Examined)
	}
	second := get[shownJournal](b, newest.Next)
	if second.Examined != 100 || second.ids()[99] != 99_900 {
		t.Errorf("%d looked at for the second page, up to %d", second.Examined, second.ids()[99])
	}
	since := get[shownJournal](b, "/journal?since=50000&limit=3&documents=false")
	if since.Examined != 3 || !cmp.Equal(since.ids(), []int64{50_001, 50_002, 50_003}) || since.Exchanges[0].Request != "" {
		t.Errorf("%d looked at behind an id: %v", since.Examined, since.ids())
	}
	if further := get[shownJournal](b, since.Next); !cmp.Equal(further.ids(), []int64{50_004, 50_005, 50_006}) {
		t.Errorf("%s gives %v", since.Next, further.ids())
	}
	one := get[shownExchange](b, "/journal/4711")
	if one.Request != "<a>4711</a>" {
		t.Errorf("%+v", one)
	}
	pages, at := 0, "/journal?text=%3Ea%3Cnowhere"
	for ; at != ""; pages++ {
		page := get[shownJournal](b, at)
		if page.Examined > 10_000 || len(page.Exchanges) != 0 {
			t.Fatalf("%d looked at, %d found", page.Examined, len(page.Exchanges))
		}
		at = page.Next
	}
	if pages != 10 {
		t.Errorf("a search of all has %d parts", pages)
	}
	if found := get[shownJournal](b, "/journal?lead=99999"); !cmp.Equal(found.ids(), []int64{99_999}) {
		t.Errorf("found %v", found.ids())
	}
}

// Pages of long documents end early, and nothing is lost between them.
func TestJournal_longPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 6 {
		b.Journal.Add(server.Exchange{RawRequest: []byte(strings.Repeat("x", 5<<20))})
	}
	var seen []int64
	for at := "/journal"; at != ""; {
		page := get[shownJournal](b, at)
		if len(page.Exchanges) > 4 {
			t.Fatalf("%d of 5 MiB in a page", len(page.Exchanges))
		}
		seen = append(page.ids(), seen...)
		at = page.Next
	}
	if !cmp.Equal(seen, []int64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("seen %v", seen)
	}
	if page := get[shownJournal](b, "/journal?documents=false"); len(page.Exchanges) != 6 {
		t.Errorf("%d without documents", len(page.Exchanges))
	}
}

// Ids are for one exchange each, also after the journal was emptied.
func TestJournal_ids(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Journal.Add(server.Exchange{})
	b.Journal.Add(server.Exchange{})
	b.want(204, "", "DELETE", "/journal", "")
	b.want(404, "there is no exchange 1, or not any more", "GET", "/journal/1", "")
	b.Journal.Add(server.Exchange{})
	if page := get[shownJournal](b, "/journal"); !cmp.Equal(page.ids(), []int64{3}) || page.Earlier != 0 {
		t.Errorf("%+v", page)
	}
	for _, id := range []string{"0", "-1", "03", "+3", "x", "9223372036854775808", "%3Cb%3E"} {
		b.want(400, "is no id", "GET", "/journal/"+id, "")
	}
}

func TestJournal_filters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := time.Unix(1454349600, 0)
	soap := func(op, user, request, response string, code fault.Code) {
		e := server.Exchange{Time: at, Version: gen.V3_1, Operation: op, UserID: user, RawRequest: []byte(request), RawResponse: []byte(response)}
		if code != 0 {
			e.Fault = fault.New(code, "Lead not found <b>")
		}
		b.Journal.Add(e)
	}
	soap("getLead", "ann", "<keyValue>318815</keyValue>", "<Email>a@example.com</Email>", 0)
	soap("getLead", "bob", "<keyValue>3188151</keyValue>", "", 20103)
	soap("syncLead", "ann", "<Email>b.a@example.com</Email>", "<leadId>7</leadId>", 0)
	soap("", "", "<City>M&amp;S &lt;b&gt;</City>", "", 20014)
	b.Journal.Add(server.Exchange{Operation: "GET /rest/v1/lead/{leadId}.json", Path: "/rest/v1/lead/318815.json", UserID: "ann",
		RawRequest: []byte("GET /rest/v1/lead/318815.json?fields=a%40b\n"), RawResponse: []byte(`{"city":"\"x\"\n"}`), Fault: &fault.Fault{Code: 606, Message: "Max rate"}})
	b.Journal.Add(server.Exchange{Operation: "GET /rest/v1/leads.json", Path: "/rest/v1/leads.json", Err: errors.New("broken"),
		RawRequest: []byte("GET /rest/v1/leads.json?filterValues=a%40example.com\n")})
	for query, want := range map[string][]int64{
		"":                  {1, 2, 3, 4, 5, 6},
		"operation=getLead": {1, 2},
		"operation=" + url.QueryEscape("GET /rest/v1/leads.json"): {6},
		"fault=20103":                        {2},
		"fault=606":                          {5},
		"fault=any":                          {2, 4, 5},
		"fault=none":                         {1, 3, 6},
		"user=ann":                           {1, 3, 5},
		"face=rest":                          {5, 6},
		"face=soap&user=ann":                 {1, 3},
		"lead=318815":                        {1, 5},
		"lead=a@example.com":                 {1, 6},
		"lead=7":                             {3},
		"text=" + url.QueryEscape("S <b>"):   {4},
		"text=" + url.QueryEscape("\"x\"\n"): {5},
		"text=broken":                        {6},
		"text=Lead+not+found+%3Cb%3E":        {2, 4},
		"since=4":                            {5, 6},
		"since=6":                            nil,
		"since=0&limit=2":                    {1, 2},
		"before=3":                           {1, 2},
		"before=9000000000&limit=1":          {6},
		"before=1":                           nil,
		"user=ann&fault=none&since=1":        {3},
	} {
		if got := get[shownJournal](b, "/journal?"+query); !slices.Equal(got.ids(), want) {
			t.Errorf("%s gives %v, want %v", query, got.ids(), want)
		}
	}
	for query, part := range map[string]string{
		"operaton=getLead":   `there is no parameter \"operaton\"`,
		"Operation=getLead":  "there are operation, fault, user, lead, text, face, since, before, limit, documents",
		"operation=getLeads": "getLeadActivity",
		"operation=":         "is no operation",
		"operation=getlead":  "give one of getLead",
		"operation=" + url.QueryEscape("POST /rest/v1/lead.json"): "POST /rest/v1/leads.json",
		"fault=20103.0":                     `give a code of three to five digits such as 606 or 20103, \"any\" or \"none\"`,
		"fault=yes":                         "is no fault",
		"fault=-1":                          "is no fault",
		"face=SOAP":                         "give one of soap, rest",
		"user=":                             "leave it out to choose all",
		"lead=" + strings.Repeat("x", 1001): "at most 1000 bytes",
		"since=-1":                          "a whole number from 0 to",
		"since=1e3":                         "is no since",
		"since=1&before=2":                  "give one of them",
		"limit=0":                           "a whole number from 1 to 1000",
		"limit=1001":                        "a whole number from 1 to 1000",
		"limit=1&limit=2":                   "it is given more than once",
		"documents=no":                      "give one of true, false",
		"text=%zz":                          "the query cannot be read",
		"a;b":                               "the query cannot be read",
		"%3Cscript%3E=1":                    `there is no parameter \"<script>\"`,
	} {
		b.want(400, part, "GET", "/journal?"+query, "")
	}
	for _, path := range []string{"/", "/state", "/rules", "/clock", "/settings", "/health", "/scenario", "/openapi.json", "/journal/1", "/rules/1"} {
		b.want(400, "there are no parameters here", "GET", path+"?x=1", "")
	}
	b.want(400, "bad_parameter", "DELETE", "/journal?operation=getLead", "") // which would empty all of it
}

// One exchange tells all: why it failed, in the words of its API, and what was sent, for people to read.
func TestJournal_one(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Journal.Add(server.Exchange{Version: gen.V3_1, Operation: "getLead", Fault: fault.New(20014, ""), Refused: "wrong signature", Signed: "2016-02-01T12:00:00-06:00ann",
		Passed: []string{"leadRecord/<b>"}, RawRequest: []byte("<?xml version=\"1.0\"?><a><b c=\"1\">x\n y</b><d/></a>"), RawResponse: []byte("no XML")})
	b.Journal.Add(server.Exchange{Operation: "POST /rest/v1/leads.json", Path: "/rest/v1/leads.json", Fault: &fault.Fault{Code: 606, Message: "Max rate limit"},
		RawRequest: []byte("POST /rest/v1/leads.json\n\n{\"input\":[{\"a\":1}]}"), RawResponse: []byte(`{"success":false}`)})
	soap := get[shownExchange](b, "/journal/1")
	if soap.Refused != "wrong signature" || soap.Signed != "2016-02-01T12:00:00-06:00ann" || soap.Face != "soap" ||
		soap.Fault.Advice != fault.Code(20014).Advice() || soap.PrettyResponse != "" || soap.Response != "no XML" {
		t.Errorf("%+v", soap)
	}
	if diff := cmp.Diff("<?xml version=\"1.0\"?>\n<a>\n  <b c=\"1\">x\n y</b>\n  <d/>\n</a>", soap.PrettyRequest); diff != "" {
		t.Error(diff)
	}
	rest := get[shownExchange](b, "/journal/2")
	if rest.Face != "rest" || rest.Fault.Message != "Max rate limit" || rest.Fault.Advice != (&fault.RESTError{Code: 606}).Advice() {
		t.Errorf("%+v", rest)
	}
	if diff := cmp.Diff("POST /rest/v1/leads.json\n\n{\n  \"input\": [\n    {\n      \"a\": 1\n    }\n  ]\n}", rest.PrettyRequest); diff != "" {
		t.Error(diff)
	}
}

// What is printed for people has a bounded size, whatever it is made of, and is there for documents that are cut off.
func TestJournal_prettyHostile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, doc := range []string{
		strings.Repeat("<a>", 150_000), strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000), strings.Repeat("<!--", 100_000), strings.Repeat("</a>", 100_000),
		"<a", "<", "<a><![CDATA[<b>]]></a>", "<a>x", "{", "[1,]", "GET /\n\n", "\n\n", "", "<a/>\x00\x1b[2J", strings.Repeat("x", 1<<20),
	} {
		b.Journal.Add(server.Exchange{RawRequest: []byte(doc)})
		w := b.ask("GET", fmt.Sprintf("/journal/%d", i+1), "")
		if w.Code != 200 || w.Body.Len() > 20*len(doc)+2000 {
			t.Errorf("%.20q: status %d, %d bytes of %d", doc, w.Code, w.Body.Len(), len(doc))
		}
	}
}

// Markup and control characters come as data from every field that a program can fill.
func TestJournal_hostile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const evil = "<script>alert(1)</script>\"'\\\r\n\r\ndata: x\n\nid: 9\x00\x1b[2J\u2028\u202e\u0085&é"
	b.Journal.Add(server.Exchange{Operation: evil, UserID: evil, Path: evil, Refused: evil, Signed: evil, Passed: []string{evil}, Err: errors.New(evil),
		Fault: &fault.Fault{Code: 606, Message: evil}, RawRequest: []byte(evil), RawResponse: []byte(evil + "\xff")})
	w := b.ask("GET", "/journal/1", "")
	var e shownExchange
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"operation": e.Operation, "user": e.UserID, "refused": e.Refused, "signed": e.Signed, "error": e.Error,
		"passed over": e.PassedOver[0], "fault": e.Fault.Message, "request": e.Request, "response": strings.TrimSuffix(e.Response, "\uFFFD")} {
		if got != evil {
			t.Errorf("%s is %q", name, got)
		}
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("Content-Type %q, %q", kind, w.Header().Get("X-Content-Type-Options"))
	}
}
