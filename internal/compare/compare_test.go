package compare_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/compare"
	"github.com/mktows/mktows-go/internal/recording"
	"github.com/mktows/mktows-go/internal/safety"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// demoTime is a moment after all of the demonstration data.
var demoTime = time.Date(2016, time.January, 10, 18, 0, 0, 0, time.UTC)

// truth returns a server with the demonstration data, and what the comparisons here need beside them.
func truth(t *testing.T, opts ...mktowstest.Option) *mktowstest.Server {
	t.Helper()
	s := mktowstest.NewServer(t, append(opts, mktowstest.WithDemo(), mktowstest.WithoutLimits())...)
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	s.Seed(simulator.Lead{ID: 400000, Email: "known@example.com", ForeignIDs: []simulator.ForeignID{{System: gen.ForeignSysTypeCUSTOM, ID: "F-1"}}})
	return s
}

func key(kind gen.LeadKeyRef, value string) *gen.LeadKey {
	return &gen.LeadKey{KeyType: kind, KeyValue: value}
}

func byKeys(values ...string) *gen.LeadKeySelector {
	return &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: values}}
}

// record makes calls over SOAP and returns the folder with them. Streams are followed so many pages, to their end if that is 0.
func record(t *testing.T, s *mktowstest.Server, pages int, calls ...gen.Message) string {
	t.Helper()
	port := s.Client(client.WithoutRetry())
	for _, in := range calls {
		op := gen.OperationByInput(in.ElementName())
		for n := 1; ; n++ {
			out, err := op.Call(t.Context(), port, in)
			if err != nil || n == pages {
				break
			}
			next, more := compare.Following(in, out)
			if !more {
				break
			}
			in = next
		}
	}
	folder := t.TempDir()
	for i, e := range s.Exchanges("") {
		for suffix, text := range map[string][]byte{"request": e.RawRequest, "response": e.RawResponse} {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%04d-%s.%s.xml", i, e.Operation, suffix)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// edit changes a text in the answers of a recording that hold it.
func edit(t *testing.T, folder, before, after string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.response.xml"))
	if err != nil {
		t.Fatal(err)
	}
	edited := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), before) {
			continue
		}
		edited = true
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), before, after, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !edited {
		t.Fatalf("no answer holds %q", before)
	}
}

// run compares a recording with the REST API of a server.
func run(t *testing.T, s *mktowstest.Server, folder string, o compare.Options) []compare.Result {
	t.Helper()
	all, problems, err := recording.Folder(t.Context(), folder)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	b := s.Bridge(bridge.WithoutRetry(), bridge.WithRetention(0))
	o.Now, o.Port = demoTime, func(e *recording.Exchange) (gen.Port, error) {
		return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
			answer, err := op.Call(ctx, b, in)
			if err != nil {
				return err
			}
			doc, err := gen.Marshal(answer, e.Version) // as a server would
			if err != nil {
				return err
			}
			return gen.Unmarshal(doc, out)
		}), nil
	}
	return slices.Collect(compare.Run(t.Context(), all, &o))
}

// text shows results with their differences, one in a line.
func text(results []compare.Result) string {
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%s: %s %s\n", r.Operation, r.Outcome, r.Why)
		for _, d := range r.Differences {
			fmt.Fprintf(&b, "  %d %s %s: %q, %q (%s)\n", d.Count, d.Field, d.What, d.Recorded, d.Answered, d.Expected)
		}
	}
	return b.String()
}

