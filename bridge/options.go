package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/limits"
)

// Option sets one thing about a [Bridge].
type Option func(*config) error

// config is what the options set.
type config struct {
	rest          rest.Config
	interceptors  []Interceptor
	insecure      bool // http on any host
	convert       names.Converter
	names         *names.File                   // nil: none
	positionKeys  []auth.Secret                 // before that of the client
	foreign       map[gen.ForeignSysType]string // fields of leads that hold foreign ids
	ownerEmail    string                        // field of leads that holds the owner's address
	partitions    map[string]string             // by workspace
	company       CompanyFields
	duplicates    Duplicates
	role          string // of a role that has none
	imports       ImportStore
	pageTime      time.Duration
	joining       time.Duration // 0: every call goes alone
	retention     time.Duration // 0: without end
	allTypes      bool          // activities of types that the SOAP API did not know come too
	anyUpdate     bool          // any activity makes a lead updated
	tempFolder    string        // for files of extracts; empty: the system's
	extractVolume int64         // of a day, in bytes
}

const (
	defaultUserAgent = "mktows-go"
	defaultMaxBody   = 64 << 20
	defaultPageTime  = 20 * time.Second
	defaultJoining   = 100 * time.Millisecond
	maxJoining       = time.Minute
	// defaultVolume is what extracts may write in a day (Marketo REST API, bulk extract).
	defaultVolume = 500_000_000
	// defaultRetention is how long the service keeps activities at most: 25 months (Marketo's papers on
	// retention).
	defaultRetention = 25 * 31 * 24 * time.Hour
)

func newConfig(opts []Option) (*config, error) {
	c := &config{
		rest: rest.Config{
			Logger: httpcall.Log, UserAgent: defaultUserAgent, MaxBody: defaultMaxBody, Now: time.Now,
		},
		pageTime: defaultPageTime, joining: defaultJoining, retention: defaultRetention, imports: new(ImportMemory), extractVolume: defaultVolume,
	}
	return c, WithOptions(opts...)(c)
}

// WithOptions makes one option of several. The later ones win.
func WithOptions(opts ...Option) Option {
	return func(c *config) error {
		var errs []error
		for i, opt := range opts {
			if opt == nil {
				errs = append(errs, fmt.Errorf("bridge: option %d is nil", i+1))
				continue
			}
			errs = append(errs, opt(c))
		}
		return errors.Join(errs...)
	}
}

// WithHTTPClient sets the HTTP client, for example for a proxy or certificates of one's own. It is
// copied, not changed; the copy follows no redirects. Default: a client of its own with a connection
// pool for one host.
func WithHTTPClient(h *http.Client) Option {
	return func(c *config) error {
		c.rest.HTTP = h
		return notNil("WithHTTPClient", "the HTTP client", h == nil)
	}
}

// WithProxy sets the choice of a proxy in the default HTTP client, such as http.ProxyFromEnvironment.
// With [WithHTTPClient] it has no effect. Default: no proxy, whatever the environment says.
func WithProxy(choose func(*http.Request) (*url.URL, error)) Option {
	return func(c *config) error {
		c.rest.Proxy = choose
		return notNil("WithProxy", "the function", choose == nil)
	}
}

// WithDial sets how the default HTTP client connects, for example to a listener in memory. With
// [WithHTTPClient] it has no effect. Default: a net.Dialer that gives up after 10 seconds.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(c *config) error {
		c.rest.Dial = dial
		return notNil("WithDial", "the function", dial == nil)
	}
}

// RetryPolicy says how often and when a call of the REST API is repeated. A zero field stands for its
// default.
type RetryPolicy struct {
	// MaxAttempts is how often a call is sent at most, the first time included. Default: 5.
	MaxAttempts int
	// The wait before the n-th repetition is random, between 0 and FirstWait doubled n-1 times, but at
	// most MaxWait (exponential backoff with full jitter). It is added to what a fault or a Retry-After
	// header asks for. Default: 500 ms and 30 s.
	FirstWait, MaxWait time.Duration
}

// WithRetry sets when calls are repeated. Default: RetryPolicy{}.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) error {
		c.rest.Retry = httpcall.Retry(p)
		return nil
	}
}

