package simulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Channel is a channel of programs with the statuses that leads go through.
type Channel struct {
	Name     string
	Statuses []ProgressionStatus
}

// ProgressionStatus is a status of a lead in a program.
type ProgressionStatus struct {
	Name    string
	Step    int  // need not be unique
	Success bool // whether the lead has done what the program is for
	// Details are what some channels have besides, such as Check-in Status or Webinar
	// Behavior.
	Details []Attribute
}

// tagType is a type of tag with its values, in the order they were added.
type tagType struct {
	name   string
	values []string
}

// AddChannel adds a channel. The error says that it or a status has no name, or that
// there is a channel of that name.
func (s *Simulator) AddChannel(c Channel) error {
	defer s.change()()
	if c.Name == "" || slices.ContainsFunc(c.Statuses, func(st ProgressionStatus) bool { return st.Name == "" }) {
		return errors.New("simulator: a channel and each of its statuses need a name")
	}
	if s.programs.hasTag(tagChannel, c.Name) {
		return fmt.Errorf("simulator: there is a channel %q already", c.Name)
	}
	s.programs.addChannel(c)
	return nil
}

// addChannel adds a channel unless there is one of its name.
func (t *programTable) addChannel(c Channel) {
	i, found := slices.BinarySearchFunc(t.channels, c.Name, func(c Channel, name string) int { return cmp.Compare(c.Name, name) })
	if found {
		return
	}
	c.Statuses = slices.Clone(c.Statuses)
	slices.SortStableFunc(c.Statuses, func(a, b ProgressionStatus) int { return cmp.Compare(a.Name, b.Name) })
	t.channels = slices.Insert(t.channels, i, c)
}

// AddTag adds a type of tag with values, or values to a type that exists. The error
// says that the type or a value has no name, or that the type is Channel.
func (s *Simulator) AddTag(kind string, values ...string) error {
	defer s.change()()
	switch {
	case kind == "" || slices.Contains(values, ""):
		return fmt.Errorf("simulator: tag %q: the type and every value need a name", kind)
	case kind == tagChannel:
		return errors.New("simulator: a channel is no tag: use AddChannel")
	}
	s.programs.addTag(kind, values...)
	return nil
}

func (t *programTable) addTag(kind string, values ...string) {
	i := slices.IndexFunc(t.tags, func(tag tagType) bool { return tag.name == kind })
	if i < 0 {
		i = len(t.tags)
		t.tags = append(t.tags, tagType{name: kind})
	}
	for _, value := range values {
		if !slices.Contains(t.tags[i].values, value) {
			t.tags[i].values = append(t.tags[i].values, value)
		}
	}
}

// hasTag reports whether there is a tag of a type, or a channel.
func (t *programTable) hasTag(kind, value string) bool {
	if kind == tagChannel {
		return slices.ContainsFunc(t.channels, func(c Channel) bool { return c.Name == value })
	}
	return slices.ContainsFunc(t.tags, func(tag tagType) bool { return tag.name == kind && slices.Contains(tag.values, value) })
}

// GetChannels returns channels with their statuses, both sorted by name (Marketo SOAP
// API, getChannels; WSDL: ParamsGetChannels). Without names it returns all; names are
// compared without regard to letter case, and unknown ones are left out. The type of the
// tag means nothing. It has no faults of its own.
func (s *Simulator) GetChannels(ctx context.Context, in *gen.ParamsGetChannels) (*gen.SuccessGetChannels, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetChannels)
	}
	defer s.view()()
	names := in.Tag.Value.Values.Value.StringItem
	tags := new(gen.ArrayOfTagStatus)
	for i := range s.programs.channels {
		if c := &s.programs.channels[i]; len(names) == 0 || containsFold(names, c.Name) {
			tags.TagStatus = append(tags.TagStatus, c.tagStatus())
		}
	}
	return &gen.SuccessGetChannels{Result: &gen.ResultGetChannels{Tags: tags}}, nil
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

func (c *Channel) tagStatus() gen.TagStatus {
	list := make([]gen.ProgressionStatus, len(c.Statuses))
	for i, status := range c.Statuses {
		list[i].ProgressionStatus = attribs(slices.Concat(
			[]Attribute{{"Status", status.Name}, {"Step", strconv.Itoa(status.Step)}},
			status.Details,
			[]Attribute{{"Success", strconv.FormatBool(status.Success)}},
		))
	}
	return gen.TagStatus{TagValue: c.Name, StatusList: &gen.ArrayOfProgressionStatus{ProgressionStatusItem: list}}
}

// GetTags returns types of tag with their values (Marketo SOAP API, getTags; WSDL:
// ParamsGetTags), all of them unless the request names some. A type that is named
// without values comes with all of them, be it none, one with values only with those.
// What is unknown is left out, and so is a type of which the request names only unknown
// values. Names are compared without regard to letter case. Fault: 20109 for a tag without type.
func (s *Simulator) GetTags(ctx context.Context, in *gen.ParamsGetTags) (*gen.SuccessGetTags, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetTags)
	}
	wanted := in.TagList.Value.Tag
	for _, tag := range wanted {
		if tag.Type.Or("") == "" {
			return nil, fault.New(fault.CodeParameterRequired, "tagList/tag/type is missing")
		}
	}
	defer s.view()()
	list := new(gen.ArrayOfTag)
	for _, tag := range s.programs.tags {
		if values, ok := tag.chosen(wanted); ok {
			list.Tag = append(list.Tag, gen.Tag{Type: gen.Some(tag.name), Values: gen.Some(gen.ArrayOfString{StringItem: values})})
		}
	}
	return &gen.SuccessGetTags{Result: &gen.ResultGetTags{TagList: list}}, nil
}

// chosen returns the values that a request wants, and whether it wants the type: not
// where it names values of which there is none.
func (tag *tagType) chosen(wanted []gen.Tag) (values []string, ok bool) {
	if len(wanted) == 0 {
		return slices.Clone(tag.values), true
	}
	var names []string
	for _, w := range wanted {
		if !strings.EqualFold(w.Type.Value, tag.name) {
			continue
		}
		if len(w.Values.Value.StringItem) == 0 {
			return slices.Clone(tag.values), true
		}
		names = append(names, w.Values.Value.StringItem...)
	}
	values = slices.DeleteFunc(slices.Clone(tag.values), func(value string) bool { return !containsFold(names, value) })
	return values, len(values) > 0
}
