package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

// errorRow is a line of the error table of package fault, which describes the columns.
type errorRow struct {
	code, level, text string
	fault             fault.Code
	read, write       string
	maybe             bool
}

func errorRows(t *testing.T) []errorRow {
	t.Helper()
	doc, err := os.ReadFile("../../../fault/testdata/rest.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows []errorRow
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		number, err := strconv.Atoi(c[3])
		if err != nil || len(c) != 8 {
			t.Fatalf("bad line %q: %v", line, err)
		}
		code := strings.NewReplacer("other-", "", "6xx", "699", "7xx", "799", "1xxx", "1999").Replace(c[0])
		rows = append(rows, errorRow{code, c[1], c[2], fault.Code(number), c[4], c[6], c[7] == "maybe"})
	}
	if len(rows) != 79 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows
}

// Every code becomes its fault in both places where the service may say it, with the id of the
// request, is repeated as the table says, and a write is said to be of unknown outcome if it is.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, row := range errorRows(t) {
		t.Run(row.code+" "+row.text, func(t *testing.T) {
			t.Parallel()
			said := `[{"code":"` + row.code + `","message":"` + row.text + `"}]`
			answer := always(200, `{"requestId":"7be1#19d2","success":false,"errors":`+said+`}`)
			if row.level == "http" {
				status, _ := strconv.Atoi(row.code)
				answer = always(status, "plain text")
			}
			call := map[string]func(context.Context, *rest.Client) error{"read": aRead, "write": aWrite}
			if row.code == "404" { // only files are answered so
				call["read"], call["write"] = aFile, aFile
			}
			for kind, repeated := range map[string]string{"read": row.read, "write": row.write} {
				checkErrors(t, row, kind, repeated, answer, call[kind])
			}
			if row.level != "http" {
				checkRecord(t, row, said)
			}
		})
	}
}

func checkErrors(t *testing.T, row errorRow, kind, repeated string, answer func(sent, int) (*http.Response, error), call func(context.Context, *rest.Client) error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: answer}
		if row.code == "401" {
			s.grant = always(401, `{"error":"unauthorized"}`)
		}
		err := call(t.Context(), s.client(withoutLimits, func(c *rest.Config) { c.Retry.MaxAttempts = 2 }))
		checkFault(t, row, err)
		var failed *rest.CallError
		if !errors.As(err, &failed) || failed.Unknown != (row.maybe && kind == "write") {
			t.Errorf("%s: of unknown outcome: %t", kind, failed.Unknown)
		}
		want := 1
		if repeated != "no" {
			want = 2
		}
		if row.code == "401" {
			want = 0 // nobody was let in
		}
		if calls, _ := s.count(); calls != want {
			t.Errorf("%s: %d calls, want %d", kind, calls, want)
		}
	})
}

// checkFault looks for what the service said in an error.
func checkFault(t *testing.T, row errorRow, err error) {
	t.Helper()
	var said *fault.RESTError
	if !errors.As(err, &said) || !errors.Is(err, row.fault) {
		t.Errorf("%v is not %d", err, row.fault)
		return
	}
	if fmt.Sprint(int(said.Code)) != row.code || row.level != "http" && said.RequestID != "7be1#19d2" {
		t.Errorf("the service is said to have said %+v", said)
	}
}

// checkRecord has the code in a record of a call that succeeded, in each of the forms.
func checkRecord(t *testing.T, row errorRow, said string) {
	t.Helper()
	one := strings.Trim(said, "[]")
	for _, why := range []string{`"reasons":` + said, `"errors":` + said, `"reason":` + one} {
		s := &service{t: t, answer: always(200, `{"requestId":"7be1#19d2","success":true,"result":[{"id":5,"status":"updated"},{"status":"skipped",`+why+`}]}`)}
		a, err := s.client(once).AddToList(t.Context(), 7, []int64{5, 6})
		if err != nil || len(a.Records) != 2 || a.Records[0].Err(a.RequestID) != nil {
			t.Fatalf("%v, %+v", err, a)
		}
		problem := a.Records[1].Err(a.RequestID)
		if problem == nil || !problem.Record {
			t.Fatalf("%s: nothing is wrong with the record", why)
		}
		checkFault(t, row, fault.FromREST(problem, 0, fault.Known{}))
	}
}

