package simulator

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

const (
	smallInstance = 10_000
	largeInstance = 100_000
)

var workStart = time.Date(2015, time.September, 4, 12, 0, 0, 0, time.UTC)

// instanceOfWork is a simulator that holds n leads, each with an activity, all of them members of
// one list, a third as many objects of each kind, and a tenth as many campaigns.
type instanceOfWork struct {
	*Simulator
	n     int
	fresh int64 // makes what is written differ
}

func newInstance(t testing.TB, n int) *instanceOfWork {
	t.Helper()
	sim := New(WithClock(func() time.Time { return workStart.Add(time.Duration(n) * time.Second) }), WithImportDuration(0))
	in := &instanceOfWork{Simulator: sim, n: n}
	must := func(_ int64, err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(sim.AddProgram(Program{Name: "P", Tags: []Attribute{{Name: "Region", Value: "Europe"}}}))
	news := List{Name: "News"}
	for i := range n {
		at := At(workStart.Add(time.Duration(i) * time.Second))
		must(sim.AddLead(Lead{Email: fmt.Sprintf("lead%d@example.com", i), Activities: []Activity{{Type: "Visit Webpage", Time: at}}}))
		news.Members = append(news.Members, int64(i+1))
	}
	must(sim.AddList(news))
	must(sim.AddList(List{Name: "Few", Program: "P"}))
	for i := range n / 10 {
		must(sim.AddCampaign(Campaign{Name: fmt.Sprint("C", i), Program: "P", Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS}}))
	}
	must(sim.AddCampaign(Campaign{Name: "Batch", Program: "P", Batch: true}))
	in.seedObjects(must, n/3)
	return in
}

func (in *instanceOfWork) seedObjects(must func(int64, error), n int) {
	seats := CustomObjectType{Name: "Seat", Keys: []Field{{Name: "Row"}}, Fields: []Field{{Name: "LeadId"}, {Name: "Hall"}}}
	for i := range n {
		id, company := strconv.Itoa(i+1), int32(i+1)
		seats.Records = append(seats.Records, CustomObject{Keys: map[string]string{"Row": id}, Attributes: map[string]string{"LeadId": id, "Hall": "H"}})
		must(in.AddOpportunity(Opportunity{
			ExternalKey: &Attribute{Name: "CrmId", Value: id}, Company: &Company{ID: &company}, Attributes: []Attribute{{Name: "Name", Value: "Deal " + id}},
		}))
		must(in.AddOpportunityRole(OpportunityRole{OpportunityID: int64(i + 1), LeadID: int64(i + 1)}))
	}
	must(0, in.AddCustomObjectType(seats))
}

// next returns an id that no other call has had, and that there is.
func (in *instanceOfWork) next() int64 { return 1 + atomic.AddInt64(&in.fresh, 1) }

// workCase is a call whose price must not grow with the instance.
type workCase struct {
	operation, name string
	call            func(ctx context.Context, s *instanceOfWork) error
}

// failed is the error of a call, whatever it has answered.
func failed[T any](_ T, err error) error { return err }

func oneKey(id int64) *gen.LeadKey {
	return &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: strconv.FormatInt(id, 10)}
}

func keyList(id int64) gen.ArrayOfAttribute {
	return gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "IDNUM", AttrValue: strconv.FormatInt(id, 10)}}}
}

func allObjects(kind string, objects ...gen.MObject) *gen.ArrayOfMObject {
	for i := range objects {
		objects[i].Type = kind
	}
	return &gen.ArrayOfMObject{MObject: objects}
}

// at is a moment in the seconds of the instance.
func (in *instanceOfWork) at(fraction float64) gen.DateTime {
	return gen.NewDateTime(workStart.Add(time.Duration(fraction*float64(in.n)) * time.Second))
}

func (in *instanceOfWork) changesWith(change func(*gen.ParamsGetLeadChanges)) *gen.ParamsGetLeadChanges {
	request := &gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(in.at(0.5))}, BatchSize: gen.Some[int32](100)}
	change(request)
	return request
}

