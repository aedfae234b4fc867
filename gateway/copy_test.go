package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// databases opens copies, unless they are away.
type databases struct {
	hangs chan struct{} // until it is closed, for targets that end in "hangs"
	away  atomic.Bool
	opens atomic.Int64
	views atomic.Int64
}

func (d *databases) Check(target string) error { return sqlstore.CheckTarget(target) }

func (d *databases) InSchema(target, schema string) (string, error) {
	return sqlstore.InSchema(target, schema)
}

func (d *databases) Open(ctx context.Context, target string, fill bool) (gateway.OpenedCopy, error) {
	d.opens.Add(1)
	if strings.HasSuffix(target, "hangs") {
		<-d.hangs
		return nil, fmt.Errorf("example database: %w", store.ErrUnavailable)
	}
	if d.away.Load() {
		return nil, fmt.Errorf("example database: %w", store.ErrUnavailable)
	}
	open := sqlstore.OpenReadOnly
	if fill {
		open = sqlstore.Open
	}
	c, err := open(ctx, target)
	switch {
	case err != nil:
		return nil, err
	case fill:
		return c, nil
	}
	return &database{c, d}, nil
}

type database struct {
	sqlstore.Copy
	of *databases
}

func (d *database) View(ctx context.Context, read func(store.Snapshot) error) error {
	d.of.views.Add(1)
	if d.of.away.Load() {
		return fmt.Errorf("example database: %w", store.ErrUnavailable)
	}
	return d.Copy.View(ctx, read)
}

// rows is how many activities the lead of a history has.
const rows = 40

// histories is an instance with leads that have histories, and a place for a copy.
type histories struct {
	endpoint string
	lead     int64
	since    time.Time
	target   string
	calls    atomic.Int64  // of the REST API, by gateways
	onCall   func(n int64) // nil: nothing
	log      lockedBuffer
	db       databases
}

func newHistories(t *testing.T) *histories {
	t.Helper()
	h := &histories{since: time.Now().Add(-72 * time.Hour).Truncate(time.Second), target: filepath.Join(t.TempDir(), "leads.db")}
	sim := simulator.New()
	for i := range 3 {
		l := simulator.Lead{Email: fmt.Sprintf("lead%d@example.com", i), Activities: []simulator.Activity{{Type: gen.ActivityTypeNewLead, Time: simulator.At(h.since.Add(25 * time.Hour))}}}
		for k := range rows - 1 {
			l.Activities = append(l.Activities, simulator.Activity{
				Type: gen.ActivityTypeVisitWebpage, AssetName: fmt.Sprintf("Asset %d", k), Time: simulator.At(h.since.Add(time.Duration(26+k) * time.Hour)),
				Attributes: []simulator.Attribute{{Name: "Webpage URL", Value: "/a?b=1&c=<2>"}},
			})
		}
		id, err := sim.AddLead(l)
		if err != nil {
			t.Fatal(err)
		}
		h.lead = id
	}
	h.endpoint = face(t, sim)
	return h
}

// instance is the name of the instance in copies.
func (h *histories) instance(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(h.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// sync brings the copy up to date, as "mktows sync run" would.
func (h *histories) sync(t *testing.T, instance string) {
	t.Helper()
	c, err := sqlstore.Open(t.Context(), h.target)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b, err := bridge.New(h.endpoint, bridge.Credentials{ClientID: clientID, ClientSecret: auth.NewSecret(clientSecret)}, bridge.WithoutLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer b.CloseIdleConnections()
	if _, err := leadsync.Run(t.Context(), &leadsync.Config{
		Port: b, Store: c, Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: h.since, Instance: instance}}, MaxAttempts: 1,
	}); err != nil {
		t.Fatal(err)
	}
}

// config is that of a gateway with the copy; nil: without one.
func (h *histories) config(c *gateway.Copy) *gateway.Config {
	one := tenant(h.endpoint)
	one.Copy = c
	return &gateway.Config{Tenants: []gateway.Tenant{one}, PositionKeys: []gateway.Secret{{Value: auth.NewSecret("example-position-key")}}}
}

func (h *histories) copy() *gateway.Copy { return &gateway.Copy{SQLite: h.target} }

// counted counts the calls of the REST API.
func (h *histories) counted(next bridge.Handler) bridge.Handler {
	return func(ctx context.Context, call *bridge.Call) error {
		if n := h.calls.Add(1); h.onCall != nil {
			h.onCall(n)
		}
		return next(ctx, call)
	}
}

func (h *histories) serve(t *testing.T, c *gateway.Config) (*gateway.Gateway, *caller) {
	t.Helper()
	g, base := serve(t, c, gateway.WithCopies(&h.db), gateway.WithoutShare(), gateway.WithGetenv(func(string) string { return h.target }), gateway.WithLogger(slog.New(slog.NewTextHandler(&h.log, nil))),
		gateway.WithBridgeOptions(bridge.WithoutLimits(), bridge.WithInterceptors(h.counted)))
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	g.LookAtCopies(t.Context())
	return g, newCaller(t, base)
}

// caller is a SOAP client that sees where answers come from.
type caller struct {
	*client.Client
	source string // of the last answer
}

func (c *caller) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		c.source = resp.Header.Get("Mktows-Source")
	}
	return resp, err
}

