package objects

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/record"
)

var noon = time.Date(2015, 9, 4, 12, 0, 0, 0, time.FixedZone("", -5*3600))

// crowd has the leads 100 to 109, whose numbers are 0 to 9, and one of them by address.
type crowd struct{}

func (crowd) No(id int64) (activity.LeadNo, bool) {
	return activity.LeadNo(id - 100), id >= 100 && id < 110
}
func (crowd) ID(no activity.LeadNo) int64 { return int64(no) + 100 }
func (crowd) Names(text string) bool      { return text == "Email" }
func (crowd) WithValue(_, value string) (activity.LeadNo, bool) {
	return 3, value == "three@example.com"
}

// setup returns a table with n opportunities of ten companies, each with a role of a lead.
func setup(t *testing.T, n int) *Table {
	t.Helper()
	var st record.State
	for i := range n {
		company := int32(500 + i%10)
		st.Opportunities = append(st.Opportunities, record.Opportunity{
			ExternalKey: &record.Attribute{Name: "CrmId", Value: fmt.Sprint(i)}, Company: &record.Company{ID: &company},
		})
		st.OpportunityRoles = append(st.OpportunityRoles, record.OpportunityRole{OpportunityID: int64(i + 1), LeadID: 100 + int64(i%5)})
	}
	table := New(func() time.Time { return noon }, crowd{}, new(Set))
	if err := table.Load(&st); err != nil {
		t.Fatal(err)
	}
	return table
}

func find(t *testing.T, table *Table, q Query) (ids []int32, rows int) {
	t.Helper()
	selection, err := table.Select(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range selection.Page(0, 1000).Objects {
		ids = append(ids, o.ID())
	}
	return ids, selection.rows.Len()
}

// Links and keys lead to the objects: no others are looked at.
func TestTable_Select(t *testing.T) {
	t.Parallel()
	table := setup(t, 40)
	lead := Reference{Type: TypeLead, Key: record.Attribute{Name: "Email", Value: "three@example.com"}}
	for name, test := range map[string]struct {
		q    Query
		rows int
		want []int32
	}{
		"by id":           {Query{Type: TypeOpportunity, One: Reference{ID: 7, HasID: true}}, 1, []int32{7}},
		"by external key": {Query{Type: TypeOpportunity, One: Reference{Key: record.Attribute{Name: "CrmId", Value: "6"}}}, 1, []int32{7}},
		"of a company":    {Query{Type: TypeOpportunity, Associations: []Reference{{Type: TypeCompany, ID: 503, HasID: true}}}, 4, []int32{4, 14, 24, 34}},
		"of a lead":       {Query{Type: TypeOpportunity, Associations: []Reference{lead}}, 8, []int32{4, 9, 14, 19, 24, 29, 34, 39}},
		"of both":         {Query{Type: TypeOpportunity, Associations: []Reference{lead, {Type: TypeCompany, ID: 503, HasID: true}}}, 4, []int32{4, 14, 24, 34}},
		"of nobody":       {Query{Type: TypeRole, Associations: []Reference{{Type: TypeLead, ID: 99, HasID: true}}}, 0, nil},
		"by a criterion":  {Query{Type: TypeRole, Criteria: []Criterion{{Name: "id", Comparison: "EQ", Value: "9"}}}, 1, []int32{9}},
	} {
		ids, rows := find(t, table, test.q)
		if diff := cmp.Diff(test.want, ids); diff != "" || rows != test.rows {
			t.Errorf("%s: %d rows, want %d\n%s", name, rows, test.rows, diff)
		}
	}
}

// The roles of a lead that is merged are those of the other one; an opportunity that goes
// takes its roles along.
func TestTable_rolesMove(t *testing.T) {
	t.Parallel()
	table := setup(t, 10)
	of := func(lead int32) []int32 {
		ids, _ := find(t, table, Query{Type: TypeRole, Associations: []Reference{{Type: TypeLead, ID: lead, HasID: true}}})
		return ids
	}
	table.MoveLead(1, 2)
	if got := of(102); !cmp.Equal(got, []int32{2, 3, 7, 8}) || of(101) != nil {
		t.Errorf("roles %v and %v", got, of(101))
	}
	if !table.Delete(TypeOpportunity, 7) || table.Delete(TypeOpportunity, 7) {
		t.Error("an opportunity is deleted once")
	}
	if got := of(102); !cmp.Equal(got, []int32{2, 3, 8}) {
		t.Errorf("roles %v", got)
	}
}
