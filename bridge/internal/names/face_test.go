package names_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// face is a source that asks the REST face of a simulator.
type face struct {
	t     *testing.T
	api   http.Handler
	token string
}

func newFace(t *testing.T, sim *simulator.Simulator, quirks rest.Quirks) *face {
	t.Helper()
	api, err := rest.New(sim, rest.WithClient("example-client", auth.NewSecret("example-secret")), rest.WithQuirks(quirks), rest.WithLimits(server.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	f := &face{t: t, api: api}
	var grant struct {
		Token string `json:"access_token"`
	}
	f.get("/identity/oauth/token?grant_type=client_credentials&client_id=example-client&client_secret=example-secret", &grant)
	f.token = grant.Token
	return f
}

// get reads the answer to a call.
func (f *face) get(target string, into any) {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, target, nil)
	if f.token != "" {
		r.Header.Set("Authorization", "Bearer "+f.token)
	}
	w := httptest.NewRecorder()
	f.api.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		f.t.Fatalf("%s: %v\n%s", target, err, w.Body)
	}
}

type nameOf struct {
	Name     string `json:"name"`
	ReadOnly bool   `json:"readOnly"`
}

func (f *face) DescribeLeads(context.Context) ([]names.Field, error) {
	var answer struct {
		Result []struct {
			ID          int64   `json:"id"`
			DisplayName string  `json:"displayName"`
			DataType    string  `json:"dataType"`
			Length      int     `json:"length"`
			REST        *nameOf `json:"rest"`
			SOAP        *nameOf `json:"soap"`
		} `json:"result"`
	}
	f.get("/rest/v1/leads/describe.json", &answer)
	var list []names.Field
	for _, r := range answer.Result {
		field := names.Field{ID: r.ID, Label: r.DisplayName, DataType: r.DataType, Length: r.Length}
		if r.REST != nil {
			field.REST, field.RESTReadOnly = r.REST.Name, r.REST.ReadOnly
		}
		if r.SOAP != nil {
			field.SOAP, field.SOAPReadOnly = r.SOAP.Name, r.SOAP.ReadOnly
		}
		list = append(list, field)
	}
	return list, nil
}

func (f *face) DescribeActivities(context.Context) ([]names.ActivityType, error) {
	type attribute struct {
		Name     string `json:"name"`
		APIName  string `json:"apiName"`
		DataType string `json:"dataType"`
	}
	var answer struct {
		Result []struct {
			ID          int64       `json:"id"`
			Name        string      `json:"name"`
			APIName     string      `json:"apiName"`
			Description string      `json:"description"`
			Primary     *attribute  `json:"primaryAttribute"`
			Attributes  []attribute `json:"attributes"`
		} `json:"result"`
	}
	f.get("/rest/v1/activities/types.json", &answer)
	own := func(a attribute) names.Attribute {
		return names.Attribute{Name: a.Name, APIName: a.APIName, DataType: a.DataType}
	}
	var list []names.ActivityType
	for _, r := range answer.Result {
		one := names.ActivityType{ID: r.ID, Name: r.Name, APIName: r.APIName, Description: r.Description}
		if r.Primary != nil {
			primary := own(*r.Primary)
			one.Primary = &primary
		}
		for _, a := range r.Attributes {
			one.Attributes = append(one.Attributes, own(a))
		}
		list = append(list, one)
	}
	return list, nil
}

