package soap

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/record"
)

// GetChannels returns channels with their statuses, both sorted by name.
func (s Service) GetChannels(ctx context.Context, in *gen.ParamsGetChannels) (*gen.SuccessGetChannels, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetChannels)
	}
	defer s.View()()
	names := in.Tag.Value.Values.Value.StringItem
	tags := new(gen.ArrayOfTagStatus)
	for _, c := range s.Programs.Channels() {
		if len(names) == 0 || containsFold(names, c.Name) {
			tags.TagStatus = append(tags.TagStatus, tagStatus(c))
		}
	}
	return &gen.SuccessGetChannels{Result: &gen.ResultGetChannels{Tags: tags}}, nil
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// tagStatus shows a channel with the statuses that the members of a program may have. The order of the attributes is
// that of the published sample: Status, Step, then what a channel adds, then Success.
func tagStatus(c record.Channel) gen.TagStatus {
	list := make([]gen.ProgressionStatus, len(c.Statuses))
	for i, status := range c.Statuses {
		list[i].ProgressionStatus = attribs(slices.Concat(
			[]record.Attribute{{Name: "Status", Value: status.Name}, {Name: "Step", Value: strconv.Itoa(status.Step)}},
			status.Details,
			[]record.Attribute{{Name: "Success", Value: strconv.FormatBool(status.Success)}},
		))
	}
	return gen.TagStatus{TagValue: c.Name, StatusList: &gen.ArrayOfProgressionStatus{ProgressionStatusItem: list}}
}

// GetTags returns types of tag with their values.
func (s Service) GetTags(ctx context.Context, in *gen.ParamsGetTags) (*gen.SuccessGetTags, error) {
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
	defer s.View()()
	list := new(gen.ArrayOfTag)
	for _, tag := range s.Programs.Tags() {
		if values, ok := chosenValues(tag, wanted); ok {
			list.Tag = append(list.Tag, gen.Tag{Type: gen.Some(tag.Type), Values: gen.Some(gen.ArrayOfString{StringItem: values})})
		}
	}
	return &gen.SuccessGetTags{Result: &gen.ResultGetTags{TagList: list}}, nil
}

// chosenValues returns the values of a type of tag that a request wants, and whether it wants the type at all. A type
// that is named without values means all of its values. One that is named with values of which none exists is left
// out of the answer and is not a fault.
func chosenValues(tag record.Tag, wanted []gen.Tag) (values []string, ok bool) {
	if len(wanted) == 0 {
		return slices.Clone(tag.Values), true
	}
	var names []string
	for _, w := range wanted {
		if !strings.EqualFold(w.Type.Value, tag.Type) {
			continue
		}
		if len(w.Values.Value.StringItem) == 0 {
			return slices.Clone(tag.Values), true
		}
		names = append(names, w.Values.Value.StringItem...)
	}
	values = slices.DeleteFunc(slices.Clone(tag.Values), func(value string) bool { return !containsFold(names, value) })
	return values, len(values) > 0
}
