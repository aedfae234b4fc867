package operations

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
)

const (
	opGetChannels = "getChannels"
	opGetTags     = "getTags"
)

// Channel is a channel of programs with the statuses that leads can have in it (WSDL:
// TagStatus).
type Channel struct {
	Name     string
	Statuses []ProgressionStatus // sorted by name, not by step
}

// ProgressionStatus is a status that a lead may have in the programs of a channel.
type ProgressionStatus struct {
	Name    string
	Step    int64 // place in the order; several statuses may share one
	Success bool  // whether a lead with this status is a success of the program
	// Attributes are all that the service says of the status: Status, Step and Success,
	// which are the fields above, and for some channels "Check-in Status" or "Webinar
	// Behavior".
	Attributes Attributes
}

// Tag is a type of tag of programs with its values. "Channel" is not among the types.
type Tag struct {
	Type   string
	Values []string
}

// Programs tells what programs can be. Programs themselves are objects: see
// [Objects]. Get it from [New].
type Programs struct{ port gen.Port }

// ChannelOptions choose channels. A nil *ChannelOptions and the zero value mean all.
type ChannelOptions struct {
	Names []string // only the channels of these names; unknown ones are passed over
}

// Channels returns the channels that o chooses, sorted by name, in one answer. None is an empty slice.
//
// Errors: an *ArgumentError before anything is sent, for an empty name; those of
// package fault; a *RecordError inside a *fault.DecodeError if a step or success
// cannot be read.
//
// Wire: getChannels. Read-only.
func (p *Programs) Channels(ctx context.Context, o *ChannelOptions) ([]Channel, error) {
	var names []string
	if o != nil {
		names = o.Names
	}
	if err := cmp.Or(checkPort(p.port), checkTexts("ChannelOptions.Names", names)); err != nil {
		return nil, opError(opGetChannels, 0, err)
	}
	in := &gen.ParamsGetChannels{}
	if len(names) > 0 {
		in.Tag = gen.Some(gen.Tag{Values: stringList(names)})
	}
	list, err := call(ctx, opGetChannels, p.port.GetChannels, in, channelList)
	if err != nil {
		return nil, err
	}
	channels := make([]Channel, len(list.TagStatus))
	for i := range list.TagStatus {
		if err := channels[i].set(&list.TagStatus[i]); err != nil {
			err.Index = i
			return nil, opError(opGetChannels, 1, unreadable(err))
		}
	}
	return channels, nil
}

func channelList(out *gen.SuccessGetChannels) *gen.ArrayOfTagStatus {
	if out.Result == nil {
		return nil
	}
	return out.Result.Tags
}

func (c *Channel) set(in *gen.TagStatus) *RecordError {
	c.Name = in.TagValue
	if in.StatusList == nil {
		return nil
	}
	for _, item := range in.StatusList.ProgressionStatusItem {
		status, err := newProgressionStatus(attribsOf(item.ProgressionStatus))
		if err != nil {
			return err
		}
		c.Statuses = append(c.Statuses, status)
	}
	return nil
}

// newProgressionStatus leaves a field zero that is missing, but not one that is unreadable.
func newProgressionStatus(a Attributes) (ProgressionStatus, *RecordError) {
	name, _ := a.Get("Status")
	step, err1 := a.Int("Step")
	success, err2 := a.Bool("Success")
	for _, err := range []error{err1, err2} {
		var unread *AttributeError
		if errors.As(err, &unread) && !errors.Is(err, ErrNoAttribute) {
			return ProgressionStatus{}, &RecordError{Field: unread.Name, Value: unread.Value, Err: unread.Err}
		}
	}
	return ProgressionStatus{name, step, success, a}, nil
}

// TagOptions choose tags. A nil *TagOptions and the zero value mean all.
type TagOptions struct {
	Filters []Tag // only these types of tag, and of one with Values only those
}

// Tags returns the types of tag with their values, in one answer and in no particular
// order. With Filters only the types that they name, and of those with Values
// only these; what the service makes of Values is not documented. None is an empty slice.
//
// Errors: an *ArgumentError before anything is sent, for a filter without a type or
// with an empty value; those of package fault.
//
// Wire: getTags. Read-only.
func (p *Programs) Tags(ctx context.Context, o *TagOptions) ([]Tag, error) {
	var filters []Tag
	if o != nil {
		filters = o.Filters
	}
	if err := cmp.Or(checkPort(p.port), checkEach("TagOptions.Filters", filters, Tag.check)); err != nil {
		return nil, opError(opGetTags, 0, err)
	}
	in := &gen.ParamsGetTags{}
	if len(filters) > 0 {
		wanted := make([]gen.Tag, len(filters))
		for i, f := range filters {
			wanted[i] = gen.Tag{Type: gen.Some(f.Type), Values: stringList(f.Values)}
		}
		in.TagList = gen.Some(gen.ArrayOfTag{Tag: wanted})
	}
	list, err := call(ctx, opGetTags, p.port.GetTags, in, tagList)
	if err != nil {
		return nil, err
	}
	tags := make([]Tag, len(list.Tag))
	for i, t := range list.Tag {
		tags[i] = Tag{t.Type.Or(""), slices.Clone(t.Values.Value.StringItem)}
	}
	return tags, nil
}

func (t Tag) check() error {
	if err := checkText("Tag.Type", t.Type); err != nil {
		return err
	}
	for i, v := range t.Values {
		if v == "" {
			return &ArgumentError{"Tag.Values[" + strconv.Itoa(i) + "]", errors.New("is empty")}
		}
	}
	return nil
}

func tagList(out *gen.SuccessGetTags) *gen.ArrayOfTag {
	if out.Result == nil {
		return nil
	}
	return out.Result.TagList
}
