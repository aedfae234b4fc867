package client

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

	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/limits"
)

// Option sets one thing about a [Client].
type Option func(*config) error

// config is what the options set.
type config struct {
	http         *http.Client      // the caller's, or nil
	dial         httpcall.DialFunc // nil: the usual one
	proxy        func(*http.Request) (*url.URL, error)
	retry        RetryPolicy
	limits       *limits.Limits // nil: none
	limiter      Limiter        // in their place
	interceptors []Interceptor
	logger       *slog.Logger
	userAgent    string
	maxBody      int64
	timeout      time.Duration // 0: by operation
	now          func() time.Time
	location     *time.Location
	insecure     bool
}

const (
	defaultUserAgent = "mktows-go"
	defaultMaxBody   = 64 << 20
)

func newConfig(opts []Option) (*config, error) {
	c := &config{
		logger:    httpcall.Log,
		userAgent: defaultUserAgent,
		maxBody:   defaultMaxBody,
		now:       time.Now,
		location:  time.UTC,
	}
	err := WithOptions(WithRetry(RetryPolicy{}), WithLimits(Limits{}), WithOptions(opts...))(c)
	return c, err
}

// WithOptions makes one option of several. The later ones win.
func WithOptions(opts ...Option) Option {
	return func(c *config) error {
		var errs []error
		for i, opt := range opts {
			if opt == nil {
				errs = append(errs, fmt.Errorf("client: option %d is nil", i+1))
				continue
			}
			errs = append(errs, opt(c))
		}
		return errors.Join(errs...)
	}
}

// WithHTTPClient sets the HTTP client, for example for a proxy or certificates of one's
// own. It is copied, not changed; the copy follows no redirects. Its Timeout stays, and
// bounds each attempt beside the one of [WithTimeout]; an attempt that it ends is not
// repeated. Default: a client of its own with a connection pool for one host.
func WithHTTPClient(h *http.Client) Option {
	return func(c *config) error {
		if h == nil {
			return errors.New("client: WithHTTPClient: the HTTP client is nil")
		}
		c.http = h
		return nil
	}
}

// WithProxy sets the choice of a proxy in the default HTTP client, such as
// http.ProxyFromEnvironment. With [WithHTTPClient] it has no effect. Default: no proxy,
// whatever the environment says.
func WithProxy(choose func(*http.Request) (*url.URL, error)) Option {
	return func(c *config) error {
		if choose == nil {
			return errors.New("client: WithProxy: the function is nil")
		}
		c.proxy = choose
		return nil
	}
}

// WithDial sets how the default HTTP client connects, for example to a listener in
// memory. With [WithHTTPClient] it has no effect. Default: a net.Dialer that gives up after
// 10 seconds.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(c *config) error {
		if dial == nil {
			return errors.New("client: WithDial: the function is nil")
		}
		c.dial = dial
		return nil
	}
}

// Limits are limits on calls; see [WithLimits].
type Limits = limits.Limits

// WithLimits sets the limits that the client keeps before it sends. Default: those of the
// service ([limits.SOAP]), which a field of 0 stands for as well. Lower ones leave room for other
// programs that use the instance.
//
// The limits hold for all clients of the process that have the same host and user id: the
// service counts them together. Where clients have different limits, each is held to its own,
// and the calls of all count. Calls wait for their turn in order of arrival. The place of a call
// in the window is free again Per, and one hundredth of it, after the call's end.
//
// A Daily limit of one's own and a Reserve are refused, because the client does not count
// the day's calls: those of one process say little about those of the instance. The limiters of
// package leadsync/quota keep them.
//
// Of WithLimits, [WithoutLimits] and [WithLimiter] the last one counts.
func WithLimits(l Limits) Option {
	return func(c *config) error {
		service := limits.SOAP()
		l := l.Or(service)
		c.limits, c.limiter = &l, nil
		if err := l.Validate(); err != nil {
			return fmt.Errorf("client: WithLimits: %w", err)
		}
		if l.Reserve > 0 || l.Daily != service.Daily && l.Daily != limits.None {
			return errors.New("client: WithLimits: a client does not count the calls of a day, and keeps neither Daily nor Reserve: give WithLimiter a limiter of leadsync/quota")
		}
		return nil
	}
}

