package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Copy is a copy that package leadsync has made, in SQLite or PostgreSQL. The operations getLeadActivity and getLeadChanges are
// answered from it, without a call, where it covers what is asked for, and by the REST API otherwise: see package leadsync/copied.
type Copy struct {
	// SQLite is the path of the file, and Postgres the URL of the database, which may hold a password: one of the two.
	SQLite   string `yaml:"sqlite"`
	Postgres Secret `yaml:"postgres"`
	// Schema is where the copy is in the PostgreSQL database. Default: the search path of the URL or of the user.
	Schema string `yaml:"schema"`
	// Instance is the name of the instance in the copy. Default: the host of the tenant's REST endpoint, as "mktows sync" has it.
	Instance string `yaml:"instance"`
	// MaxAge is how long ago the copy may have been brought up to date for a question up to the present. Default: 1 hour.
	MaxAge Duration `yaml:"maxAge"`
	// Emails finds leads by their addresses in the copy, which has to have the stream leads: see copied.WithStoredEmails.
	Emails bool `yaml:"emails"`
	// Fill brings the copy up to date in this process. Without it somebody else does, such as "mktows sync run --every".
	Fill *Fill `yaml:"fill"`
}

// Fill says what a copy is filled with.
type Fill struct {
	// Since is when the copy begins: a date, such as 2026-01-31, or a time as in RFC 3339. An earlier one adds to a copy.
	Since string `yaml:"since"`
	// Streams are activities and leads. Default: activities.
	Streams []string `yaml:"streams"`
	// Source is by what activities are read: pages, or bulk, which takes fewer calls. Default: pages.
	Source string `yaml:"source"`
	// Interval is how often the copy is brought up to date. Default: 15 minutes.
	Interval Duration `yaml:"interval"`
	// Reserve is how many calls of the instance's day filling leaves to the programs: it waits for the next day when no more are left.
	// Default: half of them.
	Reserve int `yaml:"reserve"`
}

const (
	defaultMaxAge   = time.Hour
	defaultInterval = 15 * time.Minute
)

// Copies opens copies for a gateway. It is an interface so that a program which has none links no database.
type Copies interface {
	// Check returns what is wrong with a path of SQLite or a URL of PostgreSQL. It opens no database, and its error shows no password.
	Check(target string) error
	// InSchema returns the URL of PostgreSQL for a copy in a schema of the database; an error shows no password.
	InSchema(target, schema string) (string, error)
	// Open opens a copy for reading or, to fill it, for writing, which makes it if there is none. Errors: those of package store;
	// store.ErrNotCopy means that there is none yet.
	Open(ctx context.Context, target string, fill bool) (OpenedCopy, error)
}

// OpenedCopy is a copy that Copies has opened.
type OpenedCopy interface {
	store.Store
	store.Histories
}

// WithCopies sets what opens copies. Without it, a tenant can have none.
func WithCopies(c Copies) Option {
	return func(o *options) error {
		if c == nil {
			return errors.New("gateway: WithCopies: it is nil")
		}
		o.copies = c
		return nil
	}
}

// copyTarget returns where the copy of a tenant is; empty: something is wrong with that.
func (p *problems) copyTarget(field string, in *Copy) string {
	postgres := in.Postgres != Secret{}
	switch {
	case p.copies == nil:
		p.add(field, "this program opens no copies: leave it out")
	case postgres == (in.SQLite != ""):
		p.add(field, "says not where the copy is: give either sqlite: PATH or postgres: {file: PATH}, a file with the URL")
	case postgres:
		return p.postgresTarget(field, in)
	case in.Schema != "":
		p.add(field+".schema", "is for a copy in PostgreSQL: leave it out")
	case strings.Contains(in.SQLite, "://"):
		p.add(field+".sqlite", "is a URL, not the path of a file: a URL of PostgreSQL stands under postgres")
	default:
		target := p.config.resolve(in.SQLite)
		return p.checkedTarget(field+".sqlite", target)
	}
	return ""
}

// postgresTarget is copyTarget for a database of PostgreSQL.
func (p *problems) postgresTarget(field string, in *Copy) string {
	target := p.secret(field+".postgres", "URL of the copy", in.Postgres).Reveal()
	if target == "" {
		return ""
	}
	if scheme, _, _ := strings.Cut(target, "://"); scheme != "postgres" && scheme != "postgresql" {
		p.add(field+".postgres", "is no URL of PostgreSQL, such as postgres://USER@HOST/NAME")
		return ""
	}
	if target = p.checkedTarget(field+".postgres", target); target == "" || in.Schema == "" {
		return target
	}
	target, err := p.copies.InSchema(target, in.Schema)
	if err != nil {
		p.add(field+".schema", "%v", err)
	}
	return target
}