// leadCasesOfWork are the operations on leads and their activities.
func leadCasesOfWork() []workCase {
	news := &gen.StaticListSelector{StaticListName: gen.Some("News")}
	changes := func(name string, change func(*instanceOfWork, *gen.ParamsGetLeadChanges)) workCase {
		return workCase{"getLeadChanges", name, func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetLeadChanges(ctx, s.changesWith(func(in *gen.ParamsGetLeadChanges) { change(s, in) })))
		}}
	}
	multiple := func(name string, sel func(*instanceOfWork) gen.LeadSelector) workCase {
		return workCase{"getMultipleLeads", name, func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetMultipleLeads(ctx, &gen.ParamsGetMultipleLeads{LeadSelector: sel(s), BatchSize: gen.Some[int32](100)}))
		}}
	}
	return []workCase{
		{"getLead", "by email", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetLead(ctx, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: "EMAIL", KeyValue: "lead500@example.com"}}))
		}},
		{"getLeadActivity", "a page", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetLeadActivity(ctx, &gen.ParamsGetLeadActivity{LeadKey: oneKey(500)}))
		}},
		changes("of all", func(*instanceOfWork, *gen.ParamsGetLeadChanges) {}),
		changes("of a list", func(_ *instanceOfWork, in *gen.ParamsGetLeadChanges) { in.LeadSelector = news }),
		changes("of keys", func(_ *instanceOfWork, in *gen.ParamsGetLeadChanges) {
			in.LeadSelector = &gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: &gen.ArrayOfString{StringItem: []string{"5000", "7000"}}}
		}),
		changes("of a range", func(s *instanceOfWork, in *gen.ParamsGetLeadChanges) {
			in.LeadSelector = &gen.LastUpdateAtSelector{OldestUpdatedAt: s.at(0.6), LatestUpdatedAt: gen.Some(s.at(0.7))}
		}),
		changes("of active leads", func(s *instanceOfWork, in *gen.ParamsGetLeadChanges) {
			in.StartPosition.ActivityCreatedAt = gen.Some(s.at(0.6))
		}),
		changes("of active leads of a list", func(s *instanceOfWork, in *gen.ParamsGetLeadChanges) {
			in.StartPosition.ActivityCreatedAt, in.LeadSelector = gen.Some(s.at(0.6)), news
		}),
		multiple("of a list", func(*instanceOfWork) gen.LeadSelector { return news }),
		multiple("of keys", func(*instanceOfWork) gen.LeadSelector {
			return &gen.LeadKeySelector{KeyType: "EMAIL", KeyValues: &gen.ArrayOfString{StringItem: []string{"lead5@example.com"}}}
		}),
		multiple("of five minutes, past", func(s *instanceOfWork) gen.LeadSelector {
			from := workStart.Add(time.Duration(s.n/2)*time.Second + time.Duration(s.next())*time.Second)
			return &gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(from), LatestUpdatedAt: gen.Some(gen.NewDateTime(from.Add(5 * time.Minute)))}
		}),
		{"syncLead", "a new one", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.SyncLead(ctx, &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some(fmt.Sprintf("new%d@example.com", s.next()))}}))
		}},
		{"syncMultipleLeads", "an update", func(ctx context.Context, s *instanceOfWork) error {
			record := gen.LeadRecord{Id: gen.Some[int32](700), LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "FirstName", AttrValue: fmt.Sprint(s.next())}}})}
			return failed(s.SyncMultipleLeads(ctx, &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{record}}}))
		}},
		{"mergeLeads", "of members with roles", func(ctx context.Context, s *instanceOfWork) error {
			id := s.next()
			winner, loser := keyList(1000+id), keyList(2000+id)
			return failed(s.MergeLeads(ctx, &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}))
		}},
	}
}