// WithoutLimits makes the client send at once, and not count its calls for others.
func WithoutLimits() Option {
	return func(c *config) error {
		c.limits, c.limiter = nil, nil
		return nil
	}
}

// Limiter lets attempts through, one call of Acquire for each. It is safe for concurrent use.
type Limiter interface {
	// Acquire waits until an attempt may begin. Unless there is an error, release is called
	// once when the service is done with the attempt, whatever its end; sent is false only if the
	// service cannot have seen it, as there was no connection. For an attempt that was cancelled
	// or timed out that may be after the call has returned and ctx has ended, by a minute and a
	// half at most; see the package's documentation.
	Acquire(ctx context.Context) (release func(sent bool), err error)
}

// WithLimiter puts a limiter in the place of the count that the process keeps, for
// example one that many machines share. It is asked for every attempt, immediately before that
// is signed. Its error ends the call: a [fault.OpError] that matches it, without another
// attempt. Of [WithLimits], [WithoutLimits] and WithLimiter the last one counts.
func WithLimiter(l Limiter) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("client: WithLimiter: the limiter is nil")
		}
		c.limits, c.limiter = nil, l
		return nil
	}
}

// WithInterceptors adds interceptors. The first one given acts first.
func WithInterceptors(interceptors ...Interceptor) Option {
	return func(c *config) error {
		for i, interceptor := range interceptors {
			if interceptor == nil {
				return fmt.Errorf("client: WithInterceptors: interceptor %d is nil", i+1)
			}
		}
		c.interceptors = append(c.interceptors, interceptors...)
		return nil
	}
}

// WithLogger sets where events go: at level Debug each attempt, at Warn each repetition
// with its reason. No event holds a signature, a key, a request or an answer, but
// error texts of the service may name leads. Default: nowhere.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("client: WithLogger: the logger is nil")
		}
		c.logger = l
		return nil
	}
}

// WithUserAgent sets the header User-Agent. Default: mktows-go.
func WithUserAgent(agent string) Option {
	return func(c *config) error {
		if agent == "" || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("client: WithUserAgent: give printable ASCII characters, at least one")
		}
		c.userAgent = agent
		return nil
	}
}

// WithMaxBody sets how many bytes an answer may have, after decompression. A larger one
// ends the call with [ErrBodyTooLarge]. Default: 64 MiB.
func WithMaxBody(bytes int64) Option {
	return func(c *config) error {
		c.maxBody = bytes
		return atLeast("WithMaxBody", "the bound", bytes, 1)
	}
}

// WithTimeout sets how long one attempt may take, from connecting to the end of the
// answer; waiting before does not count. After it the call is repeated if that
// may be done; the attempt keeps its place within the limits while the service may be busy with it. Default: 3 minutes, and 10 for getLeadChanges, since answers are
// known to take very long (Marketo SOAP API). The deadline of a call's context holds too.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		c.timeout = d
		return atLeast("WithTimeout", "the time", d, 1)
	}
}

// WithClock sets the clock that requests are signed by. Waiting goes by real time.
// Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("client: WithClock: the clock is nil")
		}
		c.now = now
		return nil
	}
}

// WithLocation sets the time zone, and so the offset, that the timestamps of requests
// are written in. It does not change the moment they name. Default: UTC.
func WithLocation(l *time.Location) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("client: WithLocation: the location is nil")
		}
		c.location = l
		return nil
	}
}

// WithInsecureHTTP allows an http endpoint on any host. Without it http is for
// loopback addresses only: requests hold data of leads, and a signature that lets whoever
// sees it make any call for some time.
func WithInsecureHTTP() Option {
	return func(c *config) error {
		c.insecure = true
		return nil
	}
}

func atLeast[T int | int64 | time.Duration](option, what string, value, bound T) error {
	if value < bound {
		return fmt.Errorf("client: %s: %s is %v, must be at least %v", option, what, value, bound)
	}
	return nil
}
