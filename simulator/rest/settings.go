package rest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// Settings are what can be changed of a [Handler] while it serves: see [Handler.Set].
type Settings struct {
	Clients []Client // who may call, each id once
	Quirks  Quirks
	Exports Exports
}

// Client is a custom service of the instance, with its API user.
type Client struct {
	ID     string
	Secret auth.Secret
	// Permissions are what the role of the API user allows; nil: everything. An operation that
	// needs another one is 603.
	Permissions []Permission
}

// Exports is how bulk extracts run.
type Exports struct {
	// Duration is how long one runs by the simulator's clock, once it has begun.
	Duration time.Duration
	// Refresh is how often the status of a job is brought up to date, from when it was put into the
	// queue on: in between, calls are told the one before. 0: at every call.
	Refresh time.Duration
	// Volume is how many bytes bulk extracts may write from midnight to midnight US Central.
	Volume int64
}

// ServiceExports returns what is documented of the service's bulk extracts: a status that is
// refreshed once in a minute, and 500 MB a day (Marketo REST API, bulk extract). That a job runs
// for a minute is the simulator's choice.
func ServiceExports() Exports {
	return Exports{Duration: time.Minute, Refresh: time.Minute, Volume: 500 << 20}
}

// check finds what is wrong with settings.
func (s *Settings) check() error {
	var errs []error
	if len(s.Clients) == 0 {
		errs = append(errs, errors.New("rest: nobody may call: use WithClient"))
	}
	for i, c := range s.Clients {
		switch {
		case c.ID == "" || c.Secret.IsZero():
			errs = append(errs, errors.New("rest: neither the id nor the secret of a client may be empty"))
		case slices.ContainsFunc(s.Clients[:i], func(other Client) bool { return other.ID == c.ID }):
			errs = append(errs, fmt.Errorf("rest: there are two clients %q", c.ID))
		}
		for _, p := range c.Permissions {
			if err := p.Check(); err != nil {
				errs = append(errs, fmt.Errorf("rest: client %q: %w", c.ID, err))
			}
		}
	}
	if s.Quirks.MissingIDs < 0 || s.Quirks.RepeatedIDs < 0 {
		errs = append(errs, errors.New("rest: the numbers of quirks cannot be negative"))
	}
	if s.Exports.Duration < 0 || s.Exports.Refresh < 0 || s.Exports.Volume < 0 {
		errs = append(errs, fmt.Errorf("rest: bulk extracts: %+v: none can be negative", s.Exports))
	}
	return errors.Join(errs...)
}

// clone returns settings that share nothing with others.
func (s Settings) clone() Settings {
	s.Clients = slices.Clone(s.Clients)
	for i := range s.Clients {
		s.Clients[i].Permissions = slices.Clone(s.Clients[i].Permissions)
	}
	return s
}

// Settings returns what holds now. It is the caller's.
func (h *Handler) Settings() Settings { return h.api.current.Load().clone() }

// Set changes what holds for all calls that come from now on. The error joins all mistakes; then
// nothing changes. A token of a client that is gone is good no more.
func (h *Handler) Set(s Settings) error {
	if err := s.check(); err != nil {
		return err
	}
	h.api.set(s)
	return nil
}

// settings are Settings as calls use them. They do not change.
type settings struct {
	Settings

	clients map[string]Client
}

func (h *handler) set(s Settings) {
	now := &settings{Settings: s.clone(), clients: make(map[string]Client)}
	for _, c := range now.Clients {
		now.clients[c.ID] = c
	}
	h.current.Store(now)
}
