package porttest

import (
	"slices"
	"testing"

	"github.com/mktows/mktows-go/gen"
)

func programCases() []testCase {
	return []testCase{
		{"getChannels", positive, "with their statuses, sorted by name", channelsPositive},
		{"getChannels", empty, "no channel of the name", channelsEmpty},
		{"getChannels", badInput, "unknown names are left out", channelsBad},
		{"getTags", positive, "all, and those that are named", tagsPositive},
		{"getTags", empty, "no tag of the type", tagsEmpty},
		{"getTags", badInput, "a tag without type", tagsBad},
	}
}

// channels returns the channels of an answer and their names.
func channels(t testing.TB, f Fixture, in *gen.ParamsGetChannels) ([]gen.TagStatus, []string) {
	t.Helper()
	list := must(f.Port.GetChannels(t.Context(), in))(t).Result.Tags.TagStatus
	var names []string
	for _, channel := range list {
		names = append(names, channel.TagValue)
	}
	return list, names
}

func channelsNamed(names ...string) *gen.ParamsGetChannels {
	return &gen.ParamsGetChannels{Tag: gen.Some(gen.Tag{Values: gen.Some(gen.ArrayOfString{StringItem: names})})}
}

// channelsPositive states the order of channels and of their statuses, by name, and what is known of a status: its
// step and whether it counts as a success.
func channelsPositive(t testing.TB, f Fixture) {
	list, names := channels(t, f, new(gen.ParamsGetChannels))
	sameList(t, "channels", names, []string{"Trade Fair", "Webinar"})
	if len(list) != 2 {
		return
	}
	var statuses []string
	for _, item := range list[1].StatusList.ProgressionStatusItem {
		attribs := item.ProgressionStatus.Value.Attrib
		status := attribOf(t, attribs, "Status")
		statuses = append(statuses, status)
		equal(t, "Success of "+status, attribOf(t, attribs, "Success"), map[bool]string{true: "true", false: "false"}[status == "Attended"])
		equal(t, "Step of "+status, attribOf(t, attribs, "Step"), map[string]string{"Registered": "10", "Attended": "20"}[status])
	}
	sameList(t, "statuses", statuses, []string{"Attended", "Registered"})
	_, names = channels(t, f, channelsNamed("Webinar"))
	sameList(t, "the one that is named", names, []string{"Webinar"})
}

func channelsEmpty(t testing.TB, f Fixture) {
	if _, names := channels(t, f, channelsNamed("No Such Channel")); len(names) != 0 {
		t.Errorf("channels %v, want none", names)
	}
}

// channelsBad states that unknown names are left out, as are names of tags that are no channels. No input is refused.
func channelsBad(t testing.TB, f Fixture) {
	_, names := channels(t, f, channelsNamed("No Such Channel", "Webinar", "Region"))
	sameList(t, "channels", names, []string{"Webinar"})
}

// tags returns the types of tags in an answer, each with its values, sorted.
func tags(t testing.TB, f Fixture, list ...gen.Tag) map[string][]string {
	t.Helper()
	in := new(gen.ParamsGetTags)
	if len(list) > 0 {
		in.TagList = gen.Some(gen.ArrayOfTag{Tag: list})
	}
	found := make(map[string][]string)
	for _, tag := range must(f.Port.GetTags(t.Context(), in))(t).Result.TagList.Tag {
		found[tag.Type.Or("")] = slices.Sorted(slices.Values(tag.Values.Value.StringItem))
	}
	return found
}

// tagsPositive states that all tags are returned without input, and only those named with it. Channel is a tag of its
// own kind and not among them.
func tagsPositive(t testing.TB, f Fixture) {
	all := tags(t, f)
	equal(t, "types", len(all), 2) // Channel is not among them
	sameList(t, "Region", all["Region"], []string{"Asia", "Europe"})
	sameList(t, "Product", all["Product"], []string{"Pumps"})
	one := tags(t, f, gen.Tag{Type: gen.Some("Region")})
	equal(t, "types", len(one), 1)
	sameList(t, "Region alone", one["Region"], []string{"Asia", "Europe"})
	value := tags(t, f, gen.Tag{Type: gen.Some("Region"), Values: gen.Some(gen.ArrayOfString{StringItem: []string{"Asia"}})})
	equal(t, "types", len(value), 1)
	sameList(t, "one value", value["Region"], []string{"Asia"})
}

func tagsEmpty(t testing.TB, f Fixture) {
	if found := tags(t, f, gen.Tag{Type: gen.Some("NoSuchTag")}); len(found) != 0 {
		t.Errorf("tags %v, want none", found)
	}
}

func tagsBad(t testing.TB, f Fixture) {
	_, err := f.Port.GetTags(t.Context(), &gen.ParamsGetTags{
		TagList: gen.Some(gen.ArrayOfTag{Tag: []gen.Tag{{Values: gen.Some(gen.ArrayOfString{StringItem: []string{"Asia"}})}}}),
	})
	refused(t, err, missingOrBad...)
}
