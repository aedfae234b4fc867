package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// catalogLife is how long descriptions are believed (Marketo REST API, integration best practices).
const catalogLife = 24 * time.Hour

// leadField is a field of leads that both APIs have.
type leadField struct {
	id       int64
	soap     string // its name in the SOAP API
	rest     string // and in the REST API
	label    string
	kind     string // data type in the REST API
	length   int32
	readOnly bool // in the SOAP API
}

// leadFields are the fields of leads, sorted by their names in the SOAP API.
type leadFields struct {
	list    []leadField
	byNames map[string]*leadField // by name in the SOAP API
	byRESTs map[string]*leadField
	all     map[string]bool // names in the REST API, of fields that the SOAP API did not have too
	since   time.Time
}

// activityTypes are the types of activity of the instance.
type activityTypes struct {
	list   []rest.ActivityType
	byID   map[int64]*rest.ActivityType
	byName map[string]*rest.ActivityType // in small letters
}

// catalog knows the names and types of the instance, as the service describes them.
type catalog struct {
	client *rest.Client
	now    func() time.Time

	busy       chan struct{} // holds one while somebody looks or asks
	leads      cached[*leadFields]
	activities cached[*activityTypes]
	objects    map[string]*cached[*rest.ObjectType]
	customs    cached[[]rest.ObjectType]
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

// leadFields returns the fields of leads. With names it looks once more if one of them is not known:
// an administrator may just have made it.
func (c *catalog) leadFields(ctx context.Context, names ...string) (*leadFields, error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	fetch := func() (*leadFields, error) { return c.describeLeads(ctx) }
	fields, err := c.leads.get(c.now(), fetch)
	if err != nil {
		return nil, err
	}
	known := func(name string) bool { return isOwnElement(name) || fields.bySOAP(name) != nil }
	if slices.IndexFunc(names, func(name string) bool { return !known(name) }) >= 0 && c.now().After(c.leads.since.Add(refreshAfter)) {
		c.leads.since = time.Time{}
		return c.leads.get(c.now(), fetch)
	}
	return fields, nil
}

// refreshAfter keeps one unknown name from becoming a call for each request.
const refreshAfter = time.Minute

func (c *catalog) describeLeads(ctx context.Context) (*leadFields, error) {
	a, err := c.client.DescribeLeads(ctx)
	if err != nil {
		return nil, err
	}
	return newLeadFields(a.Records, c.now()), nil
}

// newLeadFields takes the fields that have names in both APIs. Where no field has a name in the SOAP
// API, the instance does not tell them any more: they are what they are nearly always, the name in the
// REST API with a capital first letter.
func newLeadFields(described []rest.LeadField, now time.Time) *leadFields {
	told := slices.ContainsFunc(described, func(f rest.LeadField) bool { return f.SOAP != nil })
	fields := &leadFields{byNames: make(map[string]*leadField), byRESTs: make(map[string]*leadField), all: make(map[string]bool), since: now}
	for _, f := range described {
		if f.REST == nil {
			continue
		}
		fields.all[f.REST.Name] = true
		if told && f.SOAP == nil {
			continue
		}
		one := leadField{id: f.ID, rest: f.REST.Name, soap: capital(f.REST.Name), label: f.DisplayName, kind: f.DataType, length: f.Length, readOnly: f.REST.ReadOnly}
		if f.SOAP != nil {
			one.soap, one.readOnly = f.SOAP.Name, f.SOAP.ReadOnly
		}
		fields.list = append(fields.list, one)
	}
	slices.SortFunc(fields.list, func(a, b leadField) int { return strings.Compare(a.soap, b.soap) })
	for i := range fields.list {
		f := &fields.list[i]
		fields.byNames[f.soap], fields.byRESTs[f.rest] = f, f
	}
	return fields
}

// bySOAP returns the field of a name in the SOAP API, or nil.
func (l *leadFields) bySOAP(name string) *leadField { return l.byNames[name] }

// byREST returns the field of a name in the REST API, or nil.
func (l *leadFields) byREST(name string) *leadField { return l.byRESTs[name] }

// capital returns a name with a capital first letter, as names of the SOAP API have one.
func capital(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// small returns a name with a small first letter.
func small(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// activityTypes returns the types of activity of the instance; with fresh, if they were described
// more than a moment ago, anew.
func (c *catalog) activityTypes(ctx context.Context, fresh bool) (*activityTypes, error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if fresh && c.now().After(c.activities.since.Add(refreshAfter)) {
		c.activities.since = time.Time{}
	}
	return c.activities.get(c.now(), func() (*activityTypes, error) {
		a, err := c.client.ActivityTypes(ctx)
		if err != nil {
			return nil, err
		}
		t := &activityTypes{list: a.Records, byID: make(map[int64]*rest.ActivityType), byName: make(map[string]*rest.ActivityType)}
		for i := range t.list {
			one := &t.list[i]
			t.byID[one.ID], t.byName[strings.ToLower(one.Name)] = one, one
		}
		return t, nil
	})
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
