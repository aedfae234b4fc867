package names

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Defaults of Config (mapping of SOAP to REST; the vendor advises to keep descriptions for a day).
const (
	DefaultLife  = 24 * time.Hour
	DefaultAgain = 10 * time.Minute
)

// Source asks the service. Both methods may be called at the same time.
type Source interface {
	// DescribeLeads returns the fields of leads: /rest/v1/leads/describe.json.
	DescribeLeads(ctx context.Context) ([]Field, error)
	// DescribeActivities returns the types of activity: /rest/v1/activities/types.json.
	DescribeActivities(ctx context.Context) ([]ActivityType, error)
}

// Config is what names are made of.
type Config struct {
	Source Source // has to be given
	// File has names that are taken in place of those of the service. One that the service once
	// told is also gone on with while the service cannot be asked. nil: none.
	File *File
	// Life is how long descriptions are kept; 0: DefaultLife.
	Life time.Duration
	// Again is how long they are not asked for once more after they were for a name or an id that
	// they lacked; 0: DefaultAgain.
	Again time.Duration
	Now   func() time.Time // nil: time.Now
}

// Names knows the names and types of the fields and of the activities of one subscription. It asks
// the service when it has to, and keeps what it was told. Make it with [New]. It is safe for concurrent
// use.
type Names struct {
	fields cache[*Fields]
	types  cache[*ActivityTypes]
	now    func() time.Time
}

// New returns the names of a subscription. Nothing is asked yet.
func New(cfg Config) (*Names, error) {
	if cfg.Source == nil {
		return nil, errors.New("names: Config has no Source")
	}
	if cfg.Life < 0 || cfg.Again < 0 {
		return nil, fmt.Errorf("names: Life is %s, Again is %s: neither can be negative", cfg.Life, cfg.Again)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	own := cfg.File
	if own == nil {
		own = new(File)
	} else if err := own.check(); err != nil {
		return nil, fmt.Errorf("names: the file: %w", err)
	}
	life, again := cmp.Or(cfg.Life, DefaultLife), cmp.Or(cfg.Again, DefaultAgain)
	n := &Names{now: cfg.Now}
	n.fields.start(cfg.Now, life, again, func(ctx context.Context) (*Fields, error) { return describeFields(ctx, cfg.Source, own) })
	n.types.start(cfg.Now, life, again, func(ctx context.Context) (*ActivityTypes, error) { return describeTypes(ctx, cfg.Source, own) })
	if taken := own.Taken; !taken.IsZero() {
		if taken.After(cfg.Now()) {
			taken = time.Time{} // a clock went wrong: ask before anything is made of it
		}
		if len(own.Fields) > 0 {
			n.fields.begin(NewFields(own.Fields, own.Fields), taken)
		}
		if len(own.ActivityTypes) > 0 {
			n.types.begin(NewActivityTypes(own.ActivityTypes, own.ActivityTypes), taken)
		}
	}
	return n, nil
}

func (c *cache[T]) start(now func() time.Time, life, again time.Duration, fetch func(context.Context) (T, error)) {
	c.now, c.life, c.again, c.fetch = now, life, again, fetch
}

// begin gives the cache a value to begin with, which the service told at a time.
func (c *cache[T]) begin(value T, taken time.Time) { c.value, c.has, c.taken = value, true, taken }

// describeFields asks for the fields. A lead has some in every subscription: an answer without any is
// none.
func describeFields(ctx context.Context, source Source, own *File) (*Fields, error) {
	described, err := source.DescribeLeads(ctx)
	if err == nil && len(described) == 0 {
		err = errors.New("the service describes no fields of leads")
	}
	if err != nil {
		return nil, fmt.Errorf("the names of fields: %w", err)
	}
	return NewFields(described, own.Fields), nil
}

func describeTypes(ctx context.Context, source Source, own *File) (*ActivityTypes, error) {
	described, err := source.DescribeActivities(ctx)
	if err == nil && len(described) == 0 {
		err = errors.New("the service describes no types of activity")
	}
	if err != nil {
		return nil, fmt.Errorf("the types of activity: %w", err)
	}
	return NewActivityTypes(described, own.ActivityTypes), nil
}

// Fields returns the fields of leads, asking the service if that has not been done for a while, or if
// one of the SOAP names needed is not known. One that is not known then either is no error here: BySOAP
// of what is returned tells. The error is that of the service, where its answer was needed, or that of
// the context.
func (n *Names) Fields(ctx context.Context, needed ...string) (*Fields, error) {
	return n.fields.get(ctx, func(t *Fields) bool {
		for _, name := range needed {
			if _, ok := t.BySOAP(name); !ok {
				return false
			}
		}
		return true
	})
}

// NewerFields returns other fields than old, which the service has refused (REST code 1006), or the
// same if it was asked for such a reason a short time ago.
func (n *Names) NewerFields(ctx context.Context, old *Fields) (*Fields, error) {
	return n.fields.get(ctx, func(t *Fields) bool { return t != old })
}

// ActivityTypes returns the types of activity, asking the service as Fields does, if one of the ids
// needed is not known.
func (n *Names) ActivityTypes(ctx context.Context, needed ...int64) (*ActivityTypes, error) {
	return n.types.get(ctx, func(t *ActivityTypes) bool {
		for _, id := range needed {
			if _, ok := t.ByID(id); !ok {
				return false
			}
		}
		return true
	})
}

// ActivityTypesNamed is ActivityTypes with names, of either API, in place of ids.
func (n *Names) ActivityTypesNamed(ctx context.Context, needed ...string) (*ActivityTypes, error) {
	return n.types.get(ctx, func(t *ActivityTypes) bool {
		for _, name := range needed {
			if _, ok := t.ByName(name); !ok {
				return false
			}
		}
		return true
	})
}
