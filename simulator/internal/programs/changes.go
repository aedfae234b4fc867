package programs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// Changes are changes of one program, made all together or not at all.
type Changes struct {
	table  *Table
	object *objects.Object
	next   Program
}

// Begin begins to change a program. Nothing is changed before Commit.
func (t *Table) Begin(o *objects.Object) *Changes {
	next := *t.byName[o.Program().Name()]
	next.tags, next.costs = slices.Clone(next.tags), slices.Clone(next.costs)
	return &Changes{t, o, next}
}

// Name returns the name that the program has with the changes.
func (c *Changes) Name() string { return c.next.name }

// Describe changes what is given of name, description and dates.
func (c *Changes) Describe(name string, described bool, description string, start, end time.Time) {
	c.next.name = cmp.Or(name, c.next.name)
	if described {
		c.next.description = description
	}
	if !start.IsZero() {
		c.next.start = start
	}
	if !end.IsZero() {
		c.next.end = end
	}
}

// SetTag puts a tag in the place of those of its type. The error says that there is none of
// that value, or that it is the channel, which stays what it is.
func (c *Changes) SetTag(kind, value string) error {
	if kind == record.TagChannel {
		return errors.New("the channel of a program cannot be changed")
	}
	return c.table.changeTag(&c.next, map[string]string{"Type": kind, "Value": value})
}

// DropTag takes a tag away, and reports whether there was one.
func (c *Changes) DropTag(kind string) bool {
	before := len(c.next.tags)
	c.next.tags = slices.DeleteFunc(c.next.tags, func(a record.Attribute) bool { return a.Name == kind && kind != record.TagChannel })
	return len(c.next.tags) < before
}

// DropCosts takes all costs away.
func (c *Changes) DropCosts() { c.next.costs = nil }

// AddCost adds a cost for the month of a date.
func (c *Changes) AddCost(date string, amount int64, note string) error {
	month, _, _ := strings.Cut(date, "T")
	return changeCost(&c.next, map[string]string{"Month": month, "Amount": strconv.FormatInt(amount, 10), "Note": note})
}

// Commit makes the changes, all together. The error says that the name is taken, or that no ids are left for costs;
// then nothing is changed.
func (c *Changes) Commit() error {
	t, before := c.table, c.object.Program().Name()
	if c.next.name != before && t.byName[c.next.name] != nil {
		return fmt.Errorf("there is a program %q already", c.next.name)
	}
	if err := t.roomFor(c.next.costs); err != nil {
		return err
	}
	c.next.costs = t.numbered(c.next.costs)
	p := t.byName[before]
	*p = c.next
	delete(t.byName, before)
	t.byName[p.name] = p
	c.object.Touch(t.now().Truncate(time.Second))
	return nil
}