func simulation(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim := simulator.New()
	for _, f := range []simulator.LeadField{
		{Name: "boat_Length", Label: "Boat Length", Type: simulator.TypeInteger},
		{Name: "HasSails", Label: "Has Sails", Type: simulator.TypeBoolean},
		{Name: "Launched", Label: "Launched", Type: simulator.TypeDateTime},
		{Name: "Price", Label: "Price", Type: simulator.TypeCurrency},
	} {
		if err := sim.AddField(f); err != nil {
			t.Fatal(err)
		}
	}
	_, err := sim.AddLead(simulator.Lead{ID: 501, Email: "lead@example.com", Fields: map[string]string{
		"FirstName": "Ada", "DateofBirth": "1984-06-01", "LeadScore": "34", "boat_Length": "12", "HasSails": "true",
		"Launched": "2026-03-08 12:00:00", "Price": "28970000", "Unsubscribed": "false",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// The values of a lead, read through the REST face and converted, are those that the SOAP face shows;
// also when the SOAP names come from a file.
func TestFace_lead(t *testing.T) {
	t.Parallel()
	sim := simulation(t)
	learned := learn(t, newFace(t, sim, rest.Quirks{}))
	got, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "501"}})
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, a := range got.Result.LeadRecordList.Value.LeadRecord[0].LeadAttributeList.Value.Attribute {
		want[a.AttrName] = a.AttrValue + " " + a.AttrType.Value
	}
	for name, test := range map[string]struct {
		quirks rest.Quirks
		file   *names.File
	}{
		"told":      {},
		"from file": {rest.Quirks{NoSOAPNames: true}, learned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := newFace(t, sim, test.quirks)
			if test.file != nil {
				file := *test.file
				file.Taken = file.Taken.Add(-2 * names.DefaultLife)
				test.file = &file
			}
			fields, err := newNames(t, names.Config{Source: source, File: test.file}).Fields(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, source.lead(fields)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lead returns the attributes of the lead with their types. Booleans that are false are left out, as
// nobody can tell whether they were ever set.
func (f *face) lead(fields *names.Fields) map[string]string {
	f.t.Helper()
	var wanted []string
	for _, field := range fields.All() {
		if field.SOAP != "" && field.SOAP != "Email" {
			wanted = append(wanted, field.REST)
		}
	}
	var answer struct {
		Result []map[string]json.RawMessage `json:"result"`
	}
	f.get("/rest/v1/leads.json?filterType=id&filterValues=501&fields="+strings.Join(wanted, ","), &answer)
	shown := make(map[string]string)
	for _, name := range wanted {
		field, _ := fields.ByREST(name)
		text, err := names.Converter{}.Text(field.DataType, answer.Result[0][name])
		if err != nil {
			f.t.Error(err)
		}
		if text.String != "" && (text.String != "false" || field.SOAP == "Unsubscribed") {
			shown[field.SOAP] = text.String + " " + field.SOAPType()
		}
	}
	return shown
}

// Whatever the REST face takes for a name of the SOAP API is one there, and means the same field.
func TestFace_names(t *testing.T) {
	t.Parallel()
	sim := simulation(t)
	told := newNames(t, names.Config{Source: newFace(t, sim, rest.Quirks{})})
	guessed := newNames(t, names.Config{Source: newFace(t, sim, rest.Quirks{NoSOAPNames: true})})
	a, err1 := told.Fields(t.Context())
	b, err2 := guessed.Fields(t.Context())
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if a.Guessed() || !b.Guessed() {
		t.Errorf("guessed: %t, %t", a.Guessed(), b.Guessed())
	}
	for _, field := range a.All() {
		if field.SOAP == "" {
			continue
		}
		if found, ok := b.BySOAP(field.SOAP); !ok || found.REST != field.REST {
			t.Errorf("by guessing, %s is %+v, not %s", field.SOAP, found, field.REST)
		}
	}
}

// Every type that the SOAP face can be asked for is found by its value and by its name.
func TestFace_types(t *testing.T) {
	t.Parallel()
	types, err := newNames(t, names.Config{Source: newFace(t, simulation(t), rest.Quirks{})}).ActivityTypes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range types.All() {
		if found, ok := types.ByName(one.Shown()); !ok || found.ID != one.ID {
			t.Errorf("%s is %+v", one.Shown(), found)
		}
		if found, ok := types.ByEnum(one.Enum); one.Enum != "" && (!ok || found.ID != one.ID) {
			t.Errorf("%s is %+v", one.Enum, found)
		}
	}
	for id, want := range map[int64]gen.ActivityType{
		1: gen.ActivityTypeVisitWebpage, 12: gen.ActivityTypeNewLead, 37: gen.ActivityTypeDeleteLead, 105: gen.ActivityTypeChangeFieldInProgram, 113: "",
	} {
		if one, ok := types.ByID(id); !ok || one.Enum != want {
			t.Errorf("%d is %+v", id, one)
		}
	}
}

// record is what the SOAP API shows of an activity and its type has a say in.
type record struct {
	Type, Asset string
	Attributes  []gen.Attribute
}

// What activities of the demo are called, which asset they have and what their attributes are, is
// the same on both faces but for what the REST API does not know.
func TestFace_activities(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	if err := sim.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	since := time.Now().AddDate(-20, 0, 0)
	want := soapRecords(t, sim, since)
	source := newFace(t, sim, rest.Quirks{})
	types, err := newNames(t, names.Config{Source: source}).ActivityTypes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[int64]record)
	for group := range slices.Chunk(types.All(), 10) {
		source.activities(types, group, names.RESTTime(since), got)
	}
	// The demo's moments lack the attribute that the face describes as primary, and of opportunities
	// it describes none.
	for id, r := range want {
		if r.Type == "Interesting Moment" || r.Type == "Add to Opportunity" {
			delete(want, id)
			delete(got, id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 10 {
		t.Errorf("%d activities\n%s", len(got), diff)
	}
}

// soapRecords are the activities as the SOAP face shows them, without what the REST API does not know.
func soapRecords(t *testing.T, sim *simulator.Simulator, since time.Time) map[int64]record {
	t.Helper()
	all := make(map[int64]record)
	at := &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(since))}
	for more := true; more; {
		page, err := sim.GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{StartPosition: at, BatchSize: gen.Some[int32](1000)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Result.LeadChangeRecordList.Value.LeadChangeRecord {
			one := record{r.ActivityType, r.MktgAssetName.Or(""), nil}
			for _, a := range r.ActivityAttributes.Value.Attribute {
				if unknown := a.AttrName == "Source Info" || a.AttrName == "Old Value" && a.AttrValue == ""; !unknown {
					one.Attributes = append(one.Attributes, a)
				}
			}
			all[r.Id.Or(0)] = one
		}
		at, more = page.Result.NewStartPosition, page.Result.RemainingCount > 0
	}
	return all
}

// shownActivity is an activity in an answer.
type shownActivity struct {
	ID         int64  `json:"id"`
	LeadID     int64  `json:"leadId"`
	Kind       int64  `json:"activityTypeId"`
	ValueID    int64  `json:"primaryAttributeValueId"`
	Value      string `json:"primaryAttributeValue"`
	Attributes []struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	} `json:"attributes"`
}

// activities reads the activities of some types.
func (f *face) activities(types *names.ActivityTypes, group []names.ActivityType, since string, into map[int64]record) {
	f.t.Helper()
	var token struct {
		Token string `json:"nextPageToken"`
	}
	f.get("/rest/v1/activities/pagingtoken.json?sinceDatetime="+since, &token)
	var ids strings.Builder
	for _, t := range group {
		fmt.Fprintf(&ids, "&activityTypeIds=%d", t.ID)
	}
	for more := true; more; {
		var page struct {
			Token  string          `json:"nextPageToken"`
			More   bool            `json:"moreResult"`
			Result []shownActivity `json:"result"`
		}
		f.get("/rest/v1/activities.json?nextPageToken="+token.Token+ids.String(), &page)
		token.Token, more = page.Token, page.More
		for _, r := range page.Result {
			into[r.ID] = f.record(types, r)
		}
	}
}

// record makes of an activity what the SOAP API shows.
func (f *face) record(types *names.ActivityTypes, r shownActivity) record {
	f.t.Helper()
	kind, ok := types.ByID(r.Kind)
	if !ok {
		f.t.Fatalf("there is no type %d", r.Kind)
	}
	one := record{Type: kind.Shown(), Asset: kind.Asset(r.Value)}
	add := func(name, text string) {
		one.Attributes = append(one.Attributes, gen.Attribute{AttrName: name, AttrType: gen.NilOf[string](), AttrValue: text})
	}
	if name, text, ok := kind.PrimaryAttribute(r.ValueID, r.Value); ok {
		add(name, text)
	}
	for _, a := range r.Attributes {
		attribute := kind.Attribute(a.Name)
		text, err := names.Converter{}.Text(attribute.DataType, a.Value)
		if err != nil {
			f.t.Error(err)
		}
		if !kind.IsPrimary(a.Name) {
			add(attribute.Shown(), text.String)
		}
	}
	add("Lead ID", strconv.FormatInt(r.LeadID, 10))
	return one
}