// reads are requests of all kinds that change nothing.
func reads() []gen.Message {
	begin := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2015-08-01T00:00:00-05:00")}
	list := &gen.StaticListSelector{StaticListName: gen.Some(simulator.DemoList)}
	return []gen.Message{
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefIDNUM, "318815")},
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefIDNUM, "400000")},
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefEMAIL, "shared@example.com")},
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefEMAIL, "nobody@example.com")},
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefCOOKIE, "none")},
		&gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefLEADOWNEREMAIL, "owner@example.com")},
		&gen.ParamsGetMultipleLeads{LeadSelector: byKeys("318815", "318816", "318817"), BatchSize: gen.Some[int32](1)},
		&gen.ParamsGetMultipleLeads{LeadSelector: list},
		&gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{OldestUpdatedAt: "2015-09-01T00:00:00-05:00", LatestUpdatedAt: gen.Some[gen.DateTime]("2015-09-20T00:00:00-05:00")}},
		&gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, "318815"), BatchSize: gen.Some[int32](4)},
		&gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, "318820"), StartPosition: gen.Some(gen.StreamPosition{
			OldestCreatedAt: gen.Some[gen.DateTime]("2014-01-01T00:00:00-06:00"), LatestCreatedAt: gen.Some[gen.DateTime]("2014-02-01T00:00:00-06:00"),
		})},
		&gen.ParamsGetLeadChanges{StartPosition: begin, BatchSize: gen.Some[int32](20)},
		&gen.ParamsGetLeadChanges{StartPosition: begin, LeadSelector: list},
		&gen.ParamsListOperation{
			ListOperation: gen.ListOperationTypeISMEMBEROFLIST, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: simulator.DemoList},
			ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*key(gen.LeadKeyRefIDNUM, "318815"), *key(gen.LeadKeyRefIDNUM, "99")}},
		},
		&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS},
		&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES},
		&gen.ParamsGetChannels{},
		&gen.ParamsGetTags{},
		&gen.ParamsListMObjects{},
		&gen.ParamsDescribeMObject{ObjectName: "LeadRecord"},
		&gen.ParamsDescribeMObject{ObjectName: "ActivityRecord"},
		&gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)},
		&gen.ParamsGetMObjects{Type: "Program"},
		&gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](77)},
		&gen.ParamsGetMObjects{Type: "Opportunity"},
		&gen.ParamsGetCustomObjects{ObjTypeName: "device", CustomObjKeyList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "SerialNumber", AttrValue: "SN-1001"}}}), IncludeAttributes: new(gen.ArrayOfString)},
	}
}

// What is recorded over SOAP differs from the REST API of the same truth by the table alone, for every operation that reads.
func TestRun_expected(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version string
		pages   int // of each stream; 0: all
	}{{"2_7", 0}, {"3_1", 1}, {"3_1", 2}} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			t.Parallel()
			s := truth(t, mktowstest.WithVersion(test.version))
			results := run(t, s, record(t, s, test.pages, reads()...), compare.Options{})
			if len(results) != len(reads()) {
				t.Errorf("%d results of %d", len(results), len(reads()))
			}
			for _, r := range results {
				if r.Outcome != compare.Same && r.Outcome != compare.Expected {
					t.Error(text([]compare.Result{r}))
				}
			}
		})
	}
}

