package operations_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func channels(names ...string) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) {
		return api.Programs.Channels(ctx, &operations.ChannelOptions{Names: names})
	}
}

func tags(filters ...operations.Tag) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) {
		return api.Programs.Tags(ctx, &operations.TagOptions{Filters: filters})
	}
}

func channel(name string, statuses ...gen.Opt[gen.ArrayOfAttrib]) gen.TagStatus {
	list := &gen.ArrayOfProgressionStatus{}
	for _, s := range statuses {
		list.ProgressionStatusItem = append(list.ProgressionStatusItem, gen.ProgressionStatus{ProgressionStatus: s})
	}
	return gen.TagStatus{TagValue: name, StatusList: list}
}

func channelsAnswer(c ...gen.TagStatus) *gen.SuccessGetChannels {
	return &gen.SuccessGetChannels{Result: &gen.ResultGetChannels{Tags: &gen.ArrayOfTagStatus{TagStatus: c}}}
}

func tagsAnswer(t ...gen.Tag) *gen.SuccessGetTags {
	return &gen.SuccessGetTags{Result: &gen.ResultGetTags{TagList: &gen.ArrayOfTag{Tag: t}}}
}

func programCalls() []callCase {
	attended := operations.Attributes{{Name: "Status", Value: "Attended"}, {Name: "Step", Value: "30"}, {Name: "Webinar Behavior", Value: "Attended"}, {Name: "Success", Value: "true"}}
	return []callCase{
		{
			name: "Programs.Channels", call: channels("Webinar", "Blog"),
			request: &gen.ParamsGetChannels{Tag: gen.Some(gen.Tag{Values: texts("Webinar", "Blog")})},
			answer: channelsAnswer(
				channel("Webinar", attribs("Status", "Attended", "Step", "30", "Webinar Behavior", "Attended", "Success", "true"), attribs("Status", "No")),
				gen.TagStatus{TagValue: "Blog"}),
			want: []operations.Channel{
				{Name: "Webinar", Statuses: []operations.ProgressionStatus{
					{Name: "Attended", Step: 30, Success: true, Attributes: attended},
					{Name: "No", Attributes: operations.Attributes{{Name: "Status", Value: "No"}}},
				}},
				{Name: "Blog"},
			},
		},
		{name: "Programs.Channels without any", call: channels(), request: &gen.ParamsGetChannels{}, answer: channelsAnswer(), want: []operations.Channel{}},
		{
			name: "Programs.Tags", call: tags(operations.Tag{Type: "Region"}, operations.Tag{Type: "Team", Values: []string{"A"}}),
			request: &gen.ParamsGetTags{TagList: gen.Some(gen.ArrayOfTag{Tag: []gen.Tag{
				{Type: gen.Some("Region")}, {Type: gen.Some("Team"), Values: texts("A")},
			}})},
			answer: tagsAnswer(gen.Tag{Type: gen.Some("Region"), Values: texts("North", "South")}, gen.Tag{Type: gen.Some("Team"), Values: gen.NilOf[gen.ArrayOfString]()}),
			want:   []operations.Tag{{Type: "Region", Values: []string{"North", "South"}}, {Type: "Team"}},
		},
		{name: "Programs.Tags without any", call: tags(), request: &gen.ParamsGetTags{}, answer: tagsAnswer(), want: []operations.Tag{}},
	}
}

func TestPrograms_unreadableStatus(t *testing.T) {
	t.Parallel()
	for text, status := range map[string]gen.Opt[gen.ArrayOfAttrib]{
		`records[1] of the answer: Step is "first": expected a whole number`: attribs("Status", "x", "Step", "first"),
		`records[1] of the answer: Success is "yes": expected a flag`:        attribs("Status", "x", "Success", "yes"),
	} {
		r := &recorder{answer: channelsAnswer(channel("ok"), channel("bad", status))}
		_, err := r.api().Programs.Channels(t.Context(), nil)
		wantDecodeError(t, err, "getChannels")
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q, want %q", err, text)
		}
	}
}

func programsRefused() []refusedCase {
	return []refusedCase{
		{"empty name", channels("Webinar", ""), "getChannels", "ChannelOptions.Names[1]", "is empty"},
		{"no type", tags(operations.Tag{Type: "Region"}, operations.Tag{Values: []string{"x"}}), "getTags", "TagOptions.Filters[1].Type", "is empty"},
		{"empty value", tags(operations.Tag{Type: "Region", Values: []string{"x", ""}}), "getTags", "TagOptions.Filters[0].Values[1]", "is empty"},
	}
}
