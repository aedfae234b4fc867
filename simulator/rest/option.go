package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/limits"
)

// Option sets one thing about a [Handler].
type Option func(*config) error

// WithClient lets in a custom service: the id and the secret of its client, and what its API user
// may do. Without permissions that is everything. Of several with one id the last counts.
func WithClient(id string, secret auth.Secret, may ...Permission) Option {
	return func(c *config) error {
		c.settings.Clients = slices.DeleteFunc(c.settings.Clients, func(other Client) bool { return other.ID == id })
		c.settings.Clients = append(c.settings.Clients, Client{id, secret, may})
		return nil
	}
}

// WithLimits sets the limits on calls. Default: those of the service ([limits.REST]), which a
// field of 0 stands for as well; [limits.Unlimited] refuses no call. A Reserve is refused, since it
// is for those who call.
func WithLimits(l limits.Limits) Option {
	return func(c *config) error {
		c.limits = l.Or(limits.REST())
		if err := c.limits.Validate(); err != nil {
			return fmt.Errorf("rest: WithLimits: %w", err)
		}
		if l.Reserve > 0 {
			return errors.New("rest: WithLimits: Reserve is for those who call")
		}
		return nil
	}
}

// WithRules gives the handler a list of rules, which may change while it serves, and which may
// be that of an endpoint of the SOAP API.
func WithRules(rules *endpoint.Rules) Option {
	return func(c *config) error {
		if rules == nil {
			return errors.New("rest: WithRules: the list is nil")
		}
		c.rules = rules
		return nil
	}
}

// WithJournal gives each exchange to the function, immediately before its answer is sent. The
// function is called by several goroutines at once. An exchange holds no secret and no token.
func WithJournal(journal func(endpoint.Exchange)) Option {
	return func(c *config) error {
		if journal == nil {
			return errors.New("rest: WithJournal: the function is nil")
		}
		c.journal = journal
		return nil
	}
}

// WithSleep sets how the Delay of a rule is waited for. The function returns
// the context's error if that ends first. Default: a timer.
func WithSleep(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(c *config) error {
		if sleep == nil {
			return errors.New("rest: WithSleep: the function is nil")
		}
		c.sleep = sleep
		return nil
	}
}

// WithTokenLife sets how long a token is good, in whole seconds. Default: an hour, as the service's.
func WithTokenLife(d time.Duration) Option {
	return func(c *config) error {
		c.life = d
		if d < time.Second {
			return fmt.Errorf("rest: WithTokenLife: %s is less than a second", d)
		}
		return nil
	}
}

// WithExports sets how bulk extracts run. Default: [ServiceExports].
func WithExports(e Exports) Option {
	return func(c *config) error {
		c.settings.Exports = e
		return nil
	}
}

// Quirks are what some instances of the service do and others do not. The zero value has none.
type Quirks struct {
	// MissingIDs leaves the id out of every n-th activity, by id, and gives it a GUID that is
	// no number, as rows of the newer activity store are. 0: none.
	MissingIDs int64 `json:"missingIds"`
	// RepeatedIDs gives n activities that follow each other by id one id. GUIDs stay their own.
	RepeatedIDs int64 `json:"repeatedIds"`
	// CRM is the link to a sales system that owns opportunities, roles, companies and sales
	// persons: writing them is 1018.
	CRM bool `json:"crm"`
	// CompanyFields refuses fields of companies in every write of leads with 1021. Without it
	// only those of leads with an externalCompanyId are refused.
	CompanyFields bool `json:"companyFields"`
	// NoUpdatedAt refuses the filters updatedAt, smartListId and smartListName of the bulk
	// extract of leads with 1035.
	NoUpdatedAt bool `json:"noUpdatedAt"`
	// NoSOAPNames leaves the names of the SOAP API out of Describe Lead.
	NoSOAPNames bool `json:"noSoapNames"`
	// QueryToken takes a token in the query parameter access_token as well, as the service did
	// until August 2026.
	QueryToken bool `json:"queryToken"`
}

// WithQuirks sets what the instance does that others do not.
func WithQuirks(q Quirks) Option {
	return func(c *config) error {
		c.settings.Quirks = q
		return nil
	}
}

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