// otherCasesOfWork are the operations on lists, imports and campaigns.
func otherCasesOfWork() []workCase {
	list := func(op gen.ListOperationType) workCase {
		return workCase{"listOperation", string(op), func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.ListOperation(ctx, &gen.ParamsListOperation{
				ListOperation: op, ListKey: &gen.ListKey{KeyType: "MKTOLISTNAME", KeyValue: "News"},
				ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*oneKey(3001)}},
			}))
		}}
	}
	campaign := gen.Some("C7")
	return []workCase{
		list(gen.ListOperationTypeISMEMBEROFLIST), list(gen.ListOperationTypeREMOVEFROMLIST), list(gen.ListOperationTypeADDTOLIST),
		{"importToList", "a row", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.ImportToList(ctx, &gen.ParamsImportToList{
				ProgramName: "P", ListName: "Few", ImportFileHeader: "Email Address", ImportListMode: gen.ImportToListModeEnumUPSERTLEADS,
				ImportFileRows: &gen.ArrayOfString{StringItem: []string{"lead3000@example.com"}},
			}))
		}},
		{"getImportToListStatus", "", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetImportToListStatus(ctx, &gen.ParamsGetImportToListStatus{ProgramName: gen.Some("P"), ListName: gen.Some("Few")}))
		}},
		{"requestCampaign", "by id", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.RequestCampaign(ctx, &gen.ParamsRequestCampaign{
				Source: "MKTOWS", CampaignId: gen.Some[int32](7), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*oneKey(9)}}),
			}))
		}},
		{"requestCampaign", "by name", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.RequestCampaign(ctx, &gen.ParamsRequestCampaign{
				Source: "MKTOWS", ProgramName: gen.Some("P"), CampaignName: campaign, ProgramTokenList: gen.Some(gen.ArrayOfAttrib{}),
				LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*oneKey(9)}}),
			}))
		}},
		{"scheduleCampaign", "", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.ScheduleCampaign(ctx, &gen.ParamsScheduleCampaign{ProgramName: "P", CampaignName: "Batch"}))
		}},
		{"getCampaignsForSource", "one name", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetCampaignsForSource(ctx, &gen.ParamsGetCampaignsForSource{Source: "MKTOWS", Name: gen.Some("P.C7"), ExactName: gen.Some(true)}))
		}},
		{"getChannels", "", func(ctx context.Context, s *instanceOfWork) error { return failed(s.GetChannels(ctx, nil)) }},
		{"getTags", "", func(ctx context.Context, s *instanceOfWork) error { return failed(s.GetTags(ctx, nil)) }},
		{"listMObjects", "", func(ctx context.Context, s *instanceOfWork) error { return failed(s.ListMObjects(ctx, nil)) }},
		{"describeMObject", "", func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.DescribeMObject(ctx, &gen.ParamsDescribeMObject{ObjectName: objects.TypeOpportunity}))
		}},
	}
}

