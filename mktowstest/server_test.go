package mktowstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/xmldiff"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// history asks for the newest activities of a lead.
func history(lead string) *gen.ParamsGetLeadActivity {
	return &gen.ParamsGetLeadActivity{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: lead}}
}

// The published exchange, from the call to the wire and back.
func TestNewServer_publishedExample(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithVersion("2_7"))
	newLeads := &operations.ActivityOptions{Include: []operations.ActivityType{operations.ActivityNewLead}}
	var got []operations.Activity
	for a, err := range operations.New(s.Client()).Activities.All(t.Context(), operations.LeadID(simulator.DemoLeadID), newLeads) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	if len(got) != 1 || got[0].ID != 12025714 || got[0].Time.Format(time.RFC3339) != "2015-09-04T16:07:16-05:00" {
		t.Errorf("activities %+v", got)
	}
	e := s.Exchanges("getLeadActivity")[0]
	equalXML(t, "newlead.request.xml", e.RawRequest, xmldiff.Ignore("requestSignature", "requestTimestamp"))
	equalXML(t, "newlead.response.xml", e.RawResponse)
}

// The published request itself, through the network, at the time it was signed, by
// another client; and the published refusal a quarter of an hour later.
func TestServer_URL(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithVersion("2_7"))
	signed := time.Date(2017, time.March, 10, 1, 40, 0, 0, time.UTC)
	s.Clock().Advance(signed.Sub(s.Clock().Now()))
	request := golden(t, "newlead.request.xml")

	status, body := post(t, s.URL(), request)
	if status != http.StatusOK {
		t.Errorf("HTTP %d", status)
	}
	equalXML(t, "newlead.response.xml", body)

	s.Clock().Advance(16 * time.Minute)
	if status, body := post(t, s.URL(), request); status != http.StatusInternalServerError || !strings.Contains(string(body), "20016") {
		t.Errorf("HTTP %d, want an expired request\n%s", status, body)
	}
	status, body = post(t, s.URL(), []byte(strings.Replace(string(request), "0176853b", "0176853c", 1)))
	if status != http.StatusInternalServerError {
		t.Errorf("HTTP %d", status)
	}
	equalXML(t, "authenticationfailed.fault.xml", body)
	s.RequireCalls(t, "getLeadActivity", 3)
}

// A wrong key is one refusal, and no repetition.
func TestClient_wrongKey(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	c, err := client.New(s.URL(), auth.Credentials{UserID: s.Credentials().UserID, Key: auth.NewSecret("another-example-key")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	var refused *fault.AuthenticationError
	if _, err := c.GetLeadActivity(t.Context(), history("1")); !errors.As(err, &refused) || refused.UserID != "example_user" {
		t.Errorf("error %v, want an AuthenticationError", err)
	}
	s.RequireCalls(t, "", 1)
}

// Two thousand calls of two hundred goroutines pass all limits of a service that allows as many in a
// day, and just exhaust the day. They take twenty windows of the limit of the rate.
func TestClient_keepsTheLimits(t *testing.T) {
	t.Parallel()
	const callers, each = 200, 10
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithServer(server.WithLimits(server.Limits{Daily: callers * each})))
		s.Clock().Advance(untilMidnight(s.Clock().Now()))
		c := s.Client()
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				for range each {
					if _, err := c.GetLeadActivity(t.Context(), history("318817")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		s.RequireCalls(t, "getLeadActivity", callers*each)
		for i, e := range s.Exchanges("") {
			if e.Fault != nil {
				t.Fatalf("call %d: %v", i+1, e.Fault)
			}
		}
		// Calls that were spread over less than a day leave none for the rest of it.
		if _, err := c.GetLeadActivity(t.Context(), history("318817")); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("the call after the last: %v, want 20015", err)
		}
		s.Clock().Advance(untilMidnight(s.Clock().Now()))
		if _, err := c.GetLeadActivity(t.Context(), history("318817")); err != nil {
			t.Errorf("after midnight: %v", err)
		}
	})
}

func untilMidnight(now time.Time) time.Duration { return fault.NextReset(now).Sub(now) }