func newCaller(t *testing.T, base string) *caller {
	t.Helper()
	c := new(caller)
	made, err := client.New(base+"/soap/mktows/2_7", auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithoutRetry(), client.WithoutLimits(),
		client.WithHTTPClient(&http.Client{Transport: c}))
	if err != nil {
		t.Fatal(err)
	}
	c.Client = made
	return c
}

func (h *histories) history() gen.ParamsGetLeadActivity {
	return gen.ParamsGetLeadActivity{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: fmt.Sprint(h.lead)}, BatchSize: gen.Some(int32(15))}
}

// page reads the next page of a history.
func page(t *testing.T, c *caller, in *gen.ParamsGetLeadActivity) (records []gen.ActivityRecord, more bool) {
	t.Helper()
	out, err := c.GetLeadActivity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
	return out.LeadActivityList.ActivityRecordList.Value.ActivityRecord, out.LeadActivityList.RemainingCount > 0
}

// whole reads a history to its end, each page from the next one of the callers.
func whole(t *testing.T, in gen.ParamsGetLeadActivity, callers ...*caller) (all []gen.ActivityRecord) {
	t.Helper()
	for i := 0; ; i++ {
		records, more := page(t, callers[i%len(callers)], &in)
		if all = append(all, records...); !more {
			return all
		}
	}
}

// Attributes of a copy are in the order of their names.
var anyOrder = cmpopts.SortSlices(func(a, b gen.Attribute) bool { return a.AttrName+a.AttrValue < b.AttrName+b.AttrValue })

// A history from the copy is the one of the REST API, whichever gateway gives the next page, and takes no call.
func TestCopy_sameHistory(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	_, rest := h.serve(t, h.config(nil))
	want := whole(t, h.history(), rest)
	if rest.source != "" {
		t.Errorf("without a copy: %q", rest.source)
	}
	direct := h.calls.Swap(0)
	h.sync(t, h.instance(t))
	_, one := h.serve(t, h.config(h.copy()))
	_, other := h.serve(t, h.config(h.copy()))
	got := whole(t, h.history(), one, other)
	if diff := cmp.Diff(want, got, anyOrder); diff != "" || len(got) != rows {
		t.Errorf("%d records: %.2000s", len(got), diff)
	}
	if calls := h.calls.Load(); calls != 0 || direct != 13 { // as docs/gateway.md says
		t.Errorf("%d calls with the copy, %d without", calls, direct)
	}
	if !strings.HasPrefix(one.source, "copy; until=") {
		t.Errorf("%q", one.source)
	}
	in := gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(h.since))}}
	if out, err := one.GetLeadChanges(t.Context(), &in); err != nil || out.Result.ReturnCount == 0 || !strings.HasPrefix(one.source, "copy;") || h.calls.Load() > 0 {
		t.Errorf("changes: %+v, %v, %q, %d calls", out, err, one.source, h.calls.Load())
	}
	if log := h.log.String(); !strings.Contains(log, "operation=getLeadActivity tenant=example_user status=200") || !strings.Contains(log, "source=copy") {
		t.Errorf("the log:\n%s", log)
	}
}