// objectCasesOfWork are the operations on Marketo objects and custom objects.
func objectCasesOfWork() []workCase {
	get := func(name, kind string, change func(*gen.ParamsGetMObjects)) workCase {
		return workCase{"getMObjects", name, func(ctx context.Context, s *instanceOfWork) error {
			in := &gen.ParamsGetMObjects{Type: kind}
			change(in)
			return failed(s.GetMObjects(ctx, in))
		}}
	}
	with := func(a gen.MObjAssociation) func(*gen.ParamsGetMObjects) {
		return func(in *gen.ParamsGetMObjects) {
			in.MObjAssociationList = gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{a}})
		}
	}
	sync := func(name, kind string, object func(*instanceOfWork) gen.MObject) workCase {
		return workCase{"syncMObjects", name, func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.SyncMObjects(ctx, &gen.ParamsSyncMObjects{MObjectList: allObjects(kind, object(s)), Operation: "UPSERT"}))
		}}
	}
	remove := func(kind string, from int64) workCase {
		return workCase{"deleteMObjects", kind, func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.DeleteMObjects(ctx, &gen.ParamsDeleteMObjects{MObjectList: allObjects(kind, gen.MObject{Id: gen.Some(int32(from + s.next()))})}))
		}}
	}
	field := func(name, value string) gen.Opt[gen.Attrib] { return gen.Some(gen.Attrib{Name: name, Value: value}) }
	number := gen.Some[int32](1500)
	custom := func(pairs ...string) gen.Opt[gen.ArrayOfAttribute] {
		var list gen.ArrayOfAttribute
		for i := 0; i < len(pairs); i += 2 {
			list.Attribute = append(list.Attribute, gen.Attribute{AttrName: pairs[i], AttrValue: pairs[i+1]})
		}
		return gen.Some(list)
	}
	seats := func(name string, pairs ...string) workCase {
		return workCase{"getCustomObjects", name, func(ctx context.Context, s *instanceOfWork) error {
			return failed(s.GetCustomObjects(ctx, &gen.ParamsGetCustomObjects{ObjTypeName: "Seat", CustomObjKeyList: custom(pairs...)}))
		}}
	}
	criteria := func(name, value string) func(*gen.ParamsGetMObjects) {
		return func(in *gen.ParamsGetMObjects) {
			in.MObjCriteriaList = gen.Some(gen.ArrayOfMObjCriteria{MObjCriteria: []gen.MObjCriteria{{AttrName: name, Comparison: "EQ", AttrValue: value}}})
		}
	}
	return []workCase{
		get("a page", objects.TypeOpportunity, func(*gen.ParamsGetMObjects) {}),
		get("by id", objects.TypeOpportunity, func(in *gen.ParamsGetMObjects) { in.Id = number }),
		get("by external key", objects.TypeOpportunity, func(in *gen.ParamsGetMObjects) { in.ExternalKey = field("CrmId", "1500") }),
		get("by a criterion of id", objects.TypeOpportunity, criteria("Id", "1500")),
		get("by a name that none has", objects.TypeOpportunity, criteria("Name", "Nobody")),
		get("of a lead", objects.TypeOpportunity, with(gen.MObjAssociation{MObjType: objects.TypeLead, Id: number})),
		get("roles of a lead that a field names", objects.TypeRole, with(gen.MObjAssociation{MObjType: objects.TypeLead, ExternalKey: field("Email", "lead1499@example.com")})),
		get("roles of an opportunity", objects.TypeRole, with(gen.MObjAssociation{MObjType: objects.TypeOpportunity, Id: number})),
		get("roles of an opportunity that a field names", objects.TypeRole, with(gen.MObjAssociation{MObjType: objects.TypeOpportunity, ExternalKey: field("Name", "Deal 1500")})),
		get("of a company", objects.TypeOpportunity, with(gen.MObjAssociation{MObjType: objects.TypeCompany, Id: number})),
		sync("a new opportunity", objects.TypeOpportunity, func(s *instanceOfWork) gen.MObject {
			return gen.MObject{ExternalKey: field("CrmId", fmt.Sprint("new", s.next()))}
		}),
		sync("a known opportunity", objects.TypeOpportunity, func(s *instanceOfWork) gen.MObject {
			return gen.MObject{Id: number, AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Stage", Value: fmt.Sprint(s.next())}}})}
		}),
		sync("a role", objects.TypeRole, func(*instanceOfWork) gen.MObject {
			return gen.MObject{AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: objects.AttrOpportunityID, Value: "1500"}, {Name: objects.AttrPersonID, Value: "1500"}}})}
		}),
		remove(objects.TypeRole, 100), remove(objects.TypeOpportunity, 200),
		seats("by key", "Row", "1500"), seats("by another field", "LeadId", "1500"), seats("of many", "Hall", "H"), seats("by two fields", "Hall", "H", "LeadId", "1500"),
		{"syncCustomObjects", "", func(ctx context.Context, s *instanceOfWork) error {
			o := gen.CustomObj{CustomObjKeyList: custom("Row", fmt.Sprint("new", s.next())), CustomObjAttributeList: custom("LeadId", "1500")}
			return failed(s.SyncCustomObjects(ctx, &gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{o}}, Operation: gen.Some(gen.SyncOperationEnumUPSERT)}))
		}},
		{"deleteCustomObjects", "", func(ctx context.Context, s *instanceOfWork) error {
			keys := custom("Row", fmt.Sprint(300+s.next())).Value
			return failed(s.DeleteCustomObjects(ctx, &gen.ParamsDeleteCustomObjects{ObjTypeName: "Seat", CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{keys}}}))
		}},
	}
}

// counted returns how many rows and nodes a function looks at. Nothing else may run.
func counted(t *testing.T, f func() error) int64 {
	t.Helper()
	n := new(atomic.Int64)
	work.CountIn(n)
	defer work.CountIn(nil)
	if err := f(); err != nil {
		t.Fatal(err)
	}
	return n.Load()
}