// TestInject_wait: the rule that the README shows costs a test that does not run in a bubble no more than the README says; a
// refusal for the rate of calls costs the 20 seconds that the service counts.
func TestInject_wait(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code][2]time.Duration{
		fault.CodeServiceInternal:   {0, 2 * time.Second},
		fault.CodeRateLimitExceeded: {40 * time.Second, 45 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := mktowstest.NewServer(t, mktowstest.WithDemo())
			s.Inject(mktowstest.Rule{Code: code, Times: 2})
			begin := time.Now()
			if _, err := s.Client().GetLeadActivity(t.Context(), history("318815")); err != nil {
				t.Error(err)
			}
			if waited := time.Since(begin); waited < want[0] || waited > want[1] {
				t.Errorf("%v: waited %s, want %s to %s", code, waited, want[0], want[1])
			}
			s.RequireCalls(t, "getLeadActivity", 3)
		})
	}
}

// Parallel tests do not wait for each other.
func TestNewServer_countsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		for range 3 {
			s := mktowstest.NewServer(t, mktowstest.WithDemo())
			c := s.Client()
			for range 90 {
				if _, err := c.GetLeadActivity(t.Context(), history("318815")); err != nil {
					t.Fatal(err)
				}
			}
		}
		if waited := time.Since(begin); waited > time.Second {
			t.Errorf("270 calls to three servers took %s", waited)
		}
	})
}

func TestWithoutLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits())
		c, begin := s.Client(), time.Now()
		for range 300 {
			if _, err := c.GetLeadActivity(t.Context(), history("318815")); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(begin); waited > time.Second {
			t.Errorf("300 calls took %s", waited)
		}
	})
}

// What a rule does, as the client reports it.
func TestServer_Inject(t *testing.T) {
	t.Parallel()
	work := new(atomic.Int64)
	port := gen.PortFunc(func(_ context.Context, op *gen.Operation, _, out gen.Message) error {
		work.Add(1)
		switch out := out.(type) {
		case *gen.SuccessSyncLead:
			out.Result = &gen.ResultSyncLead{LeadId: 1, SyncStatus: &gen.SyncStatus{LeadId: 1, Status: gen.LeadSyncStatusCREATED}}
		case *gen.SuccessListMObjects:
			out.Result = &gen.ResultListMObjects{Objects: []string{"Opportunity"}}
		}
		return nil
	})
	sync := func(ctx context.Context, p gen.Port) error {
		_, err := p.SyncLead(ctx, &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("a@example.com")}})
		return err
	}
	list := func(ctx context.Context, p gen.Port) error {
		_, err := p.ListMObjects(ctx, &gen.ParamsListMObjects{})
		return err
	}
	tests := []struct {
		name  string
		rule  mktowstest.Rule
		call  func(context.Context, gen.Port) error
		err   error // nil: success
		calls int
		work  int64
	}{
		{"a write whose answer is lost", mktowstest.Rule{Drop: mktowstest.DropAfterWork, Times: 1}, sync, fault.ErrUnknownOutcome, 1, 1},
		{"a write with half an answer", mktowstest.Rule{Drop: mktowstest.DropHalfAnswer, Times: 1}, sync, fault.ErrUnknownOutcome, 1, 1},
		{"a write refused for the rate", mktowstest.Rule{Code: fault.CodeRateLimitExceeded, Times: 2}, sync, nil, 3, 1},
		{"a read whose answer is lost", mktowstest.Rule{Drop: mktowstest.DropAfterWork, Times: 1}, list, nil, 2, 2},
		{"a read that a proxy kept", mktowstest.Rule{Status: 502, Times: 1}, list, nil, 2, 1},
		{"an expired signature", mktowstest.Rule{Code: fault.CodeRequestExpired, Times: 1}, sync, nil, 2, 1},
		{"another operation", mktowstest.Rule{Operation: "getTags", Code: fault.CodeAccessDenied}, list, nil, 1, 1},
		{"no access", mktowstest.Rule{Operation: "listMObjects", Code: fault.CodeAccessDenied}, list, fault.ErrAuth, 1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				work.Store(0)
				s := mktowstest.NewServer(t, mktowstest.WithPort(port))
				s.Inject(test.rule)
				err := test.call(t.Context(), s.Client())
				if !errors.Is(err, test.err) || work.Load() != test.work {
					t.Errorf("error %v, want %v; the work was done %d times, want %d", err, test.err, work.Load(), test.work)
				}
				s.RequireCalls(t, "", test.calls)
			})
		})
	}
}

