package secureaccess

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// HandlerOption is a choice in [NewHandler].
type HandlerOption func(*config) error

type config struct {
	byAddress, byEmail Limit
	maxClients         int
	clientAddress      func(*http.Request) string
	checkDeviceID      func(string) error
	crossOrigin        *http.CrossOriginProtection
	log                *slog.Logger
}

func defaultConfig() *config {
	return &config{
		// An app asks at login and once a day. Many phones share one address of a
		// mobile network, so an address may do more than a user.
		byEmail:       Limit{rate.Every(6 * time.Second), 10},
		byAddress:     Limit{10, 100},
		maxClients:    10_000,
		clientAddress: func(r *http.Request) string { return r.RemoteAddr },
		checkDeviceID: func(string) error { return nil },
		crossOrigin:   http.NewCrossOriginProtection(),
		log:           slog.New(slog.DiscardHandler),
	}
}

// WithEmailLimit sets how often one authenticated user may ask. Default: ten a minute,
// ten at once.
func WithEmailLimit(l Limit) HandlerOption {
	return func(c *config) error {
		c.byEmail = l
		return l.check("WithEmailLimit")
	}
}

// WithAddressLimit sets how often one remote address, or one IPv6 network of 64 bits, may
// ask, authenticated or not. Default: ten a second, a hundred at once.
func WithAddressLimit(l Limit) HandlerOption {
	return func(c *config) error {
		c.byAddress = l
		return l.check("WithAddressLimit")
	}
}

// WithMaxClients bounds how many users, and how many addresses, are remembered for the
// limits; beyond it the one not seen for longest is forgotten. Default: 10,000.
func WithMaxClients(n int) HandlerOption {
	return func(c *config) error {
		c.maxClients = n
		if n < 1 {
			return fmt.Errorf("secureaccess: WithMaxClients: %d is less than 1", n)
		}
		return nil
	}
}

// WithClientAddress says where a request comes from, for the limit by address: an IP
// address, with or without a port. The default is r.RemoteAddr, which behind a proxy is
// the proxy's own: give [ForwardedFor] there. Whatever is not an address counts as one
// client.
func WithClientAddress(f func(*http.Request) string) HandlerOption {
	return func(c *config) error {
		c.clientAddress = f
		if f == nil {
			return errors.New("secureaccess: WithClientAddress: the function is nil")
		}
		return nil
	}
}

// WithDeviceIDCheck refuses device ids for which check returns an error; the error's
// text is not sent. Checking for one fixed length closes the gap that the signature
// leaves open between email and device id: see the package documentation.
func WithDeviceIDCheck(check func(deviceID string) error) HandlerOption {
	return func(c *config) error {
		c.checkDeviceID = check
		if check == nil {
			return errors.New("secureaccess: WithDeviceIDCheck: the function is nil")
		}
		return nil
	}
}

// WithTrustedOrigins takes forms from pages of these origins too, such as
// https://www.example.com: scheme, host and, if it is not the usual one, port. Each of them
// can then get a signature for whoever is logged in here and visits it.
func WithTrustedOrigins(origins ...string) HandlerOption {
	return func(c *config) error {
		var errs []error
		for _, origin := range origins {
			if err := c.crossOrigin.AddTrustedOrigin(origin); err != nil {
				errs = append(errs, fmt.Errorf("secureaccess: WithTrustedOrigins: %q is not an origin such as https://www.example.com", origin))
			}
		}
		return errors.Join(errs...)
	}
}

// WithLogger logs refusals (Info), failures of the hook (Error) and signatures made
// (Debug), with neither emails nor device ids nor secrets. Silent without it.
func WithLogger(l *slog.Logger) HandlerOption {
	return func(c *config) error {
		c.log = l
		if l == nil {
			return errors.New("secureaccess: WithLogger: the logger is nil")
		}
		return nil
	}
}
