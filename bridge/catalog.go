package bridge

import (
	"context"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// catalogLife is how long descriptions are believed (Marketo REST API, integration best practices).
const catalogLife = 24 * time.Hour

// catalog knows the objects of the instance, as the service describes them. Fields of leads and types of
// activity are those of package names.
type catalog struct {
	client *rest.Client
	now    func() time.Time

	busy    chan struct{} // holds one while somebody looks or asks
	objects map[string]*cached[*rest.ObjectType]
	customs cached[[]rest.ObjectType]
}

func newCatalog(client *rest.Client, now func() time.Time) *catalog {
	return &catalog{client: client, now: now, busy: make(chan struct{}, 1), objects: make(map[string]*cached[*rest.ObjectType])}
}

// lock waits until nobody else looks or asks, or the context ends.
func (c *catalog) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case c.busy <- struct{}{}:
		return func() { <-c.busy }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w, while waiting for a description of the instance", httpcall.Ended(ctx))
	}
}

// cached is what was described once.
type cached[T any] struct {
	value T
	since time.Time // zero: nothing
}

// get returns what is cached, or fetches it. The lock is held: descriptions are few, and asked for
// once.
func (c *cached[T]) get(now time.Time, fetch func() (T, error)) (T, error) {
	if !c.since.IsZero() && now.Sub(c.since) < catalogLife {
		return c.value, nil
	}
	value, err := fetch()
	if err == nil {
		c.value, c.since = value, now
	}
	return value, err
}

// refreshAfter keeps one unknown name from becoming a call for each request.
const refreshAfter = time.Minute

// capital returns a name with a capital first letter, as names of the SOAP API have one.
func capital(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// customTypes returns the types of custom object; with fresh, if they were described more than a moment
// ago, anew.
func (c *catalog) customTypes(ctx context.Context, fresh bool) ([]rest.ObjectType, error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if fresh && c.now().After(c.customs.since.Add(refreshAfter)) {
		c.customs.since = time.Time{}
	}
	return c.customs.get(c.now(), func() ([]rest.ObjectType, error) {
		a, err := c.client.CustomTypes(ctx)
		if err != nil {
			return nil, err
		}
		return a.Records, nil
	})
}

// object returns the description of a kind of object.
func (c *catalog) object(ctx context.Context, name string, kind rest.ObjectKind) (*rest.ObjectType, error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	known := c.objects[name]
	if known == nil {
		known = new(cached[*rest.ObjectType])
		c.objects[name] = known
	}
	return known.get(c.now(), func() (*rest.ObjectType, error) {
		a, err := c.client.DescribeObjects(ctx, kind)
		switch {
		case err != nil:
			return nil, err
		case len(a.Records) == 0:
			return nil, fault.NewContentError(fmt.Errorf("the answer does not describe %s", name))
		}
		return &a.Records[0], nil
	})
}