// A delay ends when the clock passes it, or by itself.
func TestClock_Advance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Delay: time.Minute, Times: 2})
		c, begin := s.Client(), time.Now()
		done := make(chan error)
		go func() {
			_, err := c.GetLeadActivity(t.Context(), history("318815"))
			done <- err
		}()
		synctest.Wait()
		s.Clock().Advance(30 * time.Second)
		time.Sleep(10 * time.Second)
		s.Clock().Advance(20 * time.Second)
		if err := <-done; err != nil || time.Since(begin) != 10*time.Second {
			t.Errorf("error %v after %s, want none after the 10 seconds", err, time.Since(begin))
		}
		if ahead := s.Clock().Now().Sub(time.Now()); ahead != 50*time.Second {
			t.Errorf("the clock is %s ahead, want 50s", ahead)
		}
		begin = time.Now()
		if _, err := c.GetLeadActivity(t.Context(), history("318815")); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("error %v after %s, want none after a minute", err, time.Since(begin))
		}
		if e := s.Exchanges("")[1]; e.Duration != time.Minute || !e.Scripted {
			t.Errorf("in the journal it took %s", e.Duration)
		}
	})
}

// Inside a bubble the test may end while a call still waits.
func TestNewServer_endsWithTheTest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t)
		s.Inject(mktowstest.Rule{Delay: 24 * time.Hour})
		c := s.Client(client.WithoutRetry())
		go func() { _, _ = c.GetLeadActivity(context.WithoutCancel(t.Context()), history("1")) }()
		synctest.Wait()
	})
}

