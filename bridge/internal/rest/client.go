package rest

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
	"unicode"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/limits"
)

// Config is what a client is made of. Package bridge documents the fields at its options.
type Config struct {
	Base         *url.URL // of the host alone
	ClientID     string
	ClientSecret auth.Secret
	HTTP         *http.Client // the caller's; nil: one of its own
	Dial         func(ctx context.Context, network, address string) (net.Conn, error)
	Proxy        func(*http.Request) (*url.URL, error)
	Retry        httpcall.Retry
	Limits       limits.Limits
	NoLimits     bool
	Limiter      Limiter // in place of the process's count
	Logger       *slog.Logger
	UserAgent    string
	MaxBody      int64
	Timeout      time.Duration // of an attempt; 0: by path
	Around       Around        // nil: nothing
	Now          func() time.Time
}

// Client calls the REST API of an instance. Make it with [New]. It is safe for concurrent use.
type Client struct {
	base      *url.URL // scheme and host
	key       limit.Key
	http      *http.Client
	own       bool // http is not the caller's
	tokens    *tokens
	identity  identity
	retry     httpcall.Retry
	limits    limits.Limits
	limiter   Limiter // nil: none
	logger    *slog.Logger
	userAgent string
	maxBody   int64
	timeout   time.Duration
	around    Around
	now       func() time.Time
}

// New returns a client. The error joins everything that is wrong. Nothing is sent.
func New(cfg Config) (*Client, error) {
	most, errLimits := complete(cfg.Limits)
	retry, errRetry := completeRetry(cfg.Retry)
	err := errors.Join(checkText("client id", cfg.ClientID), checkText("client secret", cfg.ClientSecret.Reveal()), errLimits, errRetry)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base: cfg.Base, key: limit.Key{Instance: "rest " + httpcall.Instance(cfg.Base)}, retry: retry, limits: most, limiter: cfg.Limiter,
		logger: cfg.Logger, userAgent: cfg.UserAgent, maxBody: cfg.MaxBody, timeout: cfg.Timeout, around: cfg.Around, now: cfg.Now,
	}
	switch {
	case cfg.NoLimits:
		c.limiter, c.limits.Daily = nil, limits.None
	case c.limiter == nil:
		c.limiter = limit.Limiter{Key: c.key, Limits: most}
	}
	c.http, c.own = httpcall.ClientOf(cfg.HTTP, cfg.Dial, cfg.Proxy, limits.REST().Concurrent)
	if httpcall.Tap != nil {
		c.http.Transport = httpcall.Tap(c.http.Transport)
	}
	c.identity = identity{client: c, id: cfg.ClientID, secret: cfg.ClientSecret}
	c.tokens = &tokens{fetch: c.identity.fetch, now: c.now}
	return c, nil
}

// CloseIdleConnections closes the connections that are kept for further calls. The client stays
// usable. A client that was given is left alone.
func (c *Client) CloseIdleConnections() {
	if c.own {
		c.http.CloseIdleConnections()
	}
}

// Instance names the instance: its host and port.
func (c *Client) Instance() string { return strings.TrimPrefix(c.key.Instance, "rest ") }

// String names the endpoint.
func (c *Client) String() string { return fmt.Sprintf("rest.Client(%s)", c.base) }

// GoString names the endpoint.
func (c *Client) GoString() string { return c.String() }

// checkText names what is wrong with a pasted text without showing it.
func checkText(what, text string) error {
	unseen := strings.IndexFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) || r == unicode.ReplacementChar })
	switch {
	case text == "":
		return fmt.Errorf("bridge: the %s is empty: take it from Admin > Integration > LaunchPoint", what)
	case text == auth.Redacted:
		return fmt.Errorf("bridge: the %s is the placeholder %s: configure it itself", what, auth.Redacted)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("bridge: the %s starts or ends with white space or a line break: remove it", what)
	case unseen >= 0:
		return fmt.Errorf("bridge: the %s has a control or invisible character at byte %d: type or copy it anew", what, unseen)
	}
	return nil
}

// completeRetry returns a policy with its defaults, and what is wrong with it.
func completeRetry(r httpcall.Retry) (httpcall.Retry, error) {
	if r.MaxAttempts < 0 || r.FirstWait < 0 || r.MaxWait < 0 {
		return r, fmt.Errorf("bridge: WithRetry: %+v: nothing can be negative", r)
	}
	if r = r.WithDefaults(); r.FirstWait > r.MaxWait {
		return r, fmt.Errorf("bridge: WithRetry: FirstWait is %s, must be at most MaxWait, %s", r.FirstWait, r.MaxWait)
	}
	return r, nil
}