// WithoutRetry makes every call one attempt, whatever its end. A token that is refused is still
// fetched anew, once, as such a call was not carried out.
func WithoutRetry() Option { return WithRetry(RetryPolicy{MaxAttempts: 1}) }

// Limits are limits on calls; see [WithLimits].
type Limits = limits.Limits

// WithLimits sets the limits that the bridge keeps before it sends. Calls wait for their turn in
// order of arrival. The service counts all programs that use the instance together, so a field of 0
// stands for what its page on integration advises one of them to keep to: 50 calls in 20 seconds and 5
// at the same time, half of what is allowed (Marketo REST API, integration best practices). More than the
// service allows is refused. Daily, 50,000 by default, is counted by the process, and not at all where it is
// [limits.None]; Reserve is how many of these calls are left to writes: reads are refused with a
// [fault.QuotaError] when no more are left.
//
// Of WithLimits, [WithoutLimits] and [WithLimiter] the last one counts.
func WithLimits(l Limits) Option {
	return func(c *config) error {
		c.rest.Limits, c.rest.NoLimits, c.rest.Limiter = l, false, nil
		return nil
	}
}

// WithoutLimits makes the bridge send at once, and not count its calls for others.
func WithoutLimits() Option {
	return func(c *config) error {
		c.rest.NoLimits, c.rest.Limiter = true, nil
		return nil
	}
}

// Limiter lets attempts through, one call of Acquire for each: see client.Limiter, whose method it
// has. Those of leadsync/quota, which many machines share, are such limiters; one with their method
// Exhausted is told when the service says that the calls of the day are used up. One with a method AcquireRead,
// of the same form as Acquire, is asked by that for attempts that only read, which it may keep from a reserve.
type Limiter interface {
	Acquire(ctx context.Context) (release func(sent bool), err error)
}

// WithLimiter puts a limiter in the place of the count that the process keeps. The day's budget of
// [Limits] is counted beside it. Of [WithLimits], [WithoutLimits] and WithLimiter the last one counts.
func WithLimiter(l Limiter) Option {
	return func(c *config) error {
		c.rest.NoLimits, c.rest.Limiter = false, l
		return notNil("WithLimiter", "the limiter", l == nil)
	}
}

// WithLogger sets where events go: at level Debug each attempt, at Warn each repetition with its
// reason and what was not served as asked. No event holds a token, a secret, a request or an answer,
// but error texts of the service may name leads. Default: nowhere.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return notNil("WithLogger", "the logger", true)
		}
		c.rest.Logger = l
		return nil
	}
}

// WithUserAgent sets the header User-Agent. Default: mktows-go.
func WithUserAgent(agent string) Option {
	return func(c *config) error {
		c.rest.UserAgent = agent
		if agent == "" || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("bridge: WithUserAgent: give printable ASCII characters, at least one")
		}
		return nil
	}
}

// WithMaxBody sets how many bytes an answer may have, after decompression. Default: 64 MiB.
func WithMaxBody(bytes int64) Option {
	return func(c *config) error {
		c.rest.MaxBody = bytes
		return atLeastOne("WithMaxBody", "the bound", bytes)
	}
}

// WithTimeout sets how long one attempt may take. Default: a little more than the service takes at
// most, which depends on the call (Marketo REST API, endpoint reference). The deadline of a call's
// context holds too.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		c.rest.Timeout = d
		return atLeastOne("WithTimeout", "the time", d)
	}
}

// WithPageTime sets how long a page of activities is looked for: the REST API may answer with empty
// pages for a long time. When it is over, or three quarters of the time until the context's deadline
// are, the page has what there is, and the position to go on from. Default: 20 seconds.
func WithPageTime(d time.Duration) Option {
	return func(c *config) error {
		c.pageTime = d
		return atLeastOne("WithPageTime", "the time", d)
	}
}