// A field that was changed in the recording is told, whatever kind it is of, and nothing else is.
func TestRun_planted(t *testing.T) {
	t.Parallel()
	lead := &gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefIDNUM, "318815")}
	history := &gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, "318815")}
	programs := &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)}
	member := &gen.ParamsListOperation{
		ListOperation: gen.ListOperationTypeISMEMBEROFLIST, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: simulator.DemoList},
		ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*key(gen.LeadKeyRefIDNUM, "318815")}},
	}
	for name, test := range map[string]struct {
		in            gen.Message
		before, after string
		want          string // what is told; empty: nothing
	}{
		"another value":           {lead, "<attrValue>Head of Purchasing</attrValue>", "<attrValue>Dentist</attrValue>", "leadRecord.leadAttributeList.attribute[Title].attrValue changed"},
		"another address":         {lead, "<Email>lead@example.com", "<Email>other@example.com", "leadRecord.Email changed"},
		"a field more":            {lead, "<leadAttributeList>", "<leadAttributeList><attribute><attrName>Colour</attrName><attrType>string</attrType><attrValue>red</attrValue></attribute>", "leadRecord.leadAttributeList.attribute[Colour] missing"},
		"a field that is empty":   {lead, "<leadAttributeList>", "<leadAttributeList><attribute><attrName>Colour</attrName><attrType>string</attrType><attrValue></attrValue></attribute>", ""},
		"a field less":            {lead, "<attrName>Title</attrName>", "<attrName>Untitled</attrName>", "attribute[Untitled] missing"},
		"nil for missing":         {lead, "<leadAttributeList>", "<leadAttributeList>", ""},
		"another form of number":  {lead, "<attrValue>10</attrValue>", "<attrValue>10.0</attrValue>", ""},
		"another lead":            {lead, "<Id>318815</Id>", "<Id>318899</Id>", "leadRecord.Id changed"},
		"another asset":           {history, "<mktgAssetName>Newsletter</mktgAssetName>", "<mktgAssetName>Sent</mktgAssetName>", "activityRecord[Add to List].mktgAssetName changed"},
		"another type":            {history, "<activityType>New Lead</activityType>", "<activityType>Old Lead</activityType>", "activityRecord[Old Lead].activityType changed"},
		"another time":            {history, "2015-09-08T09:00:12-05:00", "2015-09-08T09:00:13-05:00", "activityDateTime changed"},
		"the time of elsewhere":   {history, "2015-09-08T09:00:12-05:00", "2015-09-08T14:00:12Z", ""},
		"another attribute":       {history, "<attrValue>Web</attrValue>", "<attrValue>Net</attrValue>", "activityRecord[Interesting Moment].activityAttributes.attribute[Type].attrValue changed"},
		"another lead's record":   {history, "<mktPersonId>318815", "<mktPersonId>318816", "mktPersonId changed"},
		"another tag":             {programs, "Webinar", "Seminar", "mObject."},
		"no member":               {member, "<status>true</status>", "<status>false</status>", "status changed"},
		"a campaign less":         {&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS}, "<id>1201</id>", "<id>1299</id>", "campaignRecord"},
		"another channel":         {&gen.ParamsGetChannels{}, "<tagValue>Webinar", "<tagValue>Seminar", "tagStatus"},
		"another tag type":        {&gen.ParamsGetTags{}, "<type>Region", "<type>Religion", "tag"},
		"another type of objects": {&gen.ParamsListMObjects{}, "<objects>Opportunity</objects>", "<objects>Chance</objects>", "objects missing"},
		"another field":           {&gen.ParamsDescribeMObject{ObjectName: "ActivityRecord"}, "<name>campaign</name>", "<name>battle</name>", "field[battle] missing"},
		"another object":          {&gen.ParamsGetCustomObjects{ObjTypeName: "device", CustomObjKeyList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "SerialNumber", AttrValue: "SN-1001"}}}), IncludeAttributes: new(gen.ArrayOfString)}, "Pump 40", "Pump 41", "customObj.customObjAttributeList.attribute[Model].attrValue changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := truth(t, mktowstest.WithVersion("3_1"))
			folder := record(t, s, 0, test.in)
			edit(t, folder, test.before, test.after)
			var unexpected []string
			for _, r := range run(t, s, folder, compare.Options{}) {
				for _, d := range r.Differences {
					if d.Expected == "" {
						unexpected = append(unexpected, d.Field+" "+d.What)
					}
				}
			}
			told := strings.Join(unexpected, "\n")
			if (test.want == "") != (told == "") || !strings.Contains(told, test.want) {
				t.Errorf("%s, want %s", told, test.want)
			}
		})
	}
}

// The table and what recognises its differences name the same ones, of all operations that read.
func TestRules(t *testing.T) {
	t.Parallel()
	known := compare.Rules()
	var rows []string
	for _, op := range bridge.Operations() {
		if in := gen.OperationByName(op.Name).NewInput(); op.Name != "listOperation" && safety.Of(op.Name, in) != fault.ReadOnly {
			continue
		}
		for _, d := range op.Differences {
			rows = append(rows, d.What)
			if !slices.Contains(known, d.What) {
				t.Errorf("%s: nothing recognises %q", op.Name, d.What)
			}
		}
	}
	for _, name := range known {
		if !slices.Contains(rows, name) {
			t.Errorf("%q is recognised, and is no row of the table", name)
		}
	}
}

// What cannot be compared is told with its reason, and sent to nobody.
func TestRun_skipped(t *testing.T) {
	t.Parallel()
	s := truth(t)
	history := &gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, "318815"), BatchSize: gen.Some[int32](4)}
	write := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("new@example.com")}}
	lead := &gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefIDNUM, "318815")}
	remove := s.Inject(mktowstest.Rule{Operation: "getLead", Code: fault.CodeRateLimitExceeded, Times: 1})
	defer remove()
	folder := record(t, s, 3, write, lead, history)
	if err := os.Remove(filepath.Join(folder, "0002-getLeadActivity.request.xml")); err != nil { // the first page
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "0002-getLeadActivity.response.xml")); err != nil {
		t.Fatal(err)
	}
	before := len(s.Exchanges(""))
	got := text(run(t, s, folder, compare.Options{}))
	const want = `syncLead: skipped it writes
getLead: skipped fault 20023 was recorded, which tells of that moment and not of the request
getLeadActivity: skipped it goes on from a position that no answer before it gave: record streams from their first page
`
	if got != want || len(s.Exchanges("")) != before {
		t.Errorf("%s, %d calls", got, len(s.Exchanges(""))-before)
	}
	got = text(run(t, s, folder, compare.Options{Write: func(_ context.Context, e *recording.Exchange) ([]string, error) {
		return []string{e.Operation.Name}, nil
	}}))
	if !strings.HasPrefix(got, "syncLead: write \n") {
		t.Error(got)
	}
}