// What the copy does not cover comes from the REST API, and the answer and the log say why.
func TestCopy_notCovered(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, h.instance(t))
	_, c := h.serve(t, h.config(h.copy()))
	in := h.history()
	in.StartPosition = gen.Some(gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(h.since.Add(-time.Hour)))})
	if all := whole(t, in, c); len(all) != rows || h.calls.Load() == 0 {
		t.Errorf("%d records, %d calls", len(all), h.calls.Load())
	}
	// The pages after the first are those of the bridge's position.
	if want := `rest; reason="the position is not one of the copy"`; c.source != want {
		t.Errorf("%q", c.source)
	}
	if _, more := page(t, c, &in); !more || !strings.HasPrefix(c.source, `rest; reason="the copy begins at `) {
		t.Errorf("%q", c.source)
	}
	if log := h.log.String(); !strings.Contains(log, `source=rest reason="the copy begins at `) {
		t.Errorf("the log:\n%s", log)
	}
	if _, err := c.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: in.LeadKey}); err != nil || c.source != "" {
		t.Errorf("another operation: %q, %v", c.source, err)
	}
}

// Metrics say nothing of a copy itself, so gathering them, which happens several times a minute, asks none.
func TestCopy_metrics(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, h.instance(t))
	reader := sdkmetric.NewManualReader()
	g, _ := serve(t, h.config(h.copy()), gateway.WithCopies(&h.db), gateway.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	g.LookAtCopies(t.Context())
	before := h.db.views.Load()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil || len(all.ScopeMetrics) == 0 || h.db.views.Load() != before {
		t.Errorf("%v, %d metrics, %d looks", err, len(all.ScopeMetrics), h.db.views.Load()-before)
	}
	if s := g.Status(t.Context()); s[0].Copy == nil || h.db.views.Load() == before {
		t.Errorf("the status has not asked the copy: %+v", s)
	}
}

// A copy that is away costs no call its answer: the REST API gives it. Only who is in the middle of a history has to come back, and
// goes on then without a record lost.
func TestCopy_away(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, h.instance(t))
	h.db.away.Store(true)
	g, c := h.serve(t, h.config(h.copy()))
	const away = `rest; reason="the copy cannot be read"`
	for range 3 {
		if all := whole(t, h.history(), c); len(all) != rows || c.source != away {
			t.Errorf("away from the beginning: %d records, %q", len(all), c.source)
		}
		g.LookAtCopies(t.Context())
	}
	if s := g.Status(t.Context())[0].Copy; s == nil || !strings.Contains(s.Problem, "not available") {
		t.Errorf("the status: %+v", s)
	}
	h.db.away.Store(false)
	g.LookAtCopies(t.Context())
	if s := g.Status(t.Context())[0].Copy; s == nil || s.Problem != "" || s.Until.IsZero() {
		t.Errorf("the status: %+v", s)
	}
	in := h.history()
	all, _ := page(t, c, &in)
	if !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("back again: %q", c.source)
	}
	h.db.away.Store(true)
	for i := range 3 {
		if i == 2 {
			g.LookAtCopies(t.Context())
		}
		if _, err := c.GetLeadActivity(t.Context(), &in); !errors.Is(err, fault.CodeRateLimitExceeded) {
			t.Errorf("in the middle: %v", err)
		}
		if all := whole(t, h.history(), c); len(all) != rows || c.source != away {
			t.Errorf("away again: %d records, %q", len(all), c.source)
		}
	}
	h.db.away.Store(false)
	g.LookAtCopies(t.Context())
	for more := true; more; {
		var records []gen.ActivityRecord
		records, more = page(t, c, &in)
		all = append(all, records...)
	}
	if len(all) != rows || !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("%d records, %q", len(all), c.source)
	}
	log := h.log.String()
	if n := strings.Count(log, "the copy does not answer"); n != 2 {
		t.Errorf("told %d times:\n%s", n, log)
	}
	if n := strings.Count(log, "histories come from the copy"); n != 2 {
		t.Errorf("told %d times:\n%s", n, log)
	}
}

// A reading in a copy that the gateway no longer has is not gone on with from anywhere else.
func TestCopy_positionWithoutCopy(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, h.instance(t))
	g, c := h.serve(t, h.config(h.copy()))
	in := h.history()
	page(t, c, &in)
	if err := g.Reload(h.config(nil)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetLeadActivity(t.Context(), &in); !errors.Is(err, fault.CodeBadStreamPosition) || !strings.Contains(err.Error(), "is one of a copy") {
		t.Error(err)
	}
	text := in.StartPosition.Value.Offset.Value
	if err := g.Reload(h.config(h.copy())); err != nil {
		t.Fatal(err)
	}
	in.StartPosition.Value.Offset = gen.Some(text[:len(text)-5] + "AAAAA")
	if _, err := c.GetLeadActivity(t.Context(), &in); !errors.Is(err, fault.CodeBadStreamPosition) {
		t.Errorf("a changed position: %v", err)
	}
}