// WithJoining sets how long a call of getLeadActivity waits for others that are made at the same time, before its
// first request. Those that come in that time, thirty at most, go through the log together: a request asks for all
// of their leads, if they want the same types and begin at similar times. Each keeps its own context and its own
// positions, and none waits for one that has come to its end. A later page does not wait, nor does a call whose
// deadline is near. 0 lets every call go alone. Default: 100 ms, which is little beside the requests of one history.
func WithJoining(wait time.Duration) Option {
	return func(c *config) error {
		c.joining = wait
		if wait < 0 || wait > maxJoining {
			return fmt.Errorf("bridge: WithJoining: the time is %s, must be from 0 to %s", wait, maxJoining)
		}
		return nil
	}
}

// WithRetention sets how far back getLeadActivity looks where a request gives no oldestCreatedAt: older
// activities are not there, and looking for them costs calls. 0 stands for the making of the lead.
// Default: 25 months.
func WithRetention(d time.Duration) Option {
	return func(c *config) error {
		c.retention = d
		if d < 0 {
			return fmt.Errorf("bridge: WithRetention: the time is %s, must be at least 0", d)
		}
		return nil
	}
}

// WithClock sets the clock that the lives of tokens and the day go by. Waiting goes by real time.
// Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return notNil("WithClock", "the clock", true)
		}
		c.rest.Now = now
		return nil
	}
}

// WithLocation sets the time zone that times of answers are written in. It does not change the
// moments that they name. Default: US Central time, in which the SOAP API wrote them.
func WithLocation(l *time.Location) Option {
	return func(c *config) error {
		c.convert.Zone = l
		return notNil("WithLocation", "the location", l == nil)
	}
}

// WithInsecureHTTP allows an http endpoint on any host. Without it http is for loopback addresses
// only.
func WithInsecureHTTP() Option {
	return func(c *config) error {
		c.insecure = true
		return nil
	}
}

// WithNames reads the names of fields and activities from a file of the form that docs/rest.md shows: they
// are taken in place of those that the instance tells, and serve alone where it tells none any more.
func WithNames(path string) Option {
	return func(c *config) (err error) {
		if c.names, err = names.Load(path); err != nil {
			return fmt.Errorf("bridge: WithNames: %w", err)
		}
		return nil
	}
}

// WithPositionKeys sets what the positions of streams are signed with: the first key signs, and all of
// them verify, as does the client secret, so that a key is changed without ending streams. All bridges
// that are to read each other's positions need the same. Default: the client secret alone.
func WithPositionKeys(keys ...auth.Secret) Option {
	return func(c *config) error {
		c.positionKeys = keys
		return nil
	}
}

// BooleanTexts says how the texts of attributes show a boolean. The documentation of the SOAP API does
// not tell how that showed it.
type BooleanTexts int

// The texts of booleans. All of them are read in requests.
const (
	TrueFalse        BooleanTexts = BooleanTexts(names.TrueFalse) // true and false
	OneZero          BooleanTexts = BooleanTexts(names.OneZero)   // 1 and 0
	CapitalTrueFalse BooleanTexts = BooleanTexts(names.Capitals)  // True and False
)

// WithBooleans sets how booleans are shown. Default: [TrueFalse].
func WithBooleans(texts BooleanTexts) Option {
	return func(c *config) error {
		c.convert.Booleans = names.Booleans(texts)
		if texts < TrueFalse || texts > CapitalTrueFalse {
			return fmt.Errorf("bridge: WithBooleans: %d is none of the texts", texts)
		}
		return nil
	}
}

// WithForeignIDField names the field of leads, by its name in the REST API, that holds the ids which
// the SOAP API kept as ForeignSysPersonId of a system. The field has to be of the type string, email
// or integer, so that leads are found by it, and filled from the system: what the SOAP API has kept
// cannot be read any more. Without it a request with a ForeignSysPersonId is refused with 20110.
func WithForeignIDField(system gen.ForeignSysType, field string) Option {
	return func(c *config) error {
		if !system.Valid() || field == "" {
			return fmt.Errorf("bridge: WithForeignIDField: %q is not one of %v, or the field is empty", system, system.Values())
		}
		if c.foreign == nil {
			c.foreign = make(map[gen.ForeignSysType]string)
		}
		c.foreign[system] = field
		return nil
	}
}

// WithOwnerEmailField names the field of leads, by its name in the REST API, that holds the address
// of the owner. Without it a lead key of the type LEADOWNEREMAIL is refused with 20102.
func WithOwnerEmailField(field string) Option {
	return func(c *config) error {
		c.ownerEmail = field
		return notNil("WithOwnerEmailField", "the field", field == "")
	}
}

