package rest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

const fileHeader = "marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,attributes\n"

// fileOf makes a file of rows, and the job that is true of it.
func fileOf(rows ...string) (file string, job rest.Export) {
	file = fileHeader + strings.Join(rows, "")
	return file, jobOf(file, len(rows))
}

func jobOf(file string, rows int) rest.Export {
	size, n := int64(len(file)), int64(rows)
	return rest.Export{ID: "job-1", Status: "Completed", Size: &size, Records: &n, Checksum: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(file)))}
}

// someRows are enough that a file can be cut in many places.
func someRows(n int) (rows []string) {
	for i := range n {
		rows = append(rows, fmt.Sprintf("g-%d,%d,2026-10-05T15:02:11Z,1,null,733,\"Page, \"\"%d\"\"\r\n\",\"{\"\"URL\"\": \"\"/a\"\"}\"\r\n", i, 1<<40+int64(i), i))
	}
	return rows
}

// csvReply is an answer with a file.
func csvReply(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"text/csv"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// cut makes the body of an answer break off after n bytes, with an error or, where the length is not announced, without.
func cut(resp *http.Response, n int64, err error) *http.Response {
	resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, n), failingReader{err}))
	if errors.Is(err, io.EOF) {
		resp.ContentLength = -1
	}
	return resp
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// part is the answer to a Range, as a server gives it that knows them.
func part(file string, s sent, header ...string) *http.Response {
	from := 0
	if _, err := fmt.Sscanf(s.bytes, "bytes=%d-", &from); err != nil {
		return csvReply(200, file, header...)
	}
	return csvReply(206, file[from:], append([]string{"Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(file)-1, len(file))}, header...)...)
}

// fetched is what came of a file.
type fetched struct {
	rows  []rest.ExportedActivity
	err   error
	calls int
}

// fetch downloads a file and reads it.
func fetch(ctx context.Context, s *service, c *rest.Client, job rest.Export, patient bool) (out fetched) {
	s.t.Helper()
	file, err := rest.NewFile(s.t.TempDir())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	out.err = c.FetchExport(ctx, job, patient, file)
	out.calls, _ = s.count()
	if out.err == nil {
		out.rows, out.err = allRows(file)
	}
	return out
}

func allRows(file *rest.File) (rows []rest.ExportedActivity, err error) {
	r, err := file.Activities()
	for err == nil {
		var one rest.ExportedActivity
		if one, err = r.Next(); err == nil {
			rows = append(rows, one)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows, err
}

// A file that breaks off, wherever that is and whatever the server makes of Range, comes whole and once.
func TestFetchExport_brokenOff(t *testing.T) {
	t.Parallel()
	rows := someRows(40)
	file, job := fileOf(rows...)
	const strong, other = `"v1"`, `"v2"`
	lost := io.ErrUnexpectedEOF
	for name, test := range map[string]struct {
		answer func(s sent, n int) *http.Response
		calls  int
	}{
		"whole":                 {func(s sent, n int) *http.Response { return part(file, s) }, 1},
		"without length":        {func(s sent, n int) *http.Response { return cut(part(file, s), 1<<20, io.EOF) }, 1},
		"in the header":         {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, 10, lost) }, 2},
		"at the first row":      {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, int64(len(fileHeader)), lost) }, 2},
		"in a value":            {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, int64(len(fileHeader))+60, lost) }, 2},
		"before the last byte":  {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, int64(len(file))-1, lost) }, 2},
		"before the first byte": {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, 0, lost) }, 2},
		"without an error":      {func(s sent, n int) *http.Response { return cutOnce(part(file, s), n, 99, io.EOF) }, 2},
		"again and again":       {func(s sent, n int) *http.Response { return cut(part(file, s), 100, lost) }, (len(file) + 99) / 100},
		"Range ignored":         {func(s sent, n int) *http.Response { return cutOnce(csvReply(200, file), n, 99, lost) }, 2},
		"coded as it is":        {func(s sent, n int) *http.Response { return part(file, s, "Content-Encoding", "identity") }, 1},
		"the same ETag":         {func(s sent, n int) *http.Response { return cutOnce(part(file, s, "ETag", strong), n, 99, lost) }, 2},
		"another ETag": {func(s sent, n int) *http.Response {
			return cutOnce(part(file, s, "ETag", map[bool]string{true: strong, false: other}[n == 1]), n, 99, lost)
		}, 3},
		"another ETag, whole": {func(s sent, n int) *http.Response {
			return cutOnce(csvReply(200, file, "ETag", map[bool]string{true: strong, false: other}[n == 1]), n, 99, lost)
		}, 2},
		"another size": {func(s sent, n int) *http.Response {
			if n == 2 {
				return csvReply(206, file[99:]+"more", "Content-Range", "bytes 99-9999/10000")
			}
			return cutOnce(part(file, s), n, 99, lost)
		}, 3},
		"another part": {func(s sent, n int) *http.Response {
			if n == 2 {
				return csvReply(206, file[:50], "Content-Range", fmt.Sprintf("bytes 0-49/%d", len(file)))
			}
			return cutOnce(part(file, s), n, 99, lost)
		}, 3},
		"a part of nobody knows what": {func(s sent, n int) *http.Response {
			if n == 2 {
				return csvReply(206, file[99:])
			}
			return cutOnce(part(file, s), n, 99, lost)
		}, 3},
		"size of the whole not told": {func(s sent, n int) *http.Response {
			if n == 2 {
				return csvReply(206, file[99:], "Content-Range", fmt.Sprintf("bytes 99-%d/*", len(file)-1))
			}
			return cutOnce(part(file, s), n, 99, lost)
		}, 2},
		"a proxy's page between": {func(s sent, n int) *http.Response {
			if n == 2 {
				return reply(502, "<html>gateway</html>")
			}
			return cutOnce(part(file, s), n, 99, lost)
		}, 3},
		"not there at first": {func(s sent, n int) *http.Response {
			if n < 3 {
				return csvReply(404, "not ready", "Content-Type", "text/plain")
			}
			return part(file, s)
		}, 3},
		"too many calls at first": {func(s sent, n int) *http.Response {
			if n < 3 {
				return reply(200, failing("606"))
			}
			return part(file, s)
		}, 3},
		"the token runs out on the way, twice": {func(s sent, n int) *http.Response {
			switch n {
			case 2, 4:
				return reply(200, failing("602"))
			}
			return cut(part(file, s), 1000, lost)
		}, 2 + (len(file)+999)/1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{t: t}
				s.grant = func(_ sent, n int) (*http.Response, error) {
					return reply(200, grantOf(fmt.Sprint("token-", n), 3600)), nil
				}
				s.answer = func(one sent, n int) (*http.Response, error) { return test.answer(one, n), nil }
				got := fetch(t.Context(), s, s.client(), job, true)
				if got.err != nil || len(got.rows) != len(rows) || got.calls != test.calls {
					t.Fatalf("%d rows in %d calls, want %d in %d: %v", len(got.rows), got.calls, len(rows), test.calls, got.err)
				}
				for i, row := range got.rows {
					if row.GUID != fmt.Sprintf("g-%d", i) || row.LeadID != 1<<40+int64(i) || row.PrimaryValue.Text != fmt.Sprintf("Page, \"%d\"\r\n", i) || row.Problem != nil {
						t.Errorf("row %d: %+v", i, row)
					}
				}
			})
		})
	}
}