// A copy of another instance is not asked.
func TestCopy_otherInstance(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, "000-bbb-000.mktorest.com")
	g, c := h.serve(t, h.config(h.copy()))
	if all := whole(t, h.history(), c); len(all) != rows || c.source != `rest; reason="the copy is of another instance"` {
		t.Errorf("%d records, %q", len(all), c.source)
	}
	if s := g.Status(t.Context())[0].Copy; !strings.Contains(s.Problem, "000-bbb-000.mktorest.com") {
		t.Errorf("%+v", s)
	}
	named := h.copy()
	named.Instance = "000-bbb-000.mktorest.com"
	if err := g.Reload(h.config(named)); err != nil {
		t.Fatal(err)
	}
	g.LookAtCopies(t.Context())
	if all := whole(t, h.history(), c); len(all) != rows || !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("named: %d records, %q", len(all), c.source)
	}
}

// A copy that is added, not there yet, replaced or kept when the configuration is read again is taken up without a new start, and a
// reading in one that is kept goes on at once.
func TestCopy_comesLater(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	g, c := h.serve(t, h.config(nil))
	whole(t, h.history(), c)
	if err := g.Reload(h.config(h.copy())); err != nil {
		t.Fatal(err)
	}
	if whole(t, h.history(), c); c.source != `rest; reason="the copy has not been looked at yet"` {
		t.Errorf("not looked: %q", c.source)
	}
	g.LookAtCopies(t.Context())
	if whole(t, h.history(), c); c.source != `rest; reason="there is no copy yet"` {
		t.Errorf("no copy: %q", c.source)
	}
	h.sync(t, h.instance(t))
	g.LookAtCopies(t.Context())
	in := h.history()
	if page(t, c, &in); !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("a copy: %q", c.source)
	}
	opens := h.db.opens.Load()
	for range 3 {
		if err := g.Reload(h.config(h.copy())); err != nil {
			t.Fatal(err)
		}
		if page(t, c, &in); !strings.HasPrefix(c.source, "copy;") {
			t.Errorf("kept: %q", c.source)
		}
		in = h.history()
		page(t, c, &in)
	}
	if n := h.db.opens.Load() - opens; n > 0 {
		t.Errorf("opened %d times more", n)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(h.target + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	g.LookAtCopies(t.Context())
	if whole(t, h.history(), c); c.source != `rest; reason="there is no copy yet"` {
		t.Errorf("removed: %q", c.source)
	}
	if _, err := c.GetLeadActivity(t.Context(), &in); !errors.Is(err, fault.CodeBadStreamPosition) || !strings.Contains(err.Error(), "is one of a copy") {
		t.Errorf("a reading in a copy that was removed: %v", err)
	}
	h.sync(t, h.instance(t))
	g.LookAtCopies(t.Context())
	if whole(t, h.history(), c); !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("made anew: %q", c.source)
	}
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if all := whole(t, h.history(), c); len(all) != rows || c.source != `rest; reason="the copy cannot be read"` {
		t.Errorf("closed: %d records, %q", len(all), c.source)
	}
}

// A database that does not answer holds up nobody else's copy, and no call.
func TestCopy_hangs(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	h.sync(t, h.instance(t))
	h.db.hangs = make(chan struct{})
	g, c := h.serve(t, h.config(nil))
	both := h.config(h.copy())
	other := both.Tenants[0]
	other.UserID, other.Copy = "other_user", &gateway.Copy{SQLite: h.target + "hangs"}
	both.Tenants = append(both.Tenants, other)
	if err := g.Reload(both); err != nil {
		t.Fatal(err)
	}
	stop := keep(t, g)
	wait(t, g, "the other copy", func(s *gateway.CopyStatus) bool { return s.Problem == "" })
	if all := whole(t, h.history(), c); len(all) != rows || !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("%d records, %q", len(all), c.source)
	}
	if s := g.Status(t.Context())[1].Copy; s == nil || s.Problem == "" {
		t.Errorf("the one that hangs: %+v", s)
	}
	close(h.db.hangs)
	stop()
}

