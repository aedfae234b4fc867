package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/server"
)

// TestMain runs the tests in a zone that no other machine is in: what depends on the zone
// fails everywhere.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60))
	goleak.VerifyTestMain(m)
}

const (
	user = "example_user"
	key  = "example-key"
	path = "/soap/mktows/3_1"
)

// start is a moment in the summer, twelve hours before midnight US Central.
var start = time.Date(2015, time.September, 4, 17, 0, 0, 0, time.UTC)

// bundle is a server with all that a test looks at.
type bundle struct {
	*server.Server
	t         testing.TB
	clock     *clocktest.Clock
	rules     *server.Rules
	logged    *syncBuffer
	exchanges *journal
}

// setup returns a server over a port; nil is one that answers every getLeadActivity with
// an empty page.
func setup(t testing.TB, port gen.Port, opts ...server.Option) *bundle {
	t.Helper()
	if port == nil {
		port = emptyPage
	}
	b := &bundle{t: t, clock: clocktest.At(start), rules: new(server.Rules), logged: new(syncBuffer), exchanges: new(journal)}
	all := append([]server.Option{
		server.WithUsers(map[string]auth.Secret{user: auth.NewSecret(key), "second_user": auth.NewSecret("second-key")}),
		server.WithClock(b.clock.Now), server.WithRules(b.rules), server.WithJournal(b.exchanges.add),
		server.WithLogger(slog.New(slog.NewTextHandler(b.logged, nil))),
	}, opts...)
	srv, err := server.New(port, all...)
	if err != nil {
		t.Fatal(err)
	}
	b.Server = srv
	return b
}

var emptyPage = gen.PortFunc(func(_ context.Context, op *gen.Operation, _, out gen.Message) error {
	if out, ok := out.(*gen.SuccessGetLeadActivity); ok {
		out.LeadActivityList = &gen.LeadActivityList{
			NewStartPosition:   &gen.StreamPosition{Offset: gen.Some("0")},
			ActivityRecordList: gen.NilOf[gen.ArrayOfActivityRecord](),
		}
		return nil
	}
	return fault.New(fault.CodeUnsupportedOperation, op.Name)
})

// portOf makes a port of what getLeadActivity answers.
func portOf(f func(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error)) gen.Port {
	return gen.PortFunc(func(ctx context.Context, _ *gen.Operation, in, out gen.Message) (err error) {
		out.(*gen.SuccessGetLeadActivity).LeadActivityList, err = f(ctx, in.(*gen.ParamsGetLeadActivity))
		return err
	})
}

type journal struct {
	mu   sync.Mutex
	list []server.Exchange
}

func (j *journal) add(e server.Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, e)
}

func (j *journal) all() []server.Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]server.Exchange(nil), j.list...)
}

func (j *journal) last() server.Exchange {
	all := j.all()
	if len(all) == 0 {
		return server.Exchange{}
	}
	return all[len(all)-1]
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	err    error // of the body's transfer
}

// fault reads the answer as an envelope and returns the fault in it, or nil.
func (a answer) fault(t testing.TB) *fault.Fault {
	t.Helper()
	var f *fault.Fault
	err := envelope.ReadResponse(context.Background(), a.body, new(gen.SuccessGetLeadActivity))
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("the answer is no envelope: %v\nHTTP %d\n%s", err, a.status, a.body)
	}
	return f
}

// code is the service code of the answer's fault, 0 for success.
func (a answer) code(t testing.TB) fault.Code {
	t.Helper()
	if f := a.fault(t); f != nil {
		return f.Code
	}
	return 0
}

// do sends a request without a network. A panic that drops the connection is status 0.
func (b *bundle) do(r *http.Request) (a answer) {
	b.t.Helper()
	w := httptest.NewRecorder()
	defer func() {
		if value := recover(); value != nil {
			if value != http.ErrAbortHandler {
				panic(value)
			}
			a = answer{err: http.ErrAbortHandler, body: w.Body.String(), header: w.Header()}
		}
	}()
	b.ServeHTTP(w, r)
	result := w.Result()
	body, err := io.ReadAll(result.Body)
	return answer{result.StatusCode, result.Header, string(body), err}
}

// post sends a document as it is.
func (b *bundle) post(doc string, headers ...string) answer {
	b.t.Helper()
	return b.do(request(doc, headers...))
}

func request(doc string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://mktows.example.com"+path, strings.NewReader(doc))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return r
}

// call sends a request in order, signed now.
func (b *bundle) call() answer {
	b.t.Helper()
	return b.post(b.signed(body))
}

// body is a request in order.
const body = `<m:paramsGetLeadActivity><leadKey><keyType>IDNUM</keyType><keyValue>318815</keyValue></leadKey></m:paramsGetLeadActivity>`

// signed returns an envelope with a header signed now by the clock.
func (b *bundle) signed(body string) string {
	return envelopeWith(header(user, key, b.clock.Now()), body)
}

func header(user, key string, at time.Time) string {
	timestamp := auth.FormatTimestamp(at)
	return headerWith(user, auth.Sign(user, auth.NewSecret(key), timestamp), timestamp)
}

func headerWith(user, signature, timestamp string) string {
	return fmt.Sprintf("<m:AuthenticationHeader><mktowsUserId>%s</mktowsUserId><requestSignature>%s</requestSignature>"+
		"<requestTimestamp>%s</requestTimestamp></m:AuthenticationHeader>", user, signature, timestamp)
}

func envelopeWith(header, body string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/">` +
		"<s:Header>" + header + "</s:Header><s:Body>" + body + "</s:Body></s:Envelope>"
}

func unzipped(t testing.TB, s string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