// cutOnce cuts the first answer.
func cutOnce(resp *http.Response, n int, at int64, err error) *http.Response {
	if n == 1 {
		return cut(resp, at, err)
	}
	return resp
}

// What is not the file of the job is not taken for it, and not asked for without end.
func TestFetchExport_refused(t *testing.T) {
	t.Parallel()
	file, job := fileOf(someRows(40)...)
	changed := strings.Replace(file, "Page", "Rage", 1)
	without := job
	without.Checksum = ""
	md5 := job
	md5.Checksum = "md5:00"
	for name, test := range map[string]struct {
		job    rest.Export
		answer func(s sent, n int) *http.Response
		calls  int
		text   string
	}{
		"changed": {job, func(s sent, n int) *http.Response { return part(changed, s) }, 1, "SHA-256"},
		"changed between": {job, func(s sent, n int) *http.Response {
			return cutOnce(part(map[bool]string{true: changed, false: file}[n == 1], s), n, 200, io.ErrUnexpectedEOF)
		}, 2, "SHA-256"},
		"fewer rows": {jobOf(file, 41), func(s sent, n int) *http.Response { return part(file, s) }, 1, "has 40 rows, the job says 41"},
		"more rows":  {jobOf(file, 39), func(s sent, n int) *http.Response { return part(file, s) }, 1, "has 40 rows, the job says 39"},
		"no header":  {jobOf("", 1), func(s sent, n int) *http.Response { return csvReply(200, "") }, 1, "has 0 rows, the job says 1"},
		"longer":     {job, func(s sent, n int) *http.Response { return cut(csvReply(200, file+"x"), 1<<20, io.EOF) }, 1, "longer"},
		"endless": {job, func(s sent, n int) *http.Response {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/csv"}}, ContentLength: -1, Body: io.NopCloser(endless{})}
		}, 1, "longer"},
		"another length":          {job, func(s sent, n int) *http.Response { return csvReply(200, file[1:]) }, 5, "its job says"},
		"always cut at one place": {job, func(s sent, n int) *http.Response { return cut(csvReply(200, file), 100, io.ErrUnexpectedEOF) }, 5, "broke off"},
		"always short":            {job, func(s sent, n int) *http.Response { return cut(csvReply(200, file), 100, io.EOF) }, 5, "ends after 100 of"},
		"never there":             {job, func(s sent, n int) *http.Response { return csvReply(404, "gone", "Content-Type", "text/plain") }, 5, "404"},
		"a proxy's page":          {job, func(s sent, n int) *http.Response { return reply(200, "<html>log in</html>") }, 1, "text/html"},
		"compressed":              {job, func(s sent, n int) *http.Response { return csvReply(200, file, "Content-Encoding", "br") }, 1, "was not asked for"},
		"an envelope":             {job, func(s sent, n int) *http.Response { return reply(200, empty) }, 1, "in place of the file"},
		"a code":                  {job, func(s sent, n int) *http.Response { return reply(200, failing("1013")) }, 1, "1013"},
		"a token that is refused": {job, func(s sent, n int) *http.Response { return reply(200, failing("601")) }, 1, "the same token again"},
		"a range that is not there": {job, func(s sent, n int) *http.Response {
			return cutOnce(csvReply(map[bool]int{true: 200, false: 416}[n == 1], file), n, 100, io.ErrUnexpectedEOF)
		}, 2, "416"},
		"a redirect": {job, func(s sent, n int) *http.Response {
			return csvReply(302, "", "Location", "https://files.example.com/secret?x=1")
		}, 1, "redirects"},
		"a job without a checksum":    {without, func(s sent, n int) *http.Response { return part(file, s) }, 0, "cannot be verified"},
		"a job with an unknown one":   {md5, func(s sent, n int) *http.Response { return part(file, s) }, 0, "cannot be verified"},
		"a job that tells no numbers": {rest.Export{ID: "x", Checksum: job.Checksum}, func(s sent, n int) *http.Response { return part(file, s) }, 0, "cannot be verified"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{t: t, answer: func(one sent, n int) (*http.Response, error) { return test.answer(one, n), nil }}
				got := fetch(t.Context(), s, s.client(), test.job, true)
				if got.err == nil || !strings.Contains(got.err.Error(), test.text) || got.calls != test.calls || strings.Contains(got.err.Error(), "token-one") {
					t.Errorf("%d calls, want %d: %v", got.calls, test.calls, got.err)
				}
				aboutFile := slices.ContainsFunc([]string{"SHA-256", "rows, the job says", "longer", "its job says", "ends after", "cannot be verified"},
					func(text string) bool { return strings.Contains(test.text, text) })
				if rest.IsDamage(got.err) != aboutFile {
					t.Errorf("damage: %t, %v", !aboutFile, got.err)
				}
			})
		})
	}
}

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A file that was there and is not any more is not waited for.
func TestFetchExport_impatient(t *testing.T) {
	t.Parallel()
	_, job := fileOf(someRows(1)...)
	s := &service{t: t, answer: func(sent, int) (*http.Response, error) {
		return csvReply(404, "gone", "Content-Type", "text/plain"), nil
	}}
	got := fetch(t.Context(), s, s.client(), job, false)
	var status *fault.StatusError
	if !errors.As(got.err, &status) || status.Code != 404 || got.calls != 1 {
		t.Errorf("%d calls: %v", got.calls, got.err)
	}
}