// WithPartition says in which partition of leads new leads of a workspace are made. The SOAP API knew
// workspaces, the REST API knows partitions alone. Without it a header MktowsContext that names the
// workspace is refused with 20110.
func WithPartition(workspace, partition string) Option {
	return func(c *config) error {
		if c.partitions == nil {
			c.partitions = make(map[string]string)
		}
		c.partitions[workspace] = partition
		return notNil("WithPartition", "workspace or partition", workspace == "" || partition == "")
	}
}

// CompanyFields says what is done with fields of a lead that belong to its company, such as Company
// or Industry: the REST API may refuse to write them with the lead (1021).
type CompanyFields int

// What can be done with fields of companies.
const (
	StripCompanyFields CompanyFields = iota // they are left out when the service refuses them, and that is logged
	PassCompanyFields                       // they are sent, and what the service says is reported
)

// WithCompanyFields sets what is done with fields of companies. Default: [StripCompanyFields].
func WithCompanyFields(how CompanyFields) Option {
	return func(c *config) error {
		c.company = how
		return nil
	}
}

// Duplicates says which lead is written when several have the address of a record.
type Duplicates int

// What can be done with several leads of an address.
const (
	NewestDuplicate Duplicates = iota // the one that was added last, as the SOAP API did
	FailOnDuplicate                   // none: the record fails with 20106
)

// WithDuplicates sets which lead is written when several have the address of a record. Default:
// [NewestDuplicate].
func WithDuplicates(how Duplicates) Option {
	return func(c *config) error {
		c.duplicates = how
		return nil
	}
}

// WithDefaultRole sets the role of an opportunity role that has none. The REST API needs one, as a
// part of the key. Default: none; such a record fails.
func WithDefaultRole(role string) Option {
	return func(c *config) error {
		c.role = role
		return notNil("WithDefaultRole", "the role", role == "")
	}
}

// WithImports sets where it is kept which imports were started, for getImportToListStatus, so that another
// process, or the same one after a new start, can tell how they have come on. Default: an [ImportMemory] of its own.
func WithImports(store ImportStore) Option {
	return func(c *config) error {
		c.imports = store
		return notNil("WithImports", "the store", store == nil)
	}
}

// WithAllActivityTypes lets activities of types come that the SOAP API did not know, where a request
// does not filter by type. Default: they are left out, and so are those of the instance's own types.
func WithAllActivityTypes() Option {
	return func(c *config) error {
		c.allTypes = true
		return nil
	}
}

// WithUpdatesByAnyActivity makes getMultipleLeads by a time take every lead with any activity in that
// time, as the SOAP API did. Default: new leads and those with a changed field, which costs a sixth of
// the calls or less.
func WithUpdatesByAnyActivity() Option {
	return func(c *config) error {
		c.anyUpdate = true
		return nil
	}
}

// WithTempFolder sets where the file of a bulk extract is put while it is read: see [Bridge.Extracts]. It needs as much room as
// the file has, up to 500 MB. Only this user can read it, and it has no name where the system allows that; elsewhere it is
// removed after it was read. Default: where the system has its temporary files.
func WithTempFolder(path string) Option {
	return func(c *config) error {
		c.tempFolder = path
		return notNil("WithTempFolder", "the folder", path == "")
	}
}

// WithExtractVolume sets how many bytes the files of bulk extracts may have in a day, where the subscription allows another
// number than the default, 500 MB. The bridge does not keep to it, but tells it to those who plan extracts.
func WithExtractVolume(bytes int64) Option {
	return func(c *config) error {
		c.extractVolume = bytes
		return atLeastOne("WithExtractVolume", "the volume", bytes)
	}
}

func notNil(option, what string, isNil bool) error {
	if isNil {
		return fmt.Errorf("bridge: %s: %s is nil or empty", option, what)
	}
	return nil
}

func atLeastOne[T int64 | time.Duration](option, what string, value T) error {
	if value < 1 {
		return fmt.Errorf("bridge: %s: %s is %v, must be more than 0", option, what, value)
	}
	return nil
}
