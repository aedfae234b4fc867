package operations_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// What the first call of a paged query sends.
func TestPaged_requests(t *testing.T) {
	t.Parallel()
	oldest := time.Date(2015, 9, 4, 0, 0, 0, 999_999, time.UTC)
	none := operations.Cursor{}
	leads := func(s operations.Selector, o *operations.LeadOptions) func(context.Context, *operations.API) error {
		return func(ctx context.Context, api *operations.API) error {
			_, err := api.Leads.Page(ctx, s, none, o)
			return err
		}
	}
	objects := func(o *operations.ObjectOptions) func(context.Context, *operations.API) error {
		return func(ctx context.Context, api *operations.API) error {
			_, err := api.Objects.Page(ctx, operations.ObjectProgram, none, o)
			return err
		}
	}
	custom := func(o *operations.CustomObjectOptions) func(context.Context, *operations.API) error {
		return func(ctx context.Context, api *operations.API) error {
			_, err := api.CustomObjects.Page(ctx, "car", carKey, none, o)
			return err
		}
	}
	tests := map[string]struct {
		call    func(context.Context, *operations.API) error
		request gen.Message
		answer  gen.Message
	}{
		"leads by key": {
			leads(operations.ByKey(operations.KeyEmail, "a@example.com", "b@example.com"), nil),
			&gen.ParamsGetMultipleLeads{LeadSelector: &gen.LeadKeySelector{
				KeyType: gen.LeadKeyRefEMAIL, KeyValues: &gen.ArrayOfString{StringItem: []string{"a@example.com", "b@example.com"}},
			}},
			pagedLeads().answer(nil, "", false),
		},
		"leads by keys": {
			leads(operations.ByKeys(operations.LeadID(1), operations.LeadID(2)), &operations.LeadOptions{Fields: []string{"Company"}, BatchSize: 200}),
			&gen.ParamsGetMultipleLeads{
				LeadSelector: &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: []string{"1", "2"}}},
				BatchSize:    gen.Some[int32](200), IncludeAttributes: texts("Company"),
			},
			pagedLeads().answer(nil, "", false),
		},
		"leads in a list": {
			leads(operations.InList("Webinar.Guests"), &operations.LeadOptions{}),
			&gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some("Webinar.Guests")}},
			pagedLeads().answer(nil, "", false),
		},
		"leads updated between": {
			leads(operations.UpdatedBetween(oldest, oldest.Add(time.Hour)), nil),
			&gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{
				OldestUpdatedAt: "2015-09-04T00:00:00+00:00", LatestUpdatedAt: gen.Some(gen.DateTime("2015-09-04T01:00:00+00:00")),
			}},
			pagedLeads().answer(nil, "", false),
		},
		"all programs": {objects(nil), &gen.ParamsGetMObjects{Type: "Program"}, pagedObjects().answer(nil, "", false)},
		"one program": {
			objects(&operations.ObjectOptions{ID: 5, Details: true}),
			&gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](5), IncludeDetails: gen.Some(true)},
			pagedObjects().answer(nil, "", false),
		},
		"some programs": {
			objects(&operations.ObjectOptions{
				ExternalKey:  operations.ExternalKey{Name: "Code", Value: "p"},
				Criteria:     []operations.Criterion{{"Name", operations.CompareNotEqual, "x"}, {"Created At", operations.CompareGreaterOrEqual, "2015-09-04"}},
				Associations: []operations.Association{{Type: operations.AssociationLead, ID: 2}},
			}),
			&gen.ParamsGetMObjects{
				Type: "Program", ExternalKey: gen.Some(gen.Attrib{Name: "Code", Value: "p"}),
				MObjCriteriaList: gen.Some(gen.ArrayOfMObjCriteria{MObjCriteria: []gen.MObjCriteria{
					{AttrName: "Name", Comparison: gen.ComparisonEnumNE, AttrValue: "x"},
					{AttrName: "Created At", Comparison: gen.ComparisonEnumGE, AttrValue: "2015-09-04"},
				}}),
				MObjAssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{{MObjType: "Lead", Id: gen.Some[int32](2)}}}),
			},
			pagedObjects().answer(nil, "", false),
		},
		"custom objects": {
			custom(nil),
			&gen.ParamsGetCustomObjects{ObjTypeName: "car", CustomObjKeyList: attributes(attribute("vin", "v1")), IncludeAttributes: &gen.ArrayOfString{}},
			pagedCustomObjects().answer(nil, "", false),
		},
		"some fields of custom objects": {
			custom(&operations.CustomObjectOptions{Fields: []string{"color"}, BatchSize: 100}),
			&gen.ParamsGetCustomObjects{
				ObjTypeName: "car", CustomObjKeyList: attributes(attribute("vin", "v1")), BatchSize: gen.Some[int32](100),
				IncludeAttributes: &gen.ArrayOfString{StringItem: []string{"color"}},
			},
			pagedCustomObjects().answer(nil, "", false),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{answer: tt.answer}
			if err := tt.call(t.Context(), r.api()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]gen.Message{tt.request}, r.asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if _, err := gen.Marshal(tt.request, gen.V2_7); err != nil {
				t.Error(err)
			}
		})
	}
}

// UpdatedSince has no end on the wire: the range ends when the service answers.
func TestPaged_updatedSince(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: pagedLeads().answer(nil, "", false)}
	oldest := time.Now().Add(-time.Hour)
	if _, err := r.api().Leads.Page(t.Context(), operations.UpdatedSince(oldest), operations.Cursor{}, nil); err != nil {
		t.Fatal(err)
	}
	got := r.asked[0].(*gen.ParamsGetMultipleLeads).LeadSelector.(*gen.LastUpdateAtSelector)
	at, err := got.OldestUpdatedAt.Time()
	if err != nil || oldest.Sub(at) < 0 || oldest.Sub(at) >= time.Millisecond || got.LatestUpdatedAt.State != gen.Absent {
		t.Errorf("asked for %v, %v", got, err)
	}
}