// slow is a body that gives a byte and then nothing until it is closed.
type slow struct {
	every  time.Duration // a byte; 0: only the first one
	ctx    context.Context
	given  int
	closed *atomic.Int32
}

func (b *slow) Read(p []byte) (int, error) {
	if b.given++; b.given > 1 && b.every == 0 {
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	select {
	case <-time.After(b.every):
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
	p[0] = 'x'
	return 1, nil
}

func (b *slow) Close() error { b.closed.Add(1); return nil }

// slowly answers with bodies that never come to their end.
type slowly struct {
	*service

	every  time.Duration
	closed atomic.Int32
}

func (s *slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil { // as of a connection
		trace.GotConn(httptrace.GotConnInfo{})
	}
	resp, err := s.service.RoundTrip(r)
	if err == nil && resp.StatusCode == 200 && resp.Header.Get("Content-Type") == "text/csv" {
		resp.Body = &slow{ctx: r.Context(), every: s.every, closed: &s.closed}
	}
	return resp, err
}

// Nothing is waited for when the caller has gone, and for no longer than the caller's deadline; a body that stops is given up
// after the time of an attempt, and one that goes on is not. All are closed, and no place within the limits is kept.
func TestFetchExport_slow(t *testing.T) {
	t.Parallel()
	file, job := fileOf(someRows(40)...)
	for name, test := range map[string]struct {
		every   time.Duration
		context func(context.Context) (context.Context, context.CancelFunc)
		want    error
		took    time.Duration
		limits  bool
	}{
		"cancelled":            {0, func(ctx context.Context) (context.Context, context.CancelFunc) { return after(ctx, 10*time.Second) }, context.Canceled, 10 * time.Second, true},
		"cancelled, no limits": {0, func(ctx context.Context) (context.Context, context.CancelFunc) { return after(ctx, 10*time.Second) }, context.Canceled, 10 * time.Second, false},
		"deadline": {time.Second, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Second)
		}, context.DeadlineExceeded, 100 * time.Second, true},
		"cancelled while it runs": {time.Second, func(ctx context.Context) (context.Context, context.CancelFunc) { return after(ctx, 500*time.Second) }, context.Canceled, 500 * time.Second, true},
		"stopped":                 {0, context.WithCancel, os.ErrDeadlineExceeded, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &slowly{service: &service{t: t}, every: test.every}
				s.answer = func(sent, int) (*http.Response, error) { return csvReply(200, file), nil }
				c := s.client(func(cfg *rest.Config) { cfg.HTTP, cfg.NoLimits = &http.Client{Transport: s}, !test.limits })
				ctx, cancel := test.context(t.Context())
				defer cancel()
				began := time.Now()
				got := fetch(ctx, s.service, c, job, true)
				if took := time.Since(began); !errors.Is(got.err, test.want) || test.took != 0 && took != test.took {
					t.Errorf("after %s: %v", took, got.err)
				}
				if int(s.closed.Load()) != got.calls {
					t.Errorf("%d bodies are closed of %d", s.closed.Load(), got.calls)
				}
			})
		})
	}
}