func (p *problems) checkedTarget(field, target string) string {
	if err := p.copies.Check(target); err != nil {
		p.add(field, "%v", err)
		return ""
	}
	return target
}

// copy checks the copy of a tenant and notes where it is.
func (p *problems) copy(field string, t *tenant, secret auth.Secret) *copySettings {
	in := t.Copy
	c := &copySettings{target: p.copyTarget(field, in), instance: cmp.Or(in.Instance, t.instance), maxAge: time.Duration(cmp.Or(in.MaxAge, Duration(defaultMaxAge)))}
	if in.MaxAge < 0 {
		p.add(field+".maxAge", "is negative")
	}
	c.keys = p.positions
	if len(c.keys) == 0 {
		c.keys = []auth.Secret{secret}
	}
	if in.Fill != nil {
		c.fill = p.fill(field+".fill", in)
	}
	if c.target == "" {
		return c
	}
	before, known := p.places[c.target]
	switch {
	case !known:
		p.places[c.target] = place{field: field, instance: c.instance, filled: in.Fill != nil}
	case before.instance != c.instance:
		p.add(field, "is the copy of %s too, which is of the instance %s and not %s: a copy is of one instance", before.field, before.instance, c.instance)
	case before.filled && in.Fill != nil:
		p.add(field+".fill", "the copy is filled by %s already: leave one of the two out", before.field)
	case in.Fill != nil:
		before.field, before.filled = field, true
		p.places[c.target] = before
	}
	return c
}

// place is a copy that a tenant of a configuration has.
type place struct {
	field, instance string
	filled          bool
}

// copySettings are a Copy, checked.
type copySettings struct {
	target   string
	instance string
	maxAge   time.Duration
	keys     []auth.Secret
	fill     *fillSettings // nil: somebody else fills it
}

// fillSettings are a Fill, checked.
type fillSettings struct {
	streams  []leadsync.Stream
	interval time.Duration
}

// fill checks how a copy is filled.
func (p *problems) fill(field string, in *Copy) *fillSettings {
	f := &fillSettings{interval: time.Duration(cmp.Or(in.Fill.Interval, Duration(defaultInterval)))}
	since := p.since(field+".since", in.Fill.Since)
	source, known := map[string]leadsync.Source{"": leadsync.Pages, "pages": leadsync.Pages, "bulk": leadsync.Bulk}[in.Fill.Source]
	if !known {
		p.add(field+".source", "%.40q is neither pages nor bulk", in.Fill.Source)
	}
	names := in.Fill.Streams
	if len(names) == 0 {
		names = []string{string(leadsync.Activities)}
	}
	for i, name := range names {
		at := fmt.Sprintf("%s.streams[%d]", field, i)
		s := leadsync.Stream{Name: leadsync.StreamName(name), Since: since}
		switch {
		case slices.Index(names, name) < i:
			p.add(at, "%s stands there already", name)
		case s.Name == leadsync.Activities:
			s.Source = source
			f.streams = append(f.streams, s)
		case s.Name == leadsync.Leads:
			f.streams = append(f.streams, s)
		default:
			p.add(at, `%.40q is neither activities nor leads; other streams are for "mktows sync run"`, name)
		}
	}
	switch {
	case f.interval < time.Minute:
		p.add(field+".interval", "%s is too short: the shortest is 1m", f.interval)
	case in.MaxAge > 0 && time.Duration(in.MaxAge) < f.interval:
		p.add(field+".interval", "%s is longer than maxAge, %s: the copy would most often be too old to answer", f.interval, time.Duration(in.MaxAge))
	case in.MaxAge == 0 && f.interval > defaultMaxAge:
		p.add(field+".interval", "%s is longer than %s, the usual maxAge: set that too", f.interval, defaultMaxAge)
	}
	if in.Fill.Reserve < 0 {
		p.add(field+".reserve", "is negative")
	}
	return f
}

// since reads when a copy begins.
func (p *problems) since(field, text string) time.Time {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC()
		}
	}
	if text == "" {
		p.add(field, "is missing: say when the copy begins, such as 2026-01-31; the longer ago, the more calls the first filling takes")
	} else {
		p.add(field, "%.40q is neither a date, such as 2026-01-31, nor a time, such as 2026-01-31T12:00:00Z", text)
	}
	return time.Time{}
}