// Answers that are none, or not as they should be: clear errors, and what the service said where it did.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const page = `{"requestId":"1#1","success":true,"result":[{"leadId":7,"marketoGUID":"g","activityDate":"2026-01-01T00:00:00Z","activityTypeId":`
	for name, test := range map[string]struct {
		status int
		body   string
		text   []string
		calls  int
	}{
		"page of a proxy":            {200, "<html><b>Log in</b></html>", []string{"HTTP 200 with text/html instead of JSON", "<b>Log in"}, 1},
		"nothing":                    {200, "", []string{"HTTP 200", "no readable text"}, 1},
		"a text":                     {200, `"OK"`, []string{"instead of JSON of the REST API"}, 1},
		"half a document":            {200, page[:70], []string{"the JSON of the answer cannot be read", "unexpected EOF"}, 2},
		"two documents":              {200, empty + empty, []string{"cannot be read at byte"}, 1},
		"control character":          {200, page + `1,"primaryAttributeValue":"a` + "\x01" + `b"}]}`, []string{"cannot be read at byte 157", "invalid character"}, 1},
		"a text where a number is":   {200, page + `"one"}]}`, []string{"activityTypeId", "cannot be read at byte"}, 1},
		"a number where a text is":   {200, `{"requestId":7,"success":true}`, []string{"requestId", "number"}, 1},
		"an object where a list is":  {200, `{"success":true,"result":{}}`, []string{"result", "object"}, 1},
		"a lead id beyond 64 bits":   {200, `{"success":true,"result":[{"leadId":92233720368547758070}]}`, []string{"leadId", "cannot be read"}, 1},
		"nested too deep":            {200, `{"success":true,"x":` + strings.Repeat("[", 20_000), []string{"cannot be read at byte", "depth"}, 1},
		"neither success nor errors": {200, `{"requestId":"1#1"}`, []string{"without the member success"}, 1},
		"a failure without a reason": {200, `{"requestId":"1#1","success":false}`, []string{"20011", "not why", "request 1#1"}, 1},
		"a code that is no number":   {200, failing("E7"), []string{"20011", "E7: said"}, 1},
		"a code that is a number":    {200, `{"success":false,"errors":[{"code":1004,"message":"m"}]}`, []string{"20103"}, 1},
		"success with errors":        {200, `{"success":true,"errors":[{"code":"1013","message":"m"}]}`, []string{"1013"}, 1},
		"success in 500":             {500, empty, []string{"20011", "HTTP 500"}, 2},
		"an envelope in 500":         {500, failing("611"), []string{"20011", "611"}, 2},
		"not found":                  {404, "<html>", []string{"HTTP 404", "check the endpoint"}, 1},
		"unavailable":                {503, "<html>", []string{"HTTP 503"}, 2},
		"too large":                  {200, strings.Repeat(" ", 9<<20), []string{"the answer cannot be read: the answer is too large", "WithMaxBody"}, 1},
		"redirect":                   {302, "", []string{"redirects", "not followed"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{t: t, answer: always(test.status, test.body)}
				c := s.client(withoutLimits, func(c *rest.Config) { c.Retry.MaxAttempts = 2 })
				_, err := c.Activities(t.Context(), rest.ActivityQuery{Types: []int64{1}, Page: rest.Page{Token: "T"}})
				for _, want := range test.text {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%q is missing in %v", want, err)
					}
				}
				if calls, _ := s.count(); calls != test.calls {
					t.Errorf("%d calls, want %d", calls, test.calls)
				}
			})
		})
	}
}