func TestNewServer_options(t *testing.T) {
	t.Parallel()
	creds := auth.Credentials{UserID: "second_user", Key: auth.NewSecret("second-key")}
	s := mktowstest.NewServer(t, mktowstest.WithCredentials(creds), mktowstest.WithSimulator(simulator.WithPageLimit(2)),
		mktowstest.WithServer(server.WithLimits(server.Limits{Calls: 5, Per: time.Hour})))
	ids := s.Seed(
		simulator.Lead{Email: "a@example.com", Activities: make10("VisitWebpage")},
		simulator.Lead{Email: "b@example.com"},
	)
	if diff := cmp.Diff([]int64{1, 2}, ids); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Sim().AddActivity(ids[0], simulator.Activity{Type: "NewLead"}); err != nil {
		t.Fatal(err)
	}
	n := 0
	c := s.Client(client.WithoutRetry())
	for _, err := range operations.New(c).Activities.All(t.Context(), operations.Email("a@example.com"), nil) {
		if errors.Is(err, fault.ErrRateLimited) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 10 { // five calls of two records; the sixth is refused
		t.Errorf("%d records before the limit, want 10", n)
	}
	s.RequireCalls(t, "getLeadActivity", 6)
	if e := s.Exchanges("getLeadActivity")[0]; e.UserID != "second_user" || e.Version != gen.V3_1 {
		t.Errorf("user %q, version %s", e.UserID, e.Version)
	}
	if len(s.Exchanges("syncLead")) != 0 || len(s.Exchanges("")) != 6 {
		t.Error("Exchanges does not go by the operation")
	}
}

func make10(kind gen.ActivityType) []simulator.Activity {
	list := make([]simulator.Activity, 10)
	for i := range list {
		list[i].Type = kind
	}
	return list
}

// half sends a request that is cut off, and waits until the server has noticed.
func half(t *testing.T, url string) {
	t.Helper()
	address, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /%s HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<s:Envelope", path)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, conn)
}

// lacking is a port without operations.
var lacking = gen.PortFunc(func(_ context.Context, op *gen.Operation, _, _ gen.Message) error {
	return fault.Newf(fault.CodeUnsupportedOperation, "%s is not built", op.Name)
})

// What a failing test says.
func TestServer_failures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		test   func(tb testing.TB)
		failed bool
		text   []string
	}{
		{"nothing wrong", func(tb testing.TB) {
			s := mktowstest.NewServer(tb, mktowstest.WithDemo())
			_, _ = s.Client().GetLeadActivity(context.Background(), history("318815"))
			_, _ = s.Client().GetLeadActivity(context.Background(), history("99"))
			s.RequireCalls(tb, "getLeadActivity", 2)
		}, false, nil},
		{"a failed test", func(tb testing.TB) {
			s := mktowstest.NewServer(tb, mktowstest.WithDemo())
			s.Inject(mktowstest.Rule{Status: 502, Times: 1})
			s.Inject(mktowstest.Rule{Drop: mktowstest.DropBeforeWork, Times: 1})
			c := s.Client(client.WithoutRetry())
			for _, lead := range []string{"318815", "318815", "318815", "99"} {
				_, _ = c.GetLeadActivity(context.Background(), history(lead))
			}
			tb.Errorf("the code under test is wrong")
		}, true, []string{"under test", "#1", "HTTP 502 (by a rule)", "#2", "connection closed (by a rule)", "#3", "HTTP 200, successGetLeadActivity, 14 records, 0 remaining",
			"#4", "HTTP 500, fault No lead found with IDNUM = 99 (20103)", "<keyValue>99</keyValue>", "<faultstring>20103", "[redacted]"}},
		{"a failed test without a call", func(tb testing.TB) {
			mktowstest.NewServer(tb)
			tb.Errorf("x")
		}, true, []string{"was not called"}},
		{"too few calls", func(tb testing.TB) {
			s := mktowstest.NewServer(tb, mktowstest.WithDemo())
			_, _ = s.Client().GetLeadActivity(context.Background(), history("318815"))
			s.RequireCalls(tb, "syncLead", 1)
			tb.Errorf("unreachable")
		}, true, []string{"0 calls of syncLead, want 1", "getLeadActivity"}},
		{"an operation that the port lacks", func(tb testing.TB) {
			_, _ = mktowstest.NewServer(tb, mktowstest.WithPort(lacking)).Client().GetTags(context.Background(), &gen.ParamsGetTags{})
		}, true, []string{"unexpected request", "getTags is not built (20019)", "<ns1:paramsGetTags"}},
		{"a request that cannot be understood", func(tb testing.TB) {
			post(t, mktowstest.NewServer(tb).URL(), []byte("<x/>"))
		}, true, []string{"unexpected request", "not a SOAP 1.1 envelope", "<x/>", "(not understood)"}},
		{"an answer that cannot be encoded", func(tb testing.TB) {
			s := mktowstest.NewServer(tb)
			s.Seed(simulator.Lead{ID: 1, Activities: []simulator.Activity{{Type: "NewLead", AssetName: "\x00"}}})
			_, _ = s.Client(client.WithoutRetry()).GetLeadActivity(context.Background(), history("1"))
		}, true, []string{"mktgAssetName", "U+0000"}},
		{"the same, allowed", func(tb testing.TB) {
			s := mktowstest.NewServer(tb, mktowstest.WithUnexpectedRequests(), mktowstest.WithPort(lacking))
			post(t, s.URL(), []byte("<x/>"))
			_, _ = s.Client().GetTags(context.Background(), &gen.ParamsGetTags{})
		}, false, nil},
		{"a caller that gives up", func(tb testing.TB) {
			s := mktowstest.NewServer(tb)
			s.Inject(mktowstest.Rule{Delay: time.Hour})
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
			defer cancel()
			_, _ = s.Client().GetLeadActivity(ctx, history("1"))
		}, false, nil},
		{"a caller that goes away while sending", func(tb testing.TB) {
			half(t, mktowstest.NewServer(tb).URL())
		}, false, nil},
		{"a bad rule", func(tb testing.TB) {
			mktowstest.NewServer(tb).Inject(mktowstest.Rule{Operation: "getlead", Code: fault.CodeRateLimitExceeded})
			tb.Errorf("unreachable")
		}, true, []string{`"getlead"`}},
		{"a bad lead", func(tb testing.TB) {
			mktowstest.NewServer(tb).Seed(simulator.Lead{ID: 1}, simulator.Lead{ID: 1})
			tb.Errorf("unreachable")
		}, true, []string{"lead 2", "a lead 1 already"}},
		{"a bad state", func(tb testing.TB) {
			mktowstest.NewServer(tb).Load(simulator.State{Leads: []simulator.Lead{{ID: -1}}})
			tb.Errorf("unreachable")
		}, true, []string{"mktowstest: ", "leads[0].id"}},
		{"a bad version", func(tb testing.TB) {
			mktowstest.NewServer(tb, mktowstest.WithVersion("9_9")).Client()
			tb.Errorf("unreachable")
		}, true, []string{"9_9"}},
		{"bad options for the server", func(tb testing.TB) {
			mktowstest.NewServer(tb, mktowstest.WithServer(server.WithMaxBody(-1)))
			tb.Errorf("unreachable")
		}, true, []string{"WithMaxBody"}},
		{"twice the demonstration data", func(tb testing.TB) {
			if err := mktowstest.NewServer(tb, mktowstest.WithDemo()).Sim().LoadDemo(); err == nil {
				tb.Errorf("no error")
			}
		}, false, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failed, text := during(t, test.test)
			if failed != test.failed || !failed && text != "" {
				t.Errorf("failed: %t, want %t:\n%s", failed, test.failed, text)
			}
			for _, want := range test.text {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in:\n%s", want, text)
				}
			}
			if strings.Contains(text, "earlier ones") {
				t.Errorf("few calls, and not all are shown:\n%s", text)
			}
			if strings.Contains(text, "unreachable") {
				t.Error("the test went on after a fatal error")
			}
		})
	}
}

