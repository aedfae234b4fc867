package bridge_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

// withFile is a service whose only job has a file of a test's own.
type withFile struct {
	next http.RoundTripper
	file func(w io.Writer) // writes it
	rows int
}

const fileHeader = "marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,attributes\n"

func (s withFile) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(kind string, size int64, body io.ReadCloser) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {kind}}, ContentLength: size, Body: body, Request: r}, nil
	}
	switch r.URL.Path {
	case "/bulk/v1/activities/export/job/status.json":
		sum, size := sha256.New(), new(counter)
		s.file(io.MultiWriter(sum, size))
		text := fmt.Sprintf(`{"success":true,"result":[{"exportId":"job","status":"Completed","numberOfRecords":%d,"fileSize":%d,"fileChecksum":"sha256:%x"}]}`, s.rows, *size, sum.Sum(nil))
		return answer("application/json", int64(len(text)), io.NopCloser(strings.NewReader(text)))
	case "/bulk/v1/activities/export/job/file.json":
		in, out := io.Pipe()
		go func() {
			w := bufio.NewWriterSize(out, 64<<10)
			s.file(w)
			_ = out.CloseWithError(errors.Join(w.Flush(), io.EOF))
		}()
		return answer("text/csv", -1, in)
	}
	return s.next.RoundTrip(r)
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// extractsOf returns the source of a service with a file.
func extractsOf(t testing.TB, s *mktowstest.Server, rows int, file func(io.Writer), opts ...bridge.Option) extract.Source {
	t.Helper()
	h := &http.Client{Transport: withFile{s.REST().Client.Transport, file, rows}}
	return s.Bridge(append([]bridge.Option{bridge.WithHTTPClient(h)}, opts...)...).Extracts()
}

var fileJob = extract.Job{ID: "job/", State: extract.Completed}

// rowsPort answers getLeadChanges with records of an extract, for whoever converts them.
type rowsPort struct {
	gen.Port

	records []gen.LeadChangeRecord
}

func (p rowsPort) GetLeadChanges(context.Context, *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
		ReturnCount: int32(len(p.records)), NewStartPosition: new(gen.StreamPosition), LeadChangeRecordList: gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: p.records}),
	}}, nil
}

// A row that cannot be read is one record, which says what is wrong to whoever converts it, and which no other row suffers for.
func TestExtracts_unreadableRows(t *testing.T) {
	t.Parallel()
	rows := []string{
		"g1,9007199254740993,2026-10-05T15:02:11Z,1,null,733,Pricing,\"{\"\"URL\"\": 7}\"\n",
		"g2,x,2026-10-05T15:02:11Z,1,null,733,Pricing,null\n",
		"g3,5,yesterday,1,null,733,Pricing,null\n",
		"g4,5,2026-10-05T15:02:11Z,1,null,733,Pricing,{URL\n",
		"g5,5\n",
		"g6,5,2026-10-05T15:02:11Z,77777,null,733,\"" + strings.Repeat("x", 10<<20) + "\",null\n",
		"null,5,2026-10-05T15:02:11Z,77777,null,null,null,null\n",
	}
	s := demoServer(t)
	source := extractsOf(t, s, len(rows), func(w io.Writer) { _, _ = io.WriteString(w, fileHeader+strings.Join(rows, "")) })
	records, err := recordsOf(t.Context(), source, fileJob, 0)
	if err != nil || len(records) != len(rows) {
		t.Fatalf("%d records: %v", len(records), err)
	}
	var problems []string
	page, err := operations.New(rowsPort{records: records}).Changes.Page(t.Context(), time.Unix(0, 0), operations.Cursor{}, &operations.ChangeOptions{
		OnUnreadable: func(e *operations.RecordError) {
			problems = append(problems, fmt.Sprintf("%s: %s", e.GUID, e.Value))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`g2: 2026-10-05T15:02:11Z in a row that cannot be read: leadId is "x"`, "g3: yesterday in a row that", "g4: 2026-10-05T15:02:11Z in a row that cannot be read: the attributes", "g5:  in a row that cannot be read: it has 2 values", "g6: 2026-10-05T15:02:11Z in a row that cannot be read: it has more than 1048576 bytes"}
	for i := range want {
		if i >= len(problems) || !strings.HasPrefix(problems[i], want[i]) {
			t.Fatalf("%q, want %q", problems, want)
		}
	}
	if len(page.Items) != 2 || page.Items[0].LeadID != 9007199254740993 || page.Items[0].HasID || page.Items[1].GUID != "" || page.Items[1].Type != "Activity type 77777" {
		t.Errorf("%+v", page.Items)
	}
}

// A file of more than 100 MB is read in little memory, and nothing of it stays.
func TestExtracts_memory(t *testing.T) { //nolint:paralleltest // it looks at the memory of the process
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	const rows, most = 20_000, 4 << 20
	file := func(w io.Writer) {
		_, _ = io.WriteString(w, fileHeader)
		for i := range rows {
			_, _ = fmt.Fprintf(w, "guid-%d,%d,2026-10-05T15:02:11Z,1,null,733,Spring Offer.Landing A,\"{\"\"Webpage URL\"\": \"\"/spring-a.html\"\", \"\"Query Parameters\"\": \"\"src=news&n=%d\"\", \"\"User Agent\"\": \"\"%01000d\"\"}\"\n", i, i%1000+1, i, i)
		}
	}
	s := demoServer(t)
	folder := t.TempDir()
	source := extractsOf(t, s, rows, file, bridge.WithTempFolder(folder))
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	n := 0
	for list, err := range source.Records(t.Context(), fileJob, 0) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(list)
		runtime.GC() // garbage is not what is kept
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapAlloc)
	}
	if grown := peak - min(peak, before.HeapAlloc); n != rows || grown > most {
		t.Errorf("%d records, %d KB at most", n, grown>>10)
	} else {
		t.Logf("%d KB at most", grown>>10)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("%v stays", left)
	}
}

// A folder for the file that is not there is told before a call for the file.
func TestExtracts_noFolder(t *testing.T) {
	t.Parallel()
	source := extractsOf(t, demoServer(t), 1, func(io.Writer) {}, bridge.WithTempFolder(filepath.Join(t.TempDir(), "none")))
	_, err := recordsOf(t.Context(), source, extract.Job{ID: "job/"}, 0)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "choose another folder") {
		t.Error(err)
	}
	var op *fault.OpError
	if !errors.As(err, &op) || op.Op != "getExtractFile" {
		t.Error(err)
	}
}
