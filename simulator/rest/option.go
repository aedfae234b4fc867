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
