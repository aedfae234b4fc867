package imports

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/record"
)

var noon = time.Date(2015, 9, 4, 12, 0, 0, 0, time.FixedZone("", -5*3600))

// setup returns a table whose imports take a minute, the list Fair.Guests and the leads.
func setup(t *testing.T) (*Table, *lists.List, *leads.Table) {
	t.Helper()
	clock := func() time.Time { return noon }
	log := activity.New(clock)
	people := leads.New(clock, []string{"Default"}, log)
	people.Add(&record.Lead{ID: 1, Email: "one@example.com"})
	all := lists.New(clock, people, log)
	guests := all.Find(all.Add(&record.List{Program: "Fair", Name: "Guests", Members: []int64{1}}))
	return New(clock, time.Minute, people, all), guests, people
}

func start(t *testing.T, table *Table, r Request) *Job {
	t.Helper()
	header, err := table.ReadHeader(r.Header)
	if err != nil {
		t.Fatal(err)
	}
	return table.Start(r, header)
}

// An import is written as a whole when its time is over, and not before.
func TestTable_Run(t *testing.T) {
	t.Parallel()
	table, guests, people := setup(t)
	job := start(t, table, Request{
		List: guests, Mode: "UPSERTLEADS", Clear: true, Campaign: "Invite", Header: "Email Address,First Name,{{my.code}}",
		Rows: []string{"new@example.com,N,X1", "bad", "one@example.com,O,X2"},
	})
	if table.Due() != noon.Add(time.Minute).UnixNano() {
		t.Errorf("due at %d", table.Due())
	}
	if table.Run(noon.Add(time.Minute - 1)); job.Done() || len(people.AllIDs()) != 1 {
		t.Error("it was written before its time")
	}
	table.Run(noon.Add(time.Minute))
	imported, failed, ignored := job.Counts()
	if !job.Done() || imported != 2 || failed != 1 || ignored != 0 || table.Due() != 0 || table.Latest(guests) != job {
		t.Errorf("%d imported, %d failed, %d ignored, due at %d", imported, failed, ignored, table.Due())
	}
	if !cmp.Equal(guests.IDs(), []int64{1, 2}) {
		t.Errorf("members %v", guests.IDs())
	}
	want := []record.ImportedTokens{
		{Campaign: "Fair.Invite", LeadID: 2, Tokens: []record.Attribute{{Name: "{{my.code}}", Value: "X1"}}},
		{Campaign: "Fair.Invite", LeadID: 1, Tokens: []record.Attribute{{Name: "{{my.code}}", Value: "X2"}}},
	}
	if diff := cmp.Diff(want, table.TakeTokens("Fair", "Invite")); diff != "" {
		t.Error(diff)
	}
	if again := table.TakeTokens("Fair", "Invite"); again != nil {
		t.Errorf("%v a second time", again)
	}
}

// An import that goes on does so in another table as well.
func TestTable_Load(t *testing.T) {
	t.Parallel()
	table, guests, _ := setup(t)
	start(t, table, Request{List: guests, Mode: "LISTONLY", Header: "Email", Rows: []string{"nobody@example.com"}})
	again, _, _ := setup(t)
	if err := again.Load(table.Snapshot(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Snapshot(), again.Snapshot()); diff != "" || again.Due() != table.Due() {
		t.Errorf("due at %d\n%s", again.Due(), diff)
	}
	again.Run(noon.Add(time.Hour))
	if got := again.Snapshot()[0]; !got.Done || got.Ignored != 1 || got.Rows != nil {
		t.Errorf("%+v", got)
	}
}

func TestTable_ReadHeader(t *testing.T) {
	t.Parallel()
	table, _, _ := setup(t)
	for _, bad := range []string{"", "First Name", "Email,FirstName", "Email,Email Address", `"Email`, "Email\nEmail"} {
		if _, err := table.ReadHeader(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
	header, err := table.ReadHeader(` EMAIL ADDRESS , {{my.a}}`)
	if token, ok := header.Token(); err != nil || !ok || token != "{{my.a}}" {
		t.Errorf("%q, %v", token, err)
	}
}

// A plain line is read as the reader of CSV reads it, and costs one slice. It measures allocations: nothing may run beside it.
func TestReadLine(t *testing.T) { //nolint:paralleltest // see above
	for _, test := range []struct {
		line string
		want []string
	}{
		{"a", []string{"a"}}, {"a,b", []string{"a", "b"}}, {",", []string{"", ""}}, {" a ,", []string{" a ", ""}},
		{`"a,b",c`, []string{"a,b", "c"}}, {"\"a\nb\",c", []string{"a\nb", "c"}}, {"a\r", []string{"a"}},
		{"", []string{""}}, {"a\nb", nil}, {`"a`, nil}, {`a"b`, nil},
	} {
		if got, err := readLine(test.line); !cmp.Equal(got, test.want) || (err == nil) != (test.want != nil) {
			t.Errorf("%q: %q, %v, want %q", test.line, got, err, test.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = readLine("one@example.com,O") }); n > 1 {
		t.Errorf("a line costs %v allocations", n)
	}
}