// A call that ends after the test tells the test nothing more.
func TestNewServer_callsThatOutliveTheTest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		port := gen.PortFunc(func(context.Context, *gen.Operation, gen.Message, gen.Message) error {
			<-release
			return errors.New("too late")
		})
		var s *mktowstest.Server
		var fake *fakeTB
		failed, _ := during(t, func(tb testing.TB) {
			s, fake = mktowstest.NewServer(tb, mktowstest.WithPort(port)), tb.(*fakeTB)
			c := s.Client(client.WithoutRetry())
			go func() { _, _ = c.GetLeadActivity(context.Background(), history("1")) }()
			synctest.Wait()
		})
		close(release)
		synctest.Wait()
		if failed || fake.Failed() || len(s.Exchanges("")) != 1 {
			t.Errorf("%d exchanges; the test was told: %s", len(s.Exchanges("")), fake.text.String())
		}
	})
}

// Long journals and large envelopes are shown in part.
func TestServer_failuresAreShort(t *testing.T) {
	t.Parallel()
	_, text := during(t, func(tb testing.TB) {
		s := mktowstest.NewServer(tb, mktowstest.WithDemo())
		for range 30 {
			_, _ = s.Client().GetLeadActivity(context.Background(), history("318820"))
		}
		tb.Errorf("x")
	})
	if !strings.Contains(text, "10 earlier ones") || strings.Contains(text, "#10 ") || !strings.Contains(text, "#11 ") || !strings.Contains(text, "more bytes") {
		t.Errorf("the text is not shortened:\n%.2000s", text)
	}
	if len(text) > 40_000 {
		t.Errorf("%d bytes", len(text))
	}
}

// BenchmarkClient is a call with everything: client, HTTP, server, simulator, a page
// of 100 records.
func BenchmarkClient(b *testing.B) {
	s := mktowstest.NewServer(b, mktowstest.WithDemo(), mktowstest.WithoutLimits())
	c := s.Client()
	b.ReportAllocs()
	for b.Loop() {
		out, err := c.GetLeadActivity(b.Context(), history(fmt.Sprint(simulator.DemoHistoryLeadID)))
		if err != nil || out.LeadActivityList.ReturnCount != 100 {
			b.Fatal(err)
		}
	}
}
