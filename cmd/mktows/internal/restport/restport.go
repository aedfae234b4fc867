package restport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// REST is the way to the REST API that a console gets.
func REST() *console.REST { return &console.REST{New: open, Demo: serveDemo} }

// port is a bridge that knows the time of the service.
type port struct {
	*bridge.Bridge

	url  *url.URL // of the endpoint
	http *http.Client
}

// open implements console.REST. The proxy settings of the environment are read here, since package bridge reads no
// environment.
func open(s *console.RESTSettings) (console.Port, error) {
	if s.Names != "" {
		if _, err := bridge.LoadNames(s.Names); err != nil {
			return nil, exit.Settingsf("%s: %w", s.Origin(settings.VarRESTNames), err)
		}
	}
	b, err := bridge.New(s.Endpoint, bridge.Credentials{ClientID: s.Creds.UserID, ClientSecret: s.Creds.Key}, options(s)...)
	if err != nil {
		return nil, exit.AsSettings(settings.InWords(err, func(err error) error { return inWords(err, s.Origin(settings.VarRESTEndpoint)) }))
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil {
		return nil, err // the bridge has read it
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	return &port{b, u, &http.Client{Transport: transport, CheckRedirect: stay, Timeout: clockTimeout}}, nil
}

func options(s *console.RESTSettings) []bridge.Option {
	options := []bridge.Option{
		bridge.WithProxy(http.ProxyFromEnvironment), bridge.WithUserAgent(console.UserAgent()), bridge.WithLogger(s.Logger),
		bridge.WithLimits(s.Limits),
	}
	if s.InsecureHTTP {
		options = append(options, bridge.WithInsecureHTTP())
	}
	if s.Names != "" {
		options = append(options, bridge.WithNames(s.Names))
	}
	// A mock keeps activities for ever: the demonstration data are older than what the service would still have.
	if httpcall.IsLocal(s.Endpoint) {
		options = append(options, bridge.WithRetention(0))
	}
	if s.Unlimited {
		options = append(options, bridge.WithoutLimits())
	}
	if s.Limiter != nil {
		options = append(options, bridge.WithLimiter(s.Limiter))
	}
	if seen, ok := s.Observer.(interface{ BridgeInterceptor() bridge.Interceptor }); ok {
		options = append(options, bridge.WithInterceptors(seen.BridgeInterceptor()))
	}
	return options
}

// Bridge returns the bridge of a port that [REST] has made, or nil.
func Bridge(p console.Port) *bridge.Bridge {
	if made, ok := p.(*port); ok {
		return made.Bridge
	}
	return nil
}

// inWords rewrites an error of package bridge about the endpoint, which came from source; see settings.InWords.
func inWords(err error, source string) error {
	var endpoint *bridge.EndpointError
	if !errors.As(err, &endpoint) {
		return nil
	}
	text := source + ": " + endpoint.Problem
	if endpoint.Option == "WithInsecureHTTP" {
		text += "; for a test server of your own there is --insecure-http"
	}
	return settings.Reworded(err, text)
}

// CloseIdleConnections implements console.Port.
func (p *port) CloseIdleConnections() {
	p.http.CloseIdleConnections()
	p.Bridge.CloseIdleConnections()
}

// clockTimeout is how long the service may take to tell its time.
const clockTimeout = 30 * time.Second

// ServerTime implements console.Port: any answer bears the time. What is asked for is nothing that the service would
// count as a call.
func (p *port) ServerTime(ctx context.Context) (time.Time, error) {
	at := url.URL{Scheme: p.url.Scheme, Host: p.url.Host, Path: "/identity/oauth/token"}
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, at.String(), nil)
	if err != nil {
		return time.Time{}, err
	}
	r.Header.Set("User-Agent", console.UserAgent())
	resp, err := p.http.Do(r)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time of %s: %w", p.url.Host, withoutURL(err))
	}
	defer resp.Body.Close()
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil || fromBefore(resp.StatusCode) {
		return time.Time{}, fmt.Errorf("the time of %s: HTTP status %d without it", p.url.Host, resp.StatusCode)
	}
	return now, nil
}

// fromBefore reports whether something before the service gives an answer of that status, with the time of its own
// clock.
func fromBefore(status int) bool {
	switch status {
	case http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// withoutURL returns what happened without the words of package http around it.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// stay follows no redirects: the date of another server says nothing.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// serveDemo implements console.REST.
func serveDemo(ctx context.Context) (endpoint string, creds auth.Credentials, stop func(), err error) {
	sim := simulator.New()
	if err := sim.LoadDemo(); err != nil {
		return "", creds, nil, err
	}
	creds = demo.Credentials()
	api, err := rest.New(sim, rest.WithClient(creds.UserID, creds.Key), rest.WithLimits(limits.Unlimited()))
	if err != nil {
		return "", creds, nil, err
	}
	base, stop, err := demo.Serve(ctx, api)
	return base + "/rest", creds, stop, err
}
