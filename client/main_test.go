package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	userID = "example_user"
	key    = "example-key"
)

var credentials = auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}

// exchange is a request that the test's service has got.
type exchange struct {
	op        *gen.Operation
	stamp     gen.AuthenticationHeaderInfo
	workspace *gen.MktowsContextHeaderInfo
	at        time.Time
	header    http.Header
	body      string
	gone      <-chan struct{} // closed when the client has hung up
}

// reply is what the service does with a request.
type reply func(w http.ResponseWriter, x *exchange)

// service is a server in memory. It works inside synctest bubbles.
type service struct {
	url   string
	mu    sync.Mutex
	got   []*exchange
	conns chan net.Conn
	done  chan struct{}
}

var services atomic.Int64

// start runs a service that gives the replies one after the other, the last one for ever.
func start(t testing.TB, replies ...reply) *service {
	t.Helper()
	// Each has a host of its own, because the limits of a host are shared by the process.
	s := &service{
		url:   fmt.Sprintf("http://service-%d.example.com/soap/mktows/3_1", services.Add(1)),
		conns: make(chan net.Conn),
		done:  make(chan struct{}),
	}
	n := 0
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0)}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, err := s.read(r)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return // a test has cut the request
		}
		if err != nil {
			t.Errorf("the service got: %v", err)
			return
		}
		s.mu.Lock()
		s.got = append(s.got, x)
		current := replies[min(n, len(replies)-1)]
		n++
		s.mu.Unlock()
		current(w, x)
	})
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(s) })
	t.Cleanup(func() {
		_ = server.Close()
		wg.Wait()
	})
	return s
}

func (s *service) read(r *http.Request) (*exchange, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q, err := envelope.OpenRequest(context.Background(), string(body))
	if err != nil {
		return nil, err
	}
	op := gen.OperationByInput(q.Element)
	if op == nil || q.Authentication == nil || r.Method != http.MethodPost {
		return nil, fmt.Errorf("%s of %s with header %v", r.Method, q.Element, q.Header)
	}
	x := &exchange{op: op, stamp: *q.Authentication, workspace: q.Context, at: time.Now(), header: r.Header, body: string(body), gone: r.Context().Done()}
	return x, q.Read(op.NewInput())
}

// requests returns what has come so far.
func (s *service) requests() []*exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func (s *service) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.done:
		return nil, net.ErrClosed
	}
}

func (s *service) Close() error   { close(s.done); return nil }
func (s *service) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

func (s *service) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case s.conns <- far:
		return near, nil
	case <-s.done:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: errors.New("connection refused")}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// client returns a client of the service, without limits and random waits unless the
// options set them.
func (s *service) client(t testing.TB, opts ...Option) *Client {
	t.Helper()
	c, err := New(s.url, credentials, WithInsecureHTTP(), WithDial(s.dial), WithoutLimits(), WithOptions(opts...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// answer is a valid answer to any request.
func answer(w http.ResponseWriter, x *exchange) {
	raw(http.StatusOK, envelope.ContentType, answerTo(x.op))(w, x)
}

func answerTo(op *gen.Operation) string {
	out := op.NewOutput()
	fill(reflect.ValueOf(out))
	doc, err := envelope.AppendResponse(nil, gen.V3_1, out)
	if err != nil {
		panic(err)
	}
	return string(doc)
}

func raw(status int, contentType, body string) reply {
	return func(w http.ResponseWriter, _ *exchange) {
		w.Header()["Content-Type"] = []string{contentType}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refuse(status int, code fault.Code) reply {
	return raw(status, envelope.ContentType, string(envelope.AppendFault(nil, fault.New(code, ""))))
}

// withHeader sets a header before the reply.
func withHeader(name, value string, then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		w.Header().Set(name, value)
		then(w, x)
	}
}

// hangUp closes the connection after the request, with these bytes as the answer.
func hangUp(begin string) reply {
	return func(w http.ResponseWriter, _ *exchange) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, begin)
		_ = conn.Close()
	}
}

// late replies after some time, unless the client has hung up.
func late(d time.Duration, then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		select {
		case <-time.After(d):
			then(w, x)
		case <-x.gone:
		}
	}
}

func pack(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// fill gives everything that the schema requires the simplest value it allows.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem())
	case reflect.Struct:
		if v.FieldByName("State").IsValid() { // an Opt stays absent
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.String:
		for _, text := range []string{"", "2015-09-04T16:07:16-05:00", "IDNUM", "MKTOWS", "UPSERT", "ADDTOLIST",
			"UPSERTLEADS", "MKTOLISTNAME", "CREATED", "MERGED", "COMPLETE"} {
			v.SetString(text)
			if valid(v.Interface()) {
				return
			}
		}
		panic("no value for a " + v.Type().String())
	}
}

func valid(v any) bool {
	switch v := v.(type) {
	case interface{ Valid() bool }:
		return v.Valid()
	case gen.DateTime:
		_, err := v.Time()
		return err == nil
	}
	return true
}

// requestOf returns a request that can be written.
func requestOf(op *gen.Operation) gen.Message {
	in := op.NewInput()
	fill(reflect.ValueOf(in))
	return in
}

func call(ctx context.Context, c gen.Port, operation string) error {
	op := gen.OperationByName(operation)
	_, err := op.Call(ctx, c, requestOf(op))
	return err
}

// steady makes the waits of a client the same every time: 1 s, 2 s, 3 s and so on.
func steady(c *Client) *Client {
	c.newBackOff = newSteps
	return c
}