// Activities since the recording are counted, and are no differences; those of its time are.
func TestRun_live(t *testing.T) {
	t.Parallel()
	s := truth(t)
	history := &gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, "400000")}
	for _, at := range []gen.DateTime{"2016-01-02T00:00:00-06:00", "2016-01-04T00:00:00-06:00"} {
		if _, err := s.Sim().AddActivity(400000, simulator.Activity{Type: gen.ActivityTypeVisitWebpage, AssetName: "Pricing", Time: at}); err != nil {
			t.Fatal(err)
		}
	}
	folder := record(t, s, 0, history)
	for _, test := range []struct {
		at    gen.DateTime
		later int
		want  compare.Outcome
	}{{"2016-01-08T00:00:00-06:00", 1, compare.Expected}, {"2016-01-03T00:00:00-06:00", 1, compare.Differs}} {
		if _, err := s.Sim().AddActivity(400000, simulator.Activity{Type: gen.ActivityTypeVisitWebpage, AssetName: "Pricing", Time: test.at}); err != nil {
			t.Fatal(err)
		}
		results := run(t, s, folder, compare.Options{})
		if r := results[0]; r.Later != test.later || r.Outcome != test.want && !(test.want == compare.Expected && r.Outcome == compare.Same) {
			t.Errorf("%s: %d later\n%s", test.at, r.Later, text(results))
		}
	}
}

// A gateway that does not answer is told, without values, and the rest goes on.
func TestRun_failed(t *testing.T) {
	t.Parallel()
	s := truth(t)
	folder := record(t, s, 0, &gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefEMAIL, "lead@example.com")}, &gen.ParamsListMObjects{})
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 606})
	results := run(t, s, folder, compare.Options{Ignore: []string{"Title"}})
	if len(results) != 2 || results[0].Outcome != compare.Failed || strings.Contains(text(results), "lead@") || results[1].Outcome != compare.Same {
		t.Error(text(results))
	}
}

// What answers in the place of a gateway may say anything, and nothing of it is told.
func TestRun_failedWithoutValues(t *testing.T) {
	t.Parallel()
	const secret = "lead@example.com"
	for want, failure := range map[string]error{
		"with HTTP status 502": fault.NewStatusError(502, "text/html", 0, []byte(secret)),
		"cannot be read":       fault.NewDecodeError([]byte(secret), 0, errors.New(secret)),
		"the fault 20011":      fault.New(fault.CodeServiceInternal, secret),
	} {
		e := &recording.Exchange{Name: "1", Operation: gen.OperationByName("getLead"), Request: new(gen.ParamsGetLead), Response: new(gen.SuccessGetLead)}
		port := gen.PortFunc(func(context.Context, *gen.Operation, gen.Message, gen.Message) error { return failure })
		for r := range compare.Run(t.Context(), []*recording.Exchange{e}, &compare.Options{Port: func(*recording.Exchange) (gen.Port, error) { return port, nil }}) {
			if r.Outcome != compare.Failed || !strings.Contains(r.Why, want) || strings.Contains(r.Why, secret) {
				t.Errorf("%s: %+v", want, r)
			}
		}
	}
}

// Fields that are to be ignored are no differences.
func TestRun_ignore(t *testing.T) {
	t.Parallel()
	s := truth(t)
	folder := record(t, s, 0, &gen.ParamsGetLead{LeadKey: key(gen.LeadKeyRefIDNUM, "318815")})
	edit(t, folder, "Head of Purchasing", "Dentist")
	for _, test := range []struct {
		ignore []string
		want   compare.Outcome
	}{{nil, compare.Differs}, {[]string{"Title"}, compare.Expected}, {[]string{"leadAttributeList"}, compare.Same}} {
		if results := run(t, s, folder, compare.Options{Ignore: test.ignore}); results[0].Outcome != test.want {
			t.Errorf("%q: %s", test.ignore, text(results))
		}
	}
}