// What is wrong with the settings of a copy is told with its place.
func TestCopy_mistakes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fill := func(f gateway.Fill) *gateway.Copy {
		if f.Since == "" {
			f.Since = "2026-01-31"
		}
		return &gateway.Copy{SQLite: filepath.Join(folder, "leads.db"), Fill: &f}
	}
	for name, test := range map[string]struct {
		copy *gateway.Copy
		want string
	}{
		"nowhere":        {&gateway.Copy{}, "tenants[0].copy: says not where"},
		"two places":     {&gateway.Copy{SQLite: "a", Postgres: gateway.Secret{Env: "URL"}}, "tenants[0].copy: says not where"},
		"files":          {&gateway.Copy{SQLite: folder}, "tenants[0].copy.sqlite: " + folder + " is a folder: a copy in files has no index"},
		"a URL as path":  {&gateway.Copy{SQLite: "postgres://h/n"}, "a URL of PostgreSQL stands under postgres"},
		"not PostgreSQL": {&gateway.Copy{Postgres: gateway.Secret{Env: "MYSQL"}}, "tenants[0].copy.postgres: is no URL of PostgreSQL"},
		"schema of file": {&gateway.Copy{SQLite: "a", Schema: "sales"}, "tenants[0].copy.schema: is for a copy in PostgreSQL"},
		"no schema":      {&gateway.Copy{Postgres: gateway.Secret{Env: "URL"}, Schema: `a"b`}, `tenants[0].copy.schema: the schema "a\"b" cannot be used: give`},
		"schema":         {&gateway.Copy{Postgres: gateway.Secret{Env: "URL"}, Schema: "Sales"}, ""},
		"not set":        {&gateway.Copy{Postgres: gateway.Secret{Env: "NOT_SET"}}, "NOT_SET is not set"},
		"age":            {&gateway.Copy{SQLite: "a", MaxAge: -1}, "copy.maxAge: is negative"},
		"since":          {&gateway.Copy{SQLite: "a", Fill: &gateway.Fill{}}, "copy.fill.since: is missing"},
		"since when":     {fill(gateway.Fill{Since: "yesterday"}), `"yesterday" is neither a date`},
		"stream":         {fill(gateway.Fill{Streams: []string{"activities", "lead-activity"}}), "copy.fill.streams[1]"},
		"stream twice":   {fill(gateway.Fill{Streams: []string{"leads", "leads"}}), "leads stands there already"},
		"source":         {fill(gateway.Fill{Source: "files"}), "neither pages nor bulk"},
		"interval":       {fill(gateway.Fill{Interval: gateway.Duration(time.Second)}), "the shortest is 1m"},
		"long interval":  {fill(gateway.Fill{Interval: gateway.Duration(2 * time.Hour)}), "longer than 1h0m0s, the usual maxAge"},
		"reserve":        {fill(gateway.Fill{Reserve: -1}), "copy.fill.reserve: is negative"},
		"whole reserve":  {fill(gateway.Fill{Reserve: 50_000}), "copy.fill.reserve: is 50000, and the instance has 50000 calls a day"},
		"good":           {fill(gateway.Fill{Streams: []string{"leads", "activities"}, Source: "bulk"}), ""},
	} {
		one := tenant("https://a.example.com/rest")
		one.Copy = test.copy
		_, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one}}, gateway.WithCopies(folders{}), gateway.WithGetenv(func(name string) string {
			return map[string]string{"URL": "postgres://user:example-password@h/n", "MYSQL": "mysql://user:example-password@h/n"}[name]
		}))
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "example-password")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	one, two := tenant("https://a.example.com/rest"), tenant("https://a.example.com/rest")
	one.Copy, two.Copy = fill(gateway.Fill{}), fill(gateway.Fill{})
	two.UserID = "other_user"
	for want, change := range map[string]func(){
		"tenants[1].copy.fill: the copy is filled by tenants[0].copy already":     func() {},
		"is the copy of tenants[0].copy too, which is of the instance a.example.": func() { two.REST.Endpoint = "https://b.example.com/rest" },
	} {
		change()
		if _, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one, two}}, gateway.WithCopies(folders{})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		two.REST.Endpoint = one.REST.Endpoint
	}
	if _, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one}}); err == nil || !strings.Contains(err.Error(), "this program opens no copies") {
		t.Error(err)
	}
}

// folders refuses folders, as the command line does.
type folders struct{}

func (folders) Check(target string) error {
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder: a copy in files has no index", target)
	}
	return sqlstore.CheckTarget(target)
}

func (folders) InSchema(target, schema string) (string, error) {
	return sqlstore.InSchema(target, schema)
}

func (folders) Open(context.Context, string, bool) (gateway.OpenedCopy, error) {
	return nil, errors.New("not opened")
}
