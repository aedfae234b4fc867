package programs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/simulator/record"
)

// AddChannel adds a channel. The error says that it or a status has no name, or that there
// is a channel of that name.
func (t *Table) AddChannel(c record.Channel) error {
	if c.Name == "" || slices.ContainsFunc(c.Statuses, func(st record.ProgressionStatus) bool { return st.Name == "" }) {
		return errors.New("a channel and each of its statuses need a name")
	}
	if t.hasTag(record.TagChannel, c.Name) {
		return fmt.Errorf("there is a channel %q already", c.Name)
	}
	t.addChannel(c)
	return nil
}

// addChannel adds a channel unless there is one of its name.
func (t *Table) addChannel(c record.Channel) {
	i, found := slices.BinarySearchFunc(t.channels, c.Name, func(c record.Channel, name string) int { return cmp.Compare(c.Name, name) })
	if found {
		return
	}
	c.Statuses = slices.Clone(c.Statuses)
	slices.SortStableFunc(c.Statuses, func(a, b record.ProgressionStatus) int { return cmp.Compare(a.Name, b.Name) })
	t.channels = slices.Insert(t.channels, i, c)
}

// AddTag adds a type of tag with values, or values to a type that exists. The error says
// that the type or a value has no name, or that the type is Channel.
func (t *Table) AddTag(tag record.Tag) error {
	switch {
	case tag.Type == "" || slices.Contains(tag.Values, ""):
		return fmt.Errorf("tag %q: the type and every value need a name", tag.Type)
	case tag.Type == record.TagChannel:
		return errors.New("a channel is not a tag: use AddChannel")
	}
	t.addTag(tag.Type, tag.Values...)
	return nil
}

// addTag adds values to a type of tag, and the type if it is new.
func (t *Table) addTag(kind string, values ...string) {
	i := slices.IndexFunc(t.tags, func(tag record.Tag) bool { return tag.Type == kind })
	if i < 0 {
		i = len(t.tags)
		t.tags = append(t.tags, record.Tag{Type: kind})
	}
	for _, value := range values {
		if !slices.Contains(t.tags[i].Values, value) {
			t.tags[i].Values = append(t.tags[i].Values, value)
		}
	}
}

// hasTag reports whether there is a tag of a type, or a channel.
func (t *Table) hasTag(kind, value string) bool {
	if kind == record.TagChannel {
		return slices.ContainsFunc(t.channels, func(c record.Channel) bool { return c.Name == value })
	}
	return slices.ContainsFunc(t.tags, func(tag record.Tag) bool { return tag.Type == kind && slices.Contains(tag.Values, value) })
}

// Channels returns the channels with their statuses, both by name. They are the table's.
func (t *Table) Channels() []record.Channel { return t.channels }

// Tags returns the types of tag with their values, in the order they were added. They are
// the table's.
func (t *Table) Tags() []record.Tag { return t.tags }
