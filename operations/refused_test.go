package operations_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// cursor returns the cursor after the first page of a query.
func cursor(t *testing.T, key operations.LeadKey, o *operations.ActivityOptions) operations.Cursor {
	t.Helper()
	page, err := threePages().activities().Page(t.Context(), key, operations.Cursor{}, o)
	if err != nil {
		t.Fatal(err)
	}
	return page.Next
}

// What the service would refuse, or would take as something else, is not sent.
func TestActivities_refusedBeforeTheWire(t *testing.T) {
	t.Parallel()
	types := func(t ...operations.ActivityType) []operations.ActivityType { return t }
	of := cursor(t, key, &operations.ActivityOptions{Include: types(operations.ActivityNewLead)})
	tests := []struct {
		name  string
		key   operations.LeadKey
		o     operations.ActivityOptions
		field string
		text  string
	}{
		{"no key", operations.LeadKey{}, operations.ActivityOptions{}, "LeadKey", "is empty"},
		{"key of zero", operations.LeadID(0), operations.ActivityOptions{}, "LeadKey.Value", "a number from 1 to 2147483647"},
		{"both filters", key, operations.ActivityOptions{
			Include: types(operations.ActivityNewLead), Exclude: types(operations.ActivityWait),
		}, "ActivityOptions.Exclude", "at most one"},
		{"unknown type", key, operations.ActivityOptions{
			Include: types(operations.ActivityNewLead, "VisitWebPage"),
		}, "ActivityOptions.Include[1]", `"VisitWebPage" is not an activity type that the schema lists; similar: VisitWebpage`},
		{"unknown type excluded", key, operations.ActivityOptions{
			Exclude: types(""),
		}, "ActivityOptions.Exclude[0]", `"" is not an activity type that the schema lists; ActivityTypes returns`},
		{"batch too large", key, operations.ActivityOptions{BatchSize: 101}, "ActivityOptions.BatchSize", "is 101; a page has 1 to 100"},
		{"batch negative", key, operations.ActivityOptions{BatchSize: -1}, "ActivityOptions.BatchSize", "is -1; a page has 1 to 100"},
		{"cursor of another lead", operations.LeadID(lead + 1), operations.ActivityOptions{
			Include: types(operations.ActivityNewLead), Start: of,
		}, "ActivityOptions.Start", "another lead or other types"},
		{"cursor of another key type", operations.LeadKey{Type: operations.KeySFDCLeadID, Value: key.Value}, operations.ActivityOptions{
			Include: types(operations.ActivityNewLead), Start: of,
		}, "ActivityOptions.Start", "another lead or other types"},
		{"cursor of another type", key, operations.ActivityOptions{
			Include: types(operations.ActivityWait), Start: of,
		}, "ActivityOptions.Start", "another lead or other types"},
		{"cursor of the opposite filter", key, operations.ActivityOptions{
			Exclude: types(operations.ActivityNewLead), Start: of,
		}, "ActivityOptions.Start", "another lead or other types"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := threePages()
			_, ofPage := s.activities().Page(t.Context(), tt.key, operations.Cursor{}, &tt.o)
			pages, ofPages := read(t, s.activities().Pages(t.Context(), tt.key, &tt.o))
			all, ofAll := read(t, s.activities().All(t.Context(), tt.key, &tt.o))
			for _, err := range []error{ofPage, ofPages, ofAll} {
				wantArgumentError(t, err, tt.field, tt.text)
			}
			if len(pages)+len(all)+len(s.asked) != 0 {
				t.Errorf("%d pages, %d activities, %d calls", len(pages), len(all), len(s.asked))
			}
		})
	}
}

func wantArgumentError(t *testing.T, err error, field, text string) {
	t.Helper()
	var argument *operations.ArgumentError
	var op *fault.OpError
	switch {
	case !errors.As(err, &argument) || !errors.Is(err, fault.ErrInvalid) || fault.FromServer(err):
		t.Errorf("error %v, want an ArgumentError", err)
	case !errors.As(err, &op) || op.Op != "getLeadActivity" || op.Attempts != 0:
		t.Errorf("error %v names no operation", err)
	case argument.Field != field || !strings.Contains(err.Error(), field+": ") || !strings.Contains(err.Error(), text):
		t.Errorf("error %q, want the field %s and %q", err, field, text)
	}
}

