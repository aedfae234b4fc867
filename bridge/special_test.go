package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

func attrib(name, value string) gen.Attrib { return gen.Attrib{Name: name, Value: value} }

// opportunity names one as the REST API does, with attributes.
func opportunity(key string, list ...gen.Attrib) gen.MObject {
	return gen.MObject{Type: "Opportunity", ExternalKey: gen.Some(attrib("CrmId", key)), AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: list})}
}

// role is one of a lead in an opportunity.
func role(opportunity string, lead int32, name string, list ...gen.Attrib) gen.MObject {
	return gen.MObject{
		Type: "OpportunityPersonRole", AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: append([]gen.Attrib{attrib("Role", name)}, list...)}),
		AssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
			{MObjType: "Opportunity", ExternalKey: gen.Some(attrib("CrmId", opportunity))}, {MObjType: "Lead", Id: gen.Some(lead)},
		}}),
	}
}

func objectList(list ...gen.MObject) *gen.ArrayOfMObject { return &gen.ArrayOfMObject{MObject: list} }

// statuses are those of the objects of a request, in order.
func statuses(list []gen.MObjStatus) (out []string) {
	for _, s := range list {
		out = append(out, string(s.Status))
	}
	return out
}

// Opportunities and roles are written, found in each way that the REST API has, and deleted.
func TestMObjects(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	b := bridgeTo(t, s)
	synced, err := b.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: objectList(
		role("NEW-1", 318815, "Buyer", attrib("IsPrimary", "1")), // before its opportunity: that is written first
		opportunity("NEW-1", attrib("Name", "Pump"), attrib("Amount", "12.5")),
		opportunity("006000000000001AAA", attrib("Stage", "Won")),
		opportunity("NEW-2", attrib("Colour", "red")),
		gen.MObject{Type: "Opportunity", Id: gen.Some[int32](77)},
		gen.MObject{Type: "House"},
	)})
	if err != nil {
		t.Fatal(err)
	}
	list := synced.Result.MObjStatusList.MObjStatus
	if diff := cmp.Diff([]string{"CREATED", "CREATED", "UPDATED", "FAILED", "FAILED", "FAILED"}, statuses(list)); diff != "" {
		t.Errorf("%s\n%+v", diff, list)
	}
	for i, word := range map[int]string{3: "Colour", 4: "externalKey", 5: "House"} {
		if text := list[i].Error.Or(""); !strings.Contains(text, word) {
			t.Errorf("object %d: %q", i, text)
		}
	}

	with := func(a gen.MObjAssociation) gen.Opt[gen.ArrayOfMObjAssociation] {
		return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{a}})
	}
	having := func(name, value string) gen.Opt[gen.ArrayOfMObjCriteria] {
		return gen.Some(gen.ArrayOfMObjCriteria{MObjCriteria: []gen.MObjCriteria{{AttrName: name, Comparison: gen.ComparisonEnumEQ, AttrValue: value}}})
	}
	byKey := gen.Some(attrib("CrmId", "NEW-1"))
	for name, test := range map[string]struct {
		in   gen.ParamsGetMObjects
		want string
	}{
		"by key":                         {gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: byKey}, "[NEW-1]"},
		"by an unknown key":              {gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: gen.Some(attrib("CrmId", "NO"))}, "[]"},
		"by CRM id":                      {gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("CRM Id", "NEW-1")}, "[NEW-1]"},
		"by the lead's id":               {gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Lead", Id: gen.Some[int32](318815)})}, "[006000000000002AAA NEW-1]"},
		"by the lead's address":          {gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Lead", ExternalKey: gen.Some(attrib("Email", "lead@example.com"))})}, "[006000000000002AAA NEW-1]"},
		"by a lead that is none":         {gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Lead", ExternalKey: gen.Some(attrib("Email", "nobody@example.com"))})}, "[]"},
		"roles by opportunity":           {gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Opportunity", ExternalKey: byKey})}, "[Buyer]"},
		"roles by lead":                  {gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Lead", Id: gen.Some[int32](318815)})}, "[Buyer Buyer]"},
		"by nothing that leads anywhere": {gen.ParamsGetMObjects{Type: "Opportunity"}, "20110"},
		"by a criterion that does not":   {gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("Name", "Pump")}, "20110"},
		"by an id":                       {gen.ParamsGetMObjects{Type: "OpportunityPersonRole", Id: gen.Some[int32](7)}, "20110"},
		"by a company's id":              {gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: with(gen.MObjAssociation{MObjType: "Company", Id: gen.Some[int32](501)})}, "20110"},
	} {
		out, err := b.GetMObjects(t.Context(), &test.in)
		got := fmt.Sprint(int(codeOf(err)))
		if err == nil {
			var keys []string
			for _, o := range out.Result.MObjectList.Value.MObject {
				key := o.ExternalKey.Value.Value
				for _, a := range o.AttribList.Value.Attrib {
					if a.Name == "Role" {
						key = a.Value
					}
				}
				keys = append(keys, key)
			}
			got = fmt.Sprint(keys)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, test.want, err)
		}
	}

	deleted, err := b.DeleteMObjects(t.Context(), &gen.ParamsDeleteMObjects{MObjectList: objectList(
		opportunity("NEW-1"), role("NEW-1", 318815, "Buyer"), opportunity("NO"), gen.MObject{Type: "Program", Id: gen.Some[int32](1019)},
	)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"DELETED", "DELETED", "UNCHANGED", "FAILED"}, statuses(deleted.Result.MObjStatusList.MObjStatus)); diff != "" {
		t.Error(diff)
	}
	if st := s.Sim().Snapshot(); len(st.Opportunities) != 2 || len(st.OpportunityRoles) != 2 {
		t.Errorf("%+v, %+v", st.Opportunities, st.OpportunityRoles)
	}
}