// The price of an operation, in rows and nodes that it looks at, does not grow with what
// the simulator holds, but for the height of its trees.
func TestWork(t *testing.T) { //nolint:paralleltest // it counts what everybody does
	if testing.Short() {
		t.Skip("seeds 100,000 leads")
	}
	small, large := newInstance(t, smallInstance), newInstance(t, largeInstance)
	missing := make(map[string]bool)
	for _, op := range gen.Operations() {
		missing[op.Name] = true
	}
	for _, list := range [][]workCase{leadCasesOfWork(), otherCasesOfWork(), objectCasesOfWork()} {
		for _, c := range list {
			delete(missing, c.operation)
			price := func(s *instanceOfWork) int64 {
				if err := c.call(t.Context(), s); err != nil { // the first question about a field enters it
					t.Fatalf("%s %s: %v", c.operation, c.name, err)
				}
				return counted(t, func() error { return c.call(t.Context(), s) })
			}
			few, many := price(small), price(large)
			t.Logf("%s, %s: %d and %d", c.operation, c.name, few, many)
			if limit := few + few/2 + 20; many > limit {
				t.Errorf("%s, %s: looks at %d rows of %d, but at %d of %d: want at most %d",
					c.operation, c.name, few, small.n, many, large.n, limit)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("not measured: %v", missing)
	}
	t.Run("reading", func(t *testing.T) { readingsOfWork(t, small, large) })
	runtime.KeepAlive(small)
}

// A whole reading by update time looks at each lead a few times, whatever is written while
// it goes on: what it is about is settled when it begins.
func readingsOfWork(t *testing.T, small, large *instanceOfWork) {
	t.Helper()
	price := func(s *instanceOfWork) int64 {
		leads := 0
		total := counted(t, func() error {
			in := &gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{OldestUpdatedAt: s.at(0)}}
			for {
				out, err := s.GetMultipleLeads(t.Context(), in)
				if err != nil || out.Result.RemainingCount == 0 {
					return err
				}
				leads += int(out.Result.ReturnCount)
				in.StreamPosition = gen.Some(out.Result.NewStreamPosition)
				if _, err := s.AddActivity(1, Activity{Type: "Visit Webpage"}); err != nil {
					return errors.Join(errors.New("the write failed"), err)
				}
			}
		})
		return total / int64(leads)
	}
	if few, many := price(small), price(large); many > few+10 {
		t.Errorf("each lead costs %d rows of %d, but %d of %d", few, small.n, many, large.n)
	}
}

// What is kept of a request is copied: one string that shares the memory of a document
// keeps the whole of it.
func TestSimulator_keepsNothingOfRequests(t *testing.T) {
	t.Parallel()
	s := New(WithImportDuration(time.Hour), WithWorkspaces("West"))
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddLead(Lead{ID: 1, Email: "a@example.com", Keys: []LeadKey{{Type: "LEADOWNEREMAIL", Value: "o@example.com"}, {Type: "COOKIE", Value: "c1"}}, ForeignIDs: []ForeignID{{System: "SFDC", ID: "f0"}}}))
	must(s.AddLead(Lead{ID: 2, Email: "b@example.com", Keys: []LeadKey{{Type: "COOKIE", Value: "c1"}}}))
	must(s.AddLead(Lead{ID: 3, Keys: []LeadKey{{Type: "COOKIE", Value: "c1"}, {Type: "SFDCLEADID", Value: "s3"}}}))
	must(s.AddList(List{Name: "L"}))
	must(s.AddProgram(Program{ID: 1, Name: "P", Tags: []Attribute{{Name: "Region", Value: "Asia"}}}))
	must(s.AddList(List{Program: "P", Name: "L"}))
	must(s.AddCampaign(Campaign{Program: "P", Name: "T", Sources: []gen.ReqCampSourceType{"MKTOWS"}}))
	must(s.AddCampaign(Campaign{Program: "P", Name: "B", Batch: true}))
	must(nil, s.AddCustomObjectType(CustomObjectType{Name: "Seat", Keys: []Field{{Name: "No"}}, Fields: []Field{{Name: "Note"}}}))

	var document document
	for _, in := range writes() {
		document.shared(reflect.ValueOf(in))
		must(gen.OperationByInput(in.ElementName()).Call(t.Context(), s, in))
	}
	document.find(t, reflect.ValueOf(s), "simulator", make(map[unsafe.Pointer]bool))
	if !document.seen {
		t.Error("the walk has not come to the leads")
	}
}