// A custom object in an answer has its keys and its attributes apart.
func TestCustomObjects_answer(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessGetCustomObjects{Result: &gen.ResultGetCustomObjects{
		CustomObjList: gen.Some(gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{{
			CustomObjKeyList:       attributes(gen.Attribute{AttrName: "vin", AttrType: gen.NilOf[string](), AttrValue: "v1"}),
			CustomObjAttributeList: attributes(attribute("color", "red"), attribute("doors", "")),
		}, {}}}),
	}}}
	page, err := r.api().CustomObjects.Page(t.Context(), "car", carKey, operations.Cursor{}, nil)
	want := []operations.CustomObject{{Keys: carKey, Attributes: operations.Attributes{{Name: "color", Value: "red"}, {Name: "doors"}}}, {}}
	if diff := cmp.Diff(want, page.Items); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

// What is given to an iterator is copied, and a port may do with a request what it likes.
func TestPaged_argumentsAreCopied(t *testing.T) {
	t.Parallel()
	s := newPagedService(pagedLeads())
	var sent []*gen.ParamsGetMultipleLeads
	api := operations.New(gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		q := in.(*gen.ParamsGetMultipleLeads)
		err := s.call(ctx, op, in, out)
		copied := *q
		copied.IncludeAttributes = texts(slices.Clone(q.IncludeAttributes.Value.StringItem)...)
		sent = append(sent, &copied)
		q.IncludeAttributes.Value.StringItem[0] = "spoilt"
		q.LeadSelector.(*gen.LeadKeySelector).KeyValues.StringItem[0] = "spoilt"
		return err
	}))
	keys, o := []operations.LeadKey{operations.LeadID(1)}, &operations.LeadOptions{Fields: []string{"Company"}}
	all := api.Leads.All(t.Context(), operations.ByKeys(keys...), o)
	keys[0], o.Fields[0], o.BatchSize = operations.LeadKey{}, "changed", -1
	if _, err := read(t, all); err != nil {
		t.Fatal(err)
	}
	for _, q := range sent {
		if q.IncludeAttributes.Value.StringItem[0] != "Company" || q.BatchSize.State != gen.Absent {
			t.Errorf("sent %+v", q)
		}
	}
	if len(sent) != 3 {
		t.Errorf("%d calls", len(sent))
	}
}

func TestPaged_argumentsOfObjectsAreCopied(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: pagedObjects().answer(nil, "", false)}
	o := &operations.ObjectOptions{
		Criteria:     []operations.Criterion{{"Name", operations.CompareEqual, "x"}},
		Associations: []operations.Association{{Type: operations.AssociationLead, ID: 2}},
	}
	all := r.api().Objects.All(t.Context(), operations.ObjectProgram, o)
	o.Criteria[0].Value, o.Associations[0].ID = "changed", 3
	if _, err := read(t, all); err != nil {
		t.Fatal(err)
	}
	q := r.asked[0].(*gen.ParamsGetMObjects)
	if q.MObjCriteriaList.Value.MObjCriteria[0].AttrValue != "x" || q.MObjAssociationList.Value.MObjAssociation[0].Id.Value != 2 {
		t.Errorf("asked for %+v", q)
	}
	r = &recorder{answer: pagedCustomObjects().answer(nil, "", false)}
	keys, fields := slices.Clone(carKey), []string{"color"}
	records := r.api().CustomObjects.All(t.Context(), "car", keys, &operations.CustomObjectOptions{Fields: fields})
	keys[0].Value, fields[0] = "changed", "changed"
	if _, err := read(t, records); err != nil {
		t.Fatal(err)
	}
	c := r.asked[0].(*gen.ParamsGetCustomObjects)
	if c.CustomObjKeyList.Value.Attribute[0].AttrValue != "v1" || c.IncludeAttributes.StringItem[0] != "color" {
		t.Errorf("asked for %+v", c)
	}
	r = &recorder{answer: pagedChanges().answer(nil, "", false)}
	names := []string{"Wait"}
	changes := r.api().Changes.All(t.Context(), since, &operations.ChangeOptions{Names: names})
	names[0] = "changed"
	if _, err := read(t, changes); err != nil {
		t.Fatal(err)
	}
	if got := r.asked[0].(*gen.ParamsGetLeadChanges).ActivityNameFilter.Value.StringItem[0]; got != "Wait" {
		t.Errorf("asked for %q", got)
	}
}

// A field is not taken for a key, nor is the letter case of a type another type.
func TestPaged_cursorsTellQueriesApart(t *testing.T) {
	t.Parallel()
	leads := newPagedService(pagedLeads()).api().Leads
	fields := &operations.LeadOptions{Fields: []string{"EMAIL", "b"}}
	page, err := leads.Page(t.Context(), operations.ByKey(operations.KeyEmail, "a"), operations.Cursor{}, fields)
	if err != nil {
		t.Fatal(err)
	}
	_, err = leads.Page(t.Context(), operations.ByKey(operations.KeyEmail, "a", "b"), page.Next, nil)
	wantRefused(t, err, "getMultipleLeads", "at", "given for another query")
	custom := newPagedService(pagedCustomObjects()).api().CustomObjects
	first, err := custom.Page(t.Context(), "car", carKey, operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custom.Page(t.Context(), "Car", carKey, first.Next, nil); err != nil {
		t.Error(err)
	}
}