// Where the CRM owns opportunities, each fails and says so, and programs are written all the same.
func TestSyncMObjects_crm(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(rest.WithQuirks(rest.Quirks{CRM: true})))
	out, err := bridgeTo(t, s, bridge.WithDefaultRole("Other")).SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPDATE, MObjectList: objectList(
		opportunity("006000000000001AAA", attrib("Stage", "Won")), role("006000000000001AAA", 318815, ""),
		gen.MObject{Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
			{AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{attrib("Month", "2016-01"), attrib("Amount", "7")}})},
		}})},
	)})
	if err != nil {
		t.Fatal(err)
	}
	list := out.Result.MObjStatusList.MObjStatus
	if diff := cmp.Diff([]string{"FAILED", "FAILED", "UPDATED"}, statuses(list)); diff != "" {
		t.Errorf("%s\n%+v", diff, list)
	}
}

// An import of many rows is a job, whose end is told when the service has done it.
func TestImportToList_jobs(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	if _, err := s.Sim().AddProgram(simulator.Program{Name: "Fair"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sim().AddList(simulator.List{Program: "Fair", Name: "Guests", Members: []int64{318816}}); err != nil {
		t.Fatal(err)
	}
	rows := make([]string, 700)
	for i := range rows {
		rows[i] = fmt.Sprintf("guest%d@example.com,\"Gast, %d\"", i, i)
	}
	b := bridgeTo(t, s)
	out, err := b.ImportToList(t.Context(), &gen.ParamsImportToList{
		ProgramName: "Fair", ListName: "Guests", ImportFileHeader: "Email Address,First Name", ImportFileRows: &gen.ArrayOfString{StringItem: rows},
		ImportListMode: gen.ImportToListModeEnumUPSERTLEADS, ClearList: true,
	})
	if err != nil || out.Result.ImportStatus != gen.ImportToListStatusEnumPROCESSING {
		t.Fatalf("%v, %+v", err, out)
	}
	ask := &gen.ParamsGetImportToListStatus{ProgramName: gen.Some("Fair"), ListName: gen.Some("Guests")}
	for begun := s.Clock().Now(); ; s.Clock().Advance(10 * time.Second) {
		state, err := b.GetImportToListStatus(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if state.Result.Status == gen.ImportToListStatusEnumPROCESSING && s.Clock().Now().Sub(begun) < time.Hour {
			continue
		}
		r := state.Result
		if r.Status != gen.ImportToListStatusEnumCOMPLETE || r.RowsImported.Value != 700 || r.EstimatedRows.Value != 700 || r.EndedTime.Value == "" {
			t.Errorf("%+v", r)
		}
		break
	}
	for _, l := range s.Sim().Snapshot().Lists {
		if l.Name == "Guests" && len(l.Members) != 700 {
			t.Errorf("%d members", len(l.Members))
		}
	}
	// One that another program has started.
	if _, err := bridgeTo(t, s).GetImportToListStatus(t.Context(), ask); codeOf(err) != fault.CodeBadParameter {
		t.Errorf("of another bridge: %v", err)
	}
}

// What the options about leads do.
func TestSyncLead_options(t *testing.T) {
	t.Parallel()
	quirks := mktowstest.WithREST(rest.WithQuirks(rest.Quirks{CompanyFields: true}))
	industry := attribute("Industry", "Pumps")
	header := gen.MktowsContextHeaderInfo{TargetWorkspace: "Europe"}
	shared := record("shared@example.com", attribute("Title", "x"))
	foreign := gen.LeadRecord{ForeignSysPersonId: gen.Some("F-1"), ForeignSysType: gen.Some(gen.ForeignSysTypeCUSTOM), LeadAttributeList: attributes(attribute("FirstName", "Fremd"))}
	for name, test := range map[string]struct {
		in     gen.LeadRecord
		header bool
		opts   []bridge.Option
		fault  fault.Code
		want   map[string]string // fields of the lead then
		code   fault.RESTCode
	}{
		"company fields are left out":  {in: record("lead@example.com", industry, attribute("Title", "x")), want: map[string]string{"Title": "x", "Industry": ""}},
		"company fields are sent":      {in: record("lead@example.com", industry), opts: []bridge.Option{bridge.WithCompanyFields(bridge.PassCompanyFields)}, fault: fault.CodeLeadSyncFailed, code: 1021},
		"the newest of an address":     {in: shared, want: map[string]string{"Title": "x"}},
		"none of several":              {in: shared, opts: []bridge.Option{bridge.WithDuplicates(bridge.FailOnDuplicate)}, fault: fault.CodeLeadSyncFailed, code: 1007},
		"a workspace without a name":   {in: record("w@example.com"), header: true, fault: fault.CodeBadParameter},
		"a workspace with a partition": {in: record("w@example.com", attribute("FirstName", "W")), header: true, opts: []bridge.Option{bridge.WithPartition("Europe", "Europe")}, want: map[string]string{"FirstName": "W"}},
		"a foreign id without a field": {in: foreign, fault: fault.CodeBadParameter},
		"a foreign id in a field":      {in: foreign, opts: []bridge.Option{bridge.WithForeignIDField(gen.ForeignSysTypeCUSTOM, "billingCode")}, want: map[string]string{"FirstName": "Fremd", "BillingCode": "F-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithDemo(), quirks, mktowstest.WithSimulator(simulator.WithWorkspaces("Default", "Europe")))
			if err := s.Sim().AddField(simulator.LeadField{Name: "BillingCode", REST: "billingCode"}); err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			if test.header {
				ctx = gen.WithMktowsContext(ctx, header)
			}
			b := bridgeTo(t, s, test.opts...)
			out, err := b.SyncLead(ctx, &gen.ParamsSyncLead{LeadRecord: &test.in})
			var what *fault.RESTError
			if codeOf(err) != test.fault || test.code != 0 && (!errors.As(err, &what) || what.Code != test.code || what.RequestID == "") {
				t.Fatalf("%v, want %d", err, test.fault)
			}
			if err != nil {
				return
			}
			if again, err := b.SyncLead(ctx, &gen.ParamsSyncLead{LeadRecord: &test.in}); err != nil || again.Result.LeadId != out.Result.LeadId {
				t.Errorf("once more: %v, %+v", err, again)
			}
			for _, l := range s.Sim().Snapshot().Leads {
				if l.ID != int64(out.Result.LeadId) {
					continue
				}
				for field, value := range test.want {
					if l.Fields[field] != value {
						t.Errorf("%s is %q, want %q", field, l.Fields[field], value)
					}
				}
				if test.header && l.Workspace != "Europe" {
					t.Errorf("it is in %q", l.Workspace)
				}
			}
		})
	}
}

// Custom objects whose key has several parts.
func TestCustomObjects_severalKeys(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	if err := s.Sim().AddCustomObjectType(simulator.CustomObjectType{
		Name: "visit", LinkField: "lead", Keys: []simulator.Field{{Name: "lead", DataType: "integer"}, {Name: "place"}}, Fields: []simulator.Field{{Name: "note"}},
	}); err != nil {
		t.Fatal(err)
	}
	visit := func(lead, place string) gen.Opt[gen.ArrayOfAttribute] {
		return attributes(attribute("lead", lead), attribute("place", place))
	}
	b := bridgeTo(t, s)
	for _, op := range []gen.SyncOperationEnum{gen.SyncOperationEnumINSERT, gen.SyncOperationEnumUPDATE} {
		in := &gen.ParamsSyncCustomObjects{ObjTypeName: "visit", Operation: gen.Some(op), CustomObjList: &gen.ArrayOfCustomObj{}}
		for _, place := range []string{"Ulm", "Bern"} {
			in.CustomObjList.CustomObj = append(in.CustomObjList.CustomObj, gen.CustomObj{
				CustomObjKeyList: visit("318815", place), CustomObjAttributeList: attributes(attribute("note", string(op)+" "+place)),
			})
		}
		if _, err := b.SyncCustomObjects(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	for want, keys := range map[string]gen.Opt[gen.ArrayOfAttribute]{
		"[UPDATE Bern]": visit("318815", "Bern"), "[]": visit("318815", "Rom"), "20110": attributes(attribute("lead", "318815")),
	} {
		out, err := b.GetCustomObjects(t.Context(), &gen.ParamsGetCustomObjects{ObjTypeName: "visit", CustomObjKeyList: keys, IncludeAttributes: &gen.ArrayOfString{StringItem: []string{"note"}}})
		got := fmt.Sprint(int(codeOf(err)))
		if err == nil {
			notes := []string{}
			for _, o := range out.Result.CustomObjList.Value.CustomObj {
				for _, a := range o.CustomObjAttributeList.Value.Attribute {
					notes = append(notes, a.AttrValue)
				}
			}
			got = fmt.Sprint(notes)
		}
		if got != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	}
}

// Names are learned with what an older file has, and a file is compared with the instance.
func TestLearnNames(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	hand, err := bridge.LoadNames("testdata/names.json")
	if err != nil {
		t.Fatal(err)
	}
	learned, err := bridgeTo(t, s).LearnNames(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := learned.Keeping(hand)
	if learned.Learned().IsZero() || !learned.TellsSOAP() || learned.Guessed() != 0 || kept.Fields() != learned.Fields() || kept.ActivityTypes() == 0 {
		t.Errorf("%d fields, %d types, %s", kept.Fields(), kept.ActivityTypes(), learned.Learned())
	}
	if changes := bridge.DiffNames(learned, kept); len(changes) != 0 {
		t.Errorf("%v", changes)
	}
	if got := fmt.Sprint(bridge.DiffNames(hand, learned)); got != `[The field "Field_of_Old" is gone (in the REST API fieldOfNew).]` {
		t.Errorf("%s", got)
	}
	api := s.REST()
	far, err := bridge.New("http://account.example.com", bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret}, bridge.WithHTTPClient(api.Client), bridge.WithInsecureHTTP())
	if err != nil {
		t.Fatal(err)
	}
	if of, err := far.LearnNames(t.Context()); err != nil || of.Instance() != "account.example.com:80" || learned.Instance() != "" {
		t.Errorf("%v, %q", err, learned.Instance())
	}
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads/describe.json", Code: 603})
	if _, err := bridgeTo(t, s).LearnNames(t.Context()); codeOf(err) != fault.CodeAccessDenied {
		t.Errorf("%v", err)
	}
}

// An instance that tells no names of the SOAP API any more is read with those of a file, and without
// one a request that needs them says so.
func TestNames_switchedOff(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(rest.WithQuirks(rest.Quirks{NoSOAPNames: true})))
	if err := s.Sim().AddField(simulator.LeadField{Name: "Field_of_Old", REST: "fieldOfNew", Label: "Billing"}); err != nil {
		t.Fatal(err)
	}
	in := &gen.ParamsSyncLead{LeadRecord: new(record("lead@example.com", attribute("Field_of_Old", "x"))), ReturnLead: true}
	if _, err := bridgeTo(t, s).SyncLead(t.Context(), in); codeOf(err) != fault.CodeLeadAttributeBad {
		t.Errorf("a name that nobody tells: %v", err)
	}
	out, err := bridgeTo(t, s, bridge.WithNames("testdata/names.json")).SyncLead(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range out.Result.LeadRecord.Value.LeadAttributeList.Value.Attribute {
		if a.AttrName == "Field_of_Old" && a.AttrValue == "x" {
			return
		}
	}
	t.Errorf("%+v", out.Result.LeadRecord.Value)
}

// A CRM may make another lead the winner of a merge than the one that was asked for: that one is answered,
// and what follows is merged into it.
func TestMergeLeads_winnerOfTheCRM(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inSales bool
		left    string // the lead that is left after the merge
		want    string
	}{
		"another one":       {true, `{"id":318819}`, "318819 <- [318818]"},
		"the one asked for": {true, `{"id":318818}`, "318818 <- [318819]"},
		"both are there":    {true, `{"id":318818},{"id":318819}`, "318818 <- [318819]"},
		"without a CRM":     {false, `{"id":318819}`, "318818 <- [318819]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := demoServer(t)
			rule := body("GET /rest/v1/leads.json", `{"requestId":"1#1","success":true,"result":[`+test.left+`]}`)
			rule.Skip = 1 // the look at the keys
			s.Inject(rule)
			in := merge(attribute("IDNUM", "318818"), attribute("IDNUM", "318819"))
			in.MergeInSales = gen.Some(test.inSales)
			out, err := bridgeTo(t, s).MergeLeads(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			m := out.Result.MergeStatus
			if got := fmt.Sprint(m.WinningLeadId.Value, " <- ", m.LosingLeadIdList.Value.IntegerItem); got != test.want || m.Status != gen.LeadMergeStatusEnumMERGED {
				t.Errorf("%s %s, want %s", got, m.Status, test.want)
			}
		})
	}
}

// Of the leads of a request those count that are there. A request of which none is there is refused.
func TestRequestCampaign_unknownLeads(t *testing.T) {
	t.Parallel()
	nobody := *leadKey(gen.LeadKeyRefEMAIL, "nobody@example.com")
	for name, test := range map[string]struct {
		keys []gen.LeadKey
		want string
	}{
		"an id beside another":      {ids("318817", "99"), "[318817]"},
		"an address beside an id":   {append(ids("318817"), nobody), "[318817]"},
		"an id beside an address":   {append(ids("99"), *leadKey(gen.LeadKeyRefEMAIL, "lead@example.com"), nobody), "[318815]"},
		"ids alone":                 {ids("98", "99"), "20103"},
		"an address alone":          {[]gen.LeadKey{nobody}, "20103"},
		"an address beside a wrong": {append(ids("99"), nobody), "20103"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := demoServer(t)
			_, err := bridgeTo(t, s).RequestCampaign(t.Context(), requested(gen.ReqCampSourceTypeMKTOWS, test.keys...))
			got := fmt.Sprint(int(codeOf(err)))
			if runs := s.Sim().Snapshot().CampaignRuns; err == nil && len(runs) == 1 {
				got = fmt.Sprint(runs[0].Leads)
			}
			if got != test.want {
				t.Errorf("%s, want %s (%v)", got, test.want, err)
			}
		})
	}
}

// That campaigns may not be read is asked once in a while, and not with each page.
func TestGetLeadActivity_campaignsDenied(t *testing.T) {
	t.Parallel()
	s := demoServer(t, may("Read-Only Lead", "Read-Only Activity"))
	b := bridgeTo(t, s)
	const campaigns = "GET /rest/v1/campaigns.json"
	in := &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318815")}
	for _, calls := range []int{1, 1, 2} {
		out, err := b.GetLeadActivity(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.LeadActivityList.ActivityRecordList.Value.ActivityRecord) < 10 {
			t.Errorf("%+v", out.LeadActivityList)
		}
		s.RequireCalls(t, campaigns, calls)
		s.Clock().Advance(6 * time.Minute)
	}
}

// keptImports is a store of imports that several bridges share.
type keptImports struct {
	notes map[string][]byte
	until time.Time
	err   error
}

func (k *keptImports) PutImport(_ context.Context, name string, note []byte, until time.Time) error {
	k.notes[name], k.until = note, until
	return k.err
}

func (k *keptImports) Import(_ context.Context, name string) ([]byte, error) {
	return k.notes[name], k.err
}

// A bridge tells of the imports that another one has started with the same store, for a week, and of none without it. A
// store that fails does not undo an import.
func TestGetImportToListStatus_sharedStore(t *testing.T) {
	t.Parallel()
	s := guestServer(t)
	store := &keptImports{notes: make(map[string][]byte)}
	open := func(opts ...bridge.Option) *bridge.Bridge { return bridgeTo(t, s, opts...) }
	many := imported("Email Address,First Name")
	for i := range 300 {
		many.ImportFileRows.StringItem = append(many.ImportFileRows.StringItem, fmt.Sprintf("guest%d@example.com,Gast", i))
	}
	if _, err := open(bridge.WithImports(store)).ImportToList(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	begun := s.Clock().Now()
	if week := store.until.Sub(begun).Round(time.Hour); week != 7*24*time.Hour {
		t.Errorf("the note is kept for %s", week)
	}
	status := func(b *bridge.Bridge) string {
		out, err := b.GetImportToListStatus(t.Context(), statusOf())
		if err != nil {
			return fmt.Sprint(int(codeOf(err)))
		}
		return fmt.Sprint(out.Result.Status, " ", out.Result.RowsImported.Value)
	}
	s.Clock().Advance(time.Hour)
	for _, want := range []string{"COMPLETE 301", "COMPLETE 301"} {
		if got := status(open(bridge.WithImports(store))); got != want {
			t.Errorf("with the store: %s, want %s", got, want)
		}
	}
	if got := status(open()); got != "20110" {
		t.Errorf("without the store: %s", got)
	}
	s.Clock().Advance(7 * 24 * time.Hour)
	if got := status(open(bridge.WithImports(store))); got != "20110" {
		t.Errorf("after a week: %s", got)
	}
	store.err = errors.New("the disk is full")
	b := open(bridge.WithImports(store))
	if _, err := b.ImportToList(t.Context(), imported("Email Address,First Name")); err != nil {
		t.Errorf("an import whose note was not kept: %v", err)
	}
	if _, err := b.GetImportToListStatus(t.Context(), statusOf()); !errors.Is(err, store.err) {
		t.Errorf("of a store that fails: %v", err)
	}
}

// during is a transport that does something before the first call of a path.
type during struct {
	http.RoundTripper

	path string
	do   func()
}

func (d *during) RoundTrip(r *http.Request) (*http.Response, error) {
	if do := d.do; do != nil && strings.Contains(r.URL.Path, d.path) {
		d.do = nil
		do()
	}
	return d.RoundTripper.RoundTrip(r)
}

// An import that is started while another into the same list is asked about is the one that is known then.
func TestGetImportToListStatus_newImportMeanwhile(t *testing.T) {
	t.Parallel()
	s := guestServer(t)
	meanwhile := &during{RoundTripper: s.REST().Client.Transport, path: "/bulk/v1/leads/batch/"}
	b := bridgeTo(t, s, bridge.WithHTTPClient(&http.Client{Transport: meanwhile}))
	many := imported("Email Address,First Name")
	for i := range 300 {
		many.ImportFileRows.StringItem = append(many.ImportFileRows.StringItem, fmt.Sprintf("guest%d@example.com,Gast", i))
	}
	if _, err := b.ImportToList(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	s.Clock().Advance(time.Minute)
	meanwhile.do = func() {
		if _, err := b.ImportToList(t.Context(), imported("Email Address,First Name")); err != nil {
			t.Error(err)
		}
	}
	for _, rows := range []int32{301, 1} {
		out, err := b.GetImportToListStatus(t.Context(), statusOf())
		if err != nil || out.Result.EstimatedRows.Value != rows {
			t.Errorf("%v, %+v, want %d rows", err, out, rows)
		}
	}
}
