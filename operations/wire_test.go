package operations_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// reads returns a port whose answer to every call is read from a document.
func reads(doc []byte) gen.Port {
	return gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
		return gen.Unmarshal(doc, out)
	})
}

func TestActivities_answers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/answers/*.xml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d answers, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			api := operations.New(reads(doc))
			page, err := api.Activities.Page(t.Context(), operations.LeadID(lead), operations.Cursor{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, indented(t, page), "answers", name+".json")
		})
	}
}

func indented(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The record of the published example, spelled out: a golden file that was rewritten
// without being read proves nothing.
func TestActivities_publishedExample(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("testdata/answers/newLead.xml")
	if err != nil {
		t.Fatal(err)
	}
	page, err := operations.New(reads(doc)).Activities.Page(t.Context(), operations.LeadID(318815), operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []operations.Activity{{
		ID:     12025714,
		HasID:  true,
		Time:   time.Date(2015, 9, 4, 16, 7, 16, 0, time.FixedZone("", -5*3600)),
		Type:   "New Lead",
		LeadID: 318815,
		Attributes: operations.Attributes{
			{Name: "Source Type", Value: "Web service API"},
			{Name: "Source Info", Value: "Web service API"},
			{Name: "Created Date", Value: "2015-09-04"},
			{Name: "Lead ID", Value: "318815"},
		},
	}}
	if diff := cmp.Diff(want, page.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := page.Items[0].Time.Format(time.RFC3339); got != "2015-09-04T16:07:16-05:00" {
		t.Errorf("time %s lost its offset", got)
	}
	if page.More || page.Remaining != 0 || page.Next.IsZero() {
		t.Errorf("more %t, remaining %d, next %q", page.More, page.Remaining, page.Next)
	}
}

// What goes out, for the endpoints of version 2_7.
func TestActivities_requests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		key  operations.LeadKey
		o    *operations.ActivityOptions
	}{
		{"byNumber", operations.LeadID(318815), nil},
		{"newLead", operations.LeadID(318815), &operations.ActivityOptions{
			Include: []operations.ActivityType{operations.ActivityNewLead},
		}},
		{"excluded", operations.Email("lead@example.com"), &operations.ActivityOptions{
			Exclude:   []operations.ActivityType{operations.ActivityVisitWebpage, operations.ActivityFillOutForm},
			BatchSize: 10,
		}},
		{"emptyFilter", operations.Cookie("id:100-AAA-000&token:_mch-example.com-1-2"), &operations.ActivityOptions{
			Include:   []operations.ActivityType{},
			BatchSize: operations.MaxActivityBatch,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &service{answers: map[string]answer{"": {}}}
			if _, err := read(t, s.activities().All(t.Context(), tt.key, tt.o)); err != nil {
				t.Fatal(err)
			}
			golden(t, request(t, s.asked[0]), "requests", tt.name+".xml")
		})
	}
}

// The position goes back whole: nil stays nil, what was absent stays absent.
func TestActivities_requestOfTheNextPage(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("testdata/answers/moreToCome.xml")
	if err != nil {
		t.Fatal(err)
	}
	var sent []gen.Message
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
		sent = append(sent, in)
		return gen.Unmarshal(doc, out)
	})
	pages, err := read(t, operations.New(port).Activities.Pages(t.Context(), operations.Email("lead@example.com"), nil))
	// The second page has the position of the first as its own: no third call.
	if len(sent) != 2 || len(pages) != 2 || !errors.Is(err, operations.ErrStalled) {
		t.Fatalf("%d calls, %d pages, %v, want 2 and ErrStalled", len(sent), len(pages), err)
	}
	golden(t, request(t, sent[1]), "requests", "nextPage.xml")
}

func request(t *testing.T, m gen.Message) []byte {
	t.Helper()
	doc, err := gen.Marshal(m, gen.V2_7)
	if err != nil {
		t.Fatal(err)
	}
	// One element to a line, to be read by people; none of these values has a '<'.
	return append(bytes.ReplaceAll(doc, []byte("><"), []byte(">\n<")), '\n')
}
