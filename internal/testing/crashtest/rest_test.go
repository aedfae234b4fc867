package crashtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator/rest"
)

const (
	identityPath = "/identity/"
	// callsPerPage is about how many calls take the place of one of the SOAP API.
	callsPerPage = 8
)

var restCredentials = bridge.Credentials{ClientID: "00000000-0000-0000-0000-00000000c11e", ClientSecret: auth.NewSecret("example-client-secret")}

// tokenLife is so short that tokens expire in the middle of pages. It is longer than a call waits for its turn: one whose
// token expires twice fails.
func tokenLife() time.Duration {
	if *full {
		return 30 * time.Second
	}
	return 3 * time.Second
}

// serveREST makes the REST API what the source is asked by: with limits and trouble for the copy, without for who looks at
// what it holds.
func (s *source) serveREST(tb testing.TB, l limits.Limits) {
	tb.Helper()
	s.url = s.listen(tb, s.bulk.trouble(forgetful(s.restFace(tb, rest.WithLimits(l), rest.WithRules(&s.rules), rest.WithJournal(s.record),
		rest.WithTokenLife(tokenLife()), rest.WithExports(rest.Exports{Duration: 700 * time.Millisecond, Refresh: 300 * time.Millisecond, Volume: 500 << 20})))))
	s.old = s.listen(tb, s.handler(tb, s.sim, l)) + "/soap/mktows/2_7"
	quiet := httptest.NewServer(s.restFace(tb, rest.WithLimits(limits.Unlimited()), rest.WithExports(rest.Exports{Volume: 500 << 20})))
	tb.Cleanup(quiet.Close)
	b, err := bridge.New(quiet.URL, restCredentials, bridge.WithoutLimits(), bridge.WithAllActivityTypes())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(b.CloseIdleConnections)
	s.port, s.bulk.source = b, b.Extracts()
}

func (s *source) restFace(tb testing.TB, opts ...rest.Option) http.Handler {
	tb.Helper()
	api, err := rest.New(s.sim, append(opts, rest.WithClient(restCredentials.ClientID, restCredentials.ClientSecret),
		rest.WithQuirks(rest.Quirks{MissingIDs: 3, RepeatedIDs: 4}))...)
	if err != nil {
		tb.Fatal(err)
	}
	return api
}

// forgetful lets Identity promise that each token is good for an hour, so that who relies on it is refused (602).
func forgetful(next http.Handler) http.Handler {
	promise := regexp.MustCompile(`"expires_in":\d+`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, identityPath) {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(promise.ReplaceAll(answer.Body.Bytes(), []byte(`"expires_in":3599`))) // the reader may be gone
	})
}

// isDeletion reports whether the REST API tells of a type by what was deleted alone, whatever the log says.
func isDeletion(t gen.ActivityType) bool { return t == gen.ActivityTypeDeleteLead }

func isREST(e server.Exchange) bool { return e.Path != "" }

// naturalOverREST reports whether an error is that of a token which has expired, of a body whose sender was killed, or of a job
// that is put into the queue again, since whoever did so before was killed before it could note that.
func naturalOverREST(e server.Exchange) bool {
	return e.Fault.Code == 601 || e.Fault.Code == 602 || errors.Is(e.Err, io.ErrUnexpectedEOF) ||
		e.Fault.Code == 1029 && strings.Contains(e.Fault.Error(), "already queued")
}

// restTrouble is what happens to the REST API, for a call or two of an operation.
func (s *source) restTrouble(e server.Exchange) server.Rule {
	r := server.Rule{Operation: e.Operation, Skip: s.rng.IntN(perTrouble), Times: 1 + s.rng.IntN(2)}
	if strings.HasSuffix(e.Operation, "/activities.json") && s.rng.IntN(6) == 0 {
		r.Code, r.Text = 1003, "Invalid nextPageToken"
		return r
	}
	kinds := 6
	if !strings.Contains(e.Operation, identityPath) {
		kinds += 5
	}
	switch s.rng.IntN(kinds) {
	case 0:
		r.Status = http.StatusBadGateway
	case 1:
		r.Status = http.StatusServiceUnavailable
	case 2:
		r.Drop = server.DropBeforeWork
	case 3:
		r.Drop = server.DropAfterWork
	case 4:
		r.Drop = server.DropHalfAnswer
	case 6, 7, 8, 9, 10:
		r.Code = []fault.Code{604, 608, 611, 615}[s.rng.IntN(4)]
		if *full && s.rng.IntN(10) == 0 {
			r.Code = 606 // which is waited for as long as the service counts calls
		}
	}
	if r.Code == 0 && r.Status == 0 && r.Drop == server.NoDrop || s.rng.IntN(3) == 0 {
		r.Delay = 1 + time.Duration(s.rng.Int64N(int64(s.slow)))
	}
	return r
}

// compareEssence compares the copy with what the simulator itself holds, by what both APIs show of an activity: a reading
// over the REST API could lose the same as the copy.
func (c *crash) compareEssence(ctx context.Context, got []store.ActivityRow) {
	c.Helper()
	want, err := (&source{port: c.source.sim, since: c.source.since}).truth(ctx)
	if err != nil {
		c.Fatal(err)
	}
	if diff := difference(essence(got), essence(want)); diff != "" {
		c.Errorf("compared with the simulator: %s", diff)
	}
}

// essence are rows with their time, type and lead, and the attributes that histories give them.
func essence(rows []store.ActivityRow) []store.ActivityRow {
	out := make([]store.ActivityRow, len(rows))
	for i := range rows {
		a := operations.Activity{Time: rows[i].Time.UTC(), Type: rows[i].Type, LeadID: rows[i].LeadID}
		for _, one := range rows[i].Attributes {
			if slices.Contains([]string{"Serial", "Choice Number", "Query Parameters"}, one.Name) {
				a.Attributes = append(a.Attributes, one)
			}
		}
		out[i] = store.NewActivityRow(a, 0)
	}
	return out
}