// after is a context that is cancelled after a time.
func after(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(d, cancel)
	return ctx, cancel
}

// fullDisk is a temporary file that has room for so many bytes.
type fullDisk struct {
	bytes.Buffer

	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.Len()+len(p) > d.room {
		return 0, &os.PathError{Op: "write", Path: "extract", Err: syscall.ENOSPC}
	}
	return d.Buffer.Write(p)
}
func (d *fullDisk) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(d.Bytes()).ReadAt(p, off)
}
func (d *fullDisk) Truncate(int64) error { d.Reset(); return nil }
func (d *fullDisk) Close() error         { return nil }

// A disk that is full is told at once, with what to do.
func TestFetchExport_fullDisk(t *testing.T) {
	t.Parallel()
	file, job := fileOf(someRows(40)...)
	s := &service{t: t, answer: func(one sent, n int) (*http.Response, error) { return part(file, one), nil }}
	err := s.client().FetchExport(t.Context(), job, true, rest.FileOf(&fullDisk{room: 1000}))
	if calls, _ := s.count(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room, or choose another folder") || calls != 1 {
		t.Errorf("%d calls: %v", calls, err)
	}
}

// Nobody else can read the file, and nothing of it stays.
func TestFile_private(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, err := rest.NewFile(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write([]byte("personal data"))
	list, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(list) > 0 && runtime.GOOS != "windows" {
		t.Errorf("the file has a name: %v, %v", list, err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if list, _ := filepath.Glob(filepath.Join(folder, "*")); len(list) > 0 {
		t.Errorf("something stays: %v", list)
	}
	if _, err := rest.NewFile(filepath.Join(folder, "none")); err == nil || !strings.Contains(err.Error(), "choose another folder") {
		t.Errorf("%v", err)
	}
}
