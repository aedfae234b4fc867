package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

// listen serves the bundle on a loopback port and returns its endpoint.
func (b *bundle) listen(t *testing.T) (endpoint string, client *http.Client) {
	t.Helper()
	ts := httptest.NewServer(b.Server)
	t.Cleanup(ts.Close)
	return ts.URL + path, ts.Client()
}

// What a rule does to the connection, as a client sees it.
func TestRules_onTheWire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		drop  server.Drop
		error error
		body  bool
	}{
		{server.DropBeforeWork, io.EOF, false},
		{server.DropAfterWork, io.EOF, false},
		{server.DropHalfAnswer, io.ErrUnexpectedEOF, true},
	}
	for _, test := range tests {
		t.Run(test.drop.String(), func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			endpoint, client := b.listen(t)
			b.rules.Add(server.Rule{Drop: test.drop, Times: 1})
			post := func() (string, error) {
				res, err := client.Post(endpoint, "text/xml", strings.NewReader(b.signed(body)))
				if err != nil {
					return "", err
				}
				defer res.Body.Close()
				got, err := io.ReadAll(res.Body)
				return string(got), err
			}
			got, err := post()
			if !errors.Is(err, test.error) || (got != "") != test.body {
				t.Errorf("error %v after %d bytes, want %v", err, len(got), test.error)
			}
			if whole, err := post(); err != nil || !strings.HasPrefix(whole, got) || len(got) > len(whole)*2/3 {
				t.Errorf("the next call: error %v, %d bytes after %d", err, len(whole), len(got))
			}
		})
	}
}

// A caller that closes its connection ends the work of the port, by its context.
func TestServeHTTP_callerGoesAway(t *testing.T) {
	t.Parallel()
	started, ended := make(chan struct{}), make(chan error, 1)
	b := setup(t, portOf(func(ctx context.Context, _ *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}))
	endpoint, client := b.listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(b.signed(body)))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := client.Do(r); err == nil {
		res.Body.Close()
		t.Error("an answer although the caller went away")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A body that is cut off gets no answer that could be taken for success.
func TestServeHTTP_bodyCutOff(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	endpoint, _ := b.listen(t)
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), path))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	doc := b.signed(body)
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", path, len(doc)+10, doc)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil {
		defer res.Body.Close()
		if got, _ := io.ReadAll(res.Body); res.StatusCode == http.StatusOK || !strings.Contains(string(got), "20012") {
			t.Errorf("HTTP %d\n%s", res.StatusCode, got)
		}
	}
	if e := b.exchanges.last(); !errors.Is(e.Err, server.ErrCutOff) {
		t.Errorf("in the journal: %v, want ErrCutOff", e.Err)
	}
}

// Bodies that grow without end cost no memory to speak of.
func TestServeHTTP_hugeBodies(t *testing.T) {
	b := setup(t, nil) // not parallel: it looks at the memory of the process
	endpoint, client := b.listen(t)
	bomb := zipped(strings.Repeat(" ", 40<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, r := range map[string]*http.Request{
		"decompressed": newRequest(t, endpoint, strings.NewReader(bomb), "gzip"),
		"endless":      newRequest(t, endpoint, io.LimitReader(spaces{}, 400<<20), ""),
	} {
		res, err := client.Do(r)
		if err != nil {
			// The server closes the connection while the client still sends.
			if name == "endless" {
				continue
			}
			t.Fatal(err)
		}
		got, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusInternalServerError || !strings.Contains(string(got), "larger than 10485760 bytes") {
			t.Errorf("%s: HTTP %d\n%s", name, res.StatusCode, got)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 200<<20 {
		t.Errorf("%d MB allocated for two bodies of which 10 MB each may be read", grown>>20)
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func newRequest(t *testing.T, endpoint string, body io.Reader, encoding string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml")
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	return r
}

// The default delay of a rule is a timer that the caller's going away ends.
func TestRules_defaultDelay(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	endpoint, client := b.listen(t)
	b.rules.Add(server.Rule{Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(b.signed(body)))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := client.Do(r); err == nil {
		res.Body.Close()
		t.Error("an answer within 20 ms, want a delay of an hour")
	}
}

// What a document may hold is bounded before anybody knows who sent it, and the fault says
// which bound was met, and where.
func TestServeHTTP_hostileShapes(t *testing.T) {
	t.Parallel()
	repeat := func(part string) string {
		var doc strings.Builder
		for i := range 40_000 {
			fmt.Fprintf(&doc, part, i)
		}
		return doc.String()
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"attributes": {"<s:Envelope", "<s:Envelope" + repeat(" a%d=''"), "more than 256 attributes"},
		"prefixes":   {"<s:Envelope", "<s:Envelope" + repeat(" xmlns:p%d='u'"), "more than 256 prefixes are in scope"},
		"depth":      {"<s:Header>", "<s:Header>" + repeat("<a%d>"), "nested more than 256 deep (in s:Envelope/s:Header/a0"},
		"name":       {"<s:Header>", "<s:Header><a" + repeat("%d") + "/>", "longer than 1024 bytes (in s:Envelope/s:Header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			got := b.post(zipped(strings.Replace(envelopeWith("", body), c.old, c.new, 1)), "Content-Encoding", "gzip")
			if f := got.fault(t); f == nil || f.Code != fault.CodeRequestNotUnderstood || !strings.Contains(f.Message, c.want) || !strings.Contains(f.Message, "at byte") {
				t.Errorf("fault %+v, want %q", f, c.want)
			}
		})
	}
}

// countingReader counts what is read, and ends the context on the way.
type countingReader struct {
	io.Reader
	read   int
	most   int
	cancel context.CancelFunc
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p[:min(len(p), 4096)])
	if r.read += n; r.read > r.most {
		r.cancel()
	}
	if r.read == r.most+1 { // the last byte comes together with the end
		err = io.EOF
	}
	return n, err
}

// Neither a bomb nor a long document is unpacked, or read, for a caller who has gone.
func TestServeHTTP_stopsWithTheCaller(t *testing.T) {
	t.Parallel()
	plain := strings.Replace(envelopeWith("", body), "<s:Header>", "<s:Header>"+strings.Repeat("<a/>", 100_000), 1)
	for name, c := range map[string]struct {
		body     string
		encoding string
		most     int
	}{
		"bomb":       {zipped(strings.Repeat(" ", 16<<20)), "gzip", 8 << 10},
		"empty zips": {strings.Repeat(zipped(""), 4000), "gzip", 8 << 10},
		"document":   {plain, "", len(plain) - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			reader := &countingReader{Reader: strings.NewReader(c.body), most: c.most, cancel: cancel}
			b := setup(t, nil, server.WithMaxBody(32<<20))
			r := request("").WithContext(ctx)
			r.Body, r.ContentLength = io.NopCloser(reader), -1
			r.Header.Set("Content-Encoding", c.encoding)
			got := b.do(r)
			if e := b.exchanges.last(); got.code(t) != fault.CodeRequestNotUnderstood || !errors.Is(e.Err, server.ErrCutOff) || !errors.Is(e.Err, context.Canceled) {
				t.Errorf("%s, in the journal %v", got.body, e.Err)
			}
			if reader.read > c.most+8<<10 {
				t.Errorf("%d bytes were read after the caller had gone", reader.read-c.most)
			}
		})
	}
}