// What a proxy echoes of a request is not shown.
func TestAnswers_showNoToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>Authorization: Bearer token-one</html>", `{"success":false,"errors":[{"code":"610","message":"token-one"}]}`, `{"success":token-one}`, `{"success":false,"errors":[{"code":"610","message":"toke\u006e\u002Done"}]}`} {
		s := &service{t: t, answer: always(200, body)}
		err := aRead(t.Context(), s.client(once))
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "token-one") {
			t.Error(err)
		}
		var decode *fault.DecodeError
		if errors.As(err, &decode) && strings.Contains(string(decode.Snapshot), "token-one") {
			t.Errorf("%s", decode.Snapshot)
		}
	}
}

// A page that is as it should be, and what may be missing or strange in one.
func TestAnswers_read(t *testing.T) {
	t.Parallel()
	s := &service{t: t, answer: always(200, ` {"requestId":"c52f#1","success":true,"errors":[],"warnings":["plain",{"code":1003,"message":"typed"}],"unknown":{"a":[1]},
		"result":[{"id":40217,"email":"ada@example.com","firstName":"Ad\u0000a","leadScore":34,"amount":1.5e3,"unsubscribed":false,"dateOfBirth":null,"list":[1, "a"],"email":"later@example.com"}],
		"nextPageToken":"T=="}`)}
	a, err := s.client(once).LeadsByFilter(t.Context(), rest.LeadFilter{Field: "id", Values: []string{"40217"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &rest.Answer[rest.Record]{
		RequestID: "c52f#1", Next: "T==", More: true, Warnings: []string{"plain", "1003 typed"},
		Records: []rest.Record{{
			{"id", rest.Value{Kind: rest.Number, Text: "40217"}},
			{"email", rest.Value{Kind: rest.Text, Text: "ada@example.com"}},
			{"firstName", rest.Value{Kind: rest.Text, Text: "Ad\x00a"}},
			{"leadScore", rest.Value{Kind: rest.Number, Text: "34"}},
			{"amount", rest.Value{Kind: rest.Number, Text: "1500"}},
			{"unsubscribed", rest.Value{Kind: rest.Bool, Text: "false"}},
			{"list", rest.Value{Kind: rest.Other, Text: `[1,"a"]`}},
			{"email", rest.Value{Kind: rest.Text, Text: "later@example.com"}},
		}},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if id, err := a.Records[0].ID("id"); id != 40217 || err != nil {
		t.Errorf("%d, %v", id, err)
	}
	if _, err := a.Records[0].ID("nothing"); err == nil {
		t.Error("a member that is missing is an id")
	}
}

// The ends of pages: a list says by its token alone that more follows, the log of activities by
// moreResult, and its empty pages may lack a result.
func TestAnswers_pages(t *testing.T) {
	t.Parallel()
	for body, more := range map[string]bool{
		`{"success":true,"nextPageToken":"T","moreResult":true}`:              true,
		`{"success":true,"result":[],"nextPageToken":"T","moreResult":false}`: false,
		`{"success":true,"result":[],"nextPageToken":"T"}`:                    true,
		`{"success":true}`: false,
	} {
		s := &service{t: t, answer: always(200, body)}
		a, err := s.client(once).Activities(t.Context(), rest.ActivityQuery{Types: []int64{1}, Page: rest.Page{Token: "T"}})
		if err != nil || a.More != more || len(a.Records) != 0 {
			t.Errorf("%s: %+v, %v", body, a, err)
		}
	}
}

// Pages that have no end, or no beginning of the next one, are errors: who reads them all would never stop.
func TestAnswers_endlessPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token, body string
		call        func(context.Context, *rest.Client, rest.Page) error
	}{
		"no token":                  {"", `{"success":true,"result":[{"id":1}],"moreResult":true}`, leadPageAt},
		"its own token":             {"T", `{"success":true,"result":[{"id":1}],"nextPageToken":"T"}`, leadPageAt},
		"its own token, empty":      {"T", `{"success":true,"result":[],"nextPageToken":"T","moreResult":true}`, leadPageAt},
		"activities, its own token": {"T", `{"success":true,"result":[{"leadId":1}],"nextPageToken":"T","moreResult":true}`, activityPageAt},
		"no paging token": {"", empty, func(ctx context.Context, c *rest.Client, _ rest.Page) error {
			_, err := c.PagingToken(ctx, time.Unix(0, 0))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{t: t, answer: always(200, test.body)}
			var content *fault.DecodeError
			if err := test.call(t.Context(), s.client(once), rest.Page{Token: test.token}); !errors.As(err, &content) {
				t.Errorf("%v", err)
			}
		})
	}
	// While activities are looked for the token may stay.
	s := &service{t: t, answer: always(200, `{"success":true,"result":[],"nextPageToken":"T","moreResult":true}`)}
	if err := activityPageAt(t.Context(), s.client(once), rest.Page{Token: "T"}); err != nil {
		t.Error(err)
	}
}

func leadPageAt(ctx context.Context, c *rest.Client, p rest.Page) error {
	_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "id", Values: []string{"1"}, Page: p})
	return err
}