// writes are requests that write whatever can be written.
func writes() []gen.Message {
	pair := func(name, value string) gen.Opt[gen.ArrayOfAttribute] {
		return gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: name, AttrValue: value}}})
	}
	attribs := func(pairs ...string) gen.Opt[gen.ArrayOfAttrib] {
		var list gen.ArrayOfAttrib
		for i := 0; i < len(pairs); i += 2 {
			list.Attrib = append(list.Attrib, gen.Attrib{Name: pairs[i], Value: pairs[i+1]})
		}
		return gen.Some(list)
	}
	record := func() gen.LeadRecord {
		return gen.LeadRecord{
			Email: gen.Some("New@example.com"), ForeignSysType: gen.Some(gen.ForeignSysType("CUSTOM")), ForeignSysPersonId: gen.Some("f1"),
			LeadAttributeList: pair("City", "X"),
		}
	}
	created, moved, updated := record(), record(), record()
	updated.ForeignSysPersonId, updated.Id = gen.Some("f2"), gen.Some[int32](1)
	company := gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
		{MObjType: "Company", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "k1"})},
	}})
	details := gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
		{AttrType: "Tag", AttrList: attribs("Type", "Region", "Value", "Asia")},
		{AttrType: "Cost", AttrList: attribs("Month", "2013-06", "Amount", "1", "Note", "n")},
	}})
	objects := []gen.MObject{
		{Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "o1"}), AttribList: attribs("Name", "Deal"), AssociationList: company},
		{Type: "OpportunityPersonRole", AttribList: attribs("OpportunityId", "1", "PersonId", "1", "Role", "Buyer")},
	}
	seat := gen.CustomObj{CustomObjKeyList: pair("No", "1"), CustomObjAttributeList: pair("Note", "x")}
	importing := func(mode gen.ImportToListModeEnum) *gen.ParamsImportToList {
		return &gen.ParamsImportToList{
			ProgramName: "P", CampaignName: gen.Some("T"), ListName: "L", ImportListMode: mode,
			ImportFileHeader: "Email Address,{{my.x}}", ImportFileRows: &gen.ArrayOfString{StringItem: []string{"z@example.com,y"}},
		}
	}
	return []gen.Message{
		&gen.ParamsSyncLead{LeadRecord: &created, MarketoCookie: gen.Some("c0")},
		&gen.ParamsSyncLead{LeadRecord: &moved, MarketoCookie: gen.Some("c2")},
		&gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Id: gen.Some[int32](2)}, MarketoCookie: gen.Some("c1")},
		&gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{updated}}},
		&gen.ParamsListOperation{
			ListOperation: "ADDTOLIST", ListKey: &gen.ListKey{KeyType: "MKTOLISTNAME", KeyValue: "L"},
			ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: "EMAIL", KeyValue: "b@example.com"}}},
		},
		&gen.ParamsRequestCampaign{
			Source: "MKTOWS", ProgramName: gen.Some("P"), CampaignName: gen.Some("T"), ProgramTokenList: attribs("{{my.x}}", "y"),
			LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: "IDNUM", KeyValue: "1"}}}),
		},
		&gen.ParamsScheduleCampaign{ProgramName: "P", CampaignName: "B", CloneToProgramName: gen.Some("Q"), ProgramTokenList: attribs("my.x", "z")},
		importing("UPSERTLEADS"), importing("LISTONLY"),
		&gen.ParamsSyncMObjects{Operation: "UPSERT", MObjectList: &gen.ArrayOfMObject{MObject: objects}},
		&gen.ParamsSyncMObjects{Operation: "UPDATE", MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{
			{Type: "Program", Id: gen.Some[int32](1), TypeAttribList: details},
		}}},
		&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", Operation: gen.Some(gen.SyncOperationEnum("UPSERT")), CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{seat}}},
		&gen.ParamsMergeLeads{
			WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "EMAIL", AttrValue: "b@example.com"}}},
			LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{{AttrName: "SFDCLEADID", AttrValue: "s3"}}}}},
		},
	}
}

// document is the memory of requests. A buffer of their own for all strings makes them
// known by their addresses.
type document struct {
	parts []string
	seen  bool
}

// shared makes every string of a message a part of the document.
func (d *document) shared(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			d.shared(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.shared(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.shared(v.Index(i))
		}
	case reflect.String:
		if v.Len() > 0 {
			d.parts = append(d.parts, strings.Repeat(v.String(), 2))
			v.SetString(d.parts[len(d.parts)-1][:v.Len()])
		}
	}
}

func (d *document) has(text string) bool {
	for _, part := range d.parts {
		at := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(part)))
		if text != "" && at < uintptr(len(part)) {
			return true
		}
	}
	return false
}

// find reports the strings of the document below a value.
func (d *document) find(t *testing.T, v reflect.Value, path string, seen map[unsafe.Pointer]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.UnsafePointer()] {
			return
		}
		seen[v.UnsafePointer()] = true
		d.find(t, v.Elem(), path, seen)
	case reflect.Interface:
		d.find(t, v.Elem(), path, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			d.find(t, v.Field(i), path+"."+v.Type().Field(i).Name, seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			d.find(t, v.Index(i), path+"[]", seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			d.find(t, key, path+"{key}", seen)
			d.find(t, v.MapIndex(key), path+"{}", seen)
		}
	case reflect.String:
		d.seen = d.seen || v.String() == "New@example.com"
		if d.has(v.String()) {
			t.Errorf("%s keeps %q of a request", path, v.String())
		}
	}
}