// The place of a page is checked like the start of an iterator.
func TestActivities_pageRefusesACursorOfAnotherQuery(t *testing.T) {
	t.Parallel()
	at := cursor(t, operations.LeadID(1), nil)
	s := threePages()
	_, err := s.activities().Page(t.Context(), operations.LeadID(2), at, nil)
	wantArgumentError(t, err, "at", "another lead or other types")
	if !errors.Is(err, operations.ErrCursor) || len(s.asked) != 0 {
		t.Errorf("error %v, %d calls", err, len(s.asked))
	}
}

// The order of types and saying one twice do not make another query.
func TestActivities_cursorOfTheSameQuery(t *testing.T) {
	t.Parallel()
	a, b := operations.ActivityNewLead, operations.ActivityWait
	at := cursor(t, key, &operations.ActivityOptions{Include: []operations.ActivityType{a, b}})
	o := &operations.ActivityOptions{Include: []operations.ActivityType{b, a, b}, BatchSize: 3}
	s := threePages()
	if _, err := s.activities().Page(t.Context(), key, at, o); err != nil {
		t.Error(err)
	}
	wantOffsets(t, s, "a")
}

func TestNew_nilPort(t *testing.T) {
	t.Parallel()
	_, err := operations.New(nil).Activities.Page(t.Context(), key, operations.Cursor{}, nil)
	wantArgumentError(t, err, "New", "nil port")
}

func TestActivities_answerThatCannotBeConverted(t *testing.T) {
	t.Parallel()
	good := gen.ActivityRecord{ActivityDateTime: "2015-09-04T16:07:16-05:00", MktPersonId: "318815"}
	tests := []struct {
		name   string
		change func(*gen.ActivityRecord)
		text   string
	}{
		{"no time", func(r *gen.ActivityRecord) { r.ActivityDateTime = "" }, `activityDateTime is "": expected a date and time`},
		{"no such day", func(r *gen.ActivityRecord) { r.ActivityDateTime = "2015-02-30T00:00:00Z" },
			`activityDateTime is "2015-02-30T00:00:00Z": expected a date and time`},
		{"no lead", func(r *gen.ActivityRecord) { r.MktPersonId = "" }, `mktPersonId is "": expected the number of a lead`},
		{"a word", func(r *gen.ActivityRecord) { r.MktPersonId = "12x" }, `mktPersonId is "12x": expected the number of a lead`},
		{"a long text", func(r *gen.ActivityRecord) { r.MktPersonId = strings.Repeat("x", 999) },
			`mktPersonId is "` + strings.Repeat("x", 80) + `": expected`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := good
			tt.change(&bad)
			list := &gen.LeadActivityList{ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{
				ActivityRecord: []gen.ActivityRecord{good, good, bad, good},
			})}
			got, err := read(t, operations.New(answers(list)).Activities.All(t.Context(), key, nil))
			var record *operations.RecordError
			if !errors.As(err, &record) || record.Index != 2 || len(got) != 0 {
				t.Fatalf("%d activities, error %v", len(got), err)
			}
			if want := "records[2] of the answer: " + tt.text; !strings.Contains(err.Error(), want) {
				t.Errorf("error %q, want %q", err, want)
			}
			wantUnreadable(t, err)
		})
	}
}

// answers returns a port that gives the same list to every call.
func answers(list *gen.LeadActivityList) gen.Port {
	return gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
		out.(*gen.SuccessGetLeadActivity).LeadActivityList = list
		return nil
	})
}

func wantUnreadable(t *testing.T, err error) {
	t.Helper()
	var decode *fault.DecodeError
	var op *fault.OpError
	if !errors.As(err, &decode) || !errors.As(err, &op) || op.Op != "getLeadActivity" || op.Attempts != 1 {
		t.Errorf("error %v is no DecodeError of the operation", err)
	}
}

// nothing is a port that answers without an answer.
type nothing struct{ gen.Port }

func (nothing) GetLeadActivity(context.Context, *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	var none *gen.SuccessGetLeadActivity
	return none, nil
}

func TestActivities_answerWithoutAList(t *testing.T) {
	t.Parallel()
	for _, port := range []gen.Port{nothing{}, answers(nil)} {
		_, err := operations.New(port).Activities.Page(t.Context(), key, operations.Cursor{}, nil)
		wantUnreadable(t, err)
		if !strings.Contains(fmt.Sprint(err), "leadActivityList") {
			t.Errorf("error %v does not say what is missing", err)
		}
	}
}

func TestActivities_answerWithoutAPosition(t *testing.T) {
	t.Parallel()
	page, err := operations.New(answers(&gen.LeadActivityList{RemainingCount: -5})).Activities.Page(t.Context(), key, operations.Cursor{}, nil)
	if err != nil || !page.Next.IsZero() || page.More || page.Remaining != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
}
