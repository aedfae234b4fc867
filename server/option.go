package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/endpoint"
)

// Defaults of the options.
const (
	DefaultMount   = endpoint.SOAPMount
	DefaultWindow  = 15 * time.Minute
	DefaultMaxBody = 10 << 20 // bytes

	DefaultPending      = 256      // requests
	DefaultPendingBytes = 64 << 20 // bytes
)

// Option sets one thing about a [Server].
type Option func(*Server) error

// WithUsers lets in the users of the map, which holds their secret keys by user id.
// The map is copied.
func WithUsers(keys map[string]auth.Secret) Option {
	keys = maps.Clone(keys)
	return func(s *Server) error {
		for id, key := range keys {
			if id == "" || key.IsZero() {
				return fmt.Errorf("server: WithUsers: user %q: neither the user id nor its key may be empty", id)
			}
		}
		if len(keys) == 0 {
			return errors.New("server: WithUsers: there is no user")
		}
		s.lookup = func(_ context.Context, userID string) (auth.Secret, bool) {
			key, ok := keys[userID]
			return key, ok
		}
		return nil
	}
}

// WithUserLookup lets in the users whose secret key the function knows. It is called
// for every call, also for user ids that somebody made up, and has to be safe for
// concurrent use. To an outsider the answers for an unknown user and for a wrong
// signature are alike; that they take the same time is up to the function.
func WithUserLookup(lookup func(ctx context.Context, userID string) (key auth.Secret, ok bool)) Option {
	return func(s *Server) error {
		if lookup == nil {
			return errors.New("server: WithUserLookup: the function is nil")
		}
		s.lookup = lookup
		return nil
	}
}

// WithoutAuthentication lets everybody in: the authentication header is neither
// needed nor looked at.
func WithoutAuthentication() Option {
	return func(s *Server) error {
		s.open = true
		return nil
	}
}

// WithWindow sets how far a request's timestamp may be from the server's clock, in the
// past and in the future; beyond it is fault 20016. Default: DefaultWindow. What the
// service allows is not documented.
func WithWindow(d time.Duration) Option {
	return func(s *Server) error {
		if d <= 0 {
			return fmt.Errorf("server: WithWindow: %s is not positive", d)
		}
		s.window = d
		return nil
	}
}

// WithClock sets the clock that timestamps, limits, the header Date and the journal go
// by. Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(s *Server) error {
		if now == nil {
			return errors.New("server: WithClock: the clock is nil")
		}
		s.now = now
		return nil
	}
}

// WithSleep sets how the Delay of a [Rule] is waited for. The function returns the
// context's error if that ends first. Default: a timer.
func WithSleep(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(s *Server) error {
		if sleep == nil {
			return errors.New("server: WithSleep: the function is nil")
		}
		s.sleep = sleep
		return nil
	}
}

// WithRules gives the server a list of rules, which may change while it serves.
func WithRules(rules *Rules) Option {
	return func(s *Server) error {
		if rules == nil {
			return errors.New("server: WithRules: the list is nil")
		}
		s.rules = rules
		return nil
	}
}

// WithMount sets the path before the version; it begins and ends with a slash.
// Default: DefaultMount. A request's path may have anything before it.
func WithMount(path string) Option {
	return func(s *Server) error {
		if len(path) < 2 || !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
			return fmt.Errorf("server: WithMount: %q: it has to begin and to end with a slash", path)
		}
		s.mount = path
		return nil
	}
}

// WithMaxBody bounds the size of a request in bytes, before and after decompression;
// a larger one is fault 20012. Default: DefaultMaxBody.
func WithMaxBody(bytes int64) Option {
	return func(s *Server) error {
		if bytes < 1 {
			return fmt.Errorf("server: WithMaxBody: %d is not positive", bytes)
		}
		s.maxBody = bytes
		return nil
	}
}

// WithMaxPending bounds how many requests are read at the same time, and how many bytes they have together after
// decompression, until it is known who sent them. What is more is answered with HTTP 503 and Retry-After, and
// so is a request that has taken more than two seconds to come, if its place is wanted. A request that is
// the only one may have more bytes: [WithMaxBody] bounds it. Default: DefaultPending and DefaultPendingBytes.
func WithMaxPending(requests int, bytes int64) Option {
	return func(s *Server) error {
		if requests < 1 || bytes < 1 {
			return fmt.Errorf("server: WithMaxPending: %d requests and %d bytes: both have to be positive", requests, bytes)
		}
		s.lobby.maxRequests, s.lobby.maxBytes = requests, bytes
		return nil
	}
}

// WithRepair replaces what XML 1.0 cannot carry, such as raw control characters, by
// U+FFFD and counts it: see [Server.Repaired]. Old clients send such characters when
// they are in their data. By default they are fault 20012, which names the place.
func WithRepair() Option {
	return func(s *Server) error {
		s.repair = true
		return nil
	}
}

// WithPublicURL sets what the WSDL gives as address: this URL, and behind it mount and
// version. It is for a server behind a proxy that changes paths or hosts. By default
// the address is the one that the caller used.
func WithPublicURL(base string) Option {
	return func(s *Server) error {
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
			return errors.New("server: WithPublicURL: expected a URL such as https://soap.example.com, without user and query")
		}
		s.publicURL = strings.TrimSuffix(base, "/")
		return nil
	}
}

// WithForwardedProto believes the header X-Forwarded-Proto, where a proxy says
// whether the caller used http or https. Without such a proxy any caller could set it.
func WithForwardedProto() Option {
	return func(s *Server) error {
		s.forwarded = true
		return nil
	}
}

// WithLogger sets where the server logs to: each call at level Info, internal failures
// at level Error. No entry holds a key, a signature or the content of a message,
// except that the error of a port is logged as it is. Default: nowhere.
func WithLogger(log *slog.Logger) Option {
	return func(s *Server) error {
		if log == nil {
			return errors.New("server: WithLogger: the logger is nil")
		}
		s.log = log
		return nil
	}
}

// WithJournal gives each exchange to the function, immediately before its answer is
// sent: who has the answer finds it in the journal. The function is called by several
// goroutines at once.
func WithJournal(journal func(Exchange)) Option {
	return func(s *Server) error {
		if journal == nil {
			return errors.New("server: WithJournal: the function is nil")
		}
		s.journal = func(_ context.Context, e Exchange) { journal(e) }
		return nil
	}
}

// WithContextJournal is [WithJournal] for a function that wants the context of the request too, in which a handler in front of the
// server may have put what belongs to the exchange. Of the two, the last one counts.
func WithContextJournal(journal func(context.Context, Exchange)) Option {
	return func(s *Server) error {
		if journal == nil {
			return errors.New("server: WithContextJournal: the function is nil")
		}
		s.journal = journal
		return nil
	}
}