func activityPageAt(ctx context.Context, c *rest.Client, p rest.Page) error {
	_, err := c.Activities(ctx, rest.ActivityQuery{Types: []int64{1}, Page: p})
	return err
}

// A write of one thing that was skipped is a fault, as one that was refused as a whole: codes come in either place.
func TestAnswers_skippedWrites(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *rest.Client) error{
		"merge": func(ctx context.Context, c *rest.Client) error {
			return c.MergeLeads(ctx, 1, []int64{2}, false, fault.NotIdempotent)
		},
		"associate": func(ctx context.Context, c *rest.Client) error { return c.AssociateLead(ctx, 1, "x") },
		"request": func(ctx context.Context, c *rest.Client) error {
			return c.RequestCampaign(ctx, 1, []int64{2}, nil, fault.NotIdempotent)
		},
		"schedule": func(ctx context.Context, c *rest.Client) error {
			return c.ScheduleCampaign(ctx, 1, rest.Schedule{}, fault.NotIdempotent)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{t: t, answer: always(200, `{"requestId":"7be1#1","success":true,"result":[{"id":1,"status":"skipped","reasons":[{"code":"1020","message":"said"}]}]}`)}
			err := call(t.Context(), s.client(once))
			var quota *fault.QuotaError
			var failed *rest.CallError
			if !errors.Is(err, fault.RESTCode(1020)) || !errors.As(err, &quota) || quota.ResetsAt.IsZero() || !errors.As(err, &failed) || failed.Unknown {
				t.Errorf("%v", err)
			}
			s = &service{t: t, answer: always(200, `{"requestId":"7be1#1","success":true,"result":[{"id":1}]}`)}
			if err := call(t.Context(), s.client(once)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Reading takes memory, and so the work of copying, in proportion to the size, whatever is in it.
func TestAnswers_linear(t *testing.T) { // alone: what others allocate counts too
	for name, unit := range map[string]string{
		"members": `"x":1,`, "escapes": `"\u00e4\\":"\"",`, "warnings": `"warnings":["a"],`, "digits": `"d":` + strings.Repeat("9", 100) + `,`,
	} {
		took := func(n int) uint64 {
			s := &service{t: t, answer: always(200, `{`+strings.Repeat(unit, n)+`"success":true}`)}
			c := s.client(once, func(c *rest.Config) { c.MaxBody = 64 << 20 })
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := aRead(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		// Once copied for each member, the shortest of these bodies would take 24 GB.
		if size, bytes := uint64(90_000*len(unit)), took(90_000); bytes > 200*size {
			t.Errorf("%s: a body of %d bytes takes %d", name, size, bytes)
		}
	}
}
