package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/limits"
)

// Option sets one thing about a [Handler].
type Option func(*config) error

// WithClient lets in a custom service: the id and the secret of its client.
func WithClient(id string, secret auth.Secret) Option {
	return func(c *config) error {
		if id == "" || secret.IsZero() {
			return errors.New("rest: WithClient: neither the id nor the secret may be empty")
		}
		c.clients[id] = secret
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

// WithExportDuration sets how long a bulk extract runs by the simulator's clock, once it has
// begun. Default: a minute.
func WithExportDuration(d time.Duration) Option {
	return func(c *config) error {
		c.jobTime = d
		return nil
	}
}

// WithExportVolume sets how many bytes bulk extracts may write from midnight to midnight US
// Central. Default: 500 MB (Marketo REST API, Bulk extract).
func WithExportVolume(bytes int64) Option {
	return func(c *config) error {
		if bytes < 0 {
			return fmt.Errorf("rest: WithExportVolume: %d is negative", bytes)
		}
		c.maxBytes = bytes
		return nil
	}
}

// Quirks are what some instances of the service do and others do not. The zero value has none.
type Quirks struct {
	// MissingIDs leaves the id out of every n-th activity, by id, and gives it a GUID that is
	// no number, as rows of the newer activity store are. 0: none.
	MissingIDs int64
	// RepeatedIDs gives n activities that follow each other by id one id. GUIDs stay their own.
	RepeatedIDs int64
	// CRM is the link to a sales system that owns opportunities, roles, companies and sales
	// persons: writing them is 1018.
	CRM bool
	// CompanyFields refuses fields of companies in every write of leads with 1021. Without it
	// only those of leads with an externalCompanyId are refused.
	CompanyFields bool
	// NoUpdatedAt refuses the filters updatedAt, smartListId and smartListName of the bulk
	// extract of leads with 1035.
	NoUpdatedAt bool
	// NoSOAPNames leaves the names of the SOAP API out of Describe Lead.
	NoSOAPNames bool
	// QueryToken takes a token in the query parameter access_token as well, as the service did
	// until August 2026.
	QueryToken bool
}

// WithQuirks sets what the instance does that others do not.
func WithQuirks(q Quirks) Option {
	return func(c *config) error {
		if q.MissingIDs < 0 || q.RepeatedIDs < 0 {
			return errors.New("rest: WithQuirks: numbers cannot be negative")
		}
		c.quirks = q
		return nil
	}
}
