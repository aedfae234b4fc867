package customobjects

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator/record"
)

func seats(t *testing.T, n int) *Type {
	t.Helper()
	in := record.CustomObjectType{
		Name: "Seat", Keys: []record.Field{{Name: "No"}}, Fields: []record.Field{{Name: "Hall"}, {Name: "Row"}}, LinkField: "row",
	}
	for i := range n {
		in.Records = append(in.Records, record.CustomObject{
			Keys: map[string]string{"No": fmt.Sprint(i)}, Attributes: map[string]string{"Hall": "H", "Row": fmt.Sprint(i % 10)},
		})
	}
	table := New(time.Now)
	if err := table.Add(&in); err != nil {
		t.Fatal(err)
	}
	return table.Find("SEAT")
}

func ask(t *testing.T, seat *Type, pairs ...string) Query {
	t.Helper()
	var list []record.Attribute
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, record.Attribute{Name: pairs[i], Value: pairs[i+1]})
	}
	q, err := seat.Ask(list)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// The field with the fewest records leads to those that have all values.
func TestType_Ask(t *testing.T) {
	t.Parallel()
	seat := seats(t, 100)
	for _, test := range []struct {
		pairs        []string
		looks, found int
	}{
		{[]string{"hall", "H"}, 100, 100},
		{[]string{"Hall", "H", "row", "3"}, 10, 10},
		{[]string{"Row", "3", "No", "13"}, 1, 1},
		{[]string{"Row", "3", "No", "14"}, 1, 0},
		{[]string{"Hall", ""}, 100, 0},
	} {
		q := ask(t, seat, test.pairs...)
		if page := seat.Page(0, 1000, q); q.rows.Len() != test.looks || len(page.Objects) != test.found || page.Left != 0 {
			t.Errorf("%v: %d rows, %d found, %d left", test.pairs, q.rows.Len(), len(page.Objects), page.Left)
		}
	}
	if _, err := seat.Ask([]record.Attribute{{Name: "Colour"}}); err == nil {
		t.Error("no error for a field that is none")
	}
}

// Positions are numbers, which are not given again.
func TestType_numbers(t *testing.T) {
	t.Parallel()
	seat := seats(t, 3)
	key := func(no string) []record.Attribute { return []record.Attribute{{Name: "no", Value: no}} }
	for _, no := range []string{"0", "2"} {
		if err := seat.Delete(key(no)); err != nil {
			t.Fatal(err)
		}
	}
	if err := seat.Insert(key("9"), nil); err != nil {
		t.Fatal(err)
	}
	var numbers []int64
	for _, r := range seat.Page(0, 10, ask(t, seat, "Row", "1")).Objects {
		numbers = append(numbers, r.Number())
	}
	if !cmp.Equal(numbers, []int64{2}) {
		t.Errorf("numbers %v", numbers)
	}
	out := seat.Record()
	again := New(time.Now)
	if err := again.Add(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out, again.Find("Seat").Record()); diff != "" || out.Records[1].Number != 4 {
		t.Errorf("%+v\n%s", out, diff)
	}
}
